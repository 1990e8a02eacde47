"""The last one standing: lives, who is out, the order that they come in, and what a room makes of it."""

from __future__ import annotations

import pytest

from rumpus.game import PlayerInfo
from rumpus.games.arena import Arena
from rumpus.games.arena import constants as c
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.testing import Playground
from tests.support.arena_matches import TICK, begin, named, place, player, press, run, set_player


def fell(game: Arena, victim: str, killer: str) -> None:
    """The killer shoots the victim, who has one point of health left."""
    for number, player_id in enumerate(sorted(game.scores)):
        place(game, player_id, 500 + 200 * number, 1500)
    place(game, killer, 300, 300)
    place(game, victim, 400, 300)
    set_player(game, victim, c.HP, 1.0)
    press(game, killer, aim=0, fire=True)
    run(game, 0.3)
    press(game, killer)
    run(game, 0.5)


def game_info(player_id: str) -> PlayerInfo:
    return PlayerInfo(player_id=player_id, name=player_id)


def test_who_has_lost_all_lives_is_out_and_the_last_one_wins() -> None:
    game = begin("a", "b", "c", mode="elimination", lives=2, respawn_time=0.5)
    assert game.get_game_state()["lives"] == 2
    fell(game, "b", "a")
    assert not game.out
    run(game, 1)
    assert player(game, "b")["alive"]
    fell(game, "b", "a")
    assert game.take_eliminated() == ["b"]
    assert game.take_eliminated() == []
    run(game, 5)
    assert not player(game, "b")["alive"]
    assert player(game, "b")["respawn_in"] == 0
    assert game.is_game_over() is False
    fell(game, "a", "c")
    run(game, 1)
    fell(game, "c", "a")
    run(game, 1)
    assert game.is_game_over() is False
    fell(game, "a", "c")
    assert game.out == {"a", "b"}
    assert game.is_game_over() == "last_standing"
    assert [(line.player_id, line.rank) for line in game.results()] == [("c", 1), ("a", 2), ("b", 3)]
    game.reset()
    assert not game.out
    assert game.is_game_over() is False


def test_it_is_told_who_is_out() -> None:
    game = begin("a", "b", "c", mode="elimination", lives=1)
    place(game, "a", 300, 300)
    place(game, "b", 400, 300)
    set_player(game, "b", c.HP, 1.0)
    press(game, "a", aim=0, fire=True)
    events = run(game, 0.3)
    assert named(events, "out") == [{"player": "b"}]


def test_time_ranks_by_lives_and_then_by_points() -> None:
    game = begin("a", "b", "c", mode="elimination", lives=3, time_limit=10, respawn_time=0.1)
    fell(game, "b", "a")
    fell(game, "c", "b")
    run(game, 10)
    assert game.is_game_over() == "time_limit"
    assert [(line.player_id, line.rank) for line in game.results()] == [("a", 1), ("b", 2), ("c", 3)]


def test_two_who_fall_for_good_at_once_share_a_place() -> None:
    game = begin("a", "b", mode="elimination", lives=1)
    place(game, "a", 300, 300)
    place(game, "b", 400, 300)
    for player_id, aim in (("a", 0.0), ("b", 3.14159265)):
        set_player(game, player_id, c.HP, 1.0)
        press(game, player_id, aim=aim, fire=True)
    run(game, 0.5)
    assert game.out == {"a", "b"}
    assert game.is_game_over() == "last_standing"
    assert [line.rank for line in game.results()] == [1, 1]


def test_who_comes_when_somebody_is_out_watches_and_comes_last() -> None:
    game = begin("a", "b", mode="elimination", lives=1)
    game.add_player("early", game_info("early"))
    assert player(game, "early")["alive"]
    fell(game, "b", "a")
    game.add_player("late", game_info("late"))
    assert game.out == {"b", "late"}
    run(game, 5)
    assert not player(game, "late")["alive"]
    assert game.is_game_over() is False
    fell(game, "early", "a")
    assert [line.player_id for line in game.results()] == ["a", "early", "b", "late"]


def test_a_saved_match_knows_who_is_out() -> None:
    game = begin("a", "b", "c", mode="elimination", lives=1)
    fell(game, "b", "a")
    other = Arena()
    other.load(game.save())
    assert other.out == {"b"}
    assert other.save() == game.save()
    fell(other, "c", "a")
    assert [line.player_id for line in other.results()] == ["a", "c", "b"]


@pytest.mark.parametrize("subprotocol", [JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL])
def test_a_room_of_bots_plays_it_to_the_end(subprotocol: str) -> None:
    match = Playground(
        Arena,
        start="now",
        bots=5,
        max_players=6,
        spectator_delay=1,
        bot_skill=0.8,
        settings={"mode": "elimination", "lives": "1", "seed": "3", "time_limit": "120"},
    )
    ann = match.connect("Ann", subprotocol=subprotocol)
    over = match.run_until("game_over", ann, limit=130)
    assert over["reason"] in ("last_standing", "time_limit")
    assert len(over["results"]) == 6
    # A person who stands still does not win against bots; from the fall on she is shown what spectators are.
    assert ann.messages("watching")
    out = [message["player"]["player_id"] for message in ann.messages("player_changed") if message["player"].get("out")]
    assert len(out) == len(set(out)) >= 3
    assert ann.player_id in out
    ranks = {line["player_id"]: line["rank"] for line in over["results"]}
    assert ranks[out[0]] > ranks[out[-1]]
    match.run(12 + TICK)
    assert ann.messages("game_started")[1:]
    assert not match.server.counters.failed_rooms
