"""Arena's rules as the server sees them: ids, inputs, scores, events and limits around the kernels.

Python handles what is rare and has names (a join, a kill, the end); the kernels handle what happens every tick. A tick
is two kernel calls: `step` moves everything, `collide` finds who hit whom and leaves a few records, and only those are
looped over here.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, ClassVar

from rumpus.game import Bot, Game, PlayerInfo, Result
from rumpus.games.arena import compiling
from rumpus.games.arena.arena_map import ArenaMap
from rumpus.games.arena.bots import ArenaBot
from rumpus.games.arena.combat import collide
from rumpus.games.arena.constants import (
    BULLETS,
    COOP,
    ENEMIES,
    ENEMY_KINDS,
    FIRE_BUFFER,
    IN_FIRE,
    IN_LATCH,
    LIVES,
    MODE,
    NEXT_TEAM,
    OVER,
    PICKUP_CHANGES,
    PICKUP_KINDS,
    PICKUPS,
    PLAYERS,
    REC_DOWN,
    REC_HIT,
    REC_KILL,
    REC_PICKUP,
    REC_RESPAWN,
    TEAM,
    TEAMS,
    TIME,
    WAVE,
    WAVES_CLEARED,
)
from rumpus.games.arena.settings import ArenaInput, ArenaSettings
from rumpus.games.arena.snapshot import lying_pickups, snapshot
from rumpus.games.arena.spawning import place_player
from rumpus.games.arena.step import step
from rumpus.games.arena.storage import SavedPlayer, map_of, pack, unpack
from rumpus.games.arena.tables import Tables

TEAM_NAMES = ("red", "blue")

_INPUT = struct.Struct("4d")
_INPUT_SIZE = 5 * 8


class Arena(Game):
    """A top-down shooter: free-for-all, teams, or together against waves of enemies."""

    Input = ArenaInput
    Settings = ArenaSettings
    max_players: ClassVar[int] = 8
    min_players: ClassVar[int] = 2
    player_settings: ClassVar[frozenset[str]] = frozenset(
        {"mode", "time_limit", "score_limit", "friendly_fire", "enemies"}
    )

    def __init__(self) -> None:
        super().__init__()
        self.initialize_game(ArenaSettings())

    @classmethod
    def prepare(cls) -> None:
        """Compile the kernels, or load them if an earlier process compiled them, so that no match has to wait."""
        compiling.prepare(cls())

    @classmethod
    def is_prepared(cls) -> bool:
        return not compiling.missing()

    @classmethod
    def compile_kernels(cls, names: Sequence[str]) -> None:
        """Compile some of the kernels, and leave them on disk: the half of `prepare` that a second process does."""
        compiling.compile_kernels(cls(), names)

    @classmethod
    def teams(cls, settings: Any) -> Sequence[str]:
        return TEAM_NAMES if settings.mode == "teams" else ()

    # --- Life cycle --------------------------------------------------------------------------------------------------

    def initialize_game(self, settings: Any) -> None:
        arena_map = map_of(settings)
        self._begin(settings, arena_map, Tables(arena_map, settings))

    def _begin(self, settings: ArenaSettings, arena_map: ArenaMap, tables: Tables) -> None:
        self.settings = settings
        self.map = arena_map
        self.scores.clear()
        self._events.clear()
        self._ids: list[str] = []
        self._rows: dict[str, int] = {}
        self._teams: list[str] = []
        self._team_scores: dict[str, int] = dict.fromkeys(self.teams(settings), 0)
        self._score_limit = 0 if settings.mode == "coop" else settings.score_limit
        self._limit_reached = False
        self._tables = tables
        self._plain_map = {"width": settings.width, "height": settings.height, "walls": arena_map.walls}
        self._plain_pickups: dict[str, Any] = {}
        self._pickups_seen = -1
        self._tables_changed()

    def _tables_changed(self) -> None:
        """Tables were replaced: take hold of the new ones."""
        t = self._tables
        self._input_bytes = memoryview(t.inputs.data).cast("B")
        self._bullet_limit = t.bullet_limit
        self._step_tables = (
            t.world,
            t.counters,
            t.players,
            t.inputs,
            t.enemies,
            t.bullets,
            t.pickups,
            t.spots,
            t.walls,
            t.lookup,
            t.nav,
            t.records,
        )
        self._collide_tables = (
            t.world,
            t.counters,
            t.players,
            t.enemies,
            t.bullets,
            t.pickups,
            t.records,
            t.heads,
            t.links,
        )
        self._snapshot_tables = (
            t.world,
            t.counters,
            t.players,
            t.enemies,
            t.bullets,
            t.player_floats,
            t.player_ints,
            t.enemy_floats,
            t.enemy_ints,
            t.bullet_floats,
            t.bullet_ints,
        )

    def kernel_arguments(self, name: str) -> tuple[Any, ...]:
        """Arguments of the types with which this game calls a kernel, for compiling it beforehand."""
        t = self._tables
        return {
            "step": (1 / 30, *self._step_tables),
            "collide": self._collide_tables,
            "snapshot": self._snapshot_tables,
            "place_player": (0, t.players, t.enemies, t.spots, t.world, t.counters),
        }[name]

    def reset(self) -> None:
        """Forget the match that ended; the map stays until the next `initialize_game`."""
        self._begin(self.settings, self.map, Tables(self.map, self.settings))

    # --- Players -----------------------------------------------------------------------------------------------------

    def add_player(self, player_id: str, info: PlayerInfo) -> None:
        if player_id in self._rows:
            raise ValueError(f"player {player_id!r} already takes part")
        super().add_player(player_id, info)
        tables = self._tables
        row = len(self._ids)
        if row >= tables.players.shape[1]:
            self._grow(players=2 * tables.players.shape[1])
        team = self._team_for(info.team)
        self._ids.append(player_id)
        self._rows[player_id] = row
        self._teams.append(team)
        tables.players[:, row] = 0.0
        tables.inputs[row] = 0.0
        counters = tables.counters
        mode = int(counters[MODE])
        if mode == TEAMS:
            code = TEAM_NAMES.index(team)
        elif mode == COOP:
            code = 0
        else:  # a side of one's own
            code = int(counters[NEXT_TEAM])
            counters[NEXT_TEAM] += 1
        tables.players[TEAM, row] = code
        counters[PLAYERS] = row + 1
        place_player(row, tables.players, tables.enemies, tables.spots, tables.world, counters)

    def _team_for(self, wanted: str | None) -> str:
        if self.settings.mode != "teams":
            return ""
        if wanted in TEAM_NAMES:
            return wanted
        return min(TEAM_NAMES, key=self._teams.count)

    def _grow(self, players: int = 0, bullets: int = 0) -> None:
        tables = self._tables
        players = max(players, tables.players.shape[1])
        bullets = max(bullets, tables.bullets.shape[1], 2 * (players + tables.enemies.shape[1]))
        tables.grow(players, bullets)
        self._tables_changed()

    def remove_player(self, player_id: str) -> None:
        row = self._rows.pop(player_id, None)
        if row is None:
            return
        super().remove_player(player_id)
        self._tables.remove_player(row)
        last_id, last_team = self._ids.pop(), self._teams.pop()
        if last_id != player_id:
            self._ids[row] = last_id
            self._teams[row] = last_team
            self._rows[last_id] = row

    def process_input(self, player_id: str, input_data: ArenaInput) -> None:
        row = self._rows.get(player_id)
        if row is None:
            return
        move_x, move_y, aim, fire = input_data.move_x, input_data.move_y, input_data.aim, input_data.fire
        if not (-1.0 <= move_x <= 1.0 and -1.0 <= move_y <= 1.0 and -1e6 <= aim <= 1e6):
            return  # not a number, from a caller that does not validate
        if fire:
            inputs = self._tables.inputs
            if not inputs[row, IN_FIRE]:  # pressed just now: counts even if let go before the tick
                inputs[row, IN_LATCH] = FIRE_BUFFER
        _INPUT.pack_into(self._input_bytes, row * _INPUT_SIZE, move_x, move_y, aim, fire)

    # --- The tick ----------------------------------------------------------------------------------------------------

    def update(self, delta_time: float) -> None:
        if step(delta_time, *self._step_tables) > self._bullet_limit:
            self._grow(bullets=2 * self._tables.bullets.shape[1])
        self.detect_collisions()

    def detect_collisions(self) -> None:
        records = collide(*self._collide_tables)
        if records:
            self._tell(self._tables.records[:records].tolist())

    def _tell(self, records: list[list[float]]) -> None:
        """Turn what the kernels recorded into events and points."""
        ids = self._ids
        for kind, a, b, c, d, e, x, y in records:
            place = {"x": round(x, 1), "y": round(y, 1)}
            if kind == REC_HIT:
                self.emit(
                    "hit",
                    {
                        "by": f"e{int(b)}" if a else ids[int(b)],
                        "target": f"e{int(d)}" if c else ids[int(d)],
                        "target_kind": "enemy" if c else "player",
                        "damage": int(e),
                        **place,
                    },
                )
            elif kind == REC_KILL:
                self._kill(bool(a), int(b), int(c), place)
            elif kind == REC_DOWN:
                by = ids[int(a)]
                self.emit("enemy_down", {"by": by, "enemy": f"e{int(b)}", "kind": ENEMY_KINDS[int(c)], **place})
                if self.settings.mode == "coop":
                    self.handle_scoring(by)
            elif kind == REC_PICKUP:
                self.emit("pickup", {"player": ids[int(a)], "kind": PICKUP_KINDS[int(b)], **place})
            elif kind == REC_RESPAWN:
                self.emit("respawn", {"player": ids[int(a)], **place})
            else:
                self.emit("wave", {"number": int(a), "enemies": int(b)})

    def _kill(self, by_enemy: bool, owner: int, victim: int, place: dict[str, float]) -> None:
        killer = f"e{owner}" if by_enemy else self._ids[owner]
        self.emit(
            "kill",
            {
                "killer": killer,
                "victim": self._ids[victim],
                **place,
                "killer_kind": "enemy" if by_enemy else "player",
            },
        )
        if not by_enemy:
            team = self._tables.players[TEAM]
            self.handle_scoring(killer, -1 if team[owner] == team[victim] else 1)

    def handle_scoring(self, player_id: str, points: int = 1) -> None:
        """Give a player and the player's team `points`: 1 for a rival (in co-op: an enemy), -1 for one's own side."""
        if player_id not in self._rows:
            return
        score = self.scores[player_id] = self.scores[player_id] + points
        team = self._teams[self._rows[player_id]]
        if team:
            score = self._team_scores[team] = self._team_scores[team] + points
        if self._score_limit and score >= self._score_limit:
            self._limit_reached = True

    def is_game_over(self) -> bool | str:
        over = self._tables.counters[OVER]
        if over:
            return "waves_cleared" if over == WAVES_CLEARED else "defeated"
        if self._limit_reached:
            return "score_limit"
        limit = self.settings.time_limit
        if limit and self._tables.world[TIME] >= limit - 1e-9:
            return "time_limit"
        return False

    # --- What others see ---------------------------------------------------------------------------------------------

    def get_game_state(self) -> dict[str, Any]:
        """The whole state as plain data. What did not change may be the same object as last time: do not edit it."""
        t = self._tables
        snapshot(*self._snapshot_tables)
        counters = t.counters.tolist()
        ids, teams, scores = self._ids, self._teams, self.scores
        players = {}
        rows = len(ids)
        for player_id, team, floats, ints in zip(
            ids, teams, t.player_floats[:rows].tolist(), t.player_ints[:rows].tolist(), strict=True
        ):
            x, y, vx, vy, angle, cooldown, respawn_in = floats
            hp, shield, kills, deaths, alive, protected, rapid = ints
            players[player_id] = {
                "x": x,
                "y": y,
                "vx": vx,
                "vy": vy,
                "angle": angle,
                "hp": hp,
                "shield": shield,
                "score": scores[player_id],
                "kills": kills,
                "deaths": deaths,
                "team": team,
                "alive": alive == 1,
                "protected": protected == 1,
                "rapid": rapid == 1,
                "cooldown": cooldown,
                "respawn_in": respawn_in,
            }
        rows = counters[ENEMIES]
        enemies = {
            f"e{serial}": {"kind": ENEMY_KINDS[kind], "x": x, "y": y, "angle": angle, "hp": hp, "max_hp": max_hp}
            for (x, y, angle), (serial, kind, hp, max_hp) in zip(
                t.enemy_floats[:rows].tolist(), t.enemy_ints[:rows].tolist(), strict=True
            )
        }
        rows = counters[BULLETS]
        bullets = {
            f"b{serial}": {
                "x": x,
                "y": y,
                "vx": vx,
                "vy": vy,
                "owner": f"e{owner}" if by_enemy else ids[owner],
                "team": "" if by_enemy else teams[owner],
            }
            for (x, y, vx, vy), (serial, by_enemy, owner) in zip(
                t.bullet_floats[:rows].tolist(), t.bullet_ints[:rows].tolist(), strict=True
            )
        }
        if counters[PICKUP_CHANGES] != self._pickups_seen:
            self._pickups_seen = counters[PICKUP_CHANGES]
            self._plain_pickups = lying_pickups(t.pickups[:, : counters[PICKUPS]])
        limit = self.settings.time_limit
        state = {
            "mode": self.settings.mode,
            "map": self._plain_map,
            "time_left": max(round(limit - float(t.world[TIME]), 1), 0.0) if limit else -1,
            "score_limit": self._score_limit,
            "wave": counters[WAVE],
            "team_scores": dict(self._team_scores),
            "players": players,
            "enemies": enemies,
            "bullets": bullets,
            "pickups": self._plain_pickups,
        }
        if self.settings.mode == "coop":
            state["lives"] = counters[LIVES]
        return state

    def results(self) -> list[Result]:
        """Best first. In teams the better team's players come first; equal scores share a rank."""

        def merit(player_id: str) -> tuple[float, float]:
            return self._team_scores.get(self._teams[self._rows[player_id]], 0), self.scores[player_id]

        ordered = sorted(self._ids, key=lambda player_id: (*(-value for value in merit(player_id)), player_id))
        results: list[Result] = []
        for place, player_id in enumerate(ordered, 1):
            tied = place > 1 and merit(player_id) == merit(ordered[place - 2])
            rank = results[-1].rank if tied else place
            team = self._teams[self._rows[player_id]] or None
            results.append(Result(player_id=player_id, score=self.scores[player_id], team=team, rank=rank))
        return results

    def make_bot(self, player_id: str, skill: float, seed: int) -> Bot:
        return ArenaBot(player_id, skill, seed)

    # --- Saving ------------------------------------------------------------------------------------------------------

    def save(self) -> bytes:
        """The whole match as bytes. Events not yet taken are no part of it."""
        players = [
            SavedPlayer(player_id, team, int(self.scores[player_id]))
            for player_id, team in zip(self._ids, self._teams, strict=True)
        ]
        return pack(self.settings, self._tables, players, list(self._team_scores.values()))

    def load(self, data: bytes) -> None:
        """Continue from what `save` returned. Raises ValueError for anything else, and then changes nothing."""
        loaded = unpack(data)
        self._begin(loaded.settings, loaded.map, loaded.tables)
        for row, player in enumerate(loaded.players):
            self._ids.append(player.player_id)
            self._teams.append(player.team)
            self._rows[player.player_id] = row
            self.scores[player.player_id] = player.score
        self._team_scores.update(zip(self._team_scores, loaded.team_scores, strict=True))
        best = max(self._team_scores.values() or self.scores.values(), default=0)
        self._limit_reached = 0 < self._score_limit <= best
