"""The command itself, as a process of its own: its memory and its file descriptors under attack, and how it stops."""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clients import CONTINUATION, Goodbye, RawClient, Watch, frame, open_socket, watched
from tests.support.serving import PATIENCE, ServerProcess, get_json, serving_process

pytestmark = pytest.mark.socket

ROOT = Path(__file__).parents[2]
GAME = (
    "--game",
    "tests.support.drift:Drift",
    "--start",
    "now",
    "--tick-rate",
    "60",
    "--empty-grace",
    "0",
    "--reconnect-time",
    "0",
)
MB = 1_000_000
#: Growth that says nothing: buffers of a few connections, the allocator's slack.
SLACK = 24 * MB


@pytest.fixture(scope="module")
def command_watch() -> Iterator[Watch]:
    with serving_process(*GAME, cwd=ROOT) as server:
        watch = Watch(server)
        yield watch
        watch.leave()


@pytest.fixture
def command(command_watch: Watch) -> Iterator[ServerProcess]:
    server = command_watch.server
    assert isinstance(server, ServerProcess)
    with command_watch.unharmed():
        before = server.resident_bytes()
        yield server
        assert server.resident_bytes() < before + SLACK
    assert not [line for line in server.log if "Traceback" in line]


def test_a_message_of_100_mb_is_refused_and_takes_no_memory(command: ServerProcess) -> None:
    with RawClient(command.port) as client:
        with contextlib.suppress(ConnectionError):
            client.raw(frame(length=100 * MB))
            for _ in range(1000):
                client.raw(b"x" * 100_000)
        assert client.goodbye()[0] == 1009


def test_100_mb_in_fragments_are_refused_and_take_no_memory(command: ServerProcess) -> None:
    part = frame(b" " * 16_000, CONTINUATION, fin=False)
    with RawClient(command.port) as client:
        with contextlib.suppress(ConnectionError):
            client.raw(frame(b"{", fin=False))
            for _ in range(100 * MB // len(part)):
                client.raw(part)
        assert client.goodbye()[0] in (1009, None)


def test_many_clients_who_declare_100_mb_and_send_nothing_take_no_memory(command: ServerProcess) -> None:
    clients = [RawClient(command.port) for _ in range(50)]
    for client in clients:
        client.raw(frame(length=100 * MB))
    for client in clients:
        assert client.goodbye()[0] == 1009
        client.sock.close()


def test_clients_who_never_read_take_a_bounded_amount_of_memory(command: ServerProcess) -> None:
    with RawClient(command.port, receive_buffer=8192) as slow, RawClient(command.port) as quick:
        slow.join(create=True, settings={"bulk": 200_000})
        quick.join(room=slow.room_id)
        before = command.resident_bytes()
        for _ in range(120):
            while quick.next_message()["type"] not in ("state", "delta"):
                pass
        # 24 MB were meant for each of them.
        assert command.resident_bytes() < before + SLACK


def test_a_flood_of_requests_takes_no_memory(command: ServerProcess) -> None:
    for _ in range(300):
        with open_socket(command.port) as sock:
            sock.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")


def test_running_out_of_file_descriptors_harms_no_match() -> None:
    with serving_process(*GAME, cwd=ROOT) as server, watched(server):
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (40, 40))
        sockets = [socket.socket() for _ in range(80)]
        for sock in sockets:
            sock.settimeout(PATIENCE)
            sock.connect(("127.0.0.1", server.port))
        # The server has to come upon the limit; nothing tells when it has.
        time.sleep(0.3)
        for sock in sockets:
            sock.close()
        end = time.monotonic() + PATIENCE
        while True:
            try:
                assert get_json(server.port, "/healthz")["status"] == "ok"
                break
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_in_order_even_if_clients_do_not_answer(tmp_path: Path, number: signal.Signals) -> None:
    results = tmp_path / "results.jsonl"
    with serving_process(*GAME, "--results", str(results), cwd=ROOT) as server:
        with RawClient(server.port) as polite, RawClient(server.port) as deaf, open_socket(server.port) as half:
            polite.join()
            deaf.join()
            polite.expect("delta")
            half.sendall(b"GET /")
            began = time.monotonic()
            server.process.send_signal(number)
            assert polite.expect("notice")["level"] == "warning"
            assert polite.expect("game_over")["reason"] == "server_stopped"
            with pytest.raises(Goodbye) as goodbye:
                polite.next_message()
            assert goodbye.value.code == 1001
            assert server.process.wait(PATIENCE) == 0
            assert time.monotonic() - began < 5
        assert [json.loads(line)["reason"] for line in results.read_text().splitlines()] == ["server_stopped"] * 2
        server.stop()
        assert not [line for line in server.log if "Traceback" in line or "Warning" in line], server.log
