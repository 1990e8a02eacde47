/**
 * How a body moves: the same as `movement.py`, to the bit.
 *
 * Only + - * / floor and square roots on 64-bit floats, in the kernel's order; `docs/arena.md` has it as pseudo-code.
 * Every difference would be a correction on the player's screen, so nothing here is simplified algebraically.
 */
import { PLAYER_GRIP, POSITION_STEP, VELOCITY_LEAST, VELOCITY_STEP } from "./constants.js";

/** @typedef {import("./walls.js").Walls} Walls */
/** @typedef {{x: number, y: number, vx: number, vy: number}} Body */

/**
 * A share of the way from `value` to `wanted`; all of it when the share is too small to survive rounding.
 *
 * @param {number} value
 * @param {number} wanted
 * @param {number} share
 */
function approach(value, wanted, share) {
  const change = (wanted - value) * share;
  return Math.abs(change) < VELOCITY_STEP ? wanted : value + change;
}

/**
 * Change a body's velocity as `seconds` of pushing the stick to (x, y) do; a stick beyond the unit circle is cut.
 *
 * @param {Body} body
 * @param {number} x
 * @param {number} y
 * @param {number} speed at full deflection, units per second
 * @param {number} seconds
 */
export function steer(body, x, y, speed, seconds) {
  let size = x * x + y * y;
  if (size > 1) {
    size = Math.sqrt(size);
    x = x / size;
    y = y / size;
  }
  const share = Math.min(PLAYER_GRIP * seconds, 1);
  body.vx = approach(body.vx, x * speed, share);
  body.vy = approach(body.vy, y * speed, share);
}

/** What `pushOut` found: the new place, and the wall's normal, which is 0 if there is none. */
const push = { x: 0, y: 0, normalX: 0, normalY: 0 };

/**
 * Find the push out of the wall that a circle is deepest in, the first of them if two are equal.
 *
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {Walls} walls
 */
function pushOut(x, y, radius, walls) {
  const { edges } = walls;
  const near = walls.near(x, y);
  let deepest = 0;
  push.x = x;
  push.y = y;
  push.normalX = 0;
  push.normalY = 0;
  for (let index = 0; index < near.length; index += 1) {
    const at = near[index];
    const left = edges[at];
    const top = edges[at + 1];
    const right = edges[at + 2];
    const bottom = edges[at + 3];
    const dx = x - Math.min(Math.max(x, left), right);
    const dy = y - Math.min(Math.max(y, top), bottom);
    let gap = dx * dx + dy * dy;
    if (gap >= radius * radius) continue;
    if (gap > 0) {
      gap = Math.sqrt(gap);
      const depth = radius - gap;
      if (depth > deepest) {
        deepest = depth;
        push.normalX = dx / gap;
        push.normalY = dy / gap;
        push.x = x + push.normalX * depth;
        push.y = y + push.normalY * depth;
      }
      continue;
    }
    // The middle itself is inside: leave through the nearest side.
    const side = Math.min(x - left, right - x, y - top, bottom - y);
    const depth = radius + side;
    if (depth <= deepest) continue;
    deepest = depth;
    push.normalX = 0;
    push.normalY = 0;
    push.x = x;
    push.y = y;
    if (side === x - left) {
      push.normalX = -1;
      push.x = left - radius;
    } else if (side === right - x) {
      push.normalX = 1;
      push.x = right + radius;
    } else if (side === y - top) {
      push.normalY = -1;
      push.y = top - radius;
    } else {
      push.normalY = 1;
      push.y = bottom + radius;
    }
  }
}

/**
 * Move a circle on for `seconds`: afterwards it is outside every wall, and its speed into walls is gone.
 *
 * Steps are at most 50 ms long, so that slow tick rates cannot carry a body through a wall.
 *
 * @param {Body} body
 * @param {number} radius
 * @param {number} seconds
 * @param {Walls} walls
 */
export function walk(body, radius, seconds, walls) {
  let { x, y, vx, vy } = body;
  const steps = Math.floor(seconds * 20) + 1;
  const share = seconds / steps;
  for (let step = 0; step < steps; step += 1) {
    x = x + vx * share;
    y = y + vy * share;
    if (x < radius) {
      x = radius;
      vx = Math.max(vx, 0);
    } else if (x > walls.width - radius) {
      x = walls.width - radius;
      vx = Math.min(vx, 0);
    }
    if (y < radius) {
      y = radius;
      vy = Math.max(vy, 0);
    } else if (y > walls.height - radius) {
      y = walls.height - radius;
      vy = Math.min(vy, 0);
    }
    if (walls.count === 0) continue;
    for (let turn = 0; turn < 3; turn += 1) {
      pushOut(x, y, radius, walls);
      const { normalX, normalY } = push;
      x = push.x;
      y = push.y;
      const into = vx * normalX + vy * normalY;
      if (into < 0) {
        vx = vx - normalX * into;
        vy = vy - normalY * into;
      }
      if (normalX === 0 && normalY === 0) break;
    }
  }
  body.x = x;
  body.y = y;
  body.vx = vx;
  body.vy = vy;
}

/**
 * Round a body as the end of a tick does: the next tick starts from what clients are told.
 *
 * @param {Body} body
 */
export function settle(body) {
  body.x = rounded(body.x, 0, POSITION_STEP);
  body.y = rounded(body.y, 0, POSITION_STEP);
  body.vx = rounded(body.vx, VELOCITY_LEAST, VELOCITY_STEP);
  body.vy = rounded(body.vy, VELOCITY_LEAST, VELOCITY_STEP);
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} step
 */
function rounded(value, least, step) {
  return least + Math.floor((value - least) / step + 0.5) * step;
}
