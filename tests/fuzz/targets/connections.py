"""A real server that is sent anything: requests, handshakes, frames behind a good handshake. It raises nothing.

The server runs in this process and lives on from one input to the next.
"""

from __future__ import annotations

import contextlib
import socket
from functools import cache

from rumpus.config import Limits, RoomOptions
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from tests.fuzz.framing import BINARY, CLOSE, CONTINUATION, PING, client_frame, handshake
from tests.fuzz.landmarks import reach
from tests.support.clients import read_to_end
from tests.support.race import Race
from tests.support.serving import ServerThread, serving

_JOIN = b'{"type":"join","name":"Ann","options":{"create":true}}'

#: The first byte: "h" for bytes as they are, "j" or "m" for what follows a handshake in one of the encodings.
SEEDS = [
    b"hGET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"hGET /api/leaderboard?season=all&limit=3 HTTP/1.1\r\nHost: localhost:80\r\nConnection: close\r\n\r\n",
    b'hGET /%2e%2e/%00 HTTP/1.1\r\nHost: a\r\nIf-None-Match: W/"x"\r\nAccept-Encoding: gzip\r\n\r\n',
    b"hGET / HTTP/1.0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
    b"hPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcTransfer-Encoding: chunked",
    b"h" + handshake("rumpus.v1.json", "X-Forwarded-For: 1.2.3.4", "Origin: http://127.0.0.1"),
    b"j" + client_frame(_JOIN) + client_frame(b"", PING) + client_frame(b"", CLOSE),
    b"j" + client_frame(_JOIN[:9], first=0) + client_frame(_JOIN[9:], CONTINUATION) + client_frame(b"\xff"),
    b"m" + client_frame(b"\x81\xa4type\xa4join", BINARY) + client_frame(b"x", BINARY, mask=None),
]
_HANDSHAKES = {b"j": handshake(JSON_SUBPROTOCOL), b"m": handshake(MSGPACK_SUBPROTOCOL)}


#: Holds the server while it runs.
_RUNNING = contextlib.ExitStack()


#: Landmarks know no numbers.
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


@cache
def _server() -> ServerThread:
    limits = Limits(max_connections=10_000, max_connections_per_address=10_000)
    options = RoomOptions(start="now", empty_grace=0, reconnect_time=0)
    return _RUNNING.enter_context(serving(Race, options, limits))


def stop() -> None:
    """End the server, if there was anything to run; a process with it does not end."""
    _RUNNING.close()
    _server.cache_clear()


def run(data: bytes) -> None:
    server = _server()
    sent = _HANDSHAKES.get(data[:1], b"") + data[1:]
    with socket.create_connection((server.host, server.port)) as sock:
        sock.settimeout(20)
        with contextlib.suppress(OSError):
            sock.sendall(sent)
            sock.shutdown(socket.SHUT_WR)
        answer = read_to_end(sock)
    for line in answer.split(b"\r\n"):
        if line.startswith(b"HTTP/"):
            reach(line.decode("latin-1"))
    # A close frame has a code of two bytes.
    reach(f"closed {answer.rpartition(bytes([0x88]))[2][1:3].hex()}".translate(_LETTERS))
    assert not server.errors.records, server.errors.texts()
