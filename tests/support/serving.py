"""A real server for tests: in this process on an event loop in a thread of its own, or as the `rumpus serve` command.

Both listen on a port that the system chooses, so tests run in any order and beside one another. Neither sheds load
unless it is asked to: what else this machine has to do must not change what a test is answered. Nor do limits by
address count, unless a test is about them: all clients of a test are on this machine.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import queue
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import uvloop

from rumpus import Game
from rumpus.config import Limits, RoomOptions
from rumpus.server import GameServer

T = TypeVar("T")

#: What makes a server do the same however busy the machine is, as fields and as flags.
CALM = {"overload_busy": 0, "overload_lateness": 0}
CALM_FLAGS = ("--overload-busy", "0", "--overload-lateness", "0")
#: For whom limits by address do not count.
HERE = "127.0.0.1"
#: Seconds that a step may take before a test gives up; far more than any needs.
PATIENCE = 20.0


class ErrorLog(logging.Handler):
    """Keeps what one thread logs as an error, unhandled exceptions of its event loop included."""

    def __init__(self, thread_name: str) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []
        self.addFilter(lambda record: record.threadName == thread_name)

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def texts(self) -> list[str]:
        formatter = logging.Formatter("%(message)s")
        return [formatter.format(record) for record in self.records]


class ServerThread:
    """A GameServer that runs in a thread. Use `serving`."""

    host = "127.0.0.1"

    def __init__(
        self,
        game: type[Game],
        options: RoomOptions | None = None,
        limits: Limits | None = None,
        allowed_origins: frozenset[str] = frozenset(),
        tls: ssl.SSLContext | None = None,
        **more: Any,
    ) -> None:
        self.port = 0
        self._make = lambda: GameServer(game, options, limits, allowed_origins=allowed_origins, **more)
        self._tls = tls
        self._ready: queue.Queue[BaseException | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name=f"game server {id(self)}")
        self.errors = ErrorLog(self._thread.name)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self) -> None:
        logging.getLogger().addHandler(self.errors)
        self._thread.start()
        failure = self._ready.get(timeout=PATIENCE)
        if failure is not None:
            raise failure

    def request_stop(self) -> None:
        """Have it stop soon, as a signal would."""
        with suppress(RuntimeError):  # its loop may be closed already
            self._loop.call_soon_threadsafe(self._stopping.set)

    def stop(self) -> None:
        self.request_stop()
        self._thread.join(PATIENCE)
        logging.getLogger().removeHandler(self.errors)
        assert not self._thread.is_alive(), "the server did not stop"

    def call(self, function: Callable[[GameServer], T]) -> T:
        """Run a function on the server's own thread and return what it returns."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(function(self._server))
            except BaseException as error:
                future.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return future.result(PATIENCE)

    def _run(self) -> None:
        thresholds = gc.get_threshold()
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._serve())
        except BaseException as error:
            self._ready.put(error)
            raise
        finally:
            # A server tunes the collector for a process of its own.
            gc.unfreeze()
            gc.set_threshold(*thresholds)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._server = self._make()
        _, self.port = await self._server.start_server(self.host, 0, self._tls)
        self._ready.put(None)
        await self._stopping.wait()
        await self._server.stop()


@contextmanager
def serving(
    game: type[Game],
    options: RoomOptions | None = None,
    limits: Limits | None = None,
    allowed_origins: frozenset[str] = frozenset(),
    *,
    sheds_load: bool = False,
    strangers: bool = False,
    **more: Any,
) -> Iterator[ServerThread]:
    """A server in this process, for as long as the context lasts. `more` is `tls` and what GameServer takes.

    strangers: whether limits by address count.
    """
    if not strangers:
        more["unlimited"] = [HERE]
    if not sheds_load:
        limits = msgspec.structs.replace(limits or Limits(), **CALM)
    server = ServerThread(game, options, limits, allowed_origins, **more)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class ServerProcess:
    """A running `rumpus serve`. Use `serving_process`."""

    def __init__(self, arguments: tuple[str, ...], cwd: Path | None, environment: dict[str, str] | None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rumpus", "serve", "--port", "0", *arguments],
            cwd=cwd,
            env=os.environ | (environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.url = ""
        self.output: list[str] = []
        #: What it wrote to standard error: its log.
        self.log: list[str] = []
        self._listening = threading.Event()
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.output)),
            threading.Thread(target=self._read, args=(self.process.stderr, self.log)),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def wait_until_listening(self) -> None:
        """Wait for the line that says where it listens. Raises RuntimeError with its log if it ends before that."""
        if not self._listening.wait(PATIENCE) or not self.url:
            raise RuntimeError("rumpus serve did not start:\n" + "".join(self.log))

    def resident_bytes(self) -> int:
        """Its memory that is in RAM."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("the kernel does not tell the memory of a process")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
            for reader in self._readers:
                reader.join(PATIENCE)
            for stream in (self.process.stdout, self.process.stderr):
                assert stream is not None
                stream.close()

    def _read(self, stream: Any, lines: list[str]) -> None:
        for line in stream:
            lines.append(line)
            if line.startswith("Listening on ") and not self.url:
                self.url = line.removeprefix("Listening on ").strip()
                self._listening.set()
        # The end of either stream, so that nobody waits for a process that has failed.
        self._listening.set()


@contextmanager
def serving_process(
    *arguments: str, cwd: Path | None = None, environment: dict[str, str] | None = None, strangers: bool = False
) -> Iterator[ServerProcess]:
    """`rumpus serve` with these arguments, listening, for as long as the context lasts.

    strangers: whether limits by address count.
    """
    unlimited = () if strangers else ("--unlimited-from", HERE)
    server = ServerProcess((*CALM_FLAGS, *unlimited, *arguments), cwd, environment)
    try:
        server.wait_until_listening()
        yield server
    finally:
        server.stop()


def free_port() -> int:
    """A port that nobody listens on, for a server that is to come back to it."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def get_json(port: int, path: str) -> Any:
    """What a GET of `path` answers, which must be JSON and status 200."""
    return json.loads(get_body(port, path))


def get_body(port: int, path: str) -> bytes:
    """What a GET of `path` answers, which must be status 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, (response.status, body)
        return body
    finally:
        connection.close()
