"""What fuzzing has found, played again; and some changed inputs beside it, the same ones each time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.fuzz.__main__ import ROOT, environment
from tests.fuzz.blind import play
from tests.fuzz.targets import CORPUS, INSTRUMENTED, connections
from tests.support.examples import examples

#: Changed inputs by target; the others are quick.
RUNS = {"connections": 60, "sessions": 60, "snapshots": 200}


@pytest.fixture(autouse=True, scope="module")
def server_ends() -> Iterator[None]:
    yield
    connections.stop()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.socket if name == "connections" else [])
        for name in INSTRUMENTED
        if name != "frames"
    ],
)
def test_nothing_that_is_kept_and_nothing_like_it_fails(name: str) -> None:
    play(name, examples(RUNS.get(name, 1000)))


@pytest.mark.slow
@pytest.mark.socket
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a fast lane")
def test_kernels_that_look_at_their_bounds_find_nothing() -> None:
    command = [sys.executable, "-m", "tests.fuzz.blind", "frames", f"runs={examples(1000)}"]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_kept_is_small_and_of_a_target() -> None:
    folders = {path.name for path in CORPUS.iterdir()}
    assert folders <= set(INSTRUMENTED)
    for name in folders:
        files = list((CORPUS / name).iterdir())
        assert len(files) <= 200
        assert sum(path.stat().st_size for path in files) < 100_000
