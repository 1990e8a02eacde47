"""One server for all tests that need no limits of their own, with two matches going on that must not suffer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rumpus.config import Limits, RoomOptions
from rumpus.net.batch.reader import load_kernels
from tests.support.clients import Watch
from tests.support.drift import Drift
from tests.support.serving import ServerThread, serving

#: Rooms go as soon as they are empty, so that a test sees at once whether something is left.
OPTIONS = RoomOptions(start="now", tick_rate=120, empty_grace=0, reconnect_time=0, results_time=0.1)

#: What else this machine has to do must not change what is sent.
LIMITS = Limits(handshake_timeout=1.0)


@pytest.fixture(scope="session")
def kernels() -> None:
    """Every server of these tests has its fast lane open from the start."""
    load_kernels()


@pytest.fixture(scope="module")
def watch(kernels: None) -> Iterator[Watch]:
    with serving(Drift, OPTIONS, LIMITS) as server:
        watch = Watch(server)
        yield watch
        watch.leave()


@pytest.fixture
def server(watch: Watch) -> Iterator[ServerThread]:
    """A server; whatever a test does to it must harm neither the matches on it nor itself."""
    server = watch.server
    assert isinstance(server, ServerThread)
    with watch.unharmed():
        yield server
