"""A match as bytes and back.

What follows from the settings (the map, speeds, limits) is not stored but built again; everything else is, in the
order of the tables, so that equal matches give equal bytes. The kernels trust what they index with, so `unpack_into`
checks every number that could send one outside its table before any of them sees it.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from rumpus.games.arena.arena_map import ArenaMap, build_map
from rumpus.games.arena.constants import (
    ALIVE,
    BULLET_COLUMNS,
    BULLETS,
    BY_ENEMY,
    ENEMIES,
    ENEMY_COLUMNS,
    INPUT_COLUMNS,
    KIND,
    LIVES,
    NAV_DISTANCE,
    NAV_HEAD,
    NAV_NEXT,
    NAV_QUEUE,
    NAV_SOLID,
    NAV_TAIL,
    NEXT_BULLET,
    NEXT_ENEMY,
    NEXT_PICKUP,
    NEXT_TEAM,
    OVER,
    OWNER,
    OX,
    OY,
    PICKUP_CHANGES,
    PICKUP_SERIAL,
    PICKUPS,
    PLAYER_COLUMNS,
    PLAYERS,
    RANDOM,
    REFILL,
    SERIAL,
    TARGET,
    TEAM,
    TICK,
    TIME,
    TO_SPAWN,
    VX,
    VY,
    WAIT,
    WAVE,
    X,
    Y,
)
from rumpus.games.arena.settings import ArenaSettings
from rumpus.games.arena.tables import Tables

Floats = NDArray[np.float64]

_MAGIC = b"rumpus arena 1\n"
_COUNTERS = (
    TICK,
    ENEMIES,
    BULLETS,
    NEXT_ENEMY,
    NEXT_BULLET,
    NEXT_PICKUP,
    NEXT_TEAM,
    RANDOM,
    RANDOM + 1,
    RANDOM + 2,
    RANDOM + 3,
    WAVE,
    TO_SPAWN,
    LIVES,
    NAV_HEAD,
    NAV_TAIL,
    OVER,
    PICKUP_CHANGES,
)
_LARGEST = 2.0**53
_FASTEST = 10_000.0


class SavedPlayer(msgspec.Struct, array_like=True):
    player_id: str
    team: str
    score: int


class SavedMatch(msgspec.Struct, array_like=True):
    """What is stored. Tables are little-endian bytes, column after column."""

    settings: ArenaSettings
    players: list[SavedPlayer]
    team_scores: list[int]
    time: float
    refill: float
    counters: list[int]
    player_columns: bytes
    inputs: bytes
    enemy_columns: bytes
    bullet_columns: bytes
    pickup_columns: bytes
    distances: bytes
    next_distances: bytes
    queue: bytes


class Loaded(NamedTuple):
    """A match ready to go on."""

    settings: ArenaSettings
    map: ArenaMap
    tables: Tables
    players: list[SavedPlayer]
    team_scores: list[int]


def map_of(settings: ArenaSettings) -> ArenaMap:
    return build_map(settings.width, settings.height, settings.seed or 0, settings.walls, settings.pickups)


def pack(settings: ArenaSettings, tables: Tables, players: list[SavedPlayer], team_scores: list[int]) -> bytes:
    """The match as bytes."""
    counters = tables.counters
    nav = tables.nav.astype("<i4", copy=False)
    saved = SavedMatch(
        # A float setting may have been given as a whole number: one form for equal settings.
        settings=msgspec.convert(msgspec.to_builtins(settings), ArenaSettings),
        players=players,
        team_scores=team_scores,
        time=float(tables.world[TIME]),
        refill=float(tables.world[REFILL]),
        counters=[int(counters[index]) for index in _COUNTERS],
        player_columns=_to_bytes(tables.players[:, : counters[PLAYERS]]),
        inputs=_to_bytes(tables.inputs[: counters[PLAYERS]]),
        enemy_columns=_to_bytes(tables.enemies[:, : counters[ENEMIES]]),
        bullet_columns=_to_bytes(tables.bullets[:, : counters[BULLETS]]),
        pickup_columns=_to_bytes(tables.pickups[WAIT : PICKUP_SERIAL + 1, : counters[PICKUPS]]),
        distances=nav[NAV_DISTANCE].tobytes(),
        next_distances=nav[NAV_NEXT].tobytes(),
        # What lies before the head was used up and is never read again.
        queue=nav[NAV_QUEUE, counters[NAV_HEAD] : counters[NAV_TAIL]].tobytes(),
    )
    return _MAGIC + msgspec.msgpack.encode(saved)


def _to_bytes(table: Floats) -> bytes:
    return table.astype("<f8", copy=False).tobytes()


def unpack(data: bytes) -> Loaded:
    """The match that `data` holds. Raises ValueError, saying what is wrong, if it holds none."""
    if not data.startswith(_MAGIC):
        raise ValueError("this is not a saved match of Arena (version 1)")
    try:
        saved = msgspec.msgpack.decode(data[len(_MAGIC) :], type=SavedMatch)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(f"the saved match cannot be read: {error}") from None
    settings = saved.settings
    arena_map = map_of(settings)
    tables = Tables(arena_map, settings)
    _fill_counters(saved, tables)
    _fill_players(saved, tables)
    _fill_enemies(saved, tables)
    _fill_bullets(saved, tables)
    _fill_pickups(saved, tables)
    _fill_nav(saved, tables)
    sides = 2 if settings.mode == "teams" else 0
    _require(len(saved.team_scores) == sides, f"it has {len(saved.team_scores)} team scores where {sides} are due")
    return Loaded(settings, arena_map, tables, saved.players, saved.team_scores)


def _require(holds: bool, complaint: str) -> None:
    if not holds:
        raise ValueError(f"the saved match is damaged: {complaint}")


def _from_bytes(data: bytes, columns: int, name: str) -> Floats:
    """A table of so many columns, its numbers within reason."""
    _require(len(data) % (8 * columns) == 0, f"the {name} are not whole")
    table = np.frombuffer(data, dtype="<f8").reshape(columns, -1)
    _require(bool((np.abs(table) <= _LARGEST).all()), f"the {name} hold a number out of range")
    return table


def _require_whole(values: Floats, low: int, high: int, name: str) -> None:
    whole = (values == np.floor(values)) & (values >= low) & (values <= high)
    _require(bool(whole.all()), f"{name} must be whole numbers from {low} to {high}")


def _require_place(table: Floats, tables: Tables, name: str) -> None:
    """Everything that moves is in the field and not absurdly fast: what kernels loop over depends on it."""
    size = np.array([[tables.map.width], [tables.map.height]], dtype=np.float64)
    # A bullet fired at the edge is born a little outside, and flies for one tick.
    inside = (np.abs(table[[X, Y]] - size / 2) <= size / 2 + 50.0) & (
        np.abs(table[[OX, OY]] - size / 2) <= size / 2 + 2000.0
    )
    _require(bool(inside.all()), f"the {name} are outside the field")
    _require(bool((np.abs(table[[VX, VY]]) <= _FASTEST).all()), f"the {name} are too fast")


def _fill_counters(saved: SavedMatch, tables: Tables) -> None:
    _require(len(saved.counters) == len(_COUNTERS), "it has the wrong number of counters")
    for index, value in zip(_COUNTERS, saved.counters, strict=True):
        lowest = -1 if index == TO_SPAWN else 0
        _require(lowest <= value <= _LARGEST, "a counter is out of range")
        tables.counters[index] = value
    words = tables.counters[RANDOM : RANDOM + 4]
    _require(bool((words < 2**32).all() and words.any()), "the random generator's state is impossible")
    _require(int(tables.counters[OVER]) <= 2, "it ended for no known reason")
    for name, seconds in (("time", saved.time), ("timer", saved.refill)):
        _require(-1e6 <= seconds <= 1e9, f"its {name} is out of range")
    tables.world[TIME] = saved.time
    tables.world[REFILL] = saved.refill


def _fill_players(saved: SavedMatch, tables: Tables) -> None:
    count = len(saved.players)
    columns = _from_bytes(saved.player_columns, PLAYER_COLUMNS, "players")
    _require(columns.shape[1] == count, "players and their columns do not agree")
    _require(len({player.player_id for player in saved.players}) == count, "a player is there twice")
    allowed = ("red", "blue") if saved.settings.mode == "teams" else ("",)
    _require(all(player.team in allowed for player in saved.players), "a player's team does not exist")
    _require_place(columns, tables, "players")
    _require_whole(columns[ALIVE], 0, 1, "players' lives")
    _require_whole(columns[TEAM], 0, int(_LARGEST), "players' sides")
    inputs = _from_bytes(saved.inputs, INPUT_COLUMNS, "inputs").reshape(-1, INPUT_COLUMNS)
    _require(inputs.shape[0] == count, "players and their inputs do not agree")
    _require(bool((np.abs(inputs[:, :2]) <= 1.0).all() and (np.abs(inputs) <= 1e6).all()), "an input is out of range")
    if count > tables.players.shape[1]:
        tables.grow(2 * count, tables.bullets.shape[1])
    tables.players[:, :count] = columns
    tables.inputs[:count] = inputs
    tables.counters[PLAYERS] = count


def _fill_enemies(saved: SavedMatch, tables: Tables) -> None:
    columns = _from_bytes(saved.enemy_columns, ENEMY_COLUMNS, "enemies")
    count = int(tables.counters[ENEMIES])
    _require(columns.shape[1] == count <= tables.enemies.shape[1], "the number of enemies is wrong")
    _require_place(columns, tables, "enemies")
    _require_whole(columns[KIND], 0, 1, "kinds of enemies")
    _require_whole(columns[SERIAL], 0, int(_LARGEST), "enemies' numbers")
    _require_whole(columns[TARGET], -1, len(saved.players) - 1, "enemies' targets")
    tables.enemies[:, :count] = columns


def _fill_bullets(saved: SavedMatch, tables: Tables) -> None:
    columns = _from_bytes(saved.bullet_columns, BULLET_COLUMNS, "bullets")
    count = int(tables.counters[BULLETS])
    _require(columns.shape[1] == count, "the number of bullets is wrong")
    _require_place(columns, tables, "bullets")
    _require_whole(columns[BY_ENEMY], 0, 1, "the bullets' kinds of owner")
    _require_whole(columns[OWNER], 0, int(_LARGEST), "bullets' owners")
    _require_whole(columns[OWNER, columns[BY_ENEMY] == 0.0], 0, len(saved.players) - 1, "bullets' owners")
    bullets = max(2 * count, tables.bullets.shape[1], 2 * (tables.players.shape[1] + tables.enemies.shape[1]))
    tables.grow(tables.players.shape[1], bullets)
    while tables.bullet_limit < count:
        tables.grow(tables.players.shape[1], 2 * tables.bullets.shape[1])
    tables.bullets[:, :count] = columns


def _fill_pickups(saved: SavedMatch, tables: Tables) -> None:
    columns = _from_bytes(saved.pickup_columns, 2, "pick-ups")
    count = int(tables.counters[PICKUPS])
    _require(columns.shape[1] == count, "the number of pick-ups is wrong")
    _require(bool((columns >= 0.0).all()), "a pick-up waits for a negative time")
    tables.pickups[WAIT : PICKUP_SERIAL + 1, :count] = columns


def _fill_nav(saved: SavedMatch, tables: Tables) -> None:
    nav = tables.nav
    cells = nav.shape[1]
    for row, data in ((NAV_DISTANCE, saved.distances), (NAV_NEXT, saved.next_distances)):
        _require(len(data) == 4 * cells, "the flow field has the wrong size")
        nav[row] = np.frombuffer(data, dtype="<i4")
        _require(bool(((nav[row] >= -1) & (nav[row] <= cells)).all()), "the flow field is out of range")
    head, tail = int(tables.counters[NAV_HEAD]), int(tables.counters[NAV_TAIL])
    _require(head <= tail <= cells and len(saved.queue) == 4 * (tail - head), "the flow field's queue is wrong")
    queue = np.frombuffer(saved.queue, dtype="<i4")
    _require(bool(((queue >= 0) & (queue < cells)).all()), "the flow field's queue is out of range")
    # Each open cell not yet reached will be queued once: there must be room for them.
    waiting = int(((nav[NAV_NEXT] < 0) & (nav[NAV_SOLID] == 0)).sum())
    _require(head == tail or tail + waiting <= cells, "the flow field's queue is too long")
    nav[NAV_QUEUE, head:tail] = queue
