"""`rumpus serve`: the flags about hosts, figures and kept connections reach the server."""

from __future__ import annotations

import time

import pytest

from tests.support.clients import exchange, get, open_socket, parse_answer, read_to_end
from tests.support.command import ROOT
from tests.support.serving import PATIENCE, serving_process

pytestmark = pytest.mark.socket

GAME = ("--game", "tests.support.drift:Drift")


def ask(port: int, host: str, path: str = "/", *headers: str) -> int:
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", *headers]
    return exchange(port, "\r\n".join([*lines, "", ""]).encode()).status


def test_hosts_and_figures() -> None:
    flags = ("--public-host", "play.example", "--public-host", "www.play.example", "--metrics-from", "192.0.2.0/24")
    with serving_process(*GAME, *flags, "--trusted-proxy", "127.0.0.1", "--json-logs", cwd=ROOT) as server:
        assert ask(server.port, "play.example") == ask(server.port, "www.play.example:8000") == 200
        assert ask(server.port, "evil.example") == ask(server.port, "evil.example", "/rooms") == 421
        assert get(server.port, "/metrics").status == 404
        assert ask(server.port, "x", "/metrics", "X-Forwarded-For: 192.0.2.9") == 200
        end = time.monotonic() + PATIENCE
        while not any("--public-host" in line for line in server.log):
            assert time.monotonic() < end
            time.sleep(0.01)
    [line] = [line for line in server.log if "--public-host" in line]
    assert '"host":"evil.example"' in line


def test_insisting_on_https_can_be_left() -> None:
    proxy = ("--trusted-proxy", "127.0.0.1", "--public-host", "play.example")
    asked = {"X_Forwarded_Host": "play.example", "X_Forwarded_Proto": "https"}
    with serving_process(*GAME, *proxy, cwd=ROOT) as server:
        assert get(server.port, "/", **asked).headers["strict-transport-security"] == "max-age=31536000"
    with serving_process(*GAME, *proxy, "--hsts", "0", cwd=ROOT) as server:
        assert "strict-transport-security" not in get(server.port, "/", **asked).headers


def test_connections_can_be_closed_after_each_answer() -> None:
    with serving_process(*GAME, "--keep-alive", "0", cwd=ROOT) as server, open_socket(server.port) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert parse_answer(read_to_end(sock)).headers["connection"] == "close"
