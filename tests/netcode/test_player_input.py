"""One flag decides whether anything that a player sends counts, whichever way it comes."""

from __future__ import annotations

from typing import Any

import pytest

from rumpus.netcode.player_input import PlayerInput
from rumpus.protocol import Input


class Timing:
    """Notes what would be judged by its tick."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.measured_again = 0

    def take(self, player: PlayerInput, message: Input[Any]) -> None:
        self.taken.append(message.seq)

    def measured(self, player: PlayerInput) -> None:
        self.measured_again += 1


@pytest.fixture
def timing() -> Timing:
    return Timing()


@pytest.fixture
def sent(timing: Timing) -> PlayerInput:
    return PlayerInput("p1", timing, most=3)


def test_nothing_counts_before_the_match_opens_it(sent: PlayerInput, timing: Timing) -> None:
    sent.take(Input(seq=1, data={}))
    sent.take(Input(seq=2, data={}, tick=5))
    assert (len(sent.arrived), timing.taken) == (0, [])


def test_open_it_takes_both_kinds_and_closed_neither(sent: PlayerInput, timing: Timing) -> None:
    sent.accept(True)
    sent.take(Input(seq=1, data={}))
    sent.take(Input(seq=2, data={}, tick=5))
    assert ([seq for seq, _ in sent.arrived], timing.taken) == ([1], [2])
    sent.accept(False)
    sent.take(Input(seq=3, data={}))
    sent.take(Input(seq=4, data={}, tick=6))
    assert ([seq for seq, _ in sent.arrived], timing.taken) == ([1], [2])


def test_the_newest_are_kept(sent: PlayerInput) -> None:
    sent.accept(True)
    for seq in range(5):
        sent.take(Input(seq=seq, data={}))
    assert [seq for seq, _ in sent.arrived] == [2, 3, 4]


def test_what_is_forgotten_leaves_the_flag_as_it_is(sent: PlayerInput) -> None:
    sent.accept(True)
    sent.take(Input(seq=1, data={}))
    sent.ack, sent.margin = 7, 0.1
    sent.forget()
    assert (len(sent.arrived), sent.ack, sent.margin, sent.accepting) == (0, -1, None, True)


def test_hands_off_keeps_what_was_acknowledged(sent: PlayerInput) -> None:
    sent.accept(True)
    sent.take(Input(seq=1, data={}))
    sent.ack = 7
    sent.stop()
    assert (len(sent.arrived), sent.ack) == (0, 7)


def test_another_connection_is_measured_anew(sent: PlayerInput, timing: Timing) -> None:
    sent.asked(1.0)
    sent.answered(1.25)
    assert (sent.round_trip.median, timing.measured_again) == (0.25, 1)
    before = sent.round_trip
    sent.reconnected()
    assert sent.round_trip is not before
