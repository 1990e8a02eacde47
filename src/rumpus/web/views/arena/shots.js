/**
 * The player's own shots, shown in the tick in which they are fired and not when the server has told of them.
 *
 * A bullet flies by the picture's clock: where its tick is shown, the others are where they were when it was fired, which
 * is what the server judges it by. So it needs no correction when the server's copy turns up; that one is kept from
 * sight while the predicted one stands for it. Until then the predicted one ends at walls, at the edge of the field, and
 * at whom it meets in the picture. The last is a guess: if the server knows better, its copy is shown again.
 */
import { PredictedSpawns } from "../../sdk/rumpus.js";
import { BULLET_RADIUS, MUZZLE, POSITION_STEP, RAIL_RANGE } from "./rules/constants.js";
import { direction } from "./rules/direction.js";
import { firstWall, NO_WALL } from "./rules/first-wall.js";
import { GUN, RAIL } from "./rules/weapons.js";
import { RADIUS } from "./types.js";

/** @typedef {import("./types.js").Entities} Entities */
/** @typedef {import("./types.js").Bullet} Bullet */
/** @typedef {import("./rules/walls.js").Walls} Walls */
/** @typedef {{x: number, y: number}} Point */
/** @typedef {{x: number, y: number, toX: number, toY: number}} RailShot */
/** @typedef {{tickRate: number, mode: string, friendly_fire: boolean, shot_speed: number, shot_life: number,
 *   rail_cooldown: number}} ShotSettings */
/**
 * A bullet that was fired: what it is called in the picture, how it begins (null once that was shown), and where it was
 * drawn last while it was only predicted.
 * @typedef {{tick: number, id: string, start: Bullet | null, at: Point | null, shown: boolean, over: boolean}} Fired
 */

/** `born` counts ticks modulo this. */
const MODULO = 256;

/** Ticks for which shots are remembered, to know what the server tells of them. Less than MODULO. */
const REMEMBERED = 200;

/** Ticks after its own in which the server may have fired a bullet, if the input came late. */
const LATE = 3;

/** Rails no further apart than this, seconds, are of the same press: an input that came late is played again in later ticks. */
const SAME_RAIL = 0.5;

/** A hit is a bullet's if that is not further from it than this, units. */
const NEAR = 90;

export class Shots {
  /** @type {PredictedSpawns} */
  #spawns;
  /** The bullets to draw. @type {Map<string, Bullet>} */
  #shown = new Map();
  /** Bullets that were fired of late, oldest first. @type {Fired[]} */
  #bullets = [];
  /** Ticks of rails that were fired. @type {number[]} */
  #rails = [];
  /** What was fired since the last frame. @type {{x: number, y: number, angle: number, tick: number}[]} */
  #fired = [];

  /**
   * @param {Walls} walls
   * @param {ShotSettings} settings
   * @param {string} selfId
   */
  constructor(walls, settings, selfId) {
    this.walls = walls;
    this.settings = settings;
    this.selfId = selfId;
    this.#spawns = new PredictedSpawns({ tickRate: settings.tickRate, modulo: MODULO, late: LATE });
  }

  /** A tick of the own ship's has been played. @param {import("./own-ship.js").PlayedTick} tick */
  played({ tick, input, after, seen }) {
    if (after.shot === GUN) this.#fire(tick, after, input.aim, seen);
    else if (after.shot === RAIL) {
      if (!this.hasRail(tick)) this.#fired.push({ x: after.x, y: after.y, angle: input.aim, tick });
      this.#rails.push(tick);
      if (this.#rails[0] < tick - REMEMBERED) this.#rails.shift();
    }
  }

  /**
   * @param {number} tick
   * @param {Point} ship
   * @param {number} aim
   * @param {number} seen
   */
  #fire(tick, ship, aim, seen) {
    const { walls, settings } = this;
    const along = direction(aim);
    const dt = 1 / settings.tickRate;
    // The server rounds where a bullet is after each tick, so each step is a whole number of eighths.
    const pace = (/** @type {number} */ v) => (Math.floor((v * dt) / POSITION_STEP + 0.5) * POSITION_STEP) / dt;
    let x = ship.x + along.x * MUZZLE;
    let y = ship.y + along.y * MUZZLE;
    const vx = pace(along.x * settings.shot_speed);
    const vy = pace(along.y * settings.shot_speed);
    let life = 0;
    const atOnce = firstWall(ship.x, ship.y, x, y, BULLET_RADIUS, walls);
    if (atOnce <= 1) {
      x = ship.x + along.x * MUZZLE * atOnce;
      y = ship.y + along.y * MUZZLE * atOnce;
    } else life = this.#flight(x, y, vx, vy);
    this.#spawns.add({ key: tick, tick, seen, x, y, vx, vy, life });
    const start = { x, y, vx, vy, owner: this.selfId, born: tick % MODULO };
    this.#bullets.push({ tick, id: `own ${tick}`, start, at: { x: ship.x, y: ship.y }, shown: false, over: false });
    if (this.#bullets[0].tick < tick - REMEMBERED) this.#bullets.shift();
  }

  /**
   * Seconds that a bullet flies if it meets nobody.
   *
   * @param {number} x
   * @param {number} y
   * @param {number} vx
   * @param {number} vy
   */
  #flight(x, y, vx, vy) {
    const { walls } = this;
    const life = Math.min(
      this.settings.shot_life,
      reach(x, vx, walls.width),
      reach(y, vy, walls.height),
    );
    const wall = firstWall(x, y, x + vx * life, y + vy * life, BULLET_RADIUS, walls);
    return wall < NO_WALL ? life * wall : life;
  }

  /**
   * Rails that were fired since this was last asked, with where their beams end in the picture.
   *
   * @param {Entities} entities
   * @returns {RailShot[]}
   */
  takeRails(entities) {
    if (this.#fired.length === 0) return [];
    const rails = this.#fired.map(({ x, y, angle }) => ({ x, y, ...this.beamEnd(x, y, angle, entities) }));
    this.#fired.length = 0;
    return rails;
  }

  /** Whether the rail of a tick, or of the same press, has been shown. @param {number} tick */
  hasRail(tick) {
    const { tickRate, rail_cooldown: cooldown } = this.settings;
    const apart = Math.min(SAME_RAIL, cooldown) * tickRate - 0.5;
    return this.#rails.some((other) => Math.abs(other - tick) < apart);
  }

  /**
   * Where a beam ends: at the first wall or body in its way.
   *
   * @param {number} x
   * @param {number} y
   * @param {number} angle
   * @param {Entities} entities
   */
  beamEnd(x, y, angle, entities) {
    const along = direction(angle);
    const { walls } = this;
    let far = Math.min(RAIL_RANGE, reach(x, along.x, walls.width), reach(y, along.y, walls.height));
    const wall = firstWall(x, y, x + along.x * far, y + along.y * far, 0, walls);
    if (wall <= 1) far *= wall;
    for (const body of this.#targets(entities)) far = Math.min(far, entry(x, y, along, body, body.radius));
    return { toX: x + along.x * far, toY: y + along.y * far };
  }

  /**
   * Those in the picture whom a shot of one's own may hit.
   *
   * @param {Entities} entities
   * @returns {Generator<Point & {radius: number}>}
   */
  *#targets(entities) {
    const team = entities.players.get(this.selfId)?.team ?? "";
    for (const [id, { x, y, alive, team: of }] of entities.players) {
      if (id === this.selfId || !alive) continue;
      if (this.#mayHurt(team, of)) yield { x, y, radius: RADIUS.player };
    }
    for (const { x, y, kind } of entities.enemies.values()) yield { x, y, radius: RADIUS[kind] };
  }

  /**
   * Whether a player of one team may hurt one of another.
   *
   * @param {string} own
   * @param {string} other
   */
  #mayHurt(own, other) {
    const { mode, friendly_fire: friendly } = this.settings;
    return friendly || mode === "ffa" || mode === "elimination" || (mode === "teams" && own !== other);
  }

  /**
   * A bullet of one's own has hit somebody, the server says: the predicted one that is nearest goes no further.
   *
   * @param {Point} place
   */
  hit({ x, y }) {
    let best = null;
    let nearest = NEAR;
    for (const bullet of this.#bullets) {
      const far = bullet.at ? Math.hypot(bullet.at.x - x, bullet.at.y - y) : Infinity;
      if (far < nearest) [best, nearest] = [bullet, far];
    }
    if (best) this.#spawns.end(best.tick);
  }

  /**
   * Whether the beginning of a bullet has been shown already, under the name that it was predicted by.
   *
   * @param {string} id in what `update` returned
   * @param {Bullet} bullet
   */
  isKnown(id, bullet) {
    if (bullet.owner !== this.selfId) return false;
    const fired = this.#firedAs(bullet.born);
    return fired !== null && fired.id !== id;
  }

  /** @param {number} born @returns {Fired | null} */
  #firedAs(born) {
    let best = null;
    let least = LATE + 1;
    for (const bullet of this.#bullets) {
      const late = (((born - bullet.tick) % MODULO) + MODULO) % MODULO;
      if (late < least) [best, least] = [bullet, late];
    }
    return best;
  }

  /**
   * The bullets to draw: everybody's, with one's own in the present.
   *
   * @param {Entities} entities of the picture
   * @param {number} playhead in ticks
   * @param {number} now local time, seconds
   * @returns {Map<string, Bullet>} used again by the next call
   */
  update(entities, playhead, now) {
    const shown = this.#shown;
    shown.clear();
    const { drawn, hidden } = this.#spawns.update(this.#own(entities), playhead, now);
    for (const [id, bullet] of entities.bullets) {
      if (hidden.has(id)) continue;
      const fired = bullet.owner === this.selfId ? this.#firedAs(bullet.born) : null;
      // It goes on under the name that it was predicted by: nothing has ended, and nothing begun.
      shown.set(fired && !fired.over ? fired.id : id, bullet);
    }
    for (const { key, x, y, vx, vy, id } of drawn) {
      const bullet = this.#bullets.find(({ tick }) => tick === key);
      if (!bullet) continue;
      if (id === null && bullet.at && this.#meets(bullet.at, { x, y }, entities)) {
        this.#spawns.end(key);
        continue;
      }
      bullet.at = id === null ? { x, y } : null;
      shown.set(bullet.id, { x, y, vx, vy, owner: this.selfId, born: key % MODULO });
    }
    for (const bullet of this.#bullets) {
      // One that ends where it begins, at a wall or in a body, is seen for a frame all the same.
      if (bullet.start && !shown.has(bullet.id)) shown.set(bullet.id, bullet.start);
      bullet.start = null;
      const isShown = shown.has(bullet.id);
      if (bullet.shown && !isShown) {
        bullet.over = true;
        bullet.at = null;
      }
      bullet.shown = isShown;
    }
    return shown;
  }

  /** @param {Entities} entities @returns {Generator<[string, number, Bullet]>} */
  *#own(entities) {
    for (const [id, bullet] of entities.bullets) if (bullet.owner === this.selfId) yield [id, bullet.born, bullet];
  }

  /**
   * Whether a bullet meets anybody on a short straight way.
   *
   * @param {Point} from
   * @param {Point} to
   * @param {Entities} entities
   */
  #meets(from, to, entities) {
    for (const { x, y, radius } of this.#targets(entities))
      if (distance(x, y, from, to) < radius + BULLET_RADIUS) return true;
    return false;
  }
}

/**
 * How long it takes to leave the field.
 *
 * @param {number} at
 * @param {number} pace per unit of time
 * @param {number} size of the field
 */
function reach(at, pace, size) {
  if (pace === 0) return Infinity;
  return Math.max(0, pace > 0 ? (size - at) / pace : -at / pace);
}

/**
 * How far along a ray it enters a circle; Infinity if it does not.
 *
 * @param {number} x
 * @param {number} y
 * @param {Point} along of length 1
 * @param {Point} middle
 * @param {number} radius
 */
export function entry(x, y, along, middle, radius) {
  const dx = middle.x - x;
  const dy = middle.y - y;
  const outside = dx * dx + dy * dy - radius * radius;
  if (outside <= 0) return 0;
  const forward = dx * along.x + dy * along.y;
  const inside = forward * forward - outside;
  return forward <= 0 || inside < 0 ? Infinity : forward - Math.sqrt(inside);
}

/**
 * How far a point is from a straight line between two others.
 *
 * @param {number} x
 * @param {number} y
 * @param {Point} from
 * @param {Point} to
 */
function distance(x, y, from, to) {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = dx * dx + dy * dy;
  const share = length > 0 ? Math.max(0, Math.min(1, ((x - from.x) * dx + (y - from.y) * dy) / length)) : 0;
  return Math.hypot(from.x + dx * share - x, from.y + dy * share - y);
}
