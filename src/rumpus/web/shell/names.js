/** Names for those who do not care to think of one. */

const FIRST = [
  "Swift",
  "Lucky",
  "Mellow",
  "Rusty",
  "Cosmic",
  "Dizzy",
  "Sunny",
  "Velvet",
  "Sneaky",
  "Mighty",
  "Jolly",
  "Frosty",
];
const SECOND = [
  "Otter",
  "Comet",
  "Badger",
  "Falcon",
  "Walrus",
  "Gecko",
  "Puffin",
  "Lynx",
  "Mango",
  "Beetle",
  "Heron",
  "Yeti",
];

/** @returns {string} */
export function inventName() {
  const pick = (/** @type {string[]} */ words) => words[Math.floor(Math.random() * words.length)];
  return `${pick(FIRST)} ${pick(SECOND)}`;
}
