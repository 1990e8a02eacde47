/**
 * What the picture remembers of each entity from frame to frame: which way a ship's hull points, how far its barrel has
 * recoiled, how long ago it was hit. The server neither knows nor cares about any of it.
 */
import { blendAngle } from "../../sdk/rumpus.js";

/** @typedef {{heading: number, recoil: number, flash: number, trail: number, seen: number, age: number}} Track */

export class Tracks {
  /** @type {Map<string, Track>} */
  #tracks = new Map();
  #frame = 0;

  /** @param {string} id */
  of(id) {
    let track = this.#tracks.get(id);
    if (!track) this.#tracks.set(id, (track = { heading: NaN, recoil: 0, flash: 0, trail: 0, seen: 0, age: 0 }));
    return track;
  }

  /**
   * Move on everything that is in the picture, and forget what has left it.
   *
   * @param {import("./types.js").Entities} entities
   * @param {number} elapsed seconds
   */
  advance(entities, elapsed) {
    this.#frame += 1;
    for (const [id, ship] of entities.players) {
      const track = this.#step(id, elapsed);
      const speed = Math.hypot(ship.vx, ship.vy);
      if (Number.isNaN(track.heading)) track.heading = ship.angle;
      if (speed > 25) {
        track.heading = blendAngle(track.heading, Math.atan2(ship.vy, ship.vx), 1 - Math.exp(-elapsed * 11));
        track.trail += elapsed * speed;
      }
    }
    for (const id of entities.enemies.keys()) this.#step(id, elapsed);
    for (const [id, track] of this.#tracks) if (track.seen !== this.#frame) this.#tracks.delete(id);
  }

  /**
   * @param {string} id
   * @param {number} elapsed
   */
  #step(id, elapsed) {
    const track = this.of(id);
    track.seen = this.#frame;
    track.age += elapsed;
    track.recoil = Math.max(0, track.recoil - elapsed * 8);
    track.flash = Math.max(0, track.flash - elapsed * 7);
    return track;
  }

  clear() {
    this.#tracks.clear();
  }
}
