"""A client's copy of the state is that of one match at any moment."""

from __future__ import annotations

from typing import Any

import pytest

from rumpus.protocol import MSGPACK_SUBPROTOCOL
from rumpus.testing import Playground
from tests.support.walkers import InTables


class Rounds(InTables):
    """The round is in what never changes in a match, and where everybody stands."""

    round = 0

    def initialize_game(self, settings: Any) -> None:
        super().initialize_game(settings)
        self.round += 1

    def update(self, delta_time: float) -> None:
        self.places = dict.fromkeys(self.places, self.round)
        super().update(delta_time)

    def get_static_state(self) -> dict[str, Any]:
        return {"map": self.round}

    def get_game_state(self) -> Any:
        return {**self.get_static_state(), **self.world.plain()}


# JSON gets all of it as one state; tables come apart from what never changes.
@pytest.mark.parametrize("look", [True, False], ids=["looks_at_each_state", "looks_at_few"])
def test_a_new_map_is_never_paired_with_old_positions(look: bool) -> None:
    match = Playground(Rounds, start="now", results_time=0.5)
    ann = match.connect("Ann", subprotocol=MSGPACK_SUBPROTOCOL)
    seen = set()
    for _ in range(3):
        match.run(0.5)
        ann.input(end=True)
        started = len(ann.messages("game_started"))
        while len(ann.messages("game_started")) == started:
            if look:
                assert ann.state["walkers"]
            match.run(1 / 120)
        for _ in range(20):
            state = ann.state
            places = {row["x"] for row in state["walkers"].values()}
            assert places == {state["map"]}
            seen.add(state["map"])
            match.run(1 / 120)
    assert seen == {1, 2, 3, 4}
