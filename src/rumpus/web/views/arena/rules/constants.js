/**
 * Numbers of Arena that are rules rather than settings, equal to those in rumpus/games/arena/constants.py. The golden
 * trajectories (tests/golden/arena-movement.json) fail if the two disagree.
 */

export const PLAYER_RADIUS = 20;
export const BULLET_RADIUS = 5;

/** Per second: how fast velocity follows the stick. */
export const PLAYER_GRIP = 14;

/** Positions and a player's velocity are rounded to these at the end of a tick. */
export const POSITION_STEP = 0.125;
export const VELOCITY_STEP = 0.25;
/** Velocities are counted from here, in steps. */
export const VELOCITY_LEAST = -1024;

/** Timers of guns are told to clients in steps of this many seconds. */
export const COOLDOWN_STEP = 1 / 60;

/** A press that comes this many seconds before the gun is ready still fires. */
export const FIRE_BUFFER = 0.1;
export const RAPID_FACTOR = 0.5;
export const RAPID_TIME = 8;

/** From the middle of a ship to where its bullets begin. */
export const MUZZLE = PLAYER_RADIUS + 6;
export const RAIL_RANGE = 1200;

/** Cells of the wall lookup, and how far beyond a wall it is listed. */
export const LOOKUP_CELL = 100;
export const LOOKUP_MARGIN = 48;
/** Long ways are searched for walls in pieces of this length: a piece's middle knows every wall it can meet. */
export const SWEEP_PIECE = 50;
