/**
 * Sparks, smoke and rings: short-lived things that mean nothing to the rules.
 *
 * A fixed pool, so that a fight allocates nothing: when it is full the oldest particle makes room.
 */
import { glow } from "./sprites.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {{kind: number, x: number, y: number, vx: number, vy: number, age: number, life: number, size: number, colour: string}} Particle */

const CAPACITY = 420;
const SPARK = 1;
const PUFF = 2;
const RING = 3;

export class Particles {
  /** @type {Particle[]} */
  #pool = [];
  #next = 0;

  constructor() {
    for (let index = 0; index < CAPACITY; index += 1) {
      this.#pool.push({ kind: 0, x: 0, y: 0, vx: 0, vy: 0, age: 0, life: 0, size: 0, colour: "#ffffff" });
    }
  }

  /**
   * @param {number} kind
   * @param {number} x
   * @param {number} y
   * @param {number} vx
   * @param {number} vy
   * @param {number} life seconds
   * @param {number} size
   * @param {string} colour
   */
  #add(kind, x, y, vx, vy, life, size, colour) {
    const particle = this.#pool[this.#next];
    this.#next = (this.#next + 1) % CAPACITY;
    particle.kind = kind;
    particle.x = x;
    particle.y = y;
    particle.vx = vx;
    particle.vy = vy;
    particle.age = 0;
    particle.life = life;
    particle.size = size;
    particle.colour = colour;
  }

  /**
   * Sparks flying from a point: all around, or within `spread` of `direction`.
   *
   * @param {number} x
   * @param {number} y
   * @param {string} colour
   * @param {number} count
   * @param {number} speed
   * @param {number} [direction] radians
   * @param {number} [spread] radians to either side
   */
  sparks(x, y, colour, count, speed, direction = 0, spread = Math.PI) {
    for (let index = 0; index < count; index += 1) {
      const angle = direction + (Math.random() * 2 - 1) * spread;
      const pace = speed * (0.35 + Math.random() * 0.85);
      const life = 0.16 + Math.random() * 0.3;
      this.#add(SPARK, x, y, Math.cos(angle) * pace, Math.sin(angle) * pace, life, 1.2 + Math.random() * 1.5, colour);
    }
  }

  /**
   * A soft light that fades.
   *
   * @param {number} x
   * @param {number} y
   * @param {string} colour
   * @param {number} size
   * @param {number} life
   * @param {number} [vx]
   * @param {number} [vy]
   */
  puff(x, y, colour, size, life, vx = 0, vy = 0) {
    this.#add(PUFF, x, y, vx, vy, life, size, colour);
  }

  /**
   * A circle that grows to `size` and fades.
   *
   * @param {number} x
   * @param {number} y
   * @param {string} colour
   * @param {number} size
   * @param {number} life
   */
  ring(x, y, colour, size, life) {
    this.#add(RING, x, y, 0, 0, life, size, colour);
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {string} colour
   */
  burst(x, y, colour) {
    this.puff(x, y, "#ffffff", 60, 0.16);
    this.puff(x, y, colour, 120, 0.5);
    this.ring(x, y, colour, 120, 0.5);
    this.ring(x, y, "#ffffff", 64, 0.3);
    this.sparks(x, y, colour, 30, 430);
    this.sparks(x, y, "#ffffff", 10, 280);
    for (let index = 0; index < 7; index += 1) {
      const angle = Math.random() * 7;
      const pace = 30 + Math.random() * 90;
      this.puff(
        x,
        y,
        colour,
        22 + Math.random() * 22,
        0.5 + Math.random() * 0.5,
        Math.cos(angle) * pace,
        Math.sin(angle) * pace,
      );
    }
  }

  clear() {
    for (const particle of this.#pool) particle.kind = 0;
  }

  /**
   * Move everything on and draw it.
   *
   * @param {CanvasRenderingContext2D} pen
   * @param {Camera} camera
   * @param {number} elapsed seconds
   */
  draw(pen, camera, elapsed) {
    pen.globalCompositeOperation = "lighter";
    pen.lineCap = "round";
    camera.world(pen);
    const drag = Math.exp(-elapsed * 4.2);
    for (const particle of this.#pool) {
      if (particle.kind === 0) continue;
      particle.age += elapsed;
      if (particle.age >= particle.life) {
        particle.kind = 0;
        continue;
      }
      particle.x += particle.vx * elapsed;
      particle.y += particle.vy * elapsed;
      particle.vx *= drag;
      particle.vy *= drag;
      if (!camera.sees(particle.x, particle.y, 130)) continue;
      const left = 1 - particle.age / particle.life;
      if (particle.kind === SPARK) {
        pen.globalAlpha = Math.min(1, left * 1.6);
        pen.strokeStyle = particle.colour;
        pen.lineWidth = particle.size;
        pen.beginPath();
        pen.moveTo(particle.x, particle.y);
        pen.lineTo(particle.x - particle.vx * 0.045 - 0.1, particle.y - particle.vy * 0.045);
        pen.stroke();
      } else if (particle.kind === PUFF) {
        const light = glow(particle.colour, 64);
        const size = particle.size * (0.65 + 0.35 * left);
        pen.globalAlpha = left;
        pen.drawImage(light.canvas, particle.x - size, particle.y - size, size * 2, size * 2);
      } else {
        pen.globalAlpha = left * left;
        pen.strokeStyle = particle.colour;
        pen.lineWidth = 1 + 5 * left;
        pen.beginPath();
        pen.arc(particle.x, particle.y, particle.size * (1 - left * left * left), 0, 7);
        pen.stroke();
      }
    }
    pen.globalAlpha = 1;
    pen.globalCompositeOperation = "source-over";
  }
}
