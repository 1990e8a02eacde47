"""The fast lane: whatever bytes come in whatever pieces, the game gets what was sent, once and in order."""

from __future__ import annotations

import asyncio
import os
import random
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rumpus
from rumpus.config import Limits, RoomOptions
from rumpus.net.batch import reader as fast_lane
from rumpus.net.batch.reader import BatchReader, whole_frames
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.room.chat import RoomChat
from rumpus.server import GameServer
from tests.support.clients import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawClient, frame
from tests.support.serving import PATIENCE, ServerThread, serving

pytestmark = pytest.mark.socket

SUBPROTOCOLS = [JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL]
OPTIONS = RoomOptions(start="now", tick_rate=120, empty_grace=0, reconnect_time=0)
#: Nothing is dropped: these tests ask whether everything arrives.
LIMITS = Limits(max_messages_per_second=10**6, max_inputs_per_tick=10**6, max_chats_per_second=1000)


class Recorder(rumpus.Game):
    """Keeps every input of every player."""

    max_players = 8
    commands = True
    heard: dict[str, list[tuple[int, str]]] = {}  # noqa: RUF012  # for all matches, and read from the test's thread

    class Input(rumpus.Input):
        n: int
        text: str = ""

    def add_player(self, player_id: str, info: rumpus.PlayerInfo) -> None:
        super().add_player(player_id, info)
        self.heard[player_id] = []

    def process_input(self, player_id: str, input_data: Any) -> None:
        self.heard[player_id].append((input_data.n, input_data.text))

    def update(self, delta_time: float) -> None:
        pass

    def get_game_state(self) -> Any:
        return {}


@pytest.fixture(scope="module")
def server() -> Iterator[ServerThread]:
    with serving(Recorder, OPTIONS, LIMITS) as server:
        yield server
        assert not server.errors.records, server.errors.texts()


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def connection_of(server: GameServer, player_id: str) -> Any:
    return server.players[player_id].player.connection


def is_in_lane(server: ServerThread, client: RawClient) -> bool:
    return server.call(lambda server: connection_of(server, client.player_id).lane_fd >= 0)


def joined(server: ServerThread, subprotocol: str = MSGPACK_SUBPROTOCOL, **how: Any) -> RawClient:
    """A client that has a seat in a running match and is in the lane."""
    client = RawClient(server.port, subprotocol, **how)
    client.join()
    assert is_in_lane(server, client)
    return client


def messages(server: ServerThread) -> int:
    return server.call(lambda server: server.counters.messages_received)


def wait_until_gone(server: ServerThread, client: RawClient) -> None:
    wait_for(lambda: server.call(lambda server: client.player_id not in server.players))
    wait_for(lambda: server.call(lambda server: len(server._lane or ()) <= len(server.sessions)))


def input_frame(client: RawClient, n: int, text: str = "", **how: Any) -> bytes:
    data = client.encode({"type": "input", "seq": n, "data": {"n": n, "text": text}})
    return frame(data, BINARY if client.binary else TEXT, **how)


def pieces_frame(client: RawClient, n: int, text: str, cuts: list[int], between: list[bytes]) -> bytes:
    """An input in fragments, cut where `cuts` says, with other frames between them."""
    data = client.encode({"type": "input", "seq": n, "data": {"n": n, "text": text}})
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    parts = [data[start:end] for start, end in pairwise(places)]
    kind = BINARY if client.binary else TEXT
    frames = [
        frame(part, CONTINUATION if index else kind, fin=index == len(parts) - 1) for index, part in enumerate(parts)
    ]
    stream = frames[0]
    for index, part in enumerate(frames[1:]):
        stream += (between[index] if index < len(between) else b"") + part
    return stream


# What is read.


@pytest.mark.parametrize("subprotocol", SUBPROTOCOLS)
@pytest.mark.parametrize("seed", range(12))
def test_whatever_comes_in_whatever_pieces_arrives_once_and_in_order(
    server: ServerThread, subprotocol: str, seed: int
) -> None:
    chance = random.Random(seed)
    client = joined(server, subprotocol)
    stream, expected, pings = b"", [], []

    def ping() -> bytes:
        pings.append(os.urandom(chance.choice([0, 4, 125])))
        return frame(pings[-1], PING)

    for n in range(150):
        kind = chance.random()
        text = "ä☃x"[chance.randrange(3)] * chance.choice([0, 1, 20, 70, 100, 300, 2000, 5000])
        if kind < 0.1:
            stream += ping()
        elif kind < 0.15:
            stream += frame(b"?", PONG)
        elif kind < 0.3:
            cuts = [chance.randrange(10_000) for _ in range(chance.randrange(1, 5))]
            between = [chance.choice([b"", frame(b"", PONG)]) for _ in cuts]
            if chance.random() < 0.5:
                between[0] = ping()
            stream += pieces_frame(client, n, text, cuts, between)
            expected.append((n, text))
        else:
            stream += input_frame(client, n, text, wide=chance.choice([0, 0, 16]) if len(text) > 130 else 0)
            expected.append((n, text))
    with client:
        at = 0
        while at < len(stream):
            size = chance.choice([1, 2, 3, 7, 50, 60, 400, 3000, 8192, 20_000])
            client.raw(stream[at : at + size])
            at += size
            if chance.random() < 0.2:
                time.sleep(chance.choice([0, 0.0005, 0.003]))
        heard = Recorder.heard[client.player_id]
        wait_for(lambda: len(heard) >= len(expected))
        assert heard == expected
        answered = []
        while len(answered) < len(pings):
            found = client.next_frame()
            if found.opcode == PONG:
                answered.append(found.payload)
        assert answered == pings
        assert is_in_lane(server, client)
    wait_until_gone(server, client)


@pytest.mark.parametrize("subprotocol", SUBPROTOCOLS)
def test_a_stream_may_be_cut_at_any_byte(server: ServerThread, subprotocol: str) -> None:
    with joined(server, subprotocol) as client:
        heard = Recorder.heard[client.player_id]
        text = "ö" * 60  # makes the length field a longer one
        size = len(input_frame(client, 1, text) + pieces_frame(client, 2, "b", [9], [frame(b"!", PING)]))
        for cut in range(size + 1):
            heard.clear()
            stream = input_frame(client, 1, text) + pieces_frame(client, 2, "b", [9], [frame(b"!", PING)])
            client.raw(stream[:cut])
            time.sleep(0.003)
            client.raw(stream[cut:] + input_frame(client, 3))
            wait_for(lambda: len(heard) >= 3)
            assert heard == [(1, text), (2, "b"), (3, "")], cut
        assert is_in_lane(server, client)


def test_what_came_with_the_join_is_read_before_what_the_lane_reads(server: ServerThread) -> None:
    for size in range(1, 90, 4):
        with RawClient(server.port) as client:
            join = frame(client.encode({"type": "join", "name": "x", "options": {"create": True}}))
            stream = b"".join(input_frame(client, n) for n in range(20))
            client.raw(join + stream[:size])
            client.player_id = client.expect("joined")["player_id"]
            client.raw(stream[size:])
            # Who is told of the room is put into its match right after that.
            wait_for(lambda client=client: client.player_id in Recorder.heard)
            heard = Recorder.heard[client.player_id]
            wait_for(lambda heard=heard: len(heard) >= 20)
            assert [n for n, _ in heard] == list(range(20))
            assert is_in_lane(server, client)


def test_many_clients_at_once_are_each_heard_in_order(server: ServerThread) -> None:
    clients = [joined(server, SUBPROTOCOLS[index % 2]) for index in range(60)]
    assert server.call(lambda server: len(server._lane or ())) == 60
    for n in range(40):
        for client in clients:
            client.raw(input_frame(client, n))
    for client in clients:
        heard = Recorder.heard[client.player_id]
        wait_for(lambda heard=heard: len(heard) >= 40)
        assert [number for number, _ in heard] == list(range(40))
        client.sock.close()
    for client in clients:
        wait_until_gone(server, client)
    assert server.call(lambda server: len(server._lane or ())) == 0


# What is answered between ticks.


@pytest.mark.parametrize("busy", [False, True])
def test_pings_and_chat_are_answered_between_ticks(busy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rumpus.net.batch.reader._MANY", 3)
    options = RoomOptions(start="now", tick_rate=1, empty_grace=0, reconnect_time=0)
    with serving(Recorder, options, LIMITS) as server, joined(server) as client:
        times = []
        for n in range(20):
            if busy:
                # So much comes in that the lane is looked at by the clock.
                keep_busy(server, client)
            began = time.monotonic()
            client.frame(b"%d" % n, PING)
            while (found := client.next_frame()).opcode != PONG:
                pass
            assert found.payload == b"%d" % n
            client.send("chat", text="hello")
            client.expect("chat")
            times.append(time.monotonic() - began)
        # Two answers; the machine may be busy with other things.
        assert sorted(times)[len(times) // 2] < 0.02


def keep_busy(server: ServerThread, client: RawClient) -> None:
    """Send until the lane is looked at by the clock."""
    n = 0
    end = time.monotonic() + PATIENCE
    while server.call(lambda server: server._lane is not None and server._lane.interval is None):
        assert time.monotonic() < end
        for _ in range(20):
            n += 1
            client.raw(input_frame(client, n))


def test_a_lane_in_which_little_happens_wakes_nobody(server: ServerThread, monkeypatch: pytest.MonkeyPatch) -> None:
    # One client on a slow machine does not make that many wake-ups.
    monkeypatch.setattr("rumpus.net.batch.reader._MANY", 3)
    with (
        serving(Recorder, RoomOptions(start="full", empty_grace=0, reconnect_time=0), LIMITS) as server,
        joined(server) as client,
    ):
        keep_busy(server, client)
        wait_for(lambda: server.call(lambda server: server._lane is not None and server._lane.interval is None))
        ticks = server.call(count_ticks)
        # What is looked at is what happens by itself in a while of real time.
        time.sleep(0.5)
        # 16 sweeps a second and 10 looks at the room; not the 500 of a busy lane.
        assert ticks[0] < 40
        assert client.is_served()


def count_ticks(server: GameServer) -> list[int]:
    ticks, tick = [0], server.tick

    def counted() -> float:
        ticks[0] += 1
        return tick()

    server.tick = counted  # type: ignore[method-assign]
    return ticks


# How a connection ends.


@pytest.mark.parametrize("pending", [b"", b"\x82", frame(b"abcdef")[:9]], ids=["nothing", "a byte", "a part"])
def test_the_end_of_a_stream_is_found(server: ServerThread, pending: bytes) -> None:
    with joined(server) as client:
        before = messages(server)
        client.raw(input_frame(client, 1) + pending)
        client.sock.shutdown(socket.SHUT_WR)
        assert client.goodbye()[0] is None
        wait_until_gone(server, client)
        assert messages(server) == before + 1


@pytest.mark.parametrize("first", [b"", frame(b"x" * 3000, PING)[:2000]])
def test_a_reset_is_found(server: ServerThread, first: bytes) -> None:
    client = joined(server)
    client.raw(first)
    client.reset()
    wait_until_gone(server, client)


def test_what_came_just_before_the_end_is_heard_however_long_it_is(server: ServerThread) -> None:
    with joined(server) as client:
        before = messages(server)
        client.raw(b"".join(input_frame(client, n, "y" * 8000) for n in range(30)))
        client.sock.shutdown(socket.SHUT_WR)
        assert client.goodbye()[0] is None
        wait_until_gone(server, client)
        assert messages(server) == before + 30


@pytest.mark.parametrize(
    "after", [b"", b"\x82\x85ab", frame(b"too late", BINARY)], ids=["nothing", "a part", "a frame"]
)
@pytest.mark.parametrize("cut", [5, -1, -3])
def test_a_client_says_goodbye_and_is_answered(server: ServerThread, after: bytes, cut: int) -> None:
    with joined(server) as client:
        stream = input_frame(client, 1) + frame(b"\x03\xe8", CLOSE) + after
        for piece in (stream[:cut], stream[cut:]):
            client.raw(piece)
            time.sleep(0.004)
        assert client.goodbye() == (1000, "")
        wait_until_gone(server, client)


@pytest.mark.parametrize("answer", [True, False])
def test_the_server_says_goodbye_and_takes_the_answer(server: ServerThread, answer: bool) -> None:
    with joined(server) as client:
        # Half a frame is here, the other half will never be looked at.
        client.raw(input_frame(client, 1)[:7])
        time.sleep(0.01)
        server.call(lambda server: connection_of(server, client.player_id).close(1008, "go"))
        code, reason = client.goodbye(answer=False) if not answer else polite_goodbye(client)
        assert (code, reason) == (1008, "go")
        wait_until_gone(server, client)


def polite_goodbye(client: RawClient) -> tuple[int | None, str]:
    """Finish the frame that was begun, then answer."""
    client.raw(input_frame(client, 1)[7:])
    began = time.monotonic()
    found = client.goodbye()
    assert time.monotonic() - began < 0.9, "the answer was not heard; a timer ended it"
    return found


def test_after_a_goodbye_nothing_is_written_past_it(server: ServerThread) -> None:
    with joined(server) as client:

        def close(server: GameServer) -> tuple[int, int]:
            connection = connection_of(server, client.player_id)
            before = connection.direct_fd
            connection.close(1008, "go")
            connection.send_frame_bytes(b"\x82\x01x")
            return before, connection.direct_fd

        before, after = server.call(close)
        assert before >= 0
        assert after == -1
        # `goodbye` fails if anything follows the close frame.
        assert client.goodbye()[0] == 1008


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (lambda client: frame(b"x", BINARY, masked=False), 1002),
        (lambda client: frame(b"x", BINARY, reserved=4), 1002),
        (lambda client: frame(b"x", CONTINUATION), 1002),
        (lambda client: frame(b"x", BINARY, fin=False) + input_frame(client, 9), 1002),
        (lambda client: frame(b"x", 3), 1002),
        (lambda client: frame(b"x", PING, fin=False), 1002),
        (lambda client: frame(b"x" * 126, PING), 1002),
        (lambda client: frame(b"x" * 10, BINARY, wide=16), 1002),
        (lambda client: frame(length=20_000), 1009),
        (lambda client: frame(length=100_000), 1009),
        (lambda client: frame(length=2**40), 1009),
        (lambda client: frame(b"\x00", CLOSE), 1002),
    ],
)
@pytest.mark.parametrize("cut", [0, 1, 2, 3, 4])
def test_faults_end_it_with_a_code_after_what_came_before(
    server: ServerThread, bad: Callable[[RawClient], bytes], code: int, cut: int
) -> None:
    with joined(server) as client:
        stream = bad(client)
        client.raw(input_frame(client, 1) + stream[:cut])
        if cut:
            time.sleep(0.003)
        with suppress(ConnectionError):
            client.raw(stream[cut:])
            client.raw(input_frame(client, 2) * 50)
        assert client.goodbye()[0] == code
        wait_until_gone(server, client)


def test_text_that_is_no_utf8_ends_it(server: ServerThread) -> None:
    with joined(server, JSON_SUBPROTOCOL) as client:
        client.raw(frame(b'{"type":"ping","time":1,"x":"\xff"}', TEXT))
        assert client.goodbye()[0] == 1007


@pytest.mark.parametrize(("subprotocol", "other"), [(JSON_SUBPROTOCOL, BINARY), (MSGPACK_SUBPROTOCOL, TEXT)])
def test_a_message_of_the_other_type_is_refused_and_costs_nothing(
    server: ServerThread, subprotocol: str, other: int
) -> None:
    with joined(server, subprotocol) as client:
        client.frame(b"{}", other)
        assert client.error() == "bad_message"
        assert is_in_lane(server, client)


def test_a_flood_ends_it_and_nobody_else_waits() -> None:
    limits = Limits(max_messages_per_second=100)
    with serving(Recorder, OPTIONS, limits) as server, joined(server) as flooding, joined(server) as other:
        with suppress(ConnectionError):
            for n in range(300):
                flooding.raw(input_frame(flooding, n) * 100)
        with suppress(ConnectionError):
            assert flooding.goodbye()[0] in (1008, None)
        wait_until_gone(server, flooding)
        assert other.is_served()


def test_a_defect_of_the_server_ends_the_one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Recorder, OPTIONS, LIMITS) as server, joined(server) as unlucky, joined(server) as other:
        with monkeypatch.context() as patch:
            patch.setattr(RoomChat, "take", lambda *_: 1 / 0)
            unlucky.send("chat", text="x")
            assert unlucky.goodbye()[0] == 1011
        wait_until_gone(server, unlucky)
        assert other.is_served()
        assert [record.message for record in server.errors.records] == ["a message could not be taken"]


@pytest.mark.parametrize("polite", [True, False])
def test_a_server_stops_in_order_with_clients_in_the_lane(polite: bool) -> None:
    with serving(Recorder, OPTIONS, LIMITS) as server, joined(server) as client:
        client.raw(input_frame(client, 1)[:8])
        began = time.monotonic()
        server.request_stop()
        assert client.goodbye(answer=polite)[0] == 1001
        server._thread.join(PATIENCE)
        assert time.monotonic() - began < 4
        assert not server.errors.records


# What is written.


def test_frames_written_past_it_and_through_it_arrive_in_order() -> None:
    """Also when the client does not read for a while: what was written directly never overtakes what waits."""
    kernels = fast_lane.load_kernels()
    options = RoomOptions(start="full", empty_grace=0, reconnect_time=0)
    with serving(Recorder, options, Limits(max_unsent=10**8)) as server, joined(server, receive_buffer=8192) as client:
        chance = random.Random(5)
        results: set[int] = set()
        count = 0

        def send(server: GameServer) -> None:
            """Send one frame: usually by the fastest way there is at the moment."""
            nonlocal count
            connection = connection_of(server, client.player_id)
            payload = b"%d:" % count + b"z" * chance.choice([5, 100, 1000, 30_000])
            count += 1
            if chance.random() < 0.3:
                connection.send(payload)
                return
            data = np.frombuffer(server_frame(payload), np.uint8).copy()
            result, direct = np.zeros(1, np.int64), connection.direct_fd
            ends = np.array([data.size], np.int64)
            failed = kernels.send_ranges(np.array([direct], np.int32), data, np.zeros(1, np.int64), ends, result)
            results.add(int(np.sign(data.size - result[0])) if direct >= 0 else -2)
            assert failed == (direct >= 0 and result[0] != data.size)
            if direct < 0:
                assert result[0] == -2
                connection.send_frame_bytes(memoryview(data))
            elif failed:
                connection.send_rest(memoryview(data), int(result[0]))
                data[:] = 0
                assert connection.direct_fd == -1

        read = 0
        for _ in range(6):
            while not server.call(lambda server: connection_of(server, client.player_id).congested):
                server.call(send)
            for _ in range(50):
                server.call(send)
            while read < count:
                found = client.next_frame()
                if found.opcode == BINARY and found.payload[:1].isdigit():
                    assert found.payload.startswith(b"%d:" % read)
                    read += 1
            wait_for(lambda: server.call(lambda server: connection_of(server, client.player_id).direct_fd >= 0))
            assert not server.call(lambda server: connection_of(server, client.player_id).congested)
        # Whole, in part or not at all, and passed over.
        assert results == {0, 1, -2}


def server_frame(payload: bytes) -> bytes:
    size = len(payload)
    head = bytes([0x82, size]) if size < 126 else bytes([0x82, 126]) + size.to_bytes(2, "big")
    return head + payload


def test_writing_to_one_who_has_just_gone_is_harmless(server: ServerThread) -> None:
    kernels = fast_lane.load_kernels()

    def write(server: GameServer) -> tuple[int, ...]:
        """Between the reset and the moment at which the server learns of it."""
        connection = connection_of(server, client.player_id)
        client.reset()
        results, data = [], np.frombuffer(server_frame(b"x"), np.uint8).copy()
        for _ in range(3):
            result = np.zeros(1, np.int64)
            fds = np.array([connection.direct_fd], np.int32)
            if kernels.send_ranges(fds, data, np.zeros(1, np.int64), np.array([data.size]), result):
                connection.send_rest(data.data, int(result[0]))
            connection.send_frame_bytes(data.data)
            connection.send(b"y" * 10_000)
            results.append(int(result[0]))
        return tuple(results)

    client = joined(server)
    assert -1 in server.call(write)
    wait_until_gone(server, client)


def test_one_who_reads_nothing_is_cut_off_at_the_limit_however_it_is_written_to() -> None:
    options = RoomOptions(start="full", empty_grace=0, reconnect_time=0)
    with serving(Recorder, options, Limits(max_unsent=65_536)) as server:
        for method in ("send", "send_frame_bytes", "ping"):
            with joined(server, receive_buffer=8192) as client:

                def flood(server: GameServer, player_id: str = client.player_id, method: str = method) -> bool:
                    connection = connection_of(server, player_id)
                    arguments = () if method == "ping" else (server_frame(b"x" * 5000),)
                    for _ in range(10_000_000):
                        getattr(connection, method)(*arguments)
                        if connection.closed:
                            return bool(connection.direct_fd == -1 and connection.lane_fd == -1)
                    return False

                assert server.call(flood)
                wait_until_gone(server, client)


# Where there is no lane.


def test_without_the_lane_everything_goes_the_ordinary_way() -> None:
    with serving(Recorder, OPTIONS, Limits(fast_lane=False)) as server, RawClient(server.port) as client:
        client.join()
        client.raw(input_frame(client, 1))
        assert client.is_served()
        assert not is_in_lane(server, client)
        assert server.call(lambda server: connection_of(server, client.player_id).direct_fd) == -1


def test_connections_enter_once_the_kernels_are_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    import_kernels = fast_lane._import_kernels

    def slowly() -> Any:
        go_on.wait(PATIENCE)
        return import_kernels()

    with monkeypatch.context() as patch:
        patch.setattr(fast_lane, "kernels_loaded", lambda: False)
        patch.setattr(fast_lane, "_import_kernels", slowly)
        with serving(Recorder, OPTIONS, LIMITS) as server, RawClient(server.port) as client:
            client.join()
            client.raw(input_frame(client, 1))
            assert client.is_served()
            assert not is_in_lane(server, client)
            go_on.set()
            wait_for(lambda: server.call(lambda server: server._lane is not None and server._lane.is_open))
            # Not between two frames yet.
            second = input_frame(client, 2)
            client.raw(input_frame(client, 1) + second[:5])
            time.sleep(0.01)
            assert not is_in_lane(server, client)
            client.raw(second[5:])
            wait_for(lambda: is_in_lane(server, client))
            assert client.is_served()


def test_a_lane_that_cannot_be_opened_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise RuntimeError("no compiler on this machine")

    with monkeypatch.context() as patch:
        patch.setattr(fast_lane, "kernels_loaded", lambda: False)
        patch.setattr(fast_lane, "_import_kernels", broken)
        with serving(Recorder, OPTIONS, LIMITS) as server, RawClient(server.port) as client:
            client.join()
            assert client.is_served()
            assert not server.errors.records


def test_it_works_on_asyncios_own_event_loop() -> None:
    def play(port: int) -> None:
        with RawClient(port) as client:
            client.join()
            stream = b"".join(input_frame(client, n) for n in range(50)) + frame(b"!", PING)
            for at in range(0, len(stream), 33):
                client.raw(stream[at : at + 33])
            while client.next_frame().opcode != PONG:
                pass
            wait_for(lambda: len(Recorder.heard[client.player_id]) == 50)
            assert [n for n, _ in Recorder.heard[client.player_id]] == list(range(50))
            client.frame(b"\x03\xe8", CLOSE)
            assert client.goodbye()[0] == 1000
        with RawClient(port) as client:
            client.join()
            client.reset()
        with RawClient(port) as client:
            client.join()
            client.frame(b"", 7)
            assert client.goodbye()[0] == 1002

    async def main() -> None:
        server = GameServer(Recorder, OPTIONS, LIMITS)
        _, port = await server.start_server(port=0)
        assert server._lane is not None
        assert server._lane.is_open
        await asyncio.to_thread(play, port)
        await asyncio.to_thread(wait_for, lambda: not server.sessions)
        assert len(server._lane) == 0
        await server.stop()

    with asyncio.Runner() as runner:
        runner.run(main())


def test_what_one_process_compiled_the_next_one_loads() -> None:
    program = "from rumpus.net.batch import kernels; kernels.warm_up()"
    subprocess.run([sys.executable, "-c", program], check=True)
    program = "from rumpus.net.batch import kernels; assert kernels.are_on_disk()"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_numba_is_not_imported_with_the_server() -> None:
    program = "import sys, rumpus.cli, rumpus.server, rumpus.net.batch.reader; assert 'numba' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


# Its parts.


@st.composite
def frames_and_cut(draw: st.DrawFn) -> tuple[list[bytes], int]:
    frames = draw(
        st.lists(
            st.one_of(
                st.builds(frame, st.binary(max_size=300), st.sampled_from([TEXT, BINARY, CONTINUATION])),
                st.builds(frame, st.binary(max_size=125), st.sampled_from([PING, PONG, CLOSE])),
            ),
            max_size=6,
        )
    )
    return frames, draw(st.integers(0, sum(map(len, frames))))


@given(frames_and_cut())
def test_whole_frames_are_told_from_the_beginning_of_one(case: tuple[list[bytes], int]) -> None:
    frames, cut = case
    end = whole = 0
    for one in frames:
        end += len(one)
        if end <= cut:
            whole = end
    assert whole_frames(b"".join(frames)[:cut], 300) == (whole, True)


def test_only_a_limits_worth_of_a_frame_is_waited_for() -> None:
    good = frame(b"x" * 50)
    assert whole_frames(good + frame(b"x" * 301)[:4], 300) == (len(good), False)
    assert whole_frames(good + frame(b"x" * 300)[:-1], 300) == (len(good), True)


def test_an_inbox_takes_from_a_flood_a_share_at_a_time() -> None:
    kernels = fast_lane.load_kernels()
    pairs = [socket.socketpair() for _ in range(70)]
    epoll = select.epoll()
    inbox = kernels.Inbox(epoll.fileno(), 16_384)
    message = frame(b"m" * 20, BINARY)
    sent = message * 2000
    for left, right in pairs:
        left.setblocking(False)
        assert left.send(sent) == len(sent)
        right.setblocking(False)
        epoll.register(right.fileno(), fast_lane._EVENTS)
        inbox.watch(right.fileno(), 0x82)
    got: dict[int, int] = {right.fileno(): 0 for _, right in pairs}
    rest: dict[int, bytes] = {}
    rounds = 0
    while (batch := inbox.receive()) is not None:
        rounds += 1
        data, kinds, fds, starts, ends = batch
        assert len(data) <= kernels._INBOX_SIZE
        for kind, fd, start, end in zip(kinds, fds, starts, ends, strict=True):
            if kind == kernels.MESSAGE:
                assert data[start:end] == b"m" * 20
                got[fd] += len(message)
            elif kind == kernels.BYTES:
                # The beginning of a frame; this inbox' owner would keep it.
                got[fd] += end - start
                rest[fd] = rest.get(fd, b"") + data[start:end]
                inbox.watch(fd, kernels.UNREAD)
            elif kind == kernels.MORE:
                epoll.modify(fd, fast_lane._EVENTS)
    assert set(got.values()) == {len(sent)}
    assert rounds > len(sent) // kernels.READ_SIZE
    epoll.close()
    for pair in pairs:
        for end_ in pair:
            end_.close()


def test_a_lane_that_is_closed_lets_nobody_in() -> None:
    lane = BatchReader(100, lambda: None)
    lane.close()
    lane.start()
    assert not lane.is_open
    lane.drain()
    lane.close()


def test_loaded_kernels_are_known_to_be_and_write_for_rooms() -> None:
    """What is asked by a module's name says nothing when the module has moved."""
    kernels = fast_lane.load_kernels()
    assert fast_lane.kernels_loaded()
    assert fast_lane.batch_writer() is kernels.send_ranges
