/**
 * The arena itself: floor, markings, and walls that stand up.
 *
 * The floor never changes during a match, so it is drawn once into square tiles at the screen's own resolution; a frame
 * copies a dozen of them. Walls are drawn anew in every frame, because their tops are nearer to the eye than the floor:
 * they spread away from the point looked at (one's own ship, so that no wall hides it), and that little parallax gives
 * the whole arena its depth.
 */
import { fade } from "../../ui/palette.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./types.js").ArenaMap} ArenaMap */
/** @typedef {CanvasRenderingContext2D} Pen */

/** Side of a tile in device pixels. */
const TILE = 512;
/** How many tiles are kept: about 64 MB at most. */
const KEEP = 64;
/** How much nearer to the eye the top of a wall is. */
const RISE = 0.045;
const HEX = 46;

export class Scenery {
  /** @type {Map<number, HTMLCanvasElement>} */
  #tiles = new Map();
  /** @type {ArenaMap | null} */
  #map = null;
  #scale = 0;
  /** @type {[number, number, number, number][]} */
  #solid = [];
  /** Where the tops of this frame's walls are; kept from frame to frame. @type {[number, number, number, number][]} */
  #tops = [];

  /**
   * @param {ArenaMap} map
   * @param {number} scale
   */
  #prepare(map, scale) {
    if (map === this.#map && scale === this.#scale) return;
    const same = this.#map && scale === this.#scale && JSON.stringify(map) === JSON.stringify(this.#map);
    this.#map = map;
    if (same) return;
    this.#scale = scale;
    this.#tiles.clear();
    const { width, height } = map;
    // The rim of the arena is four more walls.
    const rim = 46;
    this.#solid = [
      [-rim, -rim, width + 2 * rim, rim],
      [-rim, height, width + 2 * rim, rim],
      [-rim, 0, rim, height],
      [width, 0, rim, height],
      ...map.walls,
    ];
  }

  /**
   * @param {Pen} pen
   * @param {Camera} camera
   * @param {ArenaMap} map
   */
  drawFloor(pen, camera, map) {
    this.#prepare(map, camera.scale);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    const firstColumn = Math.floor(-camera.left / TILE);
    const lastColumn = Math.floor((camera.width - camera.left) / TILE);
    const firstRow = Math.floor(-camera.top / TILE);
    const lastRow = Math.floor((camera.height - camera.top) / TILE);
    for (let row = firstRow; row <= lastRow; row += 1) {
      for (let column = firstColumn; column <= lastColumn; column += 1) {
        pen.drawImage(this.#tile(map, column, row), column * TILE + camera.left, row * TILE + camera.top);
      }
    }
  }

  /**
   * @param {ArenaMap} map
   * @param {number} column
   * @param {number} row
   */
  #tile(map, column, row) {
    const key = (row + 512) * 1024 + column + 512;
    let tile = this.#tiles.get(key);
    if (tile) {
      // Last used goes last: a Map keeps its order, which makes it a least-recently-used cache.
      this.#tiles.delete(key);
    } else {
      if (this.#tiles.size >= KEEP) {
        const oldest = /** @type {[number, HTMLCanvasElement]} */ (this.#tiles.entries().next().value);
        this.#tiles.delete(oldest[0]);
        tile = oldest[1];
      } else {
        tile = document.createElement("canvas");
        tile.width = tile.height = TILE;
      }
      const pen = /** @type {Pen} */ (tile.getContext("2d", { alpha: false }));
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.fillStyle = "#04060d";
      pen.fillRect(0, 0, TILE, TILE);
      const scale = this.#scale;
      pen.setTransform(scale, 0, 0, scale, -column * TILE, -row * TILE);
      const left = (column * TILE) / scale;
      const top = (row * TILE) / scale;
      paintFloor(pen, map, left, top, TILE / scale);
      paintFootings(pen, this.#solid, scale);
    }
    this.#tiles.set(key, tile);
    return tile;
  }

  /**
   * @param {Pen} pen
   * @param {Camera} camera
   */
  drawWalls(pen, camera) {
    camera.world(pen);
    // The point from which the walls are seen; the middle of the picture may be elsewhere.
    const cx = camera.eyeX;
    const cy = camera.eyeY;
    const left = -camera.left / camera.scale - 70;
    const top = -camera.top / camera.scale - 70;
    const farRight = left + camera.width / camera.scale + 140;
    const farBottom = top + camera.height / camera.scale + 140;
    let tops = 0;
    for (const [x, y, w, h] of this.#solid) {
      if (x > farRight || x + w < left || y > farBottom || y + h < top) continue;
      const right = x + w;
      const bottom = y + h;
      const topX = cx + (x - cx) * (1 + RISE);
      const topY = cy + (y - cy) * (1 + RISE);
      const topRight = cx + (right - cx) * (1 + RISE);
      const topBottom = cy + (bottom - cy) * (1 + RISE);
      if (cx < x) side(pen, "#22397f", x, y, x, bottom, topX, topBottom, topX, topY);
      else if (cx > right) side(pen, "#1b2f6e", right, y, right, bottom, topRight, topBottom, topRight, topY);
      if (cy < y) side(pen, "#172a66", x, y, right, y, topRight, topY, topX, topY);
      else if (cy > bottom) side(pen, "#2a4594", x, bottom, right, bottom, topRight, topBottom, topX, topBottom);
      const surface = (this.#tops[tops] ??= [0, 0, 0, 0]);
      tops += 1;
      surface[0] = topX;
      surface[1] = topY;
      surface[2] = topRight - topX;
      surface[3] = topBottom - topY;
    }
    drawTops(pen, this.#tops, tops);
  }
}

/**
 * All edges first and the surfaces over them, so that walls which touch look like one piece.
 *
 * @param {Pen} pen
 * @param {[number, number, number, number][]} tops
 * @param {number} count how many of them are of this frame
 */
function drawTops(pen, tops, count) {
  pen.strokeStyle = "#7fa6ff";
  pen.lineWidth = 3.6;
  pen.beginPath();
  for (let index = 0; index < count; index += 1) pen.rect(...tops[index]);
  pen.stroke();
  pen.fillStyle = "#2b3e80";
  pen.beginPath();
  for (let index = 0; index < count; index += 1) pen.rect(...tops[index]);
  pen.fill();
  // A panel let into the surface.
  pen.fillStyle = "rgba(10,18,48,.34)";
  pen.strokeStyle = "rgba(140,180,255,.17)";
  pen.lineWidth = 1.2;
  pen.beginPath();
  for (let index = 0; index < count; index += 1) {
    const [x, y, w, h] = tops[index];
    pen.rect(x + 8, y + 8, w - 16, h - 16);
  }
  pen.fill();
  pen.stroke();
}

/**
 * @param {Pen} pen
 * @param {string} colour
 * @param {number} ax
 * @param {number} ay
 * @param {number} bx
 * @param {number} by
 * @param {number} cx
 * @param {number} cy
 * @param {number} dx
 * @param {number} dy
 */
function side(pen, colour, ax, ay, bx, by, cx, cy, dx, dy) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.moveTo(ax, ay);
  pen.lineTo(bx, by);
  pen.lineTo(cx, cy);
  pen.lineTo(dx, dy);
  pen.closePath();
  pen.fill();
}

/**
 * @param {Pen} pen in world units
 * @param {ArenaMap} map
 * @param {number} left
 * @param {number} top
 * @param {number} size
 */
function paintFloor(pen, map, left, top, size) {
  const { width, height } = map;
  pen.save();
  pen.beginPath();
  pen.rect(0, 0, width, height);
  pen.clip();
  pen.fillStyle = "#0c1433";
  pen.fillRect(left, top, size, size);
  // Pools of light: a cold one in the middle, others towards the corners, so that no two places look the same.
  const reach = Math.max(width, height);
  pool(pen, width / 2, height / 2, reach * 0.45, "#3052b8", 0.42);
  pool(pen, width * 0.08, height * 0.1, reach * 0.4, "#15459c", 0.42);
  pool(pen, width * 0.92, height * 0.12, reach * 0.38, "#6232a6", 0.42);
  pool(pen, width * 0.1, height * 0.92, reach * 0.38, "#10788c", 0.4);
  pool(pen, width * 0.92, height * 0.9, reach * 0.4, "#4430aa", 0.42);
  paintHexagons(pen, left, top, size);
  paintMarkings(pen, width, height);
  pen.restore();
}

/**
 * @param {Pen} pen
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {string} colour
 * @param {number} strength
 */
function pool(pen, x, y, radius, colour, strength) {
  const light = pen.createRadialGradient(x, y, 0, x, y, radius);
  light.addColorStop(0, fade(colour, strength));
  light.addColorStop(0.5, fade(colour, strength * 0.4));
  light.addColorStop(1, fade(colour, 0));
  pen.fillStyle = light;
  pen.fillRect(x - radius, y - radius, radius * 2, radius * 2);
}

/**
 * @param {Pen} pen
 * @param {number} left
 * @param {number} top
 * @param {number} size
 */
function paintHexagons(pen, left, top, size) {
  const across = HEX * Math.sqrt(3);
  const down = HEX * 1.5;
  pen.lineWidth = 1.2;
  for (let row = Math.floor(top / down) - 1; row <= Math.ceil((top + size) / down) + 1; row += 1) {
    for (let column = Math.floor(left / across) - 1; column <= Math.ceil((left + size) / across) + 1; column += 1) {
      const x = (column + (row & 1) / 2) * across;
      const y = row * down;
      pen.beginPath();
      for (let corner = 0; corner < 6; corner += 1) {
        const at = ((corner + 0.5) / 6) * 2 * Math.PI;
        pen.lineTo(x + Math.cos(at) * (HEX - 2.5), y + Math.sin(at) * (HEX - 2.5));
      }
      pen.closePath();
      const grain = scatter(column, row);
      pen.fillStyle = grain > 0.93 ? "rgba(120,160,255,.075)" : `rgba(150,180,255,${(grain * 0.026).toFixed(4)})`;
      pen.fill();
      pen.strokeStyle = "rgba(4,8,28,.34)";
      pen.stroke();
    }
  }
}

/**
 * Lines on the floor that help to tell where one is: circles in the middle, axes, brackets in the corners.
 *
 * @param {Pen} pen
 * @param {number} width
 * @param {number} height
 */
function paintMarkings(pen, width, height) {
  const cx = width / 2;
  const cy = height / 2;
  pen.strokeStyle = "rgba(140,182,255,.26)";
  pen.lineWidth = 3;
  pen.beginPath();
  pen.arc(cx, cy, 240, 0, 7);
  pen.stroke();
  pen.setLineDash([26, 18]);
  pen.lineWidth = 8;
  pen.strokeStyle = "rgba(140,182,255,.13)";
  pen.beginPath();
  pen.arc(cx, cy, 205, 0, 7);
  pen.stroke();
  pen.setLineDash([]);
  pen.lineWidth = 2;
  pen.strokeStyle = "rgba(125,170,255,.13)";
  pen.beginPath();
  pen.moveTo(cx, 0);
  pen.lineTo(cx, height);
  pen.moveTo(0, cy);
  pen.lineTo(width, cy);
  pen.stroke();
  pen.lineWidth = 5;
  pen.strokeStyle = "rgba(140,182,255,.3)";
  const inset = 90;
  const arm = 130;
  for (const [x, y, sx, sy] of [
    [inset, inset, 1, 1],
    [width - inset, inset, -1, 1],
    [inset, height - inset, 1, -1],
    [width - inset, height - inset, -1, -1],
  ]) {
    pen.beginPath();
    pen.moveTo(x, y + sy * arm);
    pen.lineTo(x, y);
    pen.lineTo(x + sx * arm, y);
    pen.stroke();
  }
}

/**
 * Where walls meet the floor: a soft shadow, and light that spills from the wall's foot.
 *
 * @param {Pen} pen
 * @param {[number, number, number, number][]} walls
 * @param {number} scale shadows are measured in device pixels, whatever the transformation
 */
function paintFootings(pen, walls, scale) {
  pen.save();
  pen.fillStyle = "#0a1230";
  pen.shadowColor = "rgba(1,2,12,.9)";
  pen.shadowBlur = 34 * scale;
  pen.shadowOffsetX = 7 * scale;
  pen.shadowOffsetY = 12 * scale;
  for (const [x, y, w, h] of walls) pen.fillRect(x, y, w, h);
  pen.shadowColor = "rgba(84,140,255,.9)";
  pen.shadowBlur = 16 * scale;
  pen.shadowOffsetX = pen.shadowOffsetY = 0;
  pen.strokeStyle = "rgba(96,150,255,.55)";
  pen.lineWidth = 2;
  for (const [x, y, w, h] of walls) pen.strokeRect(x, y, w, h);
  pen.restore();
}

/**
 * A fixed random number for a place, 0 to 1.
 *
 * @param {number} column
 * @param {number} row
 */
function scatter(column, row) {
  let value = Math.imul(column, 374761393) ^ Math.imul(row, 668265263);
  value = Math.imul(value ^ (value >>> 13), 1274126177);
  return ((value ^ (value >>> 16)) >>> 0) / 4294967296;
}
