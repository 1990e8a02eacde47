"""The rail: when it fires, what its beam meets first, what is told of it; which shot a bullet is; merging of inputs."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.games.arena import Arena, ArenaInput
from rumpus.games.arena import constants as c
from tests.support.arena_matches import TICK, add_enemy, begin, named, place, player, press, run, score, set_player

Data = dict[str, object]


def duel(distance: float = 500.0, **settings: object) -> Arena:
    """`a` stands left of `b`."""
    game = begin("a", "b", **settings)
    place(game, "a", 400, 1000)
    place(game, "b", 400 + distance, 1000)
    return game


def shoot(game: Arena, aim: float = 0.0, by: str = "a") -> Data:
    """One shot of the rail; returns its event."""
    press(game, by, aim=aim, rail=True)
    (beam,) = named(run(game, TICK), "rail")
    press(game, by, aim=aim)
    return dict(beam)


def test_the_rail_hits_in_the_tick_in_which_it_is_fired() -> None:
    game = duel(700)
    press(game, "a", rail=True)
    events = run(game, TICK)
    assert [event.name for event in events] == ["rail", "hit"]
    assert all(event.to is None and event.tick is None for event in events)
    assert events[0].data == {
        "by": "a",
        "x": 400,
        "y": 1000,
        "to_x": 400 + 700 - 20,
        "to_y": 1000,
        "target": "b",
        "target_kind": "player",
    }
    assert events[1].data == {
        "by": "a",
        "target": "b",
        "target_kind": "player",
        "damage": 45,
        "weapon": "rail",
        "x": 1080,
        "y": 1000,
    }
    assert player(game, "b")["hp"] == 55
    assert game.get_game_state()["bullets"] == {}


def test_holding_the_trigger_fires_every_rail_cooldown() -> None:
    game = begin("a")
    press(game, "a", rail=True)
    assert len(named(run(game, 4.6), "rail")) == 4
    game = begin("a", rail_cooldown=0.5)
    press(game, "a", rail=True)
    assert len(named(run(game, 1.9), "rail")) == 4


def test_the_cooldowns_are_shown_in_seconds() -> None:
    game = begin("a")
    assert player(game, "a")["rail_cooldown"] == 0
    shoot(game)
    assert player(game, "a")["rail_cooldown"] == pytest.approx(1.5)
    assert player(game, "a")["cooldown"] == pytest.approx(0.2)
    run(game, 0.5)
    assert player(game, "a")["rail_cooldown"] == pytest.approx(1.0)
    assert player(game, "a")["cooldown"] == 0


def test_the_rail_waits_for_the_gun_and_the_gun_for_the_rail() -> None:
    game = begin("a", shot_life=5.0)
    press(game, "a", fire=True)
    run(game, TICK)
    press(game, "a", rail=True)
    assert [bool(named(run(game, TICK), "rail")) for _ in range(6)] == [False] * 5 + [True]
    press(game, "a", fire=True)
    bullets = len(game.get_game_state()["bullets"])
    assert bullets == 1
    flying = [len(game.get_game_state()["bullets"]) for _ in range(6) if run(game, TICK) is not None]
    assert flying == [1] * 5 + [2]


def test_with_both_triggers_the_rail_goes_first_and_the_gun_fires_while_it_is_not_ready() -> None:
    game = begin("a", shot_life=5.0)
    press(game, "a", fire=True, rail=True)
    rails, bullets = [], []
    for tick in range(50):
        before = int(game._tables.counters[c.NEXT_BULLET])
        if named(run(game, TICK), "rail"):
            rails.append(tick)
        if game._tables.counters[c.NEXT_BULLET] > before:
            bullets.append(tick)
    # The rail is ready again in tick 45, the gun in every sixth.
    assert rails == [0, 48]
    assert bullets == [6, 12, 18, 24, 30, 36, 42]


def test_a_press_shorter_than_a_tick_fires_once() -> None:
    game = begin("a")
    press(game, "a", rail=True)
    press(game, "a")
    assert len(named(run(game, 3), "rail")) == 1


@pytest.mark.parametrize(("early", "fires"), [(0.08, True), (0.15, False)])
def test_a_press_just_before_the_rail_is_ready_fires_when_it_is(early: float, fires: bool) -> None:
    game = begin("a")
    shoot(game)
    run(game, 1.5 - TICK - early)
    press(game, "a", rail=True)
    press(game, "a")
    assert bool(named(run(game, 0.5), "rail")) == fires


def test_rapid_fire_does_not_hurry_the_rail() -> None:
    game = begin("a")
    set_player(game, "a", c.RAPID_LEFT, 60.0)
    press(game, "a", rail=True)
    assert len(named(run(game, 1.4), "rail")) == 1
    assert player(game, "a")["rail_cooldown"] == pytest.approx(1.5 - 1.4 + TICK, abs=0.01)


def test_firing_the_rail_ends_the_protection() -> None:
    game = duel(protection=5.0)
    shoot(game)
    assert not player(game, "a")["protected"]


def test_who_comes_back_has_both_weapons_ready() -> None:
    game = duel(respawn_time=0.1)
    shoot(game)
    set_player(game, "a", c.HP, 1.0)
    place(game, "b", 900, 1000)
    shoot(game, aim=math.pi, by="b")
    assert not player(game, "a")["alive"]
    run(game, 0.2)
    assert player(game, "a")["alive"]
    assert (player(game, "a")["rail_cooldown"], player(game, "a")["cooldown"]) == (0, 0)


def test_the_dead_do_not_fire() -> None:
    game = duel()
    set_player(game, "a", c.ALIVE, 0.0)
    set_player(game, "a", c.RESPAWN, 5.0)
    press(game, "a", rail=True)
    assert not run(game, 1)


# --- The beam --------------------------------------------------------------------------------------------------------


def test_the_beam_ends_at_the_first_body() -> None:
    game = begin("a", "far", "near")
    place(game, "a", 400, 1000)
    place(game, "far", 900, 1000)
    place(game, "near", 800, 1012)
    assert shoot(game)["target"] == "near"
    assert player(game, "far")["hp"] == 100


def test_of_two_who_are_met_at_once_it_hits_the_lower_row() -> None:
    game = begin("a", "b", "x")
    place(game, "a", 400, 1000)
    for player_id in "bx":
        place(game, player_id, 800, 1000)
    assert shoot(game)["target"] == "b"


@pytest.mark.parametrize("beside", [-30.0, -20.5, -19.5, 0.0, 19.5, 20.5, 30.0])
def test_it_hits_a_body_and_nothing_around_it(beside: float) -> None:
    game = duel()
    place(game, "b", 900, 1000 + beside)
    assert (shoot(game)["target"] == "b") == (abs(beside) < 20)


@pytest.mark.parametrize(("kind", "radius"), [(c.CHASER, 18.0), (c.SHOOTER, 20.0)])
def test_so_with_enemies(kind: int, radius: float) -> None:
    for beside in (radius - 2, radius + 2):  # it moves by up to one unit
        game = begin("a")
        place(game, "a", 400, 1000)
        enemy = add_enemy(game, kind, 900, 1000 + beside)
        beam = shoot(game)
        assert (beam["target"], beam["target_kind"]) == ((enemy, "enemy") if beside < radius else ("", ""))


def test_it_reaches_1200_units() -> None:
    assert shoot(duel(1219))["target"] == "b"
    beam = shoot(duel(1221))
    assert (beam["target"], beam["target_kind"], beam["to_x"], beam["to_y"]) == ("", "", 1600, 1000)


@pytest.mark.parametrize("aim", [0.3, 2.0, -2.5, -0.7, math.pi / 2])
def test_it_ends_at_the_edge_of_the_field(aim: float) -> None:
    game = begin("a", width=800, height=800)
    place(game, "a", 300, 500)
    beam = shoot(game, aim)
    x, y = float(str(beam["to_x"])), float(str(beam["to_y"]))
    assert math.atan2(y - 500, x - 300) == pytest.approx(aim, abs=1e-3)
    assert min(abs(x), abs(y), abs(x - 800), abs(y - 800)) < 0.1
    assert -0.1 <= x <= 800.1
    assert -0.1 <= y <= 800.1


def test_a_wall_ends_it() -> None:
    for seed in range(5):
        game = begin("a", "b", walls=True, seed=seed)
        left, top, width, height = min(game.map.walls, key=lambda wall: wall[2])
        place(game, "a", left - 25, top + height / 2)
        place(game, "b", left + width + 21, top + height / 2)
        beam = shoot(game)
        assert (beam["target"], beam["to_x"]) == ("", left)
        assert player(game, "b")["hp"] == 100


def test_somebody_in_the_same_place_is_hit() -> None:
    beam = shoot(duel(0))
    assert (beam["target"], beam["to_x"], beam["to_y"]) == ("b", 400, 1000)


def test_a_protected_player_stops_it_and_is_not_hurt() -> None:
    game = begin("a", "b", "x")
    for player_id, x in (("a", 400), ("b", 600), ("x", 700)):
        place(game, player_id, x, 1000)
    set_player(game, "b", c.SAFE, 5.0)
    press(game, "a", rail=True)
    (beam,) = run(game, TICK)
    assert (beam.data["target"], beam.data["target_kind"], beam.data["to_x"]) == ("", "", 580)


def test_friends_let_it_through() -> None:
    game = begin("a", "b", "x", teams={"a": "red", "b": "red", "x": "blue"}, mode="teams")
    for player_id, x in (("a", 400), ("b", 600), ("x", 700)):
        place(game, player_id, x, 1000)
    assert shoot(game)["target"] == "x"
    game = begin("a", "b", teams={"a": "red", "b": "red"}, mode="teams", friendly_fire=True)
    place(game, "a", 400, 1000)
    place(game, "b", 600, 1000)
    assert shoot(game)["target"] == "b"


def test_the_shield_takes_its_damage_first() -> None:
    game = duel(rail_damage=60)
    set_player(game, "b", c.SHIELD, 50.0)
    shoot(game)
    assert (player(game, "b")["shield"], player(game, "b")["hp"]) == (0, 90)


# --- What is told ----------------------------------------------------------------------------------------------------


def test_a_kill_names_its_weapon_and_scores() -> None:
    game = duel(rail_damage=200)
    press(game, "a", rail=True)
    (kill,) = named(run(game, TICK), "kill")
    assert (kill["killer"], kill["victim"], kill["weapon"]) == ("a", "b", "rail")
    assert score(game, "a")["score"] == 1


def test_so_does_a_fallen_enemy_and_it_is_gone_in_the_same_tick() -> None:
    game = begin("a", mode="coop")
    place(game, "a", 400, 1000)
    enemy = add_enemy(game, c.CHASER, 900, 1000)
    press(game, "a", rail=True)
    events = run(game, TICK)
    (down,) = named(events, "enemy_down")
    assert (down["enemy"], down["weapon"]) == (enemy, "rail")
    assert game.get_game_state()["enemies"] == {}
    assert score(game, "a")["score"] == 1


def test_bullets_and_bites_name_their_weapons_too() -> None:
    game = begin("a", "b", respawn_time=60.0)
    place(game, "a", 1000, 1000)
    place(game, "b", 1100, 1000)
    set_player(game, "b", c.HP, 1.0)
    press(game, "a", fire=True)
    events = run(game, 0.2)
    press(game, "a")
    assert {(event.name, event.data["weapon"]) for event in events} == {("hit", "gun"), ("kill", "gun")}
    set_player(game, "a", c.HP, 1.0)
    add_enemy(game, c.CHASER, 1010, 1000)
    events = run(game, TICK)
    assert {(event.name, event.data["weapon"]) for event in events} == {("hit", "bite"), ("kill", "bite")}
    game = begin("a")
    place(game, "a", 1000, 1000)
    add_enemy(game, c.SHOOTER, 1300, 1000)
    assert {hit["weapon"] for hit in named(run(game, 3), "hit")} == {"gun"}


def test_two_who_shoot_each_other_in_the_same_tick_both_fall() -> None:
    game = duel(rail_damage=200)
    press(game, "a", rail=True)
    press(game, "b", aim=math.pi, rail=True)
    assert {kill["victim"] for kill in named(run(game, TICK), "kill")} == {"a", "b"}


def test_everybody_may_fire_in_the_same_tick() -> None:
    """There is room for all that is to be told."""
    names = [f"p{number}" for number in range(60)]
    game = begin(*names, rail_damage=1000, fire_cooldown=0.02)
    for player_id in names:
        place(game, player_id, 1000, 1000)
        game.view_lag[player_id] = 3.0
        press(game, player_id, rail=True)
    events = run(game, TICK)
    assert len(named(events, "rail")) == 60
    # The first hits the second, who is dead for the next: the lowest living row that is not the shooter falls.
    assert len(named(events, "kill")) == len(named(events, "hit")) == 60


# --- Bullets and inputs ----------------------------------------------------------------------------------------------


def test_bullets_tell_the_tick_in_which_they_were_fired() -> None:
    game = begin("a", shot_life=5.0, shot_speed=50.0)
    game._tables.counters[c.TICK] = 250
    press(game, "a", fire=True)
    run(game, 0.7)
    # Fired in ticks 251, 257, 263, 269.
    assert [bullet["born"] for bullet in game.get_game_state()["bullets"].values()] == [251, 1, 7, 13]
    add_enemy(game, c.SHOOTER, 1300, 1000)
    place(game, "a", 1000, 1000)
    press(game, "a")
    run(game, TICK)
    (shot,) = [bullet for bullet in game.get_game_state()["bullets"].values() if not bullet["owner"]]
    assert shot["born"] == int(game._tables.counters[c.TICK]) % 256


inputs = st.builds(
    ArenaInput,
    move_x=st.floats(-1, 1),
    move_y=st.floats(-1, 1),
    aim=st.floats(-4, 4),
    fire=st.booleans(),
    rail=st.booleans(),
)


@given(inputs, inputs)
def test_of_two_inputs_for_a_tick_the_newer_counts_and_no_press_is_lost(older: ArenaInput, newer: ArenaInput) -> None:
    merged = Arena.merge_inputs(older, newer)
    assert (merged.move_x, merged.move_y, merged.aim) == (newer.move_x, newer.move_y, newer.aim)
    assert merged.fire == (older.fire or newer.fire)
    assert merged.rail == (older.rail or newer.rail)


@given(inputs)
def test_who_is_not_heard_of_lets_go_and_keeps_the_aim(last: ArenaInput) -> None:
    assert Arena.release_input(last) == ArenaInput(aim=last.aim)
