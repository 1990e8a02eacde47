"""Where each quantity lives in Arena's tables, and the numbers that are rules rather than settings.

Every table is a two-dimensional float64 array of shape (columns, capacity): one contiguous NumPy column per quantity,
few arguments per kernel call (numba pays about 0.1 µs for each array). Kernels read these names as compile-time
constants, which is why they are plain integers and not an enum or a record type.
"""

from __future__ import annotations

from typing import Final

# --- Columns shared by everything that moves -------------------------------------------------------------------------
X: Final = 0
Y: Final = 1
VX: Final = 2
VY: Final = 3
OX: Final = 4  # where it was at the start of the tick: collisions are swept between the two
OY: Final = 5

# --- Players ---------------------------------------------------------------------------------------------------------
HP: Final = 6
SHIELD: Final = 7
COOL: Final = 8  # seconds until the next shot
RAPID: Final = 9  # seconds of rapid fire left
SAFE: Final = 10  # seconds of protection left
RESPAWN: Final = 11  # seconds until the player is back; OUT_OF_LIVES when waiting for the wave to end
ALIVE: Final = 12
TEAM: Final = 13  # who shares a number does not hurt each other
KILLS: Final = 14
DEATHS: Final = 15
AIM: Final = 16
PLAYER_COLUMNS: Final = 17

# --- Enemies (HP as above) -------------------------------------------------------------------------------------------
MAX_HP: Final = 7
KIND: Final = 9
SERIAL: Final = 10
TARGET: Final = 11  # row of the player it hunts, or -1
SEES: Final = 12  # 1 when nothing stands between it and its target
FACE_X: Final = 13
FACE_Y: Final = 14
STRAFE: Final = 15  # the side to which a shooter circles, -1 or 1
SPEED: Final = 16
ENEMY_COLUMNS: Final = 17

# --- Bullets ---------------------------------------------------------------------------------------------------------
LIFE: Final = 6  # seconds left
BY_ENEMY: Final = 7
OWNER: Final = 8  # row of the player, or serial of the enemy
BULLET_TEAM: Final = 9
BULLET_SERIAL: Final = 10
DAMAGE: Final = 11
SPENT: Final = 12  # met a wall, or someone: goes at the end of the tick
BULLET_COLUMNS: Final = 13

# --- Pick-ups --------------------------------------------------------------------------------------------------------
PICKUP_KIND: Final = 2
WAIT: Final = 3  # seconds until it lies there again, 0 while it does
PICKUP_SERIAL: Final = 4
PICKUP_COLUMNS: Final = 5

# --- Inputs (one row per player, written by process_input) -----------------------------------------------------------
IN_X: Final = 0
IN_Y: Final = 1
IN_AIM: Final = 2
IN_FIRE: Final = 3
IN_LATCH: Final = 4  # seconds for which a press still counts though the trigger was let go
INPUT_COLUMNS: Final = 5

# --- World: seconds and parameters (float64) -------------------------------------------------------------------------
TIME: Final = 0
WIDTH: Final = 1
HEIGHT: Final = 2
PLAYER_SPEED: Final = 3
SHOT_SPEED: Final = 4
SHOT_LIFE: Final = 5
FIRE_COOLDOWN: Final = 6
SHOT_DAMAGE: Final = 7
RESPAWN_TIME: Final = 8
PROTECTION: Final = 9
PICKUP_TIME: Final = 10
ENEMY_SPEED: Final = 11  # multiplies the speed of every kind
ENEMY_RESPAWN: Final = 12
REFILL: Final = 13  # seconds until the director acts again
WORLD_SIZE: Final = 14

# --- World: counters and switches (int64) ----------------------------------------------------------------------------
TICK: Final = 0
PLAYERS: Final = 1
ENEMIES: Final = 2
BULLETS: Final = 3
PICKUPS: Final = 4
RECORDS: Final = 5
NEXT_ENEMY: Final = 6
NEXT_BULLET: Final = 7
NEXT_PICKUP: Final = 8
RANDOM: Final = 9  # four words of 32 bits
MODE: Final = 13
FRIENDLY_FIRE: Final = 14
ENEMY_COUNT: Final = 15
WAVE: Final = 16
WAVES: Final = 17
TO_SPAWN: Final = 18
LIVES: Final = 19
WALLS: Final = 20
LOOKUP_X: Final = 21  # cells of the wall lookup across
LOOKUP_Y: Final = 22
NAV_X: Final = 23  # cells of the flow field across
NAV_Y: Final = 24
NAV_HEAD: Final = 25
NAV_TAIL: Final = 26
GRID_X: Final = 27
GRID_Y: Final = 28
GRID_RULE: Final = 29
OVER: Final = 30
PICKUP_CHANGES: Final = 31
NEXT_TEAM: Final = 32  # in free-for-all everybody is a side of their own
COUNTERS_SIZE: Final = 33

# --- Flow field and grid (int32, one row each) -----------------------------------------------------------------------
NAV_SOLID: Final = 0
NAV_DISTANCE: Final = 1
NAV_NEXT: Final = 2  # the field under construction
NAV_QUEUE: Final = 3
NAV_ROWS: Final = 4

# --- Records: what a tick leaves for Python to tell (one row each) ----------------------------------------------------
REC_TYPE: Final = 0
REC_A: Final = 1
REC_B: Final = 2
REC_C: Final = 3
REC_D: Final = 4
REC_E: Final = 5
REC_X: Final = 6
REC_Y: Final = 7
RECORD_COLUMNS: Final = 8

REC_HIT: Final = 1  # by an enemy?, owner, is the target an enemy?, target, damage
REC_KILL: Final = 2  # by an enemy?, owner, victim's row
REC_DOWN: Final = 3  # player's row, enemy's serial, kind
REC_PICKUP: Final = 4  # player's row, kind
REC_WAVE: Final = 5  # number, enemies
REC_RESPAWN: Final = 6  # player's row

# --- Codes -----------------------------------------------------------------------------------------------------------
FFA: Final = 0
TEAMS: Final = 1
COOP: Final = 2
MODES: Final = ("ffa", "teams", "coop")

CHASER: Final = 0
SHOOTER: Final = 1
ENEMY_KINDS: Final = ("chaser", "shooter")

HEALTH: Final = 0
RAPID_FIRE: Final = 1
SHIELD_UP: Final = 2
PICKUP_KINDS: Final = ("health", "rapid", "shield")

GRID_AUTO: Final = 0
GRID_NEVER: Final = 1
GRID_ALWAYS: Final = 2

NOT_OVER: Final = 0
WAVES_CLEARED: Final = 1
DEFEATED: Final = 2

ENEMY_TEAM: Final = -1.0
OUT_OF_LIVES: Final = -1.0

# --- Rules -----------------------------------------------------------------------------------------------------------
PLAYER_RADIUS: Final = 20.0
CHASER_RADIUS: Final = 18.0
SHOOTER_RADIUS: Final = 20.0
BULLET_RADIUS: Final = 5.0
PICKUP_RADIUS: Final = 16.0

PLAYER_HP: Final = 100.0
SHIELD_MAX: Final = 50.0
PLAYER_GRIP: Final = 14.0  # per second: how fast velocity follows the stick (0.47 of the way in a 30 Hz tick)
FIRE_BUFFER: Final = 0.1  # a press that comes this much before the gun is ready still fires
RAPID_FACTOR: Final = 0.5
RAPID_TIME: Final = 8.0
HEALTH_GAIN: Final = 40.0
SHIELD_GAIN: Final = 50.0
ENEMY_BOUNTY: Final = 10.0  # shield for bringing down an enemy where enemies score nothing

CHASER_HP: Final = 42.0
CHASER_SPEED: Final = 180.0
CHASER_DAMAGE: Final = 14.0
CHASER_COOLDOWN: Final = 0.6
CHASER_REACH: Final = 4.0  # beyond touching
SHOOTER_HP: Final = 56.0
SHOOTER_SPEED: Final = 125.0
SHOOTER_DAMAGE: Final = 9.0
SHOOTER_COOLDOWN: Final = 1.1
SHOOTER_SHOT_SPEED: Final = 460.0
SHOOTER_NEAR: Final = 230.0
SHOOTER_FAR: Final = 400.0
SHOOTER_RANGE: Final = 620.0
ENEMY_GRIP: Final = 7.0
ENEMY_THINKS: Final = 6  # ticks between two looks around
ENEMY_SIGHT: Final = 1100.0  # no look further than this
ENEMIES_ALIVE: Final = 48  # at most this many of a wave at once

WAVE_PAUSE: Final = 4.0
WAVE_SPAWN_GAP: Final = 0.35
WAVE_GROWTH: Final = 4
WAVE_PER_PLAYER: Final = 3
WAVE_TOUGHER: Final = 0.08

LOOKUP_CELL: Final = 100.0
LOOKUP_MARGIN: Final = 48.0  # a wall is listed in every cell closer than this
SWEEP_PIECE: Final = 50.0  # so a piece's middle knows every wall the piece can meet: 25 + widest body < margin
NAV_CELL: Final = 50.0
GRID_CELL: Final = 125.0
GRID_PAIRS: Final = 300  # bullets x targets above which the grid beats trying all pairs
