"""The kernels that draw maps: every map is what it always was, and each part does what it stands for."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rumpus.compiled import kernel
from rumpus.games.arena import arena_map
from rumpus.games.arena.arena_map import bare_map, build_map, survey_walls
from rumpus.games.arena.constants import LOOKUP_CELL, LOOKUP_MARGIN, NAV_CELL, PLAYER_RADIUS
from rumpus.games.arena.drawing import below, toss
from tests.golden import arena_maps
from tests.support.examples import examples
from tests.support.flood import is_one_place

GOLDEN = json.loads(arena_maps.FILE.read_text())
Rects = NDArray[np.int64]


def test_every_map_is_the_one_that_its_seed_has_always_given() -> None:
    assert [case for *case, digest in GOLDEN if arena_maps.digest(build_map(*case)) != digest] == []


def test_the_file_has_all_maps() -> None:
    assert [tuple(case) for *case, _ in GOLDEN] == list(arena_maps.cases())
    assert len({digest for *_, digest in GOLDEN}) == len(GOLDEN) > 200


@pytest.mark.parametrize("number", [0, 60, 100, 160, 175, 190])
def test_too_few_words_are_noticed_and_more_give_the_same_map(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    *case, digest = GOLDEN[number]
    monkeypatch.setattr(arena_map, "_FEW_WORDS", 1 - case[0] * case[1] // 2000)
    build_map.cache_clear()
    assert arena_maps.digest(build_map(*case)) == digest


@kernel
def draw(words: Any, cursor: Any, limits: Any, drawn: Any) -> None:
    for number in range(limits.size):
        drawn[number, 0] = toss(words, cursor)
        drawn[number, 1] = below(words, cursor, limits[number])


@given(seed=st.text(), limits=st.lists(st.integers(1, 70) | st.integers(1, 2**32 - 1), max_size=60))
def test_words_are_used_as_python_uses_them(seed: str, limits: list[int]) -> None:
    chance, python = arena_map._Chance(seed, 10_000), random.Random(seed)
    drawn = np.zeros((len(limits), 2), dtype=np.int64)
    draw(chance.words, chance.cursor, np.array(limits, dtype=np.int64), drawn)
    assert drawn.tolist() == [[python.random() < 0.5, python.randrange(limit)] for limit in limits]
    assert not chance.exhausted


walls = st.lists(
    st.tuples(st.integers(0, 24), st.integers(0, 24), st.integers(1, 16), st.integers(1, 16)), max_size=14
).map(lambda rects: np.array(rects, dtype=np.int64).reshape(-1, 4) * 50)


@given(width=st.integers(800, 1300), height=st.integers(800, 1300), walls=walls, shift=st.integers(0, 49))
@settings(max_examples=examples(200))
def test_a_survey_finds_what_the_walls_say(width: int, height: int, walls: Rects, shift: int) -> None:
    walls[:, :2] += shift
    found = survey_walls(width, height, walls)
    x, y, w, h = (column[:, None, None].astype(float) for column in walls.T)
    xs, ys = (((np.arange(-(-size // 50)) + 0.5) * NAV_CELL) for size in (width, height))
    dx = xs[None, None, :] - np.clip(xs[None, None, :], x, x + w)
    dy = ys[None, :, None] - np.clip(ys[None, :, None], y, y + h)
    solid = (dx**2 + dy**2 < PLAYER_RADIUS**2).any(axis=0)
    solid |= (xs > width - PLAYER_RADIUS)[None, :] | (ys > height - PLAYER_RADIUS)[:, None]
    assert (found.solid == solid).all()
    assert found.connected == is_one_place(solid)
    across, down = found.lookup_size
    assert (across, down) == (-(-width // 100), -(-height // 100))
    assert found.lookup.size == found.lookup[across * down]
    for cell in range(across * down):
        left, top = cell % across * LOOKUP_CELL, cell // across * LOOKUP_CELL
        listed = found.lookup[found.lookup[cell] : found.lookup[cell + 1]].tolist()
        assert listed == [
            number
            for number, (x, y, w, h) in enumerate(walls.tolist())
            if x - LOOKUP_MARGIN < left + LOOKUP_CELL
            and x + w + LOOKUP_MARGIN >= left
            and y - LOOKUP_MARGIN < top + LOOKUP_CELL
            and y + h + LOOKUP_MARGIN >= top
        ]


def test_a_pocket_is_noticed() -> None:
    ring = np.array([[400, 400, 200, 50], [400, 550, 200, 50], [400, 450, 50, 100], [550, 450, 50, 100]])
    assert not survey_walls(1000, 1000, ring).connected
    assert survey_walls(1000, 1000, ring[:3]).connected


def test_a_map_with_a_pocket_loses_walls_until_it_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """No draw gives such a map; if one did, it could be played all the same."""
    ring = np.array([[400, 400, 200, 50], [400, 550, 200, 50], [400, 450, 50, 100], [550, 450, 50, 100]])
    fine = np.array([[100, 100, 50, 50], [850, 850, 50, 50]])
    monkeypatch.setattr(arena_map, "_walls", lambda *_: np.concatenate((fine, ring)))
    build_map.cache_clear()
    try:
        assert build_map(1000, 1000, 1).walls == fine.tolist()
    finally:
        build_map.cache_clear()


def test_a_bare_map_is_of_the_types_that_kernels_are_compiled_for() -> None:
    bare, drawn = bare_map(800, 900), build_map(800, 900, 1, False, 0.0)
    for one, other in ((bare.edges, drawn.edges), (bare.lookup, drawn.lookup), (bare.solid, drawn.solid)):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
    assert bare.lookup.tolist() == drawn.lookup.tolist()
    assert bare.spots.flags.c_contiguous
    assert bare.spots.dtype == drawn.spots.dtype
