"""Whatever people do, in whatever order: no room is over its limit, no seat leaks, every view is right.

A state machine of hypothesis drives a server with joins, leaves, drops, inputs, congestion and time, and checks after
each step what must always hold.
"""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from rumpus.protocol.codec import CODECS
from rumpus.testing import MemoryClient, Playground
from tests.support.examples import examples
from tests.support.race import Race

STATUS_AFTER = {
    "joined": None,
    "game_started": "in-progress",
    "game_over": "ended",
    "room_reset": "waiting",
}


class Rooms(RuleBasedStateMachine):
    clients = Bundle("clients")
    #: Those whose connection was lost.
    dropped = Bundle("dropped")

    @initialize(
        start=st.sampled_from(["full", "countdown", "now"]),
        max_players=st.integers(1, 4),
        min_players=st.integers(1, 3),
        bots=st.integers(0, 4),
        teams=st.booleans(),
        reconnect_time=st.sampled_from([0, 2, 30]),
    )
    def open(
        self, start: str, max_players: int, min_players: int, bots: int, teams: bool, reconnect_time: float
    ) -> None:
        self.playground = Playground(
            Race,
            start=start,
            max_players=max_players,
            min_players=min_players,
            bots=bots,
            countdown=1,
            results_time=1,
            empty_grace=3,
            reconnect_time=reconnect_time,
            settings={"sides": teams, "goal": 3},
        )
        self.everyone: list[MemoryClient] = []

    @rule(target=clients, subprotocol=st.sampled_from(sorted(CODECS)))
    def connect(self, subprotocol: str) -> MemoryClient:
        client = self.playground.connect(subprotocol=subprotocol)
        self.everyone.append(client)
        return client

    @rule(client=clients, create=st.booleans(), private=st.booleans())
    def join(self, client: MemoryClient, create: bool, private: bool) -> None:
        client.join("Somebody", create=create, private=private)

    @rule(client=clients, other=clients)
    def follow(self, client: MemoryClient, other: MemoryClient) -> None:
        client.join("Follower", room=other.room_id or "NOWHER")

    @rule(client=clients)
    def leave(self, client: MemoryClient) -> None:
        client.send({"type": "leave"})

    @rule(target=dropped, client=consumes(clients))
    def drop(self, client: MemoryClient) -> MemoryClient:
        client.messages()
        client.connection.disconnect()
        return client

    @rule(target=clients, client=dropped)
    def come_back(self, client: MemoryClient) -> MemoryClient:
        """With a token that may be good, used up or expired."""
        return self._resume(client)

    @rule(target=clients, client=clients)
    def take_over(self, client: MemoryClient) -> MemoryClient:
        seated = client.session.player is not None
        other = self._resume(client)
        if seated and not other.errors():
            assert client.errors()[-1] == "session_taken"
            assert client.connection.close_code == 4001
        return other

    def _resume(self, client: MemoryClient) -> MemoryClient:
        back = self.playground.resume(client)
        self.everyone.append(back)
        if back.errors():
            assert back.errors() == ["session_expired"]
            assert back.session.player is None
        else:
            assert back.last("joined")["resumed"]
            assert (back.player_id, back.room_id) == (client.player_id, client.room_id)
            assert back.token != client.token
        return back

    @rule(client=clients, step=st.integers(-1, 1), times=st.integers(1, 4))
    def play(self, client: MemoryClient, step: int, times: int) -> None:
        for _ in range(times):
            client.input(step=step)

    @rule(client=clients, team=st.sampled_from(["red", "blue", "green"]))
    def change_team(self, client: MemoryClient, team: str) -> None:
        client.send({"type": "team", "team": team})

    @rule(client=clients, congested=st.booleans())
    def stall(self, client: MemoryClient, congested: bool) -> None:
        client.connection.congested = congested

    @rule(seconds=st.sampled_from([0.01, 0.05, 0.4, 1.5, 4.0]))
    def wait(self, seconds: float) -> None:
        self.playground.run(seconds)

    @invariant()
    def no_room_is_over_its_limit_and_no_seat_leaks(self) -> None:
        server = self.playground.server
        seated: dict[str, Any] = {}
        for room in server.rooms.values():
            assert len(room.players) <= room.max_players
            assert room.people == sum(not player.is_bot for player in room.players.values())
            assert len(room.players) - room.people <= room.options.bots
            for player in room.players.values():
                if not player.is_bot:
                    assert player.player_id not in seated
                    seated[player.player_id] = player
                if room.teams:
                    assert player.info.team in room.teams
            if room.status == "in-progress":
                assert set(room.game.position) == set(room.players)  # type: ignore[attr-defined]
        assert set(seated) == set(server.players)
        for player_id, seat in server.players.items():
            player = seat.player
            assert player is seated[player_id]
            assert player.away == (seat.client is None)
            if seat.client is not None:
                assert seat.client.player is seat.player
                assert seat.client.connection is player.connection
                assert not seat.client.connection.closed
        assert server.seats.held == sum(player.away for player in seated.values())
        assert {token for seat in server.players.values() for token in seat.tokens} == set(server.seats._by_token)
        assert set(server.sessions) == {c.connection for c in self.everyone if not c.connection.closed}
        assert server.counters.failed_rooms == 0

    @invariant()
    def every_client_was_told_the_status_its_room_has(self) -> None:
        for client in self.everyone:
            room = client.session.room
            if room is None:
                continue
            told = None
            for message in client.messages():
                if message["type"] == "joined":
                    told = message["status"]
                elif message["type"] in STATUS_AFTER:
                    told = STATUS_AFTER[message["type"]]
            assert told == room.status
            names = {player.player_id for player in room.players.values()}
            assert known_players(client) == names

    @invariant()
    def a_client_that_reads_holds_the_state_that_was_sent_last(self) -> None:
        for client in self.everyone:
            player, room = client.session.player, client.session.room
            subscriber = player.subscriber if player is not None else None
            if subscriber is not None and room is not None and subscriber.in_sync and room.status == "in-progress":
                assert client.state == room._broadcaster.plain._last

    def teardown(self) -> None:
        if hasattr(self, "playground"):
            for client in self.everyone:
                client.connection.disconnect()
            self.playground.run(40)
            assert self.playground.server.rooms == {}
            assert self.playground.server.players == {}


def known_players(client: MemoryClient) -> set[str]:
    """Who is in the room, by what the client has been told."""
    known: set[str] = set()
    for message in client.messages():
        if message["type"] == "joined":
            known = {player["player_id"] for player in message["players"]}
        elif message["type"] == "player_joined":
            known.add(message["player"]["player_id"])
        elif message["type"] == "player_left":
            known.discard(message["player_id"])
    return known


TestRooms = Rooms.TestCase
TestRooms.settings = settings(max_examples=examples(60), stateful_step_count=40)
