"""A client that may do anything, and the server that it does it to."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import msgspec

from rumpus.bench.dialects import server_frames
from rumpus.bench.processes import cores
from rumpus.client.replica import SNAPSHOT_MARK
from rumpus.protocol import MSGPACK_SUBPROTOCOL
from rumpus.protocol.framing import BINARY_MESSAGE, frame_header

ROOT = Path(__file__).resolve().parents[2]
#: Seconds that anything gets.
PATIENCE = 20.0
#: Where attackers come from, and where nobody else does.
ATTACKER, OTHERS = "127.0.0.66", "127.0.0.1"
_MASK = bytes(4)

pack = msgspec.msgpack.encode


def frame(message: Any, opcode: int = BINARY_MESSAGE) -> bytes:
    """A message as a client's frame. A mask of zeros leaves the payload as it is, and spares the attacker the work."""
    payload = message if isinstance(message, bytes) else pack(message)
    return frame_header(opcode, len(payload), 0x80) + _MASK + payload


class Server:
    """A `rumpus serve` on a core of its own, if there is one."""

    def __init__(self, *arguments: str) -> None:
        core, _ = cores()
        pin = [] if core is None else ["taskset", "-c", str(core)]
        command = [*pin, sys.executable, "-m", "rumpus", "serve", "--port", "0", "--database", "none", *arguments]
        self.log = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the server runs
        self.process = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=self.log)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.match(r"Listening on \S+:(\d+)", line)
        if found is None:
            raise SystemExit(f"The server did not start: {self.complaints()}")
        self.port = int(found[1])
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def complaints(self) -> str:
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-2000:]

    @property
    def pid(self) -> int:
        """Of the server itself: `taskset` becomes it."""
        return self.process.pid

    def metrics(self) -> dict[str, float]:
        with urlopen(f"http://{OTHERS}:{self.port}/metrics", timeout=PATIENCE) as answer:
            text = answer.read().decode()
        return {name: float(value) for name, value in re.findall(r"^(\w\S*) (\S+)$", text, re.MULTILINE)}

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)


class Stranger:
    """One connection of an attacker: it talks first as others do, and then only sends."""

    def __init__(self, port: int, address: str = ATTACKER) -> None:
        self.sock = socket.create_connection((OTHERS, port), PATIENCE, (address, 0))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = bytearray()
        self.player_id = self.room_id = self.session = ""
        self.seq = 0

    def upgrade(self, port: int) -> None:
        self.sock.sendall(upgrade_request(port))
        while b"\r\n\r\n" not in self._received:
            self._receive()
        head, _, rest = bytes(self._received).partition(b"\r\n\r\n")
        if b" 101 " not in head:
            raise ConnectionError(head.decode(errors="replace"))
        self._received[:] = rest

    def _receive(self) -> None:
        data = self.sock.recv(65_536)
        if not data:
            raise ConnectionError("the server hung up")
        self._received += data

    def say(self, message: Mapping[str, Any]) -> None:
        self.sock.sendall(frame(message))

    def hear(self, *kinds: str) -> dict[str, Any]:
        """Wait for a message of one of these types, and take note of who this is."""
        while True:
            for _, payload in server_frames(self._received):
                if payload[:1] == bytes((SNAPSHOT_MARK,)):
                    continue
                with suppress(msgspec.DecodeError):
                    message = msgspec.msgpack.decode(payload)
                    if isinstance(message, dict) and message.get("type") == "joined":
                        self.player_id, self.room_id = message["player_id"], message["room_id"]
                        self.session = message["session"]
                    if isinstance(message, dict) and message.get("type") in kinds:
                        return message
            self._receive()

    def join(self, **fields: Any) -> None:
        self.say({"type": "join", "name": f"Stranger {os.getpid()}", **fields})
        answer = self.hear("joined", "error")
        if answer["type"] == "error":
            raise ConnectionError(answer["message"])

    def close(self) -> None:
        self.sock.close()


def upgrade_request(port: int) -> bytes:
    lines = [
        "GET /ws HTTP/1.1",
        f"Host: {OTHERS}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: {MSGPACK_SUBPROTOCOL}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def write(path: Path, name: str, lines: list[str]) -> None:
    """Put a table between the marks of this name in a document."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    table = "\n".join([begin, *lines, end])
    path.write_text(re.sub(f"{begin}.*{end}", lambda found: table, path.read_text(), flags=re.S))
