/**
 * Notices that the server stood still without knowing it: a machine that was suspended has no time in which ticks were due,
 * and so gives up none. What it sends afterwards is later than before, all of it by the same time.
 *
 * After a stall of the network what has waited comes at once, or in a few heaps, the newest of it as early as ever. So a
 * late snapshot says nothing; some that come one after the other, as they were sent, and all as late, do.
 */

/** Seconds of lateness that no network makes for long; the input window of a stock server. */
const LONG = 1;
/** So many have to be late, by as much, give or take so many seconds. */
const ENOUGH = 4;
const ALIKE = 0.1;
/** Seconds of arrivals that the usual one is taken from, about. */
const MEMORY = 8;

export class Standstill {
  /** Local time of arrival minus time of the tick, as it is when nothing is held up; NaN before the first. */
  #usual = NaN;
  #late = NaN;
  #alike = 0;
  #at = 0;

  /** A match begins, or another connection: what was says nothing about what comes. */
  reset() {
    this.#usual = this.#late = NaN;
  }

  /** It is known that the server stood still. @param {number} seconds */
  told(seconds) {
    this.#usual += seconds;
    this.#late = NaN;
  }

  /**
   * A snapshot has come.
   *
   * @param {number} time of its tick, seconds since the match began
   * @param {number} now local time, seconds
   * @param {number} interval seconds between snapshots
   * @returns {number} seconds that the server stood still, to be `told`; 0 as a rule
   */
  heard(time, now, interval) {
    const arrival = now - time;
    const since = now - this.#at;
    this.#at = now;
    // Whichever is earlier counts at once; that clocks drift, and a route gets longer, is followed slowly.
    if (!(arrival > this.#usual)) this.#usual = arrival;
    const late = arrival - this.#usual;
    if (late <= LONG) {
      this.#usual += late * Math.min(1, since / MEMORY);
      this.#late = NaN;
      return 0;
    }
    const alike = Math.abs(late - this.#late) < ALIKE && since > interval / 2;
    this.#alike = alike ? this.#alike + 1 : 1;
    this.#late = late;
    return this.#alike >= ENOUGH ? late : 0;
  }
}
