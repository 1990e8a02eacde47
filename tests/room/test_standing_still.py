"""The server stood still for longer than it makes up for: everybody is told, and nobody is out of control."""

from __future__ import annotations

import pytest

from rumpus.config import Limits, RoomOptions
from rumpus.server import GameServer
from rumpus.testing import MemoryClient, Playground, VirtualClock
from tests.support.drift import Drift

RATE = 30


class Steered(Drift):
    """Of the inputs for a tick the newest counts."""

    commands = False
    max_players = 2


def playing(limits: Limits | None = None) -> tuple[Playground, MemoryClient]:
    playground = Playground(Steered, limits, start="now", tick_rate=RATE, bots=0)
    ann = playground.connect("Ann")
    playground.run(seconds=1)
    return playground, ann


def newest(client: MemoryClient) -> int:
    return int([message for message in client.messages() if message["type"] in ("state", "delta")][-1]["tick"])


def test_what_is_given_up_is_told_before_the_next_state() -> None:
    playground, ann = playing()
    before = newest(ann)
    ann.timed_input(before + 2)
    playground.clock.advance(3)
    playground.server.tick()
    [stalled] = ann.messages("stalled")
    given_up = playground.server.schedule.dropped_ticks
    assert stalled == {"type": "stalled", "tick": before, "ticks": given_up}
    assert 3 * RATE - 4 <= given_up <= 3 * RATE
    after = ann.messages()[ann.messages().index(stalled) + 1 :]
    assert after[0]["tick"] == before + 1
    # From then on the ticks come as they did before.
    playground.run(seconds=1)
    assert newest(ann) == pytest.approx(before + 3 + RATE, abs=1)
    assert len(ann.messages("stalled")) == 1


def test_a_moment_is_made_up_for_and_nobody_is_told() -> None:
    playground, ann = playing()
    playground.clock.advance(2.5 / RATE)
    playground.run(seconds=1)
    assert ann.messages("stalled") == []


@pytest.mark.parametrize("seconds", [1.2, 3.0, 20.0])
def test_inputs_of_before_are_no_fault_and_whoever_sets_their_clock_is_in_control_at_once(seconds: float) -> None:
    playground, ann = playing()
    tick = newest(ann)
    playground.clock.advance(seconds)
    # What had been sent in the meantime is read first: all of it is for ticks that come later than was thought.
    for ahead in range(2, round(seconds * RATE), 6):
        ann.timed_input(tick + ahead, move=-1)
        playground.server.tick() if ahead == 2 else None
    playground.run(seconds=0.1)
    now = ann.timed_input(newest(ann) + 2, move=1)
    playground.run(seconds=0.2)
    assert ann.ack == now
    assert ann.errors() == []
    # Only those who never set it are told, after a while.
    for _ in range(200):
        ann.timed_input(newest(ann) + 200)
        playground.run(seconds=1 / RATE)
    assert "bad_tick" in ann.errors()


def test_a_room_that_plays_no_match_has_no_ticks_to_give_up() -> None:
    playground = Playground(Steered, start="full", max_players=2)
    ann = playground.connect("Ann")
    playground.run(seconds=1)
    playground.clock.advance(5)
    playground.run(seconds=1)
    assert ann.messages("stalled") == []


def test_seats_are_held_and_kept_by_the_time_in_which_anybody_was_served() -> None:
    playground = Playground(Steered, start="now", tick_rate=RATE, reconnect_time=30, reservation_time=15)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    room, tokens = playground.server.reserve_seats(1)
    playground.run(seconds=1)
    ann.connection.disconnect()
    playground.run(seconds=10)
    playground.clock.advance(40)
    playground.run(seconds=0.5)
    back = playground.resume(ann)
    assert back.last("joined")["player_id"] == ann.player_id
    assert tokens[0] in room.reservations
    # Afterwards time counts as before.
    ben.connection.disconnect()
    playground.run(seconds=31)
    assert playground.resume(ben).errors() == ["session_expired"]
    assert tokens[0] not in room.reservations


def test_what_came_at_a_legal_rate_while_the_server_stood_still_is_no_flood() -> None:
    limits = Limits(max_messages_per_second=30)
    playground, ann = playing(limits)
    playground.clock.advance(40)
    # All of it is read before the server's own next turn.
    for number in range(40 * 30):
        ann.send({"type": "ping", "time": number})
    assert ann.errors() == []
    assert len(ann.messages("pong")) == 40 * 30
    playground.run(seconds=3)
    assert ann.connection.close_code is None
    # It is a credit for that time, and no more than that.
    for number in range(30 * 15):
        ann.send({"type": "ping", "time": number})
    assert ann.connection.close_code == 1008


class Neighbour(VirtualClock):
    """Whenever it is looked at, somebody else has had the processor for a while."""

    def now(self) -> float:
        self.advance(0.002)
        return super().now()


def test_what_neighbours_do_with_the_processor_is_not_this_servers_load() -> None:
    playground = Playground(Steered, start="now", tick_rate=RATE)
    clock = playground.clock = Neighbour()
    server = playground.server = GameServer(Steered, RoomOptions(start="now", tick_rate=RATE), clock=clock)
    for name in "ABCDEF":
        playground.connect(name)
    end = clock.now() + 20
    while clock.now() < end:
        server.tick()
    assert server.schedule.lateness.over(0.005) > 0
    assert server.overload.level == 0
    assert server.overload.busy == 0
