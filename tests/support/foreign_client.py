"""A client that is not ours: the protocol on the `websockets` library."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL, merge_patch
from tests.support.serving import PATIENCE

BOTH = pytest.mark.parametrize("subprotocol", [JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL])


class Client:
    """Speaks the protocol as its documentation says, on a `websockets` connection."""

    socket: ClientConnection

    def __init__(self, port: int, subprotocol: str) -> None:
        # A queue that fills up would stop the library from reading, its own close handshake included.
        self._connect = connect(f"ws://127.0.0.1:{port}/ws", subprotocols=[Subprotocol(subprotocol)], max_queue=None)
        self.subprotocol = subprotocol
        self.text = subprotocol == JSON_SUBPROTOCOL
        self.state: Any = None
        self.tick = -1
        self.deltas = 0
        self.ack = -1

    def __enter__(self) -> Client:
        self.socket = self._connect.__enter__()
        assert self.socket.subprotocol == self.subprotocol
        return self

    def __exit__(self, *_: object) -> None:
        self._connect.__exit__(None, None, None)

    def send(self, type: str, **fields: Any) -> None:
        message = {"type": type, **fields}
        if self.text:
            self.socket.send(msgspec.json.encode(message).decode())
        else:
            self.socket.send(msgspec.msgpack.encode(message))

    def next_message(self) -> dict[str, Any]:
        data = self.socket.recv(timeout=PATIENCE)
        assert isinstance(data, str) == self.text
        message: dict[str, Any] = (msgspec.json if self.text else msgspec.msgpack).decode(data)
        if message["type"] == "state":
            self.state = message["state"]
        elif message["type"] == "delta":
            # The last state of a match that somebody else ends has the tick of the one before.
            assert message["tick"] - self.tick in (0, 1)
            self.state = merge_patch.apply(self.state, message["patch"])
            self.deltas += 1
        else:
            return message
        self.tick, self.ack = message["tick"], message.get("ack", self.ack)
        return message

    def expect(self, type: str) -> dict[str, Any]:
        while (message := self.next_message())["type"] != type:
            assert message["type"] != "error", message
        return message

    def state_after(self, tick: int) -> None:
        while self.tick <= tick:
            assert self.next_message()["type"] != "error"

    def join(self, **fields: Any) -> dict[str, Any]:
        self.send("join", **fields)
        return self.expect("joined")
