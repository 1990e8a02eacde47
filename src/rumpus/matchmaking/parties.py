"""Friends who stay together: a party has a code, a leader who decides where all go, and an end.

Sans-I/O: it is told the time, and says who is where by the clients it is given. Who loses the connection keeps the
place for a while. It comes back with the seat that is resumed, or by the code: with the same account, or, for those
without, the same name. Whoever has the code may be anybody's friend already, so a name is proof enough. Places are kept
within the limits of an address (`HeldPlaces`), and looked at when their time comes and not before.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from ..budget.held import HeldPlaces
from ..errors import MessageError
from ..game.contract import PlayerInfo
from ..identity.codes import new_code
from ..protocol import Party as PartyMessage
from ..protocol import PartyMember
from .deadlines import Deadline, Deadlines
from .ports import Client

#: Seconds that a party of which nobody is connected can still be come back to.
_EMPTY_GRACE = 60.0


class Member:
    """One place in a party. `client` is None while the connection is lost."""

    __slots__ = ("client", "gone_at", "info", "kept", "member_id", "network", "player_id", "seat")

    def __init__(self, member_id: str, info: PlayerInfo, client: Client) -> None:
        self.member_id = member_id
        #: As whom they join rooms; each time as a copy with a player id of its own.
        self.info = info
        self.client: Client | None = client
        self.gone_at = 0.0
        #: Where they were last connected from, and, while they are not, when their place is given up.
        self.network = client.connection.network
        self.kept: Deadline[tuple[Party, Member | None]] | None = None
        #: The player of their last seat.
        self.player_id: str | None = None
        #: The token of a seat that was reserved when the others moved on without them.
        self.seat: str | None = None


class Party:
    """Made by `Parties.found`."""

    def __init__(self, code: str) -> None:
        self.code = code
        #: By id, in the order they came.
        self.members: dict[str, Member] = {}
        self.leader = ""
        self.empty_since: float | None = None
        self._next_member = 1

    def add(self, info: PlayerInfo, client: Client) -> Member:
        member = Member(f"m{self._next_member}", info, client)
        self._next_member += 1
        self.members[member.member_id] = member
        self.empty_since = None
        self.settle_leader()
        return member

    @property
    def here(self) -> list[Member]:
        """Who is connected."""
        return [member for member in self.members.values() if member.client is not None]

    @property
    def away(self) -> list[Member]:
        """Who is not, and may come back."""
        return [member for member in self.members.values() if member.client is None]

    def place_of(self, info: PlayerInfo) -> Member | None:
        """The place that is kept for this person, if one is."""
        for member in self.away:
            if info.account is not None or member.info.account is not None:
                same = info.account == member.info.account
            else:
                same = info.name == member.info.name
            if same:
                return member
        return None

    def settle_leader(self) -> None:
        """Who leads goes on leading; if they are gone, whoever of those here came first does."""
        leader = self.members.get(self.leader)
        if leader is None or leader.client is None:
            heir = next(iter(self.here), None) or next(iter(self.members.values()), None)
            self.leader = heir.member_id if heir is not None else ""

    def view(self, member: Member) -> PartyMessage:
        """What a member is told."""
        return PartyMessage(
            code=self.code,
            you=member.member_id,
            leader=self.leader,
            members=[
                PartyMember(
                    id=other.member_id,
                    name=other.info.name,
                    here=other.client is not None,
                    room_id=other.client.room.room_id if other.client is not None and other.client.room else None,
                )
                for other in self.members.values()
            ],
        )


class Parties:
    """All of them.

    most: members of one. kept: seconds that the place of a lost connection is; held: how many may be.
    """

    def __init__(self, random: Random, most: int, kept: float, held: HeldPlaces) -> None:
        self._random = random
        self._most = most
        self._kept = kept
        self._held = held
        self._by_code: dict[str, Party] = {}
        self._by_client: dict[Client, tuple[Party, Member]] = {}
        #: Places of lost connections, by the player of their last seat.
        self._lost_players: dict[str, tuple[Party, Member]] = {}
        #: Places to give up; with None for the member, parties to end that nobody came back to.
        self._deadlines: Deadlines[tuple[Party, Member | None]] = Deadlines()
        #: Of which the members have to be told.
        self.changed: dict[Party, None] = {}

    def __len__(self) -> int:
        return len(self._by_code)

    def __contains__(self, client: Client) -> bool:
        return client in self._by_client

    def __iter__(self) -> Iterator[Party]:
        return iter(self._by_code.values())

    def of(self, client: Client) -> tuple[Party, Member] | None:
        return self._by_client.get(client)

    def find(self, code: str | None, info: PlayerInfo) -> tuple[Party | None, Member | None]:
        """The party with this code (None: none) and the place kept there for this person, if there is one.

        Raises MessageError (`party_not_found`, `party_full`).
        """
        if code is None:
            return None, None
        party = self._by_code.get(code.upper())
        if party is None:
            raise MessageError("party_not_found", "There is no such party; it may have ended after everyone left.")
        place = party.place_of(info)
        if place is None and len(party.members) >= self._most:
            raise MessageError("party_full", f"This party has {self._most} members, and may not have more.")
        return party, place

    def enter(self, client: Client, code: str | None, info: PlayerInfo) -> Member:
        """Found a party, enter one, or come back to one. Raises what `find` raises."""
        party, place = self.find(code, info)
        if party is None:
            party = Party(new_code(self._random, self._by_code))
            self._by_code[party.code] = party
        if place is None:
            place = party.add(info, client)
            self._by_client[client] = party, place
        else:
            self._back(party, place, client)
        self.on_place_changed(client)
        return place

    def _back(self, party: Party, member: Member, client: Client) -> None:
        self._let_go(member)
        member.client = client
        member.network = client.connection.network
        self._by_client[client] = party, member
        if member.player_id is not None:
            self._lost_players.pop(member.player_id, None)
        party.empty_since = None
        party.settle_leader()
        self.changed[party] = None

    def _let_go(self, member: Member) -> None:
        """A place is kept for nobody any more."""
        if member.kept is not None:
            member.kept.cancel()
            member.kept = None
            self._held.free(member.network)

    def leave(self, client: Client) -> Party | None:
        """Give up a place. Returns whose it was, or None for a client that is in no party."""
        party, member = self._by_client.pop(client, (None, None))
        if party is not None and member is not None:
            self._remove(party, member)
        return party

    def _remove(self, party: Party, member: Member) -> None:
        self._let_go(member)
        del party.members[member.member_id]
        if member.player_id is not None:
            self._lost_players.pop(member.player_id, None)
        party.settle_leader()
        if not party.members and party.empty_since is None:
            self._end(party)
        else:
            self.changed[party] = None

    def _end(self, party: Party) -> None:
        del self._by_code[party.code]
        self.changed.pop(party, None)

    def lost(self, client: Client, now: float) -> None:
        """A connection has ended: the place is kept for a while."""
        party, member = self._by_client.pop(client, (None, None))
        if party is None or member is None:
            return
        member.client = None
        member.gone_at = now
        if not self._held.hold(member.network):
            self._remove(party, member)
            return
        member.kept = self._deadlines.set(now + self._kept, (party, member))
        if member.player_id is not None:
            self._lost_players[member.player_id] = party, member
        if not party.here:
            party.empty_since = now
            self._deadlines.set(now + _EMPTY_GRACE, (party, None))
        party.settle_leader()
        self.changed[party] = None

    def resumed(self, player_id: str, old: Client | None, client: Client) -> None:
        """A seat is resumed, and with it its owner's place in a party, if there was one.

        old: the connection that had it until now, if there is one.
        """
        party, member = self._by_client.pop(old, (None, None)) if old is not None else (None, None)
        if party is None or member is None:
            party, member = self._lost_players.get(player_id, (None, None))
        if party is not None and member is not None:
            self._back(party, member, client)

    def on_place_changed(self, client: Client) -> None:
        """A client has a seat, or has none any more."""
        party, member = self._by_client.get(client, (None, None))
        if party is not None and member is not None:
            if client.player is not None:
                member.player_id = client.player.player_id
            self.changed[party] = None

    def advance(self, now: float) -> list[Party]:
        """Give up the places of those who did not come back, and the parties that nobody came back to.

        Returns those that have fewer members now.
        """
        shrunk: dict[Party, None] = {}
        for party, member in self._deadlines.due(now):
            if member is not None:
                self._remove(party, member)
                shrunk[party] = None
            elif party.empty_since is not None and self._by_code.get(party.code) is party:
                left = party.empty_since + _EMPTY_GRACE - now
                # Somebody may have come back in between, and gone again.
                if left <= 0:
                    self._end(party)
                else:
                    self._deadlines.set(now + left, (party, None))
        return list(shrunk)

    def stood_still(self, seconds: float) -> None:
        """Nobody could come back for so long: places are kept as much longer."""
        self._deadlines.stood_still(seconds)
