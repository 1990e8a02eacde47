/** Where a shot meets a wall; the same as `first_wall` in `movement.py`, to the bit. */
import { SWEEP_PIECE } from "./constants.js";

/** @typedef {import("./walls.js").Walls} Walls */

/** What is returned when nothing stands in the way. */
export const NO_WALL = 2;

/**
 * How far along a straight line the first wall is met, from 0 to 1; NO_WALL if none is.
 *
 * @param {number} fromX
 * @param {number} fromY
 * @param {number} toX
 * @param {number} toY
 * @param {number} radius widens the walls
 * @param {Walls} walls
 */
export function firstWall(fromX, fromY, toX, toY, radius, walls) {
  if (walls.count === 0) return NO_WALL;
  const dx = toX - fromX;
  const dy = toY - fromY;
  const length = dx * dx + dy * dy;
  const pieces = length < SWEEP_PIECE * SWEEP_PIECE ? 1 : Math.floor(Math.sqrt(length) / SWEEP_PIECE) + 1;
  const { edges } = walls;
  let start = 0;
  for (let piece = 0; piece < pieces; piece += 1) {
    const end = pieces > 1 ? (piece + 1) / pieces : 1;
    const middle = (start + end) * 0.5;
    const near = walls.near(fromX + dx * middle, fromY + dy * middle);
    let best = NO_WALL;
    for (let index = 0; index < near.length; index += 1) {
      const at = near[index];
      let enter = start;
      let leave = end;
      let low = edges[at] - radius;
      let high = edges[at + 2] + radius;
      if (dx === 0) {
        if (fromX <= low || fromX >= high) continue;
      } else {
        const one = (low - fromX) / dx;
        const other = (high - fromX) / dx;
        enter = Math.max(enter, Math.min(one, other));
        leave = Math.min(leave, Math.max(one, other));
      }
      low = edges[at + 1] - radius;
      high = edges[at + 3] + radius;
      if (dy === 0) {
        if (fromY <= low || fromY >= high) continue;
      } else {
        const one = (low - fromY) / dy;
        const other = (high - fromY) / dy;
        enter = Math.max(enter, Math.min(one, other));
        leave = Math.min(leave, Math.max(one, other));
      }
      if (enter < leave && enter < best) best = enter;
    }
    if (best <= 1) return best;
    start = end;
  }
  return NO_WALL;
}
