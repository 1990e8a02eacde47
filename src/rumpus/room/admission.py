"""Who may come into a room: free seats, the lock, bans, and seats that are kept for people who are on their way."""

from __future__ import annotations

from ..budget.networks import network_of
from ..config import IPV6_PREFIX
from ..errors import JoinError, sent_away
from ..game.contract import PlayerInfo
from ..identity.identity import is_signed
from .player import Player
from .reservations import Reservations
from .roster import Roster
from .state import RoomState

#: Accounts and networks that a room remembers to keep out; the oldest are let in again.
_MOST_BANNED = 1000


class Admission:
    """The one answer to "may they come in?" for one room. ipv6_prefix: bits by which networks differ."""

    def __init__(self, state: RoomState, roster: Roster, ipv6_prefix: int = IPV6_PREFIX) -> None:
        self._ipv6_prefix = ipv6_prefix
        self._state = state
        self._roster = roster
        #: Seats that are kept for people who are on their way.
        self.reservations = Reservations(state.room_id)
        #: Accounts, and networks after an @, of those who may not come back.
        self._banned: dict[str, None] = {}

    # Seats.

    @property
    def taken(self) -> int:
        """Seats that people have or are kept for them. Bots give theirs to people."""
        return self._roster.people + len(self.reservations)

    @property
    def free_seats(self) -> int:
        """Seats that somebody may take at this moment."""
        return self._seats_for_people() - self.taken

    @property
    def open(self) -> bool:
        """Whether somebody may join at this moment."""
        return self.free_seats > 0 and not self._state.locked

    @property
    def listed(self) -> bool:
        """Whether quick play may choose this room."""
        return not self._state.private and not self._state.locked

    def _seats_for_people(self) -> int:
        """How many people this room takes at this moment."""
        state = self._state
        if not state.running or state.options.drop_in:
            return state.max_players
        # Of those who left a match that nobody else drops into, the seats are filled again if the operator likes.
        return min(state.began_with, state.max_players) if state.options.backfill else 0

    def reserve(self, count: int, expires_at: float) -> list[str]:
        """Keep seats until a time on the server's clock. Returns their tokens. Raises JoinError if too few are free."""
        if self.free_seats < count:
            name = self._state.room_id
            raise self.refusal() or JoinError("room_full", f"Room {name} has fewer than {count} free seats.")
        return self.reservations.add(count, expires_at)

    # People.

    def refusal(self, info: PlayerInfo | None = None, address: str = "", reserved: bool = False) -> JoinError | None:
        """Why somebody (or anybody) may not join at this moment, or None. Bots give their seats to people.

        reserved: they have a seat that was kept for them, for which a lock does not count.
        """
        name, most = self._state.room_id, self._state.max_players
        if info is not None and self.is_banned(info, address):
            return sent_away()
        if self._state.locked and not reserved:
            return JoinError("room_locked", "The host has locked this room.")
        if self.free_seats + reserved > 0:
            return None
        if self.taken - reserved >= most:
            return JoinError("room_full", f"Room {name} is full.")
        return JoinError("room_in_progress", f"The match in room {name} has begun; wait until it ends.")

    def is_banned(self, info: PlayerInfo, address: str) -> bool:
        """Whether somebody was sent away for good. Where they come from counts only for those who have no ticket."""
        account = info.account
        if account is not None and account in self._banned:
            return True
        return not is_signed(account) and "@" + network_of(address, self._ipv6_prefix) in self._banned

    def ban(self, player: Player) -> None:
        """Keep a player out for as long as the room exists.

        A player with a ticket by account: at an address there may be a whole household. A guest throws the key away and
        has another account, and so is kept out by network too, unless the operator says that many share one.
        """
        account = player.info.account
        if account is not None:
            self._banned[account] = None
        if not is_signed(account) and self._state.options.ban_addresses:
            self._banned |= dict.fromkeys("@" + network for network in player.networks)
        while len(self._banned) > _MOST_BANNED:
            # Who makes up accounts without end may push others out, and nothing else.
            del self._banned[next(iter(self._banned))]
