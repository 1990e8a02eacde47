"""How fast players get in, and what a connection weighs: a process of its own that opens connections and holds them.

`python -m rumpus.bench.arrivals CONFIG`: some arrive first, so that nothing happens for the first time; then the others
are counted. What reaches those who are in is read all the while, but they send nothing.
"""

from __future__ import annotations

import gc
import sys
import time

import msgspec

from ..errors import RumpusError
from .crowd import Crowd
from .dialects import dialect
from .joining import join
from .messages import Arrivals, Arrived, say
from .processes import allow_many_files, processor_time, resident

#: Seconds until memory is looked at.
_SETTLE = 1.0


def run(plan: Arrivals) -> Arrived:
    allow_many_files()
    speech = dialect(plan.dialect)
    crowd = Crowd(speech, plan.first + plan.players)
    crowd.compile()
    gc.collect()
    gc.freeze()

    def read() -> None:
        crowd.play(-1, 0.0)

    join(speech, plan.first, plan.host, plan.port, crowd.admit, read)
    crowd.play(-1, time.monotonic() + _SETTLE)
    memory, server_cpu, cpu = resident(plan.pid), processor_time(plan.pid), time.process_time()
    seconds = join(speech, plan.players, plan.host, plan.port, crowd.admit, read)
    server_cpu, cpu = processor_time(plan.pid) - server_cpu, time.process_time() - cpu
    crowd.play(-1, time.monotonic() + _SETTLE)
    memory = resident(plan.pid) - memory
    crowd.close()
    return Arrived(
        players=plan.players,
        seconds=round(seconds, 4),
        per_second=round(plan.players / seconds, 1),
        server_cpu=round(server_cpu, 4),
        cpu=round(cpu, 4),
        bytes=round(memory / plan.players, 1),
    )


def main() -> None:
    try:
        arrived = run(msgspec.json.decode(sys.argv[1], type=Arrivals))
    except (RumpusError, OSError) as error:
        say("failed", text=error.message if isinstance(error, RumpusError) else f"The load generator: {error}.")
        sys.exit(1)
    say("end", figures=msgspec.to_builtins(arrived))


if __name__ == "__main__":
    main()
