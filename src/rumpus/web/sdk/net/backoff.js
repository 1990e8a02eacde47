/**
 * How long to wait before the next attempt to connect.
 *
 * Exponential with "equal jitter": half of the time is fixed, so that an attempt never follows at once, and half is
 * random, so that the players of a server that restarts do not all come back in the same millisecond.
 */
export class Backoff {
  /**
   * @param {{first?: number, factor?: number, longest?: number, random?: () => number}} [options] seconds
   */
  constructor({ first = 0.5, factor = 1.8, longest = 8, random = Math.random } = {}) {
    this.first = first;
    this.factor = factor;
    this.longest = longest;
    this.random = random;
    /** How many times `next` was asked for since the last reset. */
    this.attempt = 0;
  }

  /**
   * @param {number} [longest] seconds, if it must be sooner than usual
   * @returns {number} seconds to wait before the coming attempt
   */
  next(longest = this.longest) {
    const span = Math.min(longest, this.longest, this.first * this.factor ** this.attempt);
    this.attempt += 1;
    return span / 2 + (span / 2) * this.random();
  }

  reset() {
    this.attempt = 0;
  }
}
