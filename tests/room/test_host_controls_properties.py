"""Whatever people want of their room, in whatever order: it stays in one piece, and everybody knows how it is.

A state machine of hypothesis drives one server with every message that players have about their room, among them
senseless ones, with comings, goings, lost connections and time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from rumpus import Limits
from rumpus.protocol.codec import CODECS
from rumpus.room import GameRoom
from rumpus.room.vote import majority, two_thirds
from rumpus.room.voting import Voting
from rumpus.testing import MemoryClient, Playground
from tests.support.examples import examples
from tests.support.race import Race

#: What a client may be told that is nobody's defect.
ANSWERS = {
    "already_joined",
    "bad_message",
    "bad_settings",
    "bad_team",
    "banned",
    "no_such_player",
    "not_host",
    "not_joined",
    "not_possible",
    "room_full",
    "room_in_progress",
    "room_locked",
    "room_not_found",
    "session_expired",
    "session_taken",
    "vote_running",
}

CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "goal": st.integers(-1, 5),
        "sides": st.booleans(),
        "secret": st.just(1),
    },
)

#: Two of them are one network.
ADDRESSES = st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"])

MESSAGES = st.one_of(
    st.fixed_dictionaries({"type": st.just("ready"), "ready": st.booleans()}),
    st.just({"type": "start"}),
    st.fixed_dictionaries(
        {"type": st.just("set_room")},
        optional={
            "settings": CHANGES,
            "private": st.booleans(),
            "locked": st.booleans(),
            "bots": st.integers(0, 4),
            "max_players": st.integers(1, 6),
        },
    ),
    st.fixed_dictionaries({"type": st.just("pause"), "paused": st.booleans()}),
    st.fixed_dictionaries({"type": st.just("vote"), "id": st.integers(0, 6), "choice": st.integers(0, 3)}),
    st.fixed_dictionaries({"type": st.just("call_vote"), "kind": st.just("settings"), "settings": CHANGES}),
    st.fixed_dictionaries({"type": st.just("team"), "team": st.sampled_from(["red", "blue", "green"])}),
    st.fixed_dictionaries({"type": st.just("chat"), "text": st.just("hi"), "to": st.sampled_from(["all", "team"])}),
    st.just({"type": "leave"}),
)


class Courses(Race):
    @classmethod
    def next_choices(cls, settings: Any) -> Sequence[tuple[str, Mapping[str, Any]]]:
        return [
            ("Again", {}),
            ("Longer", {"goal": min(settings.goal + 1, 9)}),
            ("Sides", {"sides": not settings.sides}),
        ]


class Lobbies(RuleBasedStateMachine):
    clients = Bundle("clients")

    @initialize(
        start=st.sampled_from(["full", "countdown", "now"]),
        bots=st.integers(0, 3),
        reconnect=st.booleans(),
        people=st.integers(1, 4),
    )
    def open(self, start: str, bots: int, reconnect: bool, people: int) -> None:
        self.playground = Playground(
            Courses,
            Limits(max_room_messages_per_second=1000, max_chats_per_second=1000),
            start=start,
            max_players=5,
            bots=bots,
            countdown=1,
            results_time=4,
            empty_grace=3,
            vote_time=6,
            pause_time=8,
            reconnect_time=5 if reconnect else 0,
            settings={"goal": 3},
        )
        self.everyone: list[MemoryClient] = []
        #: By room code: how long it has been paused, in virtual seconds, as far as can be told from outside.
        self.paused_for: dict[str, float] = {}
        self.host = self.come("", "rumpus.v1.json", create=True)
        for _ in range(people - 1):
            self.come(self.host.room_id, "rumpus.v1.json")

    def come(self, room: str, subprotocol: str, address: str = "192.0.2.1", **options: Any) -> MemoryClient:
        client = self.playground.connect(
            "Somebody", room=room or None, subprotocol=subprotocol, address=address, **options
        )
        self.everyone.append(client)
        return client

    @rule(target=clients, number=st.integers(0, 3))
    def one_of_the_first(self, number: int) -> MemoryClient:
        return self.everyone[number % len(self.everyone)]

    @rule(target=clients, subprotocol=st.sampled_from(sorted(CODECS)), public=st.booleans(), address=ADDRESSES)
    def join(self, subprotocol: str, public: bool, address: str) -> MemoryClient:
        return self.come("" if public else self.host.room_id or "NOWHER", subprotocol, address)

    @rule(client=clients)
    def join_again(self, client: MemoryClient) -> None:
        client.join("Somebody", self.host.room_id or None)

    @rule(client=clients, message=MESSAGES)
    def say(self, client: MemoryClient, message: dict[str, Any]) -> None:
        client.send(message)

    @rule(message=MESSAGES)
    def the_host_says(self, message: dict[str, Any]) -> None:
        self.host.send(message)

    @rule(client=clients, other=clients, kind=st.sampled_from(["kick", "ban", "pass_host", "mute", "vote"]))
    def say_of(self, client: MemoryClient, other: MemoryClient, kind: str) -> None:
        message: dict[str, Any] = {"type": kind, "player_id": other.player_id}
        if kind == "ban":
            message |= {"type": "kick", "ban": True}
        elif kind == "vote":
            message |= {"type": "call_vote", "kind": "kick"}
        client.send(message)

    @rule(caller=st.integers(0, 5), accused=st.integers(0, 5))
    def want_somebody_out(self, caller: int, accused: int) -> None:
        room = self.host.session.room
        if room is not None and room.present():
            here, everyone = room.present(), list(room.players)
            caller_id = here[caller % len(here)].player_id
            message = {"type": "call_vote", "kind": "kick", "player_id": everyone[accused % len(everyone)]}
            self.client_of(caller_id).send(message)

    @rule(client=clients, choice=st.integers(0, 2), all_of_them=st.booleans())
    def vote(self, client: MemoryClient, choice: int, all_of_them: bool) -> None:
        for voter in self.everyone if all_of_them else [client]:
            room = voter.session.room
            if room is not None and room._voting.running is not None:
                voter.send({"type": "vote", "id": room._voting.running.number, "choice": choice})

    def client_of(self, player_id: str) -> MemoryClient:
        return next(
            client
            for client in self.everyone
            if client.session.player is not None and client.session.player.player_id == player_id
        )

    @rule(client=clients)
    def win(self, client: MemoryClient) -> None:
        for _ in range(6):
            client.input(step=1)
        self.playground.run(0.15)

    @rule(paused=st.booleans())
    def everybody_says(self, paused: bool) -> None:
        for client in self.everyone:
            client.send({"type": "pause" if paused else "ready", "paused": True})

    @rule(client=clients)
    def drop(self, client: MemoryClient) -> None:
        client.connection.disconnect()

    @rule(target=clients, client=clients, address=ADDRESSES)
    def come_back(self, client: MemoryClient, address: str) -> MemoryClient:
        if not client.player_id:
            return client
        back = self.playground.resume(client, address)
        self.everyone.append(back)
        if client is self.host and back.player_id:
            self.host = back
        return back

    @rule(client=clients, times=st.integers(1, 4))
    def play(self, client: MemoryClient, times: int) -> None:
        for _ in range(times):
            client.input(step=1)

    @rule(seconds=st.sampled_from([0.05, 0.15, 1.0, 5.0]))
    def wait(self, seconds: float) -> None:
        before = {room.room_id for room in self.rooms() if room.paused}
        self.playground.run(seconds)
        if seconds >= 1:
            self.everybody_knows_how_votes_stand()
        paused = {room.room_id for room in self.rooms() if room.paused}
        self.paused_for = {code: self.paused_for.get(code, 0.0) + seconds if code in before else 0.0 for code in paused}

    def everybody_knows_how_votes_stand(self) -> None:
        for client in self.everyone:
            room = client.session.room
            if room is None or client.connection.closed or room._voting.running is None:
                continue
            told = None
            for message in client.messages():
                if message["type"] == "joined" and message["votes"]:
                    told = message["votes"][0]
                elif message["type"] == "vote_started":
                    told = message["vote"]
                elif message["type"] == "vote_counted":
                    told = message
            (view,) = room._voting.views(room._clock.now())
            assert told is not None
            assert (told["id"], told["counts"], told["needed"]) == (view.id, view.counts, view.needed)

    def rooms(self) -> list[GameRoom]:
        return list(self.playground.server.rooms.values())

    @invariant()
    def rooms_are_in_one_piece(self) -> None:
        server = self.playground.server
        assert server.counters.failed_rooms == 0
        for room in self.rooms():
            people = {player_id for player_id, player in room.players.items() if not player.is_bot}
            assert room.host is None or room.host in people
            assert (room.host is not None) == bool(room.state.hosted and people)
            assert len(room.players) <= room.max_players <= 5
            assert room.bots <= room.options.bots <= server.options.bots
            assert room.min_players <= room.max_players
            assert room.teams == list(room.game.teams(room.settings))
            for player in room.players.values():
                assert (player.info.team is None) if not room.teams else (player.info.team in room.teams)
                assert not (player.ready and room.status == "in-progress")
            if room.status == "in-progress":
                assert set(room.game.position) == set(room.players)  # type: ignore[attr-defined]

    @invariant()
    def pauses_are_of_matches_and_end(self) -> None:
        for room in self.rooms():
            assert not room.paused or (room.status == "in-progress" and room._pause.pending)
        # The longest pause, its countdown, and steps of five seconds at either end.
        assert all(seconds <= 8 + 3 + 5 for seconds in self.paused_for.values())

    @invariant()
    def votes_are_counted_right(self) -> None:
        for room in self.rooms():
            votes: Voting = room._voting
            if votes.running is None:
                continue
            (view,) = room._voting.views(room._clock.now())
            voters = {player.player_id for player in room.present()} - {view.player_id}
            assert set(votes.running.voters) == voters
            places = {player.player_id: player.network for player in room.players.values() if not player.is_bot}
            # Friends around a table have a voice each; else there is one for each network.
            friends = len(set(places.values())) == 1
            voices = len(voters) if friends else len({places[voter] for voter in voters})
            assert view.needed == (two_thirds if view.kind == "kick" else majority)(voices)
            assert sum(view.counts) <= voices
            assert view.player_id is None or view.player_id in room.players
            assert (view.kind == "next") <= (room.status == "ended")
            assert (view.kind == "settings") <= (room.status != "in-progress")

    @invariant()
    def everybody_has_been_told(self) -> None:
        for client in self.everyone:
            room = client.session.room
            if room is None or client.connection.closed:
                continue
            told: dict[str, Any] = {}
            vote = None
            ready: dict[str, bool] = {}
            for message in client.messages():
                kind = message["type"]
                if kind == "joined":
                    told = {name: message[name] for name in ROOM_FIELDS}
                    vote = message["votes"][0]["id"] if message["votes"] else None
                    ready = {player["player_id"]: player.get("ready", False) for player in message["players"]}
                    # A newcomer to a running match is told its settings; those of the room may be others by now.
                    told["settings"] = None if message["status"] == "in-progress" else told["settings"]
                elif kind == "room_changed":
                    told |= {name: value for name, value in message.items() if name in ROOM_FIELDS}
                elif kind == "vote_started":
                    vote = message["vote"]["id"]
                elif kind == "vote_ended":
                    vote = None
                elif kind in ("player_joined", "player_changed"):
                    ready[message["player"]["player_id"]] = message["player"].get("ready", False)
                elif kind == "player_left":
                    ready.pop(message["player_id"], None)
                elif kind == "game_started":
                    ready = dict.fromkeys(ready, False)
            assert told["host"] == room.host
            assert (told["locked"], told["private"], told["paused"]) == (room.locked, room.private, room.paused)
            seats = (told["bots"], told["max_players"], told["min_players"])
            assert seats == (room.options.bots, room.max_players, room.min_players)
            assert told["teams"] == room.teams
            assert told["settings"] is None or told["settings"]["goal"] == room.settings.goal
            assert vote == (room._voting.running.number if room._voting.running is not None else None)
            assert ready == {player_id: player.ready for player_id, player in room.players.items()}

    @invariant()
    def errors_are_answers(self) -> None:
        for client in self.everyone:
            assert set(client.errors()) <= ANSWERS

    def teardown(self) -> None:
        if hasattr(self, "playground"):
            for client in self.everyone:
                client.connection.disconnect()
            self.playground.run(30)
            assert self.playground.server.rooms == {}


ROOM_FIELDS = (
    "host",
    "locked",
    "private",
    "paused",
    "bots",
    "max_players",
    "min_players",
    "teams",
    "settings",
)

TestLobbies = Lobbies.TestCase
TestLobbies.settings = settings(max_examples=examples(60), stateful_step_count=50)
