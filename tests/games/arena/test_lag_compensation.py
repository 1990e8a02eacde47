"""Shots of players whose picture is late: what they hit, what they may not hit, and where their bullets are."""

import math
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rumpus.game import GameEvent, PlayerInfo
from rumpus.games.arena import Arena, ArenaInput
from rumpus.games.arena import constants as c
from tests.support.arena_matches import TICK, Scripted, add_enemy, begin, named, place, player, press, set_player
from tests.support.examples import examples

Point = tuple[float, float]

STEP = 700.0 / 30  # of a bullet in a tick
MUZZLE = 26.0


class Past:
    """A match whose players stand where a test puts them in each tick, and whose room remembers what it sends."""

    def __init__(self, *player_ids: str, snapshots: int = 12, every: int = 1, **more: object) -> None:
        self.game = begin(*(player_ids or ("a", "b")), **more)
        self.game._tables.counters[c.TICK] = 100
        self.game.world.keep_history(snapshots)
        self.every = every

    @property
    def tick(self) -> int:
        return int(self.game._tables.counters[c.TICK])

    def pass_tick(self, **places: Point) -> list[GameEvent]:
        """A tick in which these players stand there, and what happens in it. Who is not named stays."""
        for player_id, (x, y) in places.items():
            place(self.game, player_id, x, y)
        self.game.update(TICK)
        if self.tick % self.every == 0:
            self.game.world.remember(self.tick)
        return self.game.take_events()

    def shoot(
        self, lag: float, aim: float = 0.0, by: str = "a", rail: bool = False, **places: Point
    ) -> list[GameEvent]:
        """The same with a shot by somebody whose picture is `lag` ticks old."""
        self.game.view_lag[by] = lag
        press(self.game, by, aim=aim, fire=not rail, rail=rail)
        events = self.pass_tick(**places)
        press(self.game, by, aim=aim)
        self.game.view_lag.clear()
        return events

    @property
    def bullets(self) -> list[Point]:
        return [(bullet["x"], bullet["y"]) for bullet in self.game.get_game_state()["bullets"].values()]


def crossing(lag: float, rail: bool, aim: float = 0.0, **more: object) -> tuple[Past, list[GameEvent]]:
    """`b` runs down past `a`'s line of fire at 8 units a tick (the default speed), was on it 5 ticks ago; `a` fires."""
    past = Past(**more)
    for tick in range(-10, 0):
        past.pass_tick(a=(400, 1000), b=(500, 1040 + 8 * tick))
    return past, past.shoot(lag, aim, rail=rail, b=(500, 1040))


def hit_of(events: list[GameEvent]) -> GameEvent | None:
    return next((event for event in events if event.name == "hit"), None)


# --- What the shooter saw counts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rail", [False, True])
def test_a_shot_at_where_somebody_was_seen_hits(rail: bool) -> None:
    _, events = crossing(5.0, rail)
    hit = hit_of(events)
    assert hit is not None
    assert hit.data["target"] == "b"


@pytest.mark.parametrize("rail", [False, True])
def test_without_a_lag_it_does_not(rail: bool) -> None:
    past, events = crossing(0.0, rail)
    assert hit_of(events) is None
    assert not named([event for _ in range(40) for event in past.pass_tick()], "hit")


def test_nor_at_where_somebody_is_who_was_seen_elsewhere() -> None:
    _, events = crossing(5.0, True, aim=math.atan2(40, 100))
    assert hit_of(events) is None


def test_a_rail_is_told_as_of_the_tick_in_which_it_was_fired() -> None:
    _, events = crossing(5.0, True)
    assert [event.name for event in events] == ["rail", "hit"]
    assert [event.tick for event in events] == [None, None]
    assert events[0].data["to_x"] == events[1].data["x"] == 480


@pytest.mark.parametrize("lag", [3.0, 4.25, 7.75])
def test_a_bullet_that_hits_while_it_catches_up_is_told_as_of_the_contact_and_gone(lag: float) -> None:
    past = Past()
    for _ in range(10):
        past.pass_tick(a=(400, 1000), b=(470, 1000))
    events = past.shoot(lag)
    hit = hit_of(events)
    assert hit is not None
    assert hit.tick == pytest.approx(past.tick - lag + (70 - 25 - MUZZLE) / STEP, abs=2e-3)
    assert hit.data["x"] == pytest.approx(445, abs=0.1)
    assert past.bullets == []
    assert player(past.game, "b")["hp"] == 100 - 14
    assert not [event for _ in range(40) for event in past.pass_tick()]


def test_who_stands_in_the_muzzle_is_hit_at_the_tick_seen() -> None:
    past = Past()
    for _ in range(10):
        past.pass_tick(a=(400, 1000), b=(430, 1000))
    hit = hit_of(past.shoot(6.0, b=(430, 1200)))
    assert hit is not None
    assert hit.tick == past.tick - 6


def test_a_kill_while_catching_up_has_the_tick_of_the_contact_too() -> None:
    past = Past(respawn_time=60.0)
    for _ in range(10):
        past.pass_tick(a=(400, 1000), b=(470, 1000))
    set_player(past.game, "b", c.HP, 1.0)
    events = past.shoot(4.0)
    assert [(event.name, event.data["weapon"]) for event in events] == [("hit", "gun"), ("kill", "gun")]
    assert events[0].tick == events[1].tick != None  # noqa: E711
    assert not player(past.game, "b")["alive"]
    assert past.game.scores["a"] == 1


def test_enemies_are_hit_where_they_were_seen() -> None:
    for rail in (False, True):
        past = Past("a", mode="coop")
        add_enemy(past.game, c.CHASER, 500, 1000)
        enemies = past.game._tables.enemies
        for tick in range(11):
            enemies[[c.X, c.Y, c.OX, c.OY], 0] = 500, 1000 + 4 * tick, 500, 1000 + 4 * tick
            enemies[[c.VX, c.VY, c.HP], 0] = 0.0, 0.0, 1.0
            events = past.shoot(8.0, rail=rail) if tick == 10 else past.pass_tick(a=(400, 1010))
        down = next(event for event in events if event.name == "enemy_down")
        assert down.data["weapon"] == ("rail" if rail else "gun")
        assert (down.tick is None) == rail
        assert past.game.get_game_state()["enemies"] == {}


# --- Where bullets are -----------------------------------------------------------------------------------------------


@given(lag=st.floats(0.01, 8), aim=st.floats(-4, 4))
@settings(max_examples=examples(60))
def test_a_bullet_is_where_it_would_be_had_it_been_fired_when_its_shooter_saw(lag: float, aim: float) -> None:
    past = Past("a")
    for _ in range(10):
        past.pass_tick(a=(1000, 1000))
    past.shoot(lag, aim)
    dx, dy = math.cos(aim), math.sin(aim)
    ((x, y),) = past.bullets
    # Clients know it to 1/8.
    assert x == pytest.approx(1000 + dx * (MUZZLE + STEP * lag), abs=0.0626)
    assert y == pytest.approx(1000 + dy * (MUZZLE + STEP * lag), abs=0.0626)
    past.pass_tick()
    ((next_x, next_y),) = past.bullets
    assert (next_x - x, next_y - y) == pytest.approx((dx * STEP, dy * STEP), abs=0.0626)


@pytest.mark.parametrize("life", [0.05, 0.1, 0.4])
def test_it_does_not_live_longer_for_that(life: float) -> None:
    flown = []
    for lag in (0.0, 2.0, 6.0):
        past = Past("a", shot_life=life)
        for _ in range(10):
            past.pass_tick(a=(1000, 1000))
        past.shoot(lag)
        ticks = 0
        while past.bullets:
            past.pass_tick()
            ticks += 1
        flown.append(ticks)
    whole = flown[0]
    assert flown == [whole, max(whole - 2, 0), max(whole - 6, 0)]


def test_nor_does_it_reach_further() -> None:
    """Life ends on the way: who stands beyond is not hit."""
    for distance, hits in ((MUZZLE + 2 * STEP + 20, True), (MUZZLE + 3 * STEP + 30, False)):
        past = Past(shot_life=0.06)  # two ticks
        for _ in range(10):
            past.pass_tick(a=(400, 1000), b=(400 + distance, 1000))
        assert (hit_of(past.shoot(7.0)) is not None) == hits
        assert past.bullets == []


def test_it_leaves_the_field_like_any_other() -> None:
    past = Past("a", shot_speed=2000.0)
    for _ in range(10):
        past.pass_tick(a=(1975, 1000))
    past.shoot(7.5)
    assert past.bullets == []


def test_it_carries_the_tick_in_which_it_was_fired() -> None:
    past = Past("a")
    for _ in range(10):
        past.pass_tick(a=(1000, 1000))
    past.shoot(4.0)
    (bullet,) = past.game.get_game_state()["bullets"].values()
    assert bullet["born"] == past.tick % 256


def test_it_hits_as_any_other_once_it_has_caught_up() -> None:
    """And not in the tick in which it caught up: there it was tested already."""
    past = Past()
    for _ in range(10):
        past.pass_tick(a=(400, 1000), b=(400 + MUZZLE + 4 * STEP + 26, 1000))
    assert not past.shoot(4.0)
    (hit,) = past.pass_tick()
    assert hit.name == "hit"
    assert hit.tick is None


@pytest.mark.parametrize("life", [5.0, 0.16])
def test_who_was_where_it_is_now_before_it_came_is_not_hit(life: float) -> None:
    """The bullet is at its place of now for an instant, not for the whole tick; also if it ends there."""
    past = Past(player_speed=600, shot_life=life)
    past.game.view_lag["a"] = 5.0
    place(past.game, "a", 400, 1000)
    # Down past that place by 20 units a tick: a tick ago 20 beyond it, with the bullet 23 away; now 40 beyond it.
    place(past.game, "b", 400 + MUZZLE + 5 * STEP, 1040 - 10 * 20)
    set_player(past.game, "b", c.VY, 600.0)
    press(past.game, "b", y=1)
    for _ in range(9):
        past.pass_tick()
    assert player(past.game, "b")["y"] == 1020
    press(past.game, "a", fire=True)
    assert not past.pass_tick()
    assert player(past.game, "b")["y"] == 1040
    assert bool(past.bullets) == (life > 1)


# --- What is remembered ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rail", [False, True])
def test_a_lag_beyond_what_is_remembered_is_what_is_remembered(rail: bool) -> None:
    outcomes = []
    for lag in (3.0, 3.5, 8.0, 1e9, math.inf):
        past = Past(snapshots=3)
        for tick in range(-10, 0):
            past.pass_tick(a=(400, 1000), b=(480, 1000 + 8 * (tick + 3)))
        outcomes.append((past.shoot(lag, rail=rail, b=(480, 1024)), past.bullets))
    assert outcomes[0][0]
    assert all(outcome == outcomes[0] for outcome in outcomes)


@pytest.mark.parametrize("rail", [False, True])
def test_a_room_that_remembers_nothing_tests_the_present(rail: bool) -> None:
    outcomes = []
    for lag in (0.0, 5.0):
        past = Past(snapshots=0)
        for _ in range(5):
            past.pass_tick(a=(400, 1000), b=(520, 1000))
        events = past.shoot(lag, rail=rail) + [event for _ in range(9) for event in past.pass_tick()]
        outcomes.append((events, past.game.get_game_state()))
    assert hit_of(outcomes[0][0]) is not None
    assert outcomes[0] == outcomes[1]


def test_in_the_first_tick_there_is_nothing_to_remember() -> None:
    past = Past()
    past.shoot(5.0, a=(400, 1000))
    assert past.bullets == [(426, 1000)]


def test_to_remember_changes_nothing_for_those_without_a_lag() -> None:
    saved = []
    for snapshots in (0, 12):
        game = begin(*"abcdef", walls=True, enemies=8, pickups=1.0)
        game.world.keep_history(snapshots)
        scripted = Scripted(5)
        for tick in range(600):
            scripted.feed(game, tick)
            game.update(TICK)
            game.world.remember(tick + 1)
        saved.append((game.save(), game.take_events()))
    assert saved[0] == saved[1]
    assert any(event.name == "kill" for event in saved[0][1])


def test_tables_that_grow_keep_what_is_remembered() -> None:
    past = Past()
    for _ in range(8):
        past.pass_tick(a=(400, 1000), b=(500, 1000))
    for number in range(40):
        past.game.add_player(f"n{number}", PlayerInfo(player_id=f"n{number}", name="new"))
        place(past.game, f"n{number}", 1500, 300)
    hit = hit_of(past.shoot(4.0, rail=True, b=(500, 1100)))
    assert hit is not None
    assert hit.data["target"] == "b"


# --- A model of both weapons -----------------------------------------------------------------------------------------


class Model:
    """Where somebody was at any moment, between the ticks that are known; and how close shots came."""

    def __init__(self, places: dict[int, Point]) -> None:
        self.places = places

    def at(self, tick: float) -> Point:
        after = min(known for known in self.places if known >= tick)
        before = max(known for known in self.places if known <= tick)
        if before == after:
            return self.places[after]
        share = (tick - before) / (after - before)
        (x, y), (to_x, to_y) = self.places[before], self.places[after]
        return x + (to_x - x) * share, y + (to_y - y) * share

    def gap_of_rail(self, tick: float, origin: Point, aim: float) -> float:
        """How close the beam comes to the middle of who was there at `tick`."""
        x, y = self.at(tick)
        dx, dy = math.cos(aim), math.sin(aim)
        along = min(max((x - origin[0]) * dx + (y - origin[1]) * dy, 0.0), c.RAIL_RANGE)
        return math.dist((x, y), (origin[0] + dx * along, origin[1] + dy * along))

    def gap_of_bullet(self, begin: float, end: float, origin: Point, aim: float, seen: float) -> float:
        """How close a bullet that left at `seen` comes to their middle between two ticks: tried at many moments."""
        dx, dy = math.cos(aim), math.sin(aim)
        moments = [begin + (end - begin) * step / 2000 for step in range(2001)]
        return min(
            math.dist(
                self.at(moment),
                (
                    origin[0] + dx * (MUZZLE + STEP * (moment - seen)),
                    origin[1] + dy * (MUZZLE + STEP * (moment - seen)),
                ),
            )
            for moment in moments
        )

    def gap_of_muzzle(self, tick: float, origin: Point, aim: float) -> float:
        x, y = self.at(tick)
        dx, dy = math.cos(aim), math.sin(aim)
        along = min(max((x - origin[0]) * dx + (y - origin[1]) * dy, 0.0), MUZZLE)
        return math.dist((x, y), (origin[0] + dx * along, origin[1] + dy * along))


steps = st.tuples(st.integers(-200, 200), st.integers(-200, 200))  # eighths of a unit: up to 750 units/s each way


@st.composite
def duels(draw: st.DrawFn) -> tuple[list[Point], list[Point], float, float, int]:
    """Where the target and the shooter were in 13 ticks, lag, aim near the target seen, ticks between snapshots."""
    lag = draw(st.one_of(st.floats(0.05, 8.0), st.integers(1, 8).map(float)))
    every = draw(st.sampled_from([1, 1, 2, 3]))
    way = [(draw(st.floats(30, 260)), draw(st.floats(-3.2, 3.2)))]
    target = [(1000 + math.cos(way[0][1]) * way[0][0], 1000 + math.sin(way[0][1]) * way[0][0])]
    shooter = [(1000.0, 1000.0)]
    for _ in range(12):
        for line in (target, shooter):
            dx, dy = draw(steps)
            line.append((line[-1][0] + dx / 8, line[-1][1] + dy / 8))
    rounded = [(math.floor(x * 8 + 0.5) / 8, math.floor(y * 8 + 0.5) / 8) for x, y in target]
    return rounded, shooter, lag, draw(st.floats(-60, 60)), every


@given(duel=duels(), rail=st.booleans())
@settings(max_examples=examples(250))
def test_a_shot_hits_exactly_if_it_meets_the_target_where_it_was_seen(
    duel: tuple[list[Point], list[Point], float, float, int], rail: bool
) -> None:
    target, shooter, lag, beside, every = duel
    past = Past(every=every)
    first = past.tick + 1
    for at, by in zip(target[:-1], shooter[:-1], strict=True):
        past.pass_tick(a=by, b=at)
    now = past.tick + 1
    ticks = range(first, now + 1)
    kept = {tick: at for tick, at in zip(ticks, target, strict=True) if tick % every == 0 or tick == now}
    assume(now - lag >= min(kept))
    model, origin, seen = Model(kept), shooter[-1], now - lag
    x, y = model.at(seen)
    distance = math.dist((x, y), origin)
    aim = math.atan2(y - origin[1], x - origin[0]) + math.atan2(beside, max(distance, 30.0))
    if rail:
        gap, radius = model.gap_of_rail(seen, origin, aim), 20.0
    else:
        gap = min(
            model.gap_of_muzzle(seen, origin, aim),
            model.gap_of_bullet(seen, now, origin, aim, seen),
        )
        radius = 25.0
    assume(abs(gap - radius) > 0.1)
    events = past.shoot(lag, aim, rail=rail, a=origin, b=target[-1])
    assert (hit_of(events) is not None) == (gap < radius)


# --- What a target is owed -------------------------------------------------------------------------------------------


def standing(**more: object) -> Past:
    """`b` stood before `a` for ten ticks."""
    past = Past(**more)
    for _ in range(10):
        past.pass_tick(a=(400, 1000), b=(490, 1000))
    return past


def nothing(past: Past) -> None:
    pass


def dies(past: Past) -> None:
    set_player(past.game, "b", c.ALIVE, 0.0)
    set_player(past.game, "b", c.RESPAWN, 60.0)


def dies_for_a_moment(past: Past) -> None:
    set_player(past.game, "b", c.ALIVE, 0.0)
    set_player(past.game, "b", c.RESPAWN, 60.0)
    past.pass_tick()
    set_player(past.game, "b", c.ALIVE, 1.0)
    past.pass_tick()


def leaves_and_comes_back(past: Past) -> None:
    past.game.remove_player("b")
    past.pass_tick()
    past.game.add_player("b", PlayerInfo(player_id="b", name="b"))
    past.pass_tick(b=(490, 1000))


def is_protected(past: Past) -> None:
    set_player(past.game, "b", c.SAFE, 5.0)


@pytest.mark.parametrize("rail", [False, True])
@pytest.mark.parametrize(
    ("what", "hit"),
    [(nothing, True), (dies, False), (dies_for_a_moment, False), (leaves_and_comes_back, False), (is_protected, False)],
    ids=lambda what: getattr(what, "__name__", ""),
)
def test_nobody_is_hit_who_is_dead_or_was_in_between_or_is_protected(
    what: Callable[[Past], None], hit: bool, rail: bool
) -> None:
    past = standing()
    what(past)
    # Six ticks ago `b` stood there alive; now it is elsewhere, whatever it is.
    events = past.shoot(6.0, rail=rail, b=(490, 1100))
    assert (hit_of(events) is not None) == hit
    assert not named(events, "kill")


def test_a_bullet_that_meets_a_protected_player_on_the_way_is_gone() -> None:
    past = standing()
    is_protected(past)
    assert not past.shoot(6.0, b=(490, 1100))
    assert past.bullets == []


def test_the_dead_are_no_cover() -> None:
    past = Past("a", "b", "x")
    for _ in range(10):
        past.pass_tick(a=(400, 1000), b=(470, 1000), x=(540, 1000))
    dies(past)
    hit = hit_of(past.shoot(6.0, rail=True))
    assert hit is not None
    assert hit.data["target"] == "x"


@pytest.mark.parametrize("rail", [False, True])
def test_a_wall_between_the_shooter_of_now_and_the_target_seen_shields_it(rail: bool) -> None:
    past = Past(walls=True, seed=3)
    left, top, width, height = max(past.game.map.walls, key=lambda wall: wall[3])
    x, y = left - 40.0, top + height / 2
    above = top - 45.0
    shots = {}
    for name, shooter in (("in the open", above), ("behind the wall", y)):
        past = Past(walls=True, seed=3)
        # `b` stands on the other side of the upper corner, seen from above the wall.
        target = (left + width + 40.0, above)
        for _ in range(10):
            past.pass_tick(a=(x, above), b=target)
        aim = math.atan2(target[1] - shooter, target[0] - x)
        shots[name] = hit_of(past.shoot(7.0, aim, rail=rail, a=(x, shooter)))
        if name == "behind the wall":
            assert past.bullets == []
    assert shots["in the open"] is not None
    assert shots["behind the wall"] is None


@pytest.mark.parametrize("rail", [False, True])
def test_who_has_run_behind_a_wall_is_hit_where_they_were_seen_before_it(rail: bool) -> None:
    """What the target may experience, and the shooter is owed."""
    past = Past(walls=True, seed=3)
    left, top, width, _ = max(past.game.map.walls, key=lambda wall: wall[3])
    above = top - 30.0
    shooter = (left - 60.0, above)
    for tick in range(10):
        past.pass_tick(a=shooter, b=(left + width + 25.0, above + max(tick - 6, 0) * 15.0))
    now = (left + width + 25.0, above + 60.0)
    assert any(deep_in(wall, shooter, now) for wall in past.game.map.walls)
    hit = hit_of(past.shoot(7.5, rail=rail, b=now))
    assert hit is not None


@pytest.mark.parametrize("rail", [False, True])
def test_friends_are_spared_and_with_friendly_fire_they_are_not(rail: bool) -> None:
    for friendly_fire in (False, True):
        past = Past(mode="teams", friendly_fire=friendly_fire, teams={"a": "red", "b": "red"})
        for _ in range(10):
            past.pass_tick(a=(400, 1000), b=(490, 1000))
        hit = hit_of(past.shoot(6.0, rail=rail, b=(490, 1100)))
        assert (hit is not None) == friendly_fire


@pytest.mark.parametrize("rail", [False, True])
def test_nobody_hits_themselves_where_they_were(rail: bool) -> None:
    past = Past("a", friendly_fire=True)
    for tick in range(10):
        past.pass_tick(a=(500 - 10 * tick, 1000))
    assert hit_of(past.shoot(8.0, rail=rail, a=(400, 1000))) is None


@pytest.mark.parametrize("rail", [False, True])
def test_rows_that_moved_are_found_by_whose_they_are(rail: bool) -> None:
    past = Past("first", "a", "x", "b")
    for _ in range(10):
        past.pass_tick(first=(1500, 300), a=(400, 1000), x=(900, 300), b=(490, 1000))
    past.game.remove_player("first")  # `b` takes its row
    assert past.game.world.players.row("b") == 0
    hit = hit_of(past.shoot(6.0, rail=rail, b=(490, 1100)))
    assert hit is not None
    assert hit.data["target"] == "b"


@pytest.mark.parametrize("rail", [False, True])
@pytest.mark.parametrize("y", [1000.0, 1150.0])
def test_a_new_enemy_in_the_row_of_a_fallen_one_is_not_hit_for_it(rail: bool, y: float) -> None:
    """Neither where the other one was seen, nor where it is itself and was not seen."""
    past = Past("a", mode="coop")
    add_enemy(past.game, c.SHOOTER, 490, 1000)
    for _ in range(10):
        past.pass_tick(a=(400, 1000))
        past.game._tables.enemies[[c.X, c.Y, c.VX, c.VY], 0] = 490, 1000, 0.0, 0.0
    past.game._tables.counters[c.ENEMIES] = 0
    add_enemy(past.game, c.SHOOTER, 490, y)
    assert hit_of(past.shoot(6.0, rail=rail)) is None


def test_of_several_on_the_way_the_first_met_is_hit_not_the_lowest_row() -> None:
    for names in (("a", "b", "x"), ("a", "x", "b")):
        past = Past(*names)
        for _ in range(10):
            past.pass_tick(a=(400, 1000), b=(520, 1000), x=(470, 1000))
        for rail in (False, True):
            hit = hit_of(past.shoot(7.0, rail=rail))
            assert hit is not None
            assert hit.data["target"] == "x"
            for _ in range(10):
                past.pass_tick()


@given(st.data())
@settings(max_examples=examples(60))
def test_nothing_goes_through_walls(data: st.DataObject) -> None:
    """Whoever is hit, was hit where a straight way from the shooter's place of now leads."""
    seed = data.draw(st.integers(0, 5), "seed")
    past = Past(*"abcdef", walls=True, seed=seed)
    scripted = Scripted(data.draw(st.integers(0, 1000), "inputs"))
    game, walls = past.game, past.game.map.walls
    spots = game.map.spots
    # All in one corner of the map, around some walls.
    near = sorted(range(len(spots)), key=lambda spot: math.dist(spots[spot], spots[0]))
    for player_id, spot in zip("abcdef", near, strict=False):
        place(game, player_id, *spots[spot].tolist())
    hits = 0
    for tick in range(60):
        scripted.feed(game, tick)
        for player_id in "abcdef":
            game.view_lag[player_id] = data.draw(st.floats(0, 8)) if tick % 10 == 0 else game.view_lag[player_id]
            aim = game._tables.inputs[game.world.players.row(player_id), c.IN_AIM]
            press(game, player_id, aim=aim, fire=tick % 3 == 0, rail=tick % 5 == 0)
        for event in past.pass_tick():
            if event.name == "rail":
                ends = (event.data["x"], event.data["y"]), (event.data["to_x"], event.data["to_y"])
            elif event.name == "hit" and event.data["weapon"] == "gun" and event.tick is not None:
                by = player(game, event.data["by"])
                ends = (by["x"], by["y"]), (event.data["x"], event.data["y"])
            else:
                continue
            hits += 1
            assert not any(deep_in(wall, *ends) for wall in walls), (event, ends)


def deep_in(wall: list[int], begin: Point, end: Point) -> bool:
    """Whether a straight way goes through a wall by more than rounding (0.5 units)."""
    left, top, width, height = wall
    for step in range(401):
        x = begin[0] + (end[0] - begin[0]) * step / 400
        y = begin[1] + (end[1] - begin[1]) * step / 400
        if left + 0.5 < x < left + width - 0.5 and top + 0.5 < y < top + height - 0.5:
            return True
    return False


# --- The table of inputs ---------------------------------------------------------------------------------------------


def test_each_input_brings_its_own_lag() -> None:
    game = begin("a", "b")
    game.view_lag["a"] = 3.5
    press(game, "a")
    press(game, "b")
    assert game._tables.inputs[[0, 1], c.IN_LAG].tolist() == [3.5, 0.0]
    del game.view_lag["a"]
    game.process_input("a", ArenaInput())
    assert game._tables.inputs[0, c.IN_LAG] == 0.0


def test_a_loaded_match_begins_without_a_past() -> None:
    past = standing()
    loaded = Arena()
    loaded.load(past.game.save())
    loaded.view_lag["a"] = 6.0
    press(loaded, "a", rail=True)
    place(loaded, "b", 490, 1100)
    loaded.update(TICK)
    assert not named(loaded.take_events(), "hit")
    assert hit_of(past.shoot(6.0, rail=True, b=(490, 1100))) is not None
