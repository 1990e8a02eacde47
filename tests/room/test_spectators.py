"""Those who watch a room: what they are shown, when, and that nothing else reaches them."""

from __future__ import annotations

import pytest

from rumpus import Game
from rumpus.config import Limits
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.replication import Interest
from rumpus.testing import MemoryConnection, Playground
from tests.support.walkers import BOTH, DELAY, GAMES, TICK, InTables, Narrow, Plain, kinds, playground, watch

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
    assert all(room.watched_by == 0 for room in match.server.rooms.values())


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
    assert room.watched_by == 2
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
    assert not room._spectators.active


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


# With the controls of a room.


@GAMES
@BOTH
def test_a_match_that_is_paused_can_be_watched(game: type[Game], subprotocol: str) -> None:
    match = playground(game)
    ann = match.connect("Ann", create=True)
    match.run(1)
    ann.input(step=4)
    match.run(0.2)
    ann.send({"type": "pause", "paused": True})
    match.run(1)
    assert match.server.rooms[ann.room_id].paused
    wil = watch(match, subprotocol, ann.room_id)
    match.run(DELAY + 0.5)
    assert wil.last("joined")["paused"] is True
    assert (wil.state["places"] if game is Plain else wil.state["walkers"])[ann.player_id] in (4, {"x": 4, "y": 0})
    late = watch(match, subprotocol, ann.room_id)
    assert late.state == wil.state
    ann.send({"type": "pause", "paused": False})
    match.run(8)
    assert late.state == wil.state
    assert late.last("room_changed")["paused"] is False
    assert late.messages("delta")


def test_team_talk_is_for_the_team_and_the_banned_do_not_watch() -> None:
    match = playground(settings={"sides": "true"})
    ann = match.connect("Ann", create=True)
    ben = match.connect("Ben", room=ann.room_id)
    wil = watch(match, room=ann.room_id)
    match.run(3)
    ann.send({"type": "chat", "text": "behind the wall", "to": "team"})
    ann.send({"type": "chat", "text": "hello"})
    ann.send({"type": "kick", "player_id": ben.player_id, "ban": True})
    match.run(3)
    assert [line["text"] for line in wil.messages("chat")] == ["hello"]
    assert wil.last("player_left")["reason"] == "banned"
    assert watch(match, room=ann.room_id, address=ben.connection.address).errors() == ["banned"]
    # All of these tests' clients have the same address; whoever watches already stays.
    assert not wil.errors()


def test_what_spectators_say_passes_the_operators_filter() -> None:
    match = playground(chat_filter=lambda text, info: None if "bad" in text else text.replace("darn", "****"))
    match.connect("Ann")
    wil = watch(match)
    match.run(3)
    for text in ("a bad word", "oh darn"):
        wil.send({"type": "chat", "text": text})
    assert [line["text"] for line in wil.messages("chat")] == ["oh ****"]
