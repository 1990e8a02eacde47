"""Same seed, same inputs: the same match to the last bit, after 10,000 ticks, after saving, without the compiler."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rumpus.game import PlayerInfo
from rumpus.games.arena import Arena, ArenaSettings
from rumpus.games.arena import constants as c
from rumpus.games.arena.storage import _MAGIC, SavedMatch
from tests.support.arena_matches import TICK, Scripted, begin, run
from tests.support.examples import examples

ROOT = Path(__file__).parents[3]


def play(
    seed: int,
    ticks: int,
    mode: str = "ffa",
    grid: int = c.GRID_AUTO,
    comings: bool = True,
    late: bool = False,
    **more: object,
) -> Arena:
    """A match of scripted players who also come and go, and whose pictures are late if `late`."""
    lively = {"walls": True, "enemies": 12, "pickups": 1.0, "protection": 1.0, "pickup_time": 4.0, "time_limit": 0}
    game = begin(*"abcdefgh", mode=mode, seed=seed, **{**lively, **more})
    game._tables.counters[c.GRID_RULE] = grid
    scripted = Scripted(seed)
    if late:
        game.world.keep_history(10)
        game.view_lag = {player_id: number * 1.3 for number, player_id in enumerate("abcdefgh")}
    for tick in range(ticks):
        scripted.feed(game, tick)
        if comings and tick % 500 == 250:
            ids = game.world.players.ids()
            game.remove_player(ids[tick // 500 % len(ids)])
            game.add_player(f"n{tick}", PlayerInfo(player_id=f"n{tick}", name="new"))
        game.update(TICK)
        game.world.remember(tick + 1)
        game.take_events()
    game._tables.counters[c.GRID_RULE] = c.GRID_AUTO
    return game


@pytest.mark.parametrize("mode", ["ffa", "teams", "coop"])
def test_the_same_match_is_the_same_to_the_bit_after_10_000_ticks(mode: str) -> None:
    one, other = (play(7, 10_000, mode, lives=1000, waves=0) for _ in range(2))
    assert one.save() == other.save()
    assert one.get_game_state() == other.get_game_state()
    assert sum(one.scores.values()) != 0


def test_so_is_one_of_players_whose_pictures_are_late() -> None:
    one, other, without = (play(7, 2000, late=late, score_limit=0) for late in (True, True, False))
    assert one.save() == other.save() != without.save()


def test_another_seed_is_another_match() -> None:
    assert play(1, 300).get_game_state() != play(2, 300).get_game_state()


def test_the_seed_of_the_settings_decides_the_map_and_the_secret_one_the_rest() -> None:
    states = {}
    for seed, secret in ((1, 5), (1, 5), (1, 6), (2, 5)):
        game = Arena()
        game.secret_seed = secret
        game.initialize_game(ArenaSettings(seed=seed, enemies=8))
        game.add_player("a", PlayerInfo(player_id="a", name="a"))
        game.update(TICK)
        assert states.setdefault((seed, secret), game.get_game_state()) == game.get_game_state()
    one, other_secret, other_map = states.values()
    assert one["map"] == other_secret["map"] != other_map["map"]
    assert one["pickups"] == other_secret["pickups"]
    assert one["enemies"] != other_secret["enemies"]


def test_a_saved_match_knows_its_secret() -> None:
    game = Arena()
    game.secret_seed = 2**128 - 12345
    game.initialize_game(ArenaSettings())
    loaded = Arena()
    loaded.load(game.save())
    assert loaded.secret_seed == game.secret_seed


@pytest.mark.parametrize("seed", range(4))
def test_the_grid_and_trying_all_pairs_give_the_same_match(seed: int) -> None:
    more = {"fire_cooldown": 0.05, "shot_speed": 1500.0, "shot_damage": 50, "enemies": 40}
    never = play(seed, 1200, grid=c.GRID_NEVER, late=seed % 2 == 1, **more)
    always = play(seed, 1200, grid=c.GRID_ALWAYS, late=seed % 2 == 1, **more)
    assert never.save() == always.save()
    assert sum(never.scores.values()) > 3


def test_the_grid_and_trying_all_pairs_agree_at_a_slow_tick_rate() -> None:
    games = []
    for grid in (c.GRID_NEVER, c.GRID_ALWAYS):
        game = begin(*"abcdefgh", enemies=20, shot_speed=2000.0, fire_cooldown=0.1, width=1000, height=1000)
        game._tables.counters[c.GRID_RULE] = grid
        scripted = Scripted(3)
        for tick in range(400):
            scripted.feed(game, tick)
            game.update(0.1)
        game._tables.counters[c.GRID_RULE] = c.GRID_AUTO
        games.append(game.save())
    assert games[0] == games[1]


@pytest.mark.parametrize("mode", ["ffa", "teams", "coop"])
@pytest.mark.parametrize("ticks", [0, 1, 137, 600])
def test_a_loaded_match_goes_on_as_if_nothing_had_been(mode: str, ticks: int) -> None:
    original = play(3, ticks, mode)
    data = original.save()
    loaded = Arena()
    loaded.load(data)
    assert loaded.save() == data
    assert loaded.get_game_state() == original.get_game_state()
    assert loaded.is_game_over() == original.is_game_over()
    one, other = Scripted(8), Scripted(8)
    for tick in range(400):
        one.feed(original, tick)
        other.feed(loaded, tick)
        original.update(TICK)
        loaded.update(TICK)
        assert original.take_events() == loaded.take_events()
    assert original.save() == loaded.save()


def test_a_pressed_trigger_survives_saving() -> None:
    game = begin("a", "b")
    for player_id, pressed in (("a", Arena.Input(fire=True)), ("b", Arena.Input(rail=True))):
        game.process_input(player_id, pressed)
        game.process_input(player_id, Arena.Input())
    loaded = Arena()
    loaded.load(game.save())
    events = run(loaded, TICK)
    assert len(loaded.get_game_state()["bullets"]) == 1
    assert [event.data["by"] for event in events if event.name == "rail"] == ["b"]


def test_how_long_the_rail_takes_survives_saving() -> None:
    game = begin("a", rail_cooldown=0.77)
    game.process_input("a", Arena.Input(rail=True))
    run(game, TICK)
    loaded = Arena()
    loaded.load(game.save())
    for match in (game, loaded):
        rails = [tick for tick in range(40) if any(event.name == "rail" for event in run(match, TICK))]
        assert rails == [23]


def test_a_match_won_by_score_is_still_won_when_loaded() -> None:
    game = begin("a", score_limit=1)
    game.handle_scoring("a")
    loaded = Arena()
    loaded.load(game.save())
    assert loaded.is_game_over() == "score_limit"


def test_big_matches_are_saved_and_loaded() -> None:
    game = begin(*(f"p{number}" for number in range(60)), fire_cooldown=0.02, shot_life=5.0, shot_speed=60.0)
    for player_id in game.world.players.ids():
        game.process_input(player_id, Arena.Input(fire=True))
    run(game, 3)
    loaded = Arena()
    loaded.load(game.save())
    run(game, 1)
    run(loaded, 1)
    assert loaded.save() == game.save()


@pytest.mark.slow
def test_the_compiled_kernels_do_what_their_source_says() -> None:
    """The same match with numba's compiler switched off, in a process of its own: the same bytes."""
    script = "from tests.games.arena.test_determinism import play_for_comparison\nprint(play_for_comparison())\n"
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    plain = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert plain.returncode == 0, plain.stderr
    assert plain.stdout.split() == play_for_comparison().split()


def play_for_comparison() -> str:
    """Digests of short matches that between them use every kernel."""
    import hashlib

    games = [
        play(5, 240, "ffa", enemies=4, shot_life=0.6, shot_damage=60, width=1000, height=1000, respawn_time=0.5),
        play(
            6, 120, "teams", grid=c.GRID_NEVER, comings=False, enemies=3, friendly_fire=True, shot_life=0.5, width=900
        ),
        play(7, 420, "coop", comings=False, enemies=1, waves=1, lives=0, shot_damage=100, width=800, height=800),
        play(8, 150, "ffa", comings=False, late=True, enemies=3, width=900, height=900, shot_damage=40),
    ]
    return " ".join(hashlib.sha256(game.save() + repr(game.get_game_state()).encode()).hexdigest() for game in games)


# --- Bytes that are no match -----------------------------------------------------------------------------------------


def lively_save() -> bytes:
    return play(4, 200).save()


SAVED = lively_save()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        _MAGIC,
        _MAGIC + b"\x93",
        _MAGIC + msgspec.msgpack.encode({"a": 1}),
        SAVED[:-1],
        SAVED.replace(b"arena 5", b"arena 4", 1),
    ],
)
def test_what_is_no_saved_match_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="saved match"):
        Arena().load(data)


@given(st.data())
@settings(max_examples=examples(150))
def test_a_damaged_match_is_refused_or_plays_on_without_harm(data: st.DataObject) -> None:
    damaged = bytearray(SAVED)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(len(_MAGIC), len(damaged) - 1))] = data.draw(st.integers(0, 255))
    game = Arena()
    before = game.get_game_state()
    try:
        game.load(bytes(damaged))
    except ValueError as error:
        assert "saved match" in str(error)
        assert game.get_game_state() == before
    else:
        run(game, 0.3)
        game.get_game_state()


def change(**fields: object) -> bytes:
    saved = msgspec.msgpack.decode(SAVED[len(_MAGIC) :], type=SavedMatch)
    for name, value in fields.items():
        current = getattr(saved, name)
        setattr(saved, name, value(current) if callable(value) else value)
    return _MAGIC + msgspec.msgpack.encode(saved)


@pytest.mark.parametrize(
    "fields",
    [
        {"counters": lambda counters: counters[:-1]},
        {"counters": lambda counters: [-5, *counters[1:]]},
        {"counters": lambda counters: [counters[0], counters[1] + 1, *counters[2:]]},
        {"counters": lambda counters: [*counters[:7], 2**32, *counters[8:]]},
        {"match": lambda match: match[:-1]},
        {"match": lambda match: [1e300, *match[1:]]},
        {"match": lambda match: [*match[:2], 70_000.0, *match[3:]]},
        {"players": lambda players: players[:-1]},
        {"players": lambda players: [*players[:-1], players[0]]},
        {"player_columns": lambda data: data[:-1]},
        {"player_columns": lambda data: b"\xff" * len(data)},
        {"score_columns": b""},
        {"score_columns": lambda data: data[:-24]},
        {"score_columns": lambda data: b"\x7f" * len(data)},
        {"score_columns": lambda data: b"\0\0\0\0\0\0\xf0\xbf" * (len(data) // 8)},
        {"match": lambda match: [*match[:4], -1.0, *match[5:]]},
        {"enemy_columns": lambda data: data[:-8]},
        {"bullet_columns": lambda data: b"\x7f" * len(data)},
        {"pickup_columns": b""},
        {"inputs": b""},
        {"distances": b"\0"},
        {"distances": lambda data: b"\x7f" * len(data)},
        {"queue": b"\0\0\0\0\0"},
        {"queue": lambda data: bytes(len(data))},
        {"next_distances": lambda data: b"\xff" * len(data)},
        {"player_columns": lambda data: b"\0\0\0\0\0\0\xf0\xbf" + data[8:]},
        {"player_columns": lambda data: data[:-8] + b"\0\0\0\0\0\0\xe0\x3f"},
    ],
)
def test_a_match_that_does_not_add_up_is_refused_with_a_reason(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="the saved match is damaged: "):
        Arena().load(change(**fields))
