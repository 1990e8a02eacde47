"""The load generator, a process of its own: `python -m rumpus.bench.generator CONFIG`, figures as JSON lines.

Every player sends one input a period, and the players are dealt over ten slices of it. Deadlines are absolute, so being
late never lowers the load; how late it was is reported, and so is the processor time this process itself used. Lines on
standard output: `{"event": "joined"}`, `"begin"`, `"counted"`, `"end"`; the last one has the figures.
"""

from __future__ import annotations

import gc
import signal
import sys
import time
from typing import Any

import msgspec
import numpy as np

from ..errors import RumpusError
from . import generator_kernels as kernels
from .crowd import Crowd
from .dialects import dialect
from .joining import join
from .messages import Got, Load, say
from .processes import allow_many_files, machine_time, processor_time, resident
from .workloads import SLICES


def run(load: Load) -> None:
    """Join, warm up, measure, tell, and stay until standard input ends: whoever started this ends it."""
    allow_many_files()
    speech = dialect(load.dialect, load.room)
    crowd = Crowd(speech, load.players, load.seed)
    crowd.compile()
    gc.collect()
    gc.freeze()
    rss_before = resident(load.pid)
    took = join(speech, load.players, load.host, load.port, crowd.admit, meanwhile=lambda: crowd.play(-1, 0.0))
    say("joined", seconds=took)
    gc.disable()
    slot = _play(crowd, load, time.monotonic(), 0, load.warm_up, [])
    before = crowd.counts.copy()
    late: list[float] = []
    say("begin")
    began, all_cpu = time.monotonic(), machine_time()
    cpu, server_cpu = time.process_time(), processor_time(load.pid)
    _play(crowd, load, began, slot, load.seconds, late)
    wall = time.monotonic() - began
    cpu, server_cpu = time.process_time() - cpu, processor_time(load.pid) - server_cpu
    all_cpu = machine_time() - all_cpu
    rss = resident(load.pid)
    counts = crowd.counts - before
    say("counted")
    got = _figures(load, counts, wall, late)
    got.join_seconds, got.server_cpu, got.cpu = round(took, 3), server_cpu / wall, cpu / wall
    got.others = max(0.0, (all_cpu - server_cpu - cpu) / wall)
    got.rss, got.rss_before, got.input_bytes = rss, rss_before, crowd.input_size
    say("end", figures=msgspec.to_builtins(got))
    sys.stdin.read()
    crowd.close()


def _play(crowd: Crowd, load: Load, began: float, first: int, seconds: float, late: list[float]) -> int:
    """Play for so long; returns the number of the next slice."""
    step = 1 / (load.hz * SLICES)
    slots = max(1, round(seconds / step))
    for index in range(slots):
        late.append(time.monotonic() - (began + index * step))
        crowd.play((first + index) % SLICES, began + (index + 1) * step)
    return first + slots


def _figures(load: Load, counts: Any, wall: float, late: list[float]) -> Got:
    players = load.players
    total = [int(value) for value in counts.sum(axis=0)]
    snapshots, messages = int(total[kernels.SNAPSHOTS]), int(total[kernels.MESSAGES])
    ordered = np.maximum(0, np.array(late)) * 1000
    return Got(
        players=players,
        seconds=round(wall, 3),
        join_seconds=0.0,
        server_cpu=0.0,
        rss=0,
        rss_before=0,
        sent_rate=total[kernels.SENT] / wall / players,
        refused=int(total[kernels.REFUSED]),
        closed=int(counts[:, kernels.CLOSED].sum()),
        snapshot_rate=snapshots / wall / players,
        worst_snapshot_rate=float(counts[:, kernels.SNAPSHOTS].min()) / wall,
        bytes_per_snapshot=total[kernels.SNAPSHOT_BYTES] / max(1, snapshots),
        other_messages=messages - snapshots,
        bytes_per_message=total[kernels.MESSAGE_BYTES] / max(1, messages),
        wire_bytes_per_message=total[kernels.WIRE] / max(1, messages),
        input_bytes=0.0,
        bits_per_second=8 * total[kernels.MESSAGE_BYTES] / wall / players,
        cpu=0.0,
        others=0.0,
        late_ms=tuple(round(float(np.percentile(ordered, share)), 3) for share in (50, 99, 100)),  # type: ignore[arg-type]  # three
    )


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run(msgspec.json.decode(sys.argv[1], type=Load))
    except (RumpusError, OSError) as error:
        say("failed", text=error.message if isinstance(error, RumpusError) else f"The load generator: {error}.")
        sys.exit(1)


if __name__ == "__main__":
    main()
