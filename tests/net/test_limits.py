"""Limits on messages, connections, rooms, seats and time: what goes beyond is refused, and limits are freed again."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from rumpus.config import Limits, RoomOptions
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.server import GameServer
from tests.support.clients import (
    CONTINUATION,
    PING,
    PONG,
    Goodbye,
    RawClient,
    Refused,
    frame,
    get,
    open_socket,
    watched,
)
from tests.support.drift import Drift
from tests.support.serving import PATIENCE, ServerThread, serving
from tests.support.watched_server import OPTIONS

pytestmark = pytest.mark.socket

PING_MESSAGE = frame(b'{"type":"ping","time":1}')


def wait_until(condition: Callable[[GameServer], bool], server: ServerThread) -> None:
    end = time.monotonic() + PATIENCE
    while not server.call(condition):
        assert time.monotonic() < end
        time.sleep(0.005)


# Messages.


def test_messages_beyond_the_rate_are_dropped_with_one_error_and_not_the_connection(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        client.raw(PING_MESSAGE * 300)
        pongs, errors = 0, 0
        client.send("ping", time=2)
        # A second or two later the client has its rate again.
        while not errors or pongs < 241:
            message = client.next_message(3)
            pongs += message["type"] == "pong"
            if message["type"] == "error":
                assert message["code"] == "rate_limited"
                errors += 1
                # The budget is refilled once a second, by the server's own clock.
                time.sleep(1.1)
                client.send("ping", time=3)
        assert errors == 1


@pytest.mark.parametrize(
    "flood",
    [
        PING_MESSAGE,
        frame(b"{"),
        frame(b"", 2),
        frame(b"flood", PING),
        frame(b"", PONG),
        frame(b'{"type":"join","name":"\\u0000"}'),
        frame(b"{", fin=False) + frame(b"}", CONTINUATION),
    ],
    ids=["pings of the game", "garbage", "wrong kind", "pings", "pongs", "bad joins", "fragments"],
)
def test_a_flood_ends_the_connection_at_once(server: ServerThread, flood: bytes) -> None:
    with RawClient(server.port) as client:
        client.raw(flood * 4000)
        assert client.goodbye() == (1008, "too many messages")


@pytest.mark.parametrize("flood", [PING_MESSAGE, frame(b"p" * 125, PING)], ids=["pings of the game", "pings"])
def test_a_flood_from_one_who_reads_nothing_ends_too_and_fills_no_buffer(server: ServerThread, flood: bytes) -> None:
    with RawClient(server.port, receive_buffer=4096) as client:
        client.raw(flood * 4000)
        wait_until(lambda server: len(server.sessions) == 2, server)


def test_a_rate_that_stays_too_high_ends_the_connection_in_seconds() -> None:
    limits = Limits(max_messages_per_second=20)
    with serving(Drift, OPTIONS, limits) as server, RawClient(server.port) as client:
        began, errors = time.monotonic(), 0
        goodbye = None
        while goodbye is None:
            assert time.monotonic() < began + PATIENCE
            client.raw(PING_MESSAGE * 10)
            try:
                errors += client.next_message(0.1)["type"] == "error"
                while True:
                    errors += client.next_message(0.02)["type"] == "error"
            except TimeoutError:
                time.sleep(0.05)
            except Goodbye as ended:
                goodbye = ended
        assert (goodbye.code, goodbye.reason) == (1008, "too many messages")
        assert time.monotonic() - began > 4
        assert 4 <= errors <= 8  # one a second


# Connections.


def test_connections_beyond_the_limit_get_503_until_one_ends() -> None:
    with serving(Drift, OPTIONS, Limits(max_connections=5)) as server, watched(server):
        clients = [RawClient(server.port) for _ in range(2)]
        # A handshake that is not finished counts as well.
        with open_socket(server.port) as half:
            wait_until(lambda server: server._listener.connections == 5, server)
            with pytest.raises(Refused) as refused:
                RawClient(server.port)
            answer = refused.value.answer
            assert answer.status == 503
            assert int(answer.headers["content-length"]) == len(answer.body)
            assert int(answer.headers["retry-after"]) > 0
            assert get(server.port, "/healthz").status == 503
            half.close()
        wait_until(lambda server: server._listener.connections == 4, server)
        assert get(server.port, "/healthz").status == 200
        wait_until(lambda server: server._listener.connections == 4, server)
        with RawClient(server.port) as fifth:
            assert fifth.is_served()
        for client in clients:
            assert client.is_served()
            client.sock.close()
        assert server.call(lambda server: server.refused_connections) == 2


def test_connections_of_one_address_beyond_its_limit_get_503() -> None:
    with serving(Drift, OPTIONS, Limits(max_connections_per_address=3), strangers=True) as server, watched(server):
        with RawClient(server.port) as third:
            assert get(server.port, "/").status == 503
            assert third.is_served()
        wait_until(lambda server: server._listener.connections == 2, server)
        assert get(server.port, "/healthz").status == 200


@pytest.mark.parametrize("busy", [0.0, 0.001])
def test_a_crowd_that_arrives_at_once_is_let_in_bit_by_bit_and_nobody_is_forgotten(busy: float) -> None:
    """busy: share of its time from which on the server takes its time with newcomers; 0: never."""
    with serving(Drift, OPTIONS, Limits(overload_busy=busy, overload_lateness=0), sheds_load=True) as server:
        crowd = [open_socket(server.port) for _ in range(150)]
        for client in crowd:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        for client in crowd:
            assert client.recv(100).startswith(b"HTTP/1.1 200")
            client.close()
        wait_until(lambda game_server: game_server._listener.connections == 0, server)


def test_a_storm_of_connections_leaves_nothing_behind(server: ServerThread) -> None:
    sockets = [open_socket(server.port) for _ in range(200)]
    for number, sock in enumerate(sockets):
        sock.sendall((b"", b"GET", b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 50)[number % 4])
    for sock in sockets:
        sock.close()


# Rooms and seats.


def test_rooms_beyond_the_limit_are_refused_until_one_goes() -> None:
    with (
        serving(Drift, OPTIONS, Limits(max_rooms=3)) as server,
        watched(server),
        RawClient(server.port) as first,
        RawClient(server.port) as second,
    ):
        first.join()
        for options in ({"create": True}, {}):
            second.send("join", options=options)
            assert second.error() == "server_full"
        second.join(room=first.room_id)
        second.send("leave")
        second.expect("player_left")
        first.send("leave")
        first.expect("player_left")
        wait_until(lambda server: len(server.rooms) == 2, server)
        second.join()


def test_seats_beyond_the_limit_are_refused_until_one_is_free(server: ServerThread) -> None:
    clients = [RawClient(server.port) for _ in range(4)]
    *seated, last = clients
    seated[0].join()
    for client in seated[1:]:
        client.join(room=seated[0].room_id)
    last.send("join", room=seated[0].room_id)
    assert last.error() == "room_full"
    seated[1].send("leave")
    seated[1].expect("player_left")
    last.join(room=seated[0].room_id)
    for client in clients:
        client.sock.close()


def test_a_match_that_has_begun_with_fixed_players_takes_no_more() -> None:
    options = RoomOptions(start="full", max_players=2, empty_grace=0, reconnect_time=0)
    with serving(Drift, options) as server, RawClient(server.port) as ann, RawClient(server.port) as ben:
        ann.join()
        ben.join(room=ann.room_id)
        ann.expect("state")
        with RawClient(server.port) as cat:
            cat.send("join", room=ann.room_id)
            assert cat.error() == "room_full"


def test_one_client_cannot_fill_the_server_with_empty_rooms() -> None:
    options = RoomOptions(start="now", empty_grace=60)
    with serving(Drift, options) as server, RawClient(server.port) as client:
        refused = 0
        for _ in range(40):
            client.send("join", options={"create": True})
            message = client.next_message()
            while message["type"] not in ("joined", "error"):
                message = client.next_message()
            if message["type"] == "error":
                assert message["code"] == "rate_limited"
                refused += 1
            else:
                room_id = message["room_id"]
                client.send("leave")
                client.expect("player_left")
        assert refused
        assert server.call(lambda server: len(server.rooms)) < 20
        # Rooms that exist may still be joined.
        client.join(room=room_id)


# Time.


def test_a_connection_without_a_room_is_ended_after_a_while_and_a_seat_keeps_it() -> None:
    with (
        serving(Drift, OPTIONS, Limits(join_timeout=1.5)) as server,
        watched(server),
        RawClient(server.port) as idler,
        RawClient(server.port, MSGPACK_SUBPROTOCOL) as player,
    ):
        player.join()
        idler.raw(PING_MESSAGE)
        idler.expect("pong")
        assert idler.goodbye() == (1008, "no room joined in time")
        assert player.is_served()
        # The time begins again for one who leaves.
        player.send("leave")
        player.expect("player_left")
        assert player.goodbye() == (1008, "no room joined in time")


@pytest.mark.parametrize("subprotocol", [JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL])
def test_more_inputs_than_a_tick_takes_leave_the_newest(server: ServerThread, subprotocol: str) -> None:
    with RawClient(server.port, subprotocol) as client:
        client.join()
        client.raw(
            b"".join(
                frame(client.encode({"type": "input", "seq": seq, "data": {}}), 2 if client.binary else 1)
                for seq in range(1, 101)
            )
        )
        while client.expect("delta").get("ack") != 100:
            pass
