/**
 * Which tick it is for this client: so far ahead of the server that inputs arrive just before their ticks are computed.
 *
 * Tick k begins at local time `origin + k / tickRate` (seconds); everything here is about choosing `origin`. The server
 * tells the margin of inputs: by how much they came before their tick was computed. An input that went out under the
 * origin o and had the margin m would have been in time up to the origin o + m. Such a *latest origin* does not depend
 * on where the clock stood, and has all in it that delays an input: the real way up (no half of a round trip), its
 * jitter, late timers here and late reading there. Of those of the last seconds the clock takes what is worth waiting for
 * (see lateness.js: one late input in a hundred is worth 15 ms of delay), and a few milliseconds more, by their spread.
 *
 * Before the first margins the arrival of snapshots and the round trip have to do. The clock is moved by slewing, at most
 * a tenth faster or slower, so that no tick is missed or doubled and what is drawn does not jump; faster than back, for
 * being late costs more than being early. Only when it is off by more than ten ticks, and when the first margins of a
 * match are known, it jumps.
 *
 * When the server has stood still, ticks are later than they were to be, and the clock is told by how much (`stoodStill`).
 * While nothing is heard it runs ahead of the newest snapshot by a second at most: what the player does after that would
 * never count.
 */
import { Lateness } from "../net/lateness.js";

/** Seconds for which margins are remembered. */
const MEMORY = 8;
/** Seconds of delay that are worth as much as having no input late instead of all. */
const LATE_COST = 1.5;
/**
 * Seconds by which the worst input that is waited for should be in time: at least, at most, and for each squared second
 * of spread. On a quiet line 12 ms are for what timers and the server's other rooms may do next, and others see this player
 * so much later; on a bad one more hardly matters, and saves more.
 */
const SAFETY = { least: 0.012, most: 0.04, spread: 30 };
/** Seconds more, as long as no margin is known. */
const UNKNOWN = 0.02;
/** So many margins are needed to believe them. */
const SETTLED = 10;
/** Most seconds per second by which the clock is moved, and the share of the error per second that it aims for. */
const FORWARD = { most: 0.1, gain: 4 };
const BACK = { most: 0.05, gain: 0.5 };
/** Ticks beyond which it jumps. */
const JUMP = 10;
/** Seconds for which ticks go on while nothing is heard: the input window of a stock server. */
const DEAF = 1;
/** Seconds ahead of the arrival of snapshots that can have been right. */
const PLAUSIBLE = 2;
/** Inputs sent whose margins may still come. */
const SENT = 256;

export class TickClock {
  /** Latest origins, negative: the larger, the earlier an input had to be sent. */
  #needs = new Lateness(MEMORY, LATE_COST);
  /** Of snapshots: local time of arrival minus time of their tick. */
  #arrivals = new Lateness(MEMORY, LATE_COST);
  #seqs = new Float64Array(SENT).fill(-1);
  #origins = new Float64Array(SENT);
  #acked = -1;
  #advancedAt = -1;
  /** The tick of the newest snapshot. */
  #newest = -1;
  /** The origin that is aimed for. */
  #target = NaN;
  #settled = false;
  /** Seconds ahead of the arrival of snapshots that were right in the last match; NaN before there was one. */
  #ahead = NaN;

  /** Local time of tick 0, seconds; NaN until it is known. */
  origin = NaN;
  /** The last tick that was run; -1 before the first. */
  tick = -1;
  /** How often it has jumped since the match began. */
  jumps = 0;

  /** @param {number} tickRate ticks per second */
  constructor(tickRate) {
    this.tickRate = tickRate;
  }

  /** Whether it knows what time it is. */
  get ready() {
    return this.#advancedAt >= 0;
  }

  /** A match begins: ticks are counted anew. What was learned about the way there is kept for a first guess. */
  reset() {
    const ahead = this.#arrivals.least - this.#target;
    if (this.#settled && Math.abs(ahead) < PLAUSIBLE) this.#ahead = ahead;
    this.#needs.clear();
    this.#arrivals.clear();
    this.#seqs.fill(-1);
    this.#acked = -1;
    this.#advancedAt = -1;
    this.#target = this.origin = NaN;
    this.#settled = false;
    this.#newest = -1;
    this.tick = -1;
    this.jumps = 0;
  }

  /**
   * The server stood still. What was learned about the way there still holds, and every tick is due later. Ticks that
   * were run and are not due yet will be run again.
   *
   * @param {number} ticks by which they are later
   * @param {number} now
   */
  stoodStill(ticks, now) {
    const seconds = ticks / this.tickRate;
    this.#arrivals.shift(seconds);
    this.#needs.shift(-seconds);
    this.#target += seconds;
    this.origin += seconds;
    // Margins that are told of these may be from before or after.
    this.#seqs.fill(-1);
    if (this.ready) this.tick = Math.floor(this.#at(now));
  }

  /**
   * A snapshot has arrived.
   *
   * @param {number} tick
   * @param {number} now
   */
  heard(tick, now) {
    this.#newest = tick;
    this.#arrivals.add(now - tick / this.tickRate, now);
  }

  /** An input is being sent. @param {number} seq */
  sent(seq) {
    this.#seqs[seq % SENT] = seq;
    this.#origins[seq % SENT] = this.origin;
  }

  /**
   * The server tells how early an input came.
   *
   * @param {number} seq of that input; each is heard of once
   * @param {number} margin seconds; negative if it was late
   * @param {number} now
   */
  acknowledged(seq, margin, now) {
    if (seq === this.#acked || this.#seqs[seq % SENT] !== seq) return;
    this.#acked = seq;
    const needs = this.#needs;
    needs.add(-(this.#origins[seq % SENT] + margin), now);
    const { count } = needs;
    const spread = needs.worth - needs.median;
    const safety = Math.min(SAFETY.most, Math.max(SAFETY.least, SAFETY.spread * spread * spread));
    this.#target = -needs.worth - safety - UNKNOWN * Math.max(0, 1 - count / (3 * SETTLED));
    if (!this.#settled && count >= SETTLED) {
      this.#settled = true;
      this.#jump();
    }
  }

  /**
   * Go on to local time `now`. Nothing happens before the first snapshot, and before the round trip is known.
   *
   * @param {number} now
   * @param {number} rtt round trip in seconds; 0 if it is not known
   */
  advance(now, rtt) {
    if (this.#needs.count === 0) {
      if (this.#arrivals.count === 0) return;
      if (Number.isNaN(this.#ahead) && rtt <= 0) return;
      this.#target = this.#arrivals.least - (Number.isNaN(this.#ahead) ? rtt + UNKNOWN : this.#ahead);
    }
    if (!this.ready) {
      this.origin = this.#target;
      // The tick that has begun is too late already.
      this.tick = Math.floor(this.#at(now));
      this.#advancedAt = now;
      return;
    }
    const elapsed = now - this.#advancedAt;
    // A frame's own time may lie a little before the timer that was called last.
    if (elapsed <= 0) return;
    this.#advancedAt = now;
    const error = this.#target - this.origin;
    if (Math.abs(error) * this.tickRate > JUMP) return this.#jump();
    const { most, gain } = error < 0 ? FORWARD : BACK;
    const step = Math.min(Math.abs(error) * Math.min(1, gain * elapsed), most * elapsed);
    this.origin += error < 0 ? -step : step;
  }

  #jump() {
    if (!this.ready) return;
    if (Math.abs(this.#target - this.origin) * this.tickRate > 1) this.jumps += 1;
    this.origin = this.#target;
  }

  /**
   * The ticks that are due and have not been run: all after `tick` as it was up to `tick` as it is afterwards. Each is
   * given out once; after a jump back there are none until the clock is where it was, and after a jump forward more.
   *
   * @param {number} now
   * @returns {number} how many
   */
  take(now) {
    if (!this.ready) return 0;
    const due = Math.min(this.#last, Math.floor(this.#at(now) + 1e-9));
    const count = due - this.tick;
    if (count <= 0) return 0;
    this.tick = due;
    return count;
  }

  /** The last tick that may be run before more is heard. */
  get #last() {
    const lead = Math.max(0, this.#arrivals.least - this.origin);
    return this.#newest + Math.ceil((lead + DEAF) * this.tickRate);
  }

  /** Whether it runs no more ticks before more is heard. */
  get holds() {
    return this.tick >= this.#last;
  }

  /** @param {number} now */
  #at(now) {
    return (now - this.origin) * this.tickRate;
  }

  /**
   * @param {number} now
   * @returns {number} the tick, with its fraction; NaN before the clock is ready
   */
  tickTime(now) {
    return this.#at(now);
  }

  /**
   * @param {number} tick
   * @returns {number} local time at which it is due, as the clock goes now
   */
  timeOf(tick) {
    return this.origin + tick / this.tickRate;
  }

  /**
   * By how much it runs ahead of the server, as far as can be told: the way up and the margin.
   *
   * @param {number} rtt round trip, seconds
   * @returns {number} seconds; 0 before it is known
   */
  lead(rtt) {
    return this.ready && this.#arrivals.count > 0 ? this.#arrivals.least - rtt / 2 - this.origin : 0;
  }
}
