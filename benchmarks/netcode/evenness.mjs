/**
 * How evenly a ship that runs straight on at full speed is drawn: its speed from frame to frame, which on a real screen
 * would be the same in each.
 */

/** Units per second. */
const FULL = 240;

/** Seconds of running straight before it counts, and after: the first frames of a turn still have the old velocity. */
const BEFORE = 0.6;
const AFTER = 0.1;

/** Frames further apart than this, in seconds, say nothing of one another. */
const GAP = 0.05;

export class Evenness {
  #at = NaN;
  #x = 0;
  #since = Infinity;
  #sign = 0;
  /** Speeds of which it is not known yet whether they were the last before a turn. @type {{now: number, speed: number}[]} */
  #recent = [];

  /** Units per second, one for each frame. @type {number[]} */
  speeds = [];
  active = false;

  /**
   * @param {string} runner the id of whoever runs
   * @param {boolean} own whether these are the frames of the runner
   */
  constructor(runner, own) {
    this.runner = runner;
    this.own = own;
  }

  /** @param {import("./avatar.mjs").Frame} frame */
  frame({ now, entities }) {
    const ship = entities.players.get(this.runner);
    if (!ship) return;
    const { x, vx, vy } = ship;
    // Which way it runs; 0 while it turns.
    const sign = Math.abs(vx) >= FULL - 1 && vy === 0 ? Math.sign(vx) : 0;
    if (sign !== this.#sign) {
      this.#since = now;
      this.#recent.length = 0;
    }
    this.#sign = sign;
    const elapsed = now - this.#at;
    if (this.active && sign !== 0 && elapsed < GAP && now - this.#since > BEFORE)
      this.#recent.push({ now, speed: ((x - this.#x) * sign) / elapsed });
    while (this.#recent.length > 0 && this.#recent[0].now < now - AFTER)
      this.speeds.push(this.#recent.shift()?.speed ?? 0);
    this.#at = now;
    this.#x = x;
  }
}
