"""For all tests."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.examples import register_profiles

#: Fixtures that tests of more than one package need.
pytest_plugins = ("tests.support.command", "tests.support.databases", "tests.support.watched_server")

# No server that a test starts writes into the database of whoever runs the tests.
os.environ["RUMPUS_DATABASE"] = "none"

register_profiles()


@pytest.fixture(scope="session")
def arena_compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Arena compiled: a match that waits for the compiler takes longer than anybody has patience. One worker does it,
    the others find it done; and in a process in which no lines are counted, which would take twice as long.
    """
    code = "from rumpus.games.arena import Arena; Arena.prepare()"
    environment = {name: value for name, value in os.environ.items() if name != "COVERAGE_PROCESS_CONFIG"}
    with (tmp_path_factory.getbasetemp().parent / "arena.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([sys.executable, "-c", code], env=environment, check=True)


@pytest.fixture(scope="module")
def unmeasured() -> Iterator[None]:
    """Processes that the tests of a module start run at full speed: no lines are counted in them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests follow each other in one process: two pages that draw take all of two cores.

    Coverage is measured where a test goes its way once. Properties go the same ways a hundred times, and slow tests
    for many seconds; counting lines makes that take longer.
    """
    for item in items:
        again_and_again = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if again_and_again or item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.no_cover)
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("heavy"))
