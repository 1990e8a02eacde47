"""The golden trajectories are what the kernels do; browsers are held to the same file (tests/web)."""

import json

import pytest

from tests.golden import arena_movement
from tests.golden.arena_movement import FILE, Digest, XorShift

GOLDEN = json.loads(FILE.read_text())


def test_the_file_has_all_cases_and_enough_of_each() -> None:
    assert len(GOLDEN["movement"]) == len(arena_movement._MOVEMENT)
    assert len(GOLDEN["timers"]) == len(arena_movement._TIMERS)
    assert sum(case["steps"] for case in GOLDEN["movement"]) >= 40_000
    assert {case["tick_rate"] for case in GOLDEN["movement"]} == {20, 30, 60, 64}
    assert FILE.stat().st_size < 200_000


@pytest.mark.parametrize("number", range(len(arena_movement._MOVEMENT)))
def test_the_kernels_move_a_player_as_the_file_says(number: int) -> None:
    assert arena_movement.movement(arena_movement._MOVEMENT[number]) == GOLDEN["movement"][number]


@pytest.mark.parametrize("number", range(len(arena_movement._TIMERS)))
def test_the_kernels_fire_when_the_file_says(number: int) -> None:
    assert arena_movement.timers(arena_movement._TIMERS[number]) == GOLDEN["timers"][number]


def test_many_steps_are_against_walls_and_edges() -> None:
    touching = total = 0
    for case in GOLDEN["movement"]:
        area = GOLDEN["maps"][case["map"]]
        for x, y, _, _ in case["samples"]:
            x, y = x / 8, y / 8
            gaps = [x, y, area["width"] - x, area["height"] - y]
            for left, top, width, height in area["walls"]:
                gaps.append(
                    ((x - min(max(x, left), left + width)) ** 2 + (y - min(max(y, top), top + height)) ** 2) ** 0.5
                )
            total += 1
            touching += min(gaps) < 20.2
    assert touching > 0.2 * total


def test_the_generator_and_the_digest_are_the_well_known_ones() -> None:
    """So that others can write them from their names."""
    chance = XorShift(2463534242)  # Marsaglia's own example
    assert chance.next() == 723471715
    digest = Digest()
    digest.add(b"foobar")
    assert str(digest) == "bf9cf968"
