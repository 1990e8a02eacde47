"""Quick play as its players see it: who searches, with whom, and what they are told until they have a seat.

Where they go is for `rumpus.matchmaking` to say. A search begins as soon as it is known how good its people are, and
soon in any case: a database that is slow must not keep anybody from playing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from ..errors import JoinError, MessageError, RumpusError
from ..game.contract import PlayerInfo
from ..protocol import JoinOptions, Queued, QueueLeft
from ..results.rating import skill_of
from .criteria import Criteria
from .matchmaker import Matchmaker, Ticket, Window
from .parties import Member, Party

if TYPE_CHECKING:
    from ..room.game_room import GameRoom
    from ..server.game_server import GameServer
    from ..server.session import Session

logger = logging.getLogger(__name__)

#: Seconds that quick play waits for a rating; then it goes by that of a newcomer.
_RATING_PATIENCE = 0.5
#: Seconds between two messages to those who wait.
_QUEUED_INTERVAL = 2.0


class Comer(NamedTuple):
    """Somebody who is to be seated. `session` is None for those of a party who have lost their connection."""

    session: Session | None
    info: PlayerInfo
    member: Member | None

    @property
    def address(self) -> str:
        """Where they come from, as far as that is known."""
        return self.session.connection.address if self.session is not None else ""


class Search:
    """One quick play, of a player or of a party by its leader."""

    __slots__ = (
        "began",
        "info",
        "latest",
        "options",
        "party",
        "pending",
        "queued",
        "session",
        "ticket",
        "told_at",
        "wish",
    )

    def __init__(
        self, session: Session, info: PlayerInfo, party: Party | None, wish: Criteria, options: JoinOptions, now: float
    ) -> None:
        self.session = session
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

    seats: how many a room has. look_up: finds out how good somebody is, see `rating_lookup`. seat: seats a group, or
    raises JoinError.
    """

    def __init__(
        self,
        server: GameServer,
        seats: int,
        look_up: Callable[[PlayerInfo, Callable[[], None]], bool],
        seat: Callable[[list[Comer], GameRoom, Party | None], None],
    ) -> None:
        options = server.options
        self._server = server
        self._look_up = look_up
        self._seat = seat
        self.matchmaker: Matchmaker[GameRoom] = Matchmaker(
            Window(options.skill_window, options.skill_widening),
            seats,
            kind_of=msgspec.msgpack.encode,
            seat=self._seat_ticket,
            open_room=self._open_for,
            refuse=self._refuse,
        )
        #: By the session that began them.
        self.searches: dict[Session, Search] = {}

    def begin(
        self, session: Session, info: PlayerInfo, party: Party | None, wish: Criteria, options: JoinOptions
    ) -> None:
        """Look for a room for a player, or for the party that they lead. Raises RumpusError if there can be none."""
        self._begin(Search(session, info, party, wish, options, self._server.clock.now()))

    def advance(self, now: float) -> None:
        """Place whoever can be placed by now, and tell the others that they still wait."""
        for search in [search for search in self.searches.values() if search.ticket is None and now >= search.latest]:
            self._enter(search)
        if not self._server.overload.takes_nobody:
            self.matchmaker.advance(now)
        for search in list(self.searches.values()):
            if search.ticket is not None and now >= search.told_at + _QUEUED_INTERVAL:
                search.told_at += _QUEUED_INTERVAL
                self._tell_queued(search, now)

    def party_changed(self, party: Party) -> None:
        """Others are in a party than were: if it looks for a match, it looks for one with so many seats."""
        for search in [search for search in self.searches.values() if search.party is party]:
            self._again(search)

    def group(self, session: Session, info: PlayerInfo, party: Party | None) -> list[Comer]:
        """Everybody who is to be seated when this session's player is."""
        if party is None:
            return [Comer(session, info, None)]
        return [
            Comer(member.session, info if member.session is session else self.player_for(member), member)
            for member in party.members.values()
        ]

    def player_for(self, member: Member) -> PlayerInfo:
        """As whom a member of a party takes the next seat."""
        return msgspec.structs.replace(member.info, player_id=self._server.new_player_id())

    def cancel(self, session: Session) -> None:
        """Stop waiting. Raises MessageError (`not_possible`, `not_leader`) for those who do not wait by themselves."""
        if session not in self.searches:
            if any(
                search.party is not None and session in self._searchers(search) for search in self.searches.values()
            ):
                raise MessageError("not_leader", "The leader of your party looks for a match; leave the party to stop.")
            raise MessageError("not_possible", "You are not waiting for a match.")
        self.stop(session, "cancelled")

    def _begin(self, search: Search) -> None:
        """Look for a room as soon as it is known how good these people are."""
        infos = [search.info]
        if search.party is not None:
            infos += [member.info for member in search.party.members.values() if member.session is not search.session]
        unknown = [info for info in infos if info.skill is None]
        # One more than there are: answers that are here at once must not begin what is begun below.
        search.pending = len(unknown) + 1
        self.searches[search.session] = search

        def known() -> None:
            search.pending -= 1
            if self.searches.get(search.session) is not search:
                return
            if search.ticket is not None:
                self._again(search)
            elif not search.pending:
                self._enter(search)

        asked = [info for info in unknown if self._look_up(info, known)]
        search.pending -= 1 + len(unknown) - len(asked)
        if not search.pending:
            self._enter(search, first=True)

    def _enter(self, search: Search, first: bool = False) -> None:
        """Put a search into the queue. first: in answer to the message, so that errors are the caller's."""
        now = self._server.clock.now()
        group = self.group(search.session, search.info, search.party)
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

    def _again(self, search: Search) -> None:
        """Others are in it now than when it began, or it is known better how good they are."""
        if search.ticket is not None:
            self.matchmaker.withdraw(search.ticket)
            self._enter(search)

    def _seat_ticket(self, ticket: Ticket[GameRoom], room: GameRoom) -> None:
        search: Search = ticket.owner
        self._end(search)
        try:
            self._seat(self.group(search.session, search.info, search.party), room, search.party)
        except RumpusError as error:
            if not search.queued:
                raise
            self._tell_refused(search, error)

    def _open_for(self, settings: Any, language: str | None) -> GameRoom:
        try:
            return self._server.create_room(settings=settings, language=language)
        except RumpusError:
            raise
        except Exception:
            logger.exception("the game raised; no room was made")
            raise JoinError("game_error", "The game failed and no room was made.") from None

    def _refuse(self, ticket: Ticket[GameRoom], error: RumpusError) -> None:
        search: Search = ticket.owner
        self._end(search)
        self._tell_refused(search, error)

    def _tell_refused(self, search: Search, error: RumpusError) -> None:
        self._tell_left(search, error.code)
        search.session.send_error(error.code, error.message)

    def stop(self, session: Session, reason: str) -> None:
        search = self.searches.get(session)
        if search is not None:
            if search.ticket is not None:
                self.matchmaker.withdraw(search.ticket)
            self._end(search)
            self._tell_left(search, reason)

    def _end(self, search: Search) -> None:
        """Nobody looks for this any more. It and its ticket know each other, and are memory until one does not."""
        self.searches.pop(search.session, None)
        search.ticket = None

    def _searchers(self, search: Search) -> Iterable[Session]:
        if search.party is None:
            return [search.session]
        return [member.session for member in search.party.here if member.session is not None]

    def _tell_queued(self, search: Search, now: float) -> None:
        window = self.matchmaker.window.after(now - search.began)
        message = Queued(
            waited=now - search.began,
            window=None if window == float("inf") else round(window),
            searching=len(self.searches),
        )
        for session in self._searchers(search):
            session.send(message)

    def _tell_left(self, search: Search, reason: str) -> None:
        for session in {search.session: None, **dict.fromkeys(self._searchers(search))}:
            session.connected_at = self._server.clock.now()
            session.send(QueueLeft(reason=reason))


def language_of(options: JoinOptions) -> str | None:
    return options.language.lower() if options.language is not None else None
