"""Compiled kernels: ready after `Arena.prepare`, and never older than the sources they were made from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rumpus.games.arena import Arena, compiling, kernels
from rumpus.games.arena.compiling import KERNELS


def test_preparing_leaves_exactly_one_version_of_every_kernel() -> None:
    Arena.prepare()
    for kernel in KERNELS.values():
        assert len(kernel.signatures) == 1
        assert kernels.is_on_disk(kernel)


def test_every_kernel_is_in_one_of_the_two_halves() -> None:
    assert sorted(compiling.OURS + compiling.THEIRS) == sorted(KERNELS)


def test_a_machine_that_has_no_kernels_yet_gets_them_and_keeps_them(tmp_path: Path) -> None:
    code = "from rumpus.games.arena import Arena, compiling; Arena.prepare(); print(compiling.place_player.stats)"
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_OPT": "1"}
    for _ in range(2):
        run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        # The second process compiled it, even the first time; this one only loaded it.
        assert "cache_hits=Counter({(" in run.stdout
        assert "cache_misses=Counter()" in run.stdout


def test_a_change_in_any_source_file_makes_cached_kernels_stale(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text("SPEED = 1\n")
    (tmp_path / "step.py").write_text("from rules import SPEED\n")
    first = kernels.source_digest(tmp_path)
    assert kernels.source_digest(tmp_path) == first
    (tmp_path / "rules.py").write_text("SPEED = 2\n")
    assert kernels.source_digest(tmp_path) != first


def test_kernels_are_stamped_with_the_whole_packages_digest() -> None:
    for kernel in KERNELS.values():
        assert kernel._cache._cache_file._source_stamp == kernels.source_digest(Path(kernels.__file__).parent)
