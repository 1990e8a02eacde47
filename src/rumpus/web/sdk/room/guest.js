/**
 * Who a guest is: a random key that the browser keeps, so that they are the same account at their next visit. The server
 * never tells it to anybody; others see only what is derived from it.
 */

/** @typedef {import("./storage.js").Store} Store */

const KEY = "rumpus.guest";

/** 192 bits, as 32 characters. */
const BYTES = 24;

const VALID = /^[A-Za-z0-9_-]{16,128}$/;

/** Where nothing is kept the page has one for itself. */
let ofThisPage = "";

/**
 * @param {Store} store
 * @returns {string} this browser's key, made at the first call
 */
export function guestKey(store) {
  const kept = store.read(KEY);
  if (VALID.test(kept)) return kept;
  ofThisPage ||= randomKey();
  store.write(KEY, ofThisPage);
  return ofThisPage;
}

function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}
