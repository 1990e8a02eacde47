"""The reference workload, as a game: ships that shoot at one another and at enemies that chase them, on an open field.

It exists to be measured, and its rules are those of the same room on other servers (`rumpus bench`): whoever reads both
sees the same sums. It is also the shortest example of a fast game: tables, one kernel for the rules, and a few lines of
Python around them for what is rare.
"""

from __future__ import annotations

import math
import struct
from typing import Annotated, Any, ClassVar, Final

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from rumpus.compiled import is_on_disk, kernel, part
from rumpus.game import Game, Input, PlayerInfo, Settings
from rumpus.replication import KEY, Angle, Fixed, Int, Interest, Local, Table, World

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

SPEED: Final = 200.0
ENEMY_SPEED: Final = 60.0
SHOT_SPEED: Final = 600.0
SHOT_LIFE: Final = 1.5
COOLDOWN: Final = 0.2
HIT_RADIUS: Final = 20.0
HEALTH: Final = 100.0
DAMAGE: Final = 10.0
ENEMY_HEALTH: Final = 3.0

#: With more players than this, a grid finds those that a shot may hit.
CROWD: Final = 64
#: Cells of that grid across and down.
CELLS: Final = 256


class Players(Table, rows=16, max_rows=10_000):
    x = Fixed(1 / 8, 0, 16_384, moves=True)
    y = Fixed(1 / 8, 0, 16_384, moves=True)
    angle = Angle(bits=8)
    hp = Int(0, 100)
    score = Int(0, 65_535)
    cool = Local()


class Enemies(Table, rows=32, max_rows=10_000, key="e"):
    """They step over a player at the edge, and so a little out of the field."""

    x = Fixed(1 / 8, -64, 16_320, moves=True)
    y = Fixed(1 / 8, -64, 16_320, moves=True)
    hp = Int(0, 3)


class Bullets(Table, rows=256, max_rows=200_000, key="b"):
    """Sent once: while a shot flies straight its steps are what clients expect."""

    x = Fixed(1 / 8, 0, 16_384, moves="vx")
    y = Fixed(1 / 8, 0, 16_384, moves="vy")
    owner = Int(0, 65_535)
    vx = Local()
    vy = Local()
    life = Local()
    owner_row = Local()


class SkirmishWorld(World):
    players: Players
    enemies: Enemies
    bullets: Bullets


# Rows of the blocks, for the kernel: the columns above in their order, after the three reserved ones.
X: Final = 3
Y: Final = 4
ANGLE: Final = 5
HP: Final = 6
SCORE: Final = 7
COOL: Final = 8
ENEMY_HP: Final = 5
OWNER: Final = 5
VX: Final = 6
VY: Final = 7
LIFE: Final = 8
OWNER_ROW: Final = 9

PLAYERS, ENEMIES, BULLETS = 0, 1, 2

# Inputs: a row for each player.
IN_X, IN_Y, IN_ANGLE, IN_FIRE, IN_SEEN = range(5)
_INPUT = struct.Struct("5d")


class SkirmishInput(Input):
    """Where to go (each -1 to 1), where to aim (radians) and whether to fire; held until the next input."""

    dx: Annotated[float, Meta(ge=-1, le=1)] = 0.0
    dy: Annotated[float, Meta(ge=-1, le=1)] = 0.0
    angle: Annotated[float, Meta(ge=-1e6, le=1e6)] = 0.0
    fire: bool = False


class SkirmishSettings(Settings):
    """Size of the field and of a player's view (world units; a view of 0 means that everybody sees everything)."""

    width: Annotated[int, Meta(ge=100, le=16_000)] = 2000
    height: Annotated[int, Meta(ge=100, le=16_000)] = 2000
    enemies: Annotated[int, Meta(ge=0, le=10_000)] = 20
    view_width: Annotated[int, Meta(ge=0, le=16_000)] = 0
    view_height: Annotated[int, Meta(ge=0, le=16_000)] = 0


class Skirmish(Game):
    """Everybody against everybody and the enemies, for ever."""

    Input = SkirmishInput
    Settings = SkirmishSettings
    World = SkirmishWorld
    max_players: ClassVar[int] = 10
    min_players: ClassVar[int] = 1

    world: SkirmishWorld

    @classmethod
    def prepare(cls) -> None:
        super().prepare()
        game = cls()
        game.initialize_game(SkirmishSettings())
        game.update(1 / 30)

    @classmethod
    def is_prepared(cls) -> bool:
        return super().is_prepared() and is_on_disk(step)

    def initialize_game(self, settings: Any) -> None:
        self.settings: SkirmishSettings = settings
        self.world = world = SkirmishWorld(enemies=max(1, settings.enemies))
        self._find = world.players.find
        self._chance = np.array([self.secret_seed % 2_147_483_646 + 1], dtype=np.int64)
        places = [(self._anywhere(settings.width), self._anywhere(settings.height)) for _ in range(settings.enemies)]
        x, y = np.array(places).reshape(-1, 2).T
        world.enemies.add_many(settings.enemies, x=x, y=y, hp=ENEMY_HEALTH)
        if settings.view_width and settings.view_height:
            world.interest = Interest(width=settings.view_width, height=settings.view_height, margin=100)
        self._next_bullet = np.ones(1, dtype=np.int64)
        #: Bullets that there must be room for in the next tick.
        self._most = 0
        self._heads = np.zeros(CELLS * CELLS + 1, dtype=np.int32)
        self._inputs: Floats = np.zeros((0, 5))
        self._tables_changed(0)

    def _anywhere(self, size: int) -> float:
        self._chance[0] = self._chance[0] * 48_271 % 2_147_483_647
        return float(self._chance[0] / 2_147_483_647 * size)

    def _tables_changed(self, players: int) -> None:
        """The tables have grown, or a match begins: room for as many inputs as there can be players."""
        inputs = np.zeros((self.world.players.capacity, 5))
        inputs[:players] = self._inputs[:players]
        self._inputs = inputs
        self._order = np.zeros(inputs.shape[0], dtype=np.int32)
        self._input_bytes = memoryview(inputs.data).cast("B")

    def get_static_state(self) -> dict[str, Any]:
        return {"width": self.settings.width, "height": self.settings.height}

    def add_player(self, player_id: str, info: PlayerInfo) -> None:
        super().add_player(player_id, info)
        players = self.world.players
        row = players.add(
            player_id, x=self._anywhere(self.settings.width), y=self._anywhere(self.settings.height), hp=HEALTH
        )
        if len(self._inputs) < players.capacity:
            self._tables_changed(row)
        self._inputs[row] = 0.0
        self._most += 1

    def remove_player(self, player_id: str) -> None:
        super().remove_player(player_id)
        players, bullets = self.world.players, self.world.bullets
        row = players.find(player_id)
        if row < 0:
            return
        players.remove_row(row)
        last = len(players)
        self._inputs[row] = self._inputs[last]
        # The player's shots go; those of the row that moved into the gap follow it.
        live = bullets.block[:, : len(bullets)]
        kept = live[:, live[OWNER_ROW] != row]
        kept[OWNER_ROW, kept[OWNER_ROW] == last] = row
        bullets.block[:, : kept.shape[1]] = kept
        bullets.count[0] = kept.shape[1]

    def process_input(self, player_id: str, input_data: SkirmishInput) -> None:
        row = self._find(player_id)
        if row >= 0:
            move = input_data
            _INPUT.pack_into(self._input_bytes, row * _INPUT.size, move.dx, move.dy, move.angle, move.fire, True)

    def update(self, delta_time: float) -> None:
        world = self.world
        if self._most > world.bullets.capacity:
            world.reserve(bullets=2 * self._most)
        settings = self.settings
        self._most = step(
            delta_time,
            settings.width,
            settings.height,
            world.counts,
            world.players.block,
            world.enemies.block,
            world.bullets.block,
            self._inputs,
            self._chance,
            self._next_bullet,
            self._heads,
            self._order,
        )
        world.quantise()

    def results(self) -> list[Any]:
        players = self.world.players
        self.scores = dict(zip(players.ids(), players.score.tolist(), strict=True))
        return list(super().results())


@part
def anywhere(size: float, chance: Numbers) -> float:
    """A place along an edge, by the minimal standard generator (Park and Miller, 1988).

    One place tells its whole state, and so all that follow: good enough for a yardstick, and not for a game; see Arena.
    """
    chance[0] = chance[0] * 48_271 % 2_147_483_647
    return float(chance[0] / 2_147_483_647 * size)


@part
def cell_of(value: float, cell: float) -> int:
    return min(max(int(value / cell), 0), CELLS - 1)


@kernel
def step(
    seconds: float,
    width: float,
    height: float,
    counts: Numbers,
    players: Floats,
    enemies: Floats,
    bullets: Floats,
    inputs: Floats,
    chance: Numbers,
    next_bullet: Numbers,
    heads: NDArray[np.int32],
    order: NDArray[np.int32],
) -> int:
    """One tick of the rules. There must be room for a bullet of each player; returns how much the next tick needs."""
    total = counts[PLAYERS]
    for row in range(total):
        if players[COOL, row] > 0.0:
            players[COOL, row] -= seconds
        if inputs[row, IN_SEEN] == 0.0:
            continue
        players[X, row] = min(max(players[X, row] + inputs[row, IN_X] * SPEED * seconds, 0.0), width)
        players[Y, row] = min(max(players[Y, row] + inputs[row, IN_Y] * SPEED * seconds, 0.0), height)
        angle = inputs[row, IN_ANGLE]
        players[ANGLE, row] = angle
        if inputs[row, IN_FIRE] > 0.0 and players[COOL, row] <= 0.0:
            players[COOL, row] = COOLDOWN
            shot = counts[BULLETS]
            counts[BULLETS] += 1
            for column in range(bullets.shape[0]):
                bullets[column, shot] = 0.0
            bullets[KEY, shot] = next_bullet[0]
            next_bullet[0] += 1
            bullets[X, shot] = players[X, row]
            bullets[Y, shot] = players[Y, row]
            bullets[VX, shot] = math.cos(angle) * SHOT_SPEED
            bullets[VY, shot] = math.sin(angle) * SHOT_SPEED
            bullets[LIFE, shot] = SHOT_LIFE
            bullets[OWNER, shot] = players[KEY, row]
            bullets[OWNER_ROW, shot] = row
    for row in range(counts[ENEMIES]):
        nearest = math.inf
        to_x = 0.0
        to_y = 0.0
        for other in range(total):
            dx = players[X, other] - enemies[X, row]
            dy = players[Y, other] - enemies[Y, row]
            distance = dx * dx + dy * dy
            if distance < nearest:
                nearest = distance
                to_x = dx
                to_y = dy
        if 0.0 < nearest < math.inf:
            pace = ENEMY_SPEED * seconds / math.sqrt(nearest)
            enemies[X, row] += to_x * pace
            enemies[Y, row] += to_y * pace
    crowded = total > CROWD
    cell = max(max(width, height) / CELLS, HIT_RADIUS)
    if crowded:
        sort_players(cell, total, players, heads, order)
    shot = 0
    while shot < counts[BULLETS]:
        bullets[X, shot] += bullets[VX, shot] * seconds
        bullets[Y, shot] += bullets[VY, shot] * seconds
        bullets[LIFE, shot] -= seconds
        x = bullets[X, shot]
        y = bullets[Y, shot]
        owner = int(bullets[OWNER_ROW, shot])
        spent = bullets[LIFE, shot] <= 0.0 or x < 0.0 or y < 0.0 or x > width or y > height
        if not spent:
            for row in range(counts[ENEMIES]):
                dx = enemies[X, row] - x
                dy = enemies[Y, row] - y
                if dx * dx + dy * dy < HIT_RADIUS * HIT_RADIUS:
                    spent = True
                    enemies[ENEMY_HP, row] -= 1.0
                    if enemies[ENEMY_HP, row] <= 0.0:
                        enemies[ENEMY_HP, row] = ENEMY_HEALTH
                        enemies[X, row] = anywhere(width, chance)
                        enemies[Y, row] = anywhere(height, chance)
                        players[SCORE, owner] += 1.0
                    break
        if not spent:
            victim = -1
            if crowded:
                left = cell_of(x - HIT_RADIUS, cell)
                right = cell_of(x + HIT_RADIUS, cell)
                for line in range(cell_of(y - HIT_RADIUS, cell), cell_of(y + HIT_RADIUS, cell) + 1):
                    for spot in range(heads[line * CELLS + left], heads[line * CELLS + right + 1]):
                        row = order[spot]
                        dx = players[X, row] - x
                        dy = players[Y, row] - y
                        # The first in the table, as without a grid.
                        if (
                            row != owner
                            and dx * dx + dy * dy < HIT_RADIUS * HIT_RADIUS
                            and (victim < 0 or row < victim)
                        ):
                            victim = row
            else:
                for row in range(total):
                    dx = players[X, row] - x
                    dy = players[Y, row] - y
                    if row != owner and dx * dx + dy * dy < HIT_RADIUS * HIT_RADIUS:
                        victim = row
                        break
            if victim >= 0:
                spent = True
                players[HP, victim] -= DAMAGE
                if players[HP, victim] <= 0.0:
                    players[HP, victim] = HEALTH
                    players[X, victim] = anywhere(width, chance)
                    players[Y, victim] = anywhere(height, chance)
                    players[SCORE, owner] += 1.0
        if spent:
            # The last one takes its place.
            counts[BULLETS] -= 1
            for column in range(bullets.shape[0]):
                bullets[column, shot] = bullets[column, counts[BULLETS]]
        else:
            shot += 1
    return int(counts[BULLETS] + total)


@part
def sort_players(cell: float, total: int, players: Floats, heads: NDArray[np.int32], order: NDArray[np.int32]) -> None:
    """Players by cell of a grid: `order` lists rows, cell after cell, `heads` where each cell begins."""
    for index in range(heads.size):
        heads[index] = 0
    for row in range(total):
        heads[cell_of(players[Y, row], cell) * CELLS + cell_of(players[X, row], cell) + 1] += 1
    for index in range(1, heads.size):
        heads[index] += heads[index - 1]
    for row in range(total):
        at = cell_of(players[Y, row], cell) * CELLS + cell_of(players[X, row], cell)
        order[heads[at]] = row
        heads[at] += 1
    for index in range(heads.size - 1, 0, -1):
        heads[index] = heads[index - 1]
    heads[0] = 0
