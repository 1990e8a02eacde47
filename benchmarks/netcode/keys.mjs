/**
 * How long it takes from a key to screens: one's own, counted in frames, and those of others, in milliseconds and by
 * cause. All clients are in one process and so share a clock.
 *
 * A ship stands still, a key goes down at a moment that has nothing to do with ticks or frames, and everybody's frames
 * are watched for the first in which the ship is drawn elsewhere.
 */
import { Pilot } from "./pilots.mjs";

/** Units: less than a pixel on nearly every screen. */
const SEEN = 0.1;

/** Seconds for which the key is held, and from letting go to the next press: the ship stands again on all screens. */
const HELD = 0.3;
const REST = [1.5, 2.2];

/** Seconds after which a screen that shows nothing has missed it. */
const PATIENCE = 1.4;

/** @typedef {import("./avatar.mjs").Avatar} Avatar */

/**
 * @typedef {{at: number, rest: {x: number, y: number}, seq: number, sent: number, margin: number | null, frames: number,
 *   watched: Map<Watch, {arrived: number}>}} Press
 */

export class Tapper extends Pilot {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #way = 1;
  /** @type {Press | null} */
  #press = null;

  /** From the press to one's own screen: frames, and milliseconds. @type {number[]} */
  ownFrames = [];
  ownTimes = [];
  /** From the press to another's screen, milliseconds by cause. @type {Record<string, number>[]} */
  seen = [];
  /** Screens that never showed it. */
  missed = 0;
  /** Screens of others. @type {Watch[]} */
  watches = [];
  /** @type {{up: number, down: number}} seconds that the link takes each way */
  way = { up: 0, down: 0 };

  /** Begin to press keys. @param {{up: number, down: number}} way */
  start(way) {
    this.way = way;
    this.#timer = setTimeout(() => this.#down(), this.chance.between(REST[0], REST[1]) * 1000);
  }

  stop() {
    clearTimeout(this.#timer);
    this.input.move_x = 0;
    this.#press = null;
  }

  #down() {
    const { frame, client } = this.avatar;
    const own = frame?.own;
    this.#timer = setTimeout(() => this.#up(), HELD * 1000);
    this.#way = -this.#way;
    this.input.move_x = this.#way;
    if (!own?.alive || own.vx !== 0 || own.vy !== 0) return;
    const rest = { x: own.x, y: own.y };
    const at = this.avatar.now();
    this.#press = { at, rest, seq: -1, sent: 0, margin: null, frames: 0, watched: new Map() };
    for (const watch of this.watches) if (watch.shows(client.playerId, rest)) this.#press.watched.set(watch, { arrived: 0 });
  }

  #up() {
    this.input.move_x = 0;
    this.#timer = setTimeout(() => {
      this.missed += this.#press?.watched.size ?? 0;
      this.#press = null;
      this.#down();
    }, Math.max(PATIENCE, this.chance.between(REST[0], REST[1])) * 1000);
  }

  /** @override @param {import("./avatar.mjs").Played} played */
  played({ input, now }) {
    const press = this.#press;
    if (!press || press.sent > 0 || input.move_x === 0) return;
    press.sent = now;
    press.seq = this.avatar.lastSeq;
  }

  /** @override @param {import("./avatar.mjs").Frame} frame */
  look({ own, now }) {
    const press = this.#press;
    if (!press || press.frames < 0 || now < press.at) return;
    press.frames += 1;
    if (!moved(own, press.rest)) return;
    this.ownFrames.push(press.frames);
    this.ownTimes.push((now - press.at) * 1000);
    press.frames = -1;
  }

  /** The own client has a new snapshot. */
  acknowledged() {
    const { client } = this.avatar;
    const press = this.#press;
    if (press && press.seq > 0 && press.margin === null && client.ack >= press.seq)
      press.margin = client.ack === press.seq ? client.margin : 0;
  }

  /** Another client has a snapshot, or draws a frame. @param {Watch} watch @param {number} now @param {boolean} drawn */
  watched(watch, now, drawn) {
    const press = this.#press;
    const open = press?.watched.get(watch);
    if (!press || !open) return;
    const id = this.avatar.id;
    if (!drawn) {
      if (open.arrived === 0 && moved(watch.told(id), press.rest)) open.arrived = now;
      return;
    }
    if (!moved(watch.drawn(id), press.rest)) return;
    press.watched.delete(watch);
    // Guessed from what came before, or the own snapshot has not come back yet: causes cannot be told apart.
    const margin = Math.max(0, press.margin ?? 0);
    const { up, down } = this.way;
    const told = open.arrived > 0 ? open.arrived : now;
    this.seen.push({
      total: (now - press.at) * 1000,
      beyond: (now - press.at - up - down) * 1000,
      tick: (press.sent - press.at) * 1000,
      link: (up + down) * 1000,
      margin: margin * 1000,
      uneven: (told - press.sent - up - down - margin) * 1000,
      picture: (now - told) * 1000,
    });
  }
}

/** Another client that looks on. */
export class Watch {
  /** @param {Avatar} avatar @param {Tapper[]} tappers */
  constructor(avatar, tappers) {
    this.avatar = avatar;
    this.tappers = tappers;
  }

  /** @param {number} now */
  snapshot(now) {
    for (const tapper of this.tappers) tapper.watched(this, now, false);
  }

  /** @param {import("./avatar.mjs").Frame} frame */
  frame({ now }) {
    for (const tapper of this.tappers) tapper.watched(this, now, true);
  }

  /** @param {string} id */
  drawn(id) {
    return this.avatar.frame?.entities.players.get(id) ?? null;
  }

  /** Where the newest snapshot has a ship. @param {string} id */
  told(id) {
    return this.avatar.client.world?.entity("players", id) ?? null;
  }

  /** Whether a ship is drawn where it rests. @param {string} id @param {{x: number, y: number}} rest */
  shows(id, rest) {
    const drawn = this.drawn(id);
    return drawn !== null && !moved(drawn, rest);
  }
}

/** @param {any} ship @param {{x: number, y: number}} rest */
function moved(ship, rest) {
  return ship !== null && Math.hypot(ship.x - rest.x, ship.y - rest.y) > SEEN;
}
