"""What is measured: the reference workloads, as data that every contestant and the load generator share."""

from __future__ import annotations

import os
from typing import Any

import msgspec

#: Parts that a period of inputs is spread over, and inputs after which a player turns and aims elsewhere.
SLICES, TURN = 10, 20


class Workload(msgspec.Struct, kw_only=True, frozen=True):
    """Players, how they are seated, and how fast it goes.

    room: players in one.  hz: ticks, snapshots and inputs a second.  game: as `rumpus serve --game` takes it.
    codecs: sub-protocols it is run with.  peer: the script that is the same on Colyseus, and the environment for it.
    """

    name: str
    title: str
    players: int
    room: int
    hz: float
    game: str
    settings: dict[str, Any] = {}
    codecs: tuple[str, ...] = ("msgpack",)
    peer: str = "arena.mjs"
    peer_environment: dict[str, str] = {}

    @property
    def summary(self) -> str:
        """What it is, in a line."""
        if self.rooms == 1:
            seats = f"{self.players:,} players in one room"
        else:
            seats = f"{self.players:,} players in {self.rooms:,} rooms"
        return f"{self.name}, {self.title}: {seats}, {self.hz:g} Hz"

    @property
    def rooms(self) -> int:
        return -(-self.players // self.room)

    def scaled(self, players: int) -> Workload:
        """The same with another number of players: more rooms, or a fuller one where there is only one."""
        if self.rooms > 1:
            return msgspec.structs.replace(self, players=players)
        environment = {**self.peer_environment, "ROOM": str(players)}
        return msgspec.structs.replace(self, players=players, room=players, peer_environment=environment)

    def with_enemies(self, enemies: int) -> Workload:
        settings = {**self.settings, "enemies": enemies}
        environment = {**self.peer_environment, "ENEMIES": str(enemies)}
        return msgspec.structs.replace(self, settings=settings, peer_environment=environment)


#: Another game with the same inputs and settings can stand in, for work on the benchmark itself.
_SHOOTER = os.environ.get("RUMPUS_BENCH_GAME", "rumpus.games.skirmish:Skirmish")

WORKLOADS = {
    "A": Workload(
        name="A",
        title="many rooms",
        players=600,
        room=10,
        hz=30,
        game=_SHOOTER,
        settings={"width": 2000, "height": 2000, "enemies": 20},
        peer_environment={"ROOM": "10", "ENEMIES": "20", "SIZE": "2000"},
    ),
    "B": Workload(
        name="B",
        title="one big room",
        players=2500,
        room=2500,
        hz=30,
        game=_SHOOTER,
        settings={"width": 12000, "height": 12000, "enemies": 100, "view_width": 1200, "view_height": 800},
        peer_environment={"ROOM": "2500", "ENEMIES": "100", "SIZE": "12000"},
    ),
    "C": Workload(
        name="C",
        title="plain data, a game whose state is a dict",
        players=600,
        room=2,
        hz=10,
        game="rumpus.bench.duel:Duel",
        codecs=("msgpack", "json"),
        peer="duel.mjs",
    ),
}
