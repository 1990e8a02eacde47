/** Why a match is not rated, in words. The codes are the server's (docs/protocol.md, `unrated`). */

/** @type {Record<string, string>} */
const REASONS = {
  called_off: "the match was called off",
  private: "private room",
  hosted: "a room that a player made",
  alone: "nobody to be rated against",
  short: "too short",
  sent_away: "somebody was sent away",
  same_address: "players at one address",
  idle: "somebody did nothing for most of it",
  repeated: "the same players too often today",
};

/**
 * @param {string} word
 * @returns {string} a part of a line: "not rated: private room"
 */
export function unratedText(word) {
  const reason = REASONS[word];
  return reason ? `not rated: ${reason}` : "not rated";
}

/**
 * @param {string} word
 * @returns {string} a sentence
 */
export function unratedSentence(word) {
  return `N${unratedText(word).slice(1)}.`;
}
