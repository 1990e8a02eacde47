"""Frames that break RFC 6455, and fragments that do not: close codes, and nothing kept in memory."""

from __future__ import annotations

import pytest

from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from tests.support.clients import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawClient, frame
from tests.support.serving import ServerThread

pytestmark = pytest.mark.socket

MAX = 16 * 1024
HALF_PING, REST_OF_PING = b'{"type":"ping",', b'"time":4.5}'


def closed_with(server: ServerThread, *data: bytes, subprotocol: str = JSON_SUBPROTOCOL) -> tuple[int | None, str]:
    """How the server ends the connection of a seated player who sends this."""
    with RawClient(server.port, subprotocol) as client:
        client.join()
        client.raw(b"".join(data))
        return client.goodbye()


def test_a_message_in_fragments_is_one_message(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        client.frame(HALF_PING, fin=False)
        client.frame(b"", CONTINUATION, fin=False)
        for byte in REST_OF_PING[:-1]:
            client.frame(bytes([byte]), CONTINUATION, fin=False)
        client.frame(REST_OF_PING[-1:], CONTINUATION)
        assert client.expect("pong")["time"] == 4.5


def test_control_frames_may_stand_between_fragments(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        client.frame(HALF_PING, fin=False)
        client.frame(b"still there?", PING)
        answer = client.next_frame()
        assert (answer.opcode, answer.payload) == (PONG, b"still there?")
        client.frame(b"", PONG)
        client.frame(REST_OF_PING, CONTINUATION)
        assert client.expect("pong")["time"] == 4.5


def test_a_new_message_inside_a_fragmented_one_is_a_protocol_error(server: ServerThread) -> None:
    for inner in (TEXT, BINARY):
        code, reason = closed_with(server, frame(HALF_PING, fin=False), frame(b'{"type":"leave"}', inner))
        assert (code, reason) == (1002, "a new message inside a fragmented one")


def test_a_continuation_of_nothing_is_a_protocol_error(server: ServerThread) -> None:
    for fin in (False, True):
        assert closed_with(server, frame(b"x", CONTINUATION, fin=fin)) == (1002, "a continuation of nothing")


def test_fragments_beyond_the_size_limit_are_too_big(server: ServerThread) -> None:
    parts = [frame(b" " * (MAX - 1), fin=False), frame(b"  ", CONTINUATION, fin=False)]
    code, _ = closed_with(server, *parts)
    assert code == 1009


def test_a_message_may_have_exactly_the_size_limit(server: ServerThread) -> None:
    ping = b'{"type":"ping","time":4.5}'
    with RawClient(server.port) as client:
        client.frame(ping + b" " * (MAX - len(ping)))
        assert client.expect("pong")["time"] == 4.5
        client.frame(b" " * MAX, fin=False)
        client.frame(b"", CONTINUATION)
        assert client.error() == "bad_message"
        client.frame(b" " * (MAX + 1))
        assert client.goodbye()[0] == 1009


def test_empty_fragments_without_end_are_a_flood(server: ServerThread) -> None:
    empties = frame(b"", CONTINUATION, fin=False) * 3000
    code, reason = closed_with(server, frame(b"", fin=False), empties)
    assert (code, reason) == (1008, "too many messages")


def test_empty_fragments_below_the_rate_limit_are_not_stored(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        client.raw(frame(b"{", fin=False) + frame(b"", CONTINUATION, fin=False) * 100)
        client.frame(b"", PING)
        assert client.next_frame().opcode == PONG
        parts = server.call(
            lambda server: [connection._parts for connection in server.sessions if connection._parts]  # type: ignore[attr-defined]
        )
        assert parts == [[b"{"]]


@pytest.mark.parametrize("reserved", [1, 2, 4, 7])
@pytest.mark.parametrize("opcode", [TEXT, BINARY, PING, PONG, CLOSE])
def test_reserved_bits_are_a_protocol_error(server: ServerThread, reserved: int, opcode: int) -> None:
    assert closed_with(server, frame(b"", opcode, reserved=reserved))[0] == 1002


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
def test_reserved_opcodes_are_a_protocol_error(server: ServerThread, opcode: int) -> None:
    assert closed_with(server, frame(b"{}", opcode))[0] == 1002


@pytest.mark.parametrize("opcode", [TEXT, BINARY, PING, CLOSE])
def test_unmasked_frames_are_a_protocol_error(server: ServerThread, opcode: int) -> None:
    assert closed_with(server, frame(b'{"type":"leave"}', opcode, masked=False))[0] == 1002


@pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
def test_control_frames_that_are_too_long_or_fragmented_are_a_protocol_error(server: ServerThread, opcode: int) -> None:
    assert closed_with(server, frame(b"\x03\xe8" + b"x" * 124, opcode))[0] == 1002
    assert closed_with(server, frame(b"\x03\xe8", opcode, fin=False))[0] == 1002


def test_a_length_in_more_bytes_than_it_needs_is_a_protocol_error(server: ServerThread) -> None:
    assert closed_with(server, frame(b"{}", wide=16))[0] == 1002
    assert closed_with(server, frame(b"{}", wide=64))[0] == 1002


@pytest.mark.parametrize("length", [2**63, 2**64 - 1])
def test_a_length_with_the_highest_bit_set_is_a_protocol_error(server: ServerThread, length: int) -> None:
    assert closed_with(server, frame(b"x" * 100, length=length, wide=64))[0] == 1002


@pytest.mark.parametrize("length", [MAX + 1, 100_000_000, 2**62, 2**63 - 1])
def test_a_length_beyond_the_limit_is_too_big_before_anything_of_it_is_read(server: ServerThread, length: int) -> None:
    assert closed_with(server, frame(b"x" * 10, length=length))[0] == 1009


def test_messages_before_a_broken_frame_still_count(server: ServerThread) -> None:
    with RawClient(server.port) as client, RawClient(server.port) as other:
        client.join(create=True, private=True)
        other.join(room=client.room_id)
        client.raw(frame(client.encode({"type": "chat", "text": "last words"})) + frame(b"", 15))
        assert other.expect("chat")["text"] == "last words"
        assert other.expect("player_left") == {"type": "player_left", "player_id": client.player_id, "reason": "lost"}
        assert client.goodbye()[0] == 1002


BAD_TEXT = [b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"]


@pytest.mark.parametrize("bad", BAD_TEXT, ids=lambda bad: bad.hex())
def test_text_that_is_not_utf8_ends_the_connection_wherever_it_stands(server: ServerThread, bad: bytes) -> None:
    for message in (
        bad,
        b'{"type":"chat","text":"%b"}' % bad,
        b'{"type":"ping","time":1,"ignored":"%b"}' % bad,
        b'{"type":"ping","%b":1,"time":1}' % bad,
    ):
        assert closed_with(server, frame(message)) == (1007, "text must be UTF-8")
    half = b'{"type":"chat","text":"%b"}' % bad
    assert closed_with(server, frame(half[:24], fin=False), frame(half[24:], CONTINUATION))[0] == 1007
    # The wrong kind of frame must hold to the rules of its kind too.
    assert closed_with(server, frame(bad, TEXT), subprotocol=MSGPACK_SUBPROTOCOL)[0] == 1007


def test_a_character_may_be_cut_in_two_by_fragments(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        client.join()
        whole = '{"type":"chat","text":"🦊"}'.encode()
        cut = whole.index("🦊".encode()) + 2
        client.frame(whole[:cut], fin=False)
        client.frame(whole[cut:], CONTINUATION)
        assert client.expect("chat")["text"] == "🦊"


def test_frames_in_single_bytes_are_understood(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        for byte in frame(b'{"type":"ping","time":4.5}'):
            client.raw(bytes([byte]))
        assert client.expect("pong")["time"] == 4.5


def test_many_messages_in_one_packet_are_all_answered(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        client.raw(b"".join(frame(b'{"type":"ping","time":%d}' % n) for n in range(200)))
        assert [client.expect("pong")["time"] for _ in range(200)] == list(range(200))
