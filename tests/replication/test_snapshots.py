"""Whatever happens in a world, and whoever joins, is skipped or looks away: clients hold what they are meant to."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rumpus.replication import NOBODY, Decoder, Interest, SnapshotError, TableError
from rumpus.replication.decode import Snapshot
from rumpus.replication.snapshot import DELTA, KEYFRAME, SKIP, SnapshotEncoder
from tests.support.examples import examples
from tests.support.streams import INTERVAL, decoder_of, frames_of, new_world, step, visible
from tests.support.worlds import Playfield


class Watcher:
    """A client of the test: skipped now and then, and then in need of a keyframe."""

    def __init__(self, world: Playfield) -> None:
        self.decoder = decoder_of(world)
        self.needs_whole = True
        self.focus = (0.0, 0.0)
        self.known: dict[str, Any] = {}

    def need(self, random: Random) -> int:
        if random.random() < 0.15:
            self.needs_whole = True
            return SKIP
        if random.random() < 0.05:
            self.needs_whole = True
        need = KEYFRAME if self.needs_whole else DELTA
        self.needs_whole = False
        return need


@settings(max_examples=examples(60))
@given(seed=st.integers(0, 2**32), ticks=st.integers(1, 60))
def test_every_client_holds_the_world(seed: int, ticks: int) -> None:
    random = Random(seed)
    world = new_world()
    encoder = SnapshotEncoder(world, INTERVAL)
    watchers: list[Watcher] = []
    for tick in range(ticks):
        if len(watchers) < 5 and random.random() < 0.3:
            watchers.append(Watcher(world))
        step(world, random)
        if random.random() < 0.9:
            world.quantise()
        encoder.advance()
        needs = [watcher.need(random) for watcher in watchers]
        acks = [random.randint(-1, 10**6) for _ in watchers]
        payloads = frames_of(encoder, tick, needs, acks, [])
        for watcher, need, ack, payload in zip(watchers, needs, acks, payloads, strict=True):
            if payload is None:
                assert need == SKIP
                continue
            assert watcher.decoder.apply(payload) == Snapshot(tick, ack, need == KEYFRAME, [])
            assert watcher.decoder.plain() == world.plain()


@settings(max_examples=examples(60))
@given(
    seed=st.integers(0, 2**32),
    ticks=st.integers(1, 50),
    shape=st.sampled_from([{"width": 1200.0, "height": 800.0}, {"radius": 700.0}, {"radius": 60.0}]),
    margin=st.sampled_from([0.0, 100.0, 900.0]),
)
def test_every_client_holds_what_is_in_its_view_and_nothing_else(
    seed: int, ticks: int, shape: dict[str, float], margin: float
) -> None:
    random = Random(seed)
    world = new_world()
    world.interest = Interest(**shape, margin=margin)
    encoder = SnapshotEncoder(world, INTERVAL)
    watchers = [Watcher(world) for _ in range(14)]
    ids = [f"p{number}" for number in range(14)]
    for tick in range(ticks):
        new = step(world, random)
        encoder.advance()
        needs = [watcher.need(random) for watcher in watchers]
        payloads = frames_of(encoder, tick, needs, [tick] * 14, ids)
        for id, watcher, need, payload in zip(ids, watchers, needs, payloads, strict=True):
            if id in world.players:
                row = world.players.row(id)
                watcher.focus = (float(world.players.x[row]), float(world.players.y[row]))
            if payload is None:
                continue
            watcher.decoder.apply(payload)
            if need == KEYFRAME:
                watcher.known = {}
            # Somebody who went and came back in the same tick is somebody else.
            watcher.known["players"] = watcher.known.get("players", {}).keys() - new
            meant = visible(world, encoder, watcher.focus, watcher.known)
            watcher.known = watcher.decoder.plain()
            assert watcher.known == meant


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), ticks=st.integers(2, 40))
def test_in_a_crowd_every_other_snapshot_brings_nothing_new_into_view(
    seed: int, ticks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rumpus.replication.snapshot.MANY_VIEWS", 5)
    random = Random(seed)
    world = new_world()
    world.interest = Interest(width=1500, height=1500, margin=300)
    encoder = SnapshotEncoder(world, INTERVAL)
    watchers = [Watcher(world) for _ in range(14)]
    ids = [f"p{number}" for number in range(14)]
    for tick in range(ticks):
        new = step(world, random)
        encoder.advance()
        needs = [watcher.need(random) for watcher in watchers]
        payloads = frames_of(encoder, tick, needs, [tick] * 14, ids)
        for number, (watcher, need, payload) in enumerate(zip(watchers, needs, payloads, strict=True)):
            if ids[number] in world.players:
                row = world.players.row(ids[number])
                watcher.focus = (float(world.players.x[row]), float(world.players.y[row]))
            if payload is None:
                continue
            watcher.decoder.apply(payload)
            before = {} if need == KEYFRAME else watcher.known
            before["players"] = before.get("players", {}).keys() - new
            watcher.known = watcher.decoder.plain()
            if need == KEYFRAME or (tick + number) % 2 == 0:
                assert watcher.known == visible(world, encoder, watcher.focus, before)
                continue
            now = world.plain()
            for name in ("players", "bullets"):
                meant = {id: row for id, row in now[name].items() if id in before.get(name, {})}
                assert watcher.known[name] == meant
            assert watcher.known["doors"] == now["doors"]


def test_the_margin_does_not_bring_back_what_took_the_place_of_another() -> None:
    """A row that ceased and one that takes its slot in the same tick, in the margin: the client knew the first only."""
    world = new_world()
    world.interest = Interest(width=100, height=100, margin=100)
    encoder = SnapshotEncoder(world, INTERVAL)
    decoder = decoder_of(world)
    world.players.add("me", x=1000, y=1000)
    world.bullets.add(x=1000, y=1000)
    encoder.advance()
    [first] = frames_of(encoder, 0, [KEYFRAME], [-1], ["me"])
    world.bullets.remove("b1")
    world.bullets.add(x=1080, y=1000)
    encoder.advance()
    [second] = frames_of(encoder, 1, [DELTA], [-1], ["me"])
    assert first is not None
    assert second is not None
    decoder.apply(first)
    assert set(decoder.plain()["bullets"]) == {"b1"}
    decoder.apply(second)
    assert decoder.plain()["bullets"] == {}


def test_what_a_client_may_not_see_is_not_in_its_bytes() -> None:
    world = new_world()
    world.interest = Interest(width=100, height=100)
    world.players.add("me", x=10, y=10)
    world.players.add("far-away", x=4000, y=10, title="you cannot know this")
    world.players.add("ghost", x=12, y=10, title="nor this")
    world.players.show(world.players.row("ghost"), NOBODY)
    encoder = SnapshotEncoder(world, INTERVAL)
    encoder.advance()
    [payload] = frames_of(encoder, 0, [KEYFRAME], [-1], ["me"])
    assert payload is not None
    assert b"far-away" not in payload
    assert b"know" not in payload
    assert b"ghost" not in payload


def test_a_games_own_rule_hides_what_is_near() -> None:
    world = new_world()
    allies = {"me": {"me", "friend"}, "foe": {"foe"}}
    world.interest = Interest(
        radius=500,
        may_see=lambda player, table, rows: (
            np.array([world.players.ids()[row] in allies[player] for row in rows])
            if table == "players"
            else np.ones(rows.size, dtype=bool)
        ),
    )
    for id in ("me", "friend", "foe"):
        world.players.add(id, x=1000, y=1000)
    encoder = SnapshotEncoder(world, INTERVAL)
    decoders = [decoder_of(world), decoder_of(world)]
    for tick in range(3):
        encoder.advance()
        payloads = frames_of(encoder, tick, [DELTA if tick else KEYFRAME] * 2, [-1] * 2, ["me", "foe"])
        for decoder, payload in zip(decoders, payloads, strict=True):
            assert payload is not None
            decoder.apply(payload)
        assert set(decoders[0].plain()["players"]) == ({"me", "friend", "foe"} if tick == 1 else {"me", "friend"})
        assert set(decoders[1].plain()["players"]) == ({"me", "foe"} if tick == 1 else {"foe"})
        # A rule may change its mind.
        allies = (
            {"me": {"me", "friend", "foe"}, "foe": {"me", "foe"}}
            if tick == 0
            else {"me": {"me", "friend"}, "foe": {"foe"}}
        )


def test_a_wrong_answer_of_a_games_rule_is_named() -> None:
    world = new_world()
    world.interest = Interest(radius=500, may_see=lambda player, table, rows: np.ones(rows.size + 1, dtype=bool))
    world.players.add("me", x=10, y=10)
    encoder = SnapshotEncoder(world, INTERVAL)
    encoder.advance()
    with pytest.raises(TableError, match="may_see answered for 2 rows of players and was asked for 1"):
        frames_of(encoder, 0, [KEYFRAME], [-1], ["me"])


@pytest.mark.parametrize("ticks", [1, 3])
def test_a_projectile_is_sent_once(ticks: int) -> None:
    world = new_world()
    encoder = SnapshotEncoder(world, INTERVAL, ticks)
    decoder = decoder_of(world)
    world.bullets.add(x=100, y=2000, vx=601.7, vy=-33.3, owner="")
    sizes = []
    for tick in range(60):
        encoder.advance()
        [payload] = frames_of(encoder, tick, [DELTA if tick else KEYFRAME], [-1], [])
        assert payload is not None
        decoder.apply(payload)
        assert decoder.plain() == world.plain()
        sizes.append(len(payload))
        for _ in range(ticks):
            world.bullets.x = world.bullets.x + world.bullets.vx * INTERVAL
            world.bullets.y = world.bullets.y + world.bullets.vy * INTERVAL
            world.quantise()
    # Only the header is left: mark, flags, tick, no input.
    assert set(sizes[1:]) == {4}


def test_events_ride_along() -> None:
    world = new_world()
    encoder = SnapshotEncoder(world, INTERVAL)
    decoder = decoder_of(world)
    encoder.advance()
    events = [(7, "hit", {"by": "p1", "x": 1.5}), (8, "kill", {})]
    [payload] = frames_of(encoder, 8, [KEYFRAME], [-1], [], b"\x03" + msgspec.msgpack.encode(events))
    assert payload is not None
    assert decoder.apply(payload).events == events


def test_many_clients_do_not_fit_into_one_batch() -> None:
    world = new_world()
    for number in range(12):
        world.players.add(f"p{number}", title="x" * 255)
    encoder = SnapshotEncoder(world, INTERVAL)
    encoder.advance()
    payloads = frames_of(encoder, 1, [KEYFRAME] * 3000, list(range(3000)), [])
    assert len(payloads) == 3000
    for ack in (0, 1500, 2999):
        payload, decoder = payloads[ack], decoder_of(world)
        assert payload is not None
        assert decoder.apply(payload).ack == ack
        assert decoder.plain() == world.plain()


@settings(max_examples=examples(200))
@given(st.binary(max_size=200))
def test_no_bytes_crash_the_decoder(data: bytes) -> None:
    decoder = Decoder(Playfield.schema())
    for prefix in (b"", b"\xc1\x01\x00\x00"):
        try:
            decoder.apply(prefix + data)
        except SnapshotError:
            assert decoder.plain() == {"players": {}, "bullets": {}, "doors": {}}


@settings(max_examples=examples(60))
@given(seed=st.integers(0, 2**32), data=st.data())
def test_a_damaged_stream_never_crashes_the_decoder(seed: int, data: st.DataObject) -> None:
    random = Random(seed)
    world = new_world()
    encoder = SnapshotEncoder(world, INTERVAL)
    decoder = decoder_of(world)
    for tick in range(8):
        step(world, random)
        encoder.advance()
        [payload] = frames_of(encoder, tick, [DELTA if tick else KEYFRAME], [-1], [])
        assert payload is not None
        damaged = bytearray(payload)
        for _ in range(data.draw(st.integers(0, 3))):
            at = data.draw(st.integers(0, len(damaged) - 1))
            damaged[at] = data.draw(st.integers(0, 255))
        try:
            decoder.apply(bytes(damaged))
            decoder.plain()
        except SnapshotError:
            break


def test_a_delta_before_any_keyframe_is_refused() -> None:
    world = new_world()
    encoder = SnapshotEncoder(world, INTERVAL)
    encoder.advance()
    [payload] = frames_of(encoder, 0, [DELTA], [-1], [])
    assert payload is not None
    with pytest.raises(SnapshotError, match="must be a keyframe"):
        decoder_of(world).apply(payload)


def test_bytes_are_counted_by_table() -> None:
    world = new_world()
    encoder = SnapshotEncoder(world, INTERVAL)
    world.players.add("p1")
    encoder.advance()
    before = encoder.bytes_by_table()
    world.players.x = [50.0]
    encoder.advance()
    after = encoder.bytes_by_table()
    # Head, count, slot, mask and two bytes for 400 steps of 1/8.
    assert after["players"] - before["players"] == 6
    assert after["bullets"] == before["bullets"] == 0


def test_a_client_without_a_row_does_not_look_where_the_last_of_its_number_did() -> None:
    world = new_world()
    world.interest = Interest(radius=100)
    world.players.add("was-here", x=3000, y=3000)
    world.players.add("neighbour", x=3000, y=3000)
    encoder = SnapshotEncoder(world, INTERVAL)
    encoder.advance()
    frames_of(encoder, 0, [KEYFRAME], [-1], ["was-here"])
    encoder.forget_client(0)
    encoder.advance()
    [payload] = frames_of(encoder, 1, [KEYFRAME], [-1], ["has no row"])
    assert payload is not None
    assert b"neighbour" not in payload


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), ticks=st.integers(1, 50), crowd=st.booleans())
def test_who_is_shown_everything_can_begin_with_anybody_elses_keyframe(
    seed: int, ticks: int, crowd: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With many clients each one's surroundings are looked at in every other snapshot; not for this one.
    monkeypatch.setattr("rumpus.replication.snapshot.MANY_VIEWS", 3 if crowd else 1000)
    random = Random(seed)
    world = new_world()
    world.interest = Interest(width=300, height=200, margin=50)
    encoder = SnapshotEncoder(world, INTERVAL)
    # Client 1 gets every change, client 3 a keyframe now and then, with which others join those of client 1.
    encoder.show_all(1)
    encoder.show_all(3)
    watchers = [decoder_of(world)]
    first = True
    for tick in range(ticks):
        step(world, random)
        encoder.advance()
        keyframe = not first and random.random() < 0.2
        needs = [KEYFRAME, KEYFRAME if first else DELTA, SKIP, KEYFRAME if keyframe else SKIP, KEYFRAME]
        _, delta, _, whole, _ = frames_of(encoder, tick, needs, [-1] * 5, ["p0", "", "p1", "", "p2"])
        assert delta is not None
        for watcher in watchers:
            watcher.apply(delta)
        if whole is not None:
            watchers.append(decoder_of(world))
            watchers[-1].apply(whole)
        assert all(watcher.plain() == world.plain() for watcher in watchers)
        first = False
    encoder.forget_client(1)
