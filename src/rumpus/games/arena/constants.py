"""Where each quantity lives in Arena's tables, and the numbers that are rules rather than settings.

A table's block is a two-dimensional float64 array of shape (columns, capacity): one contiguous NumPy column per
quantity, few arguments per kernel call (numba pays about 0.1 µs for each array). Kernels read these names as
compile-time constants, which is why they are plain integers and not taken from `world`, where the columns are declared
and say what they hold; `tests/games/arena/test_world.py` checks that the two agree.
"""

from __future__ import annotations

from typing import Final

# --- Columns of every table ------------------------------------------------------------------------------------------
SLOT: Final = 0  # the encoder's: 0 in a new row
KEY: Final = 1  # the number in its id; a player's is that of an interned string
SHOWN: Final = 2  # 0, or NOBODY

# --- Columns shared by everything that moves -------------------------------------------------------------------------
X: Final = 3
Y: Final = 4
VX: Final = 5
VY: Final = 6
OX: Final = 7  # where it was at the start of the tick: collisions are swept between the two
OY: Final = 8

# --- Columns shared by players and enemies ---------------------------------------------------------------------------
ANGLE: Final = 9
HP: Final = 10
COOL: Final = 11  # seconds until the next shot

# --- Players ---------------------------------------------------------------------------------------------------------
COOLDOWN: Final = 12  # the same for clients
SHIELD: Final = 13
ALIVE: Final = 14
PROTECTED: Final = 15
RAPID: Final = 16
RESPAWN_IN: Final = 17
RAIL_SHOWN: Final = 18  # RAIL_COOL for clients
TEAM: Final = 19  # number of the name, 0 for none
RAPID_LEFT: Final = 20  # seconds of rapid fire left
SAFE: Final = 21  # seconds of protection left
RESPAWN: Final = 22  # seconds until the player is back; OUT_OF_LIVES when waiting for the wave to end; below 0: out
RAIL_COOL: Final = 23  # seconds until the rail may fire again
SIDE: Final = 24  # who shares a number does not hurt each other

# --- Enemies ---------------------------------------------------------------------------------------------------------
MAX_HP: Final = 12
KIND: Final = 13
TARGET: Final = 14  # row of the player it hunts, or -1
SEES: Final = 15  # 1 when nothing stands between it and its target
STRAFE: Final = 16  # the side to which a shooter circles, -1 or 1
SPEED: Final = 17

# --- Bullets ---------------------------------------------------------------------------------------------------------
LIFE: Final = 9  # seconds left
BY_ENEMY: Final = 10
BY: Final = 11  # row of the player, or key of the enemy
BULLET_SIDE: Final = 12
DAMAGE: Final = 13
SPENT: Final = 14  # one of the codes below
BORN: Final = 15  # tick in which it was fired, modulo 256
OWNER: Final = 16  # key of the player, 0 for an enemy's

# --- Pick-ups --------------------------------------------------------------------------------------------------------
PICKUP_KIND: Final = 5
WAIT: Final = 6  # seconds until it lies there again, 0 while it does

# --- The match: kernels get its only row as an array of one dimension ------------------------------------------------
TIME_LEFT: Final = 3
WAVE: Final = 4
LIVES: Final = 5
ENEMIES_LEFT: Final = 6  # of the wave: on the field and yet to come
RED_SCORE: Final = 7
BLUE_SCORE: Final = 8
TIME: Final = 9
REFILL: Final = 10
TIME_LIMIT: Final = 11
WIDTH: Final = 12
HEIGHT: Final = 13
PLAYER_SPEED: Final = 14
SHOT_SPEED: Final = 15
SHOT_LIFE: Final = 16
FIRE_COOLDOWN: Final = 17
SHOT_DAMAGE: Final = 18
RESPAWN_TIME: Final = 19
PROTECTION: Final = 20
PICKUP_TIME: Final = 21
ENEMY_SPEED: Final = 22  # multiplies the speed of every kind
ENEMY_RESPAWN: Final = 23
RAIL_DAMAGE: Final = 24
RAIL_COOLDOWN: Final = 25

# --- Inputs (one row per player, written by process_input) -----------------------------------------------------------
IN_X: Final = 0
IN_Y: Final = 1
IN_AIM: Final = 2
IN_FIRE: Final = 3
IN_RAIL: Final = 4
IN_LAG: Final = 5  # ticks by which the picture was old that the player saw
IN_LATCH: Final = 6  # seconds for which a press of the trigger still counts though it was let go
IN_RAIL_LATCH: Final = 7
INPUT_COLUMNS: Final = 8

# --- Counters and switches (int64) -----------------------------------------------------------------------------------
MATCHES: Final = 0  # rows of each table, in the order in which `ArenaWorld` declares them
PLAYERS: Final = 1
SCORES: Final = 2
ENEMIES: Final = 3
BULLETS: Final = 4
PICKUPS: Final = 5
TABLES: Final = 6  # how many tables there are; `ArenaWorld.counts` is this part of the counters
TICK: Final = 6
RECORDS: Final = 7
NEXT_ENEMY: Final = 8
NEXT_BULLET: Final = 9
NEXT_PICKUP: Final = 10
NEXT_SIDE: Final = 11  # in free-for-all everybody is a side of their own
RANDOM: Final = 12  # the key of what is random: four words of 32 bits
MODE: Final = 16
FRIENDLY_FIRE: Final = 17
ENEMY_COUNT: Final = 18
WAVES: Final = 19
TO_SPAWN: Final = 20
OVER: Final = 21
WALLS: Final = 22
LOOKUP_X: Final = 23  # cells of the wall lookup across
LOOKUP_Y: Final = 24
NAV_X: Final = 25  # cells of the flow field across, a closed rim included
NAV_Y: Final = 26
NAV_HEAD: Final = 27
NAV_TAIL: Final = 28
GRID_X: Final = 29
GRID_Y: Final = 30
GRID_RULE: Final = 31
SHOTS: Final = 32  # fired in this tick and not yet resolved, see `shots`
DRAWN: Final = 33  # random numbers so far
COUNTERS_SIZE: Final = 34

# --- Flow field and grid (int32, one row each) -----------------------------------------------------------------------
NAV_SOLID: Final = 0
NAV_DISTANCE: Final = 1
NAV_NEXT: Final = 2  # the field under construction
NAV_QUEUE: Final = 3
NAV_ROWS: Final = 4
OPEN: Final = -1  # a cell that was not reached; one that cannot be has less

# --- Records: what a tick leaves for Python to tell (one row each) ----------------------------------------------------
REC_TYPE: Final = 0
REC_A: Final = 1
REC_B: Final = 2
REC_C: Final = 3
REC_D: Final = 4
REC_E: Final = 5
REC_X: Final = 6
REC_Y: Final = 7
REC_WEAPON: Final = 8  # of hits, kills and fallen enemies
REC_AGO: Final = 9  # ticks since it happened, 0 for what happens now
RECORD_COLUMNS: Final = 10

# Players and enemies are named by their keys.
REC_NOTHING: Final = 0
REC_HIT: Final = 1  # by an enemy?, by whom, is the target an enemy?, target, damage
REC_KILL: Final = 2  # by an enemy?, by whom, victim, of the same side?
REC_DOWN: Final = 3  # player, enemy, kind
REC_PICKUP: Final = 4  # player, kind
REC_WAVE: Final = 5  # number, enemies
REC_RESPAWN: Final = 6  # player
REC_RAIL: Final = 7  # player, is the target an enemy?, target or 0, where the beam ends; before it is resolved: row
REC_LATE: Final = 8  # row of the player, row of the bullet that has to catch up; nothing once it has

# --- What the history tells of a row (see `rewind` in `world`) --------------------------------------------------------
WAS_THERE: Final = 0
WAS_X: Final = 1
WAS_Y: Final = 2
WAS_ALIVE: Final = 2  # of players: the column's place in `rewind`, which begins at 0

# --- Codes -----------------------------------------------------------------------------------------------------------
FFA: Final = 0
TEAMS: Final = 1
COOP: Final = 2
MODES: Final = ("ffa", "teams", "coop", "elimination")
TEAM_NAMES: Final = ("red", "blue")

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

GUN: Final = 0
RAIL: Final = 1
BITE: Final = 2
WEAPONS: Final = ("gun", "rail", "bite")

# Of SPENT.
CAUGHT_UP: Final = -1.0  # flies on; who it met in this tick is known
FLYING: Final = 0.0
LAST_STEP: Final = 1.0  # met a wall, or ran out of life, and may meet a body before that
GONE: Final = 2.0  # who it met is known

ENEMY_SIDE: Final = -1.0
NOBODY: Final = -1.0
OUT_OF_LIVES: Final = -1.0

# --- Rules -----------------------------------------------------------------------------------------------------------
PLAYER_RADIUS: Final = 20.0
CHASER_RADIUS: Final = 18.0
SHOOTER_RADIUS: Final = 20.0
BULLET_RADIUS: Final = 5.0
PICKUP_RADIUS: Final = 16.0

PLAYER_HP: Final = 100.0
SHIELD_MAX: Final = 50.0
MOST: Final = 65_535.0  # of what grows without end: waves, enemies left, late enemies' health, lives, kills, deaths
MOST_POINTS: Final = 32_767
PLAYER_GRIP: Final = 14.0  # per second: how fast velocity follows the stick (0.47 of the way in a 30 Hz tick)
VELOCITY_STEP: Final = 0.25  # a player's velocity is rounded to this
FIRE_BUFFER: Final = 0.1  # a press that comes this much before the gun is ready still fires
READY: Final = 1e-9  # a timer that has run down to this is at its end: what subtracting ticks leaves over
MUZZLE: Final = 6.0  # beyond the body's edge
RAIL_RANGE: Final = 1200.0
FASTEST_BODY: Final = 2000.0  # units per second: more than anybody moves
RAPID_FACTOR: Final = 0.5
RAPID_TIME: Final = 8.0
HEALTH_GAIN: Final = 40.0
SHIELD_GAIN: Final = 50.0
AWAY_PROTECTION: Final = 1e6  # longer than any seat is held (s)
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
