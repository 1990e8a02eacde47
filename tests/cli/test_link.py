"""`rumpus serve --simulate` and `rumpus link`: a real server that is played over a bad link."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from rumpus import cli
from rumpus.config import Limits
from rumpus.protocol import MSGPACK_SUBPROTOCOL
from rumpus.server import GameServer
from tests.support.clients import open_socket
from tests.support.command import ROOT, Run, complaint, complaints
from tests.support.serving import PATIENCE, get_json, serving_process

pytestmark = pytest.mark.socket

RACE = ("--game", "tests.support.race:Race", "--set", "goal=1000", "--start", "now")


def open_client(port: int, origin: str | None = None) -> ClientConnection:
    return connect(
        f"ws://127.0.0.1:{port}/ws",
        subprotocols=[Subprotocol(MSGPACK_SUBPROTOCOL)],
        origin=Origin(origin) if origin is not None else None,
        # Otherwise messages that nobody takes keep it from seeing the pong behind them.
        max_queue=None,
    )


def send(client: ClientConnection, **message: Any) -> None:
    client.send(msgspec.msgpack.encode(message))


def wait_for(client: ClientConnection, kind: str) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE
    while True:
        # States never stop coming.
        assert time.monotonic() < end, f"no {kind} came"
        data = client.recv(PATIENCE)
        assert isinstance(data, bytes)
        message: dict[str, Any] = msgspec.msgpack.decode(data)
        if message["type"] == kind:
            return message


def round_trip(client: ClientConnection) -> float:
    """Seconds until a WebSocket ping is answered."""
    began = time.monotonic()
    assert client.ping().wait(PATIENCE)
    return time.monotonic() - began


@contextlib.contextmanager
def link_process(*arguments: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """`rumpus link` with these arguments, listening on the port that comes with it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "rumpus", "link", "--port", "0", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    timer = threading.Timer(PATIENCE, process.kill)
    timer.start()
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert re.fullmatch(r"Listening on http://127\.0\.0\.1:\d+\n", line), process.communicate()
        yield int(line.rpartition(":")[2]), process
    finally:
        timer.cancel()
        process.kill()
        process.communicate()


# Inside the server.


def test_a_match_can_be_played_on_a_server_with_a_simulated_link() -> None:
    with serving_process(*RACE, "--simulate", "lag=60", cwd=ROOT) as server:
        assert get_json(server.port, "/healthz")["status"] == "ok"
        # A page of this server, by the address that it was opened with.
        with open_client(server.port, origin=server.url) as ann, open_client(server.port) as ben:
            send(ann, type="join", name="Ann", create=True)
            room = wait_for(ann, "joined")["room_id"]
            send(ben, type="join", name="Ben", room=room)
            assert wait_for(ben, "joined")["room_id"] == room
            assert wait_for(ann, "player_joined")["player"]["name"] == "Ben"
            wait_for(ann, "delta")
            send(ann, type="chat", text="Hello from afar")
            assert wait_for(ben, "chat")["text"] == "Hello from afar"
            assert min(round_trip(client) for client in (ann, ben) for _ in range(3)) >= 0.06
        with pytest.raises(InvalidStatus) as refused:
            open_client(server.port, origin="http://elsewhere.example")
        assert refused.value.response.status_code == 403
    assert len(server.output) == 1
    notices = [line for line in server.log if "simulated" in line]
    assert notices == [
        "The link is simulated: "
        "round trip 60 ms (up 30, down 30), jitter ±0 ms each way, no stalls, no limit of rate.\n"
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl_c", "sigterm"])
def test_everyone_is_told_over_the_link_when_the_server_stops(number: signal.Signals) -> None:
    with serving_process(*RACE, "--simulate", "lag=100", cwd=ROOT) as server, open_client(server.port) as ann:
        send(ann, type="join", name="Ann")
        wait_for(ann, "state")
        server.process.send_signal(number)
        assert wait_for(ann, "game_over")["reason"] == "server_stopped"
        with pytest.raises(ConnectionClosed) as closed:
            wait_for(ann, "anything more")
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "the server is stopping")
        assert server.process.wait(PATIENCE) == 0
    assert not [line for line in server.log if "Traceback" in line or "Warning" in line], server.log


def test_it_stops_although_a_client_answers_nothing() -> None:
    with serving_process(*RACE, "--simulate", "good", cwd=ROOT) as server, open_socket(server.port) as mute:
        mute.sendall(b"GET / HTTP/1.1\r\n")
        assert server.stop() == 0
    assert not [line for line in server.log if "Traceback" in line], server.log


def test_clients_who_all_come_through_the_link_are_not_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Limits] = []
    # The package has the command under the name of the module.
    serve_module = sys.modules["rumpus.cli.serve"]

    class Recorded(GameServer):
        def __init__(self, game: Any, options: Any, limits: Limits, **more: Any) -> None:
            super().__init__(game, options, limits, **more)
            made.append(limits)

    monkeypatch.setattr(serve_module, "GameServer", Recorded)
    monkeypatch.setattr(serve_module, "run_async", lambda main: main.close())
    monkeypatch.setattr("rumpus.cli.logs.configure", lambda *_: None)
    for simulate in ([], ["--simulate", "good"]):
        monkeypatch.setattr(sys, "argv", ["rumpus", "serve", *RACE, "--max-connections", "7000", *simulate])
        cli.main()
    plain, simulated = made
    assert plain.max_connections_per_address == Limits().max_connections_per_address
    assert simulated.max_connections_per_address == simulated.max_connections == 7000


# In front of one.


def test_a_link_in_front_of_a_server_passes_everything_on_later() -> None:
    with serving_process(*RACE, cwd=ROOT) as server:
        with link_process("--to", server.url, "--simulate", "up=50,down=10", "--simulate-seed", "4") as (port, process):
            assert get_json(port, "/healthz")["status"] == "ok"
            with open_client(port, origin=f"http://127.0.0.1:{port}") as ann:
                send(ann, type="join", name="Ann")
                wait_for(ann, "state")
                assert round_trip(ann) >= 0.06
                process.send_signal(signal.SIGTERM)
                with pytest.raises(ConnectionClosed):
                    wait_for(ann, "anything more")
            output, log = process.communicate(timeout=PATIENCE)
            assert (process.returncode, output) == (0, "")
            assert log == (
                "The link is simulated: "
                "round trip 60 ms (up 50, down 10), jitter ±0 ms each way, no stalls, no limit of rate.\n"
            )
        # The server has nothing to do with its end.
        assert get_json(server.port, "/healthz")["status"] == "ok"


def test_a_link_whose_server_goes_stays_and_says_so_once() -> None:
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(serving_process(*RACE, cwd=ROOT))
        port, process = stack.enter_context(link_process("--to", f"localhost:{server.port}", "--simulate", "lan"))
        assert get_json(port, "/healthz")["status"] == "ok"
        server.stop()
        for _ in range(3):
            with pytest.raises(OSError, match=r"reset|closed"):
                get_json(port, "/healthz")
        process.send_signal(signal.SIGINT)
        _, log = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    assert len(re.findall("cannot be reached", log)) == 1
    assert "Traceback" not in log


# Options that cannot be.


def test_an_option_that_cannot_be_ends_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()[1]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        serve = ["serve", "--game", "tests.support.race:Race"]
        cases: list[tuple[list[str], list[str]]] = [
            ([*serve, "--simulate", "awful"], ["--simulate", "'awful'", "typical"]),
            ([*serve, "--simulate", "lag=soon"], ["--simulate", "lag", "'soon'"]),
            ([*serve, "--simulate", "bad,stall=2"], ["--simulate", "stall", "2%"]),
            ([*serve, "--simulate-seed", "1"], ["--simulate-seed", "--simulate"]),
            ([*serve, "--simulate", "bad", "--simulate-seed", "x"], ["--simulate-seed"]),
            (
                [*serve, "--simulate", "bad", "--max-connections-per-address", "5"],
                ["--max-connections-per-address", "--simulate"],
            ),
            ([*serve, "--simulate", "bad", "--port", port], [port, "in use"]),
            (["link"], ["--to"]),
            (["link", "--to", "8000"], ["--to", "HOST:PORT"]),
            (["link", "--to", "127.0.0.1"], ["--to", "HOST:PORT"]),
            (["link", "--to", "127.0.0.1:99999"], ["--to", "HOST:PORT"]),
            (["link", "--to", "http://127.0.0.1:8000/ws"], ["--to", "HOST:PORT"]),
            (["link", "--to", f"127.0.0.1:{nobody}"], [str(nobody), "refused", "start that server"]),
            (["link", "--to", "no.such.host.invalid:80"], ["no.such.host.invalid"]),
            (["link", "--to", f"127.0.0.1:{port}", "--port", port], [port, "in use"]),
            (["link", "--to", f"127.0.0.1:{port}", "--port", "70000"], ["--port"]),
            (["link", "--to", f"127.0.0.1:{port}", "--simulate", "lag=1,jitter=2"], ["--simulate", "jitter"]),
        ]
        said = complaints([arguments for arguments, _ in cases])
    for (arguments, words), sentence in zip(cases, said, strict=True):
        assert all(word in sentence for word in words), (arguments, sentence)


def test_a_port_in_use_ends_in_one_sentence(rumpus: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = complaint(rumpus("serve", "--game", "tests.support.race:Race", "--simulate", "lan", "--port", port))
    assert "in use" in said
