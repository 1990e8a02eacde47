/**
 * A bad link as numbers, after src/rumpus/link.py: one direction of a TCP connection, of which a message entering at
 * `now` comes out at `due(now)`. It is late by jitter and, now and then, by a stall in which nothing comes out.
 */

/** Round trip and jitter in seconds, share of time without anything. */
export const LINKS = {
  lan: { lag: 0.001, jitter: 0.0003, stall: 0 },
  good: { lag: 0.04, jitter: 0.006, stall: 0 },
  typical: { lag: 0.1, jitter: 0.015, stall: 0.02 },
  bad: { lag: 0.2, jitter: 0.03, stall: 0.1 },
};

export class Direction {
  #out = -Infinity;
  #begins = Infinity;
  #ends = Infinity;

  /**
   * @param {{lag: number, jitter: number, stall: number}} link
   * @param {ReturnType<typeof import("./random.js").generator>} random
   */
  constructor({ lag, jitter, stall }, random) {
    this.oneWay = lag / 2;
    this.jitter = jitter;
    this.random = random;
    this.length = 0.033 + 1.25 * lag;
    this.gap = stall > 0 ? (this.length * (1 - stall)) / stall : Infinity;
    if (stall > 0) {
      this.#ends = 0;
      this.#next();
    }
  }

  #next() {
    this.#begins = this.#ends - Math.log(1 - this.random.share()) * this.gap;
    this.#ends = this.#begins + this.length * (0.5 + this.random.share());
  }

  /** @param {number} now seconds, never less than before */
  due(now) {
    let out = now + this.oneWay + (2 * this.random.share() - 1) * this.jitter;
    out = Math.max(out, this.#out, now);
    while (out >= this.#ends) this.#next();
    if (out >= this.#begins) out = this.#ends;
    this.#out = out;
    return out;
  }
}
