"""What all tests of the command line need: the command run to its end, and a mark on those that use sockets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.serving import PATIENCE

ROOT = Path(__file__).parents[2]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def rumpus() -> Run:
    """Runs `rumpus` with arguments, in the project's folder unless told otherwise, and returns what became of it."""

    def run(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rumpus", *arguments],
            cwd=cwd,
            # The width that help texts are wrapped to.
            env=os.environ | {"COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=PATIENCE * 2,
            check=False,
        )

    return run


#: Runs the command line once for each list of arguments in one process, which saves most of the time of starting them.
_EACH = """
import contextlib, io, json, sys
from rumpus.cli import main
ended = []
for sys.argv[1:] in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code
    ended.append((code, out.getvalue(), err.getvalue()))
print(json.dumps(ended))
"""


def complaints(cases: list[list[str]], cwd: Path = ROOT) -> list[str]:
    """The sentences that `rumpus` ends with, each of them run with the arguments of a case."""
    done = subprocess.run(
        [sys.executable, "-c", _EACH, json.dumps(cases)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=PATIENCE * 2,
        check=True,
    )
    return [
        complaint(subprocess.CompletedProcess(case, *end))
        for case, end in zip(cases, json.loads(done.stdout), strict=True)
    ]


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence that a command ended with because of something its user got wrong."""
    assert done.returncode == 2, done
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("rumpus: ")
    return lines[0].removeprefix("rumpus: ")
