"""A client for Python programs: bots, tests, load, agents, a game of one's own with a screen.

    import asyncio
    from rumpus.client import Client

    async def main():
        async with await Client.connect("http://localhost:8000") as client:
            await client.join("Ann", settings={"mode": "ffa"})
            async for message in client.messages("delta", "state", "game_over"):
                if message["type"] == "game_over":
                    break
                me = client.state["players"][client.player_id]
                client.input(move_x=1 if me["x"] < 1000 else -1, move_y=0, aim=0, fire=True)

    asyncio.run(main())

Messages are plain dicts, as `docs/protocol.md` shows them; a game may send types of its own, so there is no closed set
to make classes of. It is built on picows like the server, because a load test runs hundreds of these in one process.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from weakref import WeakSet

import msgspec
from picows import WSCloseCode, WSMsgType, WSTransport

from ..errors import JoinError
from ..protocol import Role, RoomStatus
from ..protocol.codec import JSON, MSGPACK
from .inbox import Inbox, Message
from .replica import SNAPSHOT_MARK, Replica
from .wire import LOST, ClosedError, ConnectError, open_wire, parse_address

__all__ = ["Client", "ClosedError", "ConnectError", "Message", "parse_address"]

logger = logging.getLogger(__name__)

_MARK = bytes((SNAPSHOT_MARK,))
#: Seconds that the server gets to answer a close frame.
_CLOSE_TIMEOUT = 2.0


class _Header(msgspec.Struct):
    """What is read of a snapshot by a client that keeps no state."""

    type: str
    tick: int = 0
    ack: int | None = None


class Client:
    """One connection to a server, and at most one seat. Made by `connect`.

    Everything happens on the event loop; nothing here may be called from another thread. The attributes are kept up
    to date as messages arrive; `on_message`, if given, is then called with each message, and must not block.
    """

    def __init__(self, *, on_message: Callable[[Message], None] | None = None, keep_state: bool = True) -> None:
        self.on_message = on_message
        #: Players in the room by id: dicts with `player_id`, `name`, `team`, `bot`.
        self.players: dict[str, dict[str, Any]] = {}
        #: The id of one's own player and of its room; empty while there is no seat.
        self.player_id = ""
        self.room_id = ""
        self.status: RoomStatus | None = None
        #: What gives the seat back after the connection was lost, see `resume`: the session's secret, and the highest
        #: serial number of a message received.
        self.session = ""
        self.serial = 0
        #: The whole `joined` message: the game's name, tick rate, settings, schema and more.
        self.joined: Message = {}
        #: Payload received: in all, and in `snapshots` states and deltas.
        self.bytes_received = 0
        self.snapshots = 0
        self.snapshot_bytes = 0
        #: How the connection ended; None while it is open.
        self.close_code: int | None = None
        self.close_reason = ""
        self._keep_state = keep_state
        self._replica = Replica(keep_state)
        self._link_room: str | None = None
        self._seq = 0
        self._asked: asyncio.Future[Message] | None = None
        #: The type of the message that answers it.
        self._answer = ""
        self._pings: dict[float, asyncio.Future[float]] = {}
        self._inboxes: WeakSet[Inbox] = WeakSet()
        self._ended = asyncio.Event()

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        msgpack: bool = False,
        on_message: Callable[[Message], None] | None = None,
        keep_state: bool = True,
        timeout: float = 10.0,  # noqa: ASYNC109  # it bounds the handshake too, which asyncio.timeout outside cannot name
    ) -> Client:
        """Connect to the server at `url`; see `parse_address` for what that may be.

        msgpack: speak `rumpus.v1.msgpack` instead of JSON.  keep_state: leave it out where `state` is never read; a
        snapshot then costs a fraction, and its message has only `type`, `tick` and `ack`.  timeout: seconds.
        Raises ConnectError.
        """
        address = parse_address(url)
        codec = MSGPACK if msgpack else JSON
        client = cls(on_message=on_message, keep_state=keep_state)
        client._link_room = address.room
        client._encode = codec.encode
        client._decode = msgspec.msgpack.decode if msgpack else msgspec.json.decode
        decoder = msgspec.msgpack.Decoder(_Header) if msgpack else msgspec.json.Decoder(_Header)
        client._decode_header = decoder.decode
        client._type = WSMsgType.TEXT if codec.text else WSMsgType.BINARY
        client._transport = await open_wire(address, codec.subprotocol, client, timeout)
        return client

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    # To the server.

    async def join(
        self,
        name: str = "",
        room: str | None = None,
        *,
        role: Role = "player",
        token: str | None = None,
        guest: str | None = None,
        seat: str | None = None,
        **options: Any,
    ) -> Message:
        """Take a seat and return the `joined` message.

        room: a room's code; left out, that of the link given to `connect`, or else the best open room. role:
        "spectator" to watch. token: a signed ticket; guest: a random key of one's own that names the player from now
        on; seat: a seat that was reserved. options: as the protocol has them, such as settings={"mode": "ffa"} or
        create=True. Raises JoinError with the server's code (`room_not_found`, `room_full`, ...) and sentence, or
        ClosedError.
        """
        message = {"type": "join", "name": name, "room": room or self._link_room, "role": role, "options": options}
        return await self._ask("joined", message | _given(token=token, guest=guest, seat=seat))

    async def enter_party(
        self, name: str = "", code: str | None = None, *, token: str | None = None, guest: str | None = None
    ) -> Message:
        """Found a party, or enter the one with this code, and return the `party` message.

        name, token and guest say who one is, as those of `join`: the leader's join is for all, and whoever follows
        plays as who entered. Raises JoinError (`party_not_found`, `party_full`, ...) or ClosedError.
        """
        return await self._ask("party", {"type": "party", "name": name} | _given(code=code, token=token, guest=guest))

    async def resume(self, session: str, serial: int = 0) -> Message:
        """Come back to the seat of a client whose connection was lost, and return the `joined` message.

        session, serial: that client's. Messages that it missed follow. Raises JoinError (`session_expired`) or
        ClosedError.
        """
        self.serial = serial
        return await self._ask("joined", {"type": "resume", "session": session, "serial": serial})

    async def _ask(self, answer: str, message: Message) -> Message:
        if self._asked is not None:
            raise JoinError("already_joined", "A join is on its way already.")
        self._asked, self._answer = asyncio.get_running_loop().create_future(), answer
        try:
            self.send(message)
            return await self._asked
        finally:
            self._asked = None

    def input(self, **data: Any) -> int:
        """Send the fields of an input. Returns its number; `ack` reaches it when the game has seen it."""
        return self.send_input(data)

    def send_input(self, data: Mapping[str, Any]) -> int:
        """The same with the fields in a mapping."""
        self._seq += 1
        self.send({"type": "input", "seq": self._seq, "data": data})
        return self._seq

    def chat(self, text: str) -> None:
        self.send({"type": "chat", "text": text})

    def change_team(self, team: str) -> None:
        """Ask for another team; possible while no match runs."""
        self.send({"type": "team", "team": team})

    async def ping(self) -> float:
        """The round trip to the server's game loop and back, in seconds."""
        sent = time.perf_counter()
        answer: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._pings[sent] = answer
        try:
            self.send({"type": "ping", "time": sent})
            return await answer
        finally:
            del self._pings[sent]

    async def leave(self) -> None:
        """Give the seat back and stay connected. Does nothing without a seat."""
        if self.player_id:
            left = self.messages("player_left")
            self.send({"type": "leave"})
            async for _ in left:
                if not self.player_id:
                    return

    def send(self, message: Mapping[str, Any]) -> None:
        """Send any message, a mapping with a `type`. Raises ClosedError if the connection has ended."""
        if self.close_code is not None:
            raise ClosedError(self.close_code, self.close_reason)
        self._transport.send(self._type, self._encode(message))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the connection and wait until it has ended."""
        transport = self._transport
        if self.close_code is None and not transport.is_close_frame_sent:
            transport.send_close(WSCloseCode(code), reason)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                await self._ended.wait()
        transport.disconnect(False)
        # An immediate disconnect is still reported a turn of the loop later.
        await self._ended.wait()

    def drop(self) -> None:
        """End the connection at once and without a word, as a network that fails does."""
        self._transport.disconnect(False)

    # From the server.

    @property
    def state(self) -> Any:
        """The game's state as it was last received, patches applied. None before the first, or without `keep_state`."""
        return self._replica.state

    @property
    def tick(self) -> int:
        """The tick of the last state."""
        return self._replica.tick

    @property
    def ack(self) -> int:
        """The last input that had been applied in the last state; -1 before the first."""
        return self._replica.ack

    @property
    def closed(self) -> bool:
        return self.close_code is not None

    def messages(self, *kinds: str) -> AsyncIterator[Message]:
        """Messages from now on, all or those of the types given, until the connection ends.

        At most 10,000 unread ones are kept, the newest.
        """
        inbox = Inbox(frozenset(kinds))
        if self.closed:
            inbox.end()
        else:
            self._inboxes.add(inbox)
        return inbox

    def __aiter__(self) -> AsyncIterator[Message]:
        return self.messages()

    async def wait_for(self, *kinds: str) -> Message:
        """The next message of one of these types. Raises ClosedError if the connection ends first.

        One that may come before this is called, such as the `game_started` that follows `joined` at once, is better
        read from `messages`, called before the join.
        """
        async for message in self.messages(*kinds):
            return message
        raise ClosedError(self.close_code or LOST, self.close_reason)

    async def wait_closed(self) -> None:
        """Wait until the connection has ended."""
        await self._ended.wait()

    # Set by `connect`; how to write and read is fixed by the sub-protocol.
    _transport: WSTransport
    _type: WSMsgType
    _encode: Callable[[Any], bytes]
    _decode: Callable[[bytes], Any]
    _decode_header: Callable[[bytes], _Header]

    def on_data(self, data: bytes) -> None:
        """A whole message has arrived."""
        size = len(data)
        self.bytes_received += size
        if data[:1] == _MARK:
            self._count_snapshot(size)
            for message in self._replica.on_snapshot(data):
                self._deliver(message)
            return
        if self._keep_state:
            message = self._decode(data)
            kind = message["type"]
        else:
            header = self._decode_header(data)
            kind = header.type
            if kind == "delta" or kind == "state":
                message = {"type": kind, "tick": header.tick}
                if header.ack is not None:
                    message["ack"] = header.ack
            else:
                message = self._decode(data)
        self._replica.on_message(message)
        if kind == "delta" or kind == "state":
            self._count_snapshot(size)
        else:
            self._on_control(kind, message)
        self._deliver(message)

    def _count_snapshot(self, size: int) -> None:
        self.snapshots += 1
        self.snapshot_bytes += size

    def _deliver(self, message: Message) -> None:
        if self.on_message is not None:
            try:
                self.on_message(message)
            except Exception:
                # A defect of the caller's, on a path that the caller is not on.
                logger.exception("on_message raised")
        if self._inboxes:
            for inbox in list(self._inboxes):
                inbox.put(message)

    def _on_control(self, kind: str, message: Message) -> None:
        if "serial" in message:
            self.serial = max(self.serial, message["serial"])
        if kind == "joined":
            self.joined = message
            self.session, self.serial = message["session"], message["serial"]
            self.player_id, self.room_id, self.status = message["player_id"], message["room_id"], message["status"]
            self.players = {player["player_id"]: player for player in message["players"]}
        elif kind in ("player_joined", "player_changed"):
            self.players[message["player"]["player_id"]] = message["player"]
        elif kind == "player_left":
            self.players.pop(message["player_id"], None)
            if message["player_id"] == self.player_id:
                self._seat_lost()
        elif kind == "game_started":
            self.status = "in-progress"
        elif kind == "game_over":
            self.status = "ended"
        elif kind == "room_reset":
            self.status = "waiting"
        elif kind == "pong":
            answer = self._pings.get(message["time"])
            if answer is not None and not answer.done():
                answer.set_result(time.perf_counter() - message["time"])
        elif kind == "error" and message["code"] == "game_error":
            self._seat_lost()
        asked = self._asked if self._asked is not None and not self._asked.done() else None
        if asked is not None and kind == self._answer:
            asked.set_result(message)
        elif asked is not None and kind == "error":
            # Errors do not say what they answer; one that comes while a join waits is the answer to it.
            asked.set_exception(JoinError(message["code"], message["message"]))

    def _seat_lost(self) -> None:
        self.player_id = self.room_id = self.session = ""
        self.status = None
        self._replica.forget()
        self.joined, self.players = {}, {}

    def on_end(self, code: int, reason: str) -> None:
        self.close_code, self.close_reason = code, reason
        waiting = [self._asked, *self._pings.values()]
        for future in waiting:
            if future is not None and not future.done():
                future.set_exception(ClosedError(code, reason))
        for inbox in list(self._inboxes):
            inbox.end()
        self._ended.set()


def _given(**fields: str | None) -> Message:
    """Those that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
