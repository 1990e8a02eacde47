/**
 * The player's own ship in the present: predicted from the keys by the rules of rules/step.js, and set right by what the
 * server says. Everyone else is shown a moment in the past.
 *
 * The server tells the cooldowns of guns rounded to 1/60 s, but counts them exactly; so does the prediction, which stays
 * as it is while it is within that rounding. What no input decides (health, death, protection) is the server's newest.
 */
import { COOLDOWN_STEP, RAPID_TIME } from "./rules/constants.js";
import { makeStep } from "./rules/step.js";
import { Walls } from "./rules/walls.js";
import { freshWeapons } from "./rules/weapons.js";

/** @typedef {import("../../sdk/rumpus.js").Client} Client */
/** @typedef {import("./rules/step.js").ArenaInput} ArenaInput */
/** @typedef {import("./rules/step.js").ShipState} ShipState */
/** @typedef {import("./types.js").Ship} Ship */
/** @typedef {{tick: number, input: ArenaInput, before: ShipState, after: ShipState, seen: number}} PlayedTick */

/** What the player does while the page is hidden, or the match has been left. */
const STILL = { move_x: 0, move_y: 0, fire: false, rail: false };

/** Two timers no further apart are the same one. */
const ROUNDING = COOLDOWN_STEP / 2 + 1e-9;

/** A move by more units than this is no error of the prediction. */
const SNAP = 160;

export class OwnShip {
  /** @type {ReturnType<Client["predict"]> | null} */
  #player = null;
  /** The server's newest row of this ship. @type {Ship | null} */
  #row = null;
  #rowTick = -1;

  /**
   * @param {Client} client
   * @param {import("./controls.js").Controls} controls
   * @param {(tick: PlayedTick) => void} played called for each tick of the ship's life, in order
   */
  constructor(client, controls, played) {
    this.client = client;
    this.controls = controls;
    this.played = played;
  }

  /**
   * Take the ship's place in a match.
   *
   * @param {import("./types.js").ArenaMap} map
   * @returns {Walls} its walls, as the rules know them
   */
  start(map) {
    const walls = new Walls(map);
    const settings = /** @type {any} */ (this.client.room?.settings ?? {});
    const { controls } = this;
    this.#player = this.client.predict({
      read: () => controls.read(),
      neutral: () => ({ ...STILL, aim: controls.read().aim }),
      state: () => this.#told(),
      // As the game does it (`Arena.merge_inputs`): a press that was short is kept.
      merge: (older, newer) => ({ ...newer, fire: older.fire || newer.fire, rail: older.rail || newer.rail }),
      step: /** @type {any} */ (makeStep(walls, settings)),
      blend: ["x", "y", "vx", "vy"],
      snap: SNAP,
      onTick: (/** @type {any} */ tick) => {
        controls.taken(tick.input);
        this.played(tick);
      },
    });
    return walls;
  }

  stop() {
    this.#player?.stop();
    this.#player = null;
    this.#row = null;
    this.#rowTick = -1;
  }

  /** Whether the ship takes part. */
  get playing() {
    return this.#player !== null;
  }

  /**
   * The server's newest word on the ship; null if it is not in the match. Used again by the next snapshot.
   *
   * @returns {Ship | null}
   */
  get row() {
    const { client } = this;
    if (client.tick !== this.#rowTick) {
      this.#rowTick = client.tick;
      this.#row = client.world
        ? /** @type {Ship | null} */ (client.world.entity("players", client.playerId, this.#row ?? {}))
        : (client.state?.players?.[client.playerId] ?? null);
    }
    return this.#row;
  }

  /** What the server says of the part of the ship that is predicted. @returns {Partial<ShipState> | null} */
  #told() {
    const { row } = this;
    if (!row?.alive) return null;
    const { x, y, vx, vy, cooldown, rail_cooldown } = row;
    const predicted = /** @type {ShipState | null} */ (this.#player?.prediction?.at(this.client.tick) ?? null);
    const rapid = this.#rapidLeft(row, predicted);
    if (predicted === null)
      return { ...freshWeapons(), x, y, vx, vy, cool: cooldown, rail_cool: rail_cooldown, rapid_left: rapid ?? 0 };
    /** @type {Partial<ShipState>} */
    const told = { x, y, vx, vy };
    if (Math.abs(predicted.cool - cooldown) > ROUNDING) told.cool = cooldown;
    if (Math.abs(predicted.rail_cool - rail_cooldown) > ROUNDING) told.rail_cool = rail_cooldown;
    if (rapid !== null) told.rapid_left = rapid;
    return told;
  }

  /**
   * Seconds of rapid fire left, if the prediction does not have them right. Clients are told only whether it lasts; how
   * long it will follows from when it was taken.
   *
   * @param {Ship} row
   * @param {ShipState | null} predicted
   */
  #rapidLeft(row, predicted) {
    const { client } = this;
    const tick = 1 / (client.room?.tick_rate || 30);
    for (const { name, data, tick: when } of client.world?.events ?? [])
      if (name === "pickup" && data.kind === "rapid" && data.player === client.playerId)
        return RAPID_TIME - (client.tick - when) * tick;
    const expected = predicted?.rapid_left ?? 0;
    if (row.rapid && expected <= 0) return predicted ? tick : RAPID_TIME;
    if (!row.rapid && expected > 0) return 0;
    return null;
  }

  /**
   * Bring the ship in the picture into the present.
   *
   * @param {Ship} ship of the picture, which is changed
   * @param {number} now local time, seconds
   */
  place(ship, now) {
    const { row } = this;
    if (!row) return;
    Object.assign(ship, row);
    const state = this.#player?.sample(now);
    if (!state || !row.alive) return;
    ship.x = state.x;
    ship.y = state.y;
    ship.vx = state.vx;
    ship.vy = state.vy;
    ship.cooldown = state.cool;
    ship.rail_cooldown = state.rail_cool;
    // The gun points where the player aims, at once.
    ship.angle = this.controls.aim;
  }
}
