/** Who is ahead: the short ladder in the corner, and the full table while Tab is held. */
import { badge, byId, clockText, make, show } from "../../ui/dom.js";
import { isTyping } from "../../ui/typing.js";
import { words } from "./words.js";

/** @typedef {import("./types.js").ArenaState} ArenaState */
/** @typedef {import("./types.js").Cast} Cast */
/**
 * @typedef {{
 *   id: string, name: string, signed: boolean, team: string, score: number, kills: number, deaths: number, rank: number,
 * }} Standing
 */

const LADDER = 5;
/** Lines of the table at most; how many of them there is room for depends on the screen. */
const BOARD = 40;

/**
 * @param {Map<string, import("./types.js").Score>} scores
 * @param {Cast} cast
 * @returns {Standing[]} best first; equal scores share a rank
 */
export function standings(scores, cast) {
  const list = [...scores].map(([id, { score, kills, deaths, team }]) => ({
    id,
    name: cast.name(id),
    signed: cast.signed(id),
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
 * The best of all, and in the last line whose screen it is, even from the last place.
 *
 * @param {Standing[]} list best first
 * @param {number} count
 * @param {string} selfId
 * @returns {Standing[]}
 */
export function best(list, count, selfId) {
  const shown = list.slice(0, count);
  const own = list.find((line) => line.id === selfId);
  if (own && !shown.includes(own)) shown[count - 1] = own;
  return shown;
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

/**
 * @param {Standing} line
 * @param {Cast} cast
 */
function lineClass(line, cast) {
  const own = line.id === cast.selfId ? "you" : line.id === cast.followed ? "followed" : "";
  return `${own} ${cast.absence(line.id)}`;
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
   * Show the table while Tab is held, and when its button is pressed.
   *
   * @param {() => "playing" | "watching" | ""} role of whoever is at the keyboard
   */
  listen(role) {
    const tab = (/** @type {KeyboardEvent} */ event, /** @type {boolean} */ held) => {
      if (event.key !== "Tab" || isTyping(event.target)) return;
      if (role() === "" || document.querySelector("dialog[open]")) return;
      // Those who watch have buttons to get to.
      if (role() === "watching" && event.shiftKey) return;
      event.preventDefault();
      this.held = held;
    };
    window.addEventListener("keydown", (event) => tab(event, true));
    window.addEventListener("keyup", (event) => tab(event, false));
    window.addEventListener("blur", () => (this.held = false));
    byId("hud-scores").addEventListener("click", () => (this.held = !this.held));
  }

  /**
   * @param {Standing[]} list
   * @param {ArenaState} state
   * @param {string} room
   */
  draw(list, state, room) {
    const shown = best(list, LADDER, this.cast.selfId);
    const key = shown
      .map((line) => `${line.id}${line.name}${line.score}${line.rank}${line.team}${lineClass(line, this.cast)}`)
      .join();
    if (key !== this.#ladderKey) {
      this.#ladderKey = key;
      this.#ladder.replaceChildren(
        ...shown.map((line) =>
          make(
            "div",
            { class: lineClass(line, this.cast), "data-player": line.id },
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
    const shown = best(list, BOARD, this.cast.selfId);
    const absent = shown.map((line) => lineClass(line, this.cast)).join();
    const key = `${JSON.stringify(shown)}${absent}${list.length}${left}${innerWidth}x${innerHeight}`;
    if (key === this.#boardKey) return;
    this.#boardKey = key;
    const people = list.length === 1 ? "1 player" : `${list.length} players`;
    // On a phone held upright there is no room for all of it.
    const about = [innerWidth < 600 ? "" : `Room ${room}`, people, left].filter(Boolean).join("  ·  ");
    const heads = ["#", "Player", "Score", "Kills", "Deaths"];
    this.#board.replaceChildren(
      make("header", {}, make("h2", { text: words.mode(state.mode) }), make("span", { text: about })),
      make(
        "table",
        {},
        make("thead", {}, make("tr", {}, ...heads.map((text) => make("th", { text, scope: "col" })))),
        make(
          "tbody",
          {},
          ...shown.map((line) =>
            make(
              "tr",
              { class: `${lineClass(line, this.cast)} ${line.rank === 1 ? "first" : ""}` },
              make("td", { text: String(line.rank) }),
              make(
                "td",
                {},
                mark(line.team, this.cast.colour(line.id, line.team)),
                line.name,
                ...(line.signed ? ["\u00a0", badge("verified", "verified")] : []),
              ),
              make("td", { text: String(line.score) }),
              make("td", { text: String(line.kills) }),
              make("td", { text: String(line.deaths) }),
            ),
          ),
        ),
      ),
    );
    this.#fit();
  }

  /** Take out the last lines for which the screen has no room; the own one stays. */
  #fit() {
    const lines = [...this.#board.querySelectorAll("tbody tr")];
    const beyond = this.#board.scrollHeight - this.#board.clientHeight;
    if (beyond <= 0 || lines.length < 2) return;
    const height = lines[1].getBoundingClientRect().top - lines[0].getBoundingClientRect().top;
    const others = lines.filter((line) => !line.classList.contains("you"));
    for (const line of others.slice(-Math.ceil(beyond / height))) line.remove();
  }

  reset() {
    this.#ladderKey = this.#boardKey = "";
    this.held = false;
    show(this.#board, false);
  }
}
