"""The main loop after a long stop."""

from __future__ import annotations

from collections import Counter

import pytest

from rumpus.server.session import Session
from rumpus.testing import Playground
from tests.support.race import Race


@pytest.mark.parametrize("seconds", [1.1, 3.0, 20.0])
def test_after_a_long_stop_everybody_is_looked_after_once(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    match = Playground(Race)
    clients = [match.connect(f"P{number}") for number in range(40)]
    match.run(2)
    looked: Counter[Session] = Counter()
    usual = Session.second_passed
    monkeypatch.setattr(Session, "second_passed", lambda session: (looked.update([session]), usual(session)))
    match.clock.advance(seconds)
    match.server.tick()
    assert set(looked.values()) == {1}
    assert len(looked) >= len(clients) * 15 // 16 - 3
