"""Maps: the same for the same seed, symmetric, without closed pockets, with room to pass and places to appear."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rumpus.games.arena.arena_map import build_map
from rumpus.games.arena.constants import PICKUP_RADIUS
from rumpus.games.arena.terrain import Terrain
from tests.support.examples import examples
from tests.support.flood import is_one_place

SIZES = [(800, 800), (2000, 2000), (1234, 1777), (3000, 1000)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(12))
def test_every_open_place_can_be_reached(seed: int, size: tuple[int, int]) -> None:
    assert is_one_place(build_map(*size, seed).solid)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(12))
def test_nobody_has_the_better_ground(seed: int, size: tuple[int, int]) -> None:
    width, height = size
    walls = {tuple(wall) for wall in build_map(width, height, seed).walls}
    assert {(width - x - w, height - y - h, w, h) for x, y, w, h in walls} == walls


@pytest.mark.parametrize("seed", range(12))
def test_walls_are_thick_apart_and_within_the_field(seed: int) -> None:
    walls = build_map(2000, 2000, seed).walls
    assert len(walls) >= 12
    for number, (x, y, w, h) in enumerate(walls):
        assert min(w, h) >= 50
        assert x >= 100
        assert y >= 100
        assert x + w <= 1900
        assert y + h <= 1900
        for other_x, other_y, other_w, other_h in walls[:number]:
            apart_x = max(other_x - x - w, x - other_x - other_w)
            apart_y = max(other_y - y - h, y - other_y - other_h)
            touching = max(apart_x, apart_y) == 0
            assert touching or max(apart_x, apart_y) >= 50


@pytest.mark.parametrize("seed", range(12))
def test_walls_give_cover_and_leave_open_places(seed: int) -> None:
    covered = sum(w * h for _, _, w, h in build_map(2000, 2000, seed).walls) / 2000**2
    assert 0.04 < covered < 0.2


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(12))
def test_spawn_points_and_pickups_are_clear_of_walls(seed: int, size: tuple[int, int]) -> None:
    found = build_map(*size, seed)
    assert len(found.spots) >= 4
    places = [(x, y, 40.0) for x, y in found.spots.tolist()] + [(x, y, PICKUP_RADIUS + 20.0) for x, y, _ in found.pads]
    for x, y, room in places:
        assert room <= x <= size[0] - room
        assert room <= y <= size[1] - room
        for left, top, w, h in found.walls:
            assert math.hypot(x - min(max(x, left), left + w), y - min(max(y, top), top + h)) >= room


def test_the_seed_decides_the_map() -> None:
    build_map.cache_clear()
    one = build_map(2000, 2000, 5).walls
    build_map.cache_clear()
    assert build_map(2000, 2000, 5).walls == one
    assert len({str(build_map(2000, 2000, seed).walls) for seed in range(10)}) == 10


def test_without_walls_there_are_none() -> None:
    bare = build_map(2000, 2000, 1, walls=False)
    assert bare.walls == []
    assert not bare.solid[:40, :40].any()
    assert len(bare.spots) >= 12


def test_the_number_of_pickups_follows_the_setting() -> None:
    counts = [len(build_map(2000, 2000, 1, True, density).pads) for density in (0.0, 0.5, 1.0, 2.0)]
    assert counts[0] == 0
    assert counts == sorted(counts)
    assert 6 <= counts[2] <= 10


def test_pickups_of_one_kind_mirror_each_other() -> None:
    pads = {(x, y): kind for x, y, kind in build_map(2000, 2000, 3).pads}
    assert all(pads[2000 - x, 2000 - y] == kind for (x, y), kind in pads.items())


def test_the_lookup_lists_every_wall_within_reach() -> None:
    found = build_map(2000, 2000, 4)
    columns, rows = found.lookup_size
    for row in range(rows):
        for column in range(columns):
            cell = row * columns + column
            listed = set(found.lookup[found.lookup[cell] : found.lookup[cell + 1]].tolist())
            for number, (x, y, w, h) in enumerate(found.walls):
                apart_x = max(x - (column + 1) * 100, column * 100 - x - w)
                apart_y = max(y - (row + 1) * 100, row * 100 - y - h)
                if max(apart_x, apart_y) < 48:
                    assert number in listed


def test_a_large_map_is_drawn_within_a_second_or_two() -> None:
    large = build_map(12_000, 12_000, 1)
    assert len(large.walls) > 500
    assert len(large.spots) > 300
    assert is_one_place(large.solid)


# --- What bots make of a map -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_routes_lead_around_walls(seed: int) -> None:
    found = build_map(2000, 2000, seed)
    terrain = Terrain(2000, 2000, found.walls)
    spots = [(x, y) for x, y in found.spots.tolist()]
    for start, goal in zip(spots, spots[3:], strict=False):
        route = terrain.route(start, goal)
        assert route[-1] == goal
        assert math.dist(route[-2] if len(route) > 1 else start, goal) < 80 or terrain.walks(*start, *goal)
        for x, y in route:
            assert terrain.fits(x, y)


edges = st.integers(-100, 1000) | st.floats(-100, 1000)
lengths = st.integers(0, 300) | st.floats(0, 300)


@given(walls=st.lists(st.tuples(edges, edges, lengths, lengths), max_size=6))
@settings(max_examples=examples(200))
def test_a_cell_is_closed_if_its_middle_is_too_close_to_a_wall(walls: list[tuple[float, float, float, float]]) -> None:
    terrain = Terrain(1000, 900, walls)
    for bitmap, around in ((terrain._no_body, 22.0), (terrain._no_shot, 6.0)):
        for cell, closed in enumerate(bitmap):
            x, y = (cell % terrain.columns + 0.5) * 25, (cell // terrain.columns + 0.5) * 25
            # Doubles that differ by a rounding are neither.
            nearest = min(
                (
                    math.hypot(x - min(max(x, left), left + w), y - min(max(y, top), top + h))
                    for left, top, w, h in walls
                ),
                default=1e9,
            )
            assert closed == (nearest < around) or abs(nearest - around) < 1e-9


def test_walls_hide_and_openings_show() -> None:
    terrain = Terrain(1000, 1000, [[400, 300, 50, 400]])
    assert not terrain.sees(300, 500, 600, 500)
    assert terrain.sees(300, 200, 600, 200)
    assert not terrain.walks(300, 285, 600, 285)
    assert terrain.sees(300, 285, 600, 285)
    assert not terrain.fits(425, 500)
    assert not terrain.fits(10, 500)
    assert Terrain(1000, 1000, []).sees(0, 0, 999, 999)


def test_a_goal_that_cannot_be_reached_is_headed_for_all_the_same() -> None:
    ring = [[400, 400, 200, 50], [400, 550, 200, 50], [400, 450, 50, 100], [550, 450, 50, 100]]
    terrain = Terrain(1000, 1000, ring)
    assert terrain.route((100, 500), (500, 500))[-1] == (500, 500)
