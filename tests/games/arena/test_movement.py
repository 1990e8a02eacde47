"""Players accelerate quickly, keep to the field, slide along walls and never enter one."""

import math

import pytest

from rumpus.games.arena import Arena
from rumpus.games.arena import constants as c
from rumpus.games.arena.movement import first_wall, walk
from tests.support.arena_matches import TICK, Scripted, begin, place, player, press, run


def deepest_in_wall(game: Arena) -> float:
    """How far any living body reaches into a wall."""
    deepest = 0.0
    tables = game._tables
    players = tables.players[:, : tables.counters[c.PLAYERS]]
    bodies = [(x, y, c.PLAYER_RADIUS) for x, y, alive in players[[c.X, c.Y, c.ALIVE]].T.tolist() if alive]
    enemies = tables.enemies[:, : tables.counters[c.ENEMIES]]
    bodies += [(x, y, c.CHASER_RADIUS) for x, y in enemies[[c.X, c.Y]].T.tolist()]
    for x, y, radius in bodies:
        for left, top, width, height in game.map.walls:
            dx = x - min(max(x, left), left + width)
            dy = y - min(max(y, top), top + height)
            deepest = max(deepest, radius - math.hypot(dx, dy))
    return deepest


def test_a_player_reaches_nine_tenths_of_full_speed_in_a_sixth_of_a_second() -> None:
    game = begin("a")
    press(game, "a", x=1)
    run(game, 1 / 6)
    assert player(game, "a")["vx"] > 0.9 * 240
    run(game, 1)
    assert player(game, "a")["vx"] == 240


def test_a_player_covers_the_distance_that_the_speed_promises() -> None:
    game = begin("a")
    place(game, "a", 100, 1000)
    press(game, "a", x=1)
    run(game, 1)
    before = player(game, "a")["x"]
    run(game, 1)
    assert player(game, "a")["x"] - before == pytest.approx(240, abs=0.2)


@pytest.mark.parametrize("rate", [10, 30, 60, 128])
def test_rounding_neither_holds_back_nor_leaves_a_drift(rate: int) -> None:
    """Whatever the tick rate: full speed is reached, and who lets go stands still."""
    game = begin("a")
    place(game, "a", 100, 1000)
    press(game, "a", x=1)
    run(game, 2, tick=1 / rate)
    assert player(game, "a")["vx"] == 240
    press(game, "a")
    run(game, 2, tick=1 / rate)
    assert (player(game, "a")["vx"], player(game, "a")["vy"]) == (0, 0)


def test_running_diagonally_is_not_faster() -> None:
    game = begin("a")
    place(game, "a", 500, 500)
    press(game, "a", x=1, y=1)
    run(game, 1)
    state = player(game, "a")
    assert math.hypot(state["vx"], state["vy"]) == pytest.approx(240, abs=0.1)


def test_half_a_stick_is_half_the_speed() -> None:
    game = begin("a")
    press(game, "a", x=-0.5)
    place(game, "a", 1500, 500)
    run(game, 1)
    assert player(game, "a")["vx"] == -120


def test_an_input_holds_until_the_next() -> None:
    game = begin("a")
    press(game, "a", y=1)
    run(game, 1)
    press(game, "a")
    run(game, 1)
    assert player(game, "a")["vy"] == 0


@pytest.mark.parametrize(("x", "y"), [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1)])
def test_the_edge_of_the_field_stops_a_player(x: float, y: float) -> None:
    game = begin("a")
    press(game, "a", x=x, y=y)
    run(game, 15)
    state = player(game, "a")
    if x:
        assert state["x"] == (2000 - 20 if x > 0 else 20)
        assert state["vx"] == 0
    if y:
        assert state["y"] == (2000 - 20 if y > 0 else 20)


def test_a_player_slides_along_a_wall() -> None:
    game = begin("a", walls=True, seed=3)
    left, top, _, height = max(game.map.walls, key=lambda wall: wall[3])
    place(game, "a", left - 21, top + height - 30)
    press(game, "a", x=1, y=-1)
    run(game, 0.5)
    state = player(game, "a")
    assert state["x"] == pytest.approx(left - 20, abs=0.1)
    assert state["y"] < top + height - 60


@pytest.mark.parametrize("seed", range(6))
def test_nobody_ever_stands_in_a_wall(seed: int) -> None:
    game = begin(*"abcdefgh", walls=True, seed=seed, enemies=8, player_speed=260)
    scripted = Scripted(seed)
    for tick in range(900):
        scripted.feed(game, tick)
        game.update(TICK)
        if tick % 5 == 0:
            assert deepest_in_wall(game) < 0.5


@pytest.mark.parametrize("rate", [5, 10, 60])
def test_the_fastest_player_does_not_pass_through_walls_at_any_tick_rate(rate: int) -> None:
    for seed in range(4):
        game = begin("a", walls=True, seed=seed, player_speed=600)
        left, top, width, height = game.map.walls[0]
        place(game, "a", left - 60, top + height / 2)
        press(game, "a", x=1)
        run(game, 1, tick=1 / rate)
        assert player(game, "a")["x"] <= left - 19.9 or not top - 20 < player(game, "a")["y"] < top + height + 20
        assert width >= 50


def test_a_body_that_starts_inside_a_wall_is_put_out_of_it() -> None:
    game = begin("a", walls=True, seed=2)
    left, top, width, height = alone = next(wall for wall in game.map.walls if not touches_another(game, wall))
    for x, y in [
        (left + 1, top + height / 2),
        (left + width - 1, top + height / 2),
        (left + width / 2, top + 1),
        (left + width / 2, top + height - 1),
    ]:
        place(game, "a", x, y)
        run(game, 0.1)
        assert deepest_in_wall(game) < 0.5, (alone, x, y)


def touches_another(game: Arena, wall: list[int]) -> bool:
    left, top, width, height = wall
    return any(
        other is not wall
        and other[0] <= left + width
        and left <= other[0] + other[2]
        and other[1] <= top + height
        and top <= other[1] + other[3]
        for other in game.map.walls
    )


def test_movement_is_the_same_sums_in_python() -> None:
    """What the documentation gives as pseudo-code is what the kernels do, to the bit."""
    game = begin("a", walls=True, seed=5)
    t = game._tables
    place(game, "a", *game.map.spots[0])
    x, y = game.map.spots[0].tolist()
    vx = vy = 0.0
    for tick in range(300):
        move_x, move_y = (1.0, 0.3) if tick < 150 else (-0.7, 1.0) if tick < 250 else (0.0, 0.0)
        press(game, "a", move_x, move_y)
        game.update(TICK)
        vx, vy = plain_steer(vx, vy, move_x, move_y)
        x, y, vx, vy = plain_walk(x, y, vx, vy, game)
        x, y, vx, vy = rounded(x, 1 / 8), rounded(y, 1 / 8), rounded(vx, 1 / 4, -1024), rounded(vy, 1 / 4, -1024)
        assert (x, y, vx, vy) == tuple(t.players[[c.X, c.Y, c.VX, c.VY], 0].tolist())
    assert (vx, vy) == (0, 0)


def rounded(value: float, step: float, low: float = 0.0) -> float:
    return math.floor((value - low) / step + 0.5) * step + low


def plain_steer(vx: float, vy: float, move_x: float, move_y: float) -> tuple[float, float]:
    size = move_x * move_x + move_y * move_y
    if size > 1.0:
        move_x, move_y = move_x / math.sqrt(size), move_y / math.sqrt(size)
    share = min(14.0 * TICK, 1.0)
    change_x, change_y = (move_x * 240.0 - vx) * share, (move_y * 240.0 - vy) * share
    return (
        move_x * 240.0 if abs(change_x) < 0.25 else vx + change_x,
        move_y * 240.0 if abs(change_y) < 0.25 else vy + change_y,
    )


def plain_walk(x: float, y: float, vx: float, vy: float, game: Arena) -> tuple[float, float, float, float]:
    """Movement as a client would write it: every wall is looked at, no lookup, no numba."""
    x, y = x + vx * TICK, y + vy * TICK
    radius, width, height = 20.0, game.map.width, game.map.height
    if x < radius:
        x, vx = radius, max(vx, 0.0)
    elif x > width - radius:
        x, vx = width - radius, min(vx, 0.0)
    if y < radius:
        y, vy = radius, max(vy, 0.0)
    elif y > height - radius:
        y, vy = height - radius, min(vy, 0.0)
    for _ in range(3):
        deepest, normal = 0.0, (0.0, 0.0)
        out = (x, y)
        for left, top, w, h in game.map.walls:
            dx = x - min(max(x, left), left + w)
            dy = y - min(max(y, top), top + h)
            gap = dx * dx + dy * dy
            if 0.0 < gap < radius * radius:
                gap = math.sqrt(gap)
                if radius - gap > deepest:
                    deepest = radius - gap
                    normal = (dx / gap, dy / gap)
                    out = (x + normal[0] * deepest, y + normal[1] * deepest)
        if deepest == 0.0:
            break
        x, y = out
        into = vx * normal[0] + vy * normal[1]
        if into < 0.0:
            vx, vy = vx - normal[0] * into, vy - normal[1] * into
    return x, y, vx, vy


def test_the_kernels_can_be_read_by_python() -> None:
    assert callable(walk.py_func)
    assert callable(first_wall.py_func)
