"""One measurement: a contestant in a process of its own, the load generator in another, and this one between them."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import IO, Any

import msgspec

from ..errors import RumpusError
from .messages import Felt, Got, Load
from .processes import cores

#: Seconds that a process gets to listen: a game may have to be compiled first.
START_PATIENCE = 180.0
#: Seconds beyond its plan that the generator gets: thousands of players may be slow to join.
LOAD_PATIENCE = 180.0
#: Seconds that a server gets to say what it felt.
FELT_PATIENCE = 30.0


class Child:
    """A process that speaks JSON lines on its standard output. Use it as a context manager: it does not outlive it."""

    def __init__(
        self, name: str, command: Sequence[str], core: int | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self._complaints: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the process
        self._process = subprocess.Popen(  # noqa: S603  # our own programs
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env={**os.environ, **(environment or {})},
        )
        if core is not None:
            # From outside, so that every kind of process is placed in the same way. It has hardly begun to load.
            os.sched_setaffinity(self._process.pid, {core})
        self._pending = bytearray()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *error: object) -> None:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
        self._complaints.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, word: str) -> None:
        assert self._process.stdin is not None
        os.write(self._process.stdin.fileno(), word.encode() + b"\n")

    def hear(self, patience: float) -> dict[str, Any]:
        """The next line. Raises RumpusError if none comes in so many seconds, or it says that something failed."""
        assert self._process.stdout is not None
        until, fd = time.monotonic() + patience, self._process.stdout.fileno()
        while True:
            line, end, rest = bytes(self._pending).partition(b"\n")
            if end:
                self._pending[:] = rest
                if not line.startswith(b"{"):
                    continue
                said: dict[str, Any] = json.loads(line)
                if said.get("event") == "failed":
                    raise RumpusError(said["text"])
                return said
            left = until - time.monotonic()
            if left <= 0:
                raise RumpusError(f"{self.name} said nothing for {patience:.0f} s.")
            if not select.select([fd], [], [], left)[0]:
                continue
            words = os.read(fd, 65536)
            if not words:
                raise RumpusError(f"{self.name} ended early{self.last_words()}")
            self._pending += words

    def hear_of(self, event: str, patience: float) -> dict[str, Any]:
        """The next line about `event`."""
        while True:
            said = self.hear(patience)
            if said.get("event") == event:
                return said

    def last_words(self) -> str:
        """The end of a sentence: what it complained of last on standard error, if it did."""
        self._complaints.seek(0)
        lines = self._complaints.read().decode(errors="replace").strip().splitlines()
        return f": {lines[-1]}" if lines else "."


def let_play(load: Load, server: Child | None = None) -> tuple[Got, Felt | None]:
    """Run the load generator. A server that listens to that is told when counting begins and ends, and what it felt is
    heard before the players leave: thousands of farewells are not part of what is measured."""
    command = [sys.executable, "-m", "rumpus.bench.generator", msgspec.json.encode(load).decode()]
    patience = load.warm_up + load.seconds + LOAD_PATIENCE
    with Child("The load generator", command, cores()[1]) as generator:
        generator.hear_of("begin", patience)
        if server is not None:
            server.tell("begin")
        generator.hear_of("counted", patience)
        felt = None
        if server is not None:
            server.tell("end")
            felt = msgspec.convert(server.hear_of("felt", FELT_PATIENCE)["figures"], Felt, strict=False)
        got = msgspec.convert(generator.hear_of("end", patience)["figures"], Got, strict=False)
        return got, felt
