"""Arena's rules as the server sees them: ids, inputs, scores, events and limits around the kernels.

Python handles what is rare and has names (a join, a kill, the end); the kernels handle what happens every tick. A tick
is two kernel calls: `step` moves everything, `collide` finds who hit whom and leaves a few records, and only those are
looped over here. In ticks with a shot that is judged by what its shooter saw, `resolve_shots` comes in between.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec
import numpy as np

from rumpus.game import Bot, Bounds, Game, PlayerInfo, Result
from rumpus.games.arena import compiling
from rumpus.games.arena.arena_map import ArenaMap, bare_map
from rumpus.games.arena.bots import ArenaBot
from rumpus.games.arena.chance import seed_of
from rumpus.games.arena.combat import collide
from rumpus.games.arena.constants import (
    AWAY_PROTECTION,
    COOP,
    FIRE_BUFFER,
    IN_FIRE,
    IN_LATCH,
    IN_RAIL,
    IN_RAIL_LATCH,
    INPUT_COLUMNS,
    MODE,
    MOST,
    MOST_POINTS,
    NEXT_SIDE,
    OVER,
    RANDOM,
    REC_AGO,
    REC_D,
    SAFE,
    SHOTS,
    SIDE,
    TEAM_NAMES,
    TEAMS,
    TICK,
    TIME,
    WAVES_CLEARED,
)
from rumpus.games.arena.elimination import falls_for_good, is_out, keep_out
from rumpus.games.arena.records import KNOWN_AFAR, event_of
from rumpus.games.arena.settings import ArenaInput, ArenaSettings
from rumpus.games.arena.shots import resolve_shots
from rumpus.games.arena.spawning import place_player
from rumpus.games.arena.standings import TEAM_SCORES, rank_by_points, rank_survivors
from rumpus.games.arena.step import step
from rumpus.games.arena.storage import map_of, pack, unpack
from rumpus.games.arena.tables import Tables
from rumpus.games.arena.world import ArenaWorld, Scores

#: What players call the modes, in the order in which they are proposed.
MODE_TITLES = {"ffa": "Free for all", "teams": "Teams", "coop": "Co-op", "elimination": "Elimination"}

#: Columns of the scores.
_SCORE, _KILLS, _DEATHS = (column.index for column in (Scores.score, Scores.kills, Scores.deaths))

#: What `process_input` writes of a player's row of inputs.
_INPUT = struct.Struct("6d")
_INPUT_SIZE = INPUT_COLUMNS * 8


class Arena(Game):
    """A top-down shooter: free-for-all, teams, together against waves of enemies, or the last one standing."""

    Input = ArenaInput
    Settings = ArenaSettings
    World = ArenaWorld
    world: ArenaWorld
    max_players: ClassVar[int] = 8
    min_players: ClassVar[int] = 2
    #: By cost: a room at these ends takes a quarter more of a core than one with the defaults, and comes to an end.
    player_settings: ClassVar[Mapping[str, Bounds | None]] = {
        "mode": None,
        "time_limit": Bounds(60, 3600),
        "score_limit": Bounds(0, 1000),
        "friendly_fire": None,
        "enemies": Bounds(0, 40),
        "lives": Bounds(1, 100),
    }

    @classmethod
    def prepare(cls) -> None:
        """Compile the kernels, or load them if an earlier process compiled them, so that no match has to wait."""
        game, settings = cls(), ArenaSettings()
        empty = bare_map(settings.width, settings.height)
        game._begin(settings, empty, Tables(empty, settings, game.secret_seed))
        compiling.prepare(game, super().is_prepared(), super().prepare)

    @classmethod
    def is_prepared(cls) -> bool:
        return super().is_prepared() and compiling.is_prepared()

    @classmethod
    def teams(cls, settings: Any) -> Sequence[str]:
        return TEAM_NAMES if settings.mode == "teams" else ()

    @classmethod
    def next_choices(cls, settings: Any) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """The mode again, on the same map or on another, or one of the two modes that follow it."""
        modes = list(MODE_TITLES)
        at, title = modes.index(settings.mode), MODE_TITLES[settings.mode]
        others = [modes[(at + step) % len(modes)] for step in (1, 2)]
        return [
            (f"{title}, same map", {"seed": settings.seed}),
            (f"{title}, new map", {"seed": None}),
            *((MODE_TITLES[mode], {"mode": mode, "seed": None}) for mode in others),
        ]

    # --- Life cycle --------------------------------------------------------------------------------------------------

    def initialize_game(self, settings: Any) -> None:
        arena_map = map_of(settings)
        self._begin(settings, arena_map, Tables(arena_map, settings, self.secret_seed))

    def _begin(self, settings: ArenaSettings, arena_map: ArenaMap, tables: Tables) -> None:
        self.settings = settings
        self.map = arena_map
        self.scores.clear()
        self.view_lag.clear()
        self.out.clear()
        self._events.clear()
        self._eliminated.clear()
        self._score_limit = settings.score_limit if settings.mode in ("ffa", "teams") else 0
        self._last_standing = settings.mode == "elimination"
        self._limit_reached = False
        self._tables = tables
        self.world = tables.world
        self._names = self.world.strings.texts
        self._row_of = self.world.players.find
        self._static = {
            "mode": settings.mode,
            "map": {"width": settings.width, "height": settings.height, "walls": arena_map.walls},
            "score_limit": self._score_limit,
            "time_limit": settings.time_limit,
        }
        self._tables_changed()

    def _tables_changed(self) -> None:
        """Tables were replaced: take hold of the new ones."""
        t = self._tables
        self._input_bytes = memoryview(t.inputs.data).cast("B")
        self._counters = memoryview(t.counters.data)
        self._bullet_limit = t.bullet_limit
        self._step_tables = t.for_step()
        self._shot_tables = t.for_shots()
        self._collide_tables = t.for_collisions()
        self._place_tables = t.for_places()

    def kernel_arguments(self, name: str) -> tuple[Any, ...]:
        """Arguments of the types with which this game calls a kernel, for compiling it beforehand."""
        return {
            "step": (1 / 30, *self._step_tables),
            "resolve_shots": self._shot_arguments(1 / 30),
            "collide": self._collide_tables,
            "place_player": (0, *self._place_tables),
        }[name]

    def _shot_arguments(self, seconds: float) -> tuple[Any, ...]:
        # The history's arrays are fetched each time: the room switches it on after the match was set up.
        history = self.world.history
        return (seconds, *self._shot_tables, history.book, history.kept)

    def reset(self) -> None:
        """Forget the match that ended; the map stays until the next `initialize_game`."""
        self._begin(self.settings, self.map, Tables(self.map, self.settings, self.secret_seed))

    # --- Players -----------------------------------------------------------------------------------------------------

    def add_player(self, player_id: str, info: PlayerInfo) -> None:
        table = self.world.players
        if player_id in table:
            raise ValueError(f"player {player_id!r} already takes part")
        if len(table) >= table.capacity:
            self._grow(players=min(2 * table.capacity, table.max_rows))
        team = self._team_for(info.team)
        row = table.add(player_id, team=team)
        self.world.scores.add(player_id, team=team)
        super().add_player(player_id, info)
        self._tables.inputs[row] = 0.0
        counters = self._tables.counters
        mode = int(counters[MODE])
        if mode == TEAMS:
            side = TEAM_NAMES.index(team)
        elif mode == COOP:
            side = 0
        else:  # one's own
            side = int(counters[NEXT_SIDE])
            counters[NEXT_SIDE] += 1
        table.block[SIDE, row] = side
        place_player(row, *self._place_tables)
        if self._last_standing and self.out:
            keep_out(row, self._tables)
            self.eliminate(player_id)

    def _team_for(self, wanted: str | None) -> str:
        if self.settings.mode != "teams":
            return ""
        if wanted in TEAM_NAMES:
            return wanted
        sides = self.world.players.side.tolist()
        return min(TEAM_NAMES, key=lambda name: sides.count(TEAM_NAMES.index(name)))

    def _grow(self, players: int = 0, bullets: int = 0) -> None:
        tables = self._tables
        players = max(players, tables.players.shape[1])
        bullets = max(bullets, tables.bullets.shape[1], 2 * (players + tables.enemies.shape[1]))
        tables.grow(players, bullets)
        self._tables_changed()

    def remove_player(self, player_id: str) -> None:
        row = self.world.players.find(player_id)
        if row >= 0:
            super().remove_player(player_id)
            self._tables.remove_player(row)

    def player_dropped(self, player_id: str) -> None:
        row = self._row_of(player_id)
        if row < 0:
            return
        self._tables.inputs[row, IN_LATCH] = self._tables.inputs[row, IN_RAIL_LATCH] = 0.0
        if self.settings.away == "protected":
            self.world.players.block[SAFE, row] = AWAY_PROTECTION

    def player_returned(self, player_id: str) -> None:
        row = self._row_of(player_id)
        if row >= 0 and self.settings.away == "protected":
            self.world.players.block[SAFE, row] = self.settings.protection

    def process_input(self, player_id: str, input_data: ArenaInput) -> None:
        row = self._row_of(player_id)
        if row < 0:
            return
        move_x, move_y, aim = input_data.move_x, input_data.move_y, input_data.aim
        fire, rail = input_data.fire, input_data.rail
        if not (-1.0 <= move_x <= 1.0 and -1.0 <= move_y <= 1.0 and -1e6 <= aim <= 1e6):
            return  # not a number, from a caller that does not validate
        if fire or rail:
            inputs = self._tables.inputs
            if fire and not inputs[row, IN_FIRE]:  # pressed just now: counts even if let go before the tick
                inputs[row, IN_LATCH] = FIRE_BUFFER
            if rail and not inputs[row, IN_RAIL]:
                inputs[row, IN_RAIL_LATCH] = FIRE_BUFFER
        lag = self.view_lag.get(player_id, 0.0)
        _INPUT.pack_into(self._input_bytes, row * _INPUT_SIZE, move_x, move_y, aim, fire, rail, lag)

    @classmethod
    def merge_inputs(cls, older: Any, newer: Any) -> Any:
        """The newer one, but a trigger that was pressed in either is pressed."""
        if (older.fire and not newer.fire) or (older.rail and not newer.rail):
            return msgspec.structs.replace(newer, fire=older.fire or newer.fire, rail=older.rail or newer.rail)
        return newer

    @classmethod
    def release_input(cls, last: Any) -> Any:
        """Stand still and let go of the triggers; the gun stays where it points."""
        return ArenaInput(aim=last.aim)

    # --- The tick ----------------------------------------------------------------------------------------------------

    def update(self, delta_time: float) -> None:
        flying = step(delta_time, *self._step_tables)
        if self._counters[SHOTS]:
            resolve_shots(*self._shot_arguments(delta_time))
        if flying > self._bullet_limit:
            self._grow(bullets=2 * self._tables.bullets.shape[1])
        self.detect_collisions()
        # Rounding is a part of the rules: the next tick starts from what clients know.
        self.world.quantise()

    def detect_collisions(self) -> None:
        records = collide(*self._collide_tables)
        if records:
            self._tell(self._tables.records[:records].tolist())

    def _tell(self, records: list[list[float]]) -> None:
        """Turn what the kernels recorded into events and points."""
        names = self._names
        for record in records:
            told = event_of(record, names)
            if told is None:
                continue
            ago = record[REC_AGO]
            tick = round(self._counters[TICK] - ago, 3) if ago else None
            name, data = told
            at = (data["x"], data["y"]) if "x" in data else None
            afar = None
            if name in KNOWN_AFAR:
                afar = {key: value for key, value in data.items() if key not in ("x", "y")}
            self.emit(name, data, tick=tick, at=at, afar=afar)
            if name == "kill":
                self._count_kill(record, data, tick)
            elif name == "enemy_down" and self.settings.mode == "coop":
                self._count(_KILLS, data["by"])
                self.handle_scoring(data["by"])

    def _count_kill(self, record: list[float], data: Mapping[str, Any], tick: float | None) -> None:
        killer, victim = data["killer"], data["victim"]
        self._count(_DEATHS, victim)
        if data["killer_kind"] == "player":
            own_side = record[REC_D] != 0.0
            if not own_side:
                self._count(_KILLS, killer)
            self.handle_scoring(killer, -1 if own_side else 1)
        if self._last_standing and falls_for_good(self._row_of(victim), self._tables):
            self.emit("out", {"player": victim}, tick=tick)
            self.eliminate(victim)

    def _count(self, column: int, player_id: str) -> None:
        """One more kill or death."""
        row = self._row_of(player_id)
        if row >= 0:
            scores = self.world.scores.block
            scores[column, row] = min(scores[column, row] + 1.0, MOST)

    def handle_scoring(self, player_id: str, points: int = 1) -> None:
        """Give a player and the player's team `points`: 1 for a rival (in co-op: an enemy), -1 for one's own side."""
        row = self._row_of(player_id)
        if row < 0:
            return
        score = self.scores[player_id] = _points(self.scores[player_id] + points)
        self.world.scores.block[_SCORE, row] = score
        if self.settings.mode == "teams":
            match = self._tables.match
            column = TEAM_SCORES[int(self._tables.players[SIDE, row])]
            score = match[column] = _points(int(match[column]) + points)
        if self._score_limit and score >= self._score_limit:
            self._limit_reached = True

    def is_game_over(self) -> bool | str:
        over = self._tables.counters[OVER]
        if over:
            return "waves_cleared" if over == WAVES_CLEARED else "defeated"
        if self._limit_reached:
            return "score_limit"
        if self.out and self._last_standing and int(np.count_nonzero(~is_out(self._tables))) <= 1:
            return "last_standing"
        limit = self.settings.time_limit
        if limit and self._tables.match[TIME] >= limit - 1e-9:
            return "time_limit"
        return False

    # --- What others see ---------------------------------------------------------------------------------------------

    def get_static_state(self) -> dict[str, Any]:
        """Mode, map and limits: the same object for a whole match, so do not edit it."""
        return self._static

    def results(self) -> list[Result]:
        """Best first. In teams the better team's players come first; equal scores share a rank."""
        if self._last_standing:
            return rank_survivors(self.scores, self._tables)
        return rank_by_points(self.scores, self._tables)

    def make_bot(self, player_id: str, skill: float, seed: int) -> Bot:
        return ArenaBot(player_id, skill, seed)

    # --- Saving ------------------------------------------------------------------------------------------------------

    def save(self) -> bytes:
        """The whole match as bytes. Events not yet taken are no part of it."""
        return pack(self.settings, self._tables)

    def load(self, data: bytes) -> None:
        """Continue from what `save` returned. Raises ValueError for anything else, and then changes nothing."""
        loaded = unpack(data)
        self._begin(loaded.settings, loaded.map, loaded.tables)
        self.secret_seed = seed_of(loaded.tables.counters[RANDOM : RANDOM + 4].tolist())
        scores, match = self.world.scores, self._tables.match
        self.scores.update(zip(scores.ids(), map(int, scores.score.tolist()), strict=True))
        if self._last_standing:
            ids = self.world.players.ids()
            for row in np.flatnonzero(is_out(self._tables)):
                self.eliminate(ids[row])
        in_teams = loaded.settings.mode == "teams"
        best = max((match[column] for column in TEAM_SCORES) if in_teams else self.scores.values(), default=0)
        self._limit_reached = 0 < self._score_limit <= best


def _points(points: float) -> int:
    """As many points as a score can hold."""
    return int(min(max(points, -MOST_POINTS), MOST_POINTS))
