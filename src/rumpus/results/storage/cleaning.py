"""Records as games make them, with what neither the journal nor a database takes made harmless."""

from __future__ import annotations

import math

import msgspec

from ..record import MatchRecord

#: Characters kept of an account, and of a game's and a mode's name. PostgreSQL's keys may have 2700 bytes in all.
_ACCOUNT_LENGTH = 256
_KEY_LENGTH = 64
#: The largest number in a column of 32 bits.
_MOST = 2**31 - 1


def cleaned(record: MatchRecord) -> MatchRecord:
    """The record with what no database takes made harmless: numbers that are none, and the character NUL."""
    return msgspec.structs.replace(
        record,
        game=_plain(record.game)[:_KEY_LENGTH],
        mode=_plain(record.mode)[:_KEY_LENGTH],
        duration=_finite(record.duration),
        results=[
            msgspec.structs.replace(
                line,
                score=_finite(line.score),
                rank=max(-_MOST, min(line.rank, _MOST)),
                name=_plain(line.name),
                team=None if line.team is None else _plain(line.team),
                account=None if line.account is None or line.bot else _plain(line.account)[:_ACCOUNT_LENGTH],
            )
            for line in record.results
        ],
    )


def _plain(value: str) -> str:
    return value.replace("\0", "").encode("utf-8", "replace").decode()


def _finite(number: float) -> float:
    try:
        return float(number) if math.isfinite(number) else 0.0
    except OverflowError:
        return 0.0
