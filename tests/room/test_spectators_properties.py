"""Whatever people do: everybody who watches is shown just what was so, and when it is meant to be shown.

Everything that a room's game shows is kept, and compared with what each watcher holds after each message.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rumpus.client.replica import SNAPSHOT_MARK, Replica
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.testing import MemoryClient, MemoryConnection
from tests.support.examples import examples
from tests.support.walkers import DELAY, TICK, InTables, Plain, playground, watch


class Follower:
    """Checks all that a watcher is shown against what was so."""

    def __init__(self, client: MemoryClient, now: Callable[[], float]) -> None:
        self.client = client
        self.now = now
        self.follower = Replica()
        self.read = 0
        self.shown: list[tuple[int, int]] = []
        self.match = -1
        self.skipped = self.looked = False

    def look(self, truth: dict[tuple[int, int], tuple[float, Any]]) -> None:
        assert isinstance(self.client.connection, MemoryConnection)
        text = self.client.connection.codec.text
        for data in self.client.connection.sent[self.read :]:
            if data[0] == SNAPSHOT_MARK:
                self.follower.on_snapshot(data)
                self._compare(truth)
                continue
            message = (msgspec.json if text else msgspec.msgpack).decode(data)
            self.follower.on_message(message)
            kind = message["type"]
            if kind in ("joined", "game_started") and message["static"] is not None:
                self.match = message["static"]["match"]
            if kind in ("state", "delta"):
                self._compare(truth)
            if kind == "player_left" and message["player_id"][0] == "s":
                self.shown = []
        self.read = len(self.client.connection.sent)
        self.looked = bool(self.shown)

    def _compare(self, truth: dict[tuple[int, int], tuple[float, Any]]) -> None:
        key = (self.match, self.follower.tick)
        when, state = truth[key]
        shown = {name: value for name, value in self.follower.state.items() if name != "match"}
        assert shown == state
        late = self.now() - when
        assert late >= DELAY - 1e-6
        # Who has just come begins with the last key, and is brought to the present at once.
        assert late <= DELAY + 3.5 * TICK or not self.looked
        if self.shown and not self.skipped and self.shown[-1][0] == key[0]:
            assert key[1] == self.shown[-1][1] + 1
        self.shown.append(key)


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("join"), st.booleans()),
        st.tuples(st.just("watch"), st.booleans()),
        st.tuples(st.sampled_from(["leave", "drop", "step", "fall", "end", "clog", "unclog"]), st.integers(0, 5)),
        st.tuples(st.just("run"), st.sampled_from([1, 2, 7, 31, 70])),
    ),
    max_size=40,
)


@pytest.mark.parametrize("kind", [Plain, InTables])
@settings(max_examples=examples(80))
@given(actions=ACTIONS)
def test_whatever_happens_each_is_shown_just_what_was_so(kind: type[Plain], actions: list[tuple[str, int]]) -> None:
    truth: dict[tuple[int, int], tuple[float, Any]] = {}

    class Recorded(kind):  # type: ignore[misc, valid-type]  # a parameter
        number = 0

        def initialize_game(self, settings: Any) -> None:
            super().initialize_game(settings)
            type(self).number += 1

        def get_static_state(self) -> dict[str, Any]:
            return {"match": self.number}

        def is_game_over(self) -> bool:
            truth[self.number, self.current_tick] = (match.clock.now(), copy.deepcopy(self.get_game_state()))
            return bool(super().is_game_over())

    match = playground(Recorded, reconnect_time=0, empty_grace=100)
    players = [match.connect("Ann")]
    watchers: list[Follower] = []
    for what, which in [*actions, ("run", 70), ("run", 31)]:
        subprotocol = MSGPACK_SUBPROTOCOL if which else JSON_SUBPROTOCOL
        player = players[which % len(players)]
        watcher = watchers[which % len(watchers)] if watchers else None
        if what == "join" and len(players) < 8:
            players.append(match.connect("Bob", room=players[0].room_id, subprotocol=subprotocol))
        elif what == "watch":
            watchers.append(Follower(watch(match, subprotocol, players[0].room_id), match.clock.now))
        elif what == "leave" and watcher is not None:
            watcher.client.send({"type": "leave"})
        elif what == "drop":
            if watcher is not None and which % 2:
                watcher.client.connection.disconnect()
            elif player is not players[0]:
                player.connection.disconnect()
        elif what == "step":
            player.input(step=which)
        elif what in ("fall", "end"):
            player.input(**{what: True})
        elif what in ("clog", "unclog") and watcher is not None:
            watcher.client.connection.congested = what == "clog"
            watcher.skipped = True
        elif what == "run":
            for _ in range(which):
                match.run(TICK)
                for watcher in watchers:
                    watcher.look(truth)
    assert not match.server.counters.failed_rooms
    room = match.server.rooms[players[0].room_id]
    shown = [f for f in watchers if f.client.session.spectator is not None and not f.client.connection.congested]
    if room.status == "in-progress" and room.current_tick > 4 / TICK:
        assert all(follower.shown for follower in shown)
