/**
 * What lies over the arena for somebody who plays: crosshair, sticks, wounds, the cooldowns of gun and rail. It knows where
 * the own ship is on the screen, which the mouse aims from.
 */
import { Overlay } from "./overlay.js";
import { Reload } from "./reload.js";

/** @typedef {import("./types.js").Ship} Ship */

export class Cockpit {
  overlay = new Overlay();
  /** Where the own ship is on the page, CSS pixels. */
  ship = { x: 0, y: 0 };
  /** Of the rail, 0 just fired to 1 ready. */
  charge = 1;
  #reload = new Reload();

  /**
   * @param {import("./controls.js").Controls} controls
   * @param {import("./hud.js").Hud} hud
   * @param {import("./sounds.js").ArenaSounds} sounds
   */
  constructor(controls, hud, sounds) {
    this.controls = controls;
    this.hud = hud;
    this.sounds = sounds;
  }

  /** A match begins. */
  begin() {
    this.charge = 1;
  }

  /**
   * @param {import("./battlefield.js").Battlefield} field
   * @param {Ship | undefined} own
   * @param {{score: number, state: import("./types.js").ArenaState, railTime: number, elapsed: number}} match `railTime`:
   *   seconds that the rail takes to load; `elapsed`: seconds since the last frame
   */
  draw({ camera, canvas, pen, ratio }, own, { score, state, railTime, elapsed }) {
    if (own) this.ship = { x: camera.screenX(own.x) / ratio, y: camera.screenY(own.y) / ratio };
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const loading = this.#reload.share(own?.cooldown ?? 0);
    this.#load(own, railTime);
    this.overlay.drawWounds(pen, elapsed, this.ship);
    const { sticks, pointer, aim } = this.controls;
    if (own?.alive && sticks.rail.active) this.overlay.drawSight(pen, this.ship, aim, this.charge);
    sticks.draw(pen, canvas.clientWidth, canvas.clientHeight, this.charge);
    if (pointer.seen) this.overlay.drawCrosshair(pen, elapsed, pointer, loading, this.charge);
    if (own) this.hud.drawShip(own, score, loading, this.charge, state, elapsed);
  }

  /**
   * Bring the rail's charge up to date.
   *
   * @param {Ship | undefined} own
   * @param {number} whole
   */
  #load(own, whole) {
    const charge = own && whole > 0 ? Math.max(0, 1 - own.rail_cooldown / whole) : 1;
    if (charge >= 1 && this.charge < 1 && own?.alive) this.sounds.play("railReady", 0.6);
    this.charge = charge;
  }
}
