"""Bytes that are nearly right: what a fuzzer without coverage tries, and what ordinary tests try of it, repeatably."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

_INTERESTING = (
    b"\0", b"\xff", b"\x7f", b"\x80", b"\xff\xff\xff\xff", b"\r\n", b"\r\n\r\n", b'"', b"{", b"}", b"[", b"null",
    b"-0.0", b"1e309", b"9007199254740993", b"\\u0000", b"\\ud800", b"\xed\xa0\x80", "\u200d".encode(),
    "\u0130".encode(), b"../", b"%00", b"true", b"\xca\x7f\xc0\0\0", b"\xdf\xff\xff\xff\xff", b",", b":", b";", b" ",
)  # fmt: skip


def mutated(seeds: Sequence[bytes], random: Random) -> bytes:
    """One of the seeds with one to six changes."""
    data = bytearray(random.choice(seeds))
    for _ in range(random.randint(1, 6)):
        at, length = random.randint(0, len(data)), random.randint(0, 8)
        match random.randrange(6):
            case 0:
                if data:
                    data[at % len(data)] ^= 1 << random.randrange(8)
            case 1:
                data[at:at] = random.choice(_INTERESTING)
            case 2:
                data[at : at + length] = random.choice(_INTERESTING)
            case 3:
                del data[at : at + random.randint(1, 1 + len(data) // 4)]
            case 4:
                data[at:at] = data[at : at + random.randint(1, 64)] * random.randint(1, 4)
            case 5:
                other = random.choice(seeds)
                start = random.randint(0, len(other))
                data[at:] = other[start:]
    return bytes(data[:4096])
