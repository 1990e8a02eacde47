"""From the first byte to the finished handshake: what is refused and how, and what is taken that others refuse."""

from __future__ import annotations

import contextlib
import socket
import struct
import time

import pytest

from rumpus.config import Limits
from rumpus.net import http_connection
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from tests.support.clients import (
    Answer,
    RawClient,
    Refused,
    exchange,
    frame,
    open_socket,
    parse_answer,
    read_to_end,
    upgrade_request,
    watched,
)
from tests.support.drift import Drift
from tests.support.serving import PATIENCE, ServerThread, serving
from tests.support.watched_server import OPTIONS

pytestmark = pytest.mark.socket


def refused(port: int, path: str = "/ws", **headers: str | None) -> Answer:
    """The answer to a handshake that must fail; underscores in header names stand for hyphens."""
    with pytest.raises(Refused) as caught:
        RawClient(port, path=path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = caught.value.answer
    assert answer.headers["connection"] == "close"
    assert len(answer.body) == int(answer.headers["content-length"])
    return answer


def accepted(port: int, subprotocol: str | None = None, **headers: str | None) -> str | None:
    """The sub-protocol that a handshake ends with, after which the connection works."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with RawClient(port, subprotocol, headers=names) as client:
        client.binary = client.answer.headers.get("sec-websocket-protocol") == MSGPACK_SUBPROTOCOL
        assert client.is_served()
        client.join()
        return client.answer.headers.get("sec-websocket-protocol")


# What is taken.


@pytest.mark.parametrize(
    "connection", ["Upgrade", "upgrade", "keep-alive, Upgrade", "Upgrade, HTTP2-Settings", "keep-alive,upgrade ,x"]
)
def test_the_connection_header_may_list_more_than_upgrade_as_firefox_does(
    server: ServerThread, connection: str
) -> None:
    accepted(server.port, Connection=connection)


def test_the_first_known_sub_protocol_that_is_offered_is_chosen(server: ServerThread) -> None:
    assert accepted(server.port, None) is None
    assert accepted(server.port, JSON_SUBPROTOCOL) == JSON_SUBPROTOCOL
    assert accepted(server.port, MSGPACK_SUBPROTOCOL) == MSGPACK_SUBPROTOCOL
    assert accepted(server.port, f"{JSON_SUBPROTOCOL}, {MSGPACK_SUBPROTOCOL}") == JSON_SUBPROTOCOL
    assert accepted(server.port, f"{MSGPACK_SUBPROTOCOL},{JSON_SUBPROTOCOL}") == MSGPACK_SUBPROTOCOL
    assert accepted(server.port, f"chat, rumpus.v9.json, {MSGPACK_SUBPROTOCOL}") == MSGPACK_SUBPROTOCOL


def test_extensions_that_are_offered_are_not_agreed_on(server: ServerThread) -> None:
    offer = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
    with RawClient(server.port, headers=offer) as client:
        assert "sec-websocket-extensions" not in client.answer.headers


def test_a_request_in_pieces_is_taken(server: ServerThread) -> None:
    with open_socket(server.port) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request = upgrade_request(server.port)
        for at in range(0, len(request), 10):
            sock.sendall(request[at : at + 10])
        assert sock.recv(4096).startswith(b"HTTP/1.1 101 ")


@pytest.mark.parametrize("beginning", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"], ids=["first", "second"])
def test_a_request_that_takes_too_many_reads_ends_the_connection(server: ServerThread, beginning: bytes) -> None:
    """The reads count, not the time: this server would give it a second."""
    with open_socket(server.port) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(beginning)
        if beginning:
            assert sock.recv(4096).startswith(b"HTTP/1.1 200 ")
        before = server.call(lambda server: server._listener.connections)
        sent = 0
        with contextlib.suppress(ConnectionError):
            for byte in upgrade_request(server.port):
                sock.sendall(bytes([byte]))
                sent += 1
                # Has it been read?
                if server.call(lambda server: server._listener.connections) < before:
                    break
        assert http_connection.MOST_READS <= sent <= http_connection.MOST_READS + 10


def test_frames_sent_along_with_the_handshake_are_read(server: ServerThread) -> None:
    with open_socket(server.port) as sock:
        sock.sendall(upgrade_request(server.port) + frame(b'{"type":"ping","time":4.5}'))
        data = b""
        while b'"time":4.5' not in data:
            chunk = sock.recv(4096)
            assert chunk
            data += chunk


# What is refused.


def test_sub_protocols_that_are_all_unknown_are_refused(server: ServerThread) -> None:
    for offer in ("chat", "rumpus.v2.json", "RUMPUS.V1.JSON", "chat, superchat"):
        answer = refused(server.port, Sec_WebSocket_Protocol=offer)
        assert answer.status == 400
        assert JSON_SUBPROTOCOL.encode() in answer.body


@pytest.mark.parametrize("path", ["/", "/ws/", "/WS", "/wss", "/healthz", "/ws/../ws", "//ws"])
def test_a_websocket_at_another_path_is_not_found(server: ServerThread, path: str) -> None:
    assert refused(server.port, path).status == 404


def test_a_query_does_not_change_the_path(server: ServerThread) -> None:
    with RawClient(server.port, path="/ws?room=K7QPX&x=/../") as client:
        assert client.is_served()


@pytest.mark.parametrize("version", [None, "7", "8", "12", "14", "13, 8", "x"])
def test_another_version_of_the_websocket_protocol_is_told_which_is_right(
    server: ServerThread, version: str | None
) -> None:
    answer = refused(server.port, Sec_WebSocket_Version=version)
    assert answer.status == 426
    assert answer.headers["sec-websocket-version"] == "13"


@pytest.mark.parametrize("key", [None, "", "short", "x" * 24, "AAAAAAAAAAAAAAAAAAAAAA==AAAA", "é" * 24])
def test_a_missing_or_bad_key_is_a_bad_request(server: ServerThread, key: str | None) -> None:
    assert refused(server.port, Sec_WebSocket_Key=key).status == 400


@pytest.mark.parametrize("connection", [None, "keep-alive", "close"])
def test_an_upgrade_without_its_connection_header_is_a_bad_request(
    server: ServerThread, connection: str | None
) -> None:
    assert refused(server.port, Connection=connection).status == 400


def test_a_plain_request_for_the_websocket_address_needs_an_upgrade(server: ServerThread) -> None:
    answer = refused(server.port, Upgrade=None)
    assert answer.status == 426
    assert answer.headers["upgrade"] == "websocket"
    assert refused(server.port, Upgrade="h2c").status == 426


def test_a_page_may_connect_to_its_own_server_only(server: ServerThread) -> None:
    here = f"127.0.0.1:{server.port}"
    for origin in (f"http://{here}", f"https://{here}", f"HTTP://{here}"):
        accepted(server.port, Origin=origin)
    for origin in ("http://evil.example", f"http://{here}.evil.example", "http://127.0.0.1", "null", "", here, "://"):
        assert refused(server.port, Origin=origin).status == 403
    assert refused(server.port, Origin="null", Host=None).status == 400
    assert refused(server.port, Origin="http://", Host="").status == 400


def test_origins_can_be_allowed_one_by_one_or_all() -> None:
    with serving(Drift, OPTIONS, allowed_origins=frozenset({"https://play.example"})) as server, watched(server):
        accepted(server.port, Origin="https://play.example")
        accepted(server.port, Origin="https://PLAY.example")
        for origin in ("http://play.example", "https://play.example:8443", "https://evil.example"):
            assert refused(server.port, Origin=origin).status == 403
    with serving(Drift, OPTIONS, allowed_origins=frozenset({"*"})) as server, watched(server):
        accepted(server.port, Origin="https://evil.example")
        accepted(server.port, Origin="null")


# What is no such request at all.


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /", 400),
        (b"GET  / HTTP/1.1", 400),
        (b"GET / HTTP/1.1 ", 400),
        (b"GET /\t HTTP/1.1", 400),
        (b"get / HTTP/1.1", 400),
        (b"GET ? HTTP/1.1", 400),
        (b"GET \xff\xfe HTTP/1.1", 400),
        (b"GET /\x00 HTTP/1.1", 400),
        (b"GET / HTTP/0.9", 400),
        (b"GET / HTTP/3.0", 400),
        (b"\xff\xfe\x00garbage", 400),
        (b"PRI * HTTP/2.0", 400),
        (b"BREW / HTTP/1.1", 400),
        (b"GET / HTTP/2.0", 505),
        (b"POST /ws HTTP/1.1", 405),
        (b"POST / HTTP/1.1", 405),
        (b"PUT /rooms HTTP/1.1", 405),
        (b"OPTIONS * HTTP/1.1", 405),
        (b"CONNECT example.org:443 HTTP/1.1", 405),
    ],
    ids=repr,
)
def test_whatever_is_not_a_get_of_http_1_is_refused(server: ServerThread, request_line: bytes, status: int) -> None:
    answer = exchange(server.port, request_line + b"\r\nHost: x\r\n\r\n")
    assert answer.status == status
    assert answer.headers["content-type"].startswith("text/plain")
    assert (status == 405) == ("allow" in answer.headers)


@pytest.mark.parametrize(
    "header",
    [
        b"no colon",
        b": no name",
        b"Na me: x",
        b" folded: x",
        b"X: a\x00b",
        b"X: a\rb",
        b"Content-Length: 5",
        b"Content-Length: 0\r\nContent-Length: 0",
        b"Content-Length: 0, 0",
        b"Content-Length: +5",
        b"Content-Length: 0x5",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5",
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: identity",
        b"Transfer-Encoding : chunked",
        b"Transfer-Encoding:\x0bchunked",
        b"X: a\r\n\tfolded",
        b"X: a\nTransfer-Encoding: chunked",
        b"Host: y",
        b"Host:",
        b"\r\n".join(b"X: %d" % n for n in range(200)),
    ],
    ids=lambda header: repr(header[:30]),
)
def test_headers_that_are_malformed_too_many_or_announce_a_body_are_a_bad_request(
    server: ServerThread, header: bytes
) -> None:
    for rest in (
        b"Host: x\r\n",
        upgrade_request(server.port).partition(b"\r\n")[2].removesuffix(b"\r\n\r\n") + b"\r\n",
    ):
        assert exchange(server.port, b"GET /ws HTTP/1.1\r\n" + rest + header + b"\r\n\r\n").status == 400


def test_headers_of_20_kb_end_the_connection_whether_they_are_finished_or_not(server: ServerThread) -> None:
    for end in (b"\r\n\r\n", b""):
        request = b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000 + end
        began = time.monotonic()
        assert exchange(server.port, request).status == 0
        assert time.monotonic() - began < PATIENCE / 2
    with open_socket(server.port) as sock, contextlib.suppress(ConnectionError):
        for _ in range(1000):
            sock.sendall(b"x" * 20_000)
        raise AssertionError("20 MB of headers were taken")


def test_a_request_for_the_whole_address_or_an_empty_one_harms_nobody(server: ServerThread) -> None:
    for host in (b"127.0.0.1", b"localhost:8000"):
        assert exchange(server.port, b"GET http://%b/ HTTP/1.1\r\nHost: x\r\n\r\n" % host).status == 200
    assert exchange(server.port, b"GET http://127.0.0.1 HTTP/1.1\r\nHost: x\r\n\r\n").status == 200
    # What the address says counts, not the Host.
    assert exchange(server.port, b"GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n").status == 421
    assert exchange(server.port, b"GET http://a@127.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n").status == 400


TLS_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(1, 193))


def test_handshakes_that_never_finish_are_cut_off_in_time(server: ServerThread) -> None:
    beginnings = [
        b"",
        b"G",
        b"GET / HTTP/1.1\r\nHost:",
        b"GET / HTTP/1.1\nHost: x\n\n",
        TLS_HELLO,
        bytes(300),
        b"\r\n\r",
    ]
    began = time.monotonic()
    sockets = [open_socket(server.port) for _ in beginnings]
    for sock, beginning in zip(sockets, beginnings, strict=True):
        sock.sendall(beginning)
    for sock, beginning in zip(sockets, beginnings, strict=True):
        assert parse_answer(read_to_end(sock)).status == 0, beginning
        sock.close()
        assert 0.7 < time.monotonic() - began < PATIENCE / 2


def test_a_request_that_drips_in_byte_by_byte_is_cut_off_as_if_it_were_silent() -> None:
    limits = Limits(handshake_timeout=0.5)
    with serving(Drift, OPTIONS, limits) as server, watched(server), open_socket(server.port) as sock:
        began = time.monotonic()
        sent = 0
        with contextlib.suppress(ConnectionError):
            for byte in upgrade_request(server.port):
                sock.sendall(bytes([byte]))
                sent += 1
                time.sleep(0.02)
        assert sent < 100
        assert time.monotonic() - began < PATIENCE / 2


def test_half_closed_requests_are_answered_all_the_same(server: ServerThread) -> None:
    with open_socket(server.port) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        sock.shutdown(socket.SHUT_WR)
        assert parse_answer(read_to_end(sock)).status == 200


def test_a_connection_reset_during_the_handshake_leaves_nothing(server: ServerThread) -> None:
    for beginning in (b"", b"GET /ws", upgrade_request(server.port)):
        sock = open_socket(server.port)
        sock.sendall(beginning)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
