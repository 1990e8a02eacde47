"""Snapshots that a client is sent: read, or refused with SnapshotError, and never without an end."""

from __future__ import annotations

import json

from rumpus.client.replica import Replica
from rumpus.replication.decode import Decoder, SnapshotError
from tests.golden.vectors import FILE

_CASES = json.loads(FILE.read_text())["cases"]


def _written(case: int, snapshots: list[bytes]) -> bytes:
    return bytes([case]) + b"".join(len(data).to_bytes(2, "big") + data for data in snapshots)


#: The first byte chooses the tables; then come snapshots, each behind its length (2 bytes).
SEEDS = [_written(index, [bytes.fromhex(data) for data in case["snapshots"]][:6]) for index, case in enumerate(_CASES)]


def run(data: bytes) -> None:
    case = _CASES[(data[0] if data else 0) % len(_CASES)]
    decoder = Decoder(case["schema"])
    replica = Replica()
    replica.on_message({"type": "joined", "schema": {"tables": case["schema"]}})
    at = 1
    while at + 2 <= len(data):
        size = int.from_bytes(data[at : at + 2], "big")
        snapshot = data[at + 2 : at + 2 + size]
        at += 2 + size
        try:
            read = decoder.apply(snapshot)
        except SnapshotError:
            # What it held is of no use from then on.
            return
        replica.on_snapshot(snapshot)
        assert read.tick == replica.tick
        assert decoder.plain() == replica.state or "nan" in repr(replica.state)
