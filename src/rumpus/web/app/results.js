/** The results of a round, and how long until the next one. */
import { byId, make, setText, show } from "./dom.js";
import { reasonText } from "./messages.js";

/** @typedef {import("../sdk/types.js").GameOver} GameOver */
/** @typedef {import("../sdk/types.js").Result} Result */

export class ResultsScreen {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {import("../sdk/rumpus.js").Client} client
   * @param {{leave: () => void, colour: (id: string, team: string) => string, details: (id: string) => {kills: number, deaths: number} | null}} actions
   */
  constructor(client, actions) {
    this.client = client;
    this.actions = actions;
    byId("results-leave").addEventListener("click", () => actions.leave());
  }

  /** @param {GameOver} over */
  open(over) {
    setText(byId("results-reason"), reasonText(over.reason));
    setText(byId("results-title"), this.#headline(over));
    const detailed = over.results.some((result) => this.actions.details(result.player_id) !== null);
    const heads = detailed ? ["#", "Player", "Score", "Kills", "Deaths"] : ["#", "Player", "Score"];
    byId("results-table").replaceChildren(
      make("thead", {}, make("tr", {}, ...heads.map((text) => make("th", { text, scope: "col" })))),
      make("tbody", {}, ...over.results.map((result) => this.#line(result, detailed))),
    );
    show(byId("screen-results"), true);
    // Only the table scrolls, and only as far as it takes to see oneself.
    const own = byId("results-table").querySelector("tr.you");
    const frame = byId("results-table").parentElement;
    if (own instanceof HTMLElement && frame) frame.scrollTop = Math.max(0, own.offsetTop - frame.clientHeight / 2);
    const end = performance.now() + over.next_in * 1000;
    clearInterval(this.#timer);
    const draw = () => {
      const left = Math.max(0, (end - performance.now()) / 1000);
      setText(byId("results-next"), left > 0 ? `Next round in ${Math.ceil(left)} s` : "Next round starts now");
      byId("results-bar").style.transform = `scaleX(${over.next_in > 0 ? left / over.next_in : 0})`;
    };
    draw();
    this.#timer = setInterval(draw, 100);
  }

  close() {
    clearInterval(this.#timer);
    show(byId("screen-results"), false);
  }

  /** @param {GameOver} over */
  #headline({ reason, results }) {
    const own = results.find((result) => result.player_id === this.client.playerId);
    if (this.client.room?.settings.mode === "coop") {
      if (reason === "defeated") return "Overrun";
      return reason === "waves_cleared" ? "The arena is yours" : "Well fought";
    }
    const best = results.filter((result) => result.rank === 1);
    const teams = new Set(best.map((result) => result.team));
    const team = best[0]?.team;
    if (team && teams.size === 1) return own?.team === team ? "Your team wins" : `The ${team} team wins`;
    if (team) return "A draw";
    if (own?.rank === 1) return best.length > 1 ? "A shared victory" : "Victory";
    return best.length === 1 ? `${best[0].name} wins` : "A draw";
  }

  /**
   * @param {Result} result
   * @param {boolean} detailed
   */
  #line(result, detailed) {
    const you = result.player_id === this.client.playerId;
    const mark = make("i", { class: result.team ? `mark ${result.team}` : "dot" });
    if (!result.team) mark.style.background = this.actions.colour(result.player_id, "");
    const who = make("td", {}, mark, result.name);
    if (you) who.append(make("small", { text: "you" }));
    const line = make(
      "tr",
      { class: `${you ? "you" : ""} ${result.rank === 1 ? "first" : ""}`, "data-player": result.player_id },
      make("td", { text: String(result.rank) }),
      who,
      make("td", { text: String(result.score) }),
    );
    if (detailed) {
      const { kills, deaths } = this.actions.details(result.player_id) ?? { kills: "–", deaths: "–" };
      line.append(make("td", { text: String(kills) }), make("td", { text: String(deaths) }));
    }
    return line;
  }
}
