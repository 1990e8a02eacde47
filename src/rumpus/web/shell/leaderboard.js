/** The leaderboard: all of time or a season, all modes or one, from the top or around oneself. */
import { ask, NoAnswer } from "./api.js";
import { byId, button, make, refill } from "../ui/dom.js";
import { emptyState, failure, number, percent, spinWhile } from "./results-page.js";
import { playerHash, replaceHash } from "./routes.js";

/** @typedef {import("../ui/words.js").Words} Words */

const PAGE = 25;

export class LeaderboardPage {
  #box = byId("page-leaderboard");
  #controls = make("div", { class: "filters" });
  #body = make("div", { class: "page-body" });
  #count = make("p", { role: "status" });
  /** @type {AbortController | null} */
  #asking = null;
  /** @type {{mode: string, season: string, offset: number, around: boolean}} */
  #view = { mode: "", season: "", offset: 0, around: false };

  /** @param {{account: () => string, play: () => void, words: (game: string) => Words}} actions */
  constructor(actions) {
    this.actions = actions;
    this.#box.append(
      make(
        "header",
        { class: "page-head" },
        make("div", {}, make("h2", { id: "page-leaderboard-title", text: "Leaderboard" }), this.#count),
        this.#controls,
      ),
      this.#body,
    );
  }

  /** @param {URLSearchParams} query of the address */
  open(query) {
    this.#view = {
      mode: query.get("mode") ?? "",
      season: query.get("season") ?? "",
      offset: Math.max(0, Math.floor(Number(query.get("offset")) || 0)),
      around: query.has("around"),
    };
    void this.#load();
  }

  close() {
    this.#asking?.abort();
  }

  /** @param {Partial<LeaderboardPage["view"]>} change */
  #go(change) {
    this.#view = { ...this.#view, ...change };
    const query = new URLSearchParams();
    const { mode, season, offset, around } = this.#view;
    if (mode) query.set("mode", mode);
    if (season) query.set("season", season);
    if (around) query.set("around", "me");
    else if (offset) query.set("offset", String(offset));
    replaceHash(`#leaderboard${query.size > 0 ? `?${query}` : ""}`);
    void this.#load();
  }

  get view() {
    return this.#view;
  }

  async #load() {
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    const { mode, season, offset, around } = this.#view;
    const own = this.actions.account();
    const place = around && own ? { around: own } : { offset };
    const work = ask("/api/leaderboard", { mode, season, limit: PAGE, ...place }, asking.signal);
    spinWhile(this.#body, work);
    try {
      /** @type {import("./api.js").Leaderboard} */
      const board = await work;
      this.#draw(board, own);
    } catch (error) {
      if (asking.signal.aborted) return;
      this.#count.textContent = "";
      const unplaced = around && error instanceof NoAnswer && error.status === 404;
      this.#body.replaceChildren(
        unplaced
          ? emptyState(
              "You have no place here yet",
              "Finish a match against other people, and you will stand on this board.",
              button("Show the top", {}, () => this.#go({ around: false, offset: 0 })),
            )
          : failure(error, () => void this.#load()),
      );
      if (!unplaced) this.#controls.replaceChildren();
    }
  }

  /**
   * @param {import("./api.js").Leaderboard} board
   * @param {string} own
   */
  #draw(board, own) {
    this.#count.textContent = board.players === 1 ? "1 player" : `${number(board.players)} players`;
    this.#drawControls(board);
    if (board.rows.length === 0) {
      this.#body.replaceChildren(
        emptyState(
          "Nobody is on this board yet",
          "The first who finishes a match against other people takes the first place.",
          button("Play now", { class: "button primary" }, () => this.actions.play()),
        ),
      );
      return;
    }
    const heads = ["#", "Player", "Rating", "Matches", "Won", "Points", "Best"];
    this.#body.replaceChildren(
      make(
        "div",
        { class: "table-frame" },
        make(
          "table",
          { class: "board", "data-testid": "leaderboard" },
          make("thead", {}, make("tr", {}, ...heads.map((text) => make("th", { text, scope: "col" })))),
          make("tbody", {}, ...board.rows.map((row) => line(row, own))),
        ),
      ),
      this.#pager(board),
    );
    this.#body.querySelector("tr.you")?.scrollIntoView({ block: "nearest" });
  }

  /** @param {import("./api.js").Leaderboard} board */
  #drawControls(board) {
    const { mode, season, around } = this.#view;
    const words = this.actions.words(board.game);
    // The current season may have another name in the list than in the address.
    const seasons =
      board.seasons.includes(board.season) || !board.season ? board.seasons : [board.season, ...board.seasons];
    refill(this.#controls, [
      tabs(
        "Season",
        [["", "All time"], ...seasons.slice(0, 3).map((name) => /** @type {[string, string]} */ ([name, name]))],
        season === "current" ? board.season : season,
        (value) => this.#go({ season: value, offset: 0 }),
      ),
      ...(board.modes.length > 1 || mode
        ? [
            tabs(
              "Mode",
              [
                ["", "All modes"],
                ...board.modes.map((name) => /** @type {[string, string]} */ ([name, words.mode(name)])),
              ],
              mode,
              (value) => this.#go({ mode: value, offset: 0 }),
            ),
          ]
        : []),
      button(
        around ? "From the top" : "Around me",
        { class: "button small", "aria-pressed": String(around), "data-key": "around", "data-testid": "around-me" },
        () => this.#go({ around: !around, offset: 0 }),
      ),
    ]);
  }

  /** @param {import("./api.js").Leaderboard} board */
  #pager(board) {
    const { offset, players, rows } = board;
    const back = button("Better", { icon: "left", class: "button small" }, () =>
      this.#go({ offset: Math.max(0, offset - PAGE), around: false }),
    );
    const on = button("More", { icon: "right", class: "button small" }, () =>
      this.#go({ offset: offset + PAGE, around: false }),
    );
    back.disabled = offset === 0;
    on.disabled = offset + rows.length >= players;
    const pager = make(
      "div",
      { class: "pager" },
      back,
      make("span", { text: `${offset + 1} to ${offset + rows.length} of ${number(players)}` }),
      on,
    );
    pager.hidden = back.disabled && on.disabled;
    return pager;
  }
}

/**
 * @param {import("./api.js").Standing} row
 * @param {string} own
 */
function line(row, own) {
  const you = row.account === own;
  const name = make("td", {}, make("a", { href: playerHash(row.account), text: row.name }));
  if (you) name.append(make("small", { text: "you" }));
  const medal = row.rank <= 3 ? `medal rank-${row.rank}` : "medal";
  return make(
    "tr",
    { class: you ? "you" : "", "data-account": row.account },
    make("td", {}, make("span", { class: medal, text: String(row.rank) })),
    name,
    make("td", { class: "points", text: String(Math.round(row.rating)) }),
    make("td", { text: number(row.matches) }),
    make("td", { text: percent(row.wins, row.matches), title: `${row.wins} won` }),
    make("td", { text: number(row.score) }),
    make("td", { text: number(row.best) }),
  );
}

/**
 * @param {string} label
 * @param {[string, string][]} choices value and text
 * @param {string} chosen
 * @param {(value: string) => void} choose
 */
function tabs(label, choices, chosen, choose) {
  return make(
    "div",
    { class: "tabs", role: "group", "aria-label": label },
    ...choices.map(([value, text]) =>
      button(
        text,
        { class: "button tab", "aria-pressed": String(value === chosen), "data-key": `${label} ${value}` },
        () => choose(value),
      ),
    ),
  );
}
