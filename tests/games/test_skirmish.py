"""The reference workload's rules: those that its peers on other servers have."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rumpus.game import PlayerInfo
from rumpus.games import skirmish
from rumpus.games.skirmish import Bullets, Enemies, Players, Skirmish, SkirmishInput, SkirmishSettings

TICK = 1 / 30


def game_of(players: int, **settings: int) -> Skirmish:
    game = Skirmish()
    game.secret_seed = 7
    game.initialize_game(SkirmishSettings(**{"enemies": 0, **settings}))
    for number in range(1, players + 1):
        game.add_player(f"p{number}", PlayerInfo(player_id=f"p{number}", name="x"))
    return game


def put(game: Skirmish, id: str, x: float, y: float) -> None:
    game.world.players[id].x, game.world.players[id].y = x, y


def test_the_kernel_knows_the_columns_by_their_numbers() -> None:
    names = {"ENEMY_HP": Enemies.hp, "OWNER": Bullets.owner, "OWNER_ROW": Bullets.owner_row, "LIFE": Bullets.life}
    names |= {"VX": Bullets.vx, "VY": Bullets.vy, "X": Players.x, "Y": Players.y, "ANGLE": Players.angle}
    names |= {"HP": Players.hp, "SCORE": Players.score, "COOL": Players.cool}
    assert {name: getattr(skirmish, name) for name in names} == {name: column.index for name, column in names.items()}
    assert [Enemies.x.index, Enemies.y.index, Bullets.x.index, Bullets.y.index] == [skirmish.X, skirmish.Y] * 2


def test_players_move_at_two_hundred_a_second_and_stay_in_the_field() -> None:
    game = game_of(2)
    put(game, "p1", 1000, 1000)
    put(game, "p2", 5, 1000)
    game.process_input("p1", SkirmishInput(dx=1, dy=-0.5, angle=1.0))
    game.process_input("p2", SkirmishInput(dx=-1))
    game.process_input("nobody", SkirmishInput())
    for _ in range(30):
        game.update(TICK)
    ann = game.world.players["p1"]
    assert ann.x == pytest.approx(1200, abs=2)
    assert ann.y == pytest.approx(900, abs=2)
    assert ann.angle == pytest.approx(1.0, abs=math.pi / 256)
    assert game.world.players["p2"].x == 0


def test_shots_come_five_times_a_second_and_fly_for_a_second_and_a_half() -> None:
    game = game_of(1, width=8000, height=8000)
    put(game, "p1", 1000, 4000)
    game.process_input("p1", SkirmishInput(fire=True))
    counts = []
    for _ in range(60):
        game.update(TICK)
        counts.append(len(game.world.bullets))
    # Six times a thirtieth is a little less than the fifth of a second, as it is in the peers' arithmetic.
    assert [tick for tick in range(1, 30) if counts[tick] > counts[tick - 1]] == [7, 14, 21, 28]
    assert max(counts[46:]) == max(counts) <= 8
    first = game.world.bullets
    assert (np.diff(np.sort(first.x)) > 100).all()


def test_ten_hits_bring_a_player_down_who_reappears_and_the_shooter_scores() -> None:
    game = game_of(2)
    game.process_input("p1", SkirmishInput(fire=True))
    hits = 0
    for _ in range(400):
        put(game, "p1", 500, 500)
        put(game, "p2", 600, 500)
        before = game.world.players["p2"].hp
        game.update(TICK)
        after = game.world.players["p2"].hp
        hits += after != before
        if after > before:
            break
    assert hits == 10
    assert game.world.players["p2"].hp == 100
    assert (game.world.players["p2"].x, game.world.players["p2"].y) != (600, 500)
    assert game.world.players["p1"].score == 1
    assert {result.player_id: result.score for result in game.results()} == {"p1": 1, "p2": 0}


def test_enemies_chase_the_nearest_at_sixty_and_take_three_hits() -> None:
    game = game_of(2, enemies=1)
    put(game, "p1", 200, 1000)
    put(game, "p2", 1900, 1000)
    game.world.enemies.x, game.world.enemies.y = [500.0], [1000.0]
    for _ in range(30):
        game.update(TICK)
    assert game.world.enemies.x[0] == pytest.approx(440, abs=2)
    game.process_input("p1", SkirmishInput(fire=True))
    seen = set()
    for _ in range(120):
        game.update(TICK)
        seen.add(game.world.enemies["e1"].hp)
        if game.world.players["p1"].score:
            break
    assert seen == {1, 2, 3}
    assert game.world.players["p1"].score == 1


def test_an_enemy_that_reaches_a_player_at_the_edge_stays_in_its_range() -> None:
    game = game_of(1, enemies=20)
    for _ in range(1500):
        put(game, "p1", 0, 0)
        game.update(TICK)
    assert abs(game.world.enemies.x).max() < 3


def test_who_leaves_takes_their_shots_and_nobody_elses() -> None:
    game = game_of(3)
    for id in ("p1", "p2", "p3"):
        game.process_input(id, SkirmishInput(fire=True, angle=1.0))
    put(game, "p1", 100, 100)
    put(game, "p2", 700, 100)
    put(game, "p3", 1300, 100)
    game.update(TICK)
    owners = {int(game.world.bullets.owner[row]) for row in range(3)}
    game.remove_player("p1")
    game.remove_player("nobody")
    assert game.world.players.ids() == ["p3", "p2"]
    assert len(game.world.bullets) == 2
    rows = game.world.bullets.owner_row
    keys = game.world.players.block[1]
    assert [keys[int(row)] for row in rows] == game.world.bullets.owner.tolist()
    assert {int(owner) for owner in game.world.bullets.owner} < owners
    game.update(TICK)


def test_a_crowd_is_found_in_a_grid_and_plays_by_the_same_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    def play(crowd: int) -> list[float]:
        game = game_of(90, width=700, height=700, enemies=5)
        for number in range(90):
            angle = number * 0.7
            game.process_input(f"p{number + 1}", SkirmishInput(dx=math.cos(angle), dy=0.3, angle=angle, fire=True))
        if not crowd:
            # Somebody who is there only to be few: the grid is for more than CROWD players.
            monkeypatch.setattr(skirmish, "CROWD", 10_000)
        for _ in range(60):
            game.update(TICK)
        monkeypatch.undo()
        return [*game.world.players.x.tolist(), *game.world.players.score.tolist(), *game.world.players.hp.tolist()]

    # The constant is compiled in, so without the compiler only this compares the two ways; with it, both are the grid.
    assert play(1) == play(0)
    assert sum(play(1)[90:180]) > 0


def test_room_for_shots_is_made_before_it_is_needed() -> None:
    game = game_of(120)
    for number in range(120):
        game.process_input(f"p{number + 1}", SkirmishInput(fire=True, angle=number / 10))
    for _ in range(40):
        game.update(TICK)
    assert game.world.bullets.capacity > 256


def test_a_view_is_a_setting() -> None:
    assert game_of(1).world.interest is None
    interest = game_of(1, view_width=1200, view_height=800).world.interest
    assert interest is not None
    assert interest.reach == (600, 400)


@pytest.mark.slow
@pytest.mark.skipif("NUMBA_DISABLE_JIT" in os.environ, reason="this is what runs without the compiler")
def test_all_of_this_holds_without_the_compiler() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(Path(__file__))]
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    root = Path(__file__).parents[2]
    run = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-2000:]
