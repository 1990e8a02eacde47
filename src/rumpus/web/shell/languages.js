/** Languages that players look for each other by, named in the language of whoever looks. */

/** Offered beside the browser's own; by their number of speakers online, more or less. */
const COMMON = "en zh es ar hi pt fr ja ru de ko id tr it vi pl nl uk th sv cs ro el hu da fi no".split(" ");

const NAMES = (() => {
  try {
    return new Intl.DisplayNames([navigator.language || "en", "en"], { type: "language" });
  } catch {
    return null;
  }
})();

/** @param {string} code @returns {string} */
export function languageName(code) {
  try {
    return NAMES?.of(code) ?? code;
  } catch {
    return code;
  }
}

/** The browser's own language, without the country. */
export function ownLanguage() {
  return (navigator.language || "en").split("-")[0].toLowerCase();
}

/** @returns {string[]} the browser's own first */
export function languages() {
  const own = (navigator.languages ?? []).map((code) => code.split("-")[0].toLowerCase());
  return [...new Set([...own, ...COMMON])];
}
