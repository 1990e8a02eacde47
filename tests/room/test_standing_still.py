"""The server stood still for longer than it makes up for: everybody is told, and nobody is out of control."""

from __future__ import annotations

import pytest

from rumpus.config import Limits
from rumpus.testing import MemoryClient, Playground
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
