/**
 * Decides which moment of the match to show: a little behind the newest snapshot, so that there is nearly always a
 * later snapshot to move towards.
 *
 * Snapshots arrive unevenly. The one that came quickest, relative to its tick, gives the base line; how late the others
 * come tells the jitter. At rest the picture runs two send intervals behind, and further behind when the network needs
 * it. The playhead never jumps for a small correction: it runs up to an eighth faster or slower until it is right again.
 */
export class Playhead {
  /** Lateness and base line are judged over this many arrivals (about four seconds at 30 a second). */
  static WINDOW = 120;
  /** A playhead that is off by more than this many seconds jumps, for it would take too long to run there. */
  static JUMP = 0.35;

  #arrivals = new Float64Array(Playhead.WINDOW);
  #count = 0;
  #at = 0;
  #position = 0;
  #sampledAt = -1;
  #sorted = new Float64Array(Playhead.WINDOW);

  /** Seconds that the picture is meant to run behind the newest arrival's time line. */
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
    if (gap > 0 && gap < 1) this.interval += (gap - this.interval) * 0.1;
    this.#arrivals[this.#at] = now - time;
    this.#at = (this.#at + 1) % Playhead.WINDOW;
    this.#count = Math.min(this.#count + 1, Playhead.WINDOW);
    const sorted = this.#sorted.subarray(0, this.#count);
    sorted.set(this.#arrivals.subarray(0, this.#count));
    sorted.sort();
    this.base = sorted[0];
    const late = sorted[Math.min(this.#count - 1, Math.floor(this.#count * 0.95))] - this.base;
    this.delay = 1.5 * this.interval + Math.min(0.5, Math.max(this.interval / 2, late * 1.1));
  }

  /**
   * @param {number} now local time, seconds
   * @returns {number} the match time to show, seconds; never runs backwards, except by a jump
   */
  sample(now) {
    const target = now - this.base - this.delay;
    const elapsed = now - this.#sampledAt;
    if (this.#sampledAt < 0 || Math.abs(target - (this.#position + elapsed)) > Playhead.JUMP) {
      this.#position = target;
    } else {
      const error = target - (this.#position + elapsed);
      // A third of a second to make up for most of it, and never so fast that the eye sees it.
      const most = elapsed * 0.12;
      this.#position += elapsed + Math.max(-most, Math.min(most, error * elapsed * 3));
    }
    this.#sampledAt = now;
    return this.#position;
  }

  reset() {
    this.#count = 0;
    this.#at = 0;
    this.#sampledAt = -1;
    this.delay = 2 * this.interval;
  }
}
