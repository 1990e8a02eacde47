"""What all messages have in common, and the words that both directions use. Part of wire contract version 1."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

RoomStatus = Literal["waiting", "in-progress", "ended"]
Role = Literal["player", "spectator"]
#: What a vote decides: who is sent away, the room's settings, or what is played next.
VoteKind = Literal["kick", "settings", "next"]

#: Counts on the wire stay exact in JavaScript.
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]


def _snake(name: str) -> str:
    return "".join("_" + char.lower() if char.isupper() else char for char in name).lstrip("_")


class Message(msgspec.Struct, tag_field="type", tag=_snake, kw_only=True, gc=False):
    """Base of all messages. Fields a sender adds beyond these are ignored."""
