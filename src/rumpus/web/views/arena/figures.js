/**
 * Draws ships, enemies, shots and pick-ups at their places. Everything that says something about the rules (health,
 * shield, protection, rapid fire, team) is drawn here and can be told by shape as well as by colour.
 */
import { fade } from "../../ui/palette.js";
import { ENEMIES, PICKUPS } from "./palette.js";
import * as sprites from "./sprites.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./tracks.js").Track} Track */
/** @typedef {CanvasRenderingContext2D} Pen */

/**
 * Stamp a sprite with its centre at the pen's origin.
 *
 * @param {Pen} pen
 * @param {import("./sprite-cache.js").Sprite} stamp
 */
function stamp(pen, stamp) {
  pen.drawImage(stamp.canvas, -stamp.size / 2, -stamp.size / 2, stamp.size, stamp.size);
}

/**
 * @param {Pen} pen
 * @param {Camera} camera
 * @param {import("./types.js").Ship} ship
 * @param {Track} track
 * @param {{colour: string, self: boolean, now: number}} look
 */
export function drawShip(pen, camera, ship, track, { colour, self, now }) {
  const { x, y } = ship;
  camera.place(pen, x + 5, y + 8);
  stamp(pen, sprites.shadow(22));
  camera.place(pen, x, y);
  pen.globalCompositeOperation = "lighter";
  pen.globalAlpha = self ? 0.85 : 0.55;
  stamp(pen, sprites.glow(colour, self ? 70 : 56));
  pen.globalCompositeOperation = "source-over";
  // A ship just come to life flickers until it can be hurt.
  pen.globalAlpha = ship.protected ? 0.62 + 0.3 * Math.sin(now * 18) : 1;
  camera.place(pen, x, y, track.heading);
  stamp(pen, sprites.hull(colour));
  const recoil = track.recoil * track.recoil * 6;
  camera.place(pen, x - Math.cos(ship.angle) * recoil, y - Math.sin(ship.angle) * recoil, ship.angle);
  stamp(pen, sprites.barrel(colour));
  camera.place(pen, x, y, ship.angle);
  stamp(pen, sprites.turret(colour, ship.team));
  if (track.flash > 0) {
    pen.globalAlpha = track.flash * 0.75;
    stamp(pen, sprites.flash());
  }
  pen.globalAlpha = 1;
  camera.place(pen, x, y);
  if (ship.rapid) drawRapid(pen, now);
  if (ship.shield > 0) drawShield(pen, ship.shield / 50, now, track.flash);
  if (ship.protected) drawProtection(pen, now);
  if (self) drawOwnMark(pen);
  drawHealth(pen, ship.hp / 100, self ? colour : null);
}

/** @param {Pen} pen @param {number} now */
function drawRapid(pen, now) {
  pen.strokeStyle = PICKUPS.rapid;
  pen.lineWidth = 2.4;
  for (let arc = 0; arc < 3; arc += 1) {
    const start = now * 7 + (arc * 2 * Math.PI) / 3;
    pen.beginPath();
    pen.arc(0, 0, 15, start, start + 0.7);
    pen.stroke();
  }
}

/**
 * @param {Pen} pen
 * @param {number} share of a full shield
 * @param {number} now
 * @param {number} flash
 */
function drawShield(pen, share, now, flash) {
  pen.beginPath();
  for (let corner = 0; corner < 6; corner += 1) {
    const at = now * 0.8 + (corner / 6) * 2 * Math.PI;
    pen.lineTo(Math.cos(at) * 30, Math.sin(at) * 30);
  }
  pen.closePath();
  pen.fillStyle = fade(PICKUPS.shield, 0.08 + 0.25 * flash);
  pen.fill();
  pen.strokeStyle = fade(PICKUPS.shield, 0.35 + 0.6 * share);
  pen.lineWidth = 1 + 2 * share;
  pen.stroke();
}

/** @param {Pen} pen @param {number} now */
function drawProtection(pen, now) {
  pen.strokeStyle = "rgba(235,245,255,.85)";
  pen.lineWidth = 2;
  for (let dash = 0; dash < 8; dash += 1) {
    const start = -now * 2 + (dash * Math.PI) / 4;
    pen.beginPath();
    pen.arc(0, 0, 35 + 1.5 * Math.sin(now * 6), start, start + 0.42);
    pen.stroke();
  }
}

/** A white bracket over the own ship: in a team, its colour is not its own. @param {Pen} pen */
function drawOwnMark(pen) {
  pen.strokeStyle = "rgba(255,255,255,.75)";
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(0, 0, 29, -Math.PI * 0.68, -Math.PI * 0.32);
  pen.stroke();
}

/**
 * An arc under the ship: full at three quarters of a half circle, and red when little is left.
 *
 * @param {Pen} pen
 * @param {number} share
 * @param {string | null} colour
 */
function drawHealth(pen, share, colour) {
  const from = Math.PI * 0.82;
  const span = Math.PI * 0.64;
  pen.lineCap = "butt";
  pen.lineWidth = 6;
  pen.strokeStyle = "rgba(3,6,18,.72)";
  pen.beginPath();
  pen.arc(0, 0, 29, from + 0.03, from - span - 0.03, true);
  pen.stroke();
  if (share <= 0) return;
  pen.lineWidth = 3.4;
  pen.strokeStyle = share > 0.5 ? (colour ?? "#7df2a5") : share > 0.25 ? "#ffcf5a" : "#ff5d6c";
  pen.beginPath();
  pen.arc(0, 0, 29, from, from - span * Math.min(1, share), true);
  pen.stroke();
}

/**
 * @param {Pen} pen
 * @param {Camera} camera
 * @param {import("./types.js").Enemy} enemy
 * @param {Track} track
 * @param {number} now
 */
export function drawEnemy(pen, camera, enemy, track, now) {
  const { x, y } = enemy;
  const colour = ENEMIES[enemy.kind] ?? ENEMIES.chaser;
  camera.place(pen, x + 5, y + 8);
  stamp(pen, sprites.shadow(22));
  camera.place(pen, x, y);
  pen.globalCompositeOperation = "lighter";
  pen.globalAlpha = 0.6 + 0.15 * Math.sin(now * 5 + x);
  stamp(pen, sprites.glow(colour, 52));
  pen.globalCompositeOperation = "source-over";
  pen.globalAlpha = 1;
  // Grows out of nothing when it appears.
  const size = Math.min(1, 0.2 + track.age * 3);
  if (enemy.kind === "shooter") {
    camera.place(pen, x, y, now * 0.7 + x * 0.01, size);
    stamp(pen, sprites.shooterBody(colour));
    camera.place(pen, x, y, enemy.angle, size);
    stamp(pen, sprites.shooterGun(colour));
    pen.strokeStyle = fade(colour, 0.7);
    pen.lineWidth = 2.4;
    camera.place(pen, x, y, -now * 1.6, size);
    for (let plate = 0; plate < 3; plate += 1) {
      pen.beginPath();
      pen.arc(0, 0, 26, (plate * 2 * Math.PI) / 3, (plate * 2 * Math.PI) / 3 + 0.8);
      pen.stroke();
    }
  } else {
    camera.place(pen, x, y, now * 5.5 + y, size * (1 + 0.05 * Math.sin(now * 9 + x)));
    stamp(pen, sprites.chaserBlade(colour));
    camera.place(pen, x, y, enemy.angle, size);
    stamp(pen, sprites.chaserEye(colour));
  }
  if (track.flash > 0) {
    pen.globalAlpha = track.flash * 0.75;
    camera.place(pen, x, y);
    stamp(pen, sprites.flash());
    pen.globalAlpha = 1;
  }
  if (enemy.hp < enemy.max_hp) {
    camera.place(pen, x, y);
    pen.fillStyle = "rgba(3,6,18,.75)";
    pen.fillRect(-19, -36, 38, 6);
    pen.fillStyle = colour;
    pen.fillRect(-18, -35, 36 * Math.max(0, enemy.hp / enemy.max_hp), 4);
  }
}

/**
 * @param {Pen} pen drawing in mode "lighter"
 * @param {Camera} camera
 * @param {import("./types.js").Bullet} bullet
 * @param {string} colour
 */
export function drawBullet(pen, camera, bullet, colour) {
  camera.place(pen, bullet.x, bullet.y, Math.atan2(bullet.vy, bullet.vx));
  stamp(pen, sprites.tracer(colour));
}

/**
 * @param {Pen} pen
 * @param {Camera} camera
 * @param {import("./types.js").Pickup} pickup
 * @param {number} now
 */
export function drawPickup(pen, camera, pickup, now) {
  const { x, y } = pickup;
  const colour = PICKUPS[pickup.kind] ?? "#ffffff";
  const bob = Math.sin(now * 2.6 + x * 0.05) * 3;
  camera.place(pen, x + 3, y + 12 - bob * 0.4, 0, 0.8);
  stamp(pen, sprites.shadow(18));
  pen.globalCompositeOperation = "lighter";
  pen.globalAlpha = 0.6 + 0.2 * Math.sin(now * 3 + y);
  camera.place(pen, x, y);
  stamp(pen, sprites.glow(colour, 60));
  pen.globalCompositeOperation = "source-over";
  pen.globalAlpha = 1;
  camera.place(pen, x, y, now * 0.9);
  pen.strokeStyle = fade(colour, 0.55);
  pen.lineWidth = 1.8;
  for (let arc = 0; arc < 3; arc += 1) {
    pen.beginPath();
    pen.arc(0, 0, 25, (arc * 2 * Math.PI) / 3, (arc * 2 * Math.PI) / 3 + 1.2);
    pen.stroke();
  }
  camera.place(pen, x, y + bob);
  stamp(pen, sprites.pickup(pickup.kind));
}
