"""Who somebody is who wants to play: the player of a ticket, a guest who comes back, or one more guest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import MessageError
from ..game.contract import ChatFilter, PlayerInfo
from ..identity.identity import NOBODY, Identity, guest_account
from ..protocol import EnterParty, Join
from ..protocol.text import clean_name
from ..room.chat import filtered_name
from .prices import TICKET

if TYPE_CHECKING:
    from ..tickets import TicketVerifier


class Authenticator:
    """One for a server. verifier: what checks tickets, if any are taken. guests: whether people may join without one.

    longest_name: in characters. name_filter: what the names that players choose go through.
    """

    def __init__(
        self,
        verifier: TicketVerifier | None,
        guests: bool,
        longest_name: int,
        name_filter: ChatFilter | None,
        new_player_id: Callable[[], str],
    ) -> None:
        self.verifier = verifier
        self.guests = guests
        self._longest_name = longest_name
        self._name_filter = name_filter
        self._new_player_id = new_player_id

    def introduce(self, message: Join | EnterParty, room: str | None, charge: Callable[[float], None]) -> PlayerInfo:
        """Who says this, and wants to play in this room, or in any. Raises RumpusError if they may not.

        charge: told what it costs to find out (microseconds).
        """
        identity = self._identify(message, charge)
        if identity.name is not None:
            name = clean_name(identity.name, self._longest_name, "bad_token", "The name in a ticket")
        else:
            name = clean_name(message.name, self._longest_name, "bad_name", "A name")
        identity.check_room(room)
        player_id = self._new_player_id()
        signed = identity.name is not None and name != ""
        info = PlayerInfo(player_id=player_id, name=name, account=identity.account, signed=signed)
        if identity.name is None:
            # The name of a ticket is the operator's own doing.
            info.name = filtered_name(name, info, self._name_filter)
        info.name = info.name or f"Guest {player_id[1:]}"
        return info

    def _identify(self, message: Join | EnterParty, charge: Callable[[float], None]) -> Identity:
        """Raises MessageError if a ticket is bad, or missing."""
        if message.token is not None:
            if self.verifier is None:
                raise MessageError("bad_token", "This server takes no tickets; join without one.")
            charge(TICKET)
            return self.verifier.verify(message.token)
        if not self.guests:
            raise MessageError("token_required", "This server takes no guests; join with a ticket.")
        return NOBODY if message.guest is None else Identity(account=guest_account(message.guest))
