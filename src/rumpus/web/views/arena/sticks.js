/**
 * Thumb sticks for touch screens: one to run, one to aim and fire, and a small one for the rail. The first two are
 * wherever a thumb comes down in its half of the screen, so nobody has to look for them; while one is not touched, its
 * place of rest is drawn as a hint. The rail's is where it is drawn: it is pulled to aim, and fires when it is let go.
 */

import { fade } from "../../ui/palette.js";
import { RAIL } from "./palette.js";

/** @typedef {{active: boolean, pointer: number, x: number, y: number, baseX: number, baseY: number}} Stick */

/** How far a thumb moves for full deflection, CSS pixels. */
const REACH = 52;
/** The same for the rail's stick, and how far from its middle it can be touched. */
const RAIL_REACH = 40;
const RAIL_TOUCH = 40;
const RAIL_SIZE = 27;

/** @returns {Stick} */
function newStick() {
  return { active: false, pointer: -1, x: 0, y: 0, baseX: 0, baseY: 0 };
}

export class Sticks {
  left = newStick();
  right = newStick();
  rail = newStick();
  /** Where the rail's stick was let go since somebody last looked. @type {{x: number, y: number} | null} */
  shot = null;
  /** Where the rail's stick rests, CSS pixels. */
  #railRest = { x: 0, y: 0 };
  /** Whether this player has touched the screen at all: only then are sticks drawn. */
  used = matchMedia("(pointer: coarse)").matches;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {AbortSignal} signal ends the listening
   */
  start(canvas, signal) {
    const options = { signal };
    canvas.addEventListener("pointerdown", (event) => this.#down(event, canvas), options);
    window.addEventListener("pointermove", (event) => this.#move(event), options);
    window.addEventListener("pointerup", (event) => this.#up(event), options);
    window.addEventListener("pointercancel", (event) => this.#up(event, false), options);
  }

  release() {
    this.left = newStick();
    this.right = newStick();
    this.rail = newStick();
    this.shot = null;
  }

  /**
   * @param {PointerEvent} event
   * @param {HTMLCanvasElement} canvas
   */
  #down(event, canvas) {
    if (event.pointerType !== "touch") return;
    event.preventDefault();
    this.used = true;
    this.#place(canvas.clientWidth, canvas.clientHeight);
    const far = Math.hypot(event.clientX - this.#railRest.x, event.clientY - this.#railRest.y);
    const stick =
      far < RAIL_TOUCH && !this.rail.active
        ? this.rail
        : event.clientX < canvas.clientWidth / 2
          ? this.left
          : this.right;
    if (stick.active) return;
    stick.active = true;
    stick.pointer = event.pointerId;
    stick.baseX = event.clientX;
    stick.baseY = event.clientY;
    stick.x = stick.y = 0;
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const stick = this.#of(event);
    if (!stick) return;
    let dx = event.clientX - stick.baseX;
    let dy = event.clientY - stick.baseY;
    const distance = Math.hypot(dx, dy);
    const reach = stick === this.rail ? RAIL_REACH : REACH;
    if (distance > reach * 1.5) {
      // The base trails a thumb that wanders off, so that turning back works at once.
      const slip = (distance - reach * 1.5) / distance;
      stick.baseX += dx * slip;
      stick.baseY += dy * slip;
      dx *= 1 - slip;
      dy *= 1 - slip;
    }
    const length = Math.max(reach, Math.hypot(dx, dy));
    stick.x = dx / length;
    stick.y = dy / length;
  }

  /**
   * @param {PointerEvent} event
   * @param {boolean} [meant] false if the system took the touch away
   */
  #up(event, meant = true) {
    const stick = this.#of(event);
    if (!stick) return;
    if (stick === this.rail && meant) this.shot = { x: stick.x, y: stick.y };
    stick.active = false;
    stick.pointer = -1;
    stick.x = stick.y = 0;
  }

  /** @param {PointerEvent} event */
  #of(event) {
    if (this.left.active && this.left.pointer === event.pointerId) return this.left;
    if (this.right.active && this.right.pointer === event.pointerId) return this.right;
    if (this.rail.active && this.rail.pointer === event.pointerId) return this.rail;
    return null;
  }

  /**
   * Work out where sticks rest: upright, one's vital signs lie below the thumbs; lying, between them.
   *
   * @param {number} width of the screen, CSS pixels
   * @param {number} height
   * @returns {{side: number, y: number}} how far from the sides, and how far down
   */
  #place(width, height) {
    const side = Math.max(96, width * 0.11);
    const y = height - (height > width ? 168 : Math.min(116, height * 0.27));
    this.#railRest.x = width - side - 84;
    this.#railRest.y = y - 66;
    return { side, y };
  }

  /**
   * @param {CanvasRenderingContext2D} pen in CSS pixels
   * @param {number} width
   * @param {number} height
   * @param {number} charge of the rail, 0 to 1
   */
  draw(pen, width, height, charge) {
    if (!this.used) return;
    const { side, y } = this.#place(width, height);
    drawStick(pen, this.left, side, y, "#8fb2ff", false);
    drawStick(pen, this.right, width - side, y, "#ff9fae", true);
    drawRailStick(pen, this.rail, this.#railRest, charge);
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Stick} stick
 * @param {number} restX
 * @param {number} restY
 * @param {string} colour
 * @param {boolean} aims
 */
function drawStick(pen, stick, restX, restY, colour, aims) {
  const x = stick.active ? stick.baseX : restX;
  const y = stick.active ? stick.baseY : restY;
  pen.globalAlpha = stick.active ? 0.85 : 0.45;
  pen.fillStyle = "rgba(8,14,36,.45)";
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(x, y, REACH + 8, 0, 7);
  pen.fill();
  pen.stroke();
  const knobX = x + stick.x * REACH;
  const knobY = y + stick.y * REACH;
  pen.fillStyle = colour;
  pen.globalAlpha = stick.active ? 0.8 : 0.3;
  pen.beginPath();
  pen.arc(knobX, knobY, 25, 0, 7);
  pen.fill();
  pen.globalAlpha = stick.active ? 0.9 : 0.6;
  pen.strokeStyle = "#0a1230";
  pen.lineWidth = 2.5;
  pen.beginPath();
  if (aims) {
    pen.arc(knobX, knobY, 8, 0, 7);
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]) {
      pen.moveTo(knobX + dx * 5, knobY + dy * 5);
      pen.lineTo(knobX + dx * 13, knobY + dy * 13);
    }
  } else {
    for (let turn = 0; turn < 4; turn += 1) {
      const cos = Math.cos((turn * Math.PI) / 2);
      const sin = Math.sin((turn * Math.PI) / 2);
      pen.moveTo(knobX + cos * 8 - sin * 5, knobY + sin * 8 + cos * 5);
      pen.lineTo(knobX + cos * 14, knobY + sin * 14);
      pen.lineTo(knobX + cos * 8 + sin * 5, knobY + sin * 8 - cos * 5);
    }
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Stick} stick
 * @param {{x: number, y: number}} rest
 * @param {number} charge 0 to 1
 */
function drawRailStick(pen, stick, rest, charge) {
  const x = rest.x + stick.x * RAIL_REACH;
  const y = rest.y + stick.y * RAIL_REACH;
  const ready = charge >= 1;
  pen.globalAlpha = stick.active ? 0.95 : ready ? 0.75 : 0.5;
  pen.fillStyle = "rgba(8,14,36,.6)";
  pen.beginPath();
  pen.arc(x, y, RAIL_SIZE, 0, 7);
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = fade(RAIL, 0.35);
  pen.stroke();
  pen.lineWidth = 3.5;
  pen.strokeStyle = RAIL;
  pen.beginPath();
  pen.arc(x, y, RAIL_SIZE, -Math.PI / 2, -Math.PI / 2 + charge * 2 * Math.PI);
  pen.stroke();
  // A beam through a ring.
  pen.lineWidth = 2.5;
  pen.strokeStyle = ready ? "#ffffff" : RAIL;
  pen.lineCap = "round";
  pen.beginPath();
  pen.moveTo(x - 13, y + 13);
  pen.lineTo(x + 13, y - 13);
  pen.stroke();
  pen.beginPath();
  pen.ellipse(x, y, 9, 4, Math.PI / 4, 0, 7);
  pen.stroke();
  pen.globalAlpha = 1;
}
