/**
 * A random generator with a seed (mulberry32), so that a failing test fails again.
 *
 * @param {number} seed
 */
export function generator(seed) {
  let state = seed >>> 0;
  const share = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    /** 0 to 1, without 1. */
    share,
    /** A whole number from `least` to `most`, both included. */
    whole: (least, most) => least + Math.floor(share() * (most - least + 1)),
    /** @template T @param {T[]} list @returns {T} */
    one: (list) => list[Math.floor(share() * list.length)],
  };
}
