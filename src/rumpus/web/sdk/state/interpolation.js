/**
 * A smooth picture of a match out of plain states that come a few times a second.
 *
 * `sample` gives the entities as they were at the playhead: numbers in between two snapshots are blended, angles by the
 * shorter way, everything else is taken from the earlier one.
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
 *   that the next snapshot does not have flies on for half of the time until then. After that it is not drawn.
 */
import { HALF, Picture } from "./picture.js";

/** @typedef {import("./picture.js").Motion} Motion */
/** @typedef {import("./picture.js").Entity} Entity */
/** @typedef {{tick: number, time: number, state: any}} PlainSnapshot */

const TURN = 2 * Math.PI;

/** @extends {Picture<PlainSnapshot>} */
export class Interpolation extends Picture {
  /**
   * @param {Record<string, Motion>} motions by the name of the collection in the state
   * @param {{tickRate: number, sendRate: number}} rates per second
   */
  constructor(motions, rates) {
    const blending = new PlainBlending(motions);
    super(rates, blending);
    this.view.entities = blending.entities;
  }

  /**
   * @param {number} tick
   * @param {any} state must not be changed afterwards (the SDK's patches never do)
   * @param {number} now local time, seconds
   */
  push(tick, state, now) {
    this.snapshotOf(tick, now).state = state;
  }
}

class PlainBlending {
  /** @type {[string, Motion][]} */
  #motions;
  /** By the name of the collection. @type {Record<string, Map<string, Entity>>} */
  entities = {};

  /** @param {Record<string, Motion>} motions */
  constructor(motions) {
    this.#motions = Object.entries(motions);
    for (const [name] of this.#motions) this.entities[name] = new Map();
  }

  /** @returns {PlainSnapshot} */
  make() {
    return { tick: 0, time: 0, state: null };
  }

  /**
   * @param {import("./picture.js").View} view
   * @param {PlainSnapshot} from
   * @param {PlainSnapshot | null} to
   * @param {number} share
   * @param {number} ahead
   */
  show(view, from, to, share, ahead) {
    view.state = from.state;
    // What is gone in the next snapshot has gone at some moment in between: it flies on for half of the way.
    const flight = to ? Math.min(ahead, (to.time - from.time) / 2) : ahead;
    for (const [name, motion] of this.#motions)
      blendCollection(this.entities[name], motion, from.state?.[name], to?.state?.[name], share, flight);
  }

  clear() {
    for (const [name] of this.#motions) this.entities[name].clear();
  }
}

/**
 * @param {Map<string, Entity>} out entities of the last picture, brought up to date in place
 * @param {Motion} motion
 * @param {Record<string, Entity> | undefined} from
 * @param {Record<string, Entity> | undefined} to
 * @param {number} share how far between the two snapshots, 0 to 1
 * @param {number} flight seconds that one without a later state moves on by itself
 */
function blendCollection(out, motion, from, to, share, flight) {
  for (const id of out.keys()) if (!from || !(id in from)) out.delete(id);
  if (!from) return;
  // Without a collection nothing is known of its entities.
  const gone = to !== undefined && share > HALF;
  for (const id in from) {
    const a = from[id];
    if (gone && !(id in to)) {
      out.delete(id);
      continue;
    }
    let entity = out.get(id);
    if (!entity) out.set(id, (entity = {}));
    Object.assign(entity, a);
    const b = to?.[id];
    if (b && !jumps(motion, a, b)) {
      for (const field of motion.blend ?? []) entity[field] = a[field] + (b[field] - a[field]) * share;
      for (const field of motion.angles ?? []) entity[field] = blendAngle(a[field], b[field], share);
    } else if (!b && motion.velocity && motion.blend) {
      entity[motion.blend[0]] = a[motion.blend[0]] + a[motion.velocity[0]] * flight;
      entity[motion.blend[1]] = a[motion.blend[1]] + a[motion.velocity[1]] * flight;
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
