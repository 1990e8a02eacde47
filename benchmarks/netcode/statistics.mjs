/** Summaries of lists of numbers, and chance that can be repeated. */

/**
 * @param {number[]} values
 * @param {number} share from 0 to 1
 * @returns {number} the value that this share of them is at or below; 0 of none
 */
export function percentile(values, share) {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))];
}

/** @param {number[]} values @returns {{count: number, mean: number, p50: number, p95: number, max: number}} */
export function summary(values) {
  return {
    count: values.length,
    mean: mean(values),
    p50: percentile(values, 0.5),
    p95: percentile(values, 0.95),
    max: values.length > 0 ? values.reduce((most, value) => Math.max(most, value)) : 0,
  };
}

/** @param {number[]} values @returns {number} 0 of none */
export function mean(values) {
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;
}

/** @param {number[]} values @returns {number} 0 of none */
export function deviation(values) {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/** A hundred and one values that stand for all of them: the least, each per cent, the largest. @param {number[]} values */
export function quantiles(values) {
  if (values.length === 0) return [];
  const sorted = [...values].sort((a, b) => a - b);
  return Array.from({ length: 101 }, (_, part) => sorted[Math.round(((sorted.length - 1) * part) / 100)]);
}

/** Chance from a seed (mulberry32), so that a run can be repeated as far as a network can be. */
export class Chance {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** @returns {number} from 0 to below 1 */
  share() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  }

  /** @param {number} least @param {number} most */
  between(least, most) {
    return least + (most - least) * this.share();
  }

  /** @template T @param {T[]} list @returns {T} */
  of(list) {
    return list[Math.floor(this.share() * list.length)];
  }
}
