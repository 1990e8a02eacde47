"""What the server says. A message's class name in snake case is its `type` on the wire, unless `tag` says otherwise."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from .base import Message, Role, RoomStatus, VoteKind


class PlayerView(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A player as other clients see them.

    away: the connection is lost, the seat is held.  out: plays no more in this match.  rating: points, if known.
    signed: the name is that of a ticket.
    """

    player_id: str
    name: str
    team: str | None
    bot: bool
    away: bool = False
    out: bool = False
    ready: bool = False
    rating: int | None = None
    signed: bool = False


class VoteView(msgspec.Struct, kw_only=True):
    """A vote that is running. Times in seconds; `needed`: votes for a choice that decide at once."""

    id: int
    kind: VoteKind
    by: str | None
    player_id: str | None
    choices: list[str]
    settings: list[dict[str, Any]] | None
    ends_in: float
    needed: int
    counts: list[int]


class RoomListing(msgspec.Struct, kw_only=True):
    """A public room as lists show it. rating: mean of its people, in points."""

    room_id: str
    game: str
    status: RoomStatus
    players: int
    bots: int
    reserved: int
    max_players: int
    spectators: int
    max_spectators: int
    open: bool
    locked: bool
    title: str
    language: str | None
    rating: int | None
    settings: Any


class PartyMember(msgspec.Struct, kw_only=True):
    id: str
    name: str
    here: bool
    room_id: str | None


class ResultView(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One line of the results. `rank` starts at 1; equal ranks mean a tie."""

    player_id: str
    name: str
    score: float
    rank: int
    team: str | None = None


class Joined(Message, kw_only=True):
    player_id: str
    room_id: str
    session: str
    role: Role = "player"
    resumed: bool = False
    serial: int = 0
    game: str
    status: RoomStatus
    start: str
    private: bool
    locked: bool = False
    title: str = ""
    language: str | None = None
    host: str | None = None
    paused: bool = False
    can_pause: bool = False
    tick: int
    tick_rate: float
    send_rate: float
    max_rewind: float
    input_hold: float
    min_players: int
    max_players: int
    bots: int = 0
    spectators: int = 0
    spectator_delay: float = 0.0
    reconnect_time: float = 0.0
    teams: list[str]
    settings: Any
    players: list[PlayerView]
    votes: list[VoteView] = msgspec.field(default_factory=list)
    rating: int | None = None
    schema: dict[str, Any] | msgspec.Raw
    static: dict[str, Any] | msgspec.Raw | None


class PlayerJoined(Message):
    player: PlayerView


class PlayerLeft(Message):
    player_id: str
    reason: str


class PlayerChanged(Message):
    player: PlayerView


class GameStarted(Message):
    tick: int
    settings: Any
    static: dict[str, Any]


class Stalled(Message):
    """The server stood still: after `tick`, the time of so many `ticks` is given up; the next one is later by that."""

    tick: int
    ticks: int


class Event(Message):
    tick: int | float
    name: str
    data: Any
    serial: int | UnsetType = UNSET


class GameOver(Message):
    """`secret_seed`: what was random came from it, in hexadecimal digits; told now that nobody has any use of it."""

    tick: int
    reason: str
    results: list[ResultView]
    next_in: float
    match_id: str = ""
    secret_seed: str = ""
    serial: int | UnsetType = UNSET
    unrated: str | UnsetType = UNSET


class RatingChange(msgspec.Struct, kw_only=True):
    """Points before and after a match."""

    player_id: str
    before: int
    after: int


class Rated(Message):
    ratings: list[RatingChange]


class RoomReset(Message):
    pass


class RoomChanged(Message):
    """Only what has changed. `resumes_in`: seconds until a pause is over."""

    host: str | UnsetType | None = UNSET
    locked: bool | UnsetType = UNSET
    private: bool | UnsetType = UNSET
    settings: Any = UNSET
    teams: list[str] | UnsetType = UNSET
    bots: int | UnsetType = UNSET
    max_players: int | UnsetType = UNSET
    min_players: int | UnsetType = UNSET
    paused: bool | UnsetType = UNSET
    resumes_in: float | UnsetType = UNSET
    spectators: int | UnsetType = UNSET


class ChatLine(Message, tag="chat", omit_defaults=True):
    player_id: str
    text: str
    name: str = ""
    to: Literal["all", "team"] = "all"
    spectator: bool | UnsetType = UNSET
    serial: int | UnsetType = UNSET


class Notice(Message):
    level: Literal["info", "warning"]
    text: str
    serial: int | UnsetType = UNSET


class VoteStarted(Message):
    vote: VoteView


class VoteCounted(Message):
    """How it stands. `needed` changes when people come and go."""

    id: int
    counts: list[int]
    needed: int


class VoteEnded(Message):
    """`chosen` is an index into the choices; null: none of them had enough."""

    id: int
    chosen: int | None


class Queued(Message):
    """No room fits yet. waited: seconds. window: how far a room's rating may be from one's own, in points."""

    waited: float
    window: int | None
    searching: int


class QueueLeft(Message):
    reason: str


class Watching(Message):
    """The delayed stream begins in so many seconds."""

    starts_in: float


class Party(Message):
    code: str
    you: str
    leader: str
    members: list[PartyMember]


class PartyLeft(Message):
    reason: str


class Rooms(Message):
    rooms: list[RoomListing]


class RoomsChanged(Message):
    rooms: list[RoomListing]
    gone: list[str]


class Reserved(Message):
    room_id: str
    seats: list[str]
    expires_in: float


class Pong(Message):
    time: float
    server_time: float
    tick: int


class Error(Message):
    code: str
    message: str


ServerMessage = (
    Joined
    | PlayerJoined
    | PlayerLeft
    | PlayerChanged
    | GameStarted
    | Stalled
    | Event
    | GameOver
    | Rated
    | RoomReset
    | RoomChanged
    | ChatLine
    | Notice
    | VoteStarted
    | VoteCounted
    | VoteEnded
    | Queued
    | QueueLeft
    | Watching
    | Party
    | PartyLeft
    | Rooms
    | RoomsChanged
    | Reserved
    | Pong
    | Error
)
