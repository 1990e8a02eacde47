"""The memory of a match: its world and every other array, their growth, and the removal of a row.

Arrays are replaced by larger ones before a tick could overflow them, never inside a kernel, so kernels need no
allocation and write without looking.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rumpus.games.arena.arena_map import ArenaMap
from rumpus.games.arena.chance import seed_words
from rumpus.games.arena.constants import (
    BULLETS,
    BY,
    BY_ENEMY,
    COUNTERS_SIZE,
    ENEMIES,
    ENEMIES_ALIVE,
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
    OPEN,
    PICKUP_TIME,
    PLAYER_SPEED,
    PLAYERS,
    PROTECTION,
    RAIL_COOLDOWN,
    RAIL_DAMAGE,
    RANDOM,
    RECORD_COLUMNS,
    REFILL,
    RESPAWN_TIME,
    SHOT_DAMAGE,
    SHOT_LIFE,
    SHOT_SPEED,
    TABLES,
    TARGET,
    TIME_LEFT,
    TIME_LIMIT,
    TO_SPAWN,
    WALLS,
    WAVE_PAUSE,
    WAVES,
    WIDTH,
)
from rumpus.games.arena.settings import ArenaSettings
from rumpus.games.arena.world import ArenaWorld, Bullets, Enemies, Players
from rumpus.replication import Interest

Floats = NDArray[np.float64]
Counters = NDArray[np.int64]
Cells = NDArray[np.int32]


#: In fields larger than this, clients get what is near them, unless `view` says otherwise.
_WIDE = 4000
#: What they get then. The browser's camera (web/views/arena/camera.js) shows 1533 by 862 units in a 16:9 window up to
#: 2560 pixels wide, and stops 130 units outside the field: who stands in a corner sees 1383 to one side and 712 down;
#: in a 4:3 window, the steepest that is common, 846 down. With 90 for a ship and its name that is just below half of
#: this. Larger windows, wider ones and phones held upright show more than that at an edge, all of it further than guns
#: carry by default.
_VIEW = 3000
#: Its height, by its width.
_SHAPE = 0.625
#: How far what is in view may go beyond it before it is forgotten.
_MARGIN = 200


class Tables:
    """All arrays of one match: its `world` and what only kernels read. `constants` says where what is.

    secret_seed: decides all that is random from here on; the map is what it is.
    """

    inputs: Floats
    records: Floats
    was: Floats
    links: Cells

    def __init__(self, arena_map: ArenaMap, settings: ArenaSettings, secret_seed: int) -> None:
        self.map = arena_map
        self.world = ArenaWorld(
            enemies=max(settings.enemy_count, ENEMIES_ALIVE),
            pickups=max(len(arena_map.pads), 1),
        )
        self.world.interest = _interest(settings)
        self.counters: Counters = np.zeros(COUNTERS_SIZE, dtype=np.int64)
        # Kernels find the numbers of rows among the other counters: an array less to hand over.
        self.world.use_counts(self.counters[:TABLES])
        self._set_parameters(settings)
        self.counters[RANDOM : RANDOM + 4] = seed_words(secret_seed)
        self.spots = arena_map.spots
        self.walls = arena_map.edges
        self.lookup = arena_map.lookup
        if arena_map.pads:
            x, y, kind = np.array(arena_map.pads).T
            self.world.pickups.add_many(len(x), x=x, y=y, kind=kind)
        counters = self.counters
        counters[NEXT_PICKUP] = len(arena_map.pads) + 1
        counters[WALLS] = len(arena_map.walls)
        counters[LOOKUP_X], counters[LOOKUP_Y] = arena_map.lookup_size
        rows, columns = arena_map.solid.shape
        solid = np.ones((rows + 2, columns + 2), dtype=np.bool_)
        solid[1:-1, 1:-1] = arena_map.solid
        counters[NAV_Y], counters[NAV_X] = solid.shape
        counters[GRID_X] = -(-arena_map.width // int(GRID_CELL))
        counters[GRID_Y] = -(-arena_map.height // int(GRID_CELL))
        self.nav: Cells = np.zeros((NAV_ROWS, solid.size), dtype=np.int32)
        self.nav[NAV_SOLID] = solid.ravel()
        self.nav[NAV_DISTANCE] = self.nav[NAV_NEXT] = OPEN - self.nav[NAV_SOLID]
        self.heads: Cells = np.full(int(counters[GRID_X] * counters[GRID_Y]), -1, dtype=np.int32)
        self.inputs = np.zeros((0, INPUT_COLUMNS))
        self.grow(self.players.shape[1], self.bullets.shape[1])
        self.world.quantise()

    # Blocks move when a table grows: take hold of them anew after `grow`.

    @property
    def match(self) -> Floats:
        """The only row of the match."""
        return self.world.match.block[:, 0]

    @property
    def players(self) -> Floats:
        return self.world.players.block

    @property
    def enemies(self) -> Floats:
        return self.world.enemies.block

    @property
    def bullets(self) -> Floats:
        return self.world.bullets.block

    @property
    def pickups(self) -> Floats:
        return self.world.pickups.block

    def _set_parameters(self, settings: ArenaSettings) -> None:
        """What the settings decide, and the state before the first tick."""
        match, counters = self.match, self.counters
        match[TIME_LIMIT] = match[TIME_LEFT] = settings.time_limit
        match[WIDTH], match[HEIGHT] = settings.width, settings.height
        match[PLAYER_SPEED] = settings.player_speed
        match[SHOT_SPEED] = settings.shot_speed
        match[SHOT_LIFE] = settings.shot_life
        match[FIRE_COOLDOWN] = settings.fire_cooldown
        match[SHOT_DAMAGE] = settings.shot_damage
        match[RESPAWN_TIME] = settings.respawn_time
        match[PROTECTION] = settings.protection
        match[PICKUP_TIME] = settings.pickup_time
        match[ENEMY_SPEED] = settings.enemy_speed
        match[ENEMY_RESPAWN] = settings.enemy_respawn
        match[RAIL_DAMAGE] = settings.rail_damage
        match[RAIL_COOLDOWN] = settings.rail_cooldown
        match[REFILL] = WAVE_PAUSE
        match[LIVES] = settings.lives if settings.mode in ("coop", "elimination") else 0.0
        counters[MODE] = MODES.index(settings.mode)
        counters[FRIENDLY_FIRE] = settings.friendly_fire
        counters[ENEMY_COUNT] = settings.enemy_count
        counters[WAVES] = settings.waves
        counters[TO_SPAWN] = -1
        counters[NEXT_ENEMY] = counters[NEXT_BULLET] = 1

    def grow(self, players: int, bullets: int) -> None:
        """Room for `players` players and `bullets` bullets (at most as many as there may be); what is there stays."""
        bullets = min(bullets, Bullets.max_rows)
        self.world.reserve(players=players, scores=players, bullets=bullets)
        old_inputs = self.inputs
        self.inputs = np.zeros((players, INPUT_COLUMNS))
        self.inputs[: old_inputs.shape[0]] = old_inputs
        enemies = self.enemies.shape[1]
        self.links = np.full(players + enemies, -1, dtype=np.int32)
        # Where one of each was, by rows: what kernels ask the history for.
        self.was = np.zeros((1 + max(len(Players.rewind), len(Enemies.rewind)), max(players, enemies)))
        # At most: a hit and its consequence per bullet, a bite and a kill per enemy, a wave; per player a return, or a
        # shot to resolve with a hit and its consequence.
        self.records = np.zeros((2 * (bullets + enemies) + 3 * players + self.pickups.shape[1] + 4, RECORD_COLUMNS))

    # What each kernel is given, besides its numbers. Fetch them anew after `grow`.

    def for_step(self) -> tuple[NDArray[Any], ...]:
        """For `step.step`."""
        shared = self.match, self.counters, self.players, self.inputs, self.enemies, self.bullets
        return *shared, self.pickups, self.spots, self.walls, self.lookup, self.nav, self.records

    def for_shots(self) -> tuple[NDArray[Any], ...]:
        """For `shots.resolve_shots`, which is given the history too."""
        shared = self.match, self.counters, self.players, self.inputs, self.enemies, self.bullets
        return *shared, self.walls, self.lookup, self.records, self.was

    def for_collisions(self) -> tuple[NDArray[Any], ...]:
        """For `combat.collide`."""
        shared = self.match, self.counters, self.players, self.enemies, self.bullets
        return *shared, self.pickups, self.records, self.heads, self.links

    def for_places(self) -> tuple[NDArray[Any], ...]:
        """For `spawning.place_player`."""
        return self.players, self.enemies, self.spots, self.match, self.counters

    @property
    def bullet_limit(self) -> int:
        """The number of bullets up to which the table need not grow: one more tick cannot overflow it."""
        capacity = int(self.bullets.shape[1])
        if capacity == Bullets.max_rows:  # guns stay silent when it is full
            return capacity
        return capacity - int(self.players.shape[1] + self.enemies.shape[1])

    def remove_player(self, row: int) -> None:
        """Take a row out; the last one moves into its place. The player's bullets go, hunters look elsewhere."""
        counters = self.counters
        last = int(counters[PLAYERS]) - 1
        self.world.players.remove_row(row)
        self.world.scores.remove_row(row)
        self.inputs[row] = self.inputs[last]
        self.inputs[last] = 0.0
        flying = self.bullets[:, : counters[BULLETS]]
        kept = flying[:, (flying[BY_ENEMY] > 0.0) | (flying[BY] != row)]
        kept[BY, (kept[BY_ENEMY] == 0.0) & (kept[BY] == last)] = row
        self.bullets[:, : kept.shape[1]] = kept
        counters[BULLETS] = kept.shape[1]
        targets = self.enemies[TARGET, : counters[ENEMIES]]
        targets[targets == row] = -1.0
        targets[targets == last] = row


def _interest(settings: ArenaSettings) -> Interest | None:
    """Who gets to know of what, by the setting `view`."""
    width = settings.view
    if width is None:
        width = _VIEW if max(settings.width, settings.height) > _WIDE else 0
    return Interest(width=width, height=width * _SHAPE, margin=_MARGIN) if width else None
