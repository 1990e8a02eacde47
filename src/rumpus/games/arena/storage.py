"""A match as bytes and back.

What follows from the settings (the map, speeds, limits) is not stored but built again; everything else is, in the
order of the tables, so that equal matches give equal bytes. Numbers of strings and the encoder's slots are left out:
they depend on who was there before. So is the world's history: rooms keep one, of what they have sent, and a match that
is loaded begins without. The kernels trust what they index with, so `unpack` checks every number that could send one
outside its table before any of them sees it, and rounds, which finds what clients cannot be told.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from rumpus.games.arena.arena_map import ArenaMap, build_map
from rumpus.games.arena.constants import (
    ALIVE,
    BLUE_SCORE,
    BULLETS,
    BY,
    BY_ENEMY,
    COOL,
    DRAWN,
    ENEMIES,
    ENEMIES_LEFT,
    INPUT_COLUMNS,
    KEY,
    KIND,
    LIVES,
    NAV_DISTANCE,
    NAV_HEAD,
    NAV_NEXT,
    NAV_QUEUE,
    NAV_SOLID,
    NAV_TAIL,
    NAV_X,
    NEXT_BULLET,
    NEXT_ENEMY,
    NEXT_PICKUP,
    NEXT_SIDE,
    NOBODY,
    OPEN,
    OVER,
    OWNER,
    OX,
    OY,
    PICKUPS,
    PLAYERS,
    RAIL_COOL,
    RANDOM,
    RED_SCORE,
    REFILL,
    SHOWN,
    SIDE,
    TARGET,
    TEAM,
    TICK,
    TIME,
    TIME_LEFT,
    TIME_LIMIT,
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
from rumpus.games.arena.world import Bullets, Enemies, Players, Scores
from rumpus.replication import RESERVED, TableError

Floats = NDArray[np.float64]

_MAGIC = b"rumpus arena 5\n"
_COUNTERS = (
    TICK,
    ENEMIES,
    BULLETS,
    NEXT_ENEMY,
    NEXT_BULLET,
    NEXT_PICKUP,
    NEXT_SIDE,
    RANDOM,
    RANDOM + 1,
    RANDOM + 2,
    RANDOM + 3,
    DRAWN,
    TO_SPAWN,
    NAV_HEAD,
    NAV_TAIL,
    OVER,
)
#: What of the match is no setting.
_MATCH = (TIME, REFILL, WAVE, LIVES, ENEMIES_LEFT, RED_SCORE, BLUE_SCORE)
#: Rows of the blocks.
_PLAYER_COLUMNS = RESERVED + len(Players.columns)
_COUNTED = [Scores.score.index, Scores.kills.index, Scores.deaths.index]
_ENEMY_COLUMNS = RESERVED + len(Enemies.columns)
_LARGEST = 2.0**53
_FASTEST = 10_000.0
#: What a weapon may take to be ready again, at most: the range of the columns that say so.
_LONGEST = 10.0


class SavedMatch(msgspec.Struct, array_like=True):
    """What is stored. Columns of tables are little-endian bytes, one after the other."""

    settings: ArenaSettings
    #: Ids, in the order of rows.
    players: list[str]
    match: list[float]
    counters: list[int]
    player_columns: bytes  # from SHOWN
    score_columns: bytes  # what is counted: their team is the player's
    inputs: bytes
    enemy_columns: bytes  # from KEY
    bullet_columns: bytes  # from KEY, without OWNER
    pickup_columns: bytes  # KEY and WAIT
    distances: bytes
    next_distances: bytes
    queue: bytes


class Loaded(NamedTuple):
    """A match ready to go on. Its counters hold the secret seed."""

    settings: ArenaSettings
    map: ArenaMap
    tables: Tables


def map_of(settings: ArenaSettings) -> ArenaMap:
    return build_map(settings.width, settings.height, settings.seed or 0, settings.walls, settings.pickups)


def pack(settings: ArenaSettings, tables: Tables) -> bytes:
    """The match as bytes."""
    counters = tables.counters
    nav = tables.nav.astype("<i4", copy=False)
    saved = SavedMatch(
        # A float setting may have been given as a whole number: one form for equal settings.
        settings=msgspec.convert(msgspec.to_builtins(settings), ArenaSettings),
        players=tables.world.players.ids(),
        match=tables.match[list(_MATCH)].tolist(),
        counters=counters[list(_COUNTERS)].tolist(),
        player_columns=_to_bytes(tables.players[SHOWN:, : counters[PLAYERS]]),
        score_columns=_to_bytes(tables.world.scores.block[_COUNTED, : counters[PLAYERS]]),
        inputs=_to_bytes(tables.inputs[: counters[PLAYERS]]),
        enemy_columns=_to_bytes(tables.enemies[KEY:, : counters[ENEMIES]]),
        bullet_columns=_to_bytes(tables.bullets[KEY:OWNER, : counters[BULLETS]]),
        pickup_columns=_to_bytes(tables.pickups[[KEY, WAIT], : counters[PICKUPS]]),
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
        raise ValueError("this is not a saved match of Arena (version 5)")
    try:
        saved = msgspec.msgpack.decode(data[len(_MAGIC) :], type=SavedMatch)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(f"the saved match cannot be read: {error}") from None
    settings = saved.settings
    arena_map = map_of(settings)
    tables = Tables(arena_map, settings, 0)
    _fill_counters(saved, tables)
    _fill_match(saved, tables)
    _fill_players(saved, tables)
    _fill_enemies(saved, tables)
    _fill_bullets(saved, tables)
    _fill_pickups(saved, tables)
    _fill_nav(saved, tables)
    try:
        tables.world.quantise()
    except TableError as error:
        _require(False, str(error))
    return Loaded(settings, arena_map, tables)


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
    _require(bool((words < 2**32).all()), "the random generator's key is impossible")
    _require(int(tables.counters[OVER]) <= 2, "it ended for no known reason")


def _fill_match(saved: SavedMatch, tables: Tables) -> None:
    _require(len(saved.match) == len(_MATCH), "it has the wrong number of values of the match")
    match = tables.match
    match[list(_MATCH)] = saved.match
    for name, column in (("time", TIME), ("timer", REFILL)):
        _require(bool(-1e6 <= match[column] <= 1e9), f"its {name} is out of range")
    match[TIME_LEFT] = max(match[TIME_LIMIT] - match[TIME], 0.0)


def _fill_players(saved: SavedMatch, tables: Tables) -> None:
    count = len(saved.players)
    columns = _from_bytes(saved.player_columns, _PLAYER_COLUMNS - SHOWN, "players")
    scores = _from_bytes(saved.score_columns, len(_COUNTED), "scores")
    _require(columns.shape[1] == count <= Players.max_rows, "players and their columns do not agree")
    _require(scores.shape[1] == count, "players and their scores do not agree")
    inputs = _from_bytes(saved.inputs, INPUT_COLUMNS, "inputs").reshape(-1, INPUT_COLUMNS)
    _require(inputs.shape[0] == count, "players and their inputs do not agree")
    _require(bool((np.abs(inputs[:, :2]) <= 1.0).all() and (np.abs(inputs) <= 1e6).all()), "an input is out of range")
    table = tables.world.players
    if count > table.capacity:
        tables.grow(min(2 * count, Players.max_rows), tables.bullets.shape[1])
    try:
        for player_id in saved.players:
            table.add(player_id)
            tables.world.scores.add(player_id)
    except TableError as error:
        _require(False, str(error))
    tables.players[SHOWN:, :count] = columns
    tables.world.scores.block[_COUNTED, :count] = scores
    tables.world.scores.team[:] = tables.players[TEAM, :count]
    tables.inputs[:count] = inputs
    live = tables.players[:, :count]
    _require_place(live, tables, "players")
    _require_whole(live[SHOWN], 0, 0, "what hides players")
    _require_whole(live[ALIVE], 0, 1, "players' lives")
    timers = live[[COOL, RAIL_COOL]]
    _require(bool(((timers >= 0.0) & (timers <= _LONGEST)).all()), "a weapon is not ready for too long")
    in_teams = saved.settings.mode == "teams"
    _require_whole(live[SIDE], 0, 1 if in_teams else int(_LARGEST), "players' sides")
    _require(bool((live[TEAM] == (live[SIDE] + 1 if in_teams else 0)).all()), "a player's team does not exist")


def _fill_enemies(saved: SavedMatch, tables: Tables) -> None:
    columns = _from_bytes(saved.enemy_columns, _ENEMY_COLUMNS - KEY, "enemies")
    count = int(tables.counters[ENEMIES])
    _require(columns.shape[1] == count <= tables.enemies.shape[1], "the number of enemies is wrong")
    tables.enemies[KEY:, :count] = columns
    live = tables.enemies[:, :count]
    _require_place(live, tables, "enemies")
    _require_whole(live[SHOWN], 0, 0, "what hides enemies")
    _require_whole(live[KIND], 0, 1, "kinds of enemies")
    _require_whole(live[KEY], 0, int(_LARGEST), "enemies' numbers")
    _require_whole(live[TARGET], -1, len(saved.players) - 1, "enemies' targets")


def _fill_bullets(saved: SavedMatch, tables: Tables) -> None:
    columns = _from_bytes(saved.bullet_columns, OWNER - KEY, "bullets")
    count = int(tables.counters[BULLETS])
    _require(columns.shape[1] == count <= Bullets.max_rows, "the number of bullets is wrong")
    players, enemies = tables.players.shape[1], tables.enemies.shape[1]
    tables.grow(players, max(2 * (count + players + enemies), tables.bullets.shape[1]))
    tables.bullets[KEY:OWNER, :count] = columns
    live = tables.bullets[:, :count]
    _require_place(live, tables, "bullets")
    _require_whole(live[SHOWN], 0, 0, "what hides bullets")
    _require_whole(live[KEY], 0, int(_LARGEST), "bullets' numbers")
    _require_whole(live[BY_ENEMY], 0, 1, "the bullets' kinds of owner")
    _require_whole(live[BY], 0, int(_LARGEST), "bullets' owners")
    of_players = live[BY_ENEMY] == 0.0
    _require_whole(live[BY, of_players], 0, len(saved.players) - 1, "bullets' owners")
    live[OWNER, of_players] = tables.players[KEY, live[BY, of_players].astype(np.int64)]


def _fill_pickups(saved: SavedMatch, tables: Tables) -> None:
    columns = _from_bytes(saved.pickup_columns, 2, "pick-ups")
    count = int(tables.counters[PICKUPS])
    _require(columns.shape[1] == count, "the number of pick-ups is wrong")
    _require_whole(columns[0], 0, int(_LARGEST), "pick-ups' numbers")
    _require(bool((columns[1] >= 0.0).all()), "a pick-up waits for a negative time")
    tables.pickups[[KEY, WAIT], :count] = columns
    tables.pickups[SHOWN, :count] = np.where(columns[1] > 0.0, NOBODY, 0.0)


def _fill_nav(saved: SavedMatch, tables: Tables) -> None:
    nav = tables.nav
    cells = nav.shape[1]
    for row, data in ((NAV_DISTANCE, saved.distances), (NAV_NEXT, saved.next_distances)):
        _require(len(data) == 4 * cells, "the flow field has the wrong size")
        nav[row] = np.frombuffer(data, dtype="<i4")
        _require(bool(((nav[row] >= OPEN - 1) & (nav[row] <= cells)).all()), "the flow field is out of range")
    head, tail = int(tables.counters[NAV_HEAD]), int(tables.counters[NAV_TAIL])
    _require(head <= tail <= cells and len(saved.queue) == 4 * (tail - head), "the flow field's queue is wrong")
    queue = np.frombuffer(saved.queue, dtype="<i4")
    # The search asks for the neighbours of what is queued: no cell of the rim may ever be.
    across = int(tables.counters[NAV_X])
    _require(bool(((queue >= across) & (queue < cells - across)).all()), "the flow field's queue is out of range")
    waiting = nav[NAV_NEXT] == OPEN
    _require(not waiting[nav[NAV_SOLID] != 0].any(), "the flow field is open where nobody can be")
    # Each open cell not yet reached will be queued once: there must be room for them.
    _require(head == tail or tail + int(waiting.sum()) <= cells, "the flow field's queue is too long")
    nav[NAV_QUEUE, head:tail] = queue
