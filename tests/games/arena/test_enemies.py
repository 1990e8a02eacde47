"""Enemies: chasers come around walls and bite, shooters keep their distance and fire at what they see."""

import math

import pytest

from rumpus.games.arena import constants as c
from tests.support.arena_matches import add_enemy, begin, named, place, player, press, run, score, set_player


def distance_between(game, player_id: str, enemy_id: str) -> float:
    state = game.get_game_state()
    one, other = state["players"][player_id], state["enemies"][enemy_id]
    return math.hypot(one["x"] - other["x"], one["y"] - other["y"])


def test_a_field_has_the_number_of_enemies_that_the_settings_ask_for() -> None:
    for count in (0, 1, 20, 120):
        game = begin("a", enemies=count)
        run(game, 0.1)
        assert len(game.get_game_state()["enemies"]) == count


@pytest.mark.parametrize(("mode", "count"), [("ffa", 4), ("teams", 4)])
def test_without_a_number_the_mode_decides(mode: str, count: int) -> None:
    game = begin("a", enemies=None, mode=mode)
    run(game, 0.1)
    assert len(game.get_game_state()["enemies"]) == count


def test_a_fallen_enemy_is_replaced_after_a_while_under_a_new_name() -> None:
    game = begin("a", enemies=3, enemy_respawn=1.0)
    run(game, 0.1)
    before = set(game.get_game_state()["enemies"])
    game._tables.enemies[c.HP, 0] = 1.0
    place(game, "a", *(game._tables.enemies[[c.X, c.Y], 0] - (60.0, 0.0)))
    press(game, "a", fire=True)
    assert named(run(game, 0.2), "enemy_down")
    press(game, "a")
    assert len(game.get_game_state()["enemies"]) == 2
    run(game, 1.1)
    after = set(game.get_game_state()["enemies"])
    assert len(after) == 3
    assert len(after - before) == 1


def test_a_chaser_runs_to_the_nearest_player_and_bites_now_and_then() -> None:
    game = begin("a", "b")
    place(game, "a", 500, 500)
    place(game, "b", 1500, 1500)
    enemy = add_enemy(game, c.CHASER, 800, 500)
    events = run(game, 3)
    hits = named(events, "hit")
    assert {(hit["by"], hit["target"]) for hit in hits} == {(enemy, "a")}
    assert {hit["damage"] for hit in hits} == {14}
    assert 2 <= len(hits) <= 4


def test_an_enemys_kill_is_told_but_scores_for_nobody() -> None:
    game = begin("a", "b", friendly_fire=True)
    place(game, "a", 500, 500)
    set_player(game, "a", c.HP, 5.0)
    enemy = add_enemy(game, c.CHASER, 560, 500)
    (kill,) = named(run(game, 1), "kill")
    assert (kill["killer"], kill["victim"], kill["killer_kind"]) == (enemy, "a", "enemy")
    assert [score(game, player_id)["score"] for player_id in "ab"] == [0, 0]
    assert [score(game, player_id)["deaths"] for player_id in "ab"] == [1, 0]


def test_bringing_down_an_enemy_gives_a_shield_and_no_point_outside_coop() -> None:
    game = begin("a")
    place(game, "a", 500, 500)
    enemy = add_enemy(game, c.CHASER, 700, 500)
    press(game, "a", fire=True)
    events = run(game, 0.8)
    (fallen,) = named(events, "enemy_down")
    assert (fallen["by"], fallen["enemy"], fallen["kind"]) == ("a", enemy, "chaser")
    assert {hit["target_kind"] for hit in named(events, "hit")} == {"enemy"}
    assert player(game, "a")["shield"] == 10
    assert score(game, "a") == {"score": 0, "kills": 0, "deaths": 0, "team": ""}


@pytest.mark.parametrize("seed", range(8))
def test_chasers_find_their_way_around_walls(seed: int) -> None:
    game = begin("a", walls=True, seed=seed)
    spots = game.map.spots.tolist()
    place(game, "a", *spots[0])
    set_player(game, "a", c.SAFE, 1e6)  # to be found, not to die
    for x, y in sorted(spots[1:], key=lambda spot: math.dist(spot, spots[0]))[-6:]:
        add_enemy(game, c.CHASER, x, y)
    reached = set()
    for _ in range(25 * 30):
        run(game, 1 / 30)
        for enemy in list(game.get_game_state()["enemies"]):
            if distance_between(game, "a", enemy) < 110:
                reached.add(enemy)
    assert len(reached) == 6


def test_a_shooter_comes_into_range_keeps_its_distance_and_fires() -> None:
    game = begin("a")
    place(game, "a", 1000, 1000)
    enemy = add_enemy(game, c.SHOOTER, 1900, 1000)
    set_player(game, "a", c.SAFE, 1e6)
    run(game, 6)
    seen = []
    fired = 0
    for _ in range(90):
        run(game, 1 / 30)
        seen.append(distance_between(game, "a", enemy))
        fired = max(fired, len(game.get_game_state()["bullets"]))
    assert min(seen) > 150
    assert max(seen) < 480
    assert fired >= 1


def test_a_shooter_backs_away_from_who_comes_close() -> None:
    game = begin("a")
    place(game, "a", 1000, 1000)
    enemy = add_enemy(game, c.SHOOTER, 1060, 1000)
    run(game, 2)
    assert distance_between(game, "a", enemy) > 180


def test_a_shooter_does_not_fire_at_what_a_wall_hides() -> None:
    for seed in range(4):
        game = begin("a", walls=True, seed=seed)
        left, top, width, height = max(game.map.walls, key=lambda wall: wall[3])
        place(game, "a", left - 30, top + height / 2)
        add_enemy(game, c.SHOOTER, left + width + 30, top + height / 2)
        game._tables.enemies[c.SPEED, 0] = 0.0
        events = run(game, 3)
        assert not named(events, "hit")
        assert not game.get_game_state()["bullets"]


def test_enemies_do_not_stand_in_each_other() -> None:
    game = begin("a")
    place(game, "a", 1000, 1000)
    set_player(game, "a", c.SAFE, 1e6)
    for number in range(6):
        add_enemy(game, c.CHASER, 1300 + number % 2, 1000 + number // 2)
    add_enemy(game, c.CHASER, 1300, 1000)
    run(game, 4)
    places = game._tables.enemies[[c.X, c.Y], :7].T.tolist()
    closest = min(math.dist(one, other) for i, one in enumerate(places) for other in places[:i])
    assert closest > 12


def test_enemies_rest_when_nobody_is_there() -> None:
    game = begin(enemies=5, walls=True)
    run(game, 1)
    before = game._tables.enemies[: c.Y + 1, :5].tolist()
    run(game, 3)
    assert len(game.get_game_state()["enemies"]) == 5
    after = game._tables.enemies[: c.Y + 1, :5].tolist()
    assert (
        max(abs(a - b) for one, other in zip(before, after, strict=True) for a, b in zip(one, other, strict=True)) < 60
    )


def test_enemies_appear_far_from_players() -> None:
    game = begin("a", enemies=30, seed=4)
    run(game, 1 / 30)
    assert min(distance_between(game, "a", enemy) for enemy in game.get_game_state()["enemies"]) > 300


def test_enemies_do_not_hurt_each_other() -> None:
    game = begin("a")
    place(game, "a", 1000, 1000)
    set_player(game, "a", c.SAFE, 1e6)
    add_enemy(game, c.SHOOTER, 1350, 1000)
    add_enemy(game, c.CHASER, 1100, 1000)
    events = run(game, 5)
    assert not named(events, "hit")
