"""A timer of the event loop that is right to a tenth of a millisecond.

asyncio's own timers count whole milliseconds: the standard loop rounds waits up, uvloop to the nearest one and may be
early. That is nothing for a timeout, but twice the lag of a local network for the link conditioner. On Linux the kernel
has timers that are file descriptors, which any event loop can watch; they cost nothing while they wait and do not spin.
Python offers them from 3.13 on (`os.timerfd_create`), hence the C library here. Elsewhere it is the loop's own timer,
set to the whole millisecond after the time.
"""

from __future__ import annotations

import asyncio
import ctypes
import math
import os
import sys
import time
from collections.abc import Callable

_ABSOLUTE = 1  # TFD_TIMER_ABSTIME


class _TimerSpec(ctypes.Structure):
    """`struct itimerspec`."""

    _fields_ = (
        ("interval_seconds", ctypes.c_long),
        ("interval_nanoseconds", ctypes.c_long),
        ("seconds", ctypes.c_long),
        ("nanoseconds", ctypes.c_long),
    )


class PreciseTimer:
    """Calls `callback` on the running event loop at a time of `time.monotonic()`; once for each `set`.

    Where the kernel has no such timers the call may come early; whoever is called looks at the clock and sets it again.
    """

    def __init__(self, callback: Callable[[], object]) -> None:
        self._callback = callback
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.Handle | None = None
        self._kernel_timer = KernelTimer.make()
        if self._kernel_timer is not None:
            self._loop.add_reader(self._kernel_timer.fd, self._on_kernel_timer)

    def set(self, when: float) -> None:
        """Call at `when`, or soon if that has passed, and not at the time that was set before."""
        if self._kernel_timer is not None:
            self._kernel_timer.set(when)
            return
        if self._handle is not None:
            self._handle.cancel()
        wait = max(1, math.ceil((when - time.monotonic()) * 1000)) / 1000
        self._handle = self._loop.call_later(wait, self._callback)

    def close(self) -> None:
        """Never call again; there is nothing to `set` any more."""
        if self._kernel_timer is not None:
            self._loop.remove_reader(self._kernel_timer.fd)
            self._kernel_timer.close()
        elif self._handle is not None:
            self._handle.cancel()

    def _on_kernel_timer(self) -> None:
        if self._kernel_timer is not None and self._kernel_timer.has_gone_off():
            self._callback()


class KernelTimer:
    """A timer of Linux (timerfd) on the clock of `time.monotonic()`. `fd` becomes readable when it goes off."""

    def __init__(self, fd: int, libc: ctypes.CDLL) -> None:
        self.fd = fd
        self._libc = libc

    @classmethod
    def make(cls) -> KernelTimer | None:
        """A new one, or None where there are none."""
        if sys.platform != "linux":
            return None
        libc = ctypes.CDLL(None)
        fd = libc.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        return cls(fd, libc) if fd >= 0 else None

    def set(self, when: float) -> None:
        # Not before `when`, and not the zero that would switch it off. A time that has passed is fine.
        nanoseconds = max(1, math.ceil(when * 1e9))
        spec = _TimerSpec(0, 0, *divmod(nanoseconds, 1_000_000_000))
        self._libc.timerfd_settime(self.fd, _ABSOLUTE, ctypes.byref(spec), None)

    def has_gone_off(self) -> bool:
        """Whether it has, since it was set or asked last."""
        try:
            os.read(self.fd, 8)
        except BlockingIOError:
            # It was set anew between going off and being seen.
            return False
        return True

    def close(self) -> None:
        os.close(self.fd)
