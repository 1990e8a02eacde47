"""Those who watch a room: what they are shown, when, and that nothing else reaches them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rumpus import Game, Input, PlayerInfo, Settings
from rumpus.config import Limits
from rumpus.following import SNAPSHOT_MARK, StateFollower
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.replication import Fixed, Int, Interest, Local, Table, World
from rumpus.testing import MemoryClient, MemoryConnection, Playground

BOTH = pytest.mark.parametrize("subprotocol", [JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL])
DELAY = 2.0
TICK = 1 / 30


class Do(Input):
    """Something that the player does, for others to see or for them alone; or fall."""

    step: Annotated[int, msgspec.Meta(ge=-1000, le=1000)] = 0
    whisper: bool = False
    fall: bool = False
    end: bool = False


class Plain(Game):
    """Everybody walks; who falls is out; whoever says so ends it."""

    Input = Do
    commands = True
    max_players = 8
    min_players = 1

    class Settings(Settings):
        sides: bool = False

    @classmethod
    def teams(cls, settings: Any) -> tuple[str, ...]:
        return ("red", "blue") if settings.sides else ()

    def initialize_game(self, settings: Any) -> None:
        super().initialize_game(settings)
        self.places: dict[str, int] = {}
        self.over = False
        self.time = 0
        self.inputs: list[str] = []

    def add_player(self, player_id: str, info: PlayerInfo) -> None:
        super().add_player(player_id, info)
        self.places[player_id] = 0
        if info.options.get("late"):
            self.eliminate(player_id)

    def remove_player(self, player_id: str) -> None:
        super().remove_player(player_id)
        del self.places[player_id]

    def process_input(self, player_id: str, input_data: Do) -> None:
        self.inputs.append(player_id)
        self.places[player_id] += input_data.step
        self.over |= input_data.end
        if input_data.step:
            self.emit("stepped", {"by": player_id})
        if input_data.whisper:
            self.emit("secret", {}, to=player_id)
        if input_data.fall:
            self.emit("fell", {"player": player_id})
            self.eliminate(player_id)

    def update(self, delta_time: float) -> None:
        self.time += 1

    def is_game_over(self) -> bool:
        return self.over

    def get_game_state(self) -> Any:
        return {"places": dict(self.places), "time": self.time}


class Walkers(Table):
    x = Fixed(1, -100_000, 100_000)
    y = Fixed(1, 0, 100_000)
    secret = Local()


class Clocks(Table, key="c"):
    time = Int(0, 1_000_000)


class Field(World):
    walkers: Walkers
    clocks: Clocks


class InTables(Plain):
    World = Field
    world: Field
    view: Interest | None = None

    def initialize_game(self, settings: Any) -> None:
        super().initialize_game(settings)
        self.world.interest = self.view
        self.world.clocks.add()

    def add_player(self, player_id: str, info: PlayerInfo) -> None:
        # Far from one another, so that with an interest nobody sees anybody.
        self.world.walkers.add(player_id, x=0, y=1000 * len(self.world.walkers), secret=7)
        super().add_player(player_id, info)

    def remove_player(self, player_id: str) -> None:
        super().remove_player(player_id)
        self.world.walkers.remove(player_id)

    def update(self, delta_time: float) -> None:
        super().update(delta_time)
        self.world.clocks.time[0] = self.time
        for player_id, place in self.places.items():
            self.world.walkers[player_id].x = place

    def get_game_state(self) -> Any:
        return self.world.plain()


class Narrow(InTables):
    view = Interest(width=100, height=100, around="walkers")


GAMES = pytest.mark.parametrize("game", [Plain, InTables, Narrow])


def playground(game: type[Game] = Plain, **options: Any) -> Playground:
    return Playground(
        game, **{"start": "now", "spectator_delay": DELAY, "results_time": 1, "empty_grace": 3, **options}
    )


def watch(match: Playground, subprotocol: str = JSON_SUBPROTOCOL, room: str | None = None) -> MemoryClient:
    client = match.connect(subprotocol=subprotocol)
    client.send({"type": "join", "name": "Wil", "role": "spectator", "room": room})
    return client


def kinds(client: MemoryClient) -> list[str]:
    """The types of the messages received, states aside."""
    return [message["type"] for message in client.messages() if message["type"] not in ("state", "delta")]


# What is shown, and when.


@GAMES
@BOTH
@pytest.mark.parametrize("delay", [0.0, 0.5, 2.0])
def test_the_picture_comes_as_late_as_it_is_meant_to(game: type[Game], subprotocol: str, delay: float) -> None:
    match = playground(game, spectator_delay=delay)
    ann = match.connect("Ann", subprotocol=subprotocol)
    match.run(0.5)
    wil = watch(match, subprotocol)
    sent: dict[int, float] = {}
    shown: dict[int, float] = {}
    for _ in range(900):
        match.run(1 / 120)
        now = match.clock.now()
        for client, times in ((ann, sent), (wil, shown)):
            for message in client.messages()[-20:]:
                if message["type"] in ("state", "delta"):
                    times.setdefault(message["tick"], now)
    late = [shown[tick] - sent[tick] for tick in shown]
    assert len(late) > 120
    assert list(shown) == list(range(min(shown), max(shown) + 1))
    slack = 1 / 120 + 1e-6
    assert delay - slack <= min(late)
    assert max(late) <= delay + (TICK + slack if delay else slack)


@BOTH
def test_the_first_is_told_when_it_begins_and_all_others_begin_at_once(subprotocol: str) -> None:
    match = playground()
    match.connect("Ann")
    match.run(1)
    wil = watch(match, subprotocol)
    assert kinds(wil) == ["watching"]
    assert wil.last("watching")["starts_in"] == pytest.approx(DELAY, abs=TICK)
    match.run(1)
    xil = watch(match, subprotocol)
    assert xil.last("watching")["starts_in"] == pytest.approx(DELAY - 1, abs=2 * TICK)
    match.run(1.2)
    assert kinds(wil) == kinds(xil) == ["watching", "joined"]
    yil = watch(match, subprotocol)
    assert kinds(yil) == ["joined"]
    assert wil.state == xil.state == yil.state
    joined = yil.last("joined")
    # All of it is as it was then.
    assert (joined["role"], joined["spectators"], joined["spectator_delay"]) == ("spectator", 1, DELAY)
    assert joined["player_id"][0] == "s"
    assert [player["name"] for player in joined["players"]] == ["Ann"]
    assert len({client.last("joined")["player_id"] for client in (wil, xil, yil)}) == 3
    assert len({client.last("joined")["session"] for client in (wil, xil, yil)}) == 3
    assert match.server.rooms[joined["room_id"]].people == 1


@GAMES
@BOTH
def test_everybody_gets_the_same_bytes(game: type[Game], subprotocol: str) -> None:
    match = playground(game)
    ann = match.connect("Ann")
    wil, xil = watch(match, subprotocol), watch(match, subprotocol)
    match.run(3)
    yil = watch(match, subprotocol)
    assert isinstance(yil.connection, MemoryConnection)
    came = len(yil.connection.sent)
    for step in range(5):
        ann.input(step=step)
        match.run(0.5)
    new = yil.connection.sent[came:]
    assert len(new) > 60
    assert wil.connection.sent[-len(new) :] == xil.connection.sent[-len(new) :] == new
    assert wil.state == xil.state == yil.state


@GAMES
@BOTH
def test_it_shows_everything_whoever_sees_it(game: type[Game], subprotocol: str) -> None:
    match = playground(game)
    ann, bob = match.connect("Ann", subprotocol=MSGPACK_SUBPROTOCOL), match.connect("Bob")
    wil = watch(match, subprotocol)
    match.run(1)
    ann.input(step=5)
    bob.input(step=-5)
    match.run(DELAY + 0.5)
    places = wil.state["places"] if game is Plain else {i: row["x"] for i, row in wil.state["walkers"].items()}
    assert places == {ann.player_id: 5, bob.player_id: -5}
    assert "secret" not in str(wil.state)
    if game is Narrow:
        assert set(ann.state["walkers"]) == {ann.player_id}


@BOTH
def test_messages_come_in_their_order_and_through_all_rounds(subprotocol: str) -> None:
    match = playground()
    ann = match.connect("Ann")
    wil = watch(match, subprotocol)
    match.run(1)
    bob = match.connect("Bob")
    match.run(0.5)
    bob.send({"type": "chat", "text": "hello"})
    ann.input(step=1, end=True)
    match.run(1.4)
    assert kinds(wil) == ["watching", "joined"]
    match.run(5)
    assert kinds(wil)[2:] == [
        *("player_joined", "chat", "event", "game_over", "room_reset", "game_started"),
    ]
    assert wil.state["places"] == {ann.player_id: 0, bob.player_id: 0}
    for _ in range(3):
        ann.input(end=True)
        match.run(4)
    assert kinds(wil)[-3:] == ["game_over", "room_reset", "game_started"]
    assert kinds(watch(match, subprotocol)) == ["joined"]


def test_what_is_private_reaches_nobody_who_watches() -> None:
    for game in (Plain, InTables):
        for subprotocol in (JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL):
            match = playground(game, settings={"sides": "true"})
            ann = match.connect("Ann", subprotocol=subprotocol)
            wil = watch(match, subprotocol)
            match.run(1)
            ann.input(whisper=True, step=1)
            match.server.rooms[ann.room_id].send_private_message(ann.player_id, {"type": "letter"})
            match.run(4)
            assert {event["name"] for event in ann.messages("event")} == {"secret", "stepped"}
            assert [event["name"] for event in wil.messages("event")] == ["stepped"]
            assert ann.messages("letter")
            assert not wil.messages("letter")
            assert "ack" not in wil.messages("delta")[-1]


def test_a_game_with_secrets_says_what_spectators_may_see() -> None:
    class Secretive(InTables):
        view = Interest(
            width=10_000,
            height=10_000,
            around="walkers",
            may_see=lambda player_id, table, rows: rows >= 0,
            spectators_see=lambda table, rows: rows == 0,
        )

    match = playground(Secretive, spectator_delay=0)
    ann, bob = match.connect("Ann", subprotocol=MSGPACK_SUBPROTOCOL), match.connect("Bob")
    wil = watch(match, MSGPACK_SUBPROTOCOL)
    match.run(1.5)
    assert set(wil.state["walkers"]) == {ann.player_id}
    assert set(ann.state["walkers"]) == {ann.player_id, bob.player_id}
    # The number that the recording had goes to a player, who is refused nothing.
    wil.send({"type": "leave"})
    match.run(0.5)
    cid = match.connect("Cid", subprotocol=MSGPACK_SUBPROTOCOL)
    match.run(0.5)
    assert set(cid.state["walkers"]) == {ann.player_id, bob.player_id, cid.player_id}


# Slow readers.


@GAMES
@BOTH
def test_who_does_not_read_is_skipped_and_goes_on_from_a_key(game: type[Game], subprotocol: str) -> None:
    match = playground(game)
    ann = match.connect("Ann")
    wil, xil = watch(match, subprotocol), watch(match, subprotocol)
    match.run(4)
    wil.connection.congested = True
    had = len(wil.messages("state") + wil.messages("delta"))
    ann.input(step=3)
    ann.send({"type": "chat", "text": "hello"})
    match.run(3)
    assert len(wil.messages("state") + wil.messages("delta")) == had
    assert wil.messages("chat")
    wil.connection.congested = False
    match.run(1.1)
    assert wil.state == xil.state
    assert len(wil.messages("state")) == len(xil.messages("state")) + 1
    counted = match.server.counters.snapshots_skipped
    assert counted == 1


def test_who_never_reads_is_cut_off() -> None:
    match = Playground(Plain, Limits(slow_timeout=5), start="now")
    match.connect("Ann")
    wil = watch(match)
    wil.connection.congested = True
    match.run(8)
    assert wil.connection.closed
    assert all(room.spectating.count == 0 for room in match.server.rooms.values())


# Who may watch.


def test_as_many_may_watch_as_the_room_allows() -> None:
    match = playground(max_spectators=2)
    match.connect("Ann")
    room = next(iter(match.server.rooms.values()))
    first = watch(match, room=room.room_id)
    watch(match, room=room.room_id.lower())
    third = watch(match, room=room.room_id)
    assert third.errors() == ["spectators_full"]
    match.run(1)
    first.send({"type": "leave"})
    assert first.last("player_left")["reason"] == "left"
    third.send({"type": "join", "role": "spectator", "room": room.room_id})
    assert third.errors() == ["spectators_full"]
    assert room.spectating.count == 2
    assert watch(playground(max_spectators=0)).errors() == ["room_not_found"]


def test_without_a_code_it_is_the_public_match_with_the_most_people() -> None:
    match = playground(max_spectators=1)
    assert watch(match).errors() == ["room_not_found"]
    hidden = match.connect("Ann", create=True, private=True)
    small = match.connect("Bob", create=True, private=False)
    large = match.connect("Cid", create=True, private=False)
    match.connect("Dan", room=large.room_id)
    for name in ("Eve", "Fay"):
        match.connect(name, room=hidden.room_id)
    match.run(0.2)
    rooms = match.server.rooms
    first, second = watch(match), watch(match)
    assert (first.session.room, second.session.room) == (rooms[large.room_id], rooms[small.room_id])
    assert watch(match).errors() == ["room_not_found"]
    assert not watch(match, room=hidden.room_id).errors()


def test_who_watches_may_chat_with_others_who_do_and_do_nothing_else() -> None:
    match = playground()
    ann = match.connect("Ann")
    wil, xil = watch(match), watch(match, MSGPACK_SUBPROTOCOL)
    match.run(3)
    wil.send({"type": "chat", "text": "boo"})
    wil.input(step=1)
    wil.send({"type": "team", "team": "red"})
    wil.send({"type": "ready"})
    assert wil.errors() == ["spectating"] * 3
    wil.send({"type": "join", "name": "Again"})
    wil.send({"type": "resume", "session": wil.last("joined")["session"]})
    assert wil.errors()[3:] == ["already_joined"] * 2
    wil.send({"type": "ping", "time": 1})
    assert wil.last("pong")["tick"] > 0
    match.run(3)
    line = xil.last("chat")
    assert (line["text"], line["spectator"], line["name"]) == ("boo", True, "Wil")
    assert wil.last("chat") == line
    assert not ann.messages("chat")
    wil.send({"type": "leave"})
    wil.join("Wil")
    assert wil.last("joined")["role"] == "player"


def test_players_are_told_how_many_watch_once_a_second() -> None:
    match = playground()
    ann = match.connect("Ann")
    match.run(1)
    watchers = [watch(match) for _ in range(3)]
    match.run(0.2)
    for client in watchers:
        client.connection.disconnect()
    match.run(0.5)
    assert [message["spectators"] for message in ann.messages("room_changed")] == [3]
    match.run(1)
    assert [message["spectators"] for message in ann.messages("room_changed")] == [3, 0]
    room = match.server.rooms[ann.room_id]
    match.run(0.2)
    assert not room.spectating.active


# Ends.


def test_a_room_with_nobody_but_spectators_closes() -> None:
    match = playground(start="full", max_players=1, empty_grace=1, results_time=60)
    ann = match.connect("Ann")
    wil = watch(match)
    match.run(3)
    ann.send({"type": "leave"})
    match.run(3)
    assert kinds(wil)[-3:] == ["player_left", "game_over", "player_left"]
    left = wil.last("player_left")
    assert (left["player_id"], left["reason"]) == (wil.last("joined")["player_id"], "closed")
    assert not match.server.rooms
    wil.join("Wil")
    assert wil.last("joined")["role"] == "player"


def test_a_game_that_fails_is_over_for_those_who_watch_too() -> None:
    class Broken(Plain):
        def update(self, delta_time: float) -> None:
            if self.current_tick > 100:
                raise ZeroDivisionError

    match = playground(Broken)
    match.connect("Ann")
    wil = watch(match)
    match.run(5)
    assert wil.errors() == ["game_error"]
    assert wil.session.room is None
    assert not wil.connection.closed


# Players who are out.


@GAMES
@BOTH
def test_who_is_out_watches_from_then_on_as_late_as_spectators(game: type[Game], subprotocol: str) -> None:
    match = playground(game)
    ann, bob = match.connect("Ann", subprotocol=subprotocol), match.connect("Bob", subprotocol=subprotocol)
    match.run(1)
    ann.input(step=1, fall=True)
    match.run(0.1)
    assert bob.last("player_changed")["player"] == {**bob.last("player_changed")["player"], "out": True}
    assert ann.last("watching")["starts_in"] == pytest.approx(DELAY, abs=2 * TICK)
    assert ann.last("event")["name"] == "fell"
    last, had = ann.last("delta")["tick"], len(ann.messages("state"))
    bob.input(step=9)
    bob.send({"type": "chat", "text": "over there!"})
    match.run(1)
    assert ann.last("delta")["tick"] == last
    assert ann.messages("chat")
    match.run(1.2)
    assert len(ann.messages("state")) == had + 1
    assert ann.last("state")["tick"] in (last + 1, last + 2)
    match.run(2)
    ticks = [message["tick"] for message in ann.messages() if message["type"] in ("state", "delta")]
    assert ticks == sorted(set(ticks))
    room = match.server.rooms[ann.room_id]
    assert set(ticks[-30:]) == set(range(ticks[-30], ticks[-30] + 30))
    assert round((room.current_tick - ticks[-1]) * TICK, 1) == DELAY
    assert [event["data"]["by"] for event in ann.messages("event") if event["name"] == "stepped"][-1] == bob.player_id
    assert bob.player_id in str(ann.state)


@BOTH
def test_inputs_of_those_who_are_out_do_nothing_until_the_next_match(subprotocol: str) -> None:
    match = playground()
    ann, bob = match.connect("Ann", subprotocol=subprotocol), match.connect("Bob")
    room = match.server.rooms[ann.room_id]
    assert isinstance(room.game, Plain)
    match.run(0.5)
    ann.input(fall=True)
    match.run(0.1)
    room.game.inputs.clear()
    ann.input(step=5)
    ann.timed_input(room.current_tick + 3, step=5)
    match.run(1)
    assert room.game.inputs == []
    assert not ann.errors()
    bob.input(step=2, end=True)
    match.run(0.2)
    # Nothing has to be kept from them any more: the picture catches up, then come the results.
    assert ann.last("game_over")["results"] == bob.last("game_over")["results"]
    assert {line["player_id"] for line in ann.last("game_over")["results"]} == {ann.player_id, bob.player_id}
    order = [message["type"] for message in ann.messages()]
    assert order.index("game_over") > len(order) - order[::-1].index("delta") - 1
    assert ann.state["places"][bob.player_id] == 2
    match.run(1.5)
    assert room.status == "in-progress"
    assert [message["player"].get("out", False) for message in bob.messages("player_changed")] == [True, False]
    ann.input(step=4)
    match.run(0.2)
    assert ann.state["places"][ann.player_id] == 4
    assert ann.state == bob.state


@GAMES
@BOTH
def test_who_comes_back_or_comes_late_when_out_watches(game: type[Game], subprotocol: str) -> None:
    match = playground(game)
    ann = match.connect("Ann", subprotocol=subprotocol)
    match.connect("Bob")
    match.run(0.5)
    ann.input(fall=True)
    match.run(3)
    session = ann.last("joined")["session"]
    ann.connection.disconnect()
    match.run(0.5)
    again = match.connect(subprotocol=subprotocol)
    again.send({"type": "resume", "session": session})
    late = match.connect("Cid", subprotocol=subprotocol, late=True)
    room = match.server.rooms[late.room_id]
    match.run(1)
    now = room.current_tick
    for client in (again, late):
        assert kinds(client)[0] == "joined"
        assert "watching" in kinds(client)
        assert not client.messages("state")
    match.run(2)
    assert again.state == late.state
    assert again.last("delta")["tick"] > now - 10
    again.connection.disconnect()
    late.send({"type": "leave"})
    match.run(0.5)
    assert not room.spectating.active


def test_out_with_the_last_tick_is_out_in_the_results_and_no_more() -> None:
    match = playground()
    ann = match.connect("Ann")
    match.run(0.5)
    ann.input(fall=True, end=True)
    match.run(0.2)
    assert kinds(ann)[-3:] == ["event", "player_changed", "game_over"]
    match.run(3)
    assert not ann.messages("watching")
    assert ann.state["time"] > 0


def test_bots_that_are_out_do_nothing() -> None:
    class Robots(Plain):
        def make_bot(self, player_id: str, skill: float, seed: int) -> Any:
            class Runner:
                def act(self, state: Any) -> dict[str, Any]:
                    return {"step": 1, "fall": state["time"] > 20}

            return Runner()

    match = playground(Robots, bots=1, max_players=2)
    ann = match.connect("Ann")
    match.run(3)
    room = match.server.rooms[ann.room_id]
    assert isinstance(room.game, Robots)
    assert len(room.game.out) == 1
    assert room.game.inputs.count(next(iter(room.game.out))) < 30


# Whatever people do.


class Follower:
    """Checks all that a watcher is shown against what was so."""

    def __init__(self, client: MemoryClient, now: Callable[[], float]) -> None:
        self.client = client
        self.now = now
        self.follower = StateFollower()
        self.read = 0
        self.shown: list[tuple[int, int]] = []
        self.match = -1
        self.skipped = self.looked = False

    def look(self, truth: dict[tuple[int, int], tuple[float, Any]]) -> None:
        assert isinstance(self.client.connection, MemoryConnection)
        text = self.client.connection.codec.text
        for data in self.client.connection.sent[self.read :]:
            if data[0] == SNAPSHOT_MARK:
                self.follower.on_snapshot(data)
                self._compare(truth)
                continue
            message = (msgspec.json if text else msgspec.msgpack).decode(data)
            self.follower.on_message(message)
            kind = message["type"]
            if kind in ("joined", "game_started") and message["static"] is not None:
                self.match = message["static"]["match"]
            if kind in ("state", "delta"):
                self._compare(truth)
            if kind == "player_left" and message["player_id"][0] == "s":
                self.shown = []
        self.read = len(self.client.connection.sent)
        self.looked = bool(self.shown)

    def _compare(self, truth: dict[tuple[int, int], tuple[float, Any]]) -> None:
        key = (self.match, self.follower.tick)
        when, state = truth[key]
        shown = {name: value for name, value in self.follower.state.items() if name != "match"}
        assert shown == state
        late = self.now() - when
        assert late >= DELAY - 1e-6
        # Who has just come begins with the last key, and is brought to the present at once.
        assert late <= DELAY + 3.5 * TICK or not self.looked
        if self.shown and not self.skipped and self.shown[-1][0] == key[0]:
            assert key[1] == self.shown[-1][1] + 1
        self.shown.append(key)


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("join"), st.booleans()),
        st.tuples(st.just("watch"), st.booleans()),
        st.tuples(st.sampled_from(["leave", "drop", "step", "fall", "end", "clog", "unclog"]), st.integers(0, 5)),
        st.tuples(st.just("run"), st.sampled_from([1, 2, 7, 31, 70])),
    ),
    max_size=40,
)


@pytest.mark.parametrize("kind", [Plain, InTables])
@settings(max_examples=80, deadline=None)
@given(actions=ACTIONS)
def test_whatever_happens_each_is_shown_just_what_was_so(kind: type[Plain], actions: list[tuple[str, int]]) -> None:
    truth: dict[tuple[int, int], tuple[float, Any]] = {}

    class Recorded(kind):  # type: ignore[misc, valid-type]  # a parameter
        number = 0

        def initialize_game(self, settings: Any) -> None:
            super().initialize_game(settings)
            type(self).number += 1

        def get_static_state(self) -> dict[str, Any]:
            return {"match": self.number}

        def is_game_over(self) -> bool:
            truth[self.number, self.current_tick] = (match.clock.now(), copy.deepcopy(self.get_game_state()))
            return bool(super().is_game_over())

    match = playground(Recorded, reconnect_time=0, empty_grace=100)
    players = [match.connect("Ann")]
    watchers: list[Follower] = []
    for what, which in [*actions, ("run", 70), ("run", 31)]:
        subprotocol = MSGPACK_SUBPROTOCOL if which else JSON_SUBPROTOCOL
        player = players[which % len(players)]
        watcher = watchers[which % len(watchers)] if watchers else None
        if what == "join" and len(players) < 8:
            players.append(match.connect("Bob", room=players[0].room_id, subprotocol=subprotocol))
        elif what == "watch":
            watchers.append(Follower(watch(match, subprotocol, players[0].room_id), match.clock.now))
        elif what == "leave" and watcher is not None:
            watcher.client.send({"type": "leave"})
        elif what == "drop":
            if watcher is not None and which % 2:
                watcher.client.connection.disconnect()
            elif player is not players[0]:
                player.connection.disconnect()
        elif what == "step":
            player.input(step=which)
        elif what in ("fall", "end"):
            player.input(**{what: True})
        elif what in ("clog", "unclog") and watcher is not None:
            watcher.client.connection.congested = what == "clog"
            watcher.skipped = True
        elif what == "run":
            for _ in range(which):
                match.run(TICK)
                for watcher in watchers:
                    watcher.look(truth)
    assert not match.server.counters.failed_rooms
    room = match.server.rooms[players[0].room_id]
    shown = [f for f in watchers if f.client.session.spectator is not None and not f.client.connection.congested]
    if room.status == "in-progress" and room.current_tick > 4 / TICK:
        assert all(follower.shown for follower in shown)
