"""The parts of a load test that need no server: percentiles, who plays with which bots, what a report says."""

from __future__ import annotations

import io
import json
from itertools import pairwise
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from rumpus.cli.display import Display, print_report
from rumpus.game import loading
from rumpus.game.schema import input_schema
from rumpus.load.distribution import Distribution
from rumpus.load.player import Brain, LoadPlayer, RandomBot, Tally
from rumpus.load.random_input import RandomInput
from rumpus.load.report import Clients, Percentiles, Report, Spread
from rumpus.load.run import Plan, Progress
from tests.support.race import Race, Walker

# Percentiles.


@given(st.lists(st.floats(2e-6, 100), min_size=1, max_size=200), st.floats(0.01, 1))
def test_a_percentile_is_right_to_two_percent(values: list[float], share: float) -> None:
    distribution = Distribution()
    for value in values:
        distribution.add(value)
    ordered = sorted(values)
    exact = next(value for index, value in enumerate(ordered, 1) if index >= share * len(values) - 1e-9)
    assert distribution.percentile(share) == pytest.approx(exact * 1000, rel=0.02)


def test_percentiles_of_nothing_are_nothing() -> None:
    distribution = Distribution()
    assert distribution.percentile(0.5) is None
    distribution.add(0.0)
    assert distribution.percentile(0.5) == 0
    distribution.clear()
    assert (distribution.count, distribution.percentile(0.5)) == (0, None)


def test_the_worst_client_is_not_hidden_by_the_others() -> None:
    assert Spread.of([30.0] * 199 + [29.4]) == Spread(min=29.4, median=30.0, max=30.0)
    assert Spread.of([]) == Spread(min=None, median=None, max=None)


# Who plays.


def joined(game: str, schema: Any) -> dict[str, Any]:
    return {"game": game, "schema": {"input": msgspec.json.decode(msgspec.json.encode(schema))}}


@pytest.fixture
def built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(loading.BUILT_IN, "race", "tests.support.race:Race")


@pytest.mark.usefixtures("built_in")
def test_a_game_that_ships_with_bots_is_played_by_them() -> None:
    brain = Brain(joined("race", input_schema(Race)), seed=1)
    assert brain.reads_state
    assert isinstance(brain.make("p1", 0.5), Walker)


@pytest.mark.usefixtures("built_in")
def test_a_game_of_the_same_name_with_other_inputs_is_not_played_by_them() -> None:
    brain = Brain(joined("race", {"type": "object", "properties": {}}), seed=1)
    assert not brain.reads_state
    assert isinstance(brain.make("p1", 0.5), RandomBot)


def test_a_game_that_cannot_be_loaded_here_is_played_at_random(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(loading.BUILT_IN, "gone", "tests.no_such_module:Gone")
    assert not Brain(joined("gone", {}), seed=1).reads_state
    assert "gone cannot be loaded" in caplog.text


def test_arena_is_played_by_its_bots() -> None:
    arena = loading.load_game("arena")
    brain = Brain(joined("arena", input_schema(arena)), seed=1)
    assert brain.reads_state
    assert brain.name == "the game's bots"


def test_made_up_inputs_last_for_a_while() -> None:
    schema = {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]}
    random = Random(1)
    bot = RandomBot(RandomInput(schema, random), random)
    made = [json.dumps(bot.act(None)) for _ in range(200)]
    changes = sum(before != after for before, after in pairwise(made))
    assert 15 <= changes <= 60


class _Faulty(Walker):
    def act(self, state: Any) -> dict[str, Any] | None:
        raise RuntimeError("oops")


class _Client:
    """As much of a client as a player uses to act."""

    closed = False

    def __init__(self) -> None:
        self.state: Any = {"position": {"p1": 0}}
        self.sent: list[Any] = []

    def send_input(self, data: Any) -> int:
        self.sent.append(data)
        return len(self.sent)


def playing(bot: Any) -> tuple[LoadPlayer, _Client, Tally]:
    tally = Tally()
    player, client = LoadPlayer(1, tally), _Client()
    player.client = client  # type: ignore[assignment]  # as much of it as is used
    player.play_with(bot)
    return player, client, tally


def test_a_bot_that_fails_is_counted_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    player, client, tally = playing(_Faulty("p1", 0.5))
    player._on_message({"type": "game_started", "tick": 0})
    player.act()
    player.act()
    assert tally.errors == {"bot_failed": 2}
    assert caplog.text.count("a bot raised") == 1
    assert client.sent == []


def test_a_player_sends_only_while_a_match_runs_and_holds_its_last_input() -> None:
    player, client, _ = playing(Walker("p1", 0.5))
    player.act()
    assert client.sent == []
    player._on_message({"type": "game_started", "tick": 0})
    player.act(think=False)
    player.act()
    client.state = {"position": {"p1": -9}}
    player.act()
    client.state = None
    player.act()
    player._on_message({"type": "game_over", "tick": 9})
    player.act()
    assert client.sent == [{"step": -1}] * 3
    assert player.inputs == 3


def test_states_count_while_a_match_runs_and_inputs_are_answered_by_acks() -> None:
    player, _, tally = playing(Walker("p1", 0.5))
    player._on_message({"type": "state", "tick": 0})
    assert player.states == 0
    player._on_message({"type": "joined", "status": "in-progress"})
    player.act()
    player.act()
    player._on_message({"type": "state", "tick": 1})
    assert tally.answers.count == 0
    player._on_message({"type": "delta", "tick": 2, "ack": 1})
    assert tally.answers.count == 1
    player._on_message({"type": "delta", "tick": 3, "ack": 2})
    assert (player.states, tally.gaps.count, tally.answers.count) == (3, 2, 2)
    player._on_message({"type": "error", "code": "bad_input", "message": "no"})
    assert tally.errors == {"bad_input": 1}


# What people see.


def a_report(**changes: Any) -> Report:
    times = Percentiles(p50=1.0, p90=2.0, p99=3.0, max=4.0, count=5)
    clients = Clients(wanted=3, connected=3, joined=2, played=2, refused={"room_full": 1}, lost={"1006": 1})
    made: dict[str, Any] = {
        "url": "http://localhost:8000", "game": "arena", "codec": "rumpus.v1.json", "play": "the game's bots",
        "clients": clients, "rooms": 1, "tick_rate": 30.0, "send_rate": 30.0, "warm_up": 2.0, "seconds": 20.0,
        "states_per_second": Spread(min=29.5, median=30.0, max=30.0), "gap_ms": times, "bytes_per_second": 2.5e6,
        "bytes_per_second_per_client": 1e3, "bytes_per_state": 900.0, "inputs_per_second": 60.0,
        "inputs_per_second_per_client": 30.0, "round_trip_ms": times, "input_to_state_ms": times,
        "errors": {"bad_input": 2}, "churn": {"drop": 7}, "churn_refused": {"resume: session_expired": 1},
        "generator_cpu": 0.95, "generator_late_ms": times,
    }  # fmt: skip
    return Report(**made | changes)


def test_a_report_says_what_went_wrong_and_whether_it_was_the_limit_itself() -> None:
    text = a_report().text()
    for words in (
        "1 × room_full",
        "1 × 1006",
        "2 × bad_input",
        "min 29.50",
        "20.0 Mbit/s",
        "it is the limit itself",
        "7 × drop",
        "1 × resume: session_expired",
    ):
        assert words in text
    fine = a_report(generator_cpu=0.3, errors={}, churn={}, churn_refused={}).text()
    assert "limit" not in fine
    assert "came" not in fine
    assert "errors" not in fine
    nothing = Percentiles(p50=None, p90=None, p99=None, max=None, count=0)
    empty = a_report(round_trip_ms=nothing, bytes_per_state=None, states_per_second=Spread.of([])).text()
    assert "round trip           –" in empty


def test_the_display_draws_on_a_terminal() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    times = Percentiles(p50=1.0, p90=2.0, p99=3.0, max=None, count=1)
    progress = Progress(
        phase="measuring", share=0.5, joined=3, refused=1, lost=1, playing=2, bytes_per_second=1e6,
        states_per_second=Spread(min=29.0, median=30.0, max=30.0), inputs_per_second=90.0, round_trip=times,
        generator_cpu=0.25,
    )  # fmt: skip
    with Display(Plan(url="", count=4, seconds=1), console) as display:
        display.show(progress)
    shown = screen.getvalue()
    for words in (
        "measuring",
        "50%",
        "3 of 4 joined, 2 playing",
        "1 refused, 1 lost",
        "min 29.0",
        "8.00 Mbit/s",
        "25%",
    ):
        assert words in shown


@pytest.mark.parametrize(("least", "colour"), [(29.6, "32"), (29.4, "31")])
def test_the_figure_that_matters_is_green_or_red(least: float, colour: str) -> None:
    screen = io.StringIO()
    report = a_report(states_per_second=Spread(min=least, median=30.0, max=30.0))
    print_report(report, Console(file=screen, force_terminal=True, width=100))
    line = next(line for line in screen.getvalue().splitlines() if "states/s per" in line)
    assert f"\x1b[{colour}mmin" in line
