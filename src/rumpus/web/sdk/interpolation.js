/**
 * A smooth picture of a match out of snapshots that come a few times a second.
 *
 * States are kept for a moment, and `sample` gives the entities as they were at the playhead (see playhead.js): numbers
 * in between two snapshots are blended, angles by the shorter way, everything else is taken from the earlier one. Events
 * wait until the playhead passes their tick, so that a hit flashes when the picture shows it and not before.
 *
 * The caller says which parts of the state are collections of entities, `{id: {...}}`, and how their fields move:
 *
 *     new Interpolation({
 *       players: { blend: ["x", "y"], angles: ["angle"], velocity: ["vx", "vy"], snap: 150, breaks: ["alive"] },
 *     }, { tickRate: 30, sendRate: 30 })
 *
 * - `blend`: fields blended linearly; the first two are also the position that `snap` and `velocity` speak of.
 * - `snap`: a longer way than this between two snapshots is a teleport: no blending across it.
 * - `breaks`: fields whose change means a jump as well (a player who comes back to life).
 * - `velocity`: fields with units per second; with them an entity moves on for a moment when snapshots are late, and one
 *   that is about to be removed flies on until it is.
 */
import { Playhead } from "./playhead.js";

/** @typedef {{blend?: string[], angles?: string[], velocity?: [string, string], snap?: number, breaks?: string[]}} Motion */
/** @typedef {{tick: number, time: number, state: any}} Snapshot */
/** @typedef {Record<string, any>} Entity */
/** @typedef {{tick: number, state: any, entities: Record<string, Map<string, Entity>>, events: import("./types.js").GameEvent[]}} View */

/** Without a later snapshot entities move on for at most this many seconds; after that, guessing does more harm than good. */
const EXTRAPOLATE = 0.12;

/** Snapshots older than this, in seconds before the playhead, are of no use. */
const KEEP = 0.3;

const TURN = 2 * Math.PI;

export class Interpolation {
  /** @type {Snapshot[]} */
  #snapshots = [];
  /** @type {import("./types.js").GameEvent[]} */
  #pending = [];
  /** @type {[string, Motion][]} */
  #motions;
  /** @type {View} */
  #view;

  /**
   * @param {Record<string, Motion>} motions by the name of the collection in the state
   * @param {{tickRate: number, sendRate: number}} rates per second
   */
  constructor(motions, { tickRate, sendRate }) {
    this.#motions = Object.entries(motions);
    this.tickRate = tickRate;
    this.playhead = new Playhead(1 / sendRate);
    this.#view = { tick: 0, state: null, entities: {}, events: [] };
    for (const [name] of this.#motions) this.#view.entities[name] = new Map();
  }

  /** Seconds from the playhead to the newest snapshot; negative while the picture is ahead of it. */
  lead = 0;

  /**
   * @param {number} tick
   * @param {any} state must not be changed afterwards (the SDK's patches never do)
   * @param {number} now local time, seconds
   */
  push(tick, state, now) {
    const newest = this.#snapshots.at(-1);
    // A tick that went back means another match.
    if (newest && tick < newest.tick) this.reset();
    if (newest && tick === newest.tick) {
      newest.state = state;
      return;
    }
    const time = tick / this.tickRate;
    const last = this.#snapshots.at(-1);
    this.playhead.arrived(time, now, last ? time - last.time : 0);
    this.#snapshots.push({ tick, time, state });
    // A page in the background draws nothing and so drops nothing: bound it here.
    if (this.#snapshots.length > 240) this.#snapshots.splice(0, 120);
  }

  /** @param {import("./types.js").GameEvent} event */
  schedule(event) {
    this.#pending.push(event);
    if (this.#pending.length > 500) this.#pending.splice(0, 250);
  }

  reset() {
    this.#snapshots.length = 0;
    this.#pending.length = 0;
    this.playhead.reset();
    for (const [name] of this.#motions) this.#view.entities[name].clear();
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
    const time = this.playhead.sample(now);
    let index = 0;
    while (index + 1 < snapshots.length && snapshots[index + 1].time <= time) index += 1;
    // Keep the one before the playhead and those after it.
    let drop = 0;
    while (drop < index && snapshots[drop].time < time - KEEP) drop += 1;
    if (drop > 0) {
      snapshots.splice(0, drop);
      index -= drop;
    }
    const from = snapshots[index];
    const to = index + 1 < snapshots.length ? snapshots[index + 1] : null;
    this.lead = snapshots[snapshots.length - 1].time - time;
    const view = this.#view;
    view.tick = from.tick;
    view.state = from.state;
    const share = to ? Math.max(0, Math.min(1, (time - from.time) / (to.time - from.time))) : 0;
    const ahead = Math.max(0, Math.min(EXTRAPOLATE, time - from.time));
    for (const [name, motion] of this.#motions) {
      blendCollection(view.entities[name], motion, from.state?.[name], to?.state?.[name], share, ahead, to !== null);
    }
    view.events.length = 0;
    const due = time * this.tickRate + 0.001;
    // Events come in order of their ticks.
    let count = 0;
    while (count < this.#pending.length && this.#pending[count].tick <= due) view.events.push(this.#pending[count++]);
    if (count > 0) this.#pending.splice(0, count);
    return view;
  }
}

/**
 * @param {Map<string, Entity>} out entities of the last picture, brought up to date in place
 * @param {Motion} motion
 * @param {Record<string, Entity> | undefined} from
 * @param {Record<string, Entity> | undefined} to
 * @param {number} share how far between the two snapshots, 0 to 1
 * @param {number} ahead seconds since the earlier snapshot
 * @param {boolean} between whether there is a later snapshot at all
 */
function blendCollection(out, motion, from, to, share, ahead, between) {
  for (const id of out.keys()) if (!from || !(id in from)) out.delete(id);
  if (!from) return;
  for (const id in from) {
    const a = from[id];
    let entity = out.get(id);
    if (!entity) out.set(id, (entity = {}));
    Object.assign(entity, a);
    const b = to?.[id];
    if (b && !jumps(motion, a, b)) {
      for (const field of motion.blend ?? []) entity[field] = a[field] + (b[field] - a[field]) * share;
      for (const field of motion.angles ?? []) entity[field] = blendAngle(a[field], b[field], share);
    } else if (!b && motion.velocity && motion.blend) {
      // Gone in the next snapshot, at some moment in between: fly on half of the way. Or no next snapshot yet: fly on.
      if (between && share > 0.5) continue;
      entity[motion.blend[0]] = a[motion.blend[0]] + a[motion.velocity[0]] * ahead;
      entity[motion.blend[1]] = a[motion.blend[1]] + a[motion.velocity[1]] * ahead;
    }
  }
}

/**
 * @param {Motion} motion
 * @param {Entity} a
 * @param {Entity} b
 */
function jumps(motion, a, b) {
  for (const field of motion.breaks ?? []) if (a[field] !== b[field]) return true;
  if (motion.snap === undefined || !motion.blend) return false;
  const [x, y] = motion.blend;
  return Math.hypot(b[x] - a[x], b[y] - a[y]) > motion.snap;
}

/**
 * From angle `a` towards `b` by the shorter way.
 *
 * @param {number} a radians
 * @param {number} b radians
 * @param {number} share 0 to 1
 * @returns {number} radians
 */
export function blendAngle(a, b, share) {
  const turn = ((((b - a) % TURN) + TURN + Math.PI) % TURN) - Math.PI;
  return a + turn * share;
}
