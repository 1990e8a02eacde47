"""A WebSocket client that does exactly what a test says, right or wrong, and the players who must not notice."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from rumpus.endpoints.routes import health
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL, merge_patch
from rumpus.server import GameServer
from tests.support.serving import PATIENCE, ServerProcess, ServerThread, get_json

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

#: Seconds in which at least one state must have reached a witness. States come every 8 ms; a busy machine is slow.
LONGEST_SILENCE = 3.0


def frame(
    payload: bytes = b"",
    opcode: int = TEXT,
    *,
    fin: bool = True,
    reserved: int = 0,
    masked: bool = True,
    length: int | None = None,
    wide: int = 0,
) -> bytes:
    """A frame of a client. `length` declares another size than it has; `wide` 16 or 64 forces a longer length field."""
    size = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    bit = 0x80 if masked else 0
    if wide == 64 or (size > 0xFFFF and not wide):
        head += bytes([bit | 127]) + struct.pack(">Q", size)
    elif wide == 16 or (size > 125 and not wide and opcode < CLOSE):
        head += bytes([bit | 126]) + struct.pack(">H", size)
    elif size > 125:
        # A control frame that is too long has to say so.
        head += bytes([bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([bit | size])
    if not masked:
        return head + payload
    mask = os.urandom(4)
    stream = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return head + mask + (int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(payload), "big")


class Frame(NamedTuple):
    opcode: int
    fin: bool
    payload: bytes


class Goodbye(Exception):
    """The connection has ended. `code` is that of the server's close frame, or None if none came."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Refused(Exception):
    """The server answered the handshake with something else than 101."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status, answer.body)
        self.answer = answer


class Answer(NamedTuple):
    """A HTTP answer; status 0 means that the server hung up without one."""

    status: int
    headers: dict[str, str]
    body: bytes


def open_socket(port: int, receive_buffer: int = 0, source: str = "") -> socket.socket:
    """source: the address of ours that it comes from, one of 127.0.0.0/8; left out, the usual one."""
    sock = socket.socket()
    sock.settimeout(PATIENCE)
    if source:
        sock.bind((source, 0))
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.connect(("127.0.0.1", port))
    return sock


def read_to_end(sock: socket.socket) -> bytes:
    """Everything until the server hangs up."""
    data = bytearray()
    with contextlib.suppress(ConnectionError):
        while chunk := sock.recv(65536):
            data += chunk
    return bytes(data)


def parse_answer(data: bytes) -> Answer:
    if not data:
        return Answer(0, {}, b"")
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Answer(int(first.split()[1]), headers, body)


def exchange(port: int, request: bytes) -> Answer:
    """Send bytes on a new socket and read to its end."""
    with open_socket(port) as sock:
        with contextlib.suppress(ConnectionError):
            sock.sendall(request)
        return parse_answer(read_to_end(sock))


def get(port: int, target: str, **headers: str) -> Answer:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return exchange(port, "\r\n".join([f"GET {target} HTTP/1.1", f"Host: 127.0.0.1:{port}", *lines, "", ""]).encode())


def upgrade_request(port: int, path: str = "/ws", headers: Mapping[str, str | None] | None = None) -> bytes:
    """A WebSocket handshake; `headers` replace the usual ones, and None leaves one out."""
    usual: dict[str, str | None] = {
        "Host": f"127.0.0.1:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
    }
    lines = [f"{name}: {value}" for name, value in (usual | dict(headers or {})).items() if value is not None]
    return "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode()


class RawClient:
    """A WebSocket whose every byte the test decides on. It answers pings only if `polite`."""

    def __init__(
        self,
        port: int,
        subprotocol: str | None = JSON_SUBPROTOCOL,
        *,
        path: str = "/ws",
        headers: Mapping[str, str | None] | None = None,
        polite: bool = False,
        receive_buffer: int = 0,
        source: str = "",
    ) -> None:
        self.port = port
        self.polite = polite
        self.player_id = ""
        self.room_id = ""
        self.pings = 0
        self.binary = subprotocol == MSGPACK_SUBPROTOCOL
        self._buffer = bytearray()
        self._fragments = bytearray()
        self.sock = open_socket(port, receive_buffer, source)
        try:
            self.sock.sendall(
                upgrade_request(port, path, {"Sec-WebSocket-Protocol": subprotocol} | dict(headers or {}))
            )
            self._handshake()
        except BaseException:
            self.sock.close()
            raise

    def _handshake(self) -> None:
        while b"\r\n\r\n" not in self._buffer:
            chunk = self.sock.recv(65536)
            if not chunk:
                raise Refused(parse_answer(bytes(self._buffer)))
            self._buffer += chunk
        head, _, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        self.answer = parse_answer(head + b"\r\n\r\n")
        if self.answer.status != 101:
            body = rest + read_to_end(self.sock)
            raise Refused(self.answer._replace(body=body))
        self._buffer[:] = rest

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def reset(self) -> None:
        """End the connection as a crash does: without a word."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    # Sending.

    def raw(self, data: bytes) -> None:
        self.sock.sendall(data)

    def frame(self, payload: bytes = b"", opcode: int | None = None, **how: Any) -> None:
        self.raw(frame(payload, (BINARY if self.binary else TEXT) if opcode is None else opcode, **how))

    def encode(self, message: Any) -> bytes:
        return msgspec.msgpack.encode(message) if self.binary else msgspec.json.encode(message)

    def send(self, type: str, **fields: Any) -> None:
        self.frame(self.encode({"type": type, **fields}))

    def join(self, name: str = "Rough", room: str | None = None, **options: Any) -> dict[str, Any]:
        """Take a seat, in a new private room if neither a room nor options are given. Returns `joined`."""
        if room is None and not options:
            options = {"create": True}
        self.send("join", name=name, options=options, **({"room": room} if room else {}))
        joined = self.expect("joined")
        self.player_id, self.room_id = joined["player_id"], joined["room_id"]
        return joined

    # Receiving.

    def next_frame(self, timeout: float = PATIENCE) -> Frame:
        """The next frame. Raises TimeoutError, or Goodbye when the socket has ended."""
        end = time.monotonic() + timeout
        while (found := self._take_frame()) is None:
            self.sock.settimeout(max(0.001, end - time.monotonic()))
            try:
                chunk = self.sock.recv(1 << 20)
            except ConnectionError:
                chunk = b""
            finally:
                self.sock.settimeout(PATIENCE)
            if not chunk:
                raise Goodbye(None)
            self._buffer += chunk
        return found

    def _take_frame(self) -> Frame | None:
        data = self._buffer
        if len(data) < 2:
            return None
        assert not data[1] & 0x80, "a server does not mask its frames"
        size, start = data[1] & 0x7F, 2
        if size >= 126:
            start += 2 if size == 126 else 8
            if len(data) < start:
                return None
            size = int.from_bytes(data[2:start], "big")
        if len(data) < start + size:
            return None
        found = Frame(data[0] & 0x0F, bool(data[0] & 0x80), bytes(data[start : start + size]))
        del data[: start + size]
        return found

    def next_message(self, timeout: float = PATIENCE) -> dict[str, Any]:
        """The next message, decoded. Raises TimeoutError, or Goodbye when the server closes."""
        end = time.monotonic() + timeout
        while True:
            opcode, fin, payload = self.next_frame(max(0.001, end - time.monotonic()))
            if opcode == CLOSE:
                code = int.from_bytes(payload[:2], "big") if payload else None
                raise Goodbye(code, payload[2:].decode())
            if opcode == PING:
                self.pings += 1
                if self.polite:
                    self.frame(payload, PONG)
            elif opcode != PONG:
                assert fin
                assert opcode == (BINARY if self.binary else TEXT)
                decode = msgspec.msgpack.decode if self.binary else msgspec.json.decode
                message: dict[str, Any] = decode(payload)
                return message

    def expect(self, type: str, timeout: float = PATIENCE) -> dict[str, Any]:
        """The next message of a type; others are passed over, but an error that was not asked for fails the test."""
        end = time.monotonic() + timeout
        while True:
            message = self.next_message(end - time.monotonic())
            if message["type"] == type:
                return message
            assert message["type"] != "error", message

    def error(self) -> str:
        """The code of the next error."""
        message = self.expect("error")
        assert message["message"]
        return str(message["code"])

    def is_served(self) -> bool:
        """Whether the server still answers on this connection."""
        self.send("ping", time=4.5)
        return bool(self.expect("pong")["time"] == 4.5)

    def goodbye(self, timeout: float = PATIENCE, answer: bool = True) -> tuple[int | None, str]:
        """The server's close code and reason, (None, "") if there was no close frame; waits until it hangs up too.

        Answers the close frame unless told not to.
        """
        end = time.monotonic() + timeout
        code, reason = None, ""
        while True:
            try:
                opcode, _, payload = self.next_frame(max(0.001, end - time.monotonic()))
            except Goodbye:
                return code, reason
            assert code is None, "nothing follows a close frame"
            if opcode == CLOSE:
                code, reason = int.from_bytes(payload[:2], "big"), payload[2:].decode()
                if answer:
                    with contextlib.suppress(ConnectionError):
                        self.frame(payload, CLOSE)


class Witness(threading.Thread):
    """Somebody who plays by the rules, in a private room, and notes every state."""

    def __init__(self, port: int, subprotocol: str) -> None:
        super().__init__(name=f"witness {subprotocol}")
        self.client = RawClient(port, subprotocol, polite=True)
        self.joined = self.client.join("Witness")
        self.state: Any = None
        self.tick = 0
        self.longest_silence = 0.0
        self.complaints: list[str] = []
        self._leaving = threading.Event()
        self._heard_at = time.monotonic()

    def run(self) -> None:
        seq = 0
        with self.client:
            while not self._leaving.is_set():
                try:
                    message = self.client.next_message(0.5)
                except TimeoutError:
                    continue
                except Goodbye as goodbye:
                    self.complaints.append(f"was sent away: {goodbye}")
                    return
                kind = message["type"]
                if kind in ("state", "delta"):
                    self._on_state(message)
                    if self.tick % 5 == 0:
                        seq += 1
                        self.client.send("input", seq=seq, data={"move": 0.5})
                # A busy machine may make any server stand still for a moment.
                elif kind not in ("pong", "event", "game_started", "player_joined", "stalled"):
                    self.complaints.append(f"unexpected: {message}")

    def _on_state(self, message: dict[str, Any]) -> None:
        now = time.monotonic()
        self.longest_silence = max(self.longest_silence, now - self._heard_at)
        self._heard_at = now
        if self.tick and message["tick"] != self.tick + 1:
            self.complaints.append(f"tick {message['tick']} followed {self.tick}")
        if message["type"] == "state":
            if self.tick:
                self.complaints.append("got a whole state again")
            self.state = message["state"]
        else:
            self.state = merge_patch.apply(self.state, message["patch"])
        if self.state["steps"] != message["tick"]:
            self.complaints.append(f"state {self.state['steps']} in tick {message['tick']}")
        self.tick = message["tick"]

    def begin(self) -> None:
        """Forget how it was so far; what counts begins now."""
        self.longest_silence = 0.0
        self.complaints.clear()

    def wait(self, ticks: int) -> None:
        """Until that many more ticks have been seen."""
        goal, end = self.tick + ticks, time.monotonic() + PATIENCE
        while self.tick < goal and not self.complaints and time.monotonic() < end:
            time.sleep(0.002)

    def leave(self) -> None:
        self._leaving.set()
        self.join(PATIENCE)


class Watch:
    """Two witnesses, one for each sub-protocol and each in a room of its own, and the counters of their server."""

    def __init__(self, server: ServerThread | ServerProcess) -> None:
        self.server = server
        self.witnesses = [Witness(server.port, name) for name in (JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL)]
        for witness in self.witnesses:
            witness.start()

    @contextlib.contextmanager
    def unharmed(self, faults: bool = False) -> Iterator[None]:
        """What happens within must leave both witnesses and the server as they were.

        `faults` says that the game is made to raise, so that errors are logged.
        """
        for witness in self.witnesses:
            witness.begin()
        began = [witness.tick for witness in self.witnesses]
        yield
        for witness, tick in zip(self.witnesses, began, strict=True):
            witness.wait(2)
            assert not witness.complaints, witness.complaints
            assert witness.tick >= tick + 2
            assert witness.longest_silence < LONGEST_SILENCE
        assert get_json(self.server.port, "/healthz")["status"] == "ok"
        self.settle()
        if isinstance(self.server, ServerThread) and not faults:
            assert not self.server.errors.records, self.server.errors.texts()

    def settle(self) -> None:
        """Wait until the witnesses' connections, seats and rooms are the only ones left."""
        expected = {"status": "ok", "rooms": 2, "players": 2, "connections": 2}
        end = time.monotonic() + PATIENCE
        while (found := self._counts()) != expected and time.monotonic() < end:
            time.sleep(0.003)
        assert found == expected

    def _counts(self) -> dict[str, Any]:
        if isinstance(self.server, ServerProcess):
            health: dict[str, Any] = get_json(self.server.port, "/healthz")
            return health
        counts, sockets = self.server.call(_count)
        # Sockets that never became WebSockets have to go as well.
        return counts | {"connections": max(counts["connections"], *sockets)}

    def leave(self) -> None:
        for witness in self.witnesses:
            witness.leave()


def _count(server: GameServer) -> tuple[dict[str, Any], tuple[int, int]]:
    listener = server._listener
    assert set(listener._per_address) <= {"127.0.0.1"}
    assert len(server.schedule._entries) == len(server.rooms)
    assert all(session.room is None or session.room.room_id in server.rooms for session in server.sessions.values())
    return health(server.figures()), (listener.connections, listener._per_address["127.0.0.1"])


@contextlib.contextmanager
def watched(server: ServerThread | ServerProcess, faults: bool = False) -> Iterator[Watch]:
    """Witnesses for a server that a test has to itself."""
    watch = Watch(server)
    try:
        with watch.unharmed(faults):
            yield watch
    finally:
        watch.leave()
