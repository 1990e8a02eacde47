"""How connections end: the closing handshake, clients that break it, and clients that vanish."""

from __future__ import annotations

import gc
import time

import pytest

from rumpus.config import Limits
from rumpus.matchmaking.quick_play import Search
from rumpus.net.http_connection import HttpConnection
from rumpus.net.upgraded import Upgraded
from rumpus.net.websocket import SocketConnection
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.server.session import Session
from tests.support.clients import CLOSE, PING, PONG, TEXT, RawClient, frame, watched
from tests.support.drift import Drift
from tests.support.serving import PATIENCE, ServerThread, get_json, serving
from tests.support.watched_server import OPTIONS

pytestmark = pytest.mark.socket


def closing(code: int | None, reason: bytes = b"") -> bytes:
    return frame(b"" if code is None else code.to_bytes(2, "big") + reason, CLOSE)


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 4000, 4999])
def test_a_close_frame_is_answered_with_its_own_code(server: ServerThread, code: int) -> None:
    with RawClient(server.port) as client:
        client.join()
        client.raw(closing(code, b"bye"))
        assert client.goodbye(answer=False) == (code, "")


def test_a_close_frame_without_a_code_is_answered_with_1000(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        client.raw(closing(None))
        assert client.goodbye(answer=False) == (1000, "")


@pytest.mark.parametrize("code", [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535])
def test_a_close_code_that_no_client_may_send_is_a_protocol_error(server: ServerThread, code: int) -> None:
    with RawClient(server.port) as client:
        client.join()
        client.raw(closing(code))
        assert client.goodbye(answer=False)[0] == 1002


def test_a_close_frame_with_half_a_code_is_a_protocol_error(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        client.frame(b"\x03", CLOSE)
        assert client.goodbye(answer=False)[0] == 1002


def test_a_close_reason_that_is_not_utf8_is_bad_text(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        client.raw(closing(1000, b"\xff\xfe"))
        assert client.goodbye(answer=False)[0] == 1007


def test_nothing_after_a_close_frame_is_listened_to(server: ServerThread) -> None:
    with RawClient(server.port) as client, RawClient(server.port) as other:
        client.join(create=True, private=True)
        other.join(room=client.room_id)
        chat = client.encode({"type": "chat", "text": "I am still here"})
        client.raw(closing(1000) + frame(chat) + closing(1000) + frame(b"", PING) + frame(b"\xff", reserved=7))
        assert client.goodbye(answer=False)[0] in (1000, 1002)
        while (message := other.next_message())["type"] != "player_left":
            assert message["type"] != "chat"


def test_the_others_are_told_when_a_client_closes(server: ServerThread) -> None:
    with RawClient(server.port) as client, RawClient(server.port) as other:
        client.join(create=True, private=True)
        other.join(room=client.room_id)
        client.raw(closing(1000))
        left = other.expect("player_left")
        assert left == {"type": "player_left", "player_id": client.player_id, "reason": "lost"}


@pytest.mark.parametrize(
    "beginning",
    [b"", frame(b"x" * 1000)[:500], frame(b"{", fin=False), frame(b"{", fin=False) + frame(b"x" * 9)[:1]],
    ids=["between messages", "within a frame", "between fragments", "within a fragment's header"],
)
@pytest.mark.parametrize("how", ["reset", "hung up"])
def test_a_connection_that_breaks_off_frees_its_seat(server: ServerThread, how: str, beginning: bytes) -> None:
    with RawClient(server.port) as other:
        client = RawClient(server.port)
        client.join(create=True, private=True)
        other.join(room=client.room_id)
        client.raw(beginning)
        if how == "reset":
            client.reset()
        else:
            client.sock.close()
        assert other.expect("player_left")["reason"] == "lost"


def test_a_client_that_does_not_answer_the_servers_close_is_cut_off(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        began = time.monotonic()
        client.raw(frame(b"", TEXT, reserved=1))
        assert client.goodbye(answer=False)[0] == 1002
        assert time.monotonic() - began < PATIENCE / 2


def test_messages_after_the_servers_close_have_no_effect(server: ServerThread) -> None:
    with RawClient(server.port) as client, RawClient(server.port) as other:
        client.join(create=True, private=True)
        other.join(room=client.room_id)
        client.raw(frame(b"", TEXT, reserved=1))
        client.frame(client.encode({"type": "chat", "text": "too late"}))
        assert client.goodbye(answer=False)[0] == 1002
        while (message := other.next_message())["type"] != "player_left":
            assert message["type"] != "chat"


def test_a_client_that_vanishes_is_pinged_and_then_let_go() -> None:
    """A peer whose network is gone neither answers nor resets: it looks like one that never says anything."""
    with (
        serving(Drift, OPTIONS, Limits(idle_timeout=3)) as server,
        watched(server),
        RawClient(server.port) as dead,
        RawClient(server.port, polite=True) as silent,
    ):
        dead.join()
        silent.join()
        end = time.monotonic() + PATIENCE
        while server.call(lambda server: len(server.sessions)) > 3:
            assert time.monotonic() < end
            # It reads, and its pings are answered: all that a client has to do.
            silent.next_message()
        assert dead.goodbye() == (1008, "nothing heard from the client for too long")
        assert silent.pings >= 1
        assert silent.is_served()


def test_pongs_that_nobody_asked_for_are_signs_of_life(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        client.frame(b"", PONG)
        client.frame(b"unasked", PONG)
        assert client.is_served()


def test_a_connection_that_has_ended_leaves_nothing_for_the_collector() -> None:
    """Objects that lived for seconds would wait for a full collection, which comes after minutes: 8 KB for each."""
    kinds = (HttpConnection, Upgraded, SocketConnection, Session, Search)

    def alive() -> int:
        return sum(isinstance(thing, kinds) for thing in gc.get_objects())

    with serving(Drift, OPTIONS) as server, RawClient(server.port) as staying:
        staying.join(options="quick")
        gc.collect()
        gc.disable()
        try:
            before = server.call(lambda _: alive())
            for subprotocol in (JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL):
                for leaves in (False, True):
                    with RawClient(server.port, subprotocol) as client:
                        client.join(options="quick")
                        if leaves:
                            client.send("leave")
                    get_json(server.port, "/healthz")
            end = time.monotonic() + PATIENCE
            while (now := server.call(lambda _: alive())) != before and time.monotonic() < end:
                time.sleep(0.05)
            assert now == before
        finally:
            gc.enable()
