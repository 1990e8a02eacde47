/**
 * The shape of Arena's tables, as the drawing code reads them from the SDK's picture. This module has no code.
 * Positions are world units with y down; angles are radians, 0 = to the right, growing clockwise on the screen.
 * `cooldown`, `rail_cooldown` and `respawn_in` are seconds, 0 when there is nothing to wait for.
 *
 * @typedef {{
 *   x: number, y: number, vx: number, vy: number, angle: number, hp: number, shield: number, team: string,
 *   alive: boolean, protected: boolean, rapid: boolean, cooldown: number, respawn_in: number,
 *   rail_cooldown: number,
 * }} Ship
 *
 * Everybody has a score here, even who is too far away to have a ship in the picture.
 * @typedef {{score: number, kills: number, deaths: number, team: string}} Score
 * @typedef {{kind: "chaser" | "shooter", x: number, y: number, angle: number, hp: number, max_hp: number}} Enemy
 *
 * The velocity of a bullet, in units per second, is worked out by the SDK. An enemy's bullet has the owner "". `born` is
 * the tick in which it was fired, modulo 256.
 * @typedef {{x: number, y: number, vx: number, vy: number, owner: string, born: number}} Bullet
 * @typedef {{kind: "health" | "rapid" | "shield", x: number, y: number}} Pickup
 * @typedef {{width: number, height: number, walls: [number, number, number, number][]}} ArenaMap
 *
 * @typedef {{
 *   players: Map<string, Ship>, scores: Map<string, Score>, enemies: Map<string, Enemy>, bullets: Map<string, Bullet>,
 *   pickups: Map<string, Pickup>,
 * }} Entities
 *
 * What concerns the match as a whole. Limits are 0 where there are none, and so is what a mode does not have: `lives`
 * and `enemies_left` (of the wave, those yet to appear among them) belong to co-op, the scores of red and blue to teams;
 * in elimination `lives` is what each player began with.
 * @typedef {{
 *   mode: "ffa" | "teams" | "coop" | "elimination", map: ArenaMap, score_limit: number, time_limit: number,
 *   time_left: number, wave: number, lives: number, enemies_left: number, red_score: number, blue_score: number,
 * }} ArenaState
 *
 * What the drawing code needs to know about who is who. `absence`: "away" whose connection is lost, "out" who plays no more
 * in this match, "" everybody else. `signed`: the name is that of a ticket. `followed`: whom the camera follows while one only watches; "" for nobody.
 * @typedef {{
 *   selfId: string, followed: string, name: (id: string) => string, colour: (id: string, team: string) => string,
 *   absence: (id: string) => "" | "away" | "out", signed: (id: string) => boolean,
 * }} Cast
 */

/** Radii, in world units; constants of the game. */
export const RADIUS = { player: 20, chaser: 18, shooter: 20, bullet: 5, pickup: 16 };

/** What Arena's tables do not say about how entities move, for the SDK's `interpolate`. */
export const MOTIONS = { players: { snap: 160, breaks: ["alive"] }, enemies: { snap: 160 }, bullets: { snap: 260 } };
