"""Shooting: rate, reach, damage, shields, protection, walls, friends, kills and the way back."""

import itertools
import math

import pytest

from rumpus.game import PlayerInfo
from rumpus.games.arena import Arena, ArenaInput
from rumpus.games.arena import constants as c
from rumpus.games.arena.chance import direction
from tests.support.arena_matches import (
    TICK,
    add_enemy,
    begin,
    down,
    named,
    place,
    player,
    press,
    run,
    score,
    set_player,
)


def duel(distance: float = 100.0, **settings: object) -> Arena:
    """`a` stands left of `b`, both where they can shoot."""
    game = begin("a", "b", **settings)
    place(game, "a", 1000, 1000)
    place(game, "b", 1000 + distance, 1000)
    return game


def test_a_hit_takes_the_damage_and_is_told_to_everybody() -> None:
    game = duel()
    press(game, "a", fire=True)
    events = run(game, 0.15)
    assert player(game, "b")["hp"] == 100 - 14
    (hit,) = named(events, "hit")
    assert (hit["by"], hit["target"], hit["target_kind"], hit["damage"]) == ("a", "b", "player", 14)
    assert 1075 - 1 <= hit["x"] <= 1100
    assert all(event.to is None for event in events)


def test_holding_the_trigger_fires_every_cooldown() -> None:
    game = begin("a", shot_life=5.0)
    place(game, "a", 100, 100)
    press(game, "a", aim=math.pi / 4, fire=True)
    run(game, 2)
    assert len(game.get_game_state()["bullets"]) == 10


def test_a_press_shorter_than_a_tick_still_fires() -> None:
    game = begin("a")
    press(game, "a", fire=True)
    press(game, "a", fire=False)
    run(game, 1 / 30)
    assert len(game.get_game_state()["bullets"]) == 1
    run(game, 0.5)
    assert len(game.get_game_state()["bullets"]) == 1


def test_a_press_just_before_the_gun_is_ready_fires_when_it_is() -> None:
    game = begin("a")
    place(game, "a", 300, 1000)
    press(game, "a", fire=True)
    run(game, 1 / 30)
    press(game, "a")
    run(game, 0.1)  # ready in 0.1 s
    press(game, "a", fire=True)
    press(game, "a")
    run(game, 0.1)
    assert len(game.get_game_state()["bullets"]) == 2


def test_letting_go_stops_firing_at_once() -> None:
    game = begin("a")
    place(game, "a", 300, 1000)
    press(game, "a", fire=True)
    run(game, 0.3)
    press(game, "a")
    shots = len(game.get_game_state()["bullets"])
    run(game, 0.3)
    assert len(game.get_game_state()["bullets"]) == shots


def test_the_cooldown_is_shown_in_seconds() -> None:
    game = begin("a")
    assert player(game, "a")["cooldown"] == 0
    press(game, "a", fire=True)
    run(game, 1 / 30)
    assert player(game, "a")["cooldown"] == pytest.approx(0.2)
    run(game, 0.1)
    assert player(game, "a")["cooldown"] == pytest.approx(0.1)


@pytest.mark.parametrize("aim", [0.0, 1.0, math.pi / 2, 2.5, -3.0, 40.0, -1000.0, 1e6])
def test_bullets_fly_where_the_gun_points(aim: float) -> None:
    game = begin("a")
    place(game, "a", 1000, 1000)
    press(game, "a", aim=aim, fire=True)
    run(game, TICK)
    (before,) = game.get_game_state()["bullets"].values()
    run(game, 6 * TICK)
    (bullet, _) = game.get_game_state()["bullets"].values()
    # A tick's step is rounded once, to 1/16 at most.
    assert (bullet["x"] - before["x"]) / 6 == pytest.approx(700 / 30 * math.cos(aim), abs=0.0626)
    assert (bullet["y"] - before["y"]) / 6 == pytest.approx(700 / 30 * math.sin(aim), abs=0.0626)
    assert bullet["owner"] == "a"
    assert math.remainder(player(game, "a")["angle"] - aim, math.tau) == pytest.approx(0, abs=math.pi / 256 + 1e-9)


def test_a_bullet_makes_the_same_step_in_every_tick() -> None:
    """So a client that was told of it once knows where it is."""
    game = begin("a", shot_life=3.0, shot_speed=333.3, fire_cooldown=10)
    place(game, "a", 1000, 1000)
    press(game, "a", aim=0.7, fire=True)
    seen = []
    for _ in range(85):
        run(game, TICK)
        (bullet,) = game.get_game_state()["bullets"].values()
        seen.append((bullet["x"], bullet["y"]))
    assert len({(x - old_x, y - old_y) for (old_x, old_y), (x, y) in itertools.pairwise(seen)}) == 1


def test_the_direction_of_an_angle_is_right_to_ten_digits() -> None:
    for step in range(-700, 700):
        angle = step * 0.0137
        assert direction.py_func(angle) == pytest.approx((math.cos(angle), math.sin(angle)), abs=1e-9)


def test_a_bullet_reaches_as_far_as_it_lives() -> None:
    game = duel(700.0 * 1.2 - 30)
    press(game, "a", fire=True)
    assert named(run(game, 1.5), "hit")
    game = duel(700.0 * 1.2 + 80)
    press(game, "a", fire=True)
    run(game, 0.1)
    press(game, "a")
    assert not named(run(game, 1.5), "hit")
    assert game.get_game_state()["bullets"] == {}


def test_a_shot_at_someone_standing_in_the_muzzle_hits() -> None:
    game = duel(5)
    press(game, "a", fire=True)
    assert named(run(game, 1 / 30), "hit")


@pytest.mark.parametrize("rate", [10, 20, 30, 60])
@pytest.mark.parametrize("distance", [41, 100, 163, 217, 333])
def test_the_fastest_bullet_does_not_pass_through_a_player(rate: int, distance: float) -> None:
    game = duel(distance, shot_speed=2000.0)
    press(game, "a", fire=True)
    press(game, "b", x=-1)
    assert named(run(game, 0.4, tick=1 / rate), "hit")


@pytest.mark.parametrize("rate", [10, 30, 60])
def test_the_fastest_bullet_does_not_pass_through_a_wall(rate: int) -> None:
    for seed in range(5):
        game = begin("a", "b", walls=True, seed=seed, shot_speed=2000.0)
        left, top, width, height = min(game.map.walls, key=lambda wall: wall[2])
        for distance in (25, 60, 95):
            place(game, "a", left - distance, top + height / 2)
            place(game, "b", left + width + 25, top + height / 2)
            press(game, "a", fire=True)
            assert not named(run(game, 0.4, tick=1 / rate), "hit")
            press(game, "a")


def test_bullets_end_at_the_edge_of_the_field() -> None:
    game = begin("a", shot_life=5.0)
    place(game, "a", 1980, 1000)
    press(game, "a", fire=True)
    run(game, 0.2)
    press(game, "a")
    run(game, 0.1)
    assert game.get_game_state()["bullets"] == {}


def test_the_shield_takes_damage_before_health() -> None:
    game = duel()
    set_player(game, "b", c.SHIELD, 10.0)
    press(game, "a", fire=True)
    run(game, 0.15)
    assert (player(game, "b")["shield"], player(game, "b")["hp"]) == (0, 96)


def test_rapid_fire_halves_the_cooldown_and_ends() -> None:
    game = begin("a", shot_life=5.0, shot_speed=60.0)
    place(game, "a", 1000, 1000)
    set_player(game, "a", c.RAPID_LEFT, 1.0)
    press(game, "a", fire=True)
    run(game, 0.95)
    assert player(game, "a")["rapid"]
    assert len(game.get_game_state()["bullets"]) in (9, 10)
    run(game, 0.2)
    assert not player(game, "a")["rapid"]


def test_a_player_who_has_just_appeared_cannot_be_hurt_for_a_moment() -> None:
    game = duel(protection=1.0)
    assert player(game, "b")["protected"]
    press(game, "a", fire=True)
    assert not named(run(game, 0.9), "hit")
    assert named(run(game, 0.6), "hit")
    assert not player(game, "b")["protected"]


def test_firing_ends_the_protection() -> None:
    game = duel(protection=5.0)
    press(game, "b", aim=1.0, fire=True)
    run(game, 1 / 30)
    assert not player(game, "b")["protected"]
    press(game, "a", fire=True)
    assert named(run(game, 0.3), "hit")


def test_nothing_hurts_a_ship_whose_pilot_is_away_or_makes_it_fire() -> None:
    game = duel(protection=1.0)
    press(game, "b", aim=1.0, fire=True)
    game.player_dropped("b")
    press(game, "b", aim=1.0)
    press(game, "a", fire=True)
    assert not named(run(game, 60), "hit")
    assert player(game, "b")["protected"]
    assert not [bullet for bullet in game.get_game_state()["bullets"].values() if bullet["owner"] == "b"]
    game.player_returned("b")
    assert not named(run(game, 0.9), "hit")
    assert named(run(game, 0.6), "hit")


def test_who_falls_and_drops_comes_back_protected() -> None:
    game = begin("a", "b", respawn_time=1.0, protection=0.5)
    down(game, "b", by="a")
    game.player_dropped("b")
    run(game, 5)
    assert player(game, "b")["alive"]
    assert player(game, "b")["protected"]
    # The next in this row of the table has nothing of it.
    game.remove_player("b")
    game.add_player("c", PlayerInfo(player_id="c", name="c"))
    run(game, 0.6)
    assert not player(game, "c")["protected"]


def test_a_ship_may_be_left_as_it_was() -> None:
    game = duel(away="idle")
    game.player_dropped("b")
    press(game, "a", fire=True)
    assert named(run(game, 0.3), "hit")
    game.player_returned("b")
    game.player_returned("nobody")
    game.player_dropped("nobody")


def test_a_kill_scores_and_is_told() -> None:
    game = begin("a", "b")
    (kill,) = named(down(game, "b", by="a"), "kill")
    assert (kill["killer"], kill["victim"], kill["killer_kind"]) == ("a", "b", "player")
    assert score(game, "a") == {"score": 1, "kills": 1, "deaths": 0, "team": ""}
    assert score(game, "b") == {"score": 0, "kills": 0, "deaths": 1, "team": ""}
    victim = player(game, "b")
    assert (victim["alive"], victim["hp"]) == (False, 0)


def test_scoring_goes_through_detect_collisions_and_handle_scoring() -> None:
    called: list[str] = []

    class Watched(Arena):
        def detect_collisions(self) -> None:
            called.append("detect_collisions")
            super().detect_collisions()

        def handle_scoring(self, player_id: str, points: int = 1) -> None:
            called.append(f"handle_scoring {player_id}")
            super().handle_scoring(player_id, points)

    game = Watched()
    game.initialize_game(begin().settings)
    for player_id in "ab":
        game.add_player(player_id, PlayerInfo(player_id=player_id, name=player_id))
    down(game, "b", by="a")
    assert called.count("handle_scoring a") == 1
    assert called.count("detect_collisions") == 12


def test_a_bullet_that_arrives_after_its_owner_fell_still_counts() -> None:
    game = duel(200)
    set_player(game, "b", c.HP, 1.0)
    press(game, "a", fire=True)
    run(game, 1 / 30)
    set_player(game, "a", c.ALIVE, 0.0)
    set_player(game, "a", c.RESPAWN, 2.0)
    run(game, 0.5)
    assert score(game, "a")["score"] == 1


def test_the_fallen_come_back_whole_after_a_while() -> None:
    game = begin("a", "b", respawn_time=2.0, protection=1.0)
    set_player(game, "b", c.SAFE, 0.0)
    down(game, "b", by="a")
    assert 1.6 < player(game, "b")["respawn_in"] < 2.0
    events = run(game, 1.9)
    (respawn,) = named(events, "respawn")
    back = player(game, "b")
    assert respawn["player"] == "b"
    assert (back["alive"], back["hp"], back["shield"], back["respawn_in"], back["protected"]) == (True, 100, 0, 0, True)


def test_the_dead_neither_move_nor_fire() -> None:
    game = begin("a", "b", respawn_time=5.0)
    down(game, "b", by="a")
    before = player(game, "b")
    press(game, "b", x=1, fire=True)
    run(game, 0.5)
    after = player(game, "b")
    assert (after["x"], after["y"]) == (before["x"], before["y"])
    assert all(bullet["owner"] != "b" for bullet in game.get_game_state()["bullets"].values())


def test_players_reappear_far_from_their_foes() -> None:
    far = 0
    for seed in range(20):
        game = begin("a", "b", respawn_time=0.0, seed=seed)
        down(game, "b", by="a")
        run(game, 0.1)
        one, other = player(game, "a"), player(game, "b")
        far += math.hypot(one["x"] - other["x"], one["y"] - other["y"]) > 600
    assert far >= 19


def test_friends_bullets_pass_through() -> None:
    game = begin("a", "b", "x", teams={"a": "red", "b": "red", "x": "blue"}, mode="teams")
    for player_id, x in (("a", 1000), ("b", 1080), ("x", 1160)):
        place(game, player_id, x, 1000)
    press(game, "a", fire=True)
    hits = named(run(game, 0.5), "hit")
    assert {hit["target"] for hit in hits} == {"x"}


def test_with_friendly_fire_friends_are_hurt_and_killing_one_costs_a_point() -> None:
    teams = {"a": "red", "b": "red"}
    game = begin("a", "b", teams=teams, mode="teams", friendly_fire=True)
    events = down(game, "b", by="a")
    assert named(events, "kill")
    assert score(game, "a") == {"score": -1, "kills": 0, "deaths": 0, "team": "red"}
    assert score(game, "b") == {"score": 0, "kills": 0, "deaths": 1, "team": "red"}
    state = game.get_game_state()
    assert (state["red_score"], state["blue_score"]) == (-1, 0)


@pytest.mark.parametrize("friendly_fire", [False, True])
def test_in_coop_players_hurt_each_other_only_with_friendly_fire(friendly_fire: bool) -> None:
    game = duel(mode="coop", friendly_fire=friendly_fire)
    press(game, "a", fire=True)
    assert bool(named(run(game, 0.3), "hit")) == friendly_fire


def test_nobody_hits_themselves() -> None:
    game = begin("a", friendly_fire=True, mode="teams", shot_speed=100.0)
    press(game, "a", x=1, fire=True)
    assert not named(run(game, 2), "hit")


def test_the_bullets_of_one_who_leaves_go_too() -> None:
    game = begin("a", "b", "x")
    for number, player_id in enumerate("abx"):
        place(game, player_id, 300, 300 + 500 * number)
        press(game, player_id, fire=True)
    run(game, 0.1)
    game.remove_player("a")
    assert sorted(bullet["owner"] for bullet in game.get_game_state()["bullets"].values()) == ["b", "x"]
    run(game, 0.1)
    assert set(game.get_game_state()["players"]) == {"b", "x"}


def test_a_hunter_of_one_who_leaves_looks_for_another() -> None:
    game = begin("a", "b", "x")
    add_enemy(game, c.CHASER, 1000, 1000)
    run(game, 0.3)
    for leaver in ("a", "b"):
        game.remove_player(leaver)
        assert -1 <= game._tables.enemies[c.TARGET, 0] < len(game.world.players)
        run(game, 0.3)
    game.remove_player("x")
    run(game, 0.3)
    assert game._tables.enemies[c.TARGET, 0] == -1


def test_inputs_of_strangers_and_nonsense_are_ignored() -> None:
    game = begin("a")
    press(game, "nobody", x=1, fire=True)
    game.process_input("a", ArenaInput(move_x=math.nan, aim=math.inf))
    game.process_input("a", ArenaInput(move_y=7.0))
    game.remove_player("nobody")
    before = player(game, "a")
    run(game, 0.5)
    assert player(game, "a") == before
