"""Does a server keep anything of people who come and go? `python benchmarks/churn.py [SECONDS] [CLIENTS] [PER_MINUTE]`.

A real `rumpus serve` of Arena, and `rumpus bots --churn` as everybody: they join, leave, are cut off, come back in
time, late or never, and take sessions over. While they do, the server's memory, files, tasks and seats are read; at the
end they leave, and it is looked at what is left. Exit status 1 if a seat, connection, room, task or file is, if memory
still grows after the first third, or if the log has a warning or an error.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

RUMPUS = [sys.executable, "-m", "rumpus"]
#: Seconds between two looks, that a lost seat is held, and after which an empty room closes.
LOOK, HELD, GRACE = 10.0, 10.0, 5.0
#: What memory may grow by after the first third of the time: what a heap's fragments do by chance.
MOST_GROWTH = 0.03
GAUGES = ("rooms", "connections", "players", "held_seats", "tasks")


def main(seconds: float = 600, clients: float = 300, per_minute: float = 6) -> int:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        command = [
            *RUMPUS,
            "serve",
            "--port",
            "0",
            "--start",
            "now",
            "--bots",
            "7",
            "--json-logs",
            "--unlimited-from",
            "127.0.0.1",
        ]
        command += ["--reconnect-time", str(HELD), "--empty-grace", str(GRACE), "--unlimited-from", "127.0.0.1"]
        command += ["--database", f"sqlite:///{folder}/results.db", "--set", "time_limit=60"]
        with log.open("wb") as errors:
            server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        try:
            return watch(server, log, seconds, round(clients), per_minute)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


def watch(server: subprocess.Popen[bytes], log: Path, seconds: float, clients: int, per_minute: float) -> int:
    assert server.stdout is not None
    url = server.stdout.readline().decode().rpartition(" ")[2].strip()
    while json.load(urlopen(url + "/healthz"))["status"] == "preparing":
        time.sleep(0.5)
    # A first crowd: what the server begins when many come is not what they left behind.
    subprocess.run([*RUMPUS, "bots", url, "--count", "100", "--seconds", "1"], check=True, stdout=subprocess.PIPE)
    time.sleep(GRACE + 3)
    start = look(server.pid, url)
    bots = [*RUMPUS, "bots", url, "--count", str(clients), "--seconds", str(seconds), "--msgpack", "--json"]
    load = subprocess.Popen([*bots, "--churn", str(per_minute), "--rate", "10"], stdout=subprocess.PIPE)
    print(f"{'s':>5}{'MB':>8}{'files':>7}" + "".join(f"{name:>13}" for name in GAUGES), flush=True)
    began, memory = time.monotonic(), []
    while load.poll() is None:
        time.sleep(LOOK)
        seen = look(server.pid, url)
        memory.append(seen["MB"])
        print_line(time.monotonic() - began, seen)
    assert load.stdout is not None
    report = json.load(load.stdout)
    time.sleep(HELD + GRACE + 3)
    end = look(server.pid, url)
    print_line(time.monotonic() - began, end)
    print("came and went:", report["churn"], "| not let in:", report["churn_refused"], "| errors:", report["errors"])
    complaints = [
        line
        for line in log.read_text().splitlines()
        # That it was overloaded is no fault of the server's; how often, the report says (server_busy).
        if re.search(r'"level": ?"(warning|error|critical)', line, re.IGNORECASE) and "overload level" not in line
    ]
    # The last look is after everybody has left; the one before may have been too.
    playing = memory[:-1]
    early, late = playing[len(playing) // 3 : len(playing) // 2], playing[-max(1, len(playing) // 6) :]
    growth = typical(late) / typical(early) - 1
    print(f"memory from the first third to the end: {growth:+.1%}; complaints in the log: {len(complaints)}")
    print("\n".join(complaints[:5]))
    left = {name: (start[name], end[name]) for name in ("files", *GAUGES) if end[name] > start[name]}
    if left:
        print("left behind (before, after):", left)
    return int(bool(left or complaints or growth > MOST_GROWTH))


def typical(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def look(pid: int, url: str) -> dict[str, float]:
    """The server's memory, open files and gauges."""
    status = Path(f"/proc/{pid}/status").read_text()
    seen = {"MB": int(status.partition("VmRSS:")[2].split()[0]) / 1024, "files": len(os.listdir(f"/proc/{pid}/fd"))}
    metrics = urlopen(url + "/metrics").read().decode()
    for name in GAUGES:
        found = re.findall(rf"^rumpus_{name}(?:{{.*}})? (\S+)", metrics, re.M)
        assert found, name
        seen[name] = sum(map(float, found))
    return seen


def print_line(at: float, seen: dict[str, float]) -> None:
    gauges = "".join(f"{seen[name]:>13.0f}" for name in GAUGES)
    print(f"{at:>5.0f}{seen['MB']:>8.1f}{seen['files']:>7.0f}{gauges}", flush=True)


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:4])))
