"""Pick-ups, waves, limits, teams, results and the life of a match."""

import math
from typing import get_args, get_type_hints

import msgspec
import pytest

from rumpus.game import PlayerInfo
from rumpus.games.arena import Arena, ArenaSettings
from rumpus.games.arena import constants as c
from tests.support.arena_matches import add_enemy, begin, down, named, place, player, press, run, score, set_player

# --- What is next ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", get_args(get_type_hints(ArenaSettings)["mode"]))
def test_players_may_choose_the_map_or_another_mode(mode: str) -> None:
    settings = ArenaSettings(mode=mode, seed=7)
    choices = Arena.next_choices(settings)
    assert 2 <= len(choices) <= 4
    assert len({title for title, _ in choices}) == len(choices)
    nexts = [msgspec.convert(msgspec.to_builtins(settings) | changes, ArenaSettings) for _, changes in choices]
    assert [(after.mode == mode, after.seed) for after in nexts] == [
        (True, 7),
        (True, None),
        (False, None),
        (False, None),
    ]


# --- Pick-ups --------------------------------------------------------------------------------------------------------


def stand_on(game: Arena, player_id: str, kind: str) -> str:
    pickup_id, pickup = next((k, p) for k, p in game.get_game_state()["pickups"].items() if p["kind"] == kind)
    place(game, player_id, pickup["x"], pickup["y"])
    return pickup_id


def test_a_map_has_pickups_of_every_kind() -> None:
    for seed in range(10):
        kinds = [p["kind"] for p in begin(pickups=1.0, walls=True, seed=seed).get_game_state()["pickups"].values()]
        assert set(kinds) == {"health", "rapid", "shield"}
        assert kinds.count("health") >= kinds.count("rapid")


def test_health_heals_the_hurt_and_is_gone_until_it_reappears_under_a_new_name() -> None:
    game = begin("a", pickups=1.0, pickup_time=3.0)
    set_player(game, "a", c.HP, 30.0)
    pickup_id = stand_on(game, "a", "health")
    count = len(game.get_game_state()["pickups"])
    (taken,) = named(run(game, 0.1), "pickup")
    assert (taken["player"], taken["kind"]) == ("a", "health")
    assert player(game, "a")["hp"] == 70
    assert pickup_id not in game.get_game_state()["pickups"]
    set_player(game, "a", c.HP, 100.0)
    run(game, 3.2)
    assert pickup_id not in game.get_game_state()["pickups"]
    assert len(game.get_game_state()["pickups"]) == count


def test_nobody_gets_healthier_than_whole() -> None:
    game = begin("a", pickups=1.0)
    set_player(game, "a", c.HP, 90.0)
    stand_on(game, "a", "health")
    run(game, 0.1)
    assert player(game, "a")["hp"] == 100


@pytest.mark.parametrize(("kind", "column", "full"), [("health", c.HP, 100.0), ("shield", c.SHIELD, 50.0)])
def test_what_is_of_no_use_stays(kind: str, column: int, full: float) -> None:
    game = begin("a", pickups=1.0)
    set_player(game, "a", column, full)
    pickup_id = stand_on(game, "a", kind)
    assert not named(run(game, 0.2), "pickup")
    assert pickup_id in game.get_game_state()["pickups"]


def test_a_shield_and_rapid_fire() -> None:
    game = begin("a", pickups=1.0)
    stand_on(game, "a", "shield")
    run(game, 0.1)
    assert player(game, "a")["shield"] == 50
    stand_on(game, "a", "rapid")
    run(game, 0.1)
    assert player(game, "a")["rapid"]
    run(game, 8)
    assert not player(game, "a")["rapid"]


def test_the_nearer_of_two_players_takes_the_pickup() -> None:
    game = begin("a", "b", pickups=1.0)
    stand_on(game, "a", "rapid")
    stand_on(game, "b", "rapid")
    set_player(game, "a", c.X, player(game, "a")["x"] + 10)
    (taken,) = named(run(game, 1 / 30), "pickup")
    assert taken["player"] == "b"


def test_the_dead_take_nothing() -> None:
    game = begin("a", "b", pickups=1.0, respawn_time=9.0)
    down(game, "b", by="a")
    place(game, "a", 30, 30)
    stand_on(game, "b", "rapid")
    assert not named(run(game, 0.2), "pickup")


# --- Co-op -----------------------------------------------------------------------------------------------------------


def clear_field(game: Arena) -> None:
    """Everything that is out there falls at once."""
    game._tables.counters[c.ENEMIES] = 0


def play_wave(game: Arena) -> int:
    """Bring down a whole wave by magic; returns how many enemies came."""
    came = set()
    for _ in range(2000):
        run(game, 1 / 30)
        came |= set(game.get_game_state()["enemies"])
        clear_field(game)
        if int(game._tables.counters[c.TO_SPAWN]) <= 0 and came:
            run(game, 1 / 30)
            return len(came)
    raise AssertionError("the wave did not end")


def test_waves_grow_and_clearing_the_last_wins() -> None:
    game = begin("a", mode="coop", enemies=3, waves=3, time_limit=0, pickups=1.0)
    sizes = []
    for number in (1, 2, 3):
        assert game.is_game_over() is False
        sizes.append(play_wave(game))
        assert game.get_game_state()["wave"] == number
    assert sizes == [3, 7, 11]
    assert game.is_game_over() == "waves_cleared"


def test_a_wave_is_announced_and_grows_with_the_number_of_players() -> None:
    game = begin("a", "b", "x", mode="coop", enemies=4)
    (wave,) = named(run(game, 5), "wave")
    assert wave == {"number": 1, "enemies": 4 + 2 * 3}


def test_waves_without_end() -> None:
    game = begin("a", mode="coop", enemies=1, waves=0, time_limit=0)
    for _ in range(7):
        play_wave(game)
    assert game.is_game_over() is False


def test_in_coop_an_enemy_is_a_point_and_a_kill() -> None:
    game = begin("a", mode="coop")
    place(game, "a", 500, 500)
    add_enemy(game, c.CHASER, 700, 500)
    press(game, "a", fire=True)
    run(game, 1)
    assert score(game, "a") == {"score": 1, "kills": 1, "deaths": 0, "team": ""}


def fall(game: Arena, player_id: str) -> None:
    """A chaser's bite too many."""
    set_player(game, player_id, c.HP, 1.0)
    set_player(game, player_id, c.SAFE, 0.0)
    add_enemy(game, c.CHASER, player(game, player_id)["x"] + 10, player(game, player_id)["y"])
    run(game, 1 / 30)
    clear_field(game)
    assert not player(game, player_id)["alive"]


def test_lives_are_shared_and_the_match_is_lost_when_none_is_left_and_all_are_down() -> None:
    game = begin("a", "b", mode="coop", lives=1, respawn_time=0.5)
    fall(game, "a")
    assert game.get_game_state()["lives"] == 0
    run(game, 0.7)
    assert player(game, "a")["alive"]
    fall(game, "a")
    run(game, 1)
    assert (player(game, "a")["alive"], player(game, "a")["respawn_in"]) == (False, 0)
    assert game.is_game_over() is False
    fall(game, "b")
    run(game, 0.1)
    assert game.is_game_over() == "defeated"


def test_a_cleared_wave_gives_a_life_and_brings_back_who_was_out() -> None:
    game = begin("a", "b", mode="coop", lives=0, enemies=1, respawn_time=0.5, time_limit=0)
    fall(game, "a")
    run(game, 1)
    assert not player(game, "a")["alive"]
    play_wave(game)
    run(game, 1)
    assert player(game, "a")["alive"]
    assert game.get_game_state()["lives"] == 1


def test_the_last_survivor_leaving_loses_the_match() -> None:
    game = begin("a", "b", mode="coop", lives=0)
    fall(game, "a")
    game.remove_player("b")
    run(game, 0.1)
    assert game.is_game_over() == "defeated"


def test_coop_has_no_score_limit() -> None:
    game = begin("a", mode="coop", score_limit=1)
    game.handle_scoring("a")
    assert game.is_game_over() is False
    assert game.get_game_state()["score_limit"] == 0


# --- Limits, teams, results ------------------------------------------------------------------------------------------


def test_the_time_limit_ends_the_match() -> None:
    game = begin("a", time_limit=2.0)
    assert game.get_game_state()["time_left"] == 2.0
    run(game, 1.9)
    assert game.is_game_over() is False
    run(game, 0.1)
    assert game.is_game_over() == "time_limit"
    assert game.get_game_state()["time_left"] == 0


def test_without_limits_a_match_goes_on() -> None:
    game = begin("a", "b", time_limit=0, score_limit=0)
    run(game, 5)
    for _ in range(100):
        game.handle_scoring("a")
    assert game.is_game_over() is False
    assert (game.get_game_state()["time_left"], game.get_game_state()["time_limit"]) == (0, 0)


def test_the_score_limit_ends_the_match() -> None:
    game = begin("a", "b", score_limit=2, respawn_time=0.0)
    down(game, "b", by="a")
    assert game.is_game_over() is False
    run(game, 0.5)
    down(game, "b", by="a")
    assert game.is_game_over() == "score_limit"


def test_in_teams_the_teams_score_counts() -> None:
    game = begin(
        "a", "b", "x", teams={"a": "red", "b": "red", "x": "blue"}, mode="teams", score_limit=2, respawn_time=0.0
    )
    down(game, "x", by="a")
    run(game, 0.5)
    down(game, "x", by="b")
    assert (game.get_game_state()["red_score"], game.get_game_state()["blue_score"]) == (2, 0)
    assert game.is_game_over() == "score_limit"


def test_teams_come_from_the_room_and_are_balanced_without_it() -> None:
    game = begin("a", "b", "x", teams={"a": "blue", "x": "green"}, mode="teams")
    assert [player(game, player_id)["team"] for player_id in "abx"] == ["blue", "red", "red"]
    assert Arena.teams(game.settings) == ("red", "blue")
    assert Arena.teams(ArenaSettings(mode="coop")) == ()


def test_teams_begin_on_their_own_sides() -> None:
    home = 0
    for seed in range(20):
        game = begin("a", "b", teams={"a": "red", "b": "blue"}, mode="teams", seed=seed)
        home += player(game, "a")["x"] < 1000 < player(game, "b")["x"]
    assert home >= 17


def test_results_name_the_best_first_and_equal_scores_share_a_rank() -> None:
    game = begin("a", "b", "x", "y")
    for player_id in "bbxa":
        game.handle_scoring(player_id)
    assert [(r.player_id, r.score, r.rank, r.team) for r in game.results()] == [
        ("b", 2, 1, None),
        ("a", 1, 2, None),
        ("x", 1, 2, None),
        ("y", 0, 4, None),
    ]


def test_in_teams_the_winning_team_ranks_first_whatever_its_members_scored() -> None:
    game = begin("a", "b", "x", "y", teams={"a": "red", "b": "red", "x": "blue", "y": "blue"}, mode="teams")
    for player_id in "xxxabbb":
        game.handle_scoring(player_id)
    ranked = [(r.player_id, r.team, r.score, r.rank) for r in game.results()]
    assert ranked == [("b", "red", 3, 1), ("a", "red", 1, 2), ("x", "blue", 3, 3), ("y", "blue", 0, 4)]


def test_scoring_for_someone_who_left_is_harmless() -> None:
    game = begin("a")
    game.handle_scoring("gone")
    assert "gone" not in game.scores


def test_players_may_come_and_go_at_any_time() -> None:
    game = begin(enemies=4, walls=True)
    for number in range(40):
        game.add_player(f"p{number}", PlayerInfo(player_id=f"p{number}", name="x"))
        press(game, f"p{number}", x=1, fire=True)
        run(game, 0.1)
        if number % 3 == 2:
            game.remove_player(f"p{number - 2}")
    state = game.get_game_state()
    assert len(state["players"]) == 40 - 13
    assert set(game.scores) == set(state["players"])
    assert all(bullet["owner"] in {"", *state["players"]} for bullet in state["bullets"].values())


def test_a_player_takes_part_once() -> None:
    game = begin("a")
    with pytest.raises(ValueError, match="already"):
        game.add_player("a", PlayerInfo(player_id="a", name="a"))


def test_hundreds_of_players_who_all_fire_fit() -> None:
    game = begin(*(f"p{number}" for number in range(300)), width=6000, height=6000, fire_cooldown=0.02, shot_life=3.0)
    for number in range(300):
        press(game, f"p{number}", aim=number, fire=True)
    run(game, 2.5)
    bullets = game.get_game_state()["bullets"]
    assert len(bullets) > 5000
    assert all(0 <= bullet["x"] <= 6000 for bullet in bullets.values())


def test_reset_forgets_the_match() -> None:
    game = begin("a", "b", enemies=5, walls=True, mode="teams")
    fresh = begin(enemies=5, walls=True, mode="teams").save()
    run(game, 2)
    game.handle_scoring("a")
    game.reset()
    assert game.get_game_state()["players"] == {}
    assert game.take_events() == []
    assert game.scores == {}
    assert game.save() == fresh


def test_a_new_match_is_begun_with_new_settings() -> None:
    game = begin("a")
    game.initialize_game(ArenaSettings(mode="coop", width=1000, height=900, seed=3))
    state = game.get_game_state()
    assert (state["mode"], state["map"]["width"], state["map"]["height"]) == ("coop", 1000, 900)
    assert state["players"] == {}


def test_without_a_seed_the_match_is_that_of_seed_zero() -> None:
    one, other = begin("a", seed=None, walls=True), begin("a", seed=0, walls=True)
    assert one.get_game_state() == other.get_game_state()
    assert math.isfinite(player(one, "a")["x"])
