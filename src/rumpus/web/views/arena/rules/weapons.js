/**
 * When a ship's weapons fire: cooldowns, and presses that are remembered for a moment. The same as the server's tick
 * (`act` in step.py and `process_input` in game.py), to the bit, so that a shot can be shown before the server knows of it.
 */
import { FIRE_BUFFER, RAPID_FACTOR } from "./constants.js";

/** What a ship fired in a tick. */
export const NOTHING = 0;
export const GUN = 1;
export const RAIL = 2;

/** The server's own: timers are sums of tick lengths. */
const READY = 1e-9;

/**
 * Seconds until gun and rail are ready, seconds for which a press still counts, whether the trigger was held in the last
 * tick, and seconds of rapid fire left.
 *
 * @typedef {{
 *   cool: number, latch: number, held: boolean, rail_cool: number, rail_latch: number, rail_held: boolean,
 *   rapid_left: number, shot: number,
 * }} Weapons
 * @typedef {{fire: boolean, rail: boolean}} Triggers
 * @typedef {{fire_cooldown: number, rail_cooldown: number}} WeaponSettings
 */

/**
 * Weapons of a ship that has just appeared.
 *
 * @returns {Weapons}
 */
export function freshWeapons() {
  return {
    cool: 0,
    latch: 0,
    held: false,
    rail_cool: 0,
    rail_latch: 0,
    rail_held: false,
    rapid_left: 0,
    shot: NOTHING,
  };
}

/**
 * A tick of a ship's weapons, in place. `weapons.shot` then says what was fired.
 *
 * @param {Weapons} weapons
 * @param {Triggers} triggers
 * @param {WeaponSettings} settings
 * @param {number} seconds the length of the tick
 */
export function fire(weapons, triggers, settings, seconds) {
  // A press counts for a moment, so that one that comes before the gun is ready is not lost.
  if (triggers.fire && !weapons.held) weapons.latch = FIRE_BUFFER;
  if (triggers.rail && !weapons.rail_held) weapons.rail_latch = FIRE_BUFFER;
  weapons.held = triggers.fire;
  weapons.rail_held = triggers.rail;
  weapons.cool = Math.max(weapons.cool - seconds, 0);
  weapons.rail_cool = Math.max(weapons.rail_cool - seconds, 0);
  weapons.rapid_left = Math.max(weapons.rapid_left - seconds, 0);
  weapons.shot = NOTHING;
  if (weapons.cool <= READY) {
    if ((triggers.rail || weapons.rail_latch > 0) && weapons.rail_cool <= READY) {
      weapons.shot = RAIL;
      weapons.rail_latch = 0;
      weapons.rail_cool = settings.rail_cooldown;
      weapons.cool = settings.fire_cooldown;
    } else if (triggers.fire || weapons.latch > 0) {
      weapons.shot = GUN;
      weapons.latch = 0;
      weapons.cool = settings.fire_cooldown * (weapons.rapid_left > 0 ? RAPID_FACTOR : 1);
    }
  }
  weapons.latch = Math.max(weapons.latch - seconds, 0);
  weapons.rail_latch = Math.max(weapons.rail_latch - seconds, 0);
}
