"""Compiled kernels: ready after `Arena.prepare`, and never older than the sources they were made from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rumpus import compiled, replication
from rumpus.games import arena
from rumpus.games.arena import Arena
from rumpus.games.arena.compiling import KERNELS, MAP_KERNELS

EVERY = (*KERNELS.values(), *MAP_KERNELS)


def test_preparing_leaves_exactly_one_version_of_every_kernel() -> None:
    Arena.prepare()
    for kernel in EVERY:
        assert len(kernel.signatures) == 1
        assert compiled.is_on_disk(kernel)


@pytest.mark.slow
def test_a_machine_that_has_no_kernels_yet_gets_them_and_keeps_them(tmp_path: Path, unmeasured: None) -> None:
    code = (
        "from rumpus.games.arena import Arena, compiling; from rumpus.replication.encode import advance; "
        "print(Arena.is_prepared()); Arena.prepare(); print(Arena.is_prepared(), advance.stats)"
    )
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_OPT": "1"}
    for prepared in (False, True):
        run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert run.stdout.startswith(f"{prepared}\nTrue ")
        # The second process compiled it, even the first time; this one only loaded it.
        assert "cache_hits=Counter({(" in run.stdout
        assert "cache_misses=Counter()" in run.stdout


def test_a_change_in_any_source_file_makes_cached_kernels_stale(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text("SPEED = 1\n")
    (tmp_path / "step.py").write_text("from rules import SPEED\n")
    first = compiled.source_digest(tmp_path)
    assert compiled.source_digest(tmp_path) == first
    (tmp_path / "rules.py").write_text("SPEED = 2\n")
    assert compiled.source_digest(tmp_path) != first


def test_kernels_are_stamped_with_the_digests_of_their_package_and_of_the_tables() -> None:
    stamp = "".join(compiled.source_digest(Path(package.__file__).parent) for package in (arena, replication))
    for kernel in EVERY:
        assert kernel._cache._cache_file._source_stamp == stamp
