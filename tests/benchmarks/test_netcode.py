"""`make netcode`: that a short run finds all its figures, and that they come into the document as they are.

What the figures should be is for the document to say; here is only what must hold on the busiest machine.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from tests.support.command import ROOT
from tests.support.serving import PATIENCE

# Two dozen players in one process: not beside pages that draw.
pytestmark = pytest.mark.xdist_group("heavy")

HARNESS = ROOT / "benchmarks" / "netcode"

DOCUMENT = """# Netcode
<!-- netcode:machine -->
old
<!-- /netcode:machine -->
<!-- netcode:targets -->
old
<!-- /netcode:targets -->
Words in between stay.
<!-- netcode:figures -->
old
<!-- /netcode:figures -->
"""


def node_is_fit() -> bool:
    if shutil.which("node") is None:
        return False
    text = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return [int(part) for part in re.findall(r"\d+", text)[:2]] >= [20, 10]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(HARNESS / "run.py"), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE * 6, check=False)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory, unmeasured: None, arena_compiled: None) -> Path:
    """A folder with the figures of a few seconds on the best link, and a document that they were written into."""
    if not node_is_fit():
        pytest.skip("needs Node.js 20.10 or newer")
    folder = tmp_path_factory.mktemp("netcode")
    (folder / "netcode.md").write_text(DOCUMENT, encoding="utf-8")
    written = ("--json", str(folder / "run.json"), "--write", str(folder / "netcode.md"))
    done = run("--links", "lan", "--seconds", "4", "--warm-up", "2", *written)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def found(short: Path) -> dict[str, Any]:
    links: dict[str, Any] = msgspec.json.decode((short / "run.json").read_bytes())["links"]
    return links["lan"]


@pytest.mark.socket
def test_what_is_predicted_is_what_the_server_plays(found: dict[str, Any]) -> None:
    free = found["free"]
    assert free["snapshots"] > 0
    # An input that is late, on a machine that is busy, is the only thing that may make them differ.
    assert free["mispredictions"] == free["explained"]
    assert found["inputs"]["sent"] > 0
    assert found["inputs"]["refused"] == 0


@pytest.mark.socket
def test_keys_show_on_all_screens(found: dict[str, Any]) -> None:
    keys = found["keys"]
    assert keys["own_frames"]["p50"] == 1
    assert keys["total"]["count"] > 0
    # The parts are all of it.
    parts = sum(keys[name]["mean"] for name in ("tick", "link", "margin", "uneven", "picture"))
    assert parts == pytest.approx(keys["total"]["mean"], rel=1e-6)


@pytest.mark.socket
def test_every_shot_that_hit_on_a_screen_is_accounted_for(found: dict[str, Any]) -> None:
    assert sum(found["rail"][room]["shots"] for room in ("open", "walls")) > 0
    for kind in ("rail", "gun"):
        for tally in found[kind].values():
            assert tally["hits"] == tally["agreed"] + sum(tally["lost"].values())


@pytest.mark.socket
def test_frames_show_how_evenly_others_move(found: dict[str, Any]) -> None:
    for who in ("own", "others"):
        shown = found["picture"][who]
        assert shown["frames"] > 0
        assert shown["mean"] == pytest.approx(240, rel=0.25)


@pytest.mark.socket
def test_the_document_gets_tables_and_plots(short: Path) -> None:
    text = (short / "netcode.md").read_text(encoding="utf-8")
    assert "old" not in text.split()
    assert "Words in between stay." in text
    assert "| mispredictions per minute, moving freely |" in text
    names = {path.name for path in (short / "images").iterdir()}
    assert {"netcode-latency.svg", "netcode-margins.svg"} <= names
    for path in (short / "images").iterdir():
        ElementTree.parse(path)


@pytest.mark.socket
def test_a_missed_target_is_said_plainly(short: Path, tmp_path: Path) -> None:
    whole = msgspec.json.decode((short / "run.json").read_bytes())
    lan = whole["links"]["lan"]
    lan["free"] |= {"mispredictions": 3, "minutes": 1.5}
    lan["keys"]["own_frames"] |= {"max": 1}
    (tmp_path / "run.json").write_bytes(msgspec.json.encode(whole))
    (tmp_path / "netcode.md").write_text(DOCUMENT, encoding="utf-8")
    done = run("--from", str(tmp_path / "run.json"), "--write", str(tmp_path / "netcode.md"))
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "netcode.md").read_text(encoding="utf-8")
    assert "| mispredictions per minute, moving freely | **2.0 (= 0)** |" in text
    assert "| own avatar answers a key within (worst) | 1 frames (≤ 1) |" in text
    missed = next(line for line in text.splitlines() if line.startswith("Not reached: "))
    assert "mispredictions per minute, moving freely: lan" in missed
    assert "own avatar" not in missed


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [(["--links", "lan,worse"], "'worse'"), (["--link", "lag=-3"], "lag cannot be -3")],
)
def test_links_that_do_not_exist_are_refused(arguments: list[str], complaint: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
