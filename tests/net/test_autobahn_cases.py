"""What Autobahn|Testsuite asks of WebSocket servers in its sections 1 to 7, 9 and 10, asked of this one.

The suite wants its messages echoed; this is a game server. A case passes here if each message is *taken*, which its
answer shows (`pong`, or `error` for what is no message of the game), each ping is answered, and a fault is answered
with the right close code, all in the order in which it was sent: the suite's behaviour "OK", never "NON-STRICT". Every
case is sent to a connection of each kind: read by the event loop, and in the fast lane.
"""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import pytest

from rumpus.config import Limits
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from tests.support.clients import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Goodbye, RawClient, frame
from tests.support.drift import Drift
from tests.support.serving import ServerThread, serving
from tests.support.watched_server import OPTIONS

pytestmark = pytest.mark.socket

MIB = 1 << 20
#: Sections 9 and 10 send messages of 16 MiB, and 65,536 fragments in a row.
LIMITS = Limits(max_message_size=16 * MIB, max_messages_per_second=10**7, max_unsent=64 * MIB)

WELL = "Hello-µ@ßöäüàá-UTF-8!!"
BAD = "κόσμε".encode() + b"\xed\xa0\x80edited"
#: What a case expects: a message's answer, a pong, or how the connection ends.
TAKEN, REFUSED = "pong", "error"


class Case(NamedTuple):
    """`sent` is sent in these pieces, one after the other; `expected` is what comes back, in this order."""

    id: str
    sent: list[bytes]
    expected: list[Any]
    binary: bool = False


def message(size: int = 0, number: int = 1, binary: bool = False, text: str = "") -> bytes:
    """A `ping` of the game, with as many bytes as `size` says if it can be made so long."""
    fields = {"type": "ping", "time": number} | ({"ignored": text} if text else {})
    if not binary:
        return msgspec.json.encode(fields).ljust(size)
    plain = msgspec.msgpack.encode(fields)
    for head in (2, 3, 5):
        filled = msgspec.msgpack.encode(fields | {"z": bytes(max(0, size - len(plain) - 2 - head))})
        if len(filled) == size:
            return filled
    return plain


def octets(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def chops(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def fragments(payload: bytes, size: int, opcode: int = TEXT) -> list[bytes]:
    parts = chops(payload, size) or [b""]
    last = len(parts) - 1
    return [frame(part, CONTINUATION if at else opcode, fin=at == last) for at, part in enumerate(parts)]


def ways(number: str, frames: list[bytes], expected: list[Any]) -> list[Case]:
    """A case in one piece, frame by frame, and octet by octet, as the suite numbers them."""
    section, _, first = number.rpartition(".")
    pieces = ([b"".join(frames)], frames, octets(b"".join(frames)))
    return [Case(f"{section}.{int(first) + at}", sent, expected) for at, sent in enumerate(pieces)]


ONE, TWO, PING_FRAME = frame(message(number=1)), frame(message(number=2)), frame(b"", PING)
HALVES = fragments(message(number=1), 14)
FAULT = ("close", 1002)


def framing() -> Iterator[Case]:
    for section, binary in (("1.1", False), ("1.2", True)):
        opcode = BINARY if binary else TEXT
        for number, size in enumerate((0, 125, 126, 127, 128, 65535, 65536), 1):
            payload = message(size, binary=binary) if size else b""
            assert len(payload) == size
            sent = frame(payload, opcode)
            yield Case(f"{section}.{number}", [sent], [TAKEN if size else REFUSED], binary)
            if size == 65536:
                yield Case(f"{section}.8", chops(sent, 997), [TAKEN], binary)


def pings() -> Iterator[Case]:
    payloads = [b"", b"Hello, world!", bytes(range(0, 250, 2)), b"\xfe" * 125]
    for number, payload in enumerate(payloads, 1):
        yield Case(f"2.{number}", [frame(payload, PING)], [("pong frame", payload)])
    yield Case("2.5", [frame(b"\xfe" * 126, PING)], [FAULT])
    yield Case("2.6", octets(frame(b"\xfe" * 125, PING)), [("pong frame", b"\xfe" * 125)])
    yield Case("2.7", [frame(b"", PONG)], [])
    yield Case("2.8", [frame(b"unsolicited", PONG)], [])
    yield Case("2.9", [frame(b"unsolicited", PONG), frame(b"asked", PING)], [("pong frame", b"asked")])
    ten = [frame(b"payload-%d" % n, PING) for n in range(10)]
    answers = [("pong frame", b"payload-%d" % n) for n in range(10)]
    yield Case("2.10", [b"".join(ten)], answers)
    yield Case("2.11", octets(b"".join(ten)), answers)


def reserved_bits() -> Iterator[Case]:
    yield Case("3.1", [frame(b"{}", reserved=1)], [FAULT])
    yield from ways("3.2", [ONE, frame(b"{}", reserved=2), PING_FRAME], [TAKEN, FAULT])
    yield Case("3.5", [frame(b"{}", BINARY, reserved=5)], [FAULT])
    yield Case("3.6", [frame(b"{}", PING, reserved=6)], [FAULT])
    yield Case("3.7", [frame(b"", CLOSE, reserved=7)], [FAULT])


def opcodes() -> Iterator[Case]:
    for section, first in (("4.1", 3), ("4.2", 11)):
        yield Case(f"{section}.1", [frame(b"", first)], [FAULT])
        yield Case(f"{section}.2", [frame(b"reserved", first + 1)], [FAULT])
        for number in (3, 4, 5):
            sent = [ONE, frame(b"reserved" * (number - 3), first + number - 1), PING_FRAME]
            whole = b"".join(sent)
            yield Case(f"{section}.{number}", [whole] if number < 5 else octets(whole), [TAKEN, FAULT])


def fragmentation() -> Iterator[Case]:
    for number, opcode in (("5.1", PING), ("5.2", PONG)):
        yield Case(number, [frame(b"fragment1", opcode, fin=False) + frame(b"fragment2", CONTINUATION)], [FAULT])
    yield from ways("5.3", HALVES, [TAKEN])
    first, last = HALVES
    yield from ways("5.6", [first, frame(b"between", PING), last], [("pong frame", b"between"), TAKEN])
    for number, fin in (("5.9", True), ("5.12", False)):
        yield from ways(number, [frame(b"non-continuation", CONTINUATION, fin=fin), ONE], [FAULT])
    yield Case("5.15", [b"".join([*HALVES, frame(b"x", CONTINUATION, fin=False), TWO])], [TAKEN, FAULT])
    for number, fin in (("5.16", False), ("5.17", True)):
        pair = [frame(b"fragment1", CONTINUATION, fin=fin), frame(message(), CONTINUATION)]
        yield Case(number, [b"".join(pair * 2)], [FAULT])
    yield Case("5.18", [frame(message()[:9], fin=False) + frame(message()[9:], TEXT)], [FAULT])
    parts = fragments(message(), 5)
    sent = [*parts[:2], frame(b"one", PING), *parts[2:4], frame(b"two", PING), *parts[4:]]
    expected = [("pong frame", b"one"), ("pong frame", b"two"), TAKEN]
    yield Case("5.19", [b"".join(sent[:3]), b"".join(sent[3:])], expected)
    yield Case("5.20", sent, expected)


#: Sections 6.5 to 6.22: text that is UTF-8, among it the first and last of each length, non-characters and the like.
GOOD_TEXTS = {
    "6.5.1": "κόσμε", "6.7.1": "\0", "6.7.2": "\x80", "6.7.3": "\u0800", "6.7.4": "\U00010000", "6.9.1": "\x7f",
    "6.9.2": "\u07ff", "6.9.3": "\uffff", "6.9.4": "\U0010ffff", "6.11.1": "\ud7ff", "6.11.2": "\ue000",
    "6.11.3": "\ufffd", "6.11.4": "\U0010ffff", "6.22.1": "\ufffe", "6.22.2": "\uffff",
    **{f"6.22.{3 + at}": chr((plane << 16) + 0xFFFE + low)
       for at, (plane, low) in enumerate((plane, low) for plane in range(1, 17) for low in (0, 1))},
    **{f"6.23.{at}": chr(0xFFF8 + at) for at in range(1, 8)},
}  # fmt: skip
#: And text that is none. An incomplete one is refused at its end only.
BAD_TEXTS = {
    "6.6.1": b"\xce", "6.6.2": b"\xce\xba\xe1", "6.6.6": b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce",
    "6.8.1": b"\xf8\x88\x80\x80\x80", "6.8.2": b"\xfc\x84\x80\x80\x80\x80", "6.10.1": b"\xf7\xbf\xbf\xbf",
    "6.10.2": b"\xfb\xbf\xbf\xbf\xbf", "6.10.3": b"\xfd\xbf\xbf\xbf\xbf\xbf", "6.11.5": b"\xf4\x90\x80\x80",
    "6.12.1": b"\x80", "6.12.2": b"\xbf", "6.12.3": b"\x80\xbf", "6.12.8": bytes(range(0x80, 0xC0)),
    "6.13.1": b" ".join(bytes([n]) for n in range(0xC0, 0xE0)),
    "6.13.2": b" ".join(bytes([n]) for n in range(0xE0, 0xF0)),
    "6.13.3": b"\xf0 \xf1 \xf7", "6.13.4": b"\xf8 \xfb", "6.13.5": b"\xfc \xfd", "6.14.1": b"\xc0",
    "6.14.2": b"\xe0\x80",
    "6.14.3": b"\xf0\x80\x80", "6.14.4": b"\xf8\x80\x80\x80", "6.14.6": b"\xdf", "6.14.7": b"\xef\xbf",
    "6.14.8": b"\xf7\xbf\xbf", "6.15.1": b"\xc0\xe0\x80\xf0\x80\x80", "6.16.1": b"\xfe", "6.16.2": b"\xff",
    "6.16.3": b"\xfe\xfe\xff\xff", "6.17.1": b"\xc0\xaf", "6.17.2": b"\xe0\x80\xaf", "6.17.3": b"\xf0\x80\x80\xaf",
    "6.18.1": b"\xc1\xbf", "6.18.2": b"\xe0\x9f\xbf", "6.18.3": b"\xf0\x8f\xbf\xbf", "6.19.1": b"\xc0\x80",
    "6.19.2": b"\xe0\x80\x80", "6.20.1": b"\xed\xa0\x80", "6.20.2": b"\xed\xad\xbf", "6.20.7": b"\xed\xbf\xbf",
    "6.21.1": b"\xed\xa0\x80\xed\xb0\x80", "6.21.8": b"\xed\xaf\xbf\xed\xbf\xbf",
}  # fmt: skip


def texts() -> Iterator[Case]:
    bad_text = [("close", 1007)]
    yield Case("6.1.1", [frame(b"")], [REFUSED])
    empty = [frame(b"", fin=False), frame(b"", CONTINUATION, fin=False), frame(b"", CONTINUATION)]
    yield Case("6.1.2", [b"".join(empty)], [REFUSED])
    yield Case("6.1.3", [b"".join([empty[0], frame(message(), CONTINUATION, fin=False), empty[2]])], [TAKEN])
    well = message(text=WELL)
    yield Case("6.2.1", [frame(well)], [TAKEN])
    border = well.index("ß".encode())
    yield Case("6.2.2", [frame(well[:border], fin=False), frame(well[border:], CONTINUATION)], [TAKEN])
    yield Case("6.2.3", fragments(well, 1), [TAKEN])
    yield Case("6.2.4", fragments(message(text="κόσμε"), 1), [TAKEN])
    yield Case("6.3.1", [frame(BAD)], bad_text)
    yield Case("6.3.2", fragments(BAD, 1), bad_text)
    # At once: the rest of the message never comes.
    for number, (good, bad) in {"6.4.1": (11, b"\xf4\x90"), "6.4.2": (11, b"\xf4\x90\x80\x80")}.items():
        start = "κόσμε".encode()[:good]
        yield Case(number, [frame(start, fin=False), frame(bad, CONTINUATION, fin=False)], bad_text)
    whole = frame("κόσμε".encode() + b"\xf4\x90\x80\x80edited")
    yield Case("6.4.3", [whole[:17], whole[17:21]], bad_text)
    yield Case("6.4.4", [whole[:17], whole[17:18], whole[18:19]], bad_text)
    for number, text in GOOD_TEXTS.items():
        taken = REFUSED if text == "\0" else TAKEN  # JSON has that in no text
        raw = b'{"type":"ping","time":1,"x":"%b"}' % text.encode()
        yield Case(number, [frame(raw)], [taken])
        yield Case(f"{number} in fragments", fragments(raw, 1), [taken])
    for number, bad in BAD_TEXTS.items():
        yield Case(number, [frame(bad)], bad_text)
        yield Case(f"{number} in fragments", fragments(bad, 1), bad_text)


def close(code: int | None = 1000, reason: bytes = b"") -> bytes:
    return frame(b"" if code is None else code.to_bytes(2, "big") + reason, CLOSE)


def closing() -> Iterator[Case]:
    normal = ("close", 1000)
    yield Case("7.1.1", [ONE + close()], [TAKEN, normal])
    yield Case("7.1.2", [close() + close(1001)], [normal])
    yield Case("7.1.3", [close() + PING_FRAME], [normal])
    yield Case("7.1.4", [close() + ONE], [normal])
    yield Case("7.1.5", [HALVES[0] + close() + HALVES[1]], [normal])
    yield Case("7.1.6", [frame(message(256 * 1024)) + TWO + close() + PING_FRAME], [TAKEN, TAKEN, normal])
    yield Case("7.3.1", [close(None)], [normal])
    yield Case("7.3.2", [frame(b"a", CLOSE)], [FAULT])
    yield Case("7.3.3", [close()], [normal])
    yield Case("7.3.4", [close(1000, b"Hello World!")], [normal])
    yield Case("7.3.5", [close(1000, b"*" * 123)], [normal])
    yield Case("7.3.6", [close(1000, b"*" * 124)], [FAULT])
    yield Case("7.5.1", [close(1000, BAD)], [("close", 1007)])
    for at, code in enumerate((1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999), 1):
        yield Case(f"7.7.{at}", [close(code)], [("close", code)])
    for at, code in enumerate((0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999), 1):
        yield Case(f"7.9.{at}", [close(code)], [FAULT])
    for at, code in enumerate((5000, 65535), 1):
        yield Case(f"7.13.{at}", [close(code)], [FAULT])


def sizes() -> Iterator[Case]:
    """Sections 9 and 10. What the suite measures is not measured here; fragments are those of 1 MiB, not of 4."""
    for section, binary in ((0, False), (1, True)):
        opcode = BINARY if binary else TEXT
        for number, size in enumerate((65536, 262144, MIB, 4 * MIB, 8 * MIB, 16 * MIB), 1):
            yield Case(f"9.{1 + section}.{number}", [frame(message(size, binary=binary), opcode)], [TAKEN], binary)
        large = message(MIB, binary=binary)
        for number, size in enumerate((64, 256, 1024, 4096, 16384, 65536, 262144, MIB), 1):
            sent = [b"".join(fragments(large, size, opcode))]
            yield Case(f"9.{3 + section}.{number}", sent, [TAKEN], binary)
        one = frame(message(MIB, binary=binary), opcode)
        for number, size in enumerate((128, 256, 512, 1024, 2048), 1):
            yield Case(f"9.{5 + section}.{number}", chops(one, size), [TAKEN], binary)
        for number, size in enumerate((0, 26, 64, 256, 1024, 4096), 1):
            payload = message(size, binary=binary) if size else b""
            sent = [frame(payload, opcode)] * 1000
            yield Case(f"9.{7 + section}.{number}", [b"".join(sent)], [TAKEN if size else REFUSED] * 1000, binary)
    yield Case("10.1.1", fragments(message(65536), 1300), [TAKEN])


CASES = [
    *framing(), *pings(), *reserved_bits(), *opcodes(), *fragmentation(), *texts(), *closing(), *sizes(),
]  # fmt: skip


@pytest.fixture(scope="module", params=["ordinary", "fast lane"])
def path(request: pytest.FixtureRequest) -> Iterator[tuple[ServerThread, bool]]:
    """A server whose connections are read in one of the two ways; the second is there on Linux only."""
    in_lane = request.param == "fast lane"
    if in_lane and sys.platform != "linux":
        pytest.skip("the fast lane needs Linux")
    with serving(Drift, OPTIONS, msgspec.structs.replace(LIMITS, fast_lane=in_lane)) as server:
        yield server, in_lane
        assert not server.errors.records, server.errors.texts()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(path: tuple[ServerThread, bool], case: Case) -> None:
    server, in_lane = path
    with RawClient(server.port, MSGPACK_SUBPROTOCOL if case.binary else JSON_SUBPROTOCOL) as client:
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # The first message is what brings a connection into the lane.
        assert client.is_served()
        lanes = server.call(lambda server: [connection.lane_fd >= 0 for connection in server.sessions])  # type: ignore[attr-defined]
        assert lanes == [in_lane]
        ended = False
        try:
            for piece in case.sent:
                client.raw(piece)
        except ConnectionError:
            # It may have been closed before all of it was sent; what it said is there all the same.
            assert case.expected[-1][0] == "close"
        for expected in case.expected:
            found = next_event(client)
            assert found[: len(expected)] == expected if isinstance(expected, tuple) else found[0] == expected
            ended = found[0] == "close"
        if ended:
            with contextlib.suppress(ConnectionError):
                client.raw(close())
            with pytest.raises(Goodbye) as end:
                client.next_frame()
            assert end.value.code is None
        else:
            assert client.is_served()
            client.raw(close())
            assert client.goodbye(answer=False) == (1000, "")


def next_event(client: RawClient) -> tuple[Any, ...]:
    """What the server sends next: a pong, a close frame with its code, or a message."""
    found = client.next_frame()
    if found.opcode == PONG:
        return "pong frame", found.payload
    if found.opcode == CLOSE:
        return "close", int.from_bytes(found.payload[:2], "big")
    decode = msgspec.msgpack.decode if client.binary else msgspec.json.decode
    return decode(found.payload)["type"], found.payload
