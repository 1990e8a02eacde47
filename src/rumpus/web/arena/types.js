/**
 * The shape of Arena's plain state, as the server sends it and as the drawing code reads it. This module has no code.
 * Positions are world units with y down; angles are radians, 0 = to the right, growing clockwise on the screen.
 *
 * @typedef {{
 *   x: number, y: number, vx: number, vy: number, angle: number, hp: number, shield: number, score: number,
 *   kills: number, deaths: number, team: string, alive: boolean, protected: boolean, rapid: boolean,
 *   cooldown: number, respawn_in: number,
 * }} Ship
 * @typedef {{kind: "chaser" | "shooter", x: number, y: number, angle: number, hp: number, max_hp: number}} Enemy
 * @typedef {{x: number, y: number, vx: number, vy: number, owner: string, team: string}} Bullet
 * @typedef {{kind: "health" | "rapid" | "shield", x: number, y: number}} Pickup
 * @typedef {{width: number, height: number, walls: [number, number, number, number][]}} ArenaMap
 *
 * @typedef {{
 *   players: Map<string, Ship>, enemies: Map<string, Enemy>, bullets: Map<string, Bullet>,
 *   pickups: Map<string, Pickup>,
 * }} Entities
 *
 * @typedef {{
 *   mode: "ffa" | "teams" | "coop", map: ArenaMap, time_left: number, score_limit: number, wave: number,
 *   lives?: number, team_scores: Record<string, number>, players: Record<string, Ship>,
 *   enemies: Record<string, Enemy>, bullets: Record<string, Bullet>, pickups: Record<string, Pickup>,
 * }} ArenaState
 *
 * What the drawing code needs to know about who is who.
 * @typedef {{selfId: string, name: (id: string) => string, colour: (id: string, team: string) => string}} Cast
 */

/** Radii, in world units; constants of the game. */
export const RADIUS = { player: 20, chaser: 18, shooter: 20, bullet: 5, pickup: 16 };
