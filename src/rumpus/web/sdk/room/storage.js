/** What the browser keeps for this SDK. It may forbid that (private windows, Node): then nothing is kept. */

/** @typedef {{read: (key: string) => string, write: (key: string, value: string) => void}} Store */

/**
 * @param {"localStorage" | "sessionStorage"} kind `localStorage` outlives the tab, `sessionStorage` a reload
 * @returns {Store} an empty text is written to forget
 */
export function browserStore(kind) {
  return {
    read(key) {
      try {
        return globalThis[kind]?.getItem(key) ?? "";
      } catch {
        return "";
      }
    },
    write(key, value) {
      try {
        if (value) globalThis[kind]?.setItem(key, value);
        else globalThis[kind]?.removeItem(key);
      } catch {
        // Full or forbidden: the page works without.
      }
    },
  };
}

/** @returns {Store} one that keeps nothing */
export function noStore() {
  return { read: () => "", write: () => {} };
}
