"""The queue of the log: nobody waits for whoever reads, and what is dropped is counted and told once."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

import pytest

from rumpus.cli import logs
from rumpus.cli.line_queue import LineQueue
from tests.support.serving import PATIENCE


def missing(count: int) -> str:
    return f"{count} missing"


class Gate(io.StringIO):
    """A stream whose reader reads a line only when it is let to."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = threading.Semaphore(0)
        self.waiting = threading.Event()
        self.broken = False

    def write(self, text: str) -> int:
        self.waiting.set()
        assert self.reading.acquire(timeout=PATIENCE)
        if self.broken:
            raise BrokenPipeError
        return super().write(text)

    def lines(self) -> list[str]:
        return self.getvalue().splitlines()


@pytest.fixture
def gate() -> Iterator[Gate]:
    stream = Gate()
    yield stream
    stream.reading.release(10_000)


def test_what_is_dropped_is_told_in_one_line_where_it_is_missing(gate: Gate) -> None:
    queue = LineQueue(gate, 4, missing)
    queue.add("first")
    # The thread has it, and four places are free.
    assert gate.waiting.wait(PATIENCE)
    for number in range(10):
        queue.add(f"line {number}")
    assert queue.dropped == 6
    gate.reading.release(1000)
    assert queue.close(PATIENCE)
    assert gate.lines() == ["first", "line 0", "line 1", "line 2", "line 3", "6 missing"]


def test_a_slow_reader_is_not_told_for_each_line_that_it_reads(gate: Gate) -> None:
    queue = LineQueue(gate, 100, missing)
    queue.add("first")
    assert gate.waiting.wait(PATIENCE)
    for number in range(1000):
        queue.add(f"line {number}")
        if number % 2:
            # Half as fast as lines come.
            gate.waiting.clear()
            gate.reading.release()
            assert gate.waiting.wait(PATIENCE)
    gate.reading.release(1000)
    assert queue.close(PATIENCE)
    said = [line for line in gate.lines() if line.endswith("missing")]
    assert sum(int(line.split()[0]) for line in said) == queue.dropped
    assert len(gate.lines()) - len(said) + queue.dropped == 1001
    assert 1 < len(said) <= 10


def test_it_ends_in_time_although_nobody_reads(gate: Gate) -> None:
    queue = LineQueue(gate, 10, missing)
    queue.add("first")
    assert not queue.close(0.05)


def test_lines_that_cannot_be_written_are_counted_and_told_when_they_can(gate: Gate) -> None:
    queue = LineQueue(gate, 10, missing)
    gate.broken = True
    gate.reading.release(2)
    for number in range(3):
        gate.waiting.clear()
        queue.add(f"line {number}")
        assert gate.waiting.wait(PATIENCE)
    # The third waits; by now the disk has room again.
    gate.broken = False
    gate.reading.release(1000)
    assert queue.close(PATIENCE)
    assert (queue.dropped, gate.lines()) == (2, ["line 2", "2 missing"])


def test_a_pipe_that_does_not_block_gets_every_byte() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with os.fdopen(writing, "w", encoding="utf-8") as stream, os.fdopen(reading, encoding="utf-8") as reader:
        queue = LineQueue(stream, 10, missing)
        queue.add("x" * 300_000)
        queue.add("end")
        assert len(reader.readline()) == 300_001
        assert reader.readline() == "end\n"
        assert queue.close(PATIENCE)


@contextmanager
def standard_error() -> Iterator[io.StringIO]:
    """What takes the place of standard error, within a test. The log is as it was afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    # `configure` closes the handlers that there are: pytest's are not to be among them.
    root.handlers.clear()
    with redirect_stderr(io.StringIO()) as error:
        yield error
        logs.close()
    root.handlers[:] = before
    root.setLevel(level)


def test_what_else_goes_to_standard_error_goes_through_the_queue() -> None:
    with standard_error() as stream:
        logs.configure(json_logs=False, level="info")
        assert sys.stderr is not stream
        print("for", "people", file=sys.stderr)  # noqa: T201  # what is tested
        sys.stderr.write("one\ntwo\n")
        logs.close()
        assert sys.stderr is stream
    assert stream.getvalue() == "for people\none\ntwo\n"


@pytest.mark.parametrize("json_logs", [False, True])
def test_what_may_change_is_written_as_it_was(json_logs: bool) -> None:
    kept = {"score": 1}
    with standard_error() as stream:
        logs.configure(json_logs, "info")
        with logs._queues["stderr"][1]._changed:  # the thread waits, as for a slow reader
            logging.getLogger("x").info("%s", kept)
            logging.getLogger("x").info("result", extra={"details": {"kept": kept}})
            kept["score"] = 2
    assert len(stream.getvalue().splitlines()) == 2
    assert "2}" not in stream.getvalue()


def test_an_exception_is_written_whole_and_keeps_nothing_alive() -> None:
    with standard_error():
        logs.configure(json_logs=False, level="info")
        with logs._queues["stderr"][1]._changed:
            try:
                raise ValueError("oops")
            except ValueError:
                logging.getLogger("x").exception("it raised")
            [line] = logs._queues["stderr"][1]._waiting
    assert isinstance(line, str)
    assert "ValueError: oops" in line


@pytest.mark.parametrize("json_logs", [False, True])
def test_a_line_that_cannot_be_formatted_says_so_and_ends_nothing(json_logs: bool) -> None:
    with standard_error() as stream:
        logs.configure(json_logs, "info")
        logging.getLogger("x").info("%d players", "many")
        logging.getLogger("x").info("joined", extra={"details": {"name": Unwritable()}})
        logging.getLogger("x").info("fine")
    first, second, third = stream.getvalue().splitlines()
    assert "cannot be written" in first
    assert "TypeError" in first
    assert "test_line_queue.py" in second
    assert "no name" in second
    assert "fine" in third


class Unwritable:
    def __str__(self) -> str:
        raise RuntimeError("no name")
