"""Where WebSocket frames end in what arrives from a client, in whatever pieces it comes.

Not a parser: the rules of frames are picows' business. It wants to be given one frame at a time, because it looks at a
frame before it hands on the one before: a fault would be answered before what came first has been acted on.
"""

from __future__ import annotations


class FrameProgress:
    """How far a client is with its present frame. Sans-I/O; takes anything and raises nothing."""

    __slots__ = ("_head", "_mask", "_size", "_taken", "opcode")

    def __init__(self) -> None:
        #: The header as far as it has come; while it is complete, the payload is `_taken` of `_size` bytes.
        self._head = b""
        self._mask = b""
        self._size = -1
        self._taken = 0
        #: Of the present frame, once its header is complete.
        self.opcode = -1

    @property
    def between(self) -> bool:
        """Whether nothing of a frame has come yet."""
        return not self._head

    def ends(self, data: bytes) -> list[int]:
        """Take what has arrived. Returns where in `data` frames end; what is behind the last is the next one's."""
        found: list[int] = []
        at, size = 0, len(data)
        while at < size:
            if self._size < 0:
                if size - at > 5 and 0x80 <= data[at + 1] < 0xFE and not self._head:
                    # Nearly always: masked, less than 126 bytes, and all of it is here.
                    end = at + data[at + 1] - 0x7A
                    if end <= size:
                        found.append(end)
                        at = end
                        continue
                at += self._take_header(data, at)
                if self._size < 0:
                    break
            step = min(self._size - self._taken, size - at)
            self._taken += step
            at += step
            if self._taken == self._size:
                found.append(at)
                self._head, self._size, self._taken = b"", -1, 0
        return found

    def payload(self, data: bytes) -> bytes:
        """The payload at the end of `data`, which `ends` has just been given, of the frame that is not complete yet.

        Unmasked. Empty if its header is not complete.
        """
        if self._size < 0 or not self._taken:
            return b""
        got = min(self._taken, len(data))
        start = (self._taken - got) & 3
        part = data[len(data) - got :]
        key = (self._mask * (got // 4 + 2))[start : start + got]
        return (int.from_bytes(part, "big") ^ int.from_bytes(key, "big")).to_bytes(got, "big")

    def _take_header(self, data: bytes, at: int) -> int:
        """Take what `data` has from `at` on of the header. Returns how many bytes that is."""
        head = self._head + data[at : at + 14 - len(self._head)]
        if len(head) < 2:
            taken, self._head = len(head) - len(self._head), head
            return taken
        length, masked = head[1] & 0x7F, head[1] >> 7
        wide = 2 if length == 126 else 8 if length == 127 else 0
        end = 2 + wide + 4 * masked
        taken, self._head = min(len(head), end) - len(self._head), head[:end]
        if len(head) >= end:
            self._size = int.from_bytes(head[2 : 2 + wide], "big") if wide else length
            self._mask = head[2 + wide : end] or bytes(4)
            self._taken = 0
            self.opcode = head[0] & 0x0F
        return taken
