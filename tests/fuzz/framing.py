"""Frames and handshakes that are the same each time: what a fuzzer begins with has to be."""

from __future__ import annotations

from tests.support.clients import BINARY, CLOSE, CONTINUATION, PING, TEXT

__all__ = ["BINARY", "CLOSE", "CONTINUATION", "PING", "TEXT", "client_frame", "handshake"]


def client_frame(
    payload: bytes = b"", opcode: int = TEXT, *, first: int = 0x80, mask: bytes | None = b"\x37\xfa\x21\x3d"
) -> bytes:
    """A frame of a client. first: the bits beside the opcode. mask: None for a frame without one."""
    size, bit = len(payload), 0 if mask is None else 0x80
    head = bytes([first | opcode])
    head += bytes([bit | size]) if size < 126 else bytes([bit | 126]) + size.to_bytes(2, "big")
    if mask is None:
        return head + payload
    return head + mask + bytes(byte ^ mask[at & 3] for at, byte in enumerate(payload))


def handshake(subprotocol: str, *headers: str) -> bytes:
    """A request for a WebSocket."""
    lines = (
        "GET /ws HTTP/1.1",
        "Host: 127.0.0.1",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        f"Sec-WebSocket-Protocol: {subprotocol}",
        *headers,
    )
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"
