/**
 * Decides which moment of the match to show: a little behind the newest snapshot, so that there is nearly always a
 * later snapshot to move towards.
 *
 * Snapshots arrive unevenly. The one that came quickest, relative to its tick, gives the base line; how late the others
 * come tells the jitter, as far as it is worth waiting for (see lateness.js). At rest the picture runs two send intervals
 * behind, and further behind when the network needs it. The playhead does not jump for a small correction: it runs up
 * to an eighth faster or slower until it is right again, and up to a quarter faster after a stall.
 *
 * A connection that loses packets stalls: nothing comes for some 100 to 200 ms, and then all of it at once. To wait for
 * that would put everything a quarter of a second into the past, all the time. So if there was a stall not long ago, a
 * little is waited for it, and when the next snapshot is overdue the playhead slows down the more, the less there is left
 * to show. On a link of 100 +- 15 ms that stands still for 2% of the time, at 30 snapshots a second,
 * tests/web/sdk/state/playhead-report.js has 7.6 underruns a minute for a playhead that is always 75 ms behind the server's
 * own time (and the way), 6.6 for 110 ms, 2.6 for 185 ms, and 0.6 for this one, which is 113 ms behind on average, and
 * 68 ms without stalls.
 */
import { Lateness } from "../net/lateness.js";

/** Seconds for which jitter is remembered, and that a stall is. */
const MEMORY = 8;
const STALL_MEMORY = 20;
/** Seconds of delay that are worth as much as having no snapshot late instead of all. */
const LATE_COST = 1.5;
/** Seconds more that the picture runs behind after a stall, at most. */
const STALL_ALLOWANCE = 0.045;
/** The slowest that the playhead goes while it waits for an overdue snapshot. */
const SLOWEST = 0.15;
/** Share by which it goes faster or slower to correct itself: at most, and when more than `FAR` seconds are to be caught up. */
const CORRECTION = 0.12;
const CATCH_UP = 0.25;
const FAR = 0.08;
/** The same while the picture is older than it should ever be, and the share per second of what is to be caught up then. */
const HURRY = 1;
const HURRY_GAIN = 8;
/** A playhead that is off by more than this many seconds jumps, for it would take too long to run there. */
const JUMP = 0.35;

export class Playhead {
  #lateness = new Lateness(MEMORY, LATE_COST);
  #position = 0;
  #sampledAt = -1;
  #newest = 0;
  #stalledAt = -Infinity;
  #stall = 0;
  /** Seconds of the delay that are for stalls. */
  #allowance = 0;
  /** Below this lead, in seconds, it slows down: in quiet times there is always more. */
  #reserve = 0;

  /** Seconds that the picture is meant to run behind the time line of the quickest arrival. */
  delay = 0;
  /** Local time minus match time of the quickest arrival. */
  base = 0;

  /** @param {number} interval expected seconds between snapshots */
  constructor(interval) {
    this.interval = interval;
    this.delay = 2 * interval;
  }

  /**
   * A snapshot of match time `time` arrived at local time `now` (both seconds), `gap` seconds of match after the last.
   *
   * @param {number} time
   * @param {number} now
   * @param {number} gap
   */
  arrived(time, now, gap) {
    const { interval } = this;
    if (gap > 0 && gap < 1) this.interval += (gap - interval) * 0.1;
    const lateness = this.#lateness;
    lateness.add(now - time, now);
    this.#newest = time;
    this.base = lateness.least;
    const jitter = lateness.worth - this.base;
    const beyond = now - time - this.base - jitter - interval / 2;
    if (beyond > 0 && (beyond > this.#stall || now - this.#stalledAt > MEMORY)) {
      this.#stall = beyond;
      this.#stalledAt = now;
    }
    this.#allowance = now - this.#stalledAt < STALL_MEMORY ? Math.min(STALL_ALLOWANCE, this.#stall) : 0;
    this.delay = 1.5 * this.interval + Math.min(0.5, Math.max(this.interval / 2, jitter * 1.1)) + this.#allowance;
    this.#reserve = this.delay - this.interval - jitter / 4;
  }

  /**
   * @param {number} now local time, seconds
   * @param {number} [oldest] match time that the picture should not be behind, seconds. What is waited for stalls gives way
   *   to it. In a stall it may be behind for a moment, rather than show what has not arrived; where the network always
   *   needs longer, it is not
   * @returns {number} the match time to show, seconds; never runs backwards, except by a jump
   */
  sample(now, oldest = -Infinity) {
    const late = Math.max(0, oldest - (now - this.base - this.delay));
    const always = late > this.#allowance;
    const given = Math.min(late, this.#allowance);
    const target = now - this.base - this.delay + given;
    const reserve = this.#reserve - given;
    const elapsed = now - this.#sampledAt;
    const error = target - (this.#position + elapsed);
    const lead = this.#newest - this.#position;
    // In a long stall there is nothing to jump to.
    const stalled = lead < reserve && target > this.#newest;
    if (this.#sampledAt < 0 || (Math.abs(error) > JUMP && !stalled)) this.#position = target;
    else {
      // A third of a second to make up for most of it, and never so fast that the eye sees it.
      const most = this.#position < oldest ? HURRY : error > FAR ? CATCH_UP : CORRECTION;
      const wanted = Math.max(error * 3, (oldest - this.#position) * HURRY_GAIN);
      const speed = 1 + Math.max(-CORRECTION, Math.min(most, wanted));
      const allowed = lead < reserve ? Math.max(SLOWEST, lead / reserve) : Infinity;
      this.#position += elapsed * Math.min(speed, allowed);
    }
    if (always) this.#position = Math.max(this.#position, oldest);
    this.#sampledAt = now;
    return this.#position;
  }

  /** The server stood still: all that comes is later by so many seconds, and no network is to blame. @param {number} seconds */
  stoodStill(seconds) {
    this.#lateness.shift(seconds);
    this.base += seconds;
  }

  reset() {
    this.#lateness.clear();
    this.#sampledAt = -1;
    this.#stalledAt = -Infinity;
    this.#stall = this.#allowance = 0;
    this.delay = 2 * this.interval;
  }
}
