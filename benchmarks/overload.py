"""What a server does with twice the players it can carry: `python benchmarks/overload.py [--without PLAYERS]`.

A real `rumpus serve` of Arena has one core, the players another. Matches of eight are filled until the server refuses
the first newcomer; then as many again want in, all at once, and ask again and again; then 2,000 connections ask for a
page at the same time; then three in four players leave. A line for each of these phases: how many ticks started within
10 ms of their deadline (the aim is 99%), how many were dropped, how many states each player got, whom the server
refused, and the overload level at the end. It ends when the level is 0 again and somebody could join.

`--without PLAYERS` is for comparison: so many at a server that never refuses. What the figures count is in the server's
own /metrics. Linux only, and nothing else should run meanwhile; or else `--first`, as root, has it go before that.
"""

from __future__ import annotations

import argparse
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from random import Random

import msgspec

from rumpus.bench.crowd import Crowd
from rumpus.bench.dialects import Encoded, RumpusMsgpack, server_frames
from rumpus.bench.processes import allow_many_files, cores
from rumpus.bench.workloads import SLICES
from rumpus.protocol.framing import masked_frame

HZ, ROOM = 30, 8
#: Players there is room for in the generator, and how many come in a second while it fills.
MOST, FILL_RATE = 8000, 150
#: Seconds until a player who was refused asks again.
RETRY = 2.0
#: Connections that ask for a page at once.
REQUESTS = 2000
#: What is counted.
COUNTED = (
    "rumpus_ticks_total", 'rumpus_tick_lateness_seconds_bucket{le="0.01"}', "rumpus_dropped_ticks_total",
    "rumpus_snapshots_sent_total", "rumpus_joins_refused_busy_total",
)  # fmt: skip
_MASK = b"\x37\xfa\x21\x3d"


class ArenaDialect(RumpusMsgpack):
    """Players of Arena, who send an input in each period."""

    def input(self, random: Random) -> Encoded:
        aim, fire = round(random.uniform(-3.1, 3.1), 3), random.random() < 0.3
        data = {"move_x": random.uniform(-1, 1), "move_y": random.uniform(-1, 1), "aim": aim, "fire": fire}
        payload = msgspec.msgpack.encode({"type": "input", "seq": self.first_seq, "data": data})
        return Encoded(payload, payload.index(b"\xa3seq\xcd") + 5)


class Newcomers:
    """Connections that want a seat, and go on asking for one."""

    def __init__(self, crowd: Crowd, dialect: ArenaDialect, port: int) -> None:
        self.wanted = self.refused = 0
        self._crowd, self._dialect, self._port = crowd, dialect, port
        self._epoll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._received: dict[int, bytearray] = {}
        #: Those who have to be upgraded yet; when those who were refused ask again.
        self._upgrading: set[int] = set()
        self._again: list[tuple[float, int]] = []
        self._number = 0

    def step(self) -> None:
        for _ in range(min(self.wanted, 200)):
            self.wanted -= 1
            connection = socket.socket()
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.connect_ex(("127.0.0.1", self._port))
            fd = connection.fileno()
            self._sockets[fd], self._received[fd] = connection, bytearray()
            self._upgrading.add(fd)
            self._epoll.register(fd, select.EPOLLIN | select.EPOLLOUT)
        for fd, events in self._epoll.poll(0):
            if events & select.EPOLLOUT:
                self._sockets[fd].send(self._dialect.request("127.0.0.1", self._port))
                self._epoll.modify(fd, select.EPOLLIN)
            if events & (select.EPOLLIN | select.EPOLLHUP):
                self._read(fd)
        now = time.monotonic()
        while self._again and self._again[0][0] <= now:
            fd = self._again.pop(0)[1]
            if fd in self._sockets:
                self._ask(fd)

    def leave(self) -> None:
        for connection in self._sockets.values():
            connection.close()
        self._sockets.clear()
        self._upgrading.clear()
        self._again.clear()
        self.wanted = 0

    def _ask(self, fd: int) -> None:
        self._number += 1
        hello = self._dialect.hello(self._number) or b""
        self._sockets[fd].send(masked_frame(self._dialect.opcode, hello, _MASK))

    def _read(self, fd: int) -> None:
        try:
            data = self._sockets[fd].recv(65536)
        except OSError:
            data = b""
        if not data:
            self._sockets.pop(fd).close()
            return
        received = self._received[fd]
        received += data
        if fd in self._upgrading:
            head, end, rest = bytes(received).partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise SystemExit(f"The server did not upgrade a connection: {head[:100]!r}.")
            received[:] = rest
            self._upgrading.remove(fd)
            self._ask(fd)
        for opcode, payload in server_frames(received):
            if opcode != 2 or payload[0] == 0xC1:
                continue
            message = msgspec.msgpack.decode(payload)
            if message["type"] == "joined":
                self._epoll.unregister(fd)
                self._crowd.admit(self._sockets.pop(fd), bytes(received))
                return
            if message["type"] == "error":
                if message["code"] not in ("server_busy", "server_full"):
                    raise SystemExit(f"The server refused a player: {message}.")
                self.refused += 1
                self._again.append((time.monotonic() + RETRY, fd))


class Gauges:
    """The server's /metrics, read again and again beside the game."""

    def __init__(self, port: int) -> None:
        self.now: dict[str, float] = {}
        self.asked_at = self.slowest = 0.0
        self._port = port
        self._next = 0.0
        self._socket: socket.socket | None = None
        self._received = b""

    def step(self) -> None:
        now = time.monotonic()
        if self._socket is None:
            if now < self._next:
                return
            self._socket, self._received, self._next = socket.socket(), b"", now
            self._socket.connect(("127.0.0.1", self._port))
            self._socket.setblocking(False)
            self._socket.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            while data := self._socket.recv(65536):
                self._received += data
        except BlockingIOError:
            return
        self._socket.close()
        self._socket = None
        lines = self._received.partition(b"\r\n\r\n")[2].decode().splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        self.now, self.asked_at = {name: float(value) for name, value in pairs}, self._next
        self.slowest = max(self.slowest, now - self._next)
        self._next = now + 0.2


class Run:
    """A server, its players, and the phases that they go through."""

    def __init__(self, port: int) -> None:
        dialect = ArenaDialect()
        self.crowd = Crowd(dialect, MOST)
        self.crowd.compile()
        self.newcomers = Newcomers(self.crowd, dialect, port)
        self.gauges = Gauges(port)
        self._slot = 0
        self._late = 0.0

    def play(self, seconds: float, until: Callable[[], bool] = lambda: False) -> float:
        """Play for so long, or until something holds. Returns the seconds."""
        step, began = 1 / (HZ * SLICES), time.monotonic()
        end = began
        while time.monotonic() - began < seconds and not until():
            # Players who are late do not hurry: an input that was not sent is not made up for.
            end = max(end + step, time.monotonic())
            self.crowd.play(self._slot % SLICES, end)
            self.newcomers.step()
            self.gauges.step()
            self._slot += 1
        return time.monotonic() - began

    def figures(self) -> dict[str, float]:
        """As they are now, and not as they were a while ago."""
        asked = time.monotonic()
        self.play(60, until=lambda: self.gauges.asked_at >= asked)
        return {**self.gauges.now, "time": time.monotonic()}

    def phase(self, name: str, seconds: float, until: Callable[[], bool] = lambda: False) -> dict[str, float]:
        before = self.figures()
        self.gauges.slowest = 0.0
        cpu = time.process_time()
        took = self.play(seconds, until)
        cpu = (time.process_time() - cpu) / took
        after = self.figures()
        ticks, timely, dropped, sent, refused = (after[name] - before[name] for name in COUNTED)
        span, players = after["time"] - before["time"], (before["rumpus_players"] + after["rumpus_players"]) / 2
        starts = after["rumpus_tick_lateness_seconds_count"] - before["rumpus_tick_lateness_seconds_count"]
        print(
            f"{name:<30}{took:>6.1f}{after['rumpus_players']:>9.0f}{after['rumpus_busy_share']:>7.0%}"
            f"{after['rumpus_overload_level']:>7.0f}{timely / max(1, starts):>10.2%}"
            f"{dropped / max(1, ticks + dropped):>9.2%}{sent / span / max(1, players):>9.1f}{refused:>9.0f}"
            f"{1000 * self.gauges.slowest:>9.0f}{cpu:>7.0%}",
            flush=True,
        )
        return after


def ask_for_a_page(port: int) -> list[socket.socket]:
    """Very many connections at once, each with a request."""
    asking = []
    for _ in range(REQUESTS):
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex(("127.0.0.1", port))
        asking.append(connection)
    time.sleep(0.05)
    for connection in asking:
        try:
            connection.send(b"GET /index.html HTTP/1.1\r\nHost: x\r\n\r\n")
        except OSError:
            continue
    return asking


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--without", type=int, metavar="PLAYERS", help="a server that never refuses, with so many")
    parser.add_argument("--seconds", type=float, default=15.0, help="for which each phase lasts")
    parser.add_argument("--first", action="store_true", help="go before whatever else runs; needs root")
    chosen = parser.parse_args()
    allow_many_files()
    server_core, own_core = cores()
    command = [
        sys.executable, "-m", "rumpus", "serve", "--port", "0", "--start", "now", "--max-players", str(ROOM),
        "--set", "time_limit=0", "--set", "score_limit=0", "--max-connections", "30000", "--max-rooms", "4000",
        "--unlimited-from", "127.0.0.1", "--max-connections-per-address", "30000", "--join-timeout", "600",
    ]  # fmt: skip
    if chosen.without is not None:
        command += ["--overload-busy", "0", "--overload-lateness", "0"]
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)  # our own program
        try:
            if server_core is not None and own_core is not None:
                os.sched_setaffinity(server.pid, {server_core})
                os.sched_setaffinity(0, {own_core})
            if chosen.first:
                for process in (server.pid, 0):
                    os.sched_setscheduler(process, os.SCHED_RR, os.sched_param(1))
            assert server.stdout is not None
            port = int(server.stdout.readline().rsplit(":", 1)[1])
            go_through(Run(port), port, chosen.without, chosen.seconds)
        finally:
            server.terminate()
            server.wait(20)
            log.seek(0)
            print("\nWhat the server's log says of it:")
            print("".join(line for line in log if "overload level" in line or "Traceback" in line))


def go_through(run: Run, port: int, without: int | None, seconds: float) -> None:
    print(
        f"{'':<30}{'s':>6}{'players':>9}{'busy':>7}{'level':>7}{'in 10 ms':>10}{'dropped':>9}{'states/s':>9}"
        f"{'refused':>9}{'http ms':>9}{'load':>7}"
    )
    newcomers, began = run.newcomers, time.monotonic()
    asked = 0

    def fill() -> bool:
        nonlocal asked
        due = int((time.monotonic() - began) * FILL_RATE)
        newcomers.wanted += max(0, due - asked)
        asked = max(asked, due)
        return newcomers.refused > 0 or len(run.crowd.sockets) >= (without or MOST - ROOM)

    run.phase("filling", 120 if without is None else 2 * without / FILL_RATE, fill)
    if without is not None:
        return
    newcomers.wanted = 0
    full = run.phase("full", seconds)["rumpus_players"]
    newcomers.wanted += int(min(full, MOST - len(run.crowd.sockets)))
    run.phase("as many again want in", seconds)
    run.phase("and go on asking", seconds)
    newcomers.leave()
    asking = ask_for_a_page(port)
    run.phase(f"{REQUESTS} ask for a page at once", seconds / 3)
    for connection in asking:
        connection.close()
    for connection in run.crowd.sockets[: len(run.crowd.sockets) * 3 // 4]:
        connection.shutdown(socket.SHUT_RDWR)
    left = time.monotonic()
    run.phase(
        "three in four leave", 90, lambda: run.gauges.now["rumpus_overload_level"] == 0 and time.monotonic() > left + 2
    )
    before = len(run.crowd.sockets)
    newcomers.refused, newcomers.wanted = 0, ROOM
    run.phase("afterwards", seconds / 3)
    print(f"{len(run.crowd.sockets) - before} of {ROOM} newcomers were let in at the end.")


if __name__ == "__main__":
    main()
