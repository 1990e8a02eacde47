"""The memory of a match: every table, its growth, and the removal of a row.

Tables are replaced by larger ones before a tick could overflow them, never inside a kernel, so kernels need no
allocation and write without looking.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rumpus.games.arena.arena_map import ArenaMap
from rumpus.games.arena.chance import seed_words
from rumpus.games.arena.constants import (
    BULLET_COLUMNS,
    BULLETS,
    BY_ENEMY,
    COUNTERS_SIZE,
    ENEMIES,
    ENEMIES_ALIVE,
    ENEMY_COLUMNS,
    ENEMY_COUNT,
    ENEMY_RESPAWN,
    ENEMY_SPEED,
    FIRE_COOLDOWN,
    FRIENDLY_FIRE,
    GRID_CELL,
    GRID_X,
    GRID_Y,
    HEIGHT,
    INPUT_COLUMNS,
    LIVES,
    LOOKUP_X,
    LOOKUP_Y,
    MODE,
    MODES,
    NAV_DISTANCE,
    NAV_NEXT,
    NAV_ROWS,
    NAV_SOLID,
    NAV_X,
    NAV_Y,
    NEXT_BULLET,
    NEXT_ENEMY,
    NEXT_PICKUP,
    OWNER,
    PICKUP_COLUMNS,
    PICKUP_KIND,
    PICKUP_SERIAL,
    PICKUP_TIME,
    PICKUPS,
    PLAYER_COLUMNS,
    PLAYER_SPEED,
    PLAYERS,
    PROTECTION,
    RANDOM,
    RECORD_COLUMNS,
    REFILL,
    RESPAWN_TIME,
    SHOT_DAMAGE,
    SHOT_LIFE,
    SHOT_SPEED,
    TARGET,
    TO_SPAWN,
    WALLS,
    WAVE_PAUSE,
    WAVES,
    WIDTH,
    WORLD_SIZE,
    X,
    Y,
)
from rumpus.games.arena.settings import ArenaSettings
from rumpus.games.arena.snapshot import (
    BULLET_FLOATS,
    BULLET_INTS,
    ENEMY_FLOATS,
    ENEMY_INTS,
    PLAYER_FLOATS,
    PLAYER_INTS,
)

Floats = NDArray[np.float64]
Counters = NDArray[np.int64]
Cells = NDArray[np.int32]


class Tables:
    """All columns of one match. See `constants` for what is where."""

    world: Floats
    counters: Counters
    players: Floats
    inputs: Floats
    enemies: Floats
    bullets: Floats
    pickups: Floats
    records: Floats
    nav: Cells
    heads: Cells
    links: Cells

    def __init__(self, arena_map: ArenaMap, settings: ArenaSettings) -> None:
        self.map = arena_map
        self.world = np.zeros(WORLD_SIZE)
        self.counters = np.zeros(COUNTERS_SIZE, dtype=np.int64)
        self._set_parameters(settings)
        self.spots = arena_map.spots
        self.walls = arena_map.edges
        self.lookup = arena_map.lookup
        self.players = np.zeros((PLAYER_COLUMNS, 0))
        self.inputs = np.zeros((0, INPUT_COLUMNS))
        self.enemies = np.zeros((ENEMY_COLUMNS, max(settings.enemy_count, ENEMIES_ALIVE)))
        self.bullets = np.zeros((BULLET_COLUMNS, 0))
        self.pickups = np.zeros((PICKUP_COLUMNS, max(len(arena_map.pads), 1)))
        for row, (x, y, kind) in enumerate(arena_map.pads):
            self.pickups[[X, Y, PICKUP_KIND, PICKUP_SERIAL], row] = (x, y, kind, row + 1)
        counters = self.counters
        counters[PICKUPS] = len(arena_map.pads)
        counters[NEXT_PICKUP] = len(arena_map.pads) + 1
        counters[WALLS] = len(arena_map.walls)
        counters[LOOKUP_X], counters[LOOKUP_Y] = arena_map.lookup_size
        counters[NAV_Y], counters[NAV_X] = arena_map.solid.shape
        counters[GRID_X] = -(-arena_map.width // int(GRID_CELL))
        counters[GRID_Y] = -(-arena_map.height // int(GRID_CELL))
        self.nav = np.zeros((NAV_ROWS, arena_map.solid.size), dtype=np.int32)
        self.nav[NAV_SOLID] = arena_map.solid.ravel()
        self.nav[NAV_DISTANCE] = -1
        self.nav[NAV_NEXT] = -1
        self.heads = np.full(int(counters[GRID_X] * counters[GRID_Y]), -1, dtype=np.int32)
        self.grow(16, 256)

    def _set_parameters(self, settings: ArenaSettings) -> None:
        """What the settings decide, and the state before the first tick."""
        world, counters = self.world, self.counters
        world[WIDTH], world[HEIGHT] = settings.width, settings.height
        world[PLAYER_SPEED] = settings.player_speed
        world[SHOT_SPEED] = settings.shot_speed
        world[SHOT_LIFE] = settings.shot_life
        world[FIRE_COOLDOWN] = settings.fire_cooldown
        world[SHOT_DAMAGE] = settings.shot_damage
        world[RESPAWN_TIME] = settings.respawn_time
        world[PROTECTION] = settings.protection
        world[PICKUP_TIME] = settings.pickup_time
        world[ENEMY_SPEED] = settings.enemy_speed
        world[ENEMY_RESPAWN] = settings.enemy_respawn
        world[REFILL] = WAVE_PAUSE
        counters[MODE] = MODES.index(settings.mode)
        counters[FRIENDLY_FIRE] = settings.friendly_fire
        counters[ENEMY_COUNT] = settings.enemy_count
        counters[WAVES] = settings.waves
        counters[LIVES] = settings.lives
        counters[TO_SPAWN] = -1
        counters[NEXT_ENEMY] = counters[NEXT_BULLET] = 1
        counters[RANDOM : RANDOM + 4] = seed_words(settings.seed or 0)

    def grow(self, players: int, bullets: int) -> None:
        """Room for `players` players and `bullets` bullets; what is there stays."""
        old_players, old_inputs, old_bullets = self.players, self.inputs, self.bullets
        self.players = np.zeros((PLAYER_COLUMNS, players))
        self.players[:, : old_players.shape[1]] = old_players
        self.inputs = np.zeros((players, INPUT_COLUMNS))
        self.inputs[: old_inputs.shape[0]] = old_inputs
        self.bullets = np.zeros((BULLET_COLUMNS, bullets))
        self.bullets[:, : old_bullets.shape[1]] = old_bullets
        enemies = self.enemies.shape[1]
        self.links = np.full(players + enemies, -1, dtype=np.int32)
        # At most: a hit and its consequence per bullet, a bite and a kill per enemy, a return per player, a wave.
        self.records = np.zeros((2 * (bullets + enemies) + players + self.pickups.shape[1] + 4, RECORD_COLUMNS))
        self.player_floats = np.zeros((players, PLAYER_FLOATS))
        self.player_ints = np.zeros((players, PLAYER_INTS), dtype=np.int64)
        self.enemy_floats = np.zeros((enemies, ENEMY_FLOATS))
        self.enemy_ints = np.zeros((enemies, ENEMY_INTS), dtype=np.int64)
        self.bullet_floats = np.zeros((bullets, BULLET_FLOATS))
        self.bullet_ints = np.zeros((bullets, BULLET_INTS), dtype=np.int64)

    @property
    def bullet_limit(self) -> int:
        """The number of bullets up to which one more tick cannot overflow the table."""
        return int(self.bullets.shape[1] - self.players.shape[1] - self.enemies.shape[1])

    def remove_player(self, row: int) -> None:
        """Take a row out; the last one moves into its place. The player's bullets go, hunters look elsewhere."""
        counters = self.counters
        last = int(counters[PLAYERS]) - 1
        self.players[:, row] = self.players[:, last]
        self.players[:, last] = 0.0
        self.inputs[row] = self.inputs[last]
        self.inputs[last] = 0.0
        counters[PLAYERS] = last
        flying = self.bullets[:, : counters[BULLETS]]
        kept = flying[:, (flying[BY_ENEMY] > 0.0) | (flying[OWNER] != row)]
        kept[OWNER, (kept[BY_ENEMY] == 0.0) & (kept[OWNER] == last)] = row
        self.bullets[:, : kept.shape[1]] = kept
        counters[BULLETS] = kept.shape[1]
        targets = self.enemies[TARGET, : counters[ENEMIES]]
        targets[targets == row] = -1.0
        targets[targets == last] = row
