"""Compiled kernels: ready after `warm_up`, and never older than the sources they were made from."""

from pathlib import Path

from rumpus.games.arena import kernels, warm_up
from rumpus.games.arena.combat import collide
from rumpus.games.arena.snapshot import snapshot
from rumpus.games.arena.spawning import place_player
from rumpus.games.arena.step import step


def test_warm_up_leaves_exactly_one_version_of_every_kernel() -> None:
    warm_up()
    for kernel in (step, collide, snapshot, place_player):
        assert len(kernel.signatures) == 1


def test_a_change_in_any_source_file_makes_cached_kernels_stale(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text("SPEED = 1\n")
    (tmp_path / "step.py").write_text("from rules import SPEED\n")
    first = kernels.source_digest(tmp_path)
    assert kernels.source_digest(tmp_path) == first
    (tmp_path / "rules.py").write_text("SPEED = 2\n")
    assert kernels.source_digest(tmp_path) != first


def test_kernels_are_stamped_with_the_whole_packages_digest() -> None:
    for kernel in (step, collide, snapshot, place_player):
        assert kernel._cache._cache_file._source_stamp == kernels.source_digest(Path(kernels.__file__).parent)
