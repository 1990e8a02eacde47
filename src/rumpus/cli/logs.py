"""How the command line writes the log: to standard error, for people or as JSON lines for machines.

The library itself only calls `logging`; this is the one place that configures it. A server must not stand still because
nobody reads what it writes, so a thread writes (see `line_queue`), and standard error itself goes through the same
queue: warnings, what the interpreter reports and what a game prints can block no more than the log can.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from .line_queue import LineQueue, QueuedStream
from .log_format import JsonFormatter, PlainFormatter, extras

#: Lines that may wait to be written, unless told otherwise.
QUEUE = 10_000
#: Seconds in which, at the end of the process, what waits may still be written.
_LAST_WORDS = 1.0
#: What cannot change between the call that logs it and the thread that writes it.
_CONSTANT = (str, int, float, bool, bytes, type(None))

_queues: dict[str, tuple[QueuedStream, LineQueue]] = {}


class QueueHandler(logging.Handler):
    """Has the thread of a queue format and write what is logged.

    What may change until then is formatted at once: details with more in them than plain values, and exceptions, which
    would otherwise keep alive all that their frames refer to.
    """

    def __init__(self, add: Callable[[str | Callable[[], str]], None]) -> None:
        super().__init__()
        self._add = add

    def emit(self, record: logging.LogRecord) -> None:
        render = partial(_render, self.formatter or PlainFormatter(), record)
        self._add(render if _is_constant(record) else render())


def configure(json_logs: bool, level: str, size: int = QUEUE) -> None:
    """Log to standard error from now on, until `close`. size: lines that may wait to be written."""
    close()
    formatter = JsonFormatter() if json_logs else PlainFormatter()
    lines = _queue("stderr", size, partial(_missing, formatter))
    handler = QueueHandler(lines.add)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def queue_output() -> None:
    """The same for standard output, of a command that goes on after it has printed there."""
    _queue("stdout", QUEUE, lambda missing: f"({missing} lines are missing here)")


def dropped() -> int:
    """Lines of the log that were dropped, because it was not read or could not be written."""
    return _queues["stderr"][1].dropped if "stderr" in _queues else 0


def close() -> None:
    """Write what waits, if that is a matter of a moment. The process can end then, whoever reads or does not."""
    end = time.monotonic() + _LAST_WORDS
    for name, (stream, lines) in list(_queues.items()):
        if lines.close(max(0.0, end - time.monotonic())):
            setattr(sys, name, stream.replaced)
        del _queues[name]


def _queue(name: str, size: int, missing: Callable[[int], str]) -> LineQueue:
    # A process may have been started without one.
    stream = getattr(sys, name) or open(os.devnull, "w")  # noqa: SIM115  # as long as the process
    lines = LineQueue(stream, size, missing)
    queued = QueuedStream(stream, lines)
    setattr(sys, name, queued)
    _queues[name] = (queued, lines)
    return lines


def _is_constant(record: logging.LogRecord) -> bool:
    if record.exc_info:
        return False
    values: list[Any] = [record.msg]
    # A single mapping stands for itself; see `logging.LogRecord`.
    values += record.args if isinstance(record.args, tuple) else [record.args]
    for value in extras(record).values():
        values += value.values() if isinstance(value, dict) else [value]
    return all(type(value) in _CONSTANT for value in values)


def _render(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    try:
        return formatter.format(record)
    except Exception as error:
        # A line that cannot be written must not end what logs it.
        text = "a line of the log cannot be written, of %s, line %d: %s"
        # Of the fault only what any encoding has.
        fault = ascii(f"{type(error).__name__}: {error}")
        args = (record.pathname, record.lineno, fault)
        return formatter.format(logging.LogRecord(record.name, logging.ERROR, "", 0, text, args, None))


def _missing(formatter: logging.Formatter, count: int) -> str:
    text = "lines are missing here, because the log was not read"
    record = logging.LogRecord(__name__, logging.WARNING, "", 0, text, (), None)
    record.details = {"lines": count}
    return formatter.format(record)
