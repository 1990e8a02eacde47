"""The tables: the kernels' numbers of columns, values that clients can be told, what is hidden and from whom."""

import math

import numpy as np
import pytest

from rumpus.game import PlayerInfo
from rumpus.games.arena import Arena
from rumpus.games.arena import constants as c
from rumpus.games.arena.world import ArenaWorld, Bullets, Enemies, Match, Pickups, Players
from rumpus.replication import KEY, NOBODY, SHOWN, SLOT, Column, Interest, TableError
from rumpus.replication.world import declared_tables
from tests.support.arena_matches import Scripted, add_enemy, begin, place, press, run, set_player

#: Columns whose constant is not simply their name in capitals.
NAMED = {
    Players: {"rail_cooldown": "RAIL_SHOWN"},
    Enemies: {},
    Bullets: {"side": "BULLET_SIDE"},
    Pickups: {"kind": "PICKUP_KIND"},
    Match: {},
}


@pytest.mark.parametrize("table", NAMED, ids=lambda table: table.__name__)
def test_the_constants_of_the_kernels_are_the_columns_of_the_tables(table: type) -> None:
    for column in table.columns:
        assert isinstance(column, Column)
        name = NAMED[table].get(column.name, column.name.upper())
        assert getattr(c, name) == column.index, f"{table.__name__}.{column.name} and {name}"


def test_so_are_those_of_the_columns_that_every_table_has() -> None:
    assert (c.SLOT, c.KEY, c.SHOWN, c.NOBODY) == (SLOT, KEY, SHOWN, NOBODY)


def test_the_counters_begin_with_the_rows_of_each_table() -> None:
    places = {
        "match": c.MATCHES,
        "players": c.PLAYERS,
        "scores": c.SCORES,
        "enemies": c.ENEMIES,
        "bullets": c.BULLETS,
        "pickups": c.PICKUPS,
    }
    assert list(declared_tables(ArenaWorld)) == list(places)
    assert list(places.values()) == list(range(c.TABLES))
    game = begin("a", "b", enemies=3, pickups=1.0)
    run(game, 0.1)
    for name, place_of in places.items():
        assert len(game.world.tables[name]) == game._tables.counters[place_of]
    assert game.world.counts.tolist() == game._tables.counters[: c.TABLES].tolist()


def busy(**settings: object) -> Arena:
    """A match in which everything happens."""
    more = {"enemies": 8, "pickups": 1.0, "walls": True, "protection": 1.0, "pickup_time": 1.0, "respawn_time": 0.5}
    game = begin(*"abcdef", **{**more, **settings})
    scripted = Scripted(4)
    for tick in range(400):
        scripted.feed(game, tick)
        game.update(1 / 30)
    return game


@pytest.mark.parametrize("mode", ["ffa", "teams", "coop"])
def test_every_tick_ends_with_values_that_clients_can_be_told(mode: str) -> None:
    game = busy(mode=mode)
    scripted = Scripted(1)
    for tick in range(150):
        scripted.feed(game, tick)
        game.update(1 / 30)
        before = game.world.cells.copy()
        game.world.quantise()
        assert (game.world.cells == before).all()


def test_a_match_that_has_just_begun_is_rounded_too() -> None:
    game = begin("a", "b", walls=True, pickups=1.0)
    before = game.world.cells.copy()
    game.world.quantise()
    assert (game.world.cells == before).all()


@pytest.mark.parametrize(
    ("column", "value", "name"),
    [(c.X, 20_000.0, "x"), (c.Y, math.nan, "y"), (c.HP, -1.0, "hp"), (c.SHIELD, 60.0, "shield"), (c.TEAM, 3.0, "team")],
)
def test_a_value_that_clients_cannot_be_told_is_an_error_with_its_place(column: int, value: float, name: str) -> None:
    game = begin("a", "b")
    set_player(game, "b", column, value)
    with pytest.raises(TableError, match=rf"players\.{name} of 'b' \(row 1\) is"):
        game.world.quantise()


def test_what_counts_up_without_end_stops_where_its_column_does() -> None:
    game = begin("a", "b", respawn_time=0.0, score_limit=0)
    game.world.scores["a"].kills = 65_535
    game.world.scores["b"].deaths = 65_535
    game.handle_scoring("a", 100_000)
    place(game, "b", 1000, 1000)
    place(game, "a", 900, 1000)
    set_player(game, "b", c.HP, 1.0)
    press(game, "a", fire=True)
    run(game, 0.4)
    assert game.get_game_state()["scores"] == {
        "a": {"score": 32_767, "kills": 65_535, "deaths": 0, "team": ""},
        "b": {"score": 0, "kills": 0, "deaths": 65_535, "team": ""},
    }
    assert game.scores["a"] == 32_767


def test_the_fastest_shots_from_every_edge_stay_in_range() -> None:
    """At a slow tick, with the largest field: bullets that leave it are gone before they would be told of."""
    game = begin(*"abcd", width=16_000, height=16_000, shot_speed=2000.0, view=0)
    for player_id, x, y, aim in (
        ("a", 20, 20, -3 * math.pi / 4),
        ("b", 15_980, 20, -math.pi / 4),
        ("c", 15_980, 15_980, math.pi / 4),
        ("d", 20, 15_980, 3 * math.pi / 4),
    ):
        place(game, player_id, x, y)
        press(game, player_id, math.cos(aim), math.sin(aim), aim, fire=True)
    run(game, 2, tick=0.2)


def test_a_new_row_is_one_that_the_encoder_has_not_seen() -> None:
    game = begin("a", enemies=5, pickups=1.0, enemy_respawn=0.0)
    tables = game._tables
    for block in (tables.enemies, tables.bullets):
        block[c.SLOT] = 7.0
        block[c.SHOWN] = -1.0
    press(game, "a", fire=True)
    run(game, 1 / 30)
    for table in (game.world.enemies, game.world.bullets):
        assert len(table) > 0
        assert not table.block[[c.SLOT, c.SHOWN], : len(table)].any()


def test_rows_that_move_take_their_slots_along() -> None:
    game = begin("a", "b", "x", fire_cooldown=0.02, shot_life=0.5)
    for player_id, aim in (("a", 0.1), ("b", 1.3), ("x", 2.9)):
        place(game, player_id, 1000, 1000)
        press(game, player_id, aim=aim, fire=True)
    slots: dict[float, float] = {}
    for tick in range(120):
        run(game, 1 / 30)
        if tick == 60:
            game.remove_player("a")
        for table in (game.world.bullets, game.world.players):
            for row in range(len(table)):
                name = (table.name, table.block[c.KEY, row])
                slot = table.block[c.SLOT, row]
                assert slot == slots.get(name, 0.0), name
                slots[name] = table.block[c.SLOT, row] = slot or len(slots) + 1.0
    assert len(slots) > 50


def test_an_empty_pad_is_shown_to_nobody_and_what_lies_there_again_has_a_new_name() -> None:
    game = begin("a", pickups=1.0, pickup_time=1.0)
    pickups = game.world.pickups
    (x, y), name = pickups.block[[c.X, c.Y], 0], pickups.block[c.KEY, 0]
    kind = pickups.get(0, "kind")
    set_player(game, "a", c.HP, 10.0)
    place(game, "a", x, y)
    run(game, 1 / 30)
    assert pickups.block[c.SHOWN, 0] == NOBODY
    place(game, "a", 20, 20)
    run(game, 1.1)
    assert pickups.block[c.SHOWN, 0] == 0
    assert pickups.block[c.KEY, 0] > name
    assert pickups.get(0, "kind") == kind


def test_bullets_name_their_player_and_enemies_bullets_nobody() -> None:
    game = begin("a", "b")
    place(game, "b", 1000, 1000)
    set_player(game, "b", c.SAFE, 60.0)
    place(game, "a", 20, 20)
    add_enemy(game, c.SHOOTER, 1300, 1000)
    press(game, "a", aim=2.0, fire=True)
    owners = set()
    for _ in range(60):
        run(game, 1 / 30)
        owners |= {bullet["owner"] for bullet in game.get_game_state()["bullets"].values()}
    assert owners == {"a", ""}


def test_a_shot_goes_where_the_input_points_and_not_where_the_picture_does() -> None:
    game = begin("a")
    press(game, "a", aim=0.012, fire=True)  # half of a step of the angle that clients see
    run(game, 1 / 30)
    assert game.get_game_state()["players"]["a"]["angle"] == 0
    velocity = game._tables.bullets[[c.VX, c.VY], 0]
    assert math.atan2(velocity[1], velocity[0]) == pytest.approx(0.012, abs=1e-9)


def test_in_a_large_field_clients_get_what_is_near() -> None:
    assert begin().world.interest is None
    assert begin(width=4000, height=4000).world.interest is None
    near = Interest(width=3000, height=1875, margin=200, around="players")
    assert begin(width=4001).world.interest == near
    assert begin(width=800, height=16_000).world.interest == near
    assert begin(width=16_000, height=16_000, view=0).world.interest is None
    assert begin(view=1000).world.interest == Interest(width=1000, height=625, margin=200, around="players")


def test_a_match_that_is_loaded_has_the_world_of_one_that_was_played() -> None:
    game = busy()
    loaded = Arena()
    loaded.load(game.save())
    assert loaded.world.players.ids() == game.world.players.ids()
    loaded.add_player("new", PlayerInfo(player_id="new", name="new"))
    assert loaded.world.players.row("new") == len(game.world.players)
    for name, table in game.world.tables.items():
        rows = len(table)
        ours, theirs = table.block[:, :rows], loaded.world.tables[name].block[:, :rows]
        # Slots are the encoder's, and numbers of strings depend on who was there before.
        texts = [c.SLOT, *([c.KEY] if name in ("players", "scores") else []), *([c.OWNER] if name == "bullets" else [])]
        assert np.delete(ours, texts, axis=0).tolist() == np.delete(theirs, texts, axis=0).tolist()
    assert not loaded.world.players.block[c.SLOT].any()
