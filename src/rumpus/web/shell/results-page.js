/** What the pages of lasting results have in common: waiting for the server, and what is shown when there is nothing. */
import { button, icon, make } from "../ui/dom.js";
import { NoAnswer } from "./api.js";

/** A page that is read again so soon need not flicker. */
const WAIT_BEFORE_SPINNER = 250;

/**
 * @param {string} title
 * @param {string} text
 * @param {HTMLElement} [action]
 */
export function emptyState(title, text, action) {
  return make(
    "div",
    { class: "empty" },
    icon("trophy"),
    make("h3", { text: title }),
    make("p", { text }),
    ...(action ? [action] : []),
  );
}

/**
 * A friendly word for what went wrong.
 *
 * @param {unknown} error
 * @param {() => void} again
 */
export function failure(error, again) {
  if (error instanceof NoAnswer && error.status === 501)
    return emptyState(
      "No results are kept here",
      "This server plays without a database. Everything else works: matches, rooms, friends.",
    );
  const text = error instanceof NoAnswer ? error.message : "Something went wrong on this page.";
  return emptyState("That did not work", text, button("Try again", { "data-testid": "try-again" }, again));
}

/**
 * Show a spinner in a box if what fills it takes a while.
 *
 * @param {HTMLElement} box
 * @param {Promise<unknown>} work
 */
export function spinWhile(box, work) {
  const timer = setTimeout(
    () =>
      box.replaceChildren(
        make("div", { class: "empty" }, make("div", { class: "spinner", role: "status", "aria-label": "Loading" })),
      ),
    WAIT_BEFORE_SPINNER,
  );
  const done = () => clearTimeout(timer);
  work.then(done, done);
}

/** @param {number} part @param {number} whole */
export function percent(part, whole) {
  return whole > 0 ? `${Math.round((100 * part) / whole)}%` : "–";
}

/** @param {number} value a score or a sum of scores */
export function number(value) {
  return value.toLocaleString(undefined, { maximumFractionDigits: 1 });
}
