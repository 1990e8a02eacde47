/**
 * One frame of the arena on a canvas, from a view of its entities. Used by the match and by the title's backdrop alike,
 * so it knows neither players' input nor the network.
 */
import { Beams } from "./beams.js";
import { Camera } from "./camera.js";
import { drawBullet, drawEnemy, drawPickup, drawShip } from "./figures.js";
import { ENEMIES } from "./palette.js";
import { Particles } from "./particles.js";
import { Scenery } from "./scenery.js";
import { setResolution } from "./sprite-cache.js";
import { label, scorch } from "./sprites.js";
import { Tracks } from "./tracks.js";

/** @typedef {import("./types.js").Entities} Entities */
/** @typedef {import("./types.js").Cast} Cast */
/** @typedef {CanvasRenderingContext2D} Pen */
/** @typedef {{x: number, y: number, text: string, colour: string, age: number, big: boolean}} FloatingText */
/** @typedef {{x: number, y: number, angle: number, size: number, age: number}} Scar */

/** Device pixels per CSS pixel, at most: beyond two nobody sees a difference, but the phone gets warm. */
const MAX_RATIO = 2;

export class Battlefield {
  camera = new Camera();
  particles = new Particles();
  beams = new Beams();
  tracks = new Tracks();
  #scenery = new Scenery();
  /** @type {FloatingText[]} */
  #texts = [];
  /** @type {Scar[]} */
  #scars = [];

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = /** @type {Pen} */ (canvas.getContext("2d", { alpha: false }));
    this.ratio = 1;
    this.resize();
  }

  /** Fit the canvas to its place on the page. */
  resize() {
    const { clientWidth, clientHeight } = this.canvas;
    this.ratio = Math.min(MAX_RATIO, window.devicePixelRatio || 1);
    this.camera.resize(Math.max(1, clientWidth), Math.max(1, clientHeight), this.ratio);
    if (this.canvas.width !== this.camera.width) this.canvas.width = this.camera.width;
    if (this.canvas.height !== this.camera.height) this.canvas.height = this.camera.height;
    setResolution(this.camera.scale);
  }

  /** Show more of the arena, or less. @param {number} zoom 1 is what players see */
  zoomTo(zoom) {
    if (this.camera.zoom === zoom) return;
    this.camera.zoom = zoom;
    this.resize();
  }

  /** Forget everything of the last match that still shows. */
  clear() {
    this.particles.clear();
    this.beams.clear();
    this.tracks.clear();
    this.#texts.length = 0;
    this.#scars.length = 0;
  }

  /**
   * A number or word that rises and fades.
   *
   * @param {number} x
   * @param {number} y
   * @param {string} text
   * @param {string} colour
   * @param {boolean} [big]
   */
  float(x, y, text, colour, big = false) {
    this.#texts.push({ x: x + (Math.random() - 0.5) * 18, y, text, colour, age: 0, big });
    if (this.#texts.length > 40) this.#texts.shift();
  }

  /** Leave a scorch mark on the floor. @param {number} x @param {number} y @param {number} size */
  scar(x, y, size) {
    this.#scars.push({ x, y, size, angle: Math.random() * 7, age: 0 });
    if (this.#scars.length > 28) this.#scars.shift();
  }

  /**
   * @param {Entities} entities
   * @param {import("./types.js").ArenaMap} map
   * @param {Cast} cast
   * @param {number} now seconds
   * @param {number} elapsed seconds since the last frame
   */
  draw(entities, map, cast, now, elapsed) {
    const { pen, camera } = this;
    camera.settle(elapsed);
    this.tracks.advance(entities, elapsed);
    pen.globalAlpha = 1;
    pen.globalCompositeOperation = "source-over";
    this.#scenery.drawFloor(pen, camera, map);
    this.#drawScars(elapsed);
    for (const pickup of entities.pickups.values()) {
      if (camera.sees(pickup.x, pickup.y, 60)) drawPickup(pen, camera, pickup, now);
    }
    for (const [id, enemy] of entities.enemies) {
      if (camera.sees(enemy.x, enemy.y, 60)) drawEnemy(pen, camera, enemy, this.tracks.of(id), now);
    }
    this.#drawShips(entities, cast, now);
    pen.globalCompositeOperation = "lighter";
    for (const bullet of entities.bullets.values()) {
      if (camera.sees(bullet.x, bullet.y, 60)) drawBullet(pen, camera, bullet, bulletColour(bullet, entities, cast));
    }
    pen.globalCompositeOperation = "source-over";
    this.#scenery.drawWalls(pen, camera);
    this.beams.draw(pen, camera, elapsed);
    this.particles.draw(pen, camera, elapsed);
    this.#drawNames(entities, cast);
    this.#drawTexts(elapsed);
    pen.setTransform(1, 0, 0, 1, 0, 0);
  }

  /**
   * @param {Entities} entities
   * @param {Cast} cast
   * @param {number} now
   */
  #drawShips(entities, cast, now) {
    const { pen, camera } = this;
    for (const [id, ship] of entities.players) {
      if (!ship.alive || !camera.sees(ship.x, ship.y, 70)) continue;
      const colour = cast.colour(id, ship.team);
      const track = this.tracks.of(id);
      drawShip(pen, camera, ship, track, { colour, self: id === cast.selfId, now });
      // A breath of exhaust every so often along the way.
      if (track.trail > 14) {
        track.trail = 0;
        const back = track.heading + Math.PI;
        this.particles.puff(
          ship.x + Math.cos(back) * 19,
          ship.y + Math.sin(back) * 19,
          colour,
          13,
          0.32,
          Math.cos(back) * 40,
          Math.sin(back) * 40,
        );
      }
    }
  }

  /**
   * @param {Entities} entities
   * @param {Cast} cast
   */
  #drawNames(entities, cast) {
    const { pen, camera } = this;
    const size = 13 / Math.max(0.8, camera.scale / this.ratio);
    for (const [id, ship] of entities.players) {
      if (id === cast.selfId || !ship.alive || !camera.sees(ship.x, ship.y, 90)) continue;
      // Somebody who is being waited for steers nothing: whoever shoots at them should know.
      const away = cast.absence(id) === "away";
      const tag = label(away ? `${cast.name(id)} (away)` : cast.name(id), cast.colour(id, ship.team), Math.round(size));
      pen.globalAlpha = away ? 0.65 : 1;
      camera.place(pen, ship.x, ship.y - 42);
      pen.drawImage(tag.canvas, -tag.size / 2, -tag.size / 2, tag.size, tag.size);
    }
    pen.globalAlpha = 1;
  }

  /** @param {number} elapsed */
  #drawTexts(elapsed) {
    const { pen, camera } = this;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (const text of this.#texts) {
      text.age += elapsed;
      if (text.age > 0.9) continue;
      const pop = Math.min(1, text.age * 9);
      camera.place(
        pen,
        text.x,
        text.y - 26 - 34 * (1 - (1 - text.age / 0.9) ** 2),
        0,
        (1.5 - 0.5 * pop) * (text.big ? 1.35 : 1),
      );
      pen.globalAlpha = Math.min(1, (0.9 - text.age) * 3);
      pen.font = '800 17px "Inter", "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
      pen.lineWidth = 4;
      pen.strokeStyle = "rgba(3,6,18,.8)";
      pen.strokeText(text.text, 0, 0);
      pen.fillStyle = text.colour;
      pen.fillText(text.text, 0, 0);
    }
    pen.globalAlpha = 1;
    while (this.#texts.length > 0 && this.#texts[0].age > 0.9) this.#texts.shift();
  }

  /** @param {number} elapsed */
  #drawScars(elapsed) {
    const { pen, camera } = this;
    const mark = scorch();
    for (const scar of this.#scars) {
      scar.age += elapsed;
      if (scar.age > 20 || !camera.sees(scar.x, scar.y, 80)) continue;
      pen.globalAlpha = Math.min(1, (20 - scar.age) / 8);
      camera.place(pen, scar.x, scar.y, scar.angle);
      pen.drawImage(mark.canvas, -scar.size, -scar.size, 2 * scar.size, 2 * scar.size);
    }
    pen.globalAlpha = 1;
  }
}

/**
 * @param {import("./types.js").Bullet} bullet
 * @param {Entities} entities
 * @param {Cast} cast
 */
export function bulletColour(bullet, entities, cast) {
  if (bullet.owner === "") return ENEMIES.shooter;
  return cast.colour(bullet.owner, entities.players.get(bullet.owner)?.team ?? "");
}
