/** Who is ahead: the short ladder in the corner, and the full table while Tab is held. */
import { byId, clockText, make, MODE_NAMES, show } from "../app/dom.js";

/** @typedef {import("./types.js").ArenaState} ArenaState */
/** @typedef {import("./types.js").Cast} Cast */
/** @typedef {{id: string, name: string, team: string, score: number, kills: number, deaths: number, rank: number}} Standing */

const LADDER = 5;

/**
 * @param {Map<string, import("./types.js").Score>} scores
 * @param {Cast} cast
 * @returns {Standing[]} best first; equal scores share a rank
 */
export function standings(scores, cast) {
  const list = [...scores].map(([id, { score, kills, deaths, team }]) => ({
    id,
    name: cast.name(id),
    team,
    score,
    kills,
    deaths,
    rank: 0,
  }));
  list.sort((a, b) => b.score - a.score || a.deaths - b.deaths || (a.name < b.name ? -1 : 1));
  list.forEach((line, index) => {
    line.rank = index > 0 && list[index - 1].score === line.score ? list[index - 1].rank : index + 1;
  });
  return list;
}

/**
 * @param {string} team
 * @param {string} colour
 */
function mark(team, colour) {
  const element = make("i", { class: team ? `mark ${team}` : "dot" });
  if (!team) element.style.background = colour;
  return element;
}

export class StandingsView {
  #ladder = byId("ladder");
  #board = byId("scoreboard");
  #ladderKey = "";
  #boardKey = "";
  held = false;

  /** @param {Cast} cast */
  constructor(cast) {
    this.cast = cast;
  }

  /**
   * @param {Standing[]} list
   * @param {ArenaState} state
   * @param {string} room
   */
  draw(list, state, room) {
    let shown = list.slice(0, LADDER);
    const own = list.find((line) => line.id === this.cast.selfId);
    // The own line is always there, even from the last place.
    if (own && !shown.includes(own)) shown = [...shown.slice(0, LADDER - 1), own];
    const key = shown.map((line) => `${line.id}${line.name}${line.score}${line.rank}${line.team}`).join();
    if (key !== this.#ladderKey) {
      this.#ladderKey = key;
      this.#ladder.replaceChildren(
        ...shown.map((line) =>
          make(
            "div",
            { class: line.id === this.cast.selfId ? "you" : "" },
            make("span", { text: String(line.rank) }),
            mark(line.team, this.cast.colour(line.id, line.team)),
            make("span", { class: "who", text: line.name }),
            make("span", { text: String(line.score) }),
          ),
        ),
      );
    }
    show(this.#board, this.held);
    if (this.held) this.#drawBoard(list, state, room);
  }

  /**
   * @param {Standing[]} list
   * @param {ArenaState} state
   * @param {string} room
   */
  #drawBoard(list, state, room) {
    const left = state.time_limit > 0 ? clockText(state.time_left) : "";
    const key = `${JSON.stringify(list)}${left}`;
    if (key === this.#boardKey) return;
    this.#boardKey = key;
    const heads = ["#", "Player", "Score", "Kills", "Deaths"];
    this.#board.replaceChildren(
      make(
        "header",
        {},
        make("h2", { text: MODE_NAMES[state.mode] ?? state.mode }),
        make("span", {
          text: left ? `Room ${room}  ·  ${left}` : `Room ${room}`,
        }),
      ),
      make(
        "table",
        {},
        make("thead", {}, make("tr", {}, ...heads.map((text) => make("th", { text, scope: "col" })))),
        make(
          "tbody",
          {},
          ...list.map((line) =>
            make(
              "tr",
              { class: `${line.id === this.cast.selfId ? "you" : ""} ${line.rank === 1 ? "first" : ""}` },
              make("td", { text: String(line.rank) }),
              make("td", {}, mark(line.team, this.cast.colour(line.id, line.team)), line.name),
              make("td", { text: String(line.score) }),
              make("td", { text: String(line.kills) }),
              make("td", { text: String(line.deaths) }),
            ),
          ),
        ),
      ),
    );
  }

  reset() {
    this.#ladderKey = this.#boardKey = "";
    this.held = false;
    show(this.#board, false);
  }
}
