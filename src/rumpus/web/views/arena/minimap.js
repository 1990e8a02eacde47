/** The whole arena in a corner: walls drawn once, everything that moves as a mark, ten times a second. */
import { ENEMIES, PICKUPS } from "./palette.js";
import { teamMark } from "./sprites.js";

const EVERY = 0.08;

export class Minimap {
  /** @type {HTMLCanvasElement} */
  #walls = document.createElement("canvas");
  /** @type {import("./types.js").ArenaMap | null} */
  #map = null;
  #drawnAt = 0;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  }

  /**
   * @param {import("./types.js").Entities} entities
   * @param {import("./types.js").ArenaMap} map
   * @param {import("./types.js").Cast} cast
   * @param {number} now seconds
   */
  draw(entities, map, cast, now) {
    if (now - this.#drawnAt < EVERY) return;
    this.#drawnAt = now;
    const { canvas, pen } = this;
    const scale = canvas.width / Math.max(map.width, map.height);
    if (map !== this.#map) this.#paintWalls(map, scale);
    const left = (canvas.width - map.width * scale) / 2;
    const top = (canvas.height - map.height * scale) / 2;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(this.#walls, 0, 0);
    for (const pickup of entities.pickups.values()) {
      pen.fillStyle = PICKUPS[pickup.kind] ?? "#fff";
      pen.globalAlpha = 0.8;
      pen.fillRect(left + pickup.x * scale - 2.5, top + pickup.y * scale - 2.5, 5, 5);
    }
    pen.globalAlpha = 1;
    for (const enemy of entities.enemies.values()) {
      pen.fillStyle = ENEMIES[enemy.kind] ?? ENEMIES.chaser;
      pen.setTransform(1, 0, 0, 1, left + enemy.x * scale, top + enemy.y * scale);
      pen.beginPath();
      pen.moveTo(0, -5);
      pen.lineTo(5, 4);
      pen.lineTo(-5, 4);
      pen.fill();
    }
    for (const [id, ship] of entities.players) {
      if (!ship.alive || id === cast.selfId) continue;
      pen.fillStyle = cast.colour(id, ship.team);
      pen.setTransform(1, 0, 0, 1, left + ship.x * scale, top + ship.y * scale);
      if (ship.team) teamMark(pen, ship.team, 5.5);
      else {
        pen.beginPath();
        pen.arc(0, 0, 4.6, 0, 7);
        pen.fill();
      }
    }
    const self = entities.players.get(cast.selfId);
    if (self?.alive) {
      pen.setTransform(1, 0, 0, 1, left + self.x * scale, top + self.y * scale);
      pen.rotate(self.angle);
      pen.fillStyle = "#ffffff";
      pen.strokeStyle = cast.colour(cast.selfId, self.team);
      pen.lineWidth = 2.5;
      pen.beginPath();
      pen.moveTo(10, 0);
      pen.lineTo(-6, -6.5);
      pen.lineTo(-3, 0);
      pen.lineTo(-6, 6.5);
      pen.closePath();
      pen.stroke();
      pen.fill();
    }
  }

  /**
   * @param {import("./types.js").ArenaMap} map
   * @param {number} scale
   */
  #paintWalls(map, scale) {
    this.#map = map;
    this.#walls.width = this.canvas.width;
    this.#walls.height = this.canvas.height;
    const pen = /** @type {CanvasRenderingContext2D} */ (this.#walls.getContext("2d"));
    pen.translate((this.canvas.width - map.width * scale) / 2, (this.canvas.height - map.height * scale) / 2);
    pen.fillStyle = "rgba(9,15,40,.8)";
    pen.fillRect(0, 0, map.width * scale, map.height * scale);
    pen.fillStyle = "#3c559f";
    for (const [x, y, w, h] of map.walls)
      pen.fillRect(x * scale, y * scale, Math.max(2, w * scale), Math.max(2, h * scale));
  }
}
