"""What a game gets from its base class."""

from __future__ import annotations

import pytest

import rumpus
from rumpus import Game, PlayerInfo, Result
from rumpus.errors import UnsupportedError
from rumpus.results.record import rank_results


def test_a_game_that_defines_nothing_can_be_played_by_the_room() -> None:
    game = Game()
    game.initialize_game(Game.Settings())
    game.add_player("p1", PlayerInfo(player_id="p1", name="Ann"))
    game.process_input("p1", Game.Input())
    game.update(0.1)
    game.detect_collisions()
    game.handle_scoring("p1")
    assert game.is_game_over() is False
    assert game.get_game_state() == {"scores": {"p1": 1}}
    assert game.results() == [Result(player_id="p1", score=1)]
    assert game.make_bot("p2", 0.5, 1) is None
    game.remove_player("p1")
    assert game.scores == {}


def test_events_are_taken_once_and_forgotten_by_a_reset() -> None:
    game = Game()
    game.emit("boom", {"x": 1})
    game.emit("secret", to="p1")
    game.emit("bang", {"x": 2}, tick=7, at=(2, 3), afar={})
    assert [tuple(event) for event in game.take_events()] == [
        ("boom", {"x": 1}, None, None, None, None),
        ("secret", {}, "p1", None, None, None),
        ("bang", {"x": 2}, None, 7, (2, 3), {}),
    ]
    assert game.take_events() == []
    game.emit("late")
    game.reset()
    assert game.take_events() == []


def test_saving_is_optional_and_says_so() -> None:
    with pytest.raises(UnsupportedError, match=r"Game does not define save\(\)"):
        Game().save()
    with pytest.raises(UnsupportedError, match=r"Game does not define load\(\)"):
        Game().load(b"")


def test_a_bot_must_say_how_it_acts() -> None:
    class Idle(rumpus.Bot):
        pass

    with pytest.raises(TypeError, match="act"):
        Idle()  # type: ignore[abstract]


def test_ranks_follow_the_scores_and_equal_scores_share_the_better_one() -> None:
    names = {"a": "Ann", "b": "Ben", "c": "Cat", "d": "Dan"}
    results = [Result(player_id=who, score=score) for who, score in (("a", 1), ("b", 5), ("c", 5), ("gone", 9))]
    lines = rank_results(results, names)
    assert [(line.name, line.score, line.rank) for line in lines] == [
        ("Ben", 5, 1),
        ("Cat", 5, 1),
        ("Ann", 1, 3),
        ("Dan", 0, 4),
    ]


def test_ranks_that_a_game_gives_are_kept() -> None:
    results = [Result(player_id="a", score=9, rank=2), Result(player_id="b", score=1, rank=1, team="red")]
    lines = rank_results(results, {"a": "Ann", "b": "Ben"})
    assert [(line.name, line.rank, line.team) for line in lines] == [("Ben", 1, "red"), ("Ann", 2, None)]
