"""What clients say. A message's class name in snake case is its `type` on the wire, unless `tag` says otherwise."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta

from .base import Count, Message, Role

InputT = TypeVar("InputT")


class JoinOptions(msgspec.Struct, kw_only=True):
    """What `join.options` may hold for the server; a game sees the whole object in `PlayerInfo.options`.

    create: make a new room instead of looking for one.  private: keep it out of lists and quick play.
    settings: of the room to create, or that a room found by quick play must have.
    filter: by setting, what a room found by quick play must have: a value, a list of values, or `{"min", "max"}`.
    language: preferred, and that of a room to create.  max_players, bots, title: of a room to create.
    reopen: the room named was there before the server was restarted; if it is gone, open it again under its code, like
    one to create, or else like one of quick play.  host: in that room, one was the host.
    """

    create: bool = False
    private: bool = True
    settings: dict[str, Any] = {}
    filter: dict[str, Any] = {}
    language: Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?\Z", max_length=8)] | None = None
    max_players: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    bots: Annotated[int, Meta(ge=0, le=1_000)] | None = None
    title: Annotated[str, Meta(max_length=160)] = ""
    reopen: bool = False
    host: bool = False


class Join(Message):
    """Take a seat: in the room named, in a new one, or in the best open one; or watch.

    token: a signed ticket.  guest: the key of a guest who comes back. Both are secrets, and are not logged.
    """

    name: str = ""
    room: str | None = None
    token: str | None = None
    guest: str | None = None
    seat: str | None = None
    role: Role = "player"
    options: dict[str, Any] = msgspec.field(default_factory=dict)


class Resume(Message):
    """Come back to the seat of a session. `serial`: the highest one received."""

    session: str
    serial: Count = 0


class Cancel(Message):
    """Stop waiting for a match."""


class WatchRooms(Message):
    """Be told of the public rooms, and of what changes about them."""

    on: bool = True


class Reserve(Message):
    """Keep seats for others for a while."""

    seats: Annotated[int, Meta(ge=1, le=8)] = 1
    room: str | None = None
    options: dict[str, Any] = msgspec.field(default_factory=dict)


class EnterParty(Message, tag="party"):
    """Found a party, or enter the one with this code. The rest is as in `join`."""

    code: str | None = None
    name: str = ""
    token: str | None = None
    guest: str | None = None


class LeaveParty(Message):
    pass


class Input(Message, Generic[InputT]):
    """A player's input. `seq` grows with every input; the highest one applied comes back as `ack`.

    tick: the tick that it is for.  seen: the tick that the player's picture showed.
    """

    seq: Count
    data: InputT
    tick: Count | None = None
    seen: Annotated[float, Meta(ge=-1e9, le=2**53)] | None = None


class Chat(Message):
    text: str
    to: Literal["all", "team"] = "all"


class Mute(Message):
    """Hear no chat of a player, or hear it again."""

    player_id: str
    muted: bool = True


class Ping(Message):
    """Any number; it comes back in `pong`."""

    time: float


class Leave(Message):
    """Give the seat back and stay connected."""


class Team(Message):
    """Change to another team. Possible while no match runs."""

    team: str


class Ready(Message):
    """Ready for the match, or, while results are shown, for the next one."""

    ready: bool = True


class Start(Message):
    """The host begins the match."""


class SetRoom(Message):
    """The host changes the room. What is left out stays."""

    settings: dict[str, Any] | None = None
    private: bool | None = None
    locked: bool | None = None
    bots: Annotated[int, Meta(ge=0, le=1_000)] | None = None
    max_players: Annotated[int, Meta(ge=1, le=10_000)] | None = None


class Kick(Message):
    """The host sends a player away; with `ban` for as long as the room exists."""

    player_id: str
    ban: bool = False


class PassHost(Message):
    player_id: str


class Pause(Message):
    """Agree to a pause, or end it."""

    paused: bool


class CallVote(Message):
    kind: Literal["kick", "settings"]
    player_id: str | None = None
    settings: dict[str, Any] | None = None


class CastVote(Message, tag="vote"):
    """`choice` is an index into the vote's choices."""

    id: Count
    choice: Annotated[int, Meta(ge=0, le=100)]


#: What players say about their room.
RoomMessage = Ready | Start | SetRoom | Kick | PassHost | Pause | CallVote | CastVote | Team

ClientMessage = (
    Join
    | Resume
    | Cancel
    | WatchRooms
    | Reserve
    | EnterParty
    | LeaveParty
    | Input[Any]
    | Chat
    | Mute
    | Ping
    | Leave
    | Team
    | Ready
    | Start
    | SetRoom
    | Kick
    | PassHost
    | Pause
    | CallVote
    | CastVote
)
