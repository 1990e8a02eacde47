"""What everybody knows wherever they are: the scores, and in co-op how many enemies are left."""

from collections.abc import Callable
from typing import Any

import pytest

from rumpus.game import PlayerInfo
from rumpus.games.arena import Arena
from rumpus.games.arena import constants as c
from rumpus.protocol.codec import MSGPACK
from rumpus.testing import MemoryClient, Playground
from tests.support.arena_matches import add_enemy, begin, down, named, place, press, run, score, set_player

QUIET = {"walls": False, "enemies": 0, "pickups": 0, "protection": 0, "seed": 1, "time_limit": 0, "score_limit": 0}


def meet(
    *names: str, subprotocol: str = MSGPACK.subprotocol, **settings: Any
) -> tuple[Playground, Arena, list[MemoryClient]]:
    """Clients in one large field, of which each is told what is near."""
    more = {**QUIET, "width": 6000, "height": 6000, **settings}
    match = Playground(Arena, start="now", max_players=8, settings=more)
    clients = [match.connect(name, subprotocol=subprotocol) for name in names]
    game = match.server.rooms[clients[0].room_id].game
    assert isinstance(game, Arena)
    assert game.world.interest is not None
    return match, game, clients


def test_the_score_of_a_player_out_of_sight_is_known() -> None:
    match, game, (ann, ben, cid) = meet("Ann", "Ben", "Cid")
    down(game, ben.player_id, by=cid.player_id)
    place(game, ann.player_id, 5900, 5900)
    place(game, cid.player_id, 100, 100)
    match.run(0.2)
    assert set(ann.state["players"]) == {ann.player_id}
    assert ann.state["scores"] == game.get_game_state()["scores"]
    assert ann.state["scores"] == {
        ann.player_id: {"score": 0, "kills": 0, "deaths": 0, "team": ""},
        ben.player_id: {"score": 0, "kills": 0, "deaths": 1, "team": ""},
        cid.player_id: {"score": 1, "kills": 1, "deaths": 0, "team": ""},
    }


def test_who_joins_late_gets_all_scores_and_who_leaves_is_gone_from_them() -> None:
    match, game, (ann, ben) = meet("Ann", "Ben")
    game.handle_scoring(ben.player_id, 3)
    place(game, ben.player_id, 100, 100)
    dot = match.connect("Dot", subprotocol=MSGPACK.subprotocol)
    place(game, dot.player_id, 5900, 5900)
    match.run(0.2)
    assert ben.player_id not in dot.state["players"]
    assert {name: line["score"] for name, line in dot.state["scores"].items()} == {
        ann.player_id: 0,
        ben.player_id: 3,
        dot.player_id: 0,
    }
    ben.send({"type": "leave"})
    match.run(0.2)
    assert set(dot.state["scores"]) == set(ann.state["scores"]) == {ann.player_id, dot.player_id}


def test_teams_of_players_out_of_sight_are_known() -> None:
    match, game, clients = meet("Ann", "Ben", mode="teams")
    ann, ben = clients
    place(game, ann.player_id, 100, 100)
    place(game, ben.player_id, 5900, 5900)
    match.run(0.2)
    for client in clients:
        assert set(client.state["players"]) == {client.player_id}
        assert {line["team"] for line in client.state["scores"].values()} == {"red", "blue"}


def test_rows_of_players_and_scores_stay_the_same_whoever_comes_and_goes() -> None:
    game = begin(*"abcdef", mode="teams")
    for number in range(60):
        game.add_player(f"n{number}", PlayerInfo(player_id=f"n{number}", name="new"))
        if number % 3 == 0:
            game.remove_player(game.world.players.ids()[number % 5])
        for player_id in game.world.players.ids()[: number % 4]:
            game.handle_scoring(player_id)
        assert game.world.scores.ids() == game.world.players.ids()
        assert game.world.scores.team.tolist() == game.world.players.team.tolist()
        scores = {player_id: line["score"] for player_id, line in game.get_game_state()["scores"].items()}
        assert scores == game.scores
    assert sum(game.scores.values()) > 0


def test_killing_a_friend_costs_a_point_and_is_no_kill() -> None:
    game = begin("a", "b", teams={"a": "red", "b": "red"}, mode="teams", friendly_fire=True)
    down(game, "b", by="a")
    assert (score(game, "a")["score"], score(game, "a")["kills"], score(game, "b")["deaths"]) == (-1, 0, 1)


def test_scores_survive_saving() -> None:
    game = begin("a", "b", "x")
    down(game, "b", by="x")
    game.remove_player("a")
    loaded = Arena()
    loaded.load(game.save())
    assert loaded.get_game_state()["scores"] == game.get_game_state()["scores"]
    assert loaded.scores == game.scores == {"b": 0, "x": 1}
    loaded.handle_scoring("x")
    assert score(loaded, "x")["score"] == 2


# --- Enemies of the wave ---------------------------------------------------------------------------------------------


def left(game: Arena) -> int:
    return int(game.get_game_state()["enemies_left"])


def shoot_one(game: Arena) -> None:
    """Bring one of the enemies down by fire."""
    enemies = game._tables.enemies
    x, y = enemies[[c.X, c.Y], 0]
    enemies[c.HP, 0] = 1.0
    place(game, "a", x - 60 if x > 100 else x + 60, y)
    set_player(game, "a", c.HP, 100.0)
    press(game, "a", aim=0.0 if x > 100 else 3.14159, fire=True)
    for _ in range(30):
        if named(run(game, 1 / 30), "enemy_down"):
            break
    press(game, "a")


def test_in_coop_the_enemies_of_a_wave_are_counted_until_the_last_has_fallen() -> None:
    game = begin("a", mode="coop", enemies=5, waves=0, lives=1000, enemy_speed=0.0)
    assert left(game) == 0
    while not named(run(game, 1 / 30), "wave"):
        assert left(game) == 0
    assert left(game) == 5
    fallen = 0
    while left(game):
        before = left(game)
        if len(game.world.enemies):
            shoot_one(game)
        else:
            run(game, 1 / 30)
        assert before - 1 <= left(game) <= before
        fallen += before - left(game)
    assert fallen == 5
    run(game, 1)
    assert (left(game), game.get_game_state()["wave"]) == (0, 1)


def test_the_count_does_not_depend_on_what_is_in_sight() -> None:
    # Enough time for a few of the wave to appear, in corners that nobody sees.
    match, game, (ann,) = meet("Ann", mode="coop", enemies=20, enemy_speed=0)
    match.run(6)
    assert 0 < len(ann.state["enemies"]) + 1 <= len(game.world.enemies) < 20
    assert ann.state["enemies_left"] == 20


@pytest.mark.parametrize("mode", ["ffa", "teams"])
def test_enemies_that_come_again_and_again_are_not_counted(mode: str) -> None:
    game = begin("a", mode=mode, enemies=6)
    run(game, 1)
    assert len(game.world.enemies) == 6
    assert left(game) == 0


@pytest.mark.parametrize("change", [lambda game: run(game, 3), lambda game: add_enemy(game, c.CHASER, 500, 500)])
def test_a_count_survives_saving(change: Callable[[Arena], object]) -> None:
    game = begin("a", mode="coop", enemies=7, enemy_speed=0.0)
    run(game, 5)
    change(game)
    loaded = Arena()
    loaded.load(game.save())
    assert left(loaded) == left(game) > 0
