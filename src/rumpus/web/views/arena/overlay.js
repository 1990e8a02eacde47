/**
 * What is drawn on top of the arena in screen coordinates: the crosshair with the cooldowns of gun and rail around it,
 * the mark of a hit, and the red arcs that say where a shot came from.
 */
import { fade } from "../../ui/palette.js";
import { RAIL } from "./palette.js";

/** @typedef {{angle: number, age: number, strength: number}} Wound */

export class Overlay {
  /** @type {Wound[]} */
  #wounds = [];
  #hit = 0;
  #killed = false;
  #charge = 1;
  #charged = 0;

  /** A shot of one's own has hit. @param {boolean} killed */
  hit(killed) {
    this.#hit = 1;
    this.#killed = killed;
  }

  /**
   * One has been hit.
   *
   * @param {number} angle radians, towards where it came from
   * @param {number} damage
   */
  wound(angle, damage) {
    this.#wounds.push({ angle, age: 0, strength: Math.min(1, 0.45 + damage / 50) });
    if (this.#wounds.length > 8) this.#wounds.shift();
  }

  clear() {
    this.#wounds.length = 0;
    this.#hit = 0;
    this.#charged = 0;
  }

  /**
   * @param {CanvasRenderingContext2D} pen in CSS pixels
   * @param {number} elapsed seconds
   * @param {{x: number, y: number}} ship where the own ship is on the screen
   */
  drawWounds(pen, elapsed, ship) {
    for (const wound of this.#wounds) {
      wound.age += elapsed;
      if (wound.age > 1) continue;
      pen.globalAlpha = wound.strength * (1 - wound.age) ** 1.5;
      pen.strokeStyle = "#ff4560";
      pen.lineCap = "round";
      pen.lineWidth = 7;
      pen.beginPath();
      pen.arc(ship.x, ship.y, 104, wound.angle - 0.34, wound.angle + 0.34);
      pen.stroke();
      pen.lineWidth = 2.5;
      pen.strokeStyle = "#ffd6da";
      pen.beginPath();
      pen.arc(ship.x, ship.y, 104, wound.angle - 0.28, wound.angle + 0.28);
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  /**
   * @param {CanvasRenderingContext2D} pen in CSS pixels
   * @param {number} elapsed seconds
   * @param {{x: number, y: number}} pointer
   * @param {number} cooldown of the gun, 0 ready to 1 just fired
   * @param {number} charge of the rail, 0 just fired to 1 ready
   */
  drawCrosshair(pen, elapsed, pointer, cooldown, charge) {
    this.#hit = Math.max(0, this.#hit - elapsed * 4);
    const { x, y } = pointer;
    pen.lineCap = "round";
    for (const [colour, width] of /** @type {[string, number][]} */ ([
      ["rgba(2,5,16,.7)", 4.5],
      ["#eaf4ff", 1.8],
    ])) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.beginPath();
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ]) {
        pen.moveTo(x + dx * 7, y + dy * 7);
        pen.lineTo(x + dx * 12, y + dy * 12);
      }
      pen.stroke();
    }
    pen.fillStyle = "#eaf4ff";
    pen.beginPath();
    pen.arc(x, y, 1.7, 0, 7);
    pen.fill();
    pen.strokeStyle = "rgba(234,244,255,.22)";
    pen.lineWidth = 2.4;
    pen.beginPath();
    pen.arc(x, y, 18, 0, 7);
    pen.stroke();
    pen.strokeStyle = cooldown > 0.05 ? "#4fe6ff" : "rgba(79,230,255,.55)";
    pen.beginPath();
    pen.arc(x, y, 18, -Math.PI / 2, -Math.PI / 2 + (1 - cooldown) * 2 * Math.PI);
    pen.stroke();
    this.#drawCharge(pen, elapsed, x, y, charge);
    if (this.#hit > 0) this.#drawHit(pen, x, y);
  }

  /**
   * The rail's charge: two brackets outside the gun's ring that fill from below, and flash once they are full.
   *
   * @param {CanvasRenderingContext2D} pen
   * @param {number} elapsed
   * @param {number} x
   * @param {number} y
   * @param {number} charge
   */
  #drawCharge(pen, elapsed, x, y, charge) {
    if (charge >= 1 && this.#charge < 1) this.#charged = 1;
    this.#charge = charge;
    this.#charged = Math.max(0, this.#charged - elapsed * 2.6);
    const reach = 0.92;
    pen.lineCap = "butt";
    for (const side of [0, Math.PI]) {
      pen.lineWidth = 3;
      pen.strokeStyle = fade(RAIL, 0.2);
      pen.beginPath();
      pen.arc(x, y, 24.5, side - reach, side + reach);
      pen.stroke();
      if (charge <= 0) continue;
      pen.strokeStyle = charge >= 1 ? RAIL : fade(RAIL, 0.7);
      pen.beginPath();
      // Both grow upwards.
      if (side === 0) pen.arc(x, y, 24.5, reach - 2 * reach * charge, reach);
      else pen.arc(x, y, 24.5, Math.PI - reach, Math.PI - reach + 2 * reach * charge);
      pen.stroke();
      if (this.#charged > 0) {
        pen.strokeStyle = `rgba(255,255,255,${this.#charged})`;
        pen.lineWidth = 1 + 5 * this.#charged;
        pen.beginPath();
        pen.arc(x, y, 24.5 + 7 * (1 - this.#charged), side - reach, side + reach);
        pen.stroke();
      }
    }
  }

  /**
   * Where a rail that is aimed by thumb would go.
   *
   * @param {CanvasRenderingContext2D} pen in CSS pixels
   * @param {{x: number, y: number}} ship where the own ship is on the screen
   * @param {number} angle radians
   * @param {number} charge 0 to 1
   */
  drawSight(pen, ship, angle, charge) {
    pen.strokeStyle = fade(RAIL, charge >= 1 ? 0.75 : 0.3);
    pen.lineWidth = 1.6;
    pen.setLineDash([7, 7]);
    pen.beginPath();
    pen.moveTo(ship.x + Math.cos(angle) * 40, ship.y + Math.sin(angle) * 40);
    pen.lineTo(ship.x + Math.cos(angle) * 420, ship.y + Math.sin(angle) * 420);
    pen.stroke();
    pen.setLineDash([]);
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number} x
   * @param {number} y
   */
  #drawHit(pen, x, y) {
    pen.globalAlpha = this.#hit;
    pen.strokeStyle = this.#killed ? "#ff5268" : "#ffffff";
    pen.lineWidth = this.#killed ? 4 : 3;
    const near = 10 + 5 * (1 - this.#hit);
    pen.beginPath();
    for (const [dx, dy] of [
      [1, 1],
      [-1, 1],
      [1, -1],
      [-1, -1],
    ]) {
      pen.moveTo(x + dx * near, y + dy * near);
      pen.lineTo(x + dx * (near + 8), y + dy * (near + 8));
    }
    pen.stroke();
    pen.globalAlpha = 1;
  }
}
