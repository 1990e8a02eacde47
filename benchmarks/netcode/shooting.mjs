/**
 * Whether shots that hit on the shooter's screen count: each is judged by what the shooter's own frame shows, and then
 * compared with what the server says of the same shot.
 *
 * A rail is judged in the tick in which it is fired, by the last frame drawn before: a straight line from the ship to
 * the first wall or body drawn. A bullet is followed from frame to frame among the bodies as they are drawn, until it
 * meets one, or a wall.
 */
import { BULLET_RADIUS, MUZZLE, POSITION_STEP, RAIL_RANGE } from "../../src/rumpus/web/views/arena/rules/constants.js";
import { direction } from "../../src/rumpus/web/views/arena/rules/direction.js";
import { firstWall } from "../../src/rumpus/web/views/arena/rules/first-wall.js";
import { RADIUS } from "../../src/rumpus/web/views/arena/types.js";

/** Ticks in which the server must have told what became of a shot. */
const PATIENCE = 60;

/** Ticks by which the server may fire later than the shooter saw, because the input was late. */
const LATEST = 15;

/** Ticks by which a hit may be told for another moment than it was drawn. */
const NEAR = 2.5;

/** @typedef {import("./avatar.mjs").Avatar} Avatar */
/** @typedef {import("./avatar.mjs").Frame} Frame */
/** @typedef {{id: string, protected: boolean}} Body */

/** Counts of one kind of shots. */
export class Tally {
  constructor() {
    this.clear();
  }

  clear() {
    /** Shots judged. */
    this.shots = 0;
    /** Those that hit on the screen, those of them of which the server says the same, and those that only it says hit. */
    this.hits = 0;
    this.agreed = 0;
    this.falseHits = 0;
    /** Why hits were not agreed, as far as can be told. @type {Record<string, number>} */
    this.lost = {};
    /** Shots at somebody who could not be hurt, as the screen shows: not judged. */
    this.spared = 0;
  }

  /** @param {string} cause */
  lose(cause) {
    this.lost[cause] = (this.lost[cause] ?? 0) + 1;
  }
}

/** Everybody whom a player may hit, as drawn. @param {Frame} frame @param {string} self */
function* bodies({ entities, own }, self) {
  for (const [id, ship] of entities.players)
    if (id !== self && ship.alive && !(own.team && own.team === ship.team))
      yield { id, x: ship.x, y: ship.y, radius: RADIUS.player, protected: ship.protected };
  for (const [id, { x, y, kind }] of entities.enemies) yield { id, x, y, radius: RADIUS[kind], protected: false };
}

/** Judges the rails of one player. */
export class RailJudge {
  /** Shots of which the server has not told yet. @type {any[]} */
  #open = [];

  /** @param {Avatar} avatar @param {Tally} tally */
  constructor(avatar, tally) {
    this.avatar = avatar;
    this.tally = tally;
  }

  /** @param {import("./avatar.mjs").Played} played */
  played({ tick, rail, input, ship, seen }) {
    const { avatar } = this;
    const { frame } = avatar;
    while (this.#open.length > 0 && this.#open[0].tick < tick - PATIENCE) this.#settle(this.#open.shift(), null);
    if (!rail || !frame) return;
    const along = direction(input.aim);
    let reach = RAIL_RANGE;
    const wall = firstWall(ship.x, ship.y, ship.x + along.x * reach, ship.y + along.y * reach, 0, avatar.walls);
    if (wall <= 1) reach *= wall;
    /** @type {Body | null} */
    let target = null;
    for (const body of bodies(frame, avatar.id)) {
      const far = entry(body.x - ship.x, body.y - ship.y, along, body.radius);
      if (far < reach) [target, reach] = [body, far];
    }
    this.#open.push({ tick, target, x: ship.x, y: ship.y, seen, lag: tick - frame.playhead, lead: frame.lead });
  }

  /** @param {any} event */
  event({ name, tick, data }) {
    if (name !== "rail" || data.by !== this.avatar.id) return;
    // Nothing is fired before its tick; late inputs are fired some ticks after it.
    const index = this.#open.findLastIndex((shot) => shot.tick <= tick + 0.5 && tick < shot.tick + LATEST);
    if (index < 0) return;
    const [shot] = this.#open.splice(index, 1);
    this.#settle(shot, { tick, data });
  }

  /** @param {any} shot @param {{tick: number, data: any} | null} told */
  #settle(shot, told) {
    const { tally } = this;
    const { target } = shot;
    if (target?.protected) {
      tally.spared += 1;
      return;
    }
    tally.shots += 1;
    if (!target) {
      if (told?.data.target) tally.falseHits += 1;
      return;
    }
    tally.hits += 1;
    if (told?.data.target === target.id) tally.agreed += 1;
    else tally.lose(this.#cause(shot, told));
  }

  /** @param {any} shot @param {{tick: number, data: any} | null} told */
  #cause(shot, told) {
    if (told === null) return "not fired";
    const rate = this.avatar.client.room?.tick_rate ?? 30;
    if (Math.round(told.tick) !== shot.tick) return "input late";
    if (shot.lag > (this.avatar.client.room?.max_rewind ?? 0) * rate + 0.01) return "beyond the cap";
    if (Math.hypot(told.data.x - shot.x, told.data.y - shot.y) > 0.1) return "shooter elsewhere";
    if (shot.lead < 0) return "picture extrapolated";
    return told.data.target ? "other target" : "missed";
  }
}

/** Judges the bullets of one player. */
export class GunJudge {
  /** Bullets in the air, by what is drawn. @type {any[]} */
  #flying = [];
  /** Hits on the screen that the server has not told of, and the other way round. @type {{target: string, at: number}[]} */
  #drawn = [];
  #told = [];
  /** Where bodies were in the last frame. @type {Map<string, {x: number, y: number}>} */
  #were = new Map();

  /** @param {Avatar} avatar @param {Tally} tally */
  constructor(avatar, tally) {
    this.avatar = avatar;
    this.tally = tally;
  }

  /** @param {import("./avatar.mjs").Played} played */
  played({ gun, tick, input, ship, seen }) {
    if (!gun) return;
    const { client, walls } = this.avatar;
    const settings = /** @type {any} */ (client.room?.settings);
    const rate = client.room?.tick_rate ?? 30;
    const along = direction(input.aim);
    // The server rounds each step to the grid of positions.
    const step = (/** @type {number} */ v) => Math.floor(v / rate / POSITION_STEP + 0.5) * POSITION_STEP;
    const vx = step(along.x * settings.shot_speed);
    const vy = step(along.y * settings.shot_speed);
    const x = ship.x + along.x * MUZZLE;
    const y = ship.y + along.y * MUZZLE;
    if (firstWall(ship.x, ship.y, x, y, BULLET_RADIUS, walls) <= 1) return;
    this.tally.shots += 1;
    const { frame } = this.avatar;
    if (frame && this.#inTheMuzzle(frame, ship, along)) return;
    let life = settings.shot_life * rate;
    const wall = firstWall(x, y, x + vx * life, y + vy * life, BULLET_RADIUS, walls);
    if (wall <= 1) life *= wall;
    this.#flying.push({ x, y, vx, vy, tick, seen, life, begun: NaN, at: NaN, flown: 0 });
  }

  /**
   * Whether somebody stands between the ship and where its bullets begin: that is a hit at once.
   *
   * @param {Frame} frame
   * @param {{x: number, y: number}} ship
   * @param {{x: number, y: number}} along
   */
  #inTheMuzzle(frame, ship, along) {
    let first = MUZZLE;
    let target = null;
    for (const body of bodies(frame, this.avatar.id)) {
      const far = entry(body.x - ship.x, body.y - ship.y, along, body.radius + BULLET_RADIUS);
      if (far <= first) [first, target] = [far, body];
    }
    if (target === null) return false;
    if (target.protected) this.tally.spared += 1;
    else this.#hit(this.#drawn, this.#told, target.id, frame.playhead);
    return true;
  }

  /** @param {Frame} frame */
  frame(frame) {
    const now = [...bodies(frame, this.avatar.id)];
    this.#flying = this.#flying.filter((bullet) => this.#fly(bullet, now, frame.playhead));
    this.#were.clear();
    for (const { id, x, y } of now) this.#were.set(id, { x, y });
    const settle = (/** @type {{at: number}} */ { at }) => at < frame.playhead - PATIENCE;
    while (this.#drawn.length > 0 && settle(this.#drawn[0])) {
      this.#drawn.shift();
      this.tally.hits += 1;
      this.tally.lose("missed");
    }
    while (this.#told.length > 0 && settle(this.#told[0])) {
      this.#told.shift();
      this.tally.falseHits += 1;
    }
  }

  /**
   * @param {any} bullet
   * @param {(Body & {x: number, y: number, radius: number})[]} bodies
   * @param {number} playhead
   * @returns {boolean} whether it flies on
   */
  #fly(bullet, bodies, playhead) {
    if (Number.isNaN(bullet.begun)) bullet.begun = bullet.at = playhead;
    const since = bullet.at;
    bullet.at = playhead;
    const until = Math.min(bullet.life, flightAt(bullet, playhead));
    const goesOn = until < bullet.life;
    if (until <= bullet.flown) return goesOn;
    const x = bullet.x + bullet.vx * bullet.flown;
    const y = bullet.y + bullet.vy * bullet.flown;
    const way = until - bullet.flown;
    let first = 2;
    let target = null;
    for (const body of bodies) {
      const was = this.#were.get(body.id) ?? body;
      // In the body's own eyes the bullet comes straight at it.
      const dx = bullet.vx * way - (body.x - was.x);
      const dy = bullet.vy * way - (body.y - was.y);
      const length = Math.hypot(dx, dy) || 1e-9;
      const far = entry(was.x - x, was.y - y, { x: dx / length, y: dy / length }, body.radius + BULLET_RADIUS) / length;
      if (far <= 1 && far < first) [first, target] = [far, body];
    }
    bullet.flown = until;
    if (target === null) return goesOn;
    if (target.protected) this.tally.spared += 1;
    else this.#hit(this.#drawn, this.#told, target.id, since + (playhead - since) * first);
    return false;
  }

  /** @param {any} event */
  event({ name, tick, data }) {
    if (name !== "hit" || data.by !== this.avatar.id || data.weapon !== "gun") return;
    this.#hit(this.#told, this.#drawn, data.target, tick);
  }

  /**
   * One side tells of a hit.
   *
   * @param {{target: string, at: number}[]} mine
   * @param {{target: string, at: number}[]} others
   * @param {string} target
   * @param {number} at tick
   */
  #hit(mine, others, target, at) {
    const index = others.findIndex((hit) => hit.target === target && Math.abs(hit.at - at) < NEAR);
    if (index < 0) {
      mine.push({ target, at });
      return;
    }
    others.splice(index, 1);
    this.tally.hits += 1;
    this.tally.agreed += 1;
  }
}

/**
 * How long a bullet is drawn to have flown, in ticks: see sdk/prediction/predicted-spawns.js.
 *
 * @param {{tick: number, seen: number, begun: number}} bullet
 * @param {number} playhead
 */
function flightAt({ tick, seen, begun }, playhead) {
  if (playhead >= tick) return playhead - seen;
  return ((playhead - begun) * (tick - seen)) / (tick - begun);
}

/**
 * How far along a ray from the origin it enters a circle; Infinity if it does not.
 *
 * @param {number} x the circle's middle
 * @param {number} y
 * @param {{x: number, y: number}} along of length 1
 * @param {number} radius
 */
function entry(x, y, along, radius) {
  const outside = x * x + y * y - radius * radius;
  if (outside <= 0) return 0;
  const forward = x * along.x + y * along.y;
  const inside = forward * forward - outside;
  return forward <= 0 || inside < 0 ? Infinity : forward - Math.sqrt(inside);
}
