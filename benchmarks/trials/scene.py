"""A server to do things to, players who are there meanwhile, and what they have seen."""

from __future__ import annotations

import fcntl
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from urllib.request import urlopen

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
#: Seconds that anything gets which takes a moment.
PATIENCE = 30.0
#: Bytes that a file may have on the full disk.
_FULL = 30_000


class Server:
    """A `rumpus serve` on a port that it keeps when it is started again. More is for `subprocess.Popen`."""

    def __init__(self, *arguments: str, log: Path, **more: object) -> None:
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            self.port = sock.getsockname()[1]
        self._command = [sys.executable, "-m", "rumpus", "serve", "--port", str(self.port), *arguments]
        self._log, self._more = log, more
        self.start()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    def start(self) -> float:
        """Start it. Returns when it was up."""
        with self._log.open("ab") as log:
            streams = {"stdout": subprocess.PIPE, "stderr": log} | self._more
            self.process = subprocess.Popen(self._command, cwd=ROOT, text=True, **streams)  # type: ignore[call-overload]
        assert self.process.stdout is not None
        while not (line := self.process.stdout.readline()).startswith("Listening on"):
            if not line:
                raise SystemExit(f"The server did not start: see {self._log}.")
        # Nothing more is said there, and a pipe that is full would stop it.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        return time.time()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> float:
        """Returns when it went on."""
        self.process.send_signal(signal.SIGCONT)
        return time.time()

    def end(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Returns the seconds that it took."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(PATIENCE)
        return time.monotonic() - began

    def get(self, path: str) -> str:
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as answer:
            return str(answer.read().decode())

    def metric(self, name: str) -> float:
        found = re.search(rf"^{name} (\S+)$", self.get("/metrics"), re.MULTILINE)
        if found is None:
            raise SystemExit(f"The server has no metric {name}.")
        return float(found[1])


class Seen:
    """What players have noted: for each, moments (s, as `time.time` has them) and what was then."""

    def __init__(self, report: list[dict[str, object]], began: float) -> None:
        self._notes = [[(at / 1000, what) for at, what in one["notes"]] for one in report]  # type: ignore[attr-defined]
        self._began = began
        #: The codes of the rooms that they are in at the end; None: in none.
        self.rooms = {one["room"] for one in report}
        self._ended = time.time()

    def shown(self) -> list[str]:
        """Each player's seconds: `.` in control, `~` states come, `-` nothing comes."""
        return ["".join(self._second(notes, second) for second in range(self._length)) for notes in self._notes]

    @property
    def _length(self) -> int:
        return int(self._ended - self._began)

    def _second(self, notes: list[tuple[float, str]], second: int) -> str:
        start = self._began + second
        here = {what for at, what in notes if start <= at < start + 1}
        return "." if "answer" in here else "~" if "state" in here else "-"

    def count(self, what: str) -> int:
        """How often the one who noted it most often has noted something."""
        return max(sum(noted == what for _, noted in notes) for notes in self._notes)

    def first(self, what: str, after: float) -> float:
        """Seconds from a moment until the last of them had noted something; infinite if one never did."""
        return max(
            min((at - after for at, noted in notes if noted == what and at > after), default=float("inf"))
            for notes in self._notes
        )

    def longest_gap(self, after: float) -> float:
        """The longest time without a state, from a moment on (s)."""
        longest = 0.0
        for notes in self._notes:
            states = [at for at, what in notes if what == "state" and at >= after]
            gaps = [later - earlier for earlier, later in pairwise(states)]
            longest = max(longest, *gaps) if gaps else float("inf")
        return longest


class Players:
    """Players of the SDK in one room; see player.mjs. create: in a room of their own."""

    def __init__(self, url: str, names: tuple[str, ...], *, create: bool = False) -> None:
        plan = json.dumps({"url": url, "names": names, "room": None, "create": create})
        self._process = subprocess.Popen(
            [*node_command(), str(HERE / "player.mjs"), plan], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.room: str = json.loads(self._process.stdout.readline())["room"]
        self._began = time.time()

    def leave(self) -> Seen:
        report, _ = self._process.communicate()
        return Seen(json.loads(report), self._began)


def node_command() -> list[str]:
    """How Node is called here, so that it has WebSockets."""
    path = shutil.which("node")
    if path is None:
        raise SystemExit("This needs Node.js 20.10 or newer; there is none.")
    text = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    major = int(re.findall(r"\d+", text)[0])
    return [path] if major >= 22 else [path, "--experimental-websocket", "--no-warnings"]


def full_disk() -> None:
    """From now on no file of this process can grow beyond some bytes, as on a full disk. For `preexec_fn`."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FULL, _FULL))


@contextmanager
def unread_pipe() -> Iterator[int]:
    """The end of a pipe to write to; nobody reads the other."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    try:
        yield writing
    finally:
        os.close(reading)
        os.close(writing)


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("What was waited for did not come.")
        time.sleep(0.02)
