"""A real PostgreSQL for tests: made in a folder of its own, on a free port, gone afterwards."""

from __future__ import annotations

import glob
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg

#: It refuses to run as root; this is whom Debian's package makes for it.
_USER = "postgres"


class Postgres:
    """A server. `start` and `stop` may be called any number of times; data stays until `remove`."""

    def __init__(self) -> None:
        self._bin = _programs()
        self._as = ["runuser", "-u", _USER, "--"] if os.geteuid() == 0 else []
        self.folder = Path(tempfile.mkdtemp(prefix="rumpus-postgres-", dir="/tmp"))
        if self._as:
            try:
                user = pwd.getpwnam(_USER)
            except KeyError:
                raise RuntimeError(f"PostgreSQL does not run as root, and there is no user {_USER!r}.") from None
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.port = _free_port()
        self._data = self.folder / "data"
        self._run(
            "initdb", "-D", str(self._data), "-U", "rumpus", "--auth=trust", "--encoding=UTF8", "--no-sync",
            "--locale=C.UTF-8",
        )  # fmt: skip

    def start(self) -> None:
        """Start it, and return when it answers. No disk is synced: the machine is not going to lose its power."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=40"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-o", options, "-l", str(self.folder / "log"), "start")

    def stop(self) -> None:
        """Stop it at once, whoever is connected."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "stop")

    def freeze(self) -> None:
        """Stop all of it in its tracks: connections stay open, and nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        first = int((self._data / "postmaster.pid").read_text().split("\n")[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process in (first, *map(int, children)):
            os.kill(process, number)

    def database(self) -> str:
        """The address of its database, which is emptied: a new one for each test would be 300 files each time."""
        address = f"postgresql://rumpus@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return address

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        # Its output goes to a file: a server that is started keeps it open.
        with (self.folder / "output").open("a+") as output:
            done = subprocess.run(
                [*self._as, f"{self._bin}/{program}", *arguments],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False,
                timeout=120,
            )  # fmt: skip
            output.seek(0)
            if done.returncode != 0:
                raise RuntimeError(f"PostgreSQL's {program} failed:\n{output.read()}")


def _programs() -> str:
    found = shutil.which("initdb")
    places = [str(Path(found).resolve().parent)] if found else sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    for place in reversed(places):
        if all(Path(place, program).exists() for program in ("initdb", "pg_ctl")):
            return place
    raise RuntimeError(
        "These tests need PostgreSQL, which is not installed: `sh scripts/setup.sh test` installs it "
        "(Debian and Ubuntu: sudo apt-get install postgresql)."
    )


def _free_port() -> int:
    """A port that nobody has, of those that the system gives to nobody who does not ask for them by number.

    It takes a while until it is used, and beside us other tests open sockets by the hundred.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
