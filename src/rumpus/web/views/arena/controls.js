/**
 * Keyboard, mouse, gamepad and thumb sticks, read as one thing: what the player wants right now.
 *
 * Keys go by their place (`code`), so that WASD is a hand's shape and not four letters: it works on AZERTY and Dvorak.
 */
import { isTyping } from "../../ui/typing.js";
import { Sticks } from "./sticks.js";

/** @typedef {import("./rules/step.js").ArenaInput} ArenaInput */

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

/** What fires the rail, beside the right mouse button: whichever a hand on WASD reaches. */
const RAIL_KEYS = ["ShiftLeft", "ShiftRight", "KeyE"];
/** Everything that a match listens for. */
const KEYS = new Set([...Object.keys(MOVES), ...RAIL_KEYS, "Space"]);

/** Bits of a mouse's pressed buttons. */
const LEFT = 1;
const RIGHT = 2;

/** A gamepad's sticks never rest exactly in the middle. */
const DEAD_ZONE = 0.2;

export class Controls {
  /** @type {Set<string>} */
  #held = new Set();
  /** Buttons of the mouse that were pressed on the arena and are still held. */
  #buttons = 0;
  /** Presses since the last tick: a click may be over before anybody asks. */
  #tapped = { fire: false, rail: false };
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
    this.#buttons = 0;
    this.forget();
    this.sticks.release();
  }

  /**
   * A tick has used what `read` gave: presses that it told of and that are over count no more.
   *
   * @param {{fire: boolean, rail: boolean}} input
   */
  taken({ fire, rail }) {
    if (fire) this.#tapped.fire = false;
    if (rail) {
      this.#tapped.rail = false;
      this.sticks.shot = null;
    }
  }

  /** Forget presses: there was nobody to fire. */
  forget() {
    this.taken({ fire: true, rail: true });
  }

  /** @param {KeyboardEvent} event */
  #keyDown(event) {
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!KEYS.has(event.code)) return;
    // A button that still has the focus must not be pressed by the trigger.
    event.preventDefault();
    this.#held.add(event.code);
    if (event.repeat || this.paused) return;
    if (event.code === "Space") this.#tapped.fire = true;
    if (RAIL_KEYS.includes(event.code)) this.#tapped.rail = true;
  }

  /** @param {PointerEvent} event */
  #point(event) {
    if (event.pointerType === "touch") return;
    const box = this.canvas.getBoundingClientRect();
    this.pointer.x = event.clientX - box.left;
    this.pointer.y = event.clientY - box.top;
    this.pointer.seen = true;
    // Of a second button browsers tell as if the mouse had moved.
    if (this.#buttons !== 0) this.#press(event.buttons);
  }

  /** @param {number} buttons bits of those held now */
  #press(buttons) {
    const fresh = buttons & ~this.#buttons;
    this.#buttons = buttons;
    if (this.paused) return;
    if (fresh & LEFT) this.#tapped.fire = true;
    if (fresh & RIGHT) this.#tapped.rail = true;
  }

  /** @param {PointerEvent} event */
  #mouseDown(event) {
    if (event.pointerType === "touch") return;
    event.preventDefault();
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    this.#point(event);
    this.#press(event.buttons);
  }

  /** @param {PointerEvent} event */
  #mouseUp(event) {
    if (event.pointerType !== "touch") this.#buttons = 0;
  }

  /**
   * What the player wants now. May be asked any number of times; presses stay until `taken`.
   *
   * @returns {ArenaInput}
   */
  read() {
    if (this.paused) return { move_x: 0, move_y: 0, aim: round(this.#aim), fire: false, rail: false };
    let x = 0;
    let y = 0;
    for (const code of this.#held) {
      const move = MOVES[code];
      if (move) {
        x += move[0];
        y += move[1];
      }
    }
    let fire = (this.#buttons & LEFT) !== 0 || this.#tapped.fire || this.#held.has("Space");
    let rail =
      (this.#buttons & RIGHT) !== 0 || this.#tapped.rail || RAIL_KEYS.some((code) => this.#held.has(code));
    if (this.pointer.seen) {
      const origin = this.origin();
      this.#aim = Math.atan2(this.pointer.y - origin.y, this.pointer.x - origin.x);
    }
    const { left, right, rail: railStick, shot } = this.sticks;
    if (left.active) [x, y] = [left.x, left.y];
    if (right.active && Math.hypot(right.x, right.y) > 0.2) {
      this.#aim = Math.atan2(right.y, right.x);
      fire ||= Math.hypot(right.x, right.y) > 0.35;
      this.pointer.seen = false;
    } else if (left.active && !right.active && !railStick.active && !shot && !this.pointer.seen && Math.hypot(x, y) > 0.3) {
      // Nobody aims: look where you go.
      this.#aim = Math.atan2(y, x);
    }
    // The rail's own stick aims while it is held, and fires where it was let go.
    const sight = shot ?? railStick;
    if ((shot || railStick.active) && Math.hypot(sight.x, sight.y) > 0.2) {
      this.#aim = Math.atan2(sight.y, sight.x);
      this.pointer.seen = false;
    }
    if (shot) rail = true;
    const pad = readPad();
    if (pad) {
      if (Math.hypot(pad.x, pad.y) > DEAD_ZONE) [x, y] = [pad.x, pad.y];
      if (Math.hypot(pad.aimX, pad.aimY) > 0.35) {
        this.#aim = Math.atan2(pad.aimY, pad.aimX);
        this.pointer.seen = false;
        fire ||= Math.hypot(pad.aimX, pad.aimY) > 0.75;
      }
      fire ||= pad.fire;
      rail ||= pad.rail;
    }
    // Diagonals are not faster.
    const length = Math.max(1, Math.hypot(x, y));
    return { move_x: round(x / length), move_y: round(y / length), aim: round(this.#aim), fire, rail };
  }

  /** Where the player aims, for drawing. @returns {number} radians */
  get aim() {
    return this.#aim;
  }
}

/** @returns {{x: number, y: number, aimX: number, aimY: number, fire: boolean, rail: boolean} | null} */
function readPad() {
  for (const pad of navigator.getGamepads?.() ?? []) {
    if (!pad || pad.mapping !== "standard") continue;
    const trigger = pad.buttons[7]?.pressed || pad.buttons[5]?.pressed || pad.buttons[0]?.pressed;
    const rail = pad.buttons[6]?.pressed || pad.buttons[4]?.pressed;
    const [x, y, aimX, aimY] = pad.axes;
    return { x, y, aimX, aimY, fire: Boolean(trigger), rail: Boolean(rail) };
  }
  return null;
}

/** Three digits are plenty, and keep an input short on the wire. @param {number} value */
function round(value) {
  return Math.round(value * 1000) / 1000;
}
