"""The messages of wire contract version 1, declared once.

From these Structs come decoding, validation, both encodings and the tables in `docs/protocol.md`. Nothing here does
I/O. A message's class name in snake case is its `type` on the wire.
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta

JSON_SUBPROTOCOL = "rumpus.v1.json"
MSGPACK_SUBPROTOCOL = "rumpus.v1.msgpack"

RoomStatus = Literal["waiting", "in-progress", "ended"]

InputT = TypeVar("InputT")

#: Counts on the wire stay exact in JavaScript.
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]


def _snake(name: str) -> str:
    return "".join("_" + char.lower() if char.isupper() else char for char in name).lstrip("_")


class _Message(msgspec.Struct, tag_field="type", tag=_snake, kw_only=True, gc=False):
    """Base of all messages. Fields a sender adds beyond these are ignored."""


# Client to server.


class JoinOptions(msgspec.Struct, kw_only=True):
    """What `join.options` may hold for the server; a game sees the whole object in `PlayerInfo.options`.

    create: make a new room instead of looking for one.  private: keep it out of lists and quick play.
    settings: of the room to create, or that a room found by quick play must have.
    """

    create: bool = False
    private: bool = True
    settings: dict[str, Any] = {}


class Join(_Message):
    """Take a seat: in the room named, in a new one, or in the best open one.

    token: a signed ticket.  guest: the key of a guest who comes back. Both are secrets: they are not logged.
    """

    name: str = ""
    room: str | None = None
    token: str | None = None
    guest: str | None = None
    role: Literal["player", "spectator"] = "player"
    options: dict[str, Any] = {}


class Input(_Message, Generic[InputT]):
    """A player's input. `seq` grows with every input; the highest one applied comes back as `ack`.

    tick: the tick that it is for.  seen: the tick that the player's picture showed.
    """

    seq: Count
    data: InputT
    tick: Count | None = None
    seen: Annotated[float, Meta(ge=-1e9, le=2**53)] | None = None


class Chat(_Message):
    text: str


class Ping(_Message):
    """Any number; it comes back in `pong`."""

    time: float


class Leave(_Message):
    """Give the seat back and stay connected."""


class Team(_Message):
    """Change to another team. Possible while no match runs."""

    team: str


ClientMessage = Join | Input[Any] | Chat | Ping | Leave | Team


# Server to client.


class PlayerView(msgspec.Struct, kw_only=True):
    """A player as other clients see them."""

    player_id: str
    name: str
    team: str | None
    bot: bool


class ResultView(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One line of the results. `rank` starts at 1; equal ranks mean a tie."""

    player_id: str
    name: str
    score: float
    rank: int
    team: str | None = None


class Joined(_Message):
    player_id: str
    room_id: str
    session: str
    game: str
    status: RoomStatus
    start: str
    private: bool
    tick: int
    tick_rate: float
    send_rate: float
    max_rewind: float
    input_hold: float
    min_players: int
    max_players: int
    teams: list[str]
    settings: Any
    players: list[PlayerView]
    schema: dict[str, Any] | msgspec.Raw
    static: dict[str, Any] | None


class PlayerJoined(_Message):
    player: PlayerView


class PlayerLeft(_Message):
    player_id: str
    reason: str


class PlayerChanged(_Message):
    player: PlayerView


class GameStarted(_Message):
    tick: int
    settings: Any
    static: dict[str, Any]


class Event(_Message):
    tick: int | float
    name: str
    data: Any


class GameOver(_Message):
    tick: int
    reason: str
    results: list[ResultView]
    next_in: float


class RoomReset(_Message):
    pass


class ChatLine(_Message, tag="chat"):
    player_id: str
    text: str


class Notice(_Message):
    level: Literal["info", "warning"]
    text: str


class Pong(_Message):
    time: float
    server_time: float
    tick: int


class Error(_Message):
    code: str
    message: str


ServerMessage = (
    Joined
    | PlayerJoined
    | PlayerLeft
    | PlayerChanged
    | GameStarted
    | Event
    | GameOver
    | RoomReset
    | ChatLine
    | Notice
    | Pong
    | Error
)

#: Close codes of RFC 6455 that the server uses, and when.
GOING_AWAY = 1001  #: the server stops
PROTOCOL_ERROR = 1002  #: frames that break RFC 6455
INVALID_TEXT = 1007  #: a text message that is not UTF-8
POLICY_VIOLATION = 1008  #: a flood, silence, or a client that never reads or joins
TOO_BIG = 1009  #: a message over the size limit
INTERNAL_ERROR = 1011  #: a defect of the server
