/**
 * Lines of light that a shot leaves behind: the beam of a rail, and the short tracer that joins a bullet to the gun it
 * came from when the bullet is already under way as it is first seen.
 *
 * A beam must be readable at a glance: who fired (its colour), from where to where, and that it is over. So it is white
 * and whole for a moment, then thins out from the gun to the impact while its spiral opens, and is gone.
 */
import { fade, mix } from "../../ui/palette.js";
import { sprite } from "./sprite-cache.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {CanvasRenderingContext2D} Pen */
/** @typedef {{x: number, y: number, angle: number, length: number, colour: string, age: number, life: number, rail: boolean}} Beam */

const RAIL_LIFE = 0.38;
const TRACER_LIFE = 0.11;

/** Units from one turn of the spiral to the next. */
const PITCH = 46;
/** Units between two points of the line that the spiral is drawn with. */
const GRAIN = 4;

export class Beams {
  /** @type {Beam[]} */
  #beams = [];

  /** How many are still to be seen. */
  get count() {
    return this.#beams.length;
  }

  clear() {
    this.#beams.length = 0;
  }

  /**
   * The beam of a rail.
   *
   * @param {number} x
   * @param {number} y
   * @param {number} toX
   * @param {number} toY
   * @param {string} colour
   */
  rail(x, y, toX, toY, colour) {
    this.#add(x, y, toX, toY, colour, RAIL_LIFE, true);
  }

  /**
   * The way that a bullet has come before it was first seen.
   *
   * @param {number} x
   * @param {number} y
   * @param {number} toX
   * @param {number} toY
   * @param {string} colour
   */
  tracer(x, y, toX, toY, colour) {
    this.#add(x, y, toX, toY, colour, TRACER_LIFE, false);
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} toX
   * @param {number} toY
   * @param {string} colour
   * @param {number} life seconds
   * @param {boolean} rail
   */
  #add(x, y, toX, toY, colour, life, rail) {
    const length = Math.hypot(toX - x, toY - y);
    if (length < 1) return;
    if (this.#beams.length >= 48) this.#beams.shift();
    this.#beams.push({ x, y, angle: Math.atan2(toY - y, toX - x), length, colour, age: 0, life, rail });
  }

  /**
   * Let time pass and draw what is left.
   *
   * @param {Pen} pen
   * @param {Camera} camera
   * @param {number} elapsed seconds
   */
  draw(pen, camera, elapsed) {
    if (this.#beams.length === 0) return;
    pen.globalCompositeOperation = "lighter";
    for (const beam of this.#beams) {
      // In its first frame a beam is whole, however long that frame is.
      const left = 1 - beam.age / beam.life;
      beam.age += elapsed;
      if (left <= 0) continue;
      camera.place(pen, beam.x, beam.y, beam.angle);
      if (beam.rail) drawRail(pen, beam, left);
      else drawTracer(pen, beam, left);
    }
    pen.globalAlpha = 1;
    pen.globalCompositeOperation = "source-over";
    this.#beams = this.#beams.filter((beam) => beam.age < beam.life);
  }
}

/**
 * @param {Pen} pen at the beam's start, along it
 * @param {Beam} beam
 * @param {number} left 1 to 0
 */
function drawRail(pen, { length, colour }, left) {
  // What is nearer to the gun goes first.
  const from = (1 - left) * (1 - left) * length * 0.55;
  const light = band(colour);
  const wide = 34 * (0.55 + 0.45 * left);
  pen.globalAlpha = left ** 1.5 * 0.95;
  pen.drawImage(light.canvas, from, -wide / 2, length - from, wide);
  pen.globalAlpha = Math.min(1, left * 1.5) * 0.85;
  pen.strokeStyle = mix(colour, "#ffffff", 0.25);
  pen.lineWidth = 1.2 + 0.8 * left;
  pen.lineCap = pen.lineJoin = "round";
  for (const side of [1, -1]) {
    pen.beginPath();
    const spread = side * (3 + 9 * Math.sqrt(1 - left));
    for (let along = from; along < length; along += GRAIN) {
      // Closed at both ends.
      const open = Math.min(1, (along - from) / 40, (length - along) / 40);
      const off = Math.sin((along / PITCH) * 2 * Math.PI) * spread * open;
      if (along === from) pen.moveTo(along, off);
      else pen.lineTo(along, off);
    }
    pen.lineTo(length, 0);
    pen.stroke();
  }
  pen.globalAlpha = Math.min(1, left * 1.7);
  pen.strokeStyle = "#ffffff";
  pen.lineWidth = 0.6 + 4.4 * left * left;
  pen.beginPath();
  pen.moveTo(from, 0);
  pen.lineTo(length, 0);
  pen.stroke();
}

/**
 * @param {Pen} pen at the line's start, along it
 * @param {Beam} beam
 * @param {number} left 1 to 0
 */
function drawTracer(pen, { length, colour }, left) {
  const streak = tail(colour);
  pen.globalAlpha = left * 0.75;
  pen.drawImage(streak.canvas, 0, -4, length, 8);
}

/** Light across a beam: bright in the middle. @param {string} colour */
function band(colour) {
  return sprite(`beam ${colour}`, 32, (pen) => {
    const light = pen.createLinearGradient(0, -16, 0, 16);
    light.addColorStop(0, fade(colour, 0));
    light.addColorStop(0.3, fade(colour, 0.22));
    light.addColorStop(0.5, fade(colour, 0.85));
    light.addColorStop(0.7, fade(colour, 0.22));
    light.addColorStop(1, fade(colour, 0));
    pen.fillStyle = light;
    pen.fillRect(-16, -16, 32, 32);
  });
}

/** A streak that grows brighter to the right. @param {string} colour */
function tail(colour) {
  return sprite(`streak ${colour}`, 32, (pen) => {
    const light = pen.createLinearGradient(-16, 0, 16, 0);
    light.addColorStop(0, fade(colour, 0.15));
    light.addColorStop(1, fade(colour, 0.9));
    pen.fillStyle = light;
    pen.beginPath();
    pen.ellipse(0, 0, 16, 7, 0, 0, 7);
    pen.fill();
  });
}
