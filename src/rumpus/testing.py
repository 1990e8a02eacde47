"""For tests of servers and games: a clock that stands still until told, and clients that need no network.

    match = Playground(MyGame, start="full", max_players=2)
    ann, ben = match.connect("Ann"), match.connect("Ben")
    ann.input(move=1)
    match.run(seconds=0.5)
    assert ann.state["players"][ann.player_id]["x"] > 0

Everything between the codec and the game is the code that runs in production; only sockets and time are replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from .client.replica import SNAPSHOT_MARK, Replica
from .config import Limits, RoomOptions
from .connection import Connection
from .game.contract import ChatFilter, Game
from .protocol.codec import CODECS, JSON, Codec
from .server.game_server import GameServer
from .server.rating_lookup import RatingSource
from .server.session import Session

if TYPE_CHECKING:
    from .results.storage.recorder import Recorder


class VirtualClock:
    """A clock that moves only when `advance` or `work` is called. Time in seconds."""

    def __init__(self, start: float = 1000.0) -> None:
        self._now = start
        self._used = 0.0

    def now(self) -> float:
        return self._now

    def used(self) -> float:
        return self._used

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self._now += seconds

    def work(self, seconds: float) -> None:
        """The server computes for so long."""
        self.advance(seconds)
        self._used += seconds


class MemoryConnection(Connection):
    """The server's end of a connection in memory. What the server sends is kept in `sent`, as bytes."""

    def __init__(self, codec: Codec = JSON, address: str = "memory") -> None:
        self.codec = codec
        self.address = address
        self.sent: list[bytes] = []
        #: Set it and the client answers no more pings, like one whose network is gone without a word.
        self.mute = False
        #: The close code and reason, once the server has closed.
        self.close_code: int | None = None
        self.close_reason = ""

    def send(self, data: bytes) -> None:
        if not self.closed:
            self.sent.append(data)

    def ping(self) -> None:
        if not self.mute:
            self.heard = True
            self.receiver.on_pong()

    def close(self, code: int, reason: str = "") -> None:
        if not self.closed:
            self.close_code, self.close_reason = code, reason
            self.disconnect()

    def disconnect(self) -> None:
        """The connection is gone, as when a client's network is."""
        if not self.closed:
            self.closed = True
            self.receiver.on_disconnect()

    def receive(self, data: bytes) -> None:
        """A message arrives from the client."""
        if not self.closed:
            self.heard = True
            self.receiver.on_message(data)


class MemoryClient:
    """A client in memory: sends messages, keeps what it receives and the state that results from it."""

    def __init__(self, connection: MemoryConnection, session: Session) -> None:
        self.connection = connection
        self.session = session
        self._player_id = self._room_id = ""
        #: What brings this client back after its connection is lost, and the highest serial number received.
        self.token = ""
        self.serial = 0
        self._following = Replica()
        self._seq = 0
        self._read = 0
        self._messages: list[dict[str, Any]] = []

    @property
    def player_id(self) -> str:
        """Who this client is, or was last, in the room `room_id`; empty before the first."""
        self._take()
        return self._player_id

    @property
    def room_id(self) -> str:
        self._take()
        return self._room_id

    def send(self, message: Mapping[str, Any] | bytes) -> None:
        """Send a message, or bytes as they are."""
        data = message if isinstance(message, bytes) else self.connection.codec.encode(message)
        self.connection.receive(data)
        self._take()

    def join(self, name: str = "", room: str | None = None, **options: Any) -> None:
        self.send({"type": "join", "name": name, "room": room, "options": options})

    def input(self, **data: Any) -> int:
        """Send an input; returns its sequence number."""
        self._seq += 1
        self.send({"type": "input", "seq": self._seq, "data": data})
        return self._seq

    def timed_input(self, tick: int, *, seen: float | None = None, **data: Any) -> int:
        """Send an input for a tick, made on seeing the tick `seen`; returns its sequence number."""
        self._seq += 1
        self.send({"type": "input", "seq": self._seq, "data": data, "tick": tick, "seen": seen})
        return self._seq

    def messages(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Everything received so far, or everything of one type."""
        self._take()
        return [message for message in self._messages if kind is None or message["type"] == kind]

    def last(self, kind: str) -> dict[str, Any]:
        """The newest message of a type. Raises LookupError if there is none."""
        found = self.messages(kind)
        if not found:
            have = ", ".join(sorted({message["type"] for message in self._messages})) or "nothing"
            raise LookupError(f"no {kind!r} was received; received: {have}")
        return found[-1]

    def errors(self) -> list[str]:
        """Codes of the errors received."""
        return [message["code"] for message in self.messages("error")]

    @property
    def state(self) -> Any:
        """The game's state as this client knows it, deltas applied."""
        self._take()
        return self._following.state

    @property
    def ack(self) -> int | None:
        """The last input that was acknowledged."""
        self._take()
        return self._following.ack if self._following.ack >= 0 else None

    def _take(self) -> None:
        decode = msgspec.json.decode if self.connection.codec.text else msgspec.msgpack.decode
        for data in self.connection.sent[self._read :]:
            if data[0] == SNAPSHOT_MARK:
                self._messages += self._following.on_snapshot(data)
                continue
            message = decode(data)
            if message["type"] == "joined":
                self._player_id, self._room_id = message["player_id"], message["room_id"]
                self.token = message["session"]
            self.serial = max(self.serial, message.get("serial", 0))
            self._following.on_message(message)
            self._messages.append(message)
        self._read = len(self.connection.sent)


class Playground:
    """A GameServer on a virtual clock, with clients in memory. Keyword options are those of RoomOptions."""

    def __init__(
        self,
        game: type[Game],
        limits: Limits | None = None,
        seed: int = 1,
        chat_filter: ChatFilter | None = None,
        ratings: RatingSource | None = None,
        recorder: Recorder | None = None,
        **options: Any,
    ) -> None:
        self.clock = VirtualClock()
        self._connected = 0
        random = Random(seed)  # noqa: S311  # repeatable on purpose
        self.server = GameServer(
            game,
            RoomOptions(**options),
            limits,
            clock=self.clock,
            random=random,
            ratings=ratings,
            recorder=recorder,
            chat_filter=chat_filter,
        )

    def connect(
        self,
        name: str | None = None,
        room: str | None = None,
        subprotocol: str = JSON.subprotocol,
        address: str | None = None,
        **options: Any,
    ) -> MemoryClient:
        """A new client; with a name it joins at once. address: where from; left out, from where nobody else comes."""
        self._connected += 1
        connection = MemoryConnection(CODECS[subprotocol], address or f"memory-{self._connected}")
        client = MemoryClient(connection, self.server.handle_client(connection))
        if name is not None:
            client.join(name, room, **options)
        return client

    def resume(self, lost: MemoryClient, address: str | None = None) -> MemoryClient:
        """Another client that comes back to the seat of one whose connection was lost, or takes it over.

        address: where it comes from; left out, the same as before.
        """
        lost.messages()
        before = lost.connection
        client = self.connect(subprotocol=before.codec.subprotocol, address=address or before.address)
        client.serial = lost.serial
        client.send({"type": "resume", "session": lost.token, "serial": lost.serial})
        return client

    def run(self, seconds: float) -> None:
        """Let time pass, ticking whenever something is due."""
        end = self.clock.now() + seconds
        while True:
            delay = max(self.server.tick(), 1e-6)
            if self.clock.now() + delay > end:
                break
            self.clock.advance(delay)
        self.clock.advance(max(0.0, end - self.clock.now()))

    def run_until(self, kind: str, client: MemoryClient, limit: float = 600.0) -> dict[str, Any]:
        """Let time pass until `client` gets a message of this type that it did not have yet. Raises TimeoutError."""
        had = len(client.messages(kind))
        end = self.clock.now() + limit
        while self.clock.now() < end:
            self.run(0.05)
            if len(client.messages(kind)) > had:
                return client.last(kind)
        raise TimeoutError(f"no {kind!r} within {limit} s of virtual time")
