/**
 * Pictures drawn once and stamped many times.
 *
 * Glows and gradients are the costly part of this look; `shadowBlur` per entity and frame would be far too slow on a
 * phone. So each figure is drawn once per colour at the scale of the screen, and a frame is mostly `drawImage`.
 */

/** @typedef {CanvasRenderingContext2D} Pen */
/** @typedef {{canvas: HTMLCanvasElement, size: number}} Sprite `size`: the side in world units; the origin is the centre */

/** @type {Map<string, Sprite>} */
const cache = new Map();
let resolution = 1;

/**
 * Choose how many device pixels a world unit gets. Sprites of another resolution are drawn anew when next asked for.
 *
 * @param {number} pixels
 */
export function setResolution(pixels) {
  if (pixels === resolution) return;
  resolution = pixels;
  cache.clear();
}

/**
 * @param {string} key
 * @param {number} size world units
 * @param {(pen: Pen) => void} draw with the origin at the centre, in world units
 * @returns {Sprite}
 */
export function sprite(key, size, draw) {
  let found = cache.get(key);
  if (!found) {
    // Names and colours of players come and go; a long session must not keep them all.
    if (cache.size > 400) cache.clear();
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.max(1, Math.ceil(size * resolution));
    const pen = /** @type {Pen} */ (canvas.getContext("2d"));
    pen.scale(canvas.width / size, canvas.height / size);
    pen.translate(size / 2, size / 2);
    pen.lineJoin = "round";
    pen.lineCap = "round";
    draw(pen);
    cache.set(key, (found = { canvas, size }));
  }
  return found;
}

