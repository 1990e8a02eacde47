/**
 * Which page of the title is shown, kept in the address after the #, so that links lead to a page and the back button
 * works: `#`, `#rooms`, `#leaderboard?mode=ffa`, `#player/g:abc…`.
 */

/** @typedef {"home" | "rooms" | "leaderboard" | "player"} Page */
/** @typedef {{page: Page, path: string, query: URLSearchParams}} Route */

const PAGES = new Set(["home", "rooms", "leaderboard", "player"]);

/**
 * @param {string} [hash]
 * @returns {Route}
 */
export function route(hash = location.hash) {
  const [where, query = ""] = hash.replace(/^#/, "").split("?");
  const [page, ...rest] = where.split("/");
  let path = "";
  try {
    path = decodeURIComponent(rest.join("/"));
  } catch {
    // No page has such a name.
  }
  const known = PAGES.has(page) ? page : "home";
  return { page: /** @type {Page} */ (known), path, query: new URLSearchParams(query) };
}

/** @param {string} account */
export function playerHash(account) {
  return `#player/${encodeURIComponent(account)}`;
}

/** Change the address without a new step for the back button: a filter is no place. @param {string} hash */
export function replaceHash(hash) {
  history.replaceState(null, "", location.pathname + location.search + hash);
}
