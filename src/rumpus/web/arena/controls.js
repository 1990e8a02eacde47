/**
 * Keyboard, mouse and gamepad, read as one thing: what the player wants right now.
 *
 * Keys go by their place (`code`), so that WASD is a hand's shape and not four letters: it works on AZERTY and Dvorak.
 */
import { Sticks } from "./sticks.js";

/** @typedef {{move_x: number, move_y: number, aim: number, fire: boolean}} ArenaInput */

/** @type {Record<string, [number, number]>} */
const MOVES = {
  KeyW: [0, -1],
  ArrowUp: [0, -1],
  KeyS: [0, 1],
  ArrowDown: [0, 1],
  KeyA: [-1, 0],
  ArrowLeft: [-1, 0],
  KeyD: [1, 0],
  ArrowRight: [1, 0],
};

/** A gamepad's sticks never rest exactly in the middle. */
const DEAD_ZONE = 0.2;

export class Controls {
  /** @type {Set<string>} */
  #held = new Set();
  #firing = false;
  #aim = 0;
  /** @type {AbortController | null} */
  #listening = null;
  /** Where the mouse is, CSS pixels of the canvas. */
  pointer = { x: 0, y: 0, seen: false };
  sticks = new Sticks();
  /** Set while the player is looking at something else than the match, such as the chat. */
  paused = false;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => {x: number, y: number}} origin where the own ship is on the canvas, CSS pixels
   */
  constructor(canvas, origin) {
    this.canvas = canvas;
    this.origin = origin;
  }

  start() {
    this.stop();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    window.addEventListener("keydown", (event) => this.#keyDown(event), { signal });
    window.addEventListener("keyup", (event) => this.#held.delete(event.code), { signal });
    window.addEventListener("blur", () => this.release(), { signal });
    window.addEventListener("pointermove", (event) => this.#point(event), { signal });
    window.addEventListener("pointerup", (event) => this.#mouseUp(event), { signal });
    this.canvas.addEventListener("pointerdown", (event) => this.#mouseDown(event), { signal });
    this.canvas.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
    this.sticks.start(this.canvas, signal);
  }

  stop() {
    this.#listening?.abort();
    this.#listening = null;
    this.release();
  }

  /** Let go of everything. */
  release() {
    this.#held.clear();
    this.#firing = false;
    this.sticks.release();
  }

  /** @param {KeyboardEvent} event */
  #keyDown(event) {
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(event.code in MOVES) && event.code !== "Space") return;
    // A button that still has the focus must not be pressed by the trigger.
    event.preventDefault();
    this.#held.add(event.code);
  }

  /** @param {PointerEvent} event */
  #point(event) {
    if (event.pointerType === "touch") return;
    const box = this.canvas.getBoundingClientRect();
    this.pointer.x = event.clientX - box.left;
    this.pointer.y = event.clientY - box.top;
    this.pointer.seen = true;
  }

  /** @param {PointerEvent} event */
  #mouseDown(event) {
    if (event.pointerType === "touch") return;
    event.preventDefault();
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    this.#point(event);
    if (event.button === 0) this.#firing = true;
  }

  /** @param {PointerEvent} event */
  #mouseUp(event) {
    if (event.pointerType !== "touch" && event.button === 0) this.#firing = false;
  }

  /** @returns {ArenaInput} */
  read() {
    if (this.paused) return { move_x: 0, move_y: 0, aim: this.#aim, fire: false };
    let x = 0;
    let y = 0;
    for (const code of this.#held) {
      const move = MOVES[code];
      if (move) {
        x += move[0];
        y += move[1];
      }
    }
    let fire = this.#firing || this.#held.has("Space");
    if (this.pointer.seen) {
      const origin = this.origin();
      this.#aim = Math.atan2(this.pointer.y - origin.y, this.pointer.x - origin.x);
    }
    const { left, right } = this.sticks;
    if (left.active) [x, y] = [left.x, left.y];
    if (right.active && Math.hypot(right.x, right.y) > 0.2) {
      this.#aim = Math.atan2(right.y, right.x);
      fire ||= Math.hypot(right.x, right.y) > 0.35;
      this.pointer.seen = false;
    } else if (left.active && !right.active && !this.pointer.seen && Math.hypot(x, y) > 0.3) {
      // Nobody aims: look where you go.
      this.#aim = Math.atan2(y, x);
    }
    const pad = readPad();
    if (pad) {
      if (Math.hypot(pad.x, pad.y) > DEAD_ZONE) [x, y] = [pad.x, pad.y];
      if (Math.hypot(pad.aimX, pad.aimY) > 0.35) {
        this.#aim = Math.atan2(pad.aimY, pad.aimX);
        this.pointer.seen = false;
        fire ||= Math.hypot(pad.aimX, pad.aimY) > 0.75;
      }
      fire ||= pad.fire;
    }
    // Diagonals are not faster.
    const length = Math.max(1, Math.hypot(x, y));
    return { move_x: round(x / length), move_y: round(y / length), aim: round(this.#aim), fire };
  }

  /** Where the player aims, for drawing. @returns {number} radians */
  get aim() {
    return this.#aim;
  }
}

/** @returns {{x: number, y: number, aimX: number, aimY: number, fire: boolean} | null} */
function readPad() {
  for (const pad of navigator.getGamepads?.() ?? []) {
    if (!pad || pad.mapping !== "standard") continue;
    const trigger = pad.buttons[7]?.pressed || pad.buttons[5]?.pressed || pad.buttons[0]?.pressed;
    return { x: pad.axes[0], y: pad.axes[1], aimX: pad.axes[2], aimY: pad.axes[3], fire: Boolean(trigger) };
  }
  return null;
}

/** Three digits are plenty, and keep an input short on the wire. @param {number} value */
function round(value) {
  return Math.round(value * 1000) / 1000;
}

/** @param {EventTarget | null} target */
export function isTyping(target) {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
