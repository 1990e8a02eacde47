/**
 * The public id of a guest: what leaderboards call the player whose key this browser keeps. The server makes it from the
 * key in the same way (see `identity.py`); it does not tell the key.
 *
 * `crypto.subtle` would hash too, but exists only on https and localhost, and a friend's page on plain http in the same
 * network has its place on the leaderboard as well.
 */

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** How much of the hash an id has. */
const LENGTH = 20;

/**
 * @param {string | null} key the guest key
 * @returns {string} such as "g:k3v…"; "" without a key
 */
export function guestAccount(key) {
  if (!key) return "";
  return `g:${base32(sha256(new TextEncoder().encode(`rumpus guest ${key}`))).slice(0, LENGTH)}`;
}

/** @param {Uint8Array} bytes */
function base32(bytes) {
  let text = "";
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += ALPHABET[(held >> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return text;
}

/** The first bits of the fractions of roots of the first primes: FIPS 180-4. */
const [ROUNDS, START] = (() => {
  const rounds = [];
  const start = [];
  const fraction = (/** @type {number} */ value) => ((value % 1) * 2 ** 32) | 0;
  for (let n = 2; rounds.length < 64; n += 1) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= n; divisor += 1) prime &&= n % divisor !== 0;
    if (!prime) continue;
    rounds.push(fraction(Math.cbrt(n)));
    if (start.length < 8) start.push(fraction(Math.sqrt(n)));
  }
  return [rounds, start];
})();

/**
 * @param {Uint8Array} message
 * @returns {Uint8Array} 32 bytes
 */
export function sha256(message) {
  const padded = new Uint8Array(((message.length + 72) >> 6) << 6);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, message.length * 8);
  const hash = [...START];
  const words = new Int32Array(64);
  for (let block = 0; block < padded.length; block += 64) {
    for (let n = 0; n < 16; n += 1) words[n] = view.getInt32(block + 4 * n);
    for (let n = 16; n < 64; n += 1) {
      const [a, b] = [words[n - 15], words[n - 2]];
      const s0 = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
      const s1 = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
      words[n] = (words[n - 16] + s0 + words[n - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = hash;
    for (let n = 0; n < 64; n += 1) {
      const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      const first = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[n] + words[n]) | 0;
      const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [a, b, c, d, e, f, g, h] = [(first + second) | 0, a, b, c, (d + first) | 0, e, f, g];
    }
    [a, b, c, d, e, f, g, h].forEach((value, n) => (hash[n] = (hash[n] + value) | 0));
  }
  const result = new DataView(new ArrayBuffer(32));
  hash.forEach((value, n) => result.setInt32(4 * n, value));
  return new Uint8Array(result.buffer);
}

/** @param {number} value @param {number} bits */
function turn(value, bits) {
  return (value >>> bits) | (value << (32 - bits));
}
