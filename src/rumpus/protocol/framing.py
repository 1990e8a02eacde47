"""WebSocket frames that are written by hand (RFC 6455, 5.2); all others are picows' business.

A server's are made once and sent to many, past whatever library has the connection. A client's are needed by load
generators. `rumpus.replication.frames` writes the same header in machine code.
"""

from __future__ import annotations

#: First bytes of a frame that is a whole message: FIN, and the opcode.
TEXT_MESSAGE, BINARY_MESSAGE = 0x81, 0x82

#: The second byte's bit that says that a payload is masked.
_MASKED = 0x80


def frame_header(first: int, size: int, masked: int = 0) -> bytes:
    """A header for `size` bytes of payload. first: its first byte."""
    if size < 126:
        return bytes((first, masked | size))
    if size <= 0xFFFF:
        return bytes((first, masked | 126)) + size.to_bytes(2, "big")
    return bytes((first, masked | 127)) + size.to_bytes(8, "big")


def header_size(second: int) -> int:
    """Bytes of a server's frame before its payload, by the second of them."""
    return {126: 4, 127: 10}.get(second, 2)


def whole_frame(payload: bytes, text: bool = False) -> bytes:
    """A message as a server's WebSocket frame: header and payload."""
    return frame_header(TEXT_MESSAGE if text else BINARY_MESSAGE, len(payload)) + payload


def masked_frame(opcode: int, payload: bytes, mask: bytes) -> bytes:
    """A client's WebSocket frame. `mask` has four bytes."""
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return frame_header(0x80 | opcode, len(payload), _MASKED) + mask + masked
