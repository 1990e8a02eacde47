"""Games that do not return: the log says where, the process ends itself, and SIGTERM always does."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from rumpus.server.watchdog import EXIT_STATUS
from tests.support.clients import RawClient
from tests.support.matches import until
from tests.support.serving import PATIENCE, ServerProcess, get_json, serving_process
from tests.support.stuck import RAISED

pytestmark = pytest.mark.socket

ROOT = Path(__file__).parents[2]
GAME = ("--game", "tests.support.stuck:Stuck", "--start", "now")


@contextmanager
def playing(*arguments: str, environment: dict[str, str] | None = None) -> Iterator[tuple[ServerProcess, RawClient]]:
    with (
        serving_process(*GAME, *arguments, cwd=ROOT, environment=environment) as server,
        RawClient(server.port) as ann,
    ):
        ann.join()
        ann.expect("delta")
        yield server, ann


def logged(server: ServerProcess, text: str) -> int:
    return "".join(server.log).count(text)


def test_a_game_that_never_returns_ends_the_process_and_the_log_says_where() -> None:
    with playing("--tick-timeout", "1") as (server, ann):
        ann.send("input", seq=1, data={"label": "loop"})
        assert server.process.wait(PATIENCE) == EXIT_STATUS
        until(lambda: logged(server, "--tick-timeout") == 1)
        # Once when it was noticed, and once at the end.
        assert logged(server, "in never_comes_back") == 2


def test_native_code_that_holds_the_interpreter_ends_it_too() -> None:
    with playing("--tick-timeout", "0.5") as (server, ann):
        ann.send("input", seq=1, data={"label": "native"})
        assert server.process.wait(PATIENCE) == -signal.SIGVTALRM
        until(lambda: logged(server, "in update") >= 1)


def test_a_game_that_raises_what_ends_a_process_ends_its_own_room_only() -> None:
    with playing() as (server, cat):
        for number, wish in enumerate(RAISED):
            with RawClient(server.port) as ann:
                ann.join(create=True)
                ann.send("input", seq=1, data={"label": wish})
                assert ann.error() == "game_error"
            tick = cat.expect("delta")["tick"]
            while cat.expect("delta")["tick"] < tick + 5:
                pass
            until(lambda so_far=number + 1: logged(server, "its room is closed") == so_far)  # type: ignore[misc]
        assert get_json(server.port, "/healthz")["status"] == "ok"


def test_a_game_that_takes_long_once_is_told_of_and_goes_on() -> None:
    with playing("--tick-timeout", "2") as (server, ann):
        ann.send("input", seq=1, data={"label": "pause"})
        stalled = ann.expect("stalled")
        assert stalled["ticks"] > 5
        until(lambda: logged(server, "has not come back for") == 1)
        assert logged(server, "in update") == 1
        assert ann.expect("delta")["tick"] > stalled["tick"]


def test_a_machine_that_was_paused_is_no_reason_to_end() -> None:
    with playing("--tick-timeout", "0.5") as (server, ann):
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(2)  # the pause itself
        server.process.send_signal(signal.SIGCONT)
        ann.expect("stalled")
        ann.expect("delta")
        assert server.process.poll() is None


def test_sigterm_ends_it_though_the_game_never_returns_and_may_take_for_ever() -> None:
    with playing("--tick-timeout", "0") as (server, ann):
        ann.send("input", seq=1, data={"label": "loop"})
        until(lambda: logged(server, "in never_comes_back") == 1)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == EXIT_STATUS
        assert time.monotonic() - began < PATIENCE / 2


def test_a_service_manager_is_told_that_it_is_ready_and_alive_and_about_to_stop(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(PATIENCE)
        with playing("--tick-timeout", "1", environment={"NOTIFY_SOCKET": address}) as (server, ann):
            assert manager.recv(100) == b"READY=1"
            assert manager.recv(100) == b"WATCHDOG=1"
            ann.send("input", seq=1, data={"label": "loop"})
            server.process.wait(PATIENCE)
        # While it hung it was silent.
        manager.settimeout(0.1)
        told = []
        with suppress(TimeoutError):
            while True:
                told.append(manager.recv(100))
        assert len(told) <= 2
        with playing(environment={"NOTIFY_SOCKET": address}) as (server, _):
            server.stop()
        manager.settimeout(PATIENCE)
        assert manager.recv(100) == b"READY=1"
        while (state := manager.recv(100)) != b"STOPPING=1":
            assert state == b"WATCHDOG=1"
