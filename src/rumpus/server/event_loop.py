"""How a process runs: its event loop, how it is asked to end, and how its memory is looked after."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


def run_async(main: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Run a command's coroutine, on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)


def stop_event() -> asyncio.Event:
    """An event that Ctrl-C and SIGTERM set, so that a command can end in order."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has no signal handlers on its event loop; there Ctrl-C raises KeyboardInterrupt.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    return stop


def settle_memory() -> None:
    """What exists now lives as long as the process: the collector need not look at it again.

    The thresholds are measured, see docs/architecture.md.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 10, 100)
