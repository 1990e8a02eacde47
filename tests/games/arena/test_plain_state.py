"""The plain state has exactly the documented shape, and nothing in it is null, unrounded or not JSON."""

import msgspec
import pytest

from rumpus.games.arena import Arena, ArenaInput, ArenaSettings
from tests.support.arena_matches import Scripted, begin, run

PLAYER = {
    "x": float,
    "y": float,
    "vx": float,
    "vy": float,
    "angle": float,
    "hp": int,
    "shield": int,
    "team": str,
    "alive": bool,
    "protected": bool,
    "rapid": bool,
    "cooldown": float,
    "respawn_in": float,
    "rail_cooldown": float,
}
SCORE = {"score": int, "kills": int, "deaths": int, "team": str}
ENEMY = {"kind": str, "x": float, "y": float, "angle": float, "hp": int, "max_hp": int}
BULLET = {"x": float, "y": float, "born": int, "owner": str}
PICKUP = {"kind": str, "x": float, "y": float}
MATCH = {"time_left": float, "wave": int, "lives": int, "enemies_left": int, "red_score": int, "blue_score": int}
STATIC = {"mode": str, "map": dict, "score_limit": int, "time_limit": float}
SHAPES = {"players": PLAYER, "scores": SCORE, "enemies": ENEMY, "bullets": BULLET, "pickups": PICKUP}


def lively(mode: str, players: int = 8) -> Arena:
    game = begin(
        *(f"p{number}" for number in range(players)),
        mode=mode,
        walls=True,
        enemies=6,
        pickups=1.0,
        protection=1.0,
        seed=9,
    )
    scripted = Scripted(2)
    for tick in range(300):
        scripted.feed(game, tick)
        game.update(1 / 30)
    return game


@pytest.mark.parametrize("mode", ["ffa", "teams", "coop"])
def test_the_state_has_the_documented_shape(mode: str) -> None:
    game = lively(mode)
    state = game.get_game_state()
    assert {name: type(value) for name, value in state.items()} == {**STATIC, **MATCH, **dict.fromkeys(SHAPES, dict)}
    assert game.get_static_state() == {name: state[name] for name in STATIC}
    assert set(state["map"]) == {"width", "height", "walls"}
    assert all(len(wall) == 4 for wall in state["map"]["walls"])
    assert {entity["team"] for entity in state["players"].values()} == ({"red", "blue"} if mode == "teams" else {""})
    # The same players in the same order, so that a row is the same in both tables.
    assert [(name, score["team"]) for name, score in state["scores"].items()] == [
        (name, entity["team"]) for name, entity in state["players"].items()
    ]
    for name, shape, initial in (
        ("players", PLAYER, "p"),
        ("scores", SCORE, "p"),
        ("enemies", ENEMY, "e"),
        ("bullets", BULLET, "b"),
        ("pickups", PICKUP, "k"),
    ):
        assert state[name], name
        for entity_id, entity in state[name].items():
            assert entity_id.startswith(initial)
            assert {key: type(value) for key, value in entity.items()} == shape
            assert "x" not in shape or entity["x"] * 8 == round(entity["x"] * 8)


def test_the_state_survives_json() -> None:
    state = lively("teams").get_game_state()
    assert msgspec.json.decode(msgspec.json.encode(state)) == state
    assert b"null" not in msgspec.json.encode(state)


def test_each_state_stays_as_it_was() -> None:
    game = lively("ffa")
    state = game.get_game_state()
    copy = msgspec.json.encode(state)
    run(game, 2)
    game.get_game_state()
    assert msgspec.json.encode(state) == copy


def test_the_map_is_the_same_object_throughout_a_match() -> None:
    game = lively("ffa")
    first = game.get_game_state()["map"]
    run(game, 1)
    assert game.get_game_state()["map"] is first


def test_names_of_bullets_enemies_and_pickups_are_used_once() -> None:
    game = begin(*"abcdef", enemies=6, enemy_respawn=0.2, pickups=1.0, pickup_time=0.5, respawn_time=0.2)
    scripted = Scripted(5)
    gone: set[str] = set()
    before: set[str] = set()
    for tick in range(900):
        scripted.feed(game, tick)
        game.update(1 / 30)
        state = game.get_game_state()
        now = {*state["bullets"], *state["enemies"], *state["pickups"]}
        assert not now & gone
        gone |= before - now
        before = now
    assert len(gone) > 200


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"mode": "race"}, "mode"),
        ({"time_limit": -1}, "time_limit"),
        ({"width": 799}, "width"),
        ({"height": 16_001}, "height"),
        ({"enemies": 401}, "enemies"),
        ({"seed": -1}, "seed"),
        ({"friendly_fire": 3}, "friendly_fire"),
        ({"shot_damage": 0}, "shot_damage"),
        ({"player_speed": 1e9}, "player_speed"),
        ({"pickups": "many"}, "pickups"),
    ],
)
def test_settings_out_of_range_are_refused(given: dict[str, object], complaint: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=complaint):
        msgspec.convert(given, ArenaSettings)


@pytest.mark.parametrize("given", [{"move_x": 1.01}, {"move_y": -2}, {"aim": 1e7}, {"fire": "yes"}, {"move_x": None}])
def test_inputs_out_of_range_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(given, ArenaInput)


def test_every_setting_has_a_default_and_clients_choose_among_known_ones() -> None:
    names = {field.name for field in msgspec.structs.fields(ArenaSettings)}
    assert Arena.player_settings.keys() <= names
    assert msgspec.json.schema(ArenaInput)["$defs"]["ArenaInput"]["properties"].keys() == {
        "move_x",
        "move_y",
        "aim",
        "fire",
        "rail",
    }
    assert ArenaSettings().time_limit == 180
    assert ArenaSettings(mode="coop").enemy_count == 8
