"""Many requests on one connection: answered in order, each in its own time, and not for ever."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from typing import Any

import pytest

from rumpus.config import Limits
from rumpus.net import http_connection
from rumpus.net.http import Answer, Request, Response
from tests.support.clients import frame, open_socket, parse_answer, read_to_end, upgrade_request
from tests.support.drift import Drift
from tests.support.serving import PATIENCE, ServerThread, serving
from tests.support.watched_server import OPTIONS

pytestmark = pytest.mark.socket


def ask(path: str = "/healthz", *headers: str, method: str = "GET", version: str = "1.1") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/{version}", "Host: x", *headers, "", ""]).encode()


class Reader:
    """Reads responses from a socket one after the other."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.file = sock.makefile("rb")

    def next(self, without_body: bool = False) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body; status 0 at the end of the stream."""
        line = self.file.readline()
        if not line:
            return 0, {}, b""
        headers = {}
        while (header := self.file.readline()) != b"\r\n":
            name, _, value = header.decode().partition(":")
            headers[name.lower()] = value.strip()
        size = 0 if without_body else int(headers.get("content-length", 0))
        return int(line.split()[1]), headers, self.file.read(size)


@contextmanager
def connected(port: int) -> Iterator[tuple[socket.socket, Reader]]:
    with open_socket(port) as sock:
        reader = Reader(sock)
        try:
            yield sock, reader
        finally:
            reader.file.close()


def test_one_connection_serves_a_whole_page(server: ServerThread) -> None:
    client = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    client.connect()
    first = client.sock
    for path in ("/", "/sdk/rumpus.js", "/nowhere", "/rooms", "/api/leaderboard", "/healthz"):
        client.request("GET", path)
        response = client.getresponse()
        assert response.status in (200, 404)
        assert response.read()
        assert response.getheader("connection") == "keep-alive"
    assert client.sock is first
    assert server.call(lambda server: server._listener.connections) == 3
    client.close()


def test_head_is_answered_as_get_but_for_the_body(server: ServerThread) -> None:
    with connected(server.port) as (sock, reader):
        for path in ("/", "/healthz", "/nowhere"):
            sock.sendall(ask(path))
            status, headers, body = reader.next()
            sock.sendall(ask(path, method="HEAD"))
            assert reader.next(without_body=True) == (status, headers, b"")
            assert int(headers["content-length"]) == len(body)


def test_requests_that_do_not_wait_are_answered_in_order(server: ServerThread) -> None:
    paths = ["/healthz", "/rooms", "/nowhere", "/"] * 25
    with connected(server.port) as (sock, reader):
        sock.sendall(b"".join(ask(path) for path in paths))
        kinds = {"/healthz": b'{"status"', "/rooms": b'{"game"', "/nowhere": b"404 ", "/": b"<!doctype"}
        for path in paths:
            assert reader.next()[2].lower().startswith(kinds[path])


def test_a_late_answer_keeps_its_place(server: ServerThread) -> None:
    """And what comes meanwhile is not stored without end."""
    listener = server.call(lambda server: server._listener)
    respond, late = listener._respond, []

    def slowly(request: Request) -> Answer:
        if request.path != "/late":
            return respond(request)
        late.append(server._loop.create_future())
        return late[-1]

    listener._respond = slowly
    try:
        with connected(server.port) as (sock, reader):
            sock.sendall(ask("/late") + ask("/healthz"))

            def send() -> None:
                with suppress(OSError):
                    sock.sendall(ask("/nowhere") * 1_000_000)

            flood = threading.Thread(target=send)
            flood.start()
            end = time.monotonic() + PATIENCE
            while not late:
                assert time.monotonic() < end
                time.sleep(0.001)
            flood.join(0.3)
            # It does not get rid of its forty megabytes.
            assert flood.is_alive()
            server.call(lambda _: late[0].set_result(Response.text("at last")))
            assert reader.next()[2] == b"at last"
            assert reader.next()[2].startswith(b'{"status"')
            assert reader.next()[0] == 404
            sock.shutdown(socket.SHUT_RDWR)
            flood.join(PATIENCE)
    finally:
        listener._respond = respond


def test_a_websocket_may_be_asked_for_after_pages(server: ServerThread) -> None:
    with connected(server.port) as (sock, reader):
        sock.sendall(ask("/") + ask("/rooms") + upgrade_request(server.port) + frame(b'{"type":"ping","time":4.5}'))
        assert reader.next()[0] == 200
        assert reader.next()[0] == 200
        assert reader.next()[0] == 101
        opcode, size = reader.file.read(2)
        assert opcode == 0x81
        assert b'"time":4.5' in reader.file.read(size)


@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_who_wants_the_connection_closed_gets_that(server: ServerThread, version: str) -> None:
    with open_socket(server.port) as sock:
        sock.sendall(ask("/healthz", "Connection: close", version=version))
        answer = parse_answer(read_to_end(sock))
        assert (answer.status, answer.headers["connection"]) == (200, "close")


def test_http_1_0_is_kept_only_for_who_asks(server: ServerThread) -> None:
    with open_socket(server.port) as sock:
        sock.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert parse_answer(read_to_end(sock)).status == 200
    with connected(server.port) as (sock, reader):
        for _ in range(2):
            sock.sendall(ask("/healthz", "Connection: keep-alive", version="1.0"))
            assert reader.next()[1]["connection"] == "keep-alive"


def test_requests_are_answered_although_the_client_has_finished_sending(server: ServerThread) -> None:
    with open_socket(server.port) as sock:
        sock.sendall(ask("/healthz") + ask("/rooms") + ask("/nowhere"))
        sock.shutdown(socket.SHUT_WR)
        assert read_to_end(sock).count(b"HTTP/1.1 ") == 3


def test_an_idle_connection_is_closed_after_a_while() -> None:
    limits = Limits(keep_alive=0.3, handshake_timeout=PATIENCE)
    with serving(Drift, OPTIONS, limits) as server, connected(server.port) as (sock, reader):
        for _ in range(2):
            sock.sendall(ask())
            assert reader.next()[0] == 200
        assert reader.next()[0] == 0


def test_a_second_request_has_as_much_time_as_the_first() -> None:
    limits = Limits(keep_alive=PATIENCE, handshake_timeout=0.3)
    with serving(Drift, OPTIONS, limits) as server, connected(server.port) as (sock, reader):
        sock.sendall(ask())
        assert reader.next()[0] == 200
        sock.sendall(ask()[:20])
        assert reader.next()[0] == 0


def test_connections_need_not_be_kept() -> None:
    with serving(Drift, OPTIONS, Limits(keep_alive=0)) as server, open_socket(server.port) as sock:
        sock.sendall(ask() * 3)
        answer = parse_answer(read_to_end(sock))
        assert answer.headers["connection"] == "close"
        assert json.loads(answer.body)["status"] == "ok"


def test_a_connection_serves_so_many_requests_and_no_more(
    server: ServerThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_connection, "MOST_REQUESTS", 3)
    with connected(server.port) as (sock, reader):
        sock.sendall(ask() * 10)
        assert [reader.next()[1]["connection"] for _ in range(3)] == ["keep-alive", "keep-alive", "close"]
        assert reader.next()[0] == 0


def test_nothing_behind_a_request_that_is_refused_is_taken_for_one(server: ServerThread) -> None:
    """Smuggling: what a proxy took for a body would be the next client's request here."""
    inner = ask("/rooms")
    for headers in (
        [f"Content-Length: {len(inner)}"],
        ["Transfer-Encoding: chunked"],
        [f"Content-Length: {len(inner)}", "Transfer-Encoding: chunked"],
        ["Content-Length: 0", f"Content-Length: {len(inner)}"],
        ["X: a\nContent-Length: 3"],
        ["X: a\r\n folded"],
    ):
        for method in ("GET", "POST", "HEAD"):
            with open_socket(server.port) as sock:
                sock.sendall(ask("/healthz") + ask("/healthz", *headers, method=method) + inner)
                answers = read_to_end(sock)
                assert answers.count(b"HTTP/1.1 ") == 2, headers
                assert b"HTTP/1.1 400 " in answers
                assert b'{"game"' not in answers


def test_who_reads_nothing_holds_one_answer_only(server: ServerThread) -> None:
    """A megabyte of requests, of which each asks for a page: no more is made than one that does not fit."""
    huge = Response.text("x" * 3_000_000)
    listener = server.call(lambda server: server._listener)
    respond, asked = listener._respond, []

    def answer(request: Request) -> Any:
        asked.append(request.path)
        return huge if request.path == "/huge" else respond(request)

    listener._respond = answer
    try:
        with open_socket(server.port, receive_buffer=4096) as sock:
            sock.sendall(ask("/huge") * 200)
            end = time.monotonic() + PATIENCE
            while not asked:
                assert time.monotonic() < end
                time.sleep(0.001)
            server.call(lambda server: server.tick())
            # What the system takes besides is a few megabytes at most.
            assert len(asked) < 5
    finally:
        listener._respond = respond
