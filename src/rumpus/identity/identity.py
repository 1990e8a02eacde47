"""Who a player is: nobody in particular, a guest who comes back, or somebody whom a studio's own service vouches for.

An account is a public, durable name for results and ratings. That of a ticket is the service's own id of the player;
that of a guest is made of a key that only the guest's device knows, in such a way that it does not tell the key.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode

import msgspec

from ..errors import JoinError, MessageError

#: What a guest's key looks like. 16 characters of this alphabet are 96 bits: nobody guesses one.
_GUEST_KEY = re.compile(r"[A-Za-z0-9_-]{16,128}")
#: Characters of base32 that a guest's account has: 100 bits.
_GUEST_ID_LENGTH = 20
#: How the accounts of guests begin, and those that a ticket vouches for.
GUEST, SIGNED = "g:", "u:"


class Identity(msgspec.Struct, kw_only=True, frozen=True):
    """What is known of whoever joins.

    account: a durable id, "u:" with the id of a ticket's player or "g:" with that of a guest; None for somebody new.
    name: the name to play under; None lets the player choose.  rooms: codes, in capitals, of the only rooms that may be
    joined; None stands for all, and for new ones too.  expires_at: until when (seconds of Unix time) one may join.
    """

    account: str | None = None
    name: str | None = None
    rooms: tuple[str, ...] | None = None
    expires_at: float | None = None

    def check_room(self, code: str | None) -> None:
        """Raise JoinError `room_not_permitted` unless this room may be joined; None means any room or a new one."""
        if self.rooms is None:
            return
        if code is None:
            raise JoinError("room_not_permitted", "This ticket is for certain rooms; join one of them by its code.")
        if code.upper() not in self.rooms:
            raise JoinError("room_not_permitted", "This ticket is not for this room.")


#: Somebody who told nothing about themselves.
NOBODY = Identity()


def is_signed(account: str | None) -> bool:
    """Whether an account is one that somebody vouches for, so that nobody makes up another in no time."""
    return account is not None and account.startswith(SIGNED)


def guest_account(key: str) -> str:
    """The account of the guest who holds this key. Raises MessageError `bad_message` if it is no such key."""
    if _GUEST_KEY.fullmatch(key) is None:
        raise MessageError("bad_message", "A guest key is 16 to 128 letters, digits, hyphens and underscores.")
    digest = hashlib.sha256(b"rumpus guest " + key.encode()).digest()
    return GUEST + b32encode(digest).decode().lower()[:_GUEST_ID_LENGTH]
