/** A player's page: rating and how it went, totals, and the matches they played. */
import { ask, NoAnswer } from "./api.js";
import { byId, button, clockText, make } from "../ui/dom.js";
import { ratingCurve } from "./rating-curve.js";
import { change } from "./results.js";
import { emptyState, failure, number, percent, spinWhile } from "./results-page.js";
import { playerHash } from "./routes.js";
import { unratedText } from "./unrated.js";

/** @typedef {import("../ui/words.js").Words} Words */

const MATCHES = 25;
/** Opponents named in a line. */
const NAMED = 3;

export class ProfilePage {
  #box = byId("page-player");
  /** @type {AbortController | null} */
  #asking = null;
  #account = "";

  /** @param {{account: () => string, words: (game: string) => Words}} actions */
  constructor(actions) {
    this.actions = actions;
  }

  /** @param {string} account "" for one's own */
  open(account) {
    this.#account = account || this.actions.account();
    void this.#load();
  }

  close() {
    this.#asking?.abort();
  }

  async #load() {
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    const path = `/api/players/${encodeURIComponent(this.#account)}`;
    const work = Promise.all([ask(path, {}, asking.signal), ask(`${path}/matches`, { limit: MATCHES }, asking.signal)]);
    spinWhile(this.#box, work);
    try {
      const [profile, history] = await work;
      this.#draw(profile, history);
    } catch (error) {
      if (asking.signal.aborted) return;
      const unknown = error instanceof NoAnswer && error.status === 404;
      const own = this.#account === this.actions.account();
      this.#box.replaceChildren(
        this.#back(),
        unknown
          ? emptyState(
              own ? "You have not finished a match yet" : "Nobody of this kind has played here",
              own ? "After your first one your rating and your matches are here." : "The link may have a typo.",
            )
          : failure(error, () => void this.#load()),
      );
    }
  }

  #back() {
    return make("a", { class: "link back", href: "#leaderboard", text: "Leaderboard" });
  }

  /**
   * @param {import("./api.js").Profile} profile
   * @param {import("./api.js").History} history
   */
  #draw(profile, history) {
    const own = profile.account === this.actions.account();
    const title = make("h2", { id: "page-player-title", text: profile.name });
    if (own) title.append(make("small", { text: "you" }));
    const words = this.actions.words(profile.game);
    const line = (/** @type {import("./api.js").OwnMatch} */ match) => matchLine(match, words);
    const list = make("ul", { class: "history", "data-testid": "history" }, ...history.matches.map(line));
    const curve = curveOf(history.matches);
    this.#box.replaceChildren(
      this.#back(),
      make(
        "header",
        { class: "profile-head" },
        title,
        make(
          "div",
          { class: "profile-rating", "data-testid": "profile-rating" },
          make("b", { text: String(Math.round(profile.rating)) }),
          make("small", { text: profile.rank ? `rating, place ${profile.rank}` : "rating" }),
        ),
      ),
      make(
        "div",
        { class: "totals" },
        total(number(profile.matches), profile.matches === 1 ? "match" : "matches"),
        total(percent(profile.wins, profile.matches), "won"),
        total(number(profile.score), "points in all"),
        total(number(profile.best), "best match"),
      ),
      ...(curve ? [make("div", { class: "curve-frame" }, curve)] : []),
      make("h3", { text: "Matches" }),
      list,
      ...(history.next ? [this.#more(list, history.next, line)] : []),
    );
  }

  /**
   * @param {HTMLElement} list
   * @param {string} before
   * @param {(match: import("./api.js").OwnMatch) => HTMLElement} line
   */
  #more(list, before, line) {
    let next = before;
    const more = button("Earlier matches", { class: "button small" }, async () => {
      more.disabled = true;
      try {
        /** @type {import("./api.js").History} */
        const page = await ask(`/api/players/${encodeURIComponent(this.#account)}/matches`, {
          limit: MATCHES,
          before: next,
        });
        list.append(...page.matches.map(line));
        next = page.next ?? "";
        more.hidden = !next;
      } catch {
        more.textContent = "That did not work. Try again";
      }
      more.disabled = false;
    });
    return more;
  }
}

/**
 * @param {string} value
 * @param {string} label
 */
function total(value, label) {
  return make("div", {}, make("b", { text: value }), make("small", { text: label }));
}

/** @param {import("./api.js").OwnMatch[]} matches the latest first */
function curveOf(matches) {
  const rated = matches
    .filter(({ own, unrated }) => !unrated && own.rating_before !== null && own.rating_after !== null)
    .reverse();
  if (rated.length < 2) return null;
  return ratingCurve(
    [Number(rated[0].own.rating_before), ...rated.map(({ own }) => Number(own.rating_after))].map(Math.round),
  );
}

/**
 * @param {import("./api.js").OwnMatch} match
 * @param {Words} words
 */
function matchLine(match, words) {
  const { own } = match;
  const first = own.rank === 1;
  // With team mates one shares a victory, with all others a draw.
  const drawn = first && match.others.some((seat) => seat.rank === 1 && (!own.team || seat.team !== own.team));
  const text = drawn ? "Draw" : first ? "Won" : ordinal(own.rank);
  const place = make("span", { class: first && !drawn ? "place won" : "place", text });
  const unrated = match.unrated ? unratedText(match.unrated) : "";
  const facts = [words.mode(match.mode), words.reason(match.reason), clockText(match.duration), unrated].filter(Boolean);
  const when = new Date(match.ended_at * 1000);
  const rated = !match.unrated && own.rating_before !== null && own.rating_after !== null;
  return make(
    "li",
    {},
    place,
    make("div", { class: "match-what" }, opponents(match), make("small", { text: facts.join("  ·  ") })),
    make("span", { class: "score", title: "Score", text: number(own.score) }),
    rated
      ? change(Number(own.rating_before), Number(own.rating_after))
      : make("em", { class: "change same", text: "" }),
    make("time", { datetime: when.toISOString(), title: when.toLocaleString(), text: ago(when) }),
  );
}

/** @param {import("./api.js").OwnMatch} match */
function opponents({ others, players }) {
  const people = others.filter((seat) => !seat.bot);
  const shown = people.slice(0, NAMED);
  const rest = players - 1 - shown.length;
  const line = make("span", { class: "against" }, shown.length > 0 ? "with " : "");
  shown.forEach((seat, index) => {
    if (index > 0) line.append(", ");
    line.append(seat.account ? make("a", { href: playerHash(seat.account), text: seat.name }) : seat.name);
  });
  const bots = people.length === shown.length;
  if (rest > 0)
    line.append(
      shown.length > 0
        ? ` and ${rest} ${bots ? (rest === 1 ? "bot" : "bots") : "more"}`
        : `with ${rest} ${rest === 1 ? "bot" : "bots"}`,
    );
  return line;
}

/** @param {number} rank */
function ordinal(rank) {
  const tail = rank % 100 > 10 && rank % 100 < 14 ? "th" : (["th", "st", "nd", "rd"][rank % 10] ?? "th");
  return `${rank}${tail}`;
}

/** @param {Date} when */
function ago(when) {
  const minutes = (Date.now() - when.getTime()) / 60_000;
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (minutes < 1) return "just now";
  if (minutes < 60) return format.format(-Math.round(minutes), "minute");
  if (minutes < 60 * 24) return format.format(-Math.round(minutes / 60), "hour");
  if (minutes < 60 * 24 * 30) return format.format(-Math.round(minutes / 60 / 24), "day");
  return when.toLocaleDateString(undefined, { dateStyle: "medium" });
}
