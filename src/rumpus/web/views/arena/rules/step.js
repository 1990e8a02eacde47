/**
 * A tick of one's own ship as the server plays it: what `client.predict` needs to show it in the present.
 *
 * State and input are plain objects; a step never changes them but makes the next one.
 */
import { PLAYER_RADIUS } from "./constants.js";
import { settle, steer, walk } from "./movement.js";
import { fire } from "./weapons.js";

/** @typedef {import("./movement.js").Body & import("./weapons.js").Weapons} ShipState */
/** @typedef {{move_x: number, move_y: number, aim: number, fire: boolean, rail: boolean}} ArenaInput */
/** @typedef {import("./weapons.js").WeaponSettings & {player_speed: number}} StepSettings */

/**
 * @param {import("./walls.js").Walls} walls
 * @param {StepSettings} settings
 * @returns {(state: ShipState, input: ArenaInput, dt: number) => ShipState} `dt`: the length of a tick, seconds
 */
export function makeStep(walls, settings) {
  return (state, input, dt) => {
    const next = { ...state };
    steer(next, input.move_x, input.move_y, settings.player_speed, dt);
    walk(next, PLAYER_RADIUS, dt, walls);
    fire(next, input, settings, dt);
    settle(next);
    return next;
  };
}
