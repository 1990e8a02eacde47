/**
 * Who plays: pilots hold the keys and the mouse as people do. They know only what their own screen shows.
 *
 * A pilot is asked for its input whenever the game reads its controls, at any moment; keys change at moments of their
 * own, between frames and between ticks, as those of people do. It sees each frame after it has been drawn.
 */
import { firstWall } from "../../src/rumpus/web/views/arena/rules/first-wall.js";
import { RADIUS } from "../../src/rumpus/web/views/arena/types.js";

/** Seconds for which people hold a direction. */
const HOLD = [0.15, 0.8];

/** Eight directions, as four keys give. */
const DIRECTIONS = [
  [1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1], [0, -1], [1, -1],
]; // prettier-ignore

/** A full-speed runner turns this many units before the edge of the field. */
const EDGE = 220;

/** Aims go beside the middle of the target by up to this many radii: some shots miss, and many of those narrowly. */
const AIM_ERROR = 1.6;

/** @typedef {{move_x: number, move_y: number, aim: number, fire: boolean, rail: boolean}} Input */
/** @typedef {import("./avatar.mjs").Avatar} Avatar */
/** @typedef {import("./avatar.mjs").Frame} Frame */

export class Pilot {
  /** @type {Input} */
  input = { move_x: 0, move_y: 0, aim: 0, fire: false, rail: false };
  /** @type {Avatar} */
  avatar = /** @type {any} */ (null);

  /** @param {import("./statistics.mjs").Chance} chance */
  constructor(chance) {
    this.chance = chance;
  }

  /** @param {number} now local time, seconds @returns {Input} */
  read(now) {
    this.move(now);
    return this.input;
  }

  /** Change keys that are to be changed by now. @param {number} now */
  move(now) {
    void now;
  }

  /** A frame has been drawn. @param {Frame} frame */
  look(frame) {
    void frame;
  }

  /** A tick of the own ship has been played. @param {any} played see `Avatar` */
  played(played) {
    void played;
  }

  /** @param {number[]} direction */
  steer([x, y]) {
    this.input.move_x = x;
    this.input.move_y = y;
  }
}

/** Walks about: into walls, along them, out into the open; stands still now and then. Never fires. */
export class Walker extends Pilot {
  #next = 0;

  /** @override @param {number} now */
  move(now) {
    if (now < this.#next) return;
    this.#next = now + this.chance.between(HOLD[0], HOLD[1]);
    this.steer(this.#choose());
    this.input.aim = this.chance.between(-Math.PI, Math.PI);
  }

  #choose() {
    const { chance, avatar } = this;
    const kind = chance.share();
    if (kind < 0.1) return [0, 0];
    // A stick pushed half way, as on a phone.
    if (kind < 0.2) return [chance.between(-1, 1), chance.between(-1, 1)];
    const wall = avatar.walls && kind < 0.6 ? this.#nearestWall() : null;
    if (wall === null) return chance.of(DIRECTIONS);
    // Towards the wall as keys can, or a key beside that: into it, or along it.
    const eighth = Math.round(Math.atan2(wall.y - avatar.shown.y, wall.x - avatar.shown.x) / (Math.PI / 4));
    return DIRECTIONS[(eighth + 8 + chance.of([-1, 0, 1])) % 8];
  }

  #nearestWall() {
    const { walls, shown } = this.avatar;
    let best = null;
    let least = Infinity;
    for (let at = 0; at < walls.edges.length; at += 4) {
      const [left, top, right, bottom] = walls.edges.subarray(at, at + 4);
      const x = Math.min(Math.max(shown.x, left), right);
      const y = Math.min(Math.max(shown.y, top), bottom);
      const far = Math.hypot(x - shown.x, y - shown.y);
      if (far < least) [best, least] = [{ x: (left + right) / 2, y: (top + bottom) / 2 }, far];
    }
    return best;
  }
}

/** Always runs at full speed, and turns like a person who does not want to be hit. */
export class Dodger extends Pilot {
  #next = 0;

  /** @override @param {number} now */
  move(now) {
    if (now < this.#next) return;
    this.#next = now + this.chance.between(HOLD[0], HOLD[1]);
    const [x, y] = this.chance.of(DIRECTIONS);
    const { walls, shown } = this.avatar;
    this.steer([inward(x, shown.x, walls.width), inward(y, shown.y, walls.height)]);
  }
}

/** @param {number} way @param {number} at @param {number} size of the field */
function inward(way, at, size) {
  if (at < EDGE && way < 0) return 1;
  if (at > size - EDGE && way > 0) return -1;
  return way;
}

/** Runs to and fro in a straight line, for looking at how evenly that is drawn. */
export class Runner extends Pilot {
  #way = 1;

  /** @override */
  move() {
    const { walls, shown } = this.avatar;
    if (shown.x > walls.width - EDGE / 2) this.#way = -1;
    if (shown.x < EDGE / 2) this.#way = 1;
    this.steer([this.#way, 0]);
  }
}

/** Dodges, and aims at somebody else on the screen with an error that stays the same from aiming to firing. */
class Shooter extends Dodger {
  /** @type {string | null} */
  #target = null;
  #error = 0;
  #until = 0;

  /**
   * Aim at somebody.
   *
   * @param {Frame} frame
   * @param {number} range units
   * @param {number} speed of the shot, units per second; Infinity for one that is there at once
   * @returns {boolean} whether there is anybody to aim at
   */
  aim({ entities, own, now }, range, speed) {
    if (now > this.#until) this.#target = null;
    const target = entities.players.get(this.#target ?? "") ?? this.#choose(entities, own, range, now);
    if (!target || !target.alive) {
      this.#target = null;
      return false;
    }
    const far = Math.hypot(target.x - own.x, target.y - own.y);
    const ahead = far / speed;
    const x = target.x + target.vx * ahead;
    const y = target.y + target.vy * ahead;
    this.input.aim = Math.atan2(y - own.y, x - own.x) + Math.atan2(this.#error, Math.max(far, 60));
    return true;
  }

  /**
   * @param {any} entities
   * @param {any} own
   * @param {number} range
   * @param {number} now
   */
  #choose(entities, own, range, now) {
    const { walls, id } = this.avatar;
    const seen = [];
    for (const [other, ship] of entities.players) {
      if (other === id || !ship.alive || Math.hypot(ship.x - own.x, ship.y - own.y) > range) continue;
      if (firstWall(own.x, own.y, ship.x, ship.y, 0, walls) > 1) seen.push(other);
    }
    this.#target = seen.length > 0 ? this.chance.of(seen) : null;
    this.#error = this.chance.between(-AIM_ERROR, AIM_ERROR) * RADIUS.player;
    this.#until = now + this.chance.between(0.3, 0.8);
    return entities.players.get(this.#target ?? "");
  }

  /** Look for another one. */
  forget() {
    this.#target = null;
  }
}

/** Fires the rail whenever it is loaded and somebody is in sight. */
export class RailShooter extends Shooter {
  #at = 0;
  #pressed = 0;

  /** @override @param {Frame} frame */
  look(frame) {
    const { own, now } = frame;
    const sighted = own.alive && this.aim(frame, 900, Infinity);
    if (this.input.rail) {
      if (now > this.#pressed + 0.3) this.input.rail = false;
    } else if (sighted && own.rail_cooldown <= 0 && own.cooldown <= 0 && now > this.#at) {
      this.input.rail = true;
      this.#pressed = now;
    }
  }

  /** @override @param {any} played */
  played(played) {
    if (!played.rail) return;
    this.input.rail = false;
    this.#at = this.avatar.now() + this.chance.between(0, 0.2);
    this.forget();
  }
}

/** Fires the gun at people near enough to be hit. */
export class Gunner extends Shooter {
  /** @override @param {Frame} frame */
  look(frame) {
    this.input.fire = frame.own.alive && this.aim(frame, 750, 700);
  }
}

/** Plays for points: gun and rail, at people and at enemies, as the rules of an ordinary match have it. */
export class Fighter extends Shooter {
  #pressed = 0;

  /** @override @param {Frame} frame */
  look(frame) {
    const { own, now, entities } = frame;
    this.input.fire = false;
    if (!own.alive) {
      this.input.rail = false;
      return;
    }
    const enemy = nearest(entities.enemies.values(), own, 400);
    if (enemy) this.input.aim = Math.atan2(enemy.y - own.y, enemy.x - own.x);
    const sighted = enemy !== null || this.aim(frame, 600, this.input.rail ? Infinity : 700);
    this.input.fire = sighted;
    if (this.input.rail) {
      if (now > this.#pressed + 0.3) this.input.rail = false;
    } else if (sighted && own.rail_cooldown <= 0) {
      this.input.rail = true;
      this.#pressed = now;
    }
  }

  /** @override @param {any} played */
  played(played) {
    if (played.rail) this.input.rail = false;
  }
}

/**
 * @param {Iterable<{x: number, y: number}>} bodies
 * @param {{x: number, y: number}} own
 * @param {number} range
 */
function nearest(bodies, own, range) {
  let best = null;
  let least = range;
  for (const body of bodies) {
    const far = Math.hypot(body.x - own.x, body.y - own.y);
    if (far < least) [best, least] = [body, far];
  }
  return best;
}
