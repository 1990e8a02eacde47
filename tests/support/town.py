"""A town of clients who look for matches in every way there is, and a plain, slow judge of what must always hold.

The judge knows nothing of how matchmaking is done: it looks at every room, every player and everybody who waits, and
works out from the options that were sent who should be sitting where.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from random import Random
from types import SimpleNamespace
from typing import Any

from rumpus.config import Limits
from rumpus.identity.identity import guest_account
from rumpus.room import GameRoom
from rumpus.server.rating_lookup import Rating
from rumpus.server.session import Session
from rumpus.testing import MemoryClient, Playground
from tests.support.race import Race

#: Two sweeps: what changed later than this may not have been acted on yet.
SLACK = 0.15
#: Values of `goal` that anybody asks for, and the default.
GOALS = (1, 2, 3, 4, 5)
#: Time until everything that was left behind has expired: parties last longest.
FOR_EVER = 120.0


def skill_of(account: str | None) -> float:
    """Skills are spread from 300 to 1700, the same account always having the same."""
    return 1000.0 if account is None else 300.0 + zlib.crc32(account.encode()) % 1400


def account(near: float) -> str:
    """A guest key whose skill is within 5 of this."""
    return next(
        key for key in (f"guest-{n:016}" for n in range(10_000)) if abs(skill_of(guest_account(key)) - near) < 5
    )


class Ratings:
    """A source that answers at once, later, or not at all, as told."""

    def __init__(self) -> None:
        self.mode = "at once"
        self._asked: list[tuple[str, Callable[[Rating], None]]] = []

    def rating(self, account: str, callback: Callable[[Rating], None]) -> None:
        if self.mode == "at once":
            callback(_rating(account))
        elif self.mode == "later":
            self._asked.append((account, callback))

    def answer(self) -> None:
        asked, self._asked = self._asked, []
        for account, callback in asked:
            callback(_rating(account))


def _rating(account: str) -> Any:
    return SimpleNamespace(points=round(skill_of(account)) - 1000, skill=skill_of(account))


class Town:
    """A server with clients who come and go. Every method is something that one of them does."""

    def __init__(self, limits: Limits | None = None, **options: Any) -> None:
        self.ratings = Ratings()
        self.playground = Playground(Race, limits, ratings=self.ratings, **options)
        self.server = self.playground.server
        self.clients: list[MemoryClient] = []
        #: Of each client, the options of its last quick play.
        self.wanted: dict[Session, dict[str, Any]] = {}
        self.seats: list[str] = []
        #: Sessions whose connections were lost, and may be resumed.
        self.lost: list[str] = []
        self.parties: list[str] = []
        self.operations = 0
        self.connected = 0

    # What clients do.

    def connect(self) -> MemoryClient:
        client = self.playground.connect()
        self.clients.append(client)
        self.connected += 1
        return client

    def quick_play(self, client: MemoryClient, options: Mapping[str, Any], guest: str | None = None) -> None:
        waiting = client.session in self.server.join_service.quick_play.searches
        if not waiting and client.session.player is None:
            self.wanted[client.session] = dict(options)
        client.send({"type": "join", "name": "Q", "guest": guest, "options": dict(options)})

    def join(self, client: MemoryClient, **fields: Any) -> None:
        client.send({"type": "join", "name": "J", **fields})

    def say(self, client: MemoryClient, kind: str, **fields: Any) -> None:
        client.send({"type": kind, **fields})
        if client.messages() and (last := client.messages()[-1])["type"] == "reserved":
            self.seats += last["seats"]
        if kind == "party" and client.messages("party"):
            self.parties.append(client.last("party")["code"])

    def drop(self, client: MemoryClient) -> None:
        if client.messages("joined"):
            self.lost.append(client.last("joined")["session"])
        client.connection.disconnect()
        self.clients.remove(client)
        self.wanted.pop(client.session, None)

    def resume(self, client: MemoryClient, token: str) -> None:
        client.send({"type": "resume", "session": token})

    def wait(self, seconds: float) -> None:
        self.playground.run(seconds)

    def everybody_goes(self) -> None:
        """All connections end, and time passes until nobody is awaited any more, which must not be for ever."""
        for client in list(self.clients):
            client.connection.disconnect()
        self.clients.clear()
        server, clock = self.server, self.playground.clock
        latest = clock.now() + FOR_EVER
        while (server.rooms or server.players or len(server.join_service.parties)) and clock.now() < latest:
            self.wait(5)
        self.wait(5)

    # What must hold.

    def judge(self) -> None:
        self.no_room_is_over_its_limit()
        self.no_seat_leaks()
        self.nobody_waits_while_a_fitting_seat_is_free()

    def no_room_is_over_its_limit(self) -> None:
        for room in self.server.rooms.values():
            people = [player.is_bot for player in room.players.values()].count(False)
            assert people + len(room.reservations) <= room.max_players
            assert len(room.players) <= room.max_players
            assert people == room.people
            assert len(room.players) - people <= room.options.bots
        assert len(self.server.rooms) <= self.server.limits.max_rooms

    def no_seat_leaks(self) -> None:
        server, now = self.server, self.playground.clock.now()
        connected = {client.session for client in self.clients if not client.connection.closed}
        assert set(server.sessions.values()) == connected
        seated = {}
        for room in server.rooms.values():
            for player_id, player in room.players.items():
                if not player.is_bot:
                    assert player_id not in seated
                    seated[player_id] = room
                    seat = server.seats.by_player[player_id]
                    assert seat.room is room
                    if player.away:
                        assert seat.client is None
                        assert seat.expires_at > now - SLACK
                    else:
                        assert seat.client in connected
                        assert seat.client.player is player
            for expires_at in room.reservations._expiries.values():
                assert expires_at > now - SLACK
        assert set(seated) == set(server.seats.by_player)
        assert {seat.player.player_id for seat in server.seats._by_token.values()} == set(seated)
        join_service = server.join_service
        in_parties = set()
        for party in join_service.parties:
            assert len(party.members) <= server.limits.max_party
            assert not party.members or party.leader in party.members
            for member in party.members.values():
                if member.client is not None:
                    assert join_service.parties.of(member.client) == (party, member)
                    in_parties.add(member.client)
        assert in_parties == set(join_service.parties._by_client)
        assert in_parties <= connected
        waiting = {search.ticket for search in join_service.quick_play.searches.values() if search.ticket is not None}
        assert set(join_service.quick_play.matchmaker.waiting) == waiting
        for session in join_service.quick_play.searches:
            assert session in connected
            assert session.player is None

    def nobody_waits_while_a_fitting_seat_is_free(self) -> None:
        options, now = self.server.options, self.playground.clock.now()
        searches = self.server.join_service.quick_play.searches
        waiting = [search for search in searches.values() if search.ticket is not None]
        rooms = [room for room in self.server.rooms.values() if not room.private and _seats_left(room) > 0]

        def window(search: Any) -> float:
            waited = now - SLACK - search.began
            return options.skill_window + options.skill_widening * waited if options.skill_window else 1e9

        for search in waiting:
            wanted = self.wanted[search.client]
            size, skill = _size_and_skill(search)
            near = False
            for room in rooms:
                if _seats_left(room) >= size and suits(wanted, room.settings.goal, room.settings.sides):
                    mean = _mean_skill(room)
                    assert mean is not None, "somebody waits beside an empty room"
                    assert abs(mean - skill) > window(search), "somebody waits while a fitting seat is free"
                    near = True
            for other in waiting:
                if other is search:
                    continue
                others, other_skill = _size_and_skill(other)
                common = any(
                    suits(wanted, goal, sides) and suits(self.wanted[other.client], goal, sides)
                    for goal in GOALS
                    for sides in (False, True)
                )
                if common and size + others <= (options.max_players or Race.max_players):
                    near = True
                    if len(self.server.rooms) < self.server.limits.max_rooms:
                        apart = abs(other_skill - skill)
                        assert apart > min(window(search), window(other)), "two wait who could play together"
            assert near or now - search.began < SLACK, "somebody waits for nothing"

    def nothing_is_left(self) -> None:
        server, join_service = self.server, self.server.join_service
        assert server.rooms == {}
        assert dict(server.players) == {}
        assert server.sessions == {}
        assert server.seats._by_token == {}
        assert server.seats.held == 0
        parties = join_service.parties
        assert len(parties) == 0
        assert (parties._by_client, parties._lost_players, len(parties._held)) == ({}, {}, 0)
        assert (join_service.quick_play.searches, join_service._kept._lots) == ({}, {})
        assert len(join_service.room_list) == 0
        matchmaker = join_service.quick_play.matchmaker
        rooms, queue = matchmaker._rooms, matchmaker._queue
        assert len(matchmaker) == 0
        assert (rooms._entries, rooms._groups, rooms._numbers, queue._groups) == ({},) * 4
        assert server.counters.failed_rooms == 0


def suits(wanted: Mapping[str, Any], goal: int, sides: bool) -> bool:
    """Whether a room with these settings is what the options of a quick play ask for."""
    have = {"goal": goal, "sides": sides}
    for name, value in wanted.get("settings", {}).items():
        if have[name] != value:
            return False
    for name, test in wanted.get("filter", {}).items():
        if isinstance(test, Mapping):
            if not test.get("min", -9e9) <= have[name] <= test.get("max", 9e9):
                return False
        elif have[name] not in (test if isinstance(test, list) else [test]):
            return False
    return True


def _seats_left(room: GameRoom) -> int:
    if room.status == "in-progress" and room.options.start == "full" and not room.options.backfill:
        return 0
    seats = room.max_players
    if room.status == "in-progress" and room.options.start == "full":
        seats = room.state.began_with
    return seats - sum(not player.is_bot for player in room.players.values()) - len(room.reservations)


def _mean_skill(room: GameRoom) -> float | None:
    skills = [
        1000.0 if player.info.skill is None else player.info.skill
        for player in room.players.values()
        if not player.is_bot
    ]
    return sum(skills) / len(skills) if skills else None


def _size_and_skill(search: Any) -> tuple[int, float]:
    if search.party is None:
        infos = [search.info]
    else:
        infos = [
            search.info if member.client is search.client else member.info for member in search.party.members.values()
        ]
    return len(infos), sum(1000.0 if info.skill is None else info.skill for info in infos) / len(infos)


def random_options(random: Random) -> dict[str, Any]:
    """Options of a quick play, as people may choose them."""
    options: dict[str, Any] = {}
    if random.random() < 0.3:
        options["settings"] = random.choice([{"goal": random.choice(GOALS)}, {"sides": random.random() < 0.5}])
    elif random.random() < 0.4:
        low, high = sorted(random.choices(GOALS, k=2))
        tests: list[Any] = [low, [low, high], {"min": low, "max": high}, {"max": high}, {"min": low}]
        options["filter"] = {"goal": random.choice(tests)}
    if random.random() < 0.3:
        options["language"] = random.choice(["en", "de", "pt-BR"])
    return options


def do_something(town: Town, random: Random, guests: int, most: int) -> None:
    """One random operation by one random client."""
    town.operations += 1
    clients = town.clients
    if not clients or (len(clients) < most and random.random() < 0.2):
        client = town.connect()
        if town.lost and random.random() < 0.4:
            town.resume(client, town.lost.pop(random.randrange(len(town.lost))))
        return
    client = random.choice(clients)
    guest = f"guest-{random.randrange(guests):016}" if random.random() < 0.8 else None
    chance = random.random()
    if chance < 0.34:
        town.quick_play(client, random_options(random), guest)
    elif chance < 0.42 and town.server.rooms:
        town.join(client, guest=guest, room=random.choice(list(town.server.rooms)))
    elif chance < 0.47:
        options = {"create": True, "private": random.random() < 0.5, "max_players": random.randint(1, 4)}
        town.join(client, guest=guest, options=options)
    elif chance < 0.53:
        town.say(client, "reserve", seats=random.randint(1, 4), room=None)
    elif chance < 0.56 and town.server.rooms:
        town.say(client, "reserve", seats=random.randint(1, 3), room=random.choice(list(town.server.rooms)))
    elif chance < 0.61 and town.seats:
        town.join(client, guest=guest, seat=random.choice(town.seats[-200:]))
    elif chance < 0.66:
        code = random.choice(town.parties[-40:]) if town.parties and random.random() < 0.7 else None
        town.say(client, "party", code=code, name=random.choice("ABCDEF"), guest=guest)
    elif chance < 0.68:
        town.say(client, "leave_party")
    elif chance < 0.80:
        town.say(client, "leave")
    elif chance < 0.83:
        town.say(client, "cancel")
    elif chance < 0.86:
        town.say(client, "watch_rooms", on=random.random() < 0.6)
    elif chance < 0.92:
        for _ in range(5):
            client.input(step=1)
    elif chance < 0.94:
        town.ratings.mode = random.choice(["at once", "at once", "later", "never"])
        town.ratings.answer()
    else:
        town.drop(client)
