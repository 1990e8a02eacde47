"""Quick play as its players see it: who searches, with whom, and what they are told until they have a seat.

Where they go is for `rumpus.matchmaking` to say. A search begins as soon as it is known how good its people are, and
soon in any case: a database that is slow must not keep anybody from playing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from ..clock import Clock
from ..config import RoomOptions
from ..errors import MessageError, RumpusError, no_room_made
from ..game.contract import PlayerInfo
from ..protocol import JoinOptions, Queued, QueueLeft
from ..results.rating import skill_of
from ..room.game_room import GameRoom
from .criteria import Criteria
from .deadlines import Deadlines
from .group_seating import Comer
from .matchmaker import Matchmaker
from .parties import Member, Party
from .ports import Client, Intake, RatingLookup, Rooms
from .ticket import Ticket, Window

logger = logging.getLogger(__name__)

#: Seconds that quick play waits for a rating; then it goes by that of a newcomer.
_RATING_PATIENCE = 0.5
#: Seconds between two messages to those who wait.
_QUEUED_INTERVAL = 2.0


class Search:
    """One quick play, of a player or of a party by its leader."""

    __slots__ = (
        "began",
        "client",
        "info",
        "latest",
        "options",
        "party",
        "pending",
        "queued",
        "ticket",
        "told_at",
        "wish",
    )

    def __init__(
        self, client: Client, info: PlayerInfo, party: Party | None, wish: Criteria, options: JoinOptions, now: float
    ) -> None:
        self.client = client
        self.info = info
        self.party = party
        self.wish = wish
        self.options = options
        self.began = now
        #: How many ratings are not known yet, and until when that is waited for.
        self.pending = 0
        self.latest = now + _RATING_PATIENCE
        self.ticket: Ticket[GameRoom] | None = None
        #: Whether they were told that they wait, and when last.
        self.queued = False
        self.told_at = now


class QuickPlay:
    """All searches of a server.

    seats: how many a room has. seat: seats a group, or raises JoinError.
    """

    def __init__(
        self,
        options: RoomOptions,
        seats: int,
        seat: Callable[[list[Comer], GameRoom, Party | None], None],
        *,
        rooms: Rooms,
        intake: Intake,
        look_up: RatingLookup,
        clock: Clock,
        new_player_id: Callable[[], str],
    ) -> None:
        self._seat = seat
        self._rooms = rooms
        self._intake = intake
        self._look_up = look_up
        self._clock = clock
        self._new_player_id = new_player_id
        self.matchmaker: Matchmaker[GameRoom] = Matchmaker(
            Window(options.skill_window, options.skill_widening),
            seats,
            kind_of=msgspec.msgpack.encode,
            seat=self._seat_ticket,
            open_room=self._open_for,
            refuse=self._refuse,
        )
        #: By the client that began them.
        self.searches: dict[Client, Search] = {}
        #: When to look at each again: its ratings have not come, or it is to be told that it still waits.
        self._deadlines: Deadlines[Search] = Deadlines()

    def begin(
        self, client: Client, info: PlayerInfo, party: Party | None, wish: Criteria, options: JoinOptions
    ) -> None:
        """Look for a room for a player, or for the party that they lead. Raises RumpusError if there can be none."""
        self._begin(Search(client, info, party, wish, options, self._clock.now()))

    def advance(self, now: float) -> None:
        """Place whoever can be placed by now, and tell the others that they still wait."""
        due = [search for search in self._deadlines.due(now) if self.searches.get(search.client) is search]
        for search in due:
            if search.ticket is None:
                self._enter(search)
        if not self._intake.takes_nobody:
            self.matchmaker.advance(now)
        for search in due:
            # They may have a seat by now, or be waiting anew.
            if search.ticket is not None and now >= search.told_at + _QUEUED_INTERVAL:
                search.told_at += _QUEUED_INTERVAL
                self._tell_queued(search, now)
                self._deadlines.set(search.told_at + _QUEUED_INTERVAL, search)

    def party_changed(self, party: Party) -> None:
        """Others are in a party than were: if it looks for a match, it looks for one with so many seats."""
        for search in [search for search in self.searches.values() if search.party is party]:
            self._again(search)

    def group(self, client: Client, info: PlayerInfo, party: Party | None) -> list[Comer]:
        """Everybody who is to be seated when this client's player is."""
        if party is None:
            return [Comer(client, info, None)]
        return [
            Comer(member.client, info if member.client is client else self.player_for(member), member)
            for member in party.members.values()
        ]

    def player_for(self, member: Member) -> PlayerInfo:
        """As whom a member of a party takes the next seat."""
        return msgspec.structs.replace(member.info, player_id=self._new_player_id())

    def cancel(self, client: Client) -> None:
        """Stop waiting. Raises MessageError (`not_possible`, `not_leader`) for those who do not wait by themselves."""
        if client not in self.searches:
            if any(search.party is not None and client in self._searchers(search) for search in self.searches.values()):
                raise MessageError("not_leader", "The leader of your party looks for a match; leave the party to stop.")
            raise MessageError("not_possible", "You are not waiting for a match.")
        self.stop(client, "cancelled")

    def _begin(self, search: Search) -> None:
        """Look for a room as soon as it is known how good these people are."""
        infos = [search.info]
        if search.party is not None:
            infos += [member.info for member in search.party.members.values() if member.client is not search.client]
        unknown = [info for info in infos if info.skill is None]
        # One more than there are: answers that are here at once must not begin what is begun below.
        search.pending = len(unknown) + 1
        self.searches[search.client] = search

        def known() -> None:
            search.pending -= 1
            if self.searches.get(search.client) is not search:
                return
            if search.ticket is not None:
                self._again(search)
            elif not search.pending:
                self._enter(search)

        asked = [info for info in unknown if self._look_up(info, known)]
        search.pending -= 1 + len(unknown) - len(asked)
        if not search.pending:
            self._enter(search, first=True)
        else:
            self._deadlines.set(search.latest, search)

    def _enter(self, search: Search, first: bool = False) -> None:
        """Put a search into the queue. first: in answer to the message, so that errors are the caller's."""
        now = self._clock.now()
        group = self.group(search.client, search.info, search.party)
        infos = [comer.info for comer in group]
        ticket: Ticket[GameRoom] = Ticket(
            search,
            search.wish,
            sum(skill_of(info) for info in infos) / len(infos),
            size=len(group),
            language=language_of(search.options),
            admits=lambda room: all(room.refusal(comer.info, comer.address) is None for comer in group),
        )
        search.ticket = ticket
        try:
            placed = self.matchmaker.enter(ticket, now, search.began)
        except RumpusError as error:
            if first:
                self._end(search)
                raise
            self._refuse(ticket, error)
            return
        if not placed:
            search.queued = True
            search.told_at = now
            self._tell_queued(search, now)
            self._deadlines.set(now + _QUEUED_INTERVAL, search)

    def _again(self, search: Search) -> None:
        """Others are in it now than when it began, or it is known better how good they are."""
        if search.ticket is not None:
            self.matchmaker.withdraw(search.ticket)
            self._enter(search)

    def _seat_ticket(self, ticket: Ticket[GameRoom], room: GameRoom) -> None:
        search: Search = ticket.owner
        self._end(search)
        try:
            self._seat(self.group(search.client, search.info, search.party), room, search.party)
        except RumpusError as error:
            if not search.queued:
                raise
            self._tell_refused(search, error)

    def _open_for(self, ticket: Ticket[GameRoom], settings: Any, language: str | None) -> GameRoom:
        search: Search = ticket.owner
        try:
            return self._rooms.create(search.client.purse, settings=settings, language=language)
        except RumpusError:
            raise
        except BaseException:  # a game is not to end the server by SystemExit
            logger.exception("the game raised; no room was made")
            raise no_room_made() from None

    def _refuse(self, ticket: Ticket[GameRoom], error: RumpusError) -> None:
        search: Search = ticket.owner
        self._end(search)
        self._tell_refused(search, error)

    def _tell_refused(self, search: Search, error: RumpusError) -> None:
        self._tell_left(search, error.code)
        search.client.send_error(error)

    def stop(self, client: Client, reason: str) -> None:
        search = self.searches.get(client)
        if search is not None:
            if search.ticket is not None:
                self.matchmaker.withdraw(search.ticket)
            self._end(search)
            self._tell_left(search, reason)

    def _end(self, search: Search) -> None:
        """Nobody looks for this any more. It and its ticket know each other, and are memory until one does not."""
        self.searches.pop(search.client, None)
        search.ticket = None

    def _searchers(self, search: Search) -> Iterable[Client]:
        if search.party is None:
            return [search.client]
        return [member.client for member in search.party.here if member.client is not None]

    def _tell_queued(self, search: Search, now: float) -> None:
        window = self.matchmaker.window.after(now - search.began)
        message = Queued(
            waited=now - search.began,
            window=None if window == float("inf") else round(window),
            searching=len(self.searches),
        )
        for client in self._searchers(search):
            client.send(message)

    def _tell_left(self, search: Search, reason: str) -> None:
        for client in {search.client: None, **dict.fromkeys(self._searchers(search))}:
            client.wait_from(self._clock.now())
            client.send(QueueLeft(reason=reason))


def language_of(options: JoinOptions) -> str | None:
    return options.language.lower() if options.language is not None else None
