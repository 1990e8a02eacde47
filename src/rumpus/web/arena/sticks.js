/**
 * Two thumb sticks for touch screens. A stick is wherever the thumb comes down in its half of the screen, so nobody has
 * to look for it; while it is not touched, its place of rest is drawn as a hint.
 */

/** @typedef {{active: boolean, pointer: number, x: number, y: number, baseX: number, baseY: number}} Stick */

/** How far a thumb moves for full deflection, CSS pixels. */
const REACH = 52;

/** @returns {Stick} */
function newStick() {
  return { active: false, pointer: -1, x: 0, y: 0, baseX: 0, baseY: 0 };
}

export class Sticks {
  left = newStick();
  right = newStick();
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
    window.addEventListener("pointercancel", (event) => this.#up(event), options);
  }

  release() {
    this.left = newStick();
    this.right = newStick();
  }

  /**
   * @param {PointerEvent} event
   * @param {HTMLCanvasElement} canvas
   */
  #down(event, canvas) {
    if (event.pointerType !== "touch") return;
    event.preventDefault();
    this.used = true;
    const stick = event.clientX < canvas.clientWidth / 2 ? this.left : this.right;
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
    if (distance > REACH * 1.5) {
      // The base trails a thumb that wanders off, so that turning back works at once.
      const slip = (distance - REACH * 1.5) / distance;
      stick.baseX += dx * slip;
      stick.baseY += dy * slip;
      dx *= 1 - slip;
      dy *= 1 - slip;
    }
    const length = Math.max(REACH, Math.hypot(dx, dy));
    stick.x = dx / length;
    stick.y = dy / length;
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const stick = this.#of(event);
    if (!stick) return;
    stick.active = false;
    stick.pointer = -1;
    stick.x = stick.y = 0;
  }

  /** @param {PointerEvent} event */
  #of(event) {
    if (this.left.active && this.left.pointer === event.pointerId) return this.left;
    if (this.right.active && this.right.pointer === event.pointerId) return this.right;
    return null;
  }

  /**
   * @param {CanvasRenderingContext2D} pen in CSS pixels
   * @param {number} width
   * @param {number} height
   */
  draw(pen, width, height) {
    if (!this.used) return;
    // Upright, one's vital signs lie below the thumbs; lying, between them.
    const rest = height > width ? 168 : Math.min(116, height * 0.27);
    drawStick(pen, this.left, Math.max(96, width * 0.11), height - rest, "#8fb2ff", false);
    drawStick(pen, this.right, width - Math.max(96, width * 0.11), height - rest, "#ff9fae", true);
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
