"""How long one look at the queue takes, with a thousand open rooms and two thousand tickets that nothing fits yet.

    python benchmarks/matchmaking.py

Prints microseconds per `advance`, and how many calls it takes until everybody's turn has come. The tickets differ in
what they want (as many wishes as given), or they would be playing with one another.
"""

from __future__ import annotations

import statistics
import time
from random import Random
from typing import Any

import msgspec

from rumpus import Game
from rumpus.game.player_choices import PlayerChoices
from rumpus.matchmaking.criteria import Criteria
from rumpus.matchmaking.matchmaker import Matchmaker
from rumpus.matchmaking.ticket import Ticket, Window
from rumpus.protocol import JoinOptions

ROOMS, TICKETS, ROUNDS = 1_000, 2_000, 400


class Duel(Game):
    """Nothing but settings."""

    player_settings = frozenset({"map", "mode"})

    class Settings(msgspec.Struct, kw_only=True):
        map: int = 0
        mode: str = "duel"

    process_input = update = initialize_game = is_game_over = get_game_state = None  # type: ignore[assignment]


class Room:
    """As much of a room as matchmaking looks at."""

    language = None
    listed = True
    people = 3
    free_seats = 5

    def __init__(self, settings: Any, skill: float) -> None:
        self.settings = settings
        self.skill = skill


def measure(wishes: int, kinds: int) -> None:
    random = Random(1)  # repeatable on purpose

    def no_room(ticket: Ticket[Room], settings: Any, language: str | None) -> Room:
        raise AssertionError("nobody was to be placed")

    matchmaker: Matchmaker[Room] = Matchmaker(
        Window(200, 20),
        8,
        kind_of=msgspec.msgpack.encode,
        seat=lambda ticket, room: None,
        open_room=no_room,
        refuse=lambda ticket, error: None,
    )
    # Rooms of the best, and tickets of everybody else: each has rooms that would do, all of them too good.
    for number in range(ROOMS):
        matchmaker.changed(Room(Duel.Settings(map=number % kinds), 9_000 + random.random() * 1_000))
    choices = PlayerChoices(Duel, Duel.Settings())
    wanted = [
        Criteria(choices, JoinOptions(filter={"map": {"min": 0, "max": 10_000 + number}})) for number in range(wishes)
    ]
    for number in range(TICKETS):
        # Two parties of five do not fit into a room of eight: nobody pairs.
        ticket: Ticket[Room] = Ticket(None, wanted[number % wishes], number * 2.0, size=5)
        matchmaker.enter(ticket, 0.0, 0.0)
    times = []
    calls = rounds = 0
    for _ in range(ROUNDS):
        began = time.thread_time()
        matchmaker.advance(0.0)
        times.append((time.thread_time() - began) * 1e6)
        calls += 1
        if not matchmaker._turn:
            rounds += 1
    times.sort()
    whole = f"{calls / rounds:.0f}" if rounds else f"over {calls}"
    print(  # what this program is for
        f"{wishes:5} wishes, {kinds:5} kinds of rooms: {statistics.median(times):6.0f} us per call, "
        f"99 % below {times[int(len(times) * 0.99)]:6.0f} us, worst {times[-1]:6.0f} us; "
        f"everybody's turn within {whole} calls (16 a second)"
    )


if __name__ == "__main__":
    for wishes, kinds in ((1, 1), (1, 20), (200, 20), (2_000, 1_000)):
        measure(wishes, kinds)
