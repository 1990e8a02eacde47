/** What each figure of Arena looks like: lights, hulls, turrets, enemies, shots, pick-ups, names. */
import { fade, mix } from "../../ui/palette.js";
import { PICKUPS } from "./palette.js";
import { sprite } from "./sprite-cache.js";

/** @typedef {CanvasRenderingContext2D} Pen */

/**
 * A soft round light.
 *
 * @param {string} colour
 * @param {number} radius
 */
export function glow(colour, radius) {
  return sprite(`glow ${colour} ${radius}`, radius * 2, (pen) => {
    const light = pen.createRadialGradient(0, 0, 0, 0, 0, radius);
    light.addColorStop(0, fade(colour, 0.55));
    light.addColorStop(0.35, fade(colour, 0.22));
    light.addColorStop(0.7, fade(colour, 0.06));
    light.addColorStop(1, fade(colour, 0));
    pen.fillStyle = light;
    pen.fillRect(-radius, -radius, radius * 2, radius * 2);
  });
}

/** The soft shadow under whatever hovers. @param {number} radius */
export function shadow(radius) {
  return sprite(`shadow ${radius}`, radius * 3, (pen) => {
    const dark = pen.createRadialGradient(0, 0, radius * 0.4, 0, 0, radius * 1.4);
    dark.addColorStop(0, "rgba(1,3,12,.6)");
    dark.addColorStop(1, "rgba(1,3,12,0)");
    pen.fillStyle = dark;
    pen.fillRect(-radius * 1.5, -radius * 1.5, radius * 3, radius * 3);
  });
}

/**
 * The lower half of a ship, facing right: two pods and a body between them.
 *
 * @param {string} colour
 */
export function hull(colour) {
  return sprite(`hull ${colour}`, 60, (pen) => {
    // A dark rim sets the ship off against any floor.
    pen.fillStyle = "rgba(2,4,14,.6)";
    pen.beginPath();
    pen.roundRect(-23, -23, 44, 46, 13);
    pen.fill();
    for (const side of [-1, 1]) {
      pen.fillStyle = mix(colour, "#070c1c", 0.5);
      pen.strokeStyle = mix(colour, "#0a1024", 0.12);
      pen.lineWidth = 1.8;
      pen.beginPath();
      pen.roundRect(-17, side * 15.5 - 4.5, 33, 9, 4.5);
      pen.fill();
      pen.stroke();
      pen.fillStyle = fade(colour, 0.9);
      pen.beginPath();
      pen.roundRect(-20, side * 15.5 - 2, 4, 4, 2);
      pen.fill();
    }
    const body = pen.createLinearGradient(-14, -14, 14, 14);
    body.addColorStop(0, mix(colour, "#ffffff", 0.1));
    body.addColorStop(0.45, mix(colour, "#0a1126", 0.38));
    body.addColorStop(1, mix(colour, "#060a18", 0.6));
    pen.fillStyle = body;
    pen.strokeStyle = colour;
    pen.lineWidth = 2.2;
    pen.beginPath();
    // A blunt arrowhead, so that the direction of travel shows.
    pen.moveTo(19, 0);
    pen.quadraticCurveTo(17, -9, 8, -13);
    pen.lineTo(-10, -13);
    pen.quadraticCurveTo(-16, -12, -16, 0);
    pen.quadraticCurveTo(-16, 12, -10, 13);
    pen.lineTo(8, 13);
    pen.quadraticCurveTo(17, 9, 19, 0);
    pen.closePath();
    pen.fill();
    pen.stroke();
    pen.strokeStyle = fade(colour, 0.4);
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(-11, -8);
    pen.lineTo(6, -8);
    pen.moveTo(-11, 8);
    pen.lineTo(6, 8);
    pen.stroke();
  });
}

/** The barrel, facing right; it is apart from the turret because it recoils. @param {string} colour */
export function barrel(colour) {
  return sprite(`barrel ${colour}`, 72, (pen) => {
    pen.fillStyle = mix(colour, "#070c1c", 0.6);
    pen.strokeStyle = mix(colour, "#ffffff", 0.15);
    pen.lineWidth = 1.8;
    pen.beginPath();
    pen.roundRect(2, -4.2, 26, 8.4, 2.5);
    pen.fill();
    pen.stroke();
    pen.fillStyle = mix(colour, "#ffffff", 0.35);
    pen.beginPath();
    pen.roundRect(25, -5.4, 5, 10.8, 2);
    pen.fill();
  });
}

/**
 * The turret, with the mark that tells teams apart without colour: a triangle for red, a square for blue.
 *
 * @param {string} colour
 * @param {string} team
 */
export function turret(colour, team) {
  return sprite(`turret ${colour} ${team}`, 30, (pen) => {
    const dome = pen.createRadialGradient(-3, -3, 1, 0, 0, 11);
    dome.addColorStop(0, mix(colour, "#ffffff", 0.55));
    dome.addColorStop(0.45, colour);
    dome.addColorStop(1, mix(colour, "#0a1024", 0.45));
    pen.fillStyle = dome;
    pen.strokeStyle = mix(colour, "#050916", 0.7);
    pen.lineWidth = 1.6;
    pen.beginPath();
    pen.arc(0, 0, 9.6, 0, 7);
    pen.fill();
    pen.stroke();
    pen.fillStyle = "rgba(4,8,22,.82)";
    teamMark(pen, team, 5);
  });
}

/**
 * @param {Pen} pen with the fill colour set
 * @param {string} team
 * @param {number} size half of the mark's width
 */
export function teamMark(pen, team, size) {
  pen.beginPath();
  if (team === "red") {
    pen.moveTo(size * 1.05, 0);
    pen.lineTo(-size * 0.7, -size);
    pen.lineTo(-size * 0.7, size);
  } else if (team) pen.rect(-size * 0.8, -size * 0.8, size * 1.6, size * 1.6);
  else return;
  pen.closePath();
  pen.fill();
}

/** A scorch mark on the floor. */
export function scorch() {
  return sprite("scorch", 80, (pen) => {
    for (let blot = 0; blot < 9; blot += 1) {
      const angle = (blot / 9) * 2 * Math.PI;
      const reach = blot === 0 ? 0 : 10 + ((blot * 7) % 5) * 2.5;
      const size = blot === 0 ? 34 : 9 + ((blot * 5) % 4) * 3;
      const x = Math.cos(angle) * reach;
      const y = Math.sin(angle) * reach;
      const dark = pen.createRadialGradient(x, y, 0, x, y, size);
      dark.addColorStop(0, "rgba(1,2,8,.34)");
      dark.addColorStop(1, "rgba(1,2,8,0)");
      pen.fillStyle = dark;
      pen.fillRect(x - size, y - size, 2 * size, 2 * size);
    }
  });
}

/** A white cut-out of the ship, shown for a blink when it is hit. */
export function flash() {
  return sprite("flash", 60, (pen) => {
    pen.fillStyle = "#fff";
    pen.beginPath();
    pen.arc(0, 0, 19, 0, 7);
    pen.fill();
  });
}

/** A saw blade that hunts: only its blade, which spins. @param {string} colour */
export function chaserBlade(colour) {
  return sprite(`blade ${colour}`, 60, (pen) => {
    const teeth = 9;
    pen.beginPath();
    for (let tooth = 0; tooth < teeth; tooth += 1) {
      const at = (tooth / teeth) * 2 * Math.PI;
      const next = ((tooth + 1) / teeth) * 2 * Math.PI;
      pen.lineTo(Math.cos(at) * 23, Math.sin(at) * 23);
      pen.quadraticCurveTo(
        Math.cos(at + 0.28) * 15,
        Math.sin(at + 0.28) * 15,
        Math.cos(next) * 14.5,
        Math.sin(next) * 14.5,
      );
    }
    pen.closePath();
    const metal = pen.createRadialGradient(0, 0, 5, 0, 0, 23);
    metal.addColorStop(0, mix(colour, "#12040c", 0.85));
    metal.addColorStop(1, mix(colour, "#12040c", 0.35));
    pen.fillStyle = metal;
    pen.fill();
    pen.strokeStyle = colour;
    pen.lineWidth = 2;
    pen.stroke();
  });
}

/** The eye in the middle of a chaser, looking right. @param {string} colour */
export function chaserEye(colour) {
  return sprite(`eye ${colour}`, 30, (pen) => {
    pen.fillStyle = "#16040d";
    pen.strokeStyle = fade(colour, 0.9);
    pen.lineWidth = 1.6;
    pen.beginPath();
    pen.arc(0, 0, 9, 0, 7);
    pen.fill();
    pen.stroke();
    pen.fillStyle = mix(colour, "#ffffff", 0.55);
    pen.beginPath();
    pen.ellipse(3.4, 0, 2.6, 5, 0, 0, 7);
    pen.fill();
  });
}

/** A shooter's six-sided body. @param {string} colour */
export function shooterBody(colour) {
  return sprite(`shooter ${colour}`, 60, (pen) => {
    pen.beginPath();
    for (let corner = 0; corner < 6; corner += 1) {
      const at = (corner / 6) * 2 * Math.PI;
      pen.lineTo(Math.cos(at) * 20, Math.sin(at) * 20);
    }
    pen.closePath();
    const metal = pen.createLinearGradient(-16, -16, 16, 16);
    metal.addColorStop(0, mix(colour, "#170d02", 0.5));
    metal.addColorStop(1, mix(colour, "#0e0802", 0.86));
    pen.fillStyle = metal;
    pen.fill();
    pen.strokeStyle = colour;
    pen.lineWidth = 2.2;
    pen.stroke();
    pen.strokeStyle = fade(colour, 0.35);
    pen.lineWidth = 1.2;
    for (let corner = 0; corner < 3; corner += 1) {
      const at = (corner / 3) * Math.PI;
      pen.beginPath();
      pen.moveTo(Math.cos(at) * 18, Math.sin(at) * 18);
      pen.lineTo(-Math.cos(at) * 18, -Math.sin(at) * 18);
      pen.stroke();
    }
  });
}

/** A shooter's twin barrels and glowing core, facing right. @param {string} colour */
export function shooterGun(colour) {
  return sprite(`gun ${colour}`, 70, (pen) => {
    pen.fillStyle = mix(colour, "#120a02", 0.6);
    pen.strokeStyle = colour;
    pen.lineWidth = 1.5;
    for (const side of [-1, 1]) {
      pen.beginPath();
      pen.roundRect(4, side * 5 - 2.6, 22, 5.2, 1.6);
      pen.fill();
      pen.stroke();
    }
    const core = pen.createRadialGradient(0, 0, 1, 0, 0, 9);
    core.addColorStop(0, "#fff6e2");
    core.addColorStop(0.5, colour);
    core.addColorStop(1, mix(colour, "#1a0d00", 0.6));
    pen.fillStyle = core;
    pen.beginPath();
    pen.arc(0, 0, 8.5, 0, 7);
    pen.fill();
  });
}

/** A tracer flying to the right, its head at the origin. @param {string} colour */
export function tracer(colour) {
  return sprite(`tracer ${colour}`, 96, (pen) => {
    const tail = pen.createLinearGradient(-46, 0, 4, 0);
    tail.addColorStop(0, fade(colour, 0));
    tail.addColorStop(1, fade(colour, 0.9));
    pen.fillStyle = tail;
    pen.beginPath();
    pen.moveTo(-46, 0);
    pen.lineTo(0, -3.4);
    pen.arc(0, 0, 3.4, -Math.PI / 2, Math.PI / 2);
    pen.closePath();
    pen.fill();
    const light = pen.createRadialGradient(0, 0, 0, 0, 0, 17);
    light.addColorStop(0, fade(colour, 0.75));
    light.addColorStop(1, fade(colour, 0));
    pen.fillStyle = light;
    pen.fillRect(-17, -17, 34, 34);
    pen.fillStyle = mix(colour, "#ffffff", 0.82);
    pen.beginPath();
    pen.ellipse(-1.5, 0, 5.4, 2.7, 0, 0, 7);
    pen.fill();
  });
}

/** A pick-up's tile with its icon. @param {string} kind */
export function pickup(kind) {
  const colour = PICKUPS[kind] ?? "#ffffff";
  return sprite(`pickup ${kind}`, 48, (pen) => {
    pen.fillStyle = mix(colour, "#060b1a", 0.84);
    pen.strokeStyle = colour;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.roundRect(-13, -13, 26, 26, 8);
    pen.fill();
    pen.stroke();
    pickupIcon(pen, kind, colour);
  });
}

/**
 * @param {Pen} pen
 * @param {string} kind
 * @param {string} colour
 */
function pickupIcon(pen, kind, colour) {
  pen.fillStyle = pen.strokeStyle = mix(colour, "#ffffff", 0.3);
  if (kind === "health") {
    pen.fillRect(-2.4, -7.5, 4.8, 15);
    pen.fillRect(-7.5, -2.4, 15, 4.8);
  } else if (kind === "rapid") {
    pen.lineWidth = 2.8;
    for (const shift of [-4.5, 2]) {
      pen.beginPath();
      pen.moveTo(shift - 1.5, -6);
      pen.lineTo(shift + 4, 0);
      pen.lineTo(shift - 1.5, 6);
      pen.stroke();
    }
  } else {
    pen.beginPath();
    pen.moveTo(0, -8);
    pen.quadraticCurveTo(4, -5.5, 7, -5.5);
    pen.quadraticCurveTo(7, 4, 0, 8.5);
    pen.quadraticCurveTo(-7, 4, -7, -5.5);
    pen.quadraticCurveTo(-4, -5.5, 0, -8);
    pen.fill();
  }
}

/**
 * A player's name, with a dark rim so that it reads on any ground.
 *
 * @param {string} name
 * @param {string} colour
 * @param {number} [px] height of the letters in world units
 */
export function label(name, colour, px = 13) {
  return sprite(`label ${name} ${colour} ${px}`, Math.min(420, 24 + name.length * px), (pen) => {
    pen.font = `600 ${px}px "Inter", "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.strokeStyle = "rgba(3,6,18,.75)";
    pen.lineWidth = 3.5;
    pen.strokeText(name, 0, 0);
    pen.fillStyle = colour;
    pen.fillText(name, 0, 0);
  });
}
