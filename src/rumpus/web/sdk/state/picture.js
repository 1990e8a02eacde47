/**
 * What every smooth picture of a match has: snapshots that are kept for a moment, a playhead a little behind the newest
 * of them (see playhead.js), and events that wait until it passes their tick, so that a hit flashes when the picture
 * shows it and not before.
 *
 * How two snapshots are blended depends on what they are made of, so a picture is given that: interpolation.js knows it of
 * plain data, and world-interpolation.js of the tables of a world.
 */
import { Playhead } from "./playhead.js";

/**
 * How the entities of a collection move. A world's tables say nearly all of this themselves; of these fields only `snap`
 * and `breaks` mean anything there.
 *
 * @typedef {{blend?: string[], angles?: string[], velocity?: [string, string], snap?: number, breaks?: string[]}} Motion
 */
/** @typedef {{tick: number, time: number}} Snapshot */
/** @typedef {Record<string, any>} Entity */
/**
 * What is shown. `tick` is that of the last snapshot passed, `playhead` the moment that is shown, in ticks with a
 * fraction: NaN before the first picture.
 *
 * @typedef {{
 *   tick: number, playhead: number, state: any, entities: Record<string, Map<string, Entity>>,
 *   events: import("../types.js").GameEvent[],
 * }} View
 */

/**
 * How snapshots become a picture.
 *
 * `make` makes an empty snapshot. `show` brings `view.state` and `view.entities` up to date: `from` is the last snapshot
 * before the playhead and `to` the next one, null if it has not come; `share` says how far between the two, 0 to 1, and
 * `ahead` how many seconds after the first, as long as guessing makes sense; `interval` is the seconds between snapshots.
 * `clear`: nothing is shown any more.
 *
 * @template Kept
 * @typedef {object} Blending
 * @property {() => Kept} make
 * @property {(view: View, from: Kept, to: Kept | null, share: number, ahead: number, interval: number) => void} show
 * @property {() => void} clear
 */

/** Without a later snapshot entities move on for at most this many seconds; after that, guessing does more harm than good. */
const EXTRAPOLATE = 0.25;

/** What is gone in the next snapshot has gone at some moment before: it is drawn for this share of the time until then. */
export const HALF = 0.5;

/** Snapshots older than this, in seconds before the playhead, are of no use. */
const KEEP = 0.3;

/** A page in the background draws nothing and so drops nothing: this many snapshots are kept at most. */
const MOST = 120;

/** Snapshots out of use that are kept to be filled again. */
const SPARE = 16;

/** @template {Snapshot} Kept */
export class Picture {
  #blending;
  /** @type {Kept[]} */
  #snapshots = [];
  /** @type {Kept[]} */
  #spare = [];
  /** @type {import("../types.js").GameEvent[]} */
  #pending = [];
  /** @type {View} */
  view = { tick: 0, playhead: NaN, state: null, entities: {}, events: [] };
  /** Seconds from the playhead to the newest snapshot; negative while the picture is ahead of it. */
  lead = 0;
  /** Times that the playhead had passed the newest snapshot, and later ones came. */
  underruns = 0;
  #starved = false;

  /**
   * The oldest match time that may be shown at a local time, both seconds. While a predicted player shoots by this
   * picture it is what lag compensation reaches: what is older could not be hit where it is seen.
   *
   * @type {(now: number) => number}
   */
  oldest = () => -Infinity;

  /**
   * @param {{tickRate: number, sendRate: number}} rates per second
   * @param {Blending<Kept>} blending
   */
  constructor({ tickRate, sendRate }, blending) {
    this.#blending = blending;
    this.tickRate = tickRate;
    this.sendRate = sendRate;
    this.playhead = new Playhead(1 / sendRate);
  }

  /**
   * The snapshot of a tick, to be filled: a new one, or the newest if it is of the same tick.
   *
   * @param {number} tick
   * @param {number} now local time of arrival, seconds
   * @returns {Kept}
   */
  snapshotOf(tick, now) {
    const snapshots = this.#snapshots;
    // A tick that went back means another match.
    if (snapshots.length > 0 && tick < snapshots[snapshots.length - 1].tick) this.reset();
    const newest = snapshots.length > 0 ? snapshots[snapshots.length - 1] : null;
    if (newest?.tick === tick) return newest;
    const time = tick / this.tickRate;
    this.playhead.arrived(time, now, newest ? time - newest.time : 0);
    if (snapshots.length >= MOST) this.#dropFirst();
    const snapshot = this.#spare.pop() ?? this.#blending.make();
    snapshot.tick = tick;
    snapshot.time = time;
    snapshots.push(snapshot);
    return snapshot;
  }

  #dropFirst() {
    const first = /** @type {Kept} */ (this.#snapshots.shift());
    if (this.#spare.length < SPARE) this.#spare.push(first);
  }

  /** Seconds that the picture is meant to run behind the quickest arrivals; it adapts to the network. */
  get delay() {
    return this.playhead.delay;
  }

  /**
   * Show an event when the playhead reaches its tick.
   *
   * @param {import("../types.js").GameEvent} event its tick may have a fraction, and be earlier than that of the one before
   */
  schedule(event) {
    let at = this.#pending.length;
    while (at > 0 && this.#pending[at - 1].tick > event.tick) at -= 1;
    this.#pending.splice(at, 0, event);
    if (this.#pending.length > 500) this.#pending.splice(0, 250);
  }

  reset() {
    while (this.#snapshots.length > 0) this.#dropFirst();
    this.#pending.length = 0;
    this.#starved = false;
    this.view.playhead = NaN;
    this.playhead.reset();
    this.#blending.clear();
  }

  /** Snapshots of another shape will come: do not fill the old ones again. */
  forgetShape() {
    this.reset();
    this.#spare.length = 0;
  }

  /**
   * The picture at local time `now` (seconds), or null before the first snapshot. The view and the entities in it are
   * used again by the next call: copy what is to be kept.
   *
   * @param {number} now
   * @returns {View | null}
   */
  sample(now) {
    const snapshots = this.#snapshots;
    if (snapshots.length === 0) return null;
    const time = this.playhead.sample(now, this.oldest(now));
    // Keep the one before the playhead and those after it.
    while (snapshots.length > 1 && snapshots[1].time <= time && snapshots[0].time < time - KEEP) this.#dropFirst();
    let index = 0;
    while (index + 1 < snapshots.length && snapshots[index + 1].time <= time) index += 1;
    const from = snapshots[index];
    const to = index + 1 < snapshots.length ? snapshots[index + 1] : null;
    const newest = snapshots[snapshots.length - 1].time;
    this.lead = newest - time;
    if (time > newest) this.#starved = true;
    else if (this.#starved) {
      // Counted when it ends: after the last snapshot of a match none is missing.
      this.underruns += 1;
      this.#starved = false;
    }
    const share = to ? Math.max(0, Math.min(1, (time - from.time) / (to.time - from.time))) : 0;
    const ahead = Math.max(0, Math.min(EXTRAPOLATE, time - from.time));
    const { view } = this;
    view.tick = from.tick;
    // What stands still for want of snapshots shows no later moment.
    view.playhead = Math.max(from.time, Math.min(time, newest + EXTRAPOLATE)) * this.tickRate;
    this.#blending.show(view, from, to, share, ahead, this.playhead.interval);
    view.events.length = 0;
    const due = time * this.tickRate + 0.001;
    let count = 0;
    while (count < this.#pending.length && this.#pending[count].tick <= due) view.events.push(this.#pending[count++]);
    if (count > 0) this.#pending.splice(0, count);
    return view;
  }
}
