"""Clients that say anything at any time: the server answers, nobody hears what is not for them, and nothing is left.

One state machine over a whole server, with seats, spectators, parties, reservations, votes, pauses and tickets at the
same time. Each client keeps a picture of its room from the messages alone; it must be what is so. What single parts
promise is in their own tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import to_builtins

from rumpus import Bot, Game
from rumpus.config import Limits
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.protocol.codec import CODECS
from rumpus.testing import MemoryClient, MemoryConnection, Playground
from rumpus.tickets import TicketVerifier, sign_ticket
from tests.support.examples import examples
from tests.support.town import Ratings, Town
from tests.support.walkers import InTables, Plain

PROTOCOL = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
CODES = set(re.findall(r"^\| `(\w+)` \|", PROTOCOL.split("\n## ")[5], re.MULTILINE))
SECRET = "a secret of the operator, and of nobody else"
#: Settings that players may choose, good and bad.
CHOICES: list[Any] = [{"sides": True}, {"sides": False}, {"sides": 7}, {"secret": 1}, {}, {"sides": True, "none": 0}]
FILTERS: list[Any] = [{}, {"sides": [True, False]}, {"sides": []}, {"sides": {"min": 0}}, {"none": 1}, {"sides": "x"}]
KINDS = [
    *["join"] * 6,
    *["ready", "input", "chat", "call_vote", "vote", "party", "reserve", "set_room", "kick", "mute", "pause"] * 2,
    *["leave", "watch_rooms", "cancel", "leave_party", "start", "pass_host", "team", "ping", "resume", "nonsense"],
]


class Idle(Bot):
    def act(self, state: Any) -> dict[str, Any] | None:
        return None


class _Anything(Plain):
    """Whispers say whom they are for; there is something to vote on, and bots come."""

    player_settings = frozenset({"sides"})
    max_players = 4

    def process_input(self, player_id: str, input_data: Any) -> None:
        super().process_input(player_id, input_data)
        if input_data.whisper:
            self.emit("whispered", {"for": player_id}, to=player_id)

    def next_choices(self, settings: Any) -> Any:
        return [("alone", {"sides": False}), ("in teams", {"sides": True})]

    def make_bot(self, player_id: str, skill: float, seed: int) -> Bot:
        return Idle()


class InPlain(_Anything):
    pass


class Tabled(_Anything, InTables):
    pass


class Square(Town):
    """A town where people play something else."""

    def __init__(self, game: type[Game], limits: Limits, **options: Any) -> None:
        self.ratings = Ratings()
        self.playground = Playground(game, limits, ratings=self.ratings, **options)
        self.server = self.playground.server
        self.server.authenticator.verifier = TicketVerifier(secret=SECRET, now=self.playground.clock.now)
        self.clients = []


class Eye:
    """What one client has been told."""

    def __init__(self, client: MemoryClient) -> None:
        self.client = client
        self.read = 0
        self.room: dict[str, Any] | None = None
        self.players: dict[str, Any] = {}
        self.votes: dict[int, Any] = {}
        self.party: dict[str, Any] | None = None
        self.list: dict[str, Any] = {}
        self.me = ""
        self.role = ""
        self.serial = 0

    def look(self) -> Iterator[dict[str, Any]]:
        """Take note of what is new."""
        messages = self.client.messages()
        for message in messages[self.read :]:
            self.read += 1
            self._note(message)
            yield message

    def _note(self, message: dict[str, Any]) -> None:
        kind, room = message["type"], self.room
        if kind == "joined":
            self.room = {**message, "static": None, "schema": None}
            self.me, self.role = message["player_id"], message["role"]
            self.players = {player["player_id"]: player for player in message["players"]}
            self.votes = {vote["id"]: vote for vote in message["votes"]}
            self.serial = message["serial"]
        elif kind == "watching":
            # Players who are out are told it too.
            self.role = self.role or "spectator"
        elif kind == "rooms":
            self.list = {room["room_id"]: room for room in message["rooms"]}
        elif kind == "rooms_changed":
            self.list |= {room["room_id"]: room for room in message["rooms"]}
            for room_id in message["gone"]:
                self.list.pop(room_id, None)
        elif kind == "party":
            self.party = message
        elif kind == "party_left":
            self.party = None
        elif message.get("code") == "session_taken" or (kind == "player_left" and message["player_id"] == self.me):
            self.room, self.me, self.role = None, "", ""
        elif room is None:
            return
        elif kind in ("player_joined", "player_changed"):
            self.players[message["player"]["player_id"]] = message["player"]
        elif kind == "player_left":
            del self.players[message["player_id"]]
        elif kind == "room_changed":
            room.update(message)
        elif kind == "game_started":
            room["status"], room["settings"] = "in-progress", message["settings"]
            for player in self.players.values():
                player.pop("ready", None)
        elif kind == "game_over":
            room["status"] = "ended"
        elif kind == "room_reset":
            room["status"] = "waiting"
        elif kind == "vote_started":
            assert message["vote"]["id"] not in self.votes
            self.votes[message["vote"]["id"]] = message["vote"]
        elif kind == "vote_counted":
            self.votes[message["id"]].update(counts=message["counts"], needed=message["needed"])
        elif kind == "vote_ended":
            del self.votes[message["id"]]


def texts(value: Any) -> Iterator[str]:
    """All strings in a message."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


class Everything(RuleBasedStateMachine):
    @initialize(
        game=st.sampled_from([InPlain, Tabled]),
        start=st.sampled_from(["full", "countdown", "now"]),
        backfill=st.booleans(),
        max_players=st.integers(1, 4),
        bots=st.integers(0, 2),
        reconnect_time=st.sampled_from([0, 2, 4]),
        spectator_delay=st.sampled_from([0, 0.5]),
        skill_window=st.sampled_from([0, 100]),
    )
    def open(self, game: type[Game], **options: Any) -> None:
        limits = Limits(
            max_new_rooms_per_second=1000,
            max_chats_per_second=100,
            max_room_messages_per_second=100,
            join_timeout=10_000,
            idle_timeout=10_000,
            max_rooms=4,
            max_held_per_address=2,
            max_party=3,
        )
        quick = {"reservation_time": 3, "empty_grace": 2, "countdown": 1, "results_time": 4, "vote_time": 3}
        quick |= {"pause_time": 5, "max_spectators": 2, "tick_rate": 10, "skill_widening": 40}
        self.town = Square(game, limits, **quick, **options)
        self.server = self.town.server
        self.eyes: list[Eye] = []
        #: Tokens by what they are good for, rooms, parties and players ever heard of.
        self.tokens: list[str] = ["no-token"]
        self.owners: dict[str, str] = {}
        self.serials: dict[str, int] = {}
        self.seats: list[str] = ["ABCDEF-nothing"]
        self.rooms: list[str] = ["NOROOM"]
        self.parties: list[str] = ["NOPARTY"]
        self.player_ids: list[str] = ["p0"]
        self.public: set[str] = set()
        self.muted: set[tuple[str, str]] = set()
        self.secrets: set[str] = set()
        #: Who may hear a line, and who has yet to.
        self.lines: dict[str, set[str]] = {}
        self.owed: dict[str, set[str]] = {}

    # What clients do.

    @rule(binary=st.booleans(), near=st.booleans())
    def somebody_connects(self, binary: bool, near: bool) -> None:
        if len(self.eyes) < 9:
            self.connect(binary, near)

    def connect(self, binary: bool, near: bool) -> Eye:
        codec = CODECS[MSGPACK_SUBPROTOCOL if binary else JSON_SUBPROTOCOL]
        connection = MemoryConnection(codec, "near" if near else "far")
        client = MemoryClient(connection, self.server.handle_client(connection))
        self.town.clients.append(client)
        self.eyes.append(Eye(client))
        return self.eyes[-1]

    @rule(seed=st.integers(0, 2**32), times=st.integers(1, 15))
    def people_say_things(self, seed: int, times: int) -> None:
        random = Random(seed)
        for _ in range(times):
            if len(self.eyes) < 2 or (len(self.eyes) < 8 and random.random() < 0.1):
                self.connect(random.random() < 0.5, random.random() < 0.3)
            eye = random.choice(self.eyes)
            chance = random.random()
            if chance < 0.04:
                eye.client.connection.disconnect()
            elif chance < 0.08:
                eye.client.connection.congested = random.random() < 0.4
            else:
                kind = random.choice(self.likely(eye) if chance < 0.85 else KINDS)
                self.say(eye, self.message(eye, kind, random))
            self.everybody_knows_how_it_is()

    def likely(self, eye: Eye) -> list[str]:
        """What makes sense to say, most of the time."""
        if eye.room is None:
            return ["join"] * 6 + ["resume", "party", "watch_rooms", "reserve", "leave_party", "cancel"]
        if eye.role == "spectator":
            return ["chat", "leave"]
        kinds = ["chat", "mute", "reserve", "party", "watch_rooms", "call_vote", "vote", "vote", "leave"]
        kinds += ["pause", "input", "input"] if eye.room["status"] == "in-progress" else ["ready", "ready", "team"]
        if eye.room["host"] == eye.me:
            kinds += ["start", "set_room", "set_room", "kick", "pass_host"]
        return kinds

    @rule(who=st.integers(0, 8), people=st.integers(1, 4), binary=st.booleans())
    def some_come_to_one_room(self, who: int, people: int, binary: bool) -> None:
        rooms = list(self.server.rooms)
        for _ in range(people if rooms and len(self.eyes) < 9 else 0):
            self.say(self.connect(binary, near=False), {"type": "join", "room": rooms[who % len(rooms)]})

    def say(self, eye: Eye, message: dict[str, Any]) -> None:
        client, errors = eye.client, len(eye.client.errors())
        sender = client.session.player
        before = (client.session.room, sender.info.team if sender is not None else None)
        client.send(message)
        if len(client.errors()) > errors or sender is None:
            return
        room = before[0]
        assert room is not None
        if message["type"] == "mute":
            # Whoever has the same account is the same person.
            pair = (eye.me, room.players[message["player_id"]].durable_id)
            (self.muted.add if message["muted"] else self.muted.discard)(pair)
        if message["type"] == "chat":
            team = message["to"] == "team" and before[1] is not None
            hear = {
                player.player_id
                for player in room.players.values()
                if not player.is_bot
                and (not team or player.info.team == before[1])
                and (player.player_id, sender.durable_id) not in self.muted
            }
            self.lines[message["text"]] = hear
            for player_id in hear:
                self.owed.setdefault(player_id, set()).add(message["text"])

    def message(self, eye: Eye, kind: str, random: Random) -> dict[str, Any]:
        def pick(values: list[str]) -> str:
            # Mostly one of the newest.
            return random.choice(values[-6:] if random.random() < 0.8 else values)

        one, two, flag = random.randrange(40), random.randrange(40), random.random() < 0.5
        near = [player_id for player_id in eye.players if player_id != eye.me] if random.random() < 0.8 else []
        player, room = pick(near or self.player_ids), pick(list(self.server.rooms) or self.rooms)
        if random.random() < 0.1:
            room = pick(self.rooms)
        chosen = CHOICES[two % len(CHOICES)]
        guest = f"guest-{one % 4:016}" if flag else None
        options: dict[str, Any] = {"settings": chosen if two % 3 == 0 else {}, "filter": FILTERS[two % len(FILTERS)]}
        match kind:
            case "join":
                message: dict[str, Any] = {"type": kind, "name": "ABC"[one % 3], "guest": guest, "options": {}}
                way = one % 10
                if way in (0, 1):
                    message["options"] = options if two % 2 else {}
                elif way in (2, 8):
                    message["options"] = {
                        "create": True,
                        "private": flag,
                        "max_players": 1 + two % 5,
                        "bots": two % 4,
                        "settings": chosen if two % 4 == 0 else {},
                    }
                elif way in (3, 4, 9):
                    message["room"] = room
                elif way == 5:
                    message["seat"] = pick(self.seats)
                elif way == 6:
                    message |= {"role": "spectator", "room": room if flag else None}
                else:
                    message["token"] = self.ticket(two, room)
                    message["room"] = room if flag else None
                return message
            case "resume":
                token = pick(self.tokens)
                return {"type": kind, "session": token, "serial": self.serials.get(self.owners.get(token, ""), 0)}
            case "watch_rooms":
                return {"type": kind, "on": flag}
            case "reserve":
                how: Any = {"create": True, "private": flag} if two % 4 == 0 else {}
                return {"type": kind, "seats": 1 + one % 4, "room": room if flag else None, "options": how}
            case "party":
                code = pick(self.parties) if flag else None
                return {"type": kind, "code": code, "name": "ABC"[one % 3], "guest": guest}
            case "ready":
                return {"type": kind, "ready": one % 5 > 0}
            case "set_room":
                keys: list[dict[str, Any]] = [
                    {"settings": chosen},
                    {"private": flag},
                    {"locked": flag},
                    {"bots": two % 4},
                    {"max_players": 1 + two % 5},
                ]
                return {"type": kind, **keys[one % 5], **keys[two % 5]}
            case "kick":
                return {"type": kind, "player_id": player, "ban": flag}
            case "pass_host":
                return {"type": kind, "player_id": player}
            case "call_vote":
                return {"type": kind, "kind": "kick" if flag else "settings", "player_id": player, "settings": chosen}
            case "vote":
                return {"type": kind, "id": next(iter(eye.votes), one), "choice": two % 3 if flag else 0}
            case "pause":
                return {"type": kind, "paused": one % 4 > 0}
            case "mute":
                return {"type": kind, "player_id": player, "muted": flag}
            case "chat":
                return {"type": kind, "text": f"line {len(self.lines)}", "to": "team" if flag else "all"}
            case "team":
                return {"type": kind, "team": "red" if flag else "blue"}
            case "input":
                data = {"step": one, "whisper": one % 3 == 0, "fall": one % 7 == 0, "end": two % 5 == 0}
                return {"type": kind, "seq": one, "data": data}
            case "ping":
                return {"type": kind, "time": one}
        return {"type": kind}

    def ticket(self, number: int, room: str) -> str:
        now = self.town.playground.clock.now() - (100 if number % 4 == 3 else 0)
        rooms = [room] if number % 2 else None
        key = SECRET if number % 5 else SECRET[::-1]
        return sign_ticket(key, f"user {number % 3}", name="T" if number % 3 else None, rooms=rooms, now=now)

    @precondition(lambda self: self.eyes)
    @rule(who=st.integers(0, 8))
    def somebody_is_cut_off(self, who: int) -> None:
        eye = self.eyes[who % len(self.eyes)]
        self.hear()
        eye.client.connection.disconnect()

    @rule(which=st.integers(0, 3), binary=st.booleans())
    def somebody_comes_back(self, which: int, binary: bool) -> None:
        eye = self.connect(binary, near=bool(which % 2))
        token = self.tokens[-1 - which % len(self.tokens)]
        self.say(eye, {"type": "resume", "session": token, "serial": self.serials.get(self.owners.get(token, ""), 0)})

    @rule(mode=st.sampled_from(["at once", "later", "never"]))
    def ratings_come(self, mode: str) -> None:
        self.town.ratings.mode = mode
        self.town.ratings.answer()

    @rule(seconds=st.sampled_from([0.1, 0.6, 1.5, 5.0]))
    def time_passes(self, seconds: float) -> None:
        self.town.wait(seconds)

    # What must hold.

    def hear(self) -> None:
        """Everybody reads what they have been sent."""
        self.public |= {room.room_id for room in self.server.rooms.values() if not room.private}
        for eye in self.eyes:
            for message in eye.look():
                self.judge(eye, message)
        for eye in [eye for eye in self.eyes if eye.client.connection.closed]:
            self.eyes.remove(eye)
            self.town.clients.remove(eye.client)

    def judge(self, eye: Eye, message: dict[str, Any]) -> None:
        kind = message["type"]
        new: list[str] = []
        if kind == "joined":
            new = [message["session"]]
            self.rooms.append(message["room_id"])
            if eye.role == "player":
                self.tokens += new
                self.owners[new[0]] = eye.me
                self.player_ids.append(message["player_id"])
                if not message["resumed"]:
                    self.owed[eye.me] = set()
        elif kind == "reserved":
            new = message["seats"]
            self.seats += new
        elif kind == "party":
            if message["code"] not in self.parties:
                self.parties.append(message["code"])
        elif kind == "error":
            assert message["code"] in CODES, message
            assert message["code"] != "game_error"
        elif kind == "rooms":
            assert {room["room_id"] for room in message["rooms"]} <= self.public
        elif kind == "rooms_changed":
            assert {room["room_id"] for room in message["rooms"]} | set(message["gone"]) <= self.public, message
        elif kind == "chat" and not message.get("spectator"):
            if eye.role == "player":
                assert eye.me in self.lines[message["text"]], (eye.me, message)
                assert message["text"] in self.owed[eye.me], "told twice"
                self.owed[eye.me].discard(message["text"])
            else:
                assert eye.role == "spectator"
                assert message.get("to") != "team"
        elif kind == "chat":
            assert eye.role != "player"
        elif kind == "event" and message["name"] == "whispered":
            assert message["data"]["for"] == eye.me
        if kind != "joined" and "serial" in message and eye.role == "player":
            assert message["serial"] > eye.serial, (eye.serial, message)
            eye.serial = message["serial"]
        if eye.room is not None and eye.role == "player":
            self.serials[eye.me] = max(eye.serial, self.serials.get(eye.me, 0))
        assert not self.secrets & set(new)
        heard = set(texts(message)) - set(new)
        assert not heard & self.secrets, message
        self.secrets |= set(new)

    @invariant()
    def everybody_knows_how_it_is(self) -> None:
        if not hasattr(self, "town"):
            return
        self.hear()
        self.town.no_room_is_over_its_limit()
        for eye in self.eyes:
            session = eye.client.session
            player, room = session.player, session.room
            if player is None or room is None:
                assert eye.room is None or eye.role == "spectator"
                if session.spectator is None:
                    assert eye.room is None
                continue
            assert (eye.me, eye.role) == (player.player_id, "player")
            assert eye.room is not None
            so = {
                other.player_id: {
                    **{"player_id": other.player_id, "name": other.info.name, "team": other.info.team},
                    **{"bot": other.is_bot},
                    **({"away": True} if other.away else {}),
                    **({"out": True} if other.out else {}),
                    **({"ready": True} if other.ready else {}),
                    **({"rating": other.info.rating} if other.info.rating is not None else {}),
                    **({"signed": True} if other.info.signed else {}),
                }
                for other in room.players.values()
            }
            if not room._broadcaster._news:
                assert eye.players == so, (eye.players, so)
            picture = {
                "room_id": room.room_id,
                "status": room.status,
                "host": room.host,
                "locked": room.locked,
                "private": room.private,
                "paused": room.paused,
                "bots": room.options.bots,
                "max_players": room.max_players,
                "min_players": room.min_players,
                "teams": room.teams,
                "settings": {"sides": room.settings.sides},
            }
            assert {key: eye.room[key] for key in picture} == picture
            running = room._voting.running
            assert set(eye.votes) == ({running.number} if running is not None else set())
            assert room.host is None or room.host in room.players

    @rule()
    def after_a_while_all_is_well(self) -> None:
        self.town.wait(1.8)
        self.hear()
        self.town.no_seat_leaks()
        server = self.server
        watching = {session.spectator: session for session in server.sessions.values() if session.spectator is not None}
        there = {
            spectator: room for room in server.rooms.values() for spectator in room._spectators._spectators.values()
        }
        assert set(watching) == set(there)
        for spectator, room in there.items():
            assert watching[spectator].room is room
        for room in server.rooms.values():
            assert room.watched_by <= room.options.max_spectators
            assert len(room._spectators._recordings) <= 2
            assert set(room._messenger.message_log._to_each) <= set(room.players)
            assert len(room._admission._banned) <= 20
        for seat in server.seats.by_player.values():
            assert 1 <= len(seat.tokens) <= 2
        listings = {room["room_id"]: room for room in map(to_builtins, server.join_service.room_list.fullest(500)[0])}
        for eye in self.eyes:
            session = eye.client.session
            if (
                session in server.join_service.room_list
                and not session.connection.congested
                and not server.join_service.room_list._changed
            ):
                assert eye.list == listings, (eye.list, listings)
            found = server.join_service.parties.of(session)
            assert (eye.party is not None) == (found is not None)
            if found is not None and eye.party is not None:
                party, member = found
                have = (eye.party["code"], eye.party["you"], eye.party["leader"])
                assert have == (party.code, member.member_id, party.leader)
                members = [
                    {
                        "id": other.member_id,
                        "name": other.info.name,
                        "here": other.client is not None,
                        "room_id": other.client.room.room_id
                        if other.client is not None and other.client.room is not None
                        else None,
                    }
                    for other in party.members.values()
                ]
                assert eye.party["members"] == members, (eye.party["members"], members)
            if session.player is None or session.room is None or eye.room is None:
                continue
            assert self.owed[eye.me] == set(), (eye.me, self.owed[eye.me])
            assert session.room._broadcaster._news == []
            assert eye.room["spectators"] == session.room.watchers
            running = session.room._voting.running
            if running is not None:
                vote = eye.votes[running.number]
                assert (vote["counts"], vote["needed"]) == (running.counts(), running.needed)

    def teardown(self) -> None:
        if hasattr(self, "town"):
            self.after_a_while_all_is_well()
            self.town.everybody_goes()
            self.town.nothing_is_left()


TestEverything = Everything.TestCase
TestEverything.settings = settings(max_examples=examples(400), stateful_step_count=25)
