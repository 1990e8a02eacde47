"""What every process of a benchmark needs: a core, enough file descriptors, and its use measured from outside."""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path


def cores() -> tuple[int | None, int | None]:
    """The core for contestants and the one for the generator; None for both where there is only one.

    Contestants of whatever kind, with all their threads, get the same core. The last two are taken, because interrupts
    and everything else of the system tend to be on the first.
    """
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    available = sorted(os.sched_getaffinity(0))
    return (available[-1], available[-2]) if len(available) >= 2 else (None, None)


def allow_many_files() -> None:
    """As many file descriptors as the system lets a process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def processor_time(pid: int) -> float:
    """Seconds, user and system, that all threads of a process have used, ended ones too; to the nanosecond."""
    # What clock_getcpuclockid(3) makes of a process's number.
    return time.clock_gettime((~pid << 3) | 2)


def resident(pid: int) -> int:
    """Bytes of memory that a process has in use."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def machine_time() -> float:
    """Seconds that all cores together were busy, with whatever, since the system started."""
    fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]
    ticks = [int(field) for field in fields[:8]]
    # All but idling (the fourth) and waiting for disks (the fifth).
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def is_supported() -> bool:
    """Whether this system has what the generator is made of."""
    return sys.platform == "linux"
