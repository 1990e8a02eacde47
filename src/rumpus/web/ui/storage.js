/** What the page remembers from visit to visit. Storage may be forbidden (private windows): then it is just forgotten. */

const PREFIX = "rumpus.";

/**
 * @param {string} key
 * @returns {string}
 */
export function recall(key) {
  try {
    return localStorage.getItem(PREFIX + key) ?? "";
  } catch {
    return "";
  }
}

/**
 * @param {string} key
 * @param {string} value
 */
export function remember(key, value) {
  try {
    localStorage.setItem(PREFIX + key, value);
  } catch {
    // Nothing depends on it.
  }
}
