"""A client's copy of the state: plain data with patches applied, or tables out of binary snapshots. Sans-I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..protocol import merge_patch

if TYPE_CHECKING:
    from ..replication.decode import Decoder

#: The first byte of a binary snapshot.
SNAPSHOT_MARK = 0xC1


class Replica:
    """Follows the state of one room from the messages of its server.

    keep: whether there will be a `state`; without, snapshots are only looked at, not decoded.
    """

    def __init__(self, keep: bool = True) -> None:
        self.tick = 0
        #: The last input that the newest state takes into account; -1 before the first.
        self.ack = -1
        #: How long before its tick this input came (s), if it was for one.
        self.margin: float | None = None
        self._keep = keep
        self._plain: Any = None
        self._decoder: Decoder | None = None
        self._static: dict[str, Any] = {}
        #: Whether `_plain` is that of the tables as they are.
        self._is_current = True

    @property
    def state(self) -> Any:
        """The whole state as plain data; None before the first. Of tables it is made when it is asked for."""
        if not self._is_current and self._decoder is not None:
            self._plain = {**self._static, **self._decoder.plain()}
            self._is_current = True
        return self._plain

    def forget(self) -> None:
        """There is no seat any more."""
        self._plain = self._decoder = None
        self._is_current = True

    def on_message(self, message: dict[str, Any]) -> None:
        """Any message that is no snapshot; some say what snapshots will mean."""
        kind = message["type"]
        if kind == "state" or kind == "delta":
            self.tick = message["tick"]
            self.ack = message.get("ack", self.ack)
            self.margin = message.get("margin")
            if self._keep:
                whole = kind == "state"
                self._plain = message["state"] if whole else merge_patch.apply(self._plain, message["patch"])
        elif kind == "joined" or kind == "game_started":
            self.ack = -1
            self.margin = None
            # Until the first snapshot comes, the state is the last one, whole: its tables with the new `static` would
            # be a state that never was.
            self._plain, self._is_current = self.state, True
            self._static = message.get("static") or {}
            tables = message.get("schema", {}).get("tables")
            if tables and self._keep:
                from ..replication.decode import Decoder

                self._decoder = Decoder(tables)

    def on_snapshot(self, data: bytes) -> list[dict[str, Any]]:
        """A binary snapshot. Returns messages that say the same: a `state` or `delta` without its body, and events.

        Raises SnapshotError.
        """
        if self._decoder is not None:
            snapshot = self._decoder.apply(data)
            self.tick, self.ack, keyframe, events, self.margin = snapshot
            self._is_current = False
        else:
            self.tick, self.ack, keyframe = read_header(data)
            events = []
        head: dict[str, Any] = {"type": "state" if keyframe else "delta", "tick": self.tick}
        if self.ack >= 0:
            head["ack"] = self.ack
        if self.margin is not None:
            head["margin"] = self.margin
        return [head, *({"type": "event", "tick": tick, "name": name, "data": data} for tick, name, data in events)]


def read_header(data: bytes) -> tuple[int, int, bool]:
    """Tick, acknowledged input (-1: none) and whether it is a keyframe, of a snapshot that is not decoded."""
    numbers: list[int] = []
    at = 2
    while len(numbers) < 2:
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        numbers.append(value)
    return numbers[0], numbers[1] - 1, data[1] & 1 != 0
