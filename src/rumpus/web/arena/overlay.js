/**
 * What is drawn on top of the arena in screen coordinates: the crosshair with the weapon's cooldown around it, the mark
 * of a hit, and the red arcs that say where a shot came from.
 */

/** @typedef {{angle: number, age: number, strength: number}} Wound */

export class Overlay {
  /** @type {Wound[]} */
  #wounds = [];
  #hit = 0;
  #killed = false;

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
   * @param {number} cooldown 0 ready to 1 just fired
   */
  drawCrosshair(pen, elapsed, pointer, cooldown) {
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
    if (this.#hit > 0) this.#drawHit(pen, x, y);
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
