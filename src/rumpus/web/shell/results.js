/** The results of a round: who won, what it did to the ratings, what comes next, and how long until then. */
import { byId, make, refill, setText, show } from "../ui/dom.js";
import { readiness } from "../ui/player-list.js";
import { unratedSentence } from "./unrated.js";
import { choice } from "./vote-card.js";

/** @typedef {import("../sdk/types.js").GameOver} GameOver */
/** @typedef {import("../sdk/types.js").Result} Result */
/** @typedef {import("../views/view.js").View} View */

export class ResultsScreen {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  /** @type {GameOver | null} */
  #over = null;

  /**
   * @param {import("../sdk/rumpus.js").Client} client
   * @param {{leave: () => void, colour: (id: string, team: string) => string, view: () => View}} actions
   */
  constructor(client, actions) {
    this.client = client;
    this.actions = actions;
    byId("results-leave").addEventListener("click", () => actions.leave());
    byId("results-ready").addEventListener("click", () => client.ready(!client.me?.ready));
    client.on("rated", () => this.#drawTable());
    client.on("players", () => this.#drawReady());
    client.on("vote", () => this.#drawVote());
  }

  /** @param {GameOver} over */
  open(over) {
    this.#over = over;
    setText(byId("results-reason"), this.actions.view().words.reason(over.reason));
    setText(byId("results-title"), this.actions.view().resultTitle(over) ?? this.#headline(over));
    show(byId("screen-results"), true);
    this.#drawTable();
    this.#drawVote();
    this.#drawReady();
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
    this.#over = null;
    show(byId("screen-results"), false);
  }

  /** Who is on the screen already needs no card of their vote. */
  get shown() {
    return this.#over !== null;
  }

  #drawTable() {
    const over = this.#over;
    if (!over) return;
    const columns = this.actions.view().resultColumns(over.results);
    const ratings = new Map((this.client.lastRatings ?? []).map((rating) => [rating.player_id, rating]));
    const heads = ["#", "Player", "Score", ...columns.map(({ head }) => head)];
    if (ratings.size > 0) heads.push("Rating");
    byId("results-table").replaceChildren(
      make("thead", {}, make("tr", {}, ...heads.map((text) => make("th", { text, scope: "col" })))),
      make("tbody", {}, ...over.results.map((result) => this.#line(result, columns, ratings))),
    );
    const own = ratings.get(this.client.playerId);
    const box = byId("results-rating");
    // Who has no rating here has nothing to miss.
    const unrated = typeof this.client.me?.rating === "number" ? over.unrated : undefined;
    show(box, own !== undefined || unrated !== undefined);
    if (unrated !== undefined) box.replaceChildren(make("small", { text: unratedSentence(unrated) }));
    else if (own)
      box.replaceChildren(
        make("small", { text: "Your rating" }),
        make("b", { text: String(own.after) }),
        change(own.before, own.after),
      );
  }

  /** What comes next: the choices as cards. */
  #drawVote() {
    const vote = this.client.currentVote;
    const box = byId("next-vote");
    const shown = this.#over !== null && vote?.kind === "next" && !this.client.spectating;
    show(box, shown);
    if (!shown || !vote) return;
    refill(box, [
      make("h3", { id: "next-vote-title", text: "What comes next?" }),
      make(
        "div",
        { class: "vote-cards" },
        ...vote.choices.map((text, index) => {
          const card = choice(vote, text, index, () => {
            this.client.vote(vote.id, index);
            this.#drawVote();
          });
          card.dataset.key = `next ${index}`;
          return card;
        }),
      ),
    ]);
  }

  #drawReady() {
    if (!this.#over) return;
    const { me } = this.client;
    const { ready, people } = readiness(this.client);
    const control = byId("results-ready");
    show(control, me !== null);
    control.setAttribute("aria-pressed", String(me?.ready === true));
    control.classList.toggle("primary", !me?.ready);
    const count = people > 1 ? ` (${ready} of ${people})` : "";
    setText(control, me?.ready ? `Ready${count}` : `Play again${count}`);
    for (const line of byId("results-table").querySelectorAll("tbody tr")) {
      const player = this.client.players.get(/** @type {HTMLElement} */ (line).dataset.player ?? "");
      line.classList.toggle("is-ready", player?.ready === true && !player.bot);
      line.classList.toggle("gone", !player);
    }
  }

  /** @param {GameOver} over */
  #headline({ results }) {
    const own = results.find((result) => result.player_id === this.client.playerId);
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
   * @param {import("../views/view.js").Column[]} columns of the game
   * @param {Map<string, {before: number, after: number}>} ratings
   */
  #line(result, columns, ratings) {
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
      ...columns.map(({ cell }) => make("td", { text: cell(result) })),
    );
    if (ratings.size > 0) {
      const rating = ratings.get(result.player_id);
      line.append(
        make("td", { class: "rated" }, ...(rating ? [`${rating.after} `, change(rating.before, rating.after)] : ["–"])),
      );
    }
    return line;
  }
}

/**
 * A rating's change as "+12".
 *
 * @param {number} before
 * @param {number} after
 */
export function change(before, after) {
  const by = Math.round(after - before);
  const kind = by > 0 ? "up" : by < 0 ? "down" : "same";
  return make("em", { class: `change ${kind}`, text: by > 0 ? `+${by}` : by < 0 ? `−${-by}` : "±0" });
}
