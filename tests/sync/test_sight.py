"""Who may know of what, whatever form they are told in: rows of a world with an interest, and events with a place."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rumpus.client.replica import SNAPSHOT_MARK, Replica
from rumpus.game import GameEvent
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.protocol.codec import JSON, MSGPACK
from rumpus.replication import Interest
from rumpus.sync.broadcaster import Broadcaster
from rumpus.sync.subscriber import NoInputs, Subscriber
from rumpus.telemetry.counters import Counters
from rumpus.testing import MemoryClient, MemoryConnection, Playground
from tests.support.crossing import Crossing, OpenCrossing
from tests.support.examples import examples
from tests.support.streams import INTERVAL, new_world, step

FORMS = (JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL)


class Watching:
    """Whoever is sent the state of one player, in one form."""

    def __init__(self, world: Any, player_id: str, binary: bool) -> None:
        self.connection = MemoryConnection(MSGPACK if binary else JSON)
        self.subscriber = Subscriber(self.connection, NoInputs(), player_id)
        self.replica = Replica()
        self.replica.on_message({"type": "joined", "static": {}, "schema": {"tables": world.schema()}})
        self.events: list[tuple[str, Any]] = []
        self._read = 0

    def take(self) -> None:
        decode = msgspec.json.decode if self.connection.codec.text else msgspec.msgpack.decode
        for data in self.connection.sent[self._read :]:
            if data[0] == SNAPSHOT_MARK:
                _, *events = self.replica.on_snapshot(data)
            else:
                message = decode(data)
                self.replica.on_message(message)
                events = [message] if message["type"] == "event" else []
            self.events += [(event["name"], event["data"]) for event in events]
        self._read = len(self.connection.sent)


class _Holder:
    """As much of a game as a broadcaster looks at."""

    def __init__(self, world: Any) -> None:
        self.world = world


@settings(max_examples=examples(60), deadline=None)
@given(
    seed=st.integers(0, 2**32),
    ticks=st.integers(1, 50),
    shape=st.sampled_from([{"width": 1200.0, "height": 800.0}, {"radius": 700.0}, {"radius": 60.0}]),
    margin=st.sampled_from([0.0, 100.0, 900.0]),
    rules=st.booleans(),
)
def test_plain_state_has_the_rows_that_tables_have(
    seed: int, ticks: int, shape: dict[str, float], margin: float, rules: bool
) -> None:
    random = Random(seed)
    world = new_world()

    def may_see(player_id: str, table: str, rows: Any) -> Any:
        return rows % 3 != len(player_id) % 3

    world.interest = Interest(**shape, margin=margin, may_see=may_see if rules else None)
    broadcaster = Broadcaster(True, Counters(), None)
    holder: Any = _Holder(world)
    broadcaster.begin(holder, INTERVAL, INTERVAL, 0.0)
    pairs: list[tuple[Watching, Watching]] = []
    for tick in range(ticks):
        if random.random() < 0.3:
            pair = tuple(Watching(world, f"p{len(pairs) % 14}", binary) for binary in (True, False))
            pairs.append(pair)  # type: ignore[arg-type]  # there are two
            for one in pair:
                broadcaster.join(one.subscriber)
        if pairs and random.random() < 0.05:
            for one in pairs.pop(random.randrange(len(pairs))):
                broadcaster.leave(one.subscriber)
        step(world, random)
        congested = random.random() < 0.1
        for pair in pairs[:1]:
            for one in pair:
                one.connection.congested = congested
        broadcaster.send_tables(tick)
        broadcaster.send_plain(tick, world.plain())
        for binary, plain in pairs:
            binary.take()
            plain.take()
            if not plain.connection.congested and not rules and margin == 0.0:
                assert plain.replica.state == binary.replica.state
            elif not plain.connection.congested:
                # What was skipped forgets what it knew beyond its view; what is told in plain data does not.
                for name, rows in binary.replica.state.items():
                    if isinstance(rows, dict):
                        assert rows.items() <= plain.replica.state[name].items()


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 2**32), ticks=st.integers(1, 30), radius=st.sampled_from([0.0, 300.0]))
def test_an_event_is_told_to_those_who_see_its_place(seed: int, ticks: int, radius: float) -> None:
    random = Random(seed)
    world = new_world()
    world.interest = Interest(radius=radius) if radius else Interest(width=600, height=300)
    broadcaster = Broadcaster(True, Counters(), None)
    holder: Any = _Holder(world)
    broadcaster.begin(holder, INTERVAL, INTERVAL, 0.0)
    watchers = [Watching(world, f"p{number}", binary) for number in range(7) for binary in (True, False)]
    for one in watchers:
        broadcaster.join(one.subscriber)
    meant: dict[Watching, list[Any]] = {one: [] for one in watchers}
    focus = dict.fromkeys(watchers, (0.0, 0.0))
    broadcaster.send_tables(0)
    for tick in range(1, ticks):
        step(world, random)
        world.quantise()
        for one in watchers:
            row = world.players.find(one.subscriber.player_id)
            if row >= 0:
                focus[one] = (float(world.players.x[row]), float(world.players.y[row]))
        for number in range(random.choice((0, 1, 3, 20))):
            x, y = random.choice([(random.uniform(0, 4096), random.uniform(0, 4096)), *focus.values()])
            at = random.choice((None, (x, y)))
            afar = random.choice((None, {"told": "afar"}))
            broadcaster.send_event(tick, GameEvent("it", {"n": number}, None, None, at, afar))
            for one in watchers:
                dx, dy = x - focus[one][0], y - focus[one][1]
                near = dx * dx + dy * dy <= radius * radius if radius else abs(dx) <= 300 and abs(dy) <= 150
                if at is None or near:
                    meant[one].append(("it", {"n": number}))
                elif afar is not None:
                    meant[one].append(("it", afar))
        broadcaster.send_tables(tick)
        for one in watchers:
            one.take()
            assert one.events == meant[one]


def crossing(subprotocol: str, game: type[Crossing] = Crossing) -> tuple[Playground, MemoryClient, MemoryClient]:
    match = Playground(game, start="now", spectator_delay=0)
    ann, bob = (match.connect(name, subprotocol=subprotocol) for name in ("Ann", "Bob"))
    match.run(0.5)
    return match, ann, bob


def told(client: MemoryClient) -> list[tuple[str, Any]]:
    return [(event["name"], event["data"]) for event in client.messages("event")]


@pytest.mark.parametrize("subprotocol", FORMS)
def test_who_walks_out_of_sight_is_gone_from_the_state(subprotocol: str) -> None:
    match, ann, bob = crossing(subprotocol)
    everybody = {ann.player_id, bob.player_id}
    assert set(ann.state["walkers"]) == set(bob.state["walkers"]) == everybody
    bob.input(to=190)  # beyond the view, within its margin
    match.run(0.2)
    assert set(ann.state["walkers"]) == everybody
    bob.input(to=1000)
    match.run(0.2)
    assert set(ann.state["walkers"]) == {ann.player_id}
    assert set(bob.state["walkers"]) == {bob.player_id}
    assert [sign["text"] for sign in ann.state["signs"].values()] == ["at 0"]
    assert [sign["text"] for sign in bob.state["signs"].values()] == ["at 1000"]
    # What has no place is everybody's, and so is what never changes.
    assert ann.state["tallies"] == bob.state["tallies"]
    assert ann.state["tallies"][bob.player_id]["steps"] == 2
    assert ann.state["walls"] == [[0, 4000]]
    late = match.connect("Late", subprotocol=subprotocol)
    match.run(0.1)
    assert set(late.state["walkers"]) == {ann.player_id, late.player_id}


@pytest.mark.parametrize("subprotocol", FORMS)
def test_events_out_of_sight_are_told_without_their_place_or_not_at_all(subprotocol: str) -> None:
    match, ann, bob = crossing(subprotocol)
    bob.input(to=100, shout=True)
    match.run(0.1)
    near = [("shout", {"by": bob.player_id, "x": 100}), ("breath", {"by": bob.player_id})]
    assert told(ann) == told(bob) == near
    bob.input(to=1000, shout=True, bells=True)
    match.run(0.1)
    assert told(ann)[2:] == [("shout", {"by": bob.player_id}), ("bells", {})]
    assert told(bob)[2:] == [
        ("shout", {"by": bob.player_id, "x": 1000}),
        ("breath", {"by": bob.player_id}),
        ("bells", {}),
    ]


@pytest.mark.parametrize("subprotocol", FORMS)
def test_without_an_interest_everybody_is_told_everything(subprotocol: str) -> None:
    match, ann, bob = crossing(subprotocol, OpenCrossing)
    bob.input(to=1000, shout=True)
    match.run(0.1)
    assert set(ann.state["walkers"]) == {ann.player_id, bob.player_id}
    assert told(ann) == told(bob) == [("shout", {"by": bob.player_id, "x": 1000}), ("breath", {"by": bob.player_id})]


@pytest.mark.parametrize("subprotocol", FORMS)
def test_those_who_watch_see_all(subprotocol: str) -> None:
    match, ann, bob = crossing(subprotocol)
    viewer = match.connect(subprotocol=subprotocol)
    viewer.send({"type": "join", "name": "Viv", "role": "spectator", "room": ann.room_id})
    match.run(1)
    bob.input(to=1000, shout=True)
    match.run(0.5)
    assert set(viewer.state["walkers"]) == {ann.player_id, bob.player_id}
    assert len(viewer.state["signs"]) == 2
    assert told(viewer) == [("shout", {"by": bob.player_id, "x": 1000}), ("breath", {"by": bob.player_id})]


@pytest.mark.parametrize("subprotocol", FORMS)
def test_those_who_watch_are_kept_from_what_the_game_says_they_are(subprotocol: str) -> None:
    class Discreet(Crossing):
        view = Interest(
            radius=150, around="walkers", spectators_see=lambda table, rows: np.full(rows.size, table != "signs")
        )

    match, ann, _ = crossing(subprotocol, Discreet)
    viewer = match.connect(subprotocol=subprotocol)
    viewer.send({"type": "join", "name": "Viv", "role": "spectator", "room": ann.room_id})
    match.run(1.5)
    assert len(viewer.state["walkers"]) == 2
    assert viewer.state["signs"] == {}
    assert len(ann.state["signs"]) == 1


def test_who_does_not_read_is_skipped_and_then_told_what_they_may_know() -> None:
    match, ann, bob = crossing(JSON_SUBPROTOCOL)
    ann.connection.congested = True
    bob.input(to=1000)
    held = len(ann.connection.sent)
    match.run(0.5)
    assert len(ann.connection.sent) == held
    ann.connection.congested = False
    match.run(0.1)
    assert ann.messages("state")[-1]["state"]["walkers"].keys() == {ann.player_id}
    assert ann.state["tallies"] == bob.state["tallies"]


def test_a_game_that_makes_its_state_itself_has_its_rows_filtered_and_the_rest_told() -> None:
    class Own(Crossing):
        def get_game_state(self) -> Any:
            return {"walkers": self.world.walkers.plain(), "news": {"of": None}, "signs": ["no", "rows"]}

    match, ann, bob = crossing(JSON_SUBPROTOCOL, Own)
    bob.input(to=1000)
    match.run(0.2)
    assert set(ann.state["walkers"]) == {ann.player_id}
    assert (ann.state["news"], ann.state["signs"]) == ({"of": None}, ["no", "rows"])


def test_whoever_takes_the_place_of_another_knows_nothing_of_what_that_one_saw() -> None:
    match, ann, bob = crossing(JSON_SUBPROTOCOL)
    bob.input(to=1000)
    match.run(0.2)
    ann.send({"type": "leave"})
    late = match.connect("Late", subprotocol=JSON_SUBPROTOCOL)
    late.input(to=3000)
    match.run(0.2)
    assert set(late.state["walkers"]) == {late.player_id}
    assert late.state["signs"] == {}
