"""How a process runs: its event loop, how it is asked to end, and how its memory is looked after."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


def run_async(main: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Run a command's coroutine, on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)


def stop_event(asked: Callable[[], None] | None = None) -> asyncio.Event:
    """An event that Ctrl-C and SIGTERM set, so that a command can end in order.

    asked: called as soon as either comes, even while the event loop is kept from noticing.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def at_once(number: int, frame: FrameType | None) -> None:
        if asked is not None:
            asked()
        # For loops that do not hear of signals which have another handler than theirs.
        loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has no signal handlers on its event loop; there Ctrl-C raises KeyboardInterrupt.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
            if asked is not None:
                signal.signal(number, at_once)
    return stop


def settle_memory() -> None:
    """What exists now lives as long as the process: the collector need not look at it again.

    The thresholds are measured, see docs/architecture.md.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 10, 100)
