/**
 * Where the match is seen from: follows its target softly, leans a little towards the aim, and shakes when it hurts.
 */
export class Camera {
  x = 0;
  y = 0;
  /** Device pixels per world unit. */
  scale = 1;
  /** Size of the canvas, device pixels. */
  width = 1;
  height = 1;
  /** Device pixels to add to a scaled world position; whole numbers, so that the floor's tiles stay sharp. */
  left = 0;
  top = 0;
  /** From where walls are seen: what is next to this point is not hidden by their height. */
  eyeX = 0;
  eyeY = 0;
  /** Of somebody who only watches: 1 is what players see. */
  zoom = 1;
  #shake = 0;
  #phase = 0;
  #still = matchMedia("(prefers-reduced-motion: reduce)");

  /**
   * @param {number} width CSS pixels
   * @param {number} height CSS pixels
   * @param {number} ratio device pixels per CSS pixel
   */
  resize(width, height, ratio) {
    this.width = Math.round(width * ratio);
    this.height = Math.round(height * ratio);
    // Everybody sees about the same area, whatever the shape of the screen; on a phone a smaller one, to make things out.
    const zoom = Math.min(1.7, Math.max(0.62, Math.sqrt(width * height) / 1150));
    this.scale = Math.round(zoom * this.zoom * ratio * 64) / 64;
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} elapsed seconds since the last call
   */
  follow(x, y, elapsed) {
    const far = Math.hypot(x - this.x, y - this.y) > 900;
    const share = far ? 1 : 1 - Math.exp(-elapsed * 9);
    this.x += (x - this.x) * share;
    this.y += (y - this.y) * share;
  }

  /**
   * Look at walls from above this point, and get there softly.
   *
   * @param {number} x
   * @param {number} y
   * @param {number} elapsed seconds
   */
  lookFrom(x, y, elapsed) {
    const share = Math.hypot(x - this.eyeX, y - this.eyeY) > 1200 ? 1 : 1 - Math.exp(-elapsed * 10);
    this.eyeX += (x - this.eyeX) * share;
    this.eyeY += (y - this.eyeY) * share;
  }

  /**
   * Keep the picture from showing much of what lies beyond the arena.
   *
   * @param {number} width of the arena
   * @param {number} height of the arena
   */
  confine(width, height) {
    this.x = within(this.x, width, this.width / this.scale);
    this.y = within(this.y, height, this.height / this.scale);
  }

  /** @param {number} strength 0 to 1 */
  shake(strength) {
    if (!this.#still.matches) this.#shake = Math.min(1, Math.max(this.#shake, strength));
  }

  /** Fix this frame's offset. @param {number} elapsed seconds */
  settle(elapsed) {
    this.#shake = Math.max(0, this.#shake - elapsed * 2.6);
    this.#phase += elapsed;
    const swing = this.#shake * this.#shake * 13 * this.scale;
    const dx = Math.sin(this.#phase * 71) * swing;
    const dy = Math.sin(this.#phase * 59 + 2) * swing;
    this.left = Math.round(this.width / 2 - this.x * this.scale + dx);
    this.top = Math.round(this.height / 2 - this.y * this.scale + dy);
  }

  /** @param {number} x world */
  screenX(x) {
    return x * this.scale + this.left;
  }

  /** @param {number} y world */
  screenY(y) {
    return y * this.scale + this.top;
  }

  /**
   * @param {number} x world
   * @param {number} y world
   * @param {number} margin world units
   */
  sees(x, y, margin) {
    const reach = margin * this.scale;
    const sx = this.screenX(x);
    const sy = this.screenY(y);
    return sx > -reach && sy > -reach && sx < this.width + reach && sy < this.height + reach;
  }

  /**
   * Let the pen draw in world units around a point, turned by an angle.
   *
   * @param {CanvasRenderingContext2D} pen
   * @param {number} x
   * @param {number} y
   * @param {number} [angle]
   * @param {number} [size]
   */
  place(pen, x, y, angle = 0, size = 1) {
    const k = this.scale * size;
    const cos = Math.cos(angle) * k;
    const sin = Math.sin(angle) * k;
    pen.setTransform(cos, sin, -sin, cos, this.screenX(x), this.screenY(y));
  }

  /** Let the pen draw in world coordinates. @param {CanvasRenderingContext2D} pen */
  world(pen) {
    pen.setTransform(this.scale, 0, 0, this.scale, this.left, this.top);
  }
}

/** How much of the outside may be seen, world units: enough for the rim, and for the head-up display to lie on. */
const OUTSIDE = 130;

/**
 * @param {number} middle
 * @param {number} size of the arena
 * @param {number} view size of the picture
 */
function within(middle, size, view) {
  const least = view / 2 - OUTSIDE;
  const most = size - view / 2 + OUTSIDE;
  return least > most ? size / 2 : Math.max(least, Math.min(most, middle));
}
