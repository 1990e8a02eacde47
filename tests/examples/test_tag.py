"""The example of prediction: a game that can be played, whose rule the browser's page has too."""

from __future__ import annotations

import json
from pathlib import Path

from examples.tag.game import SIZE, Tag

from rumpus.testing import Playground
from tests.golden import tag

PAGE = Path(tag.__file__).parents[2] / "examples" / "tag"


def test_the_golden_walk_is_the_rules() -> None:
    assert json.loads(tag.FILE.read_text()) == tag.walk()


def test_it_is_small() -> None:
    files = [*PAGE.glob("*.py"), *PAGE.glob("page/*")]
    assert sum(len(file.read_text().splitlines()) for file in files) < 150


def test_whoever_is_it_catches_the_other() -> None:
    match = Playground(Tag, start="now")
    ann, bob = match.connect("Ann"), match.connect("Bob")
    match.run(0.2)
    assert ann.state["it"] == ann.player_id
    for _ in range(100):
        balls = ann.state["balls"]
        me, other = balls[ann.player_id], balls[bob.player_id]
        ann.input(**{axis: max(-1, min(1, (other[axis] - me[axis]) / 20)) for axis in "xy"})
        match.run(1 / 30)
        assert all(0 <= ball[axis] <= SIZE for ball in ann.state["balls"].values() for axis in "xy")
        if ann.state["it"] == bob.player_id:
            break
    assert ann.state["scores"] == {ann.player_id: 1, bob.player_id: 0}
