"""What a run of `rumpus bench` measures, made up."""

from __future__ import annotations

import msgspec

from rumpus.bench.messages import Felt, Got


def got(**changes: object) -> Got:
    made = {
        "players": 600, "seconds": 10.0, "join_seconds": 0.2, "server_cpu": 0.18, "rss": 100_000_000,
        "rss_before": 70_000_000, "sent_rate": 30.0, "refused": 0, "closed": 0, "snapshot_rate": 30.0,
        "worst_snapshot_rate": 29.9, "bytes_per_snapshot": 100.0, "other_messages": 0, "bytes_per_message": 100.0,
        "wire_bytes_per_message": 102.0, "input_bytes": 76.0, "bits_per_second": 24_000.0, "cpu": 0.1, "others": 0.0,
        "late_ms": (0.0, 0.1, 0.2),
    }  # fmt: skip
    return msgspec.convert(made | changes, Got)


def felt(**changes: object) -> Felt:
    made = {
        "seconds": 10.0, "user": 0.1, "system": 0.1, "rss": 1, "ticks": 100, "dropped_ticks": 0,
        "late_ms": (0.1, 2.0, 4.0), "tick_ms": (0.1, 0.2, 0.3), "longest_turn_ms": 1.0, "longest_pause_ms": 2.0,
        "collections": 1, "longest_collection_ms": 0.5, "collecting_ms": 0.5, "snapshots": 100, "skipped": 0,
        "refused": 0, "failed_rooms": 0, "snapshot_bytes": 10_000, "table_bytes": {"players": 6000, "bullets": 4000},
    }  # fmt: skip
    return msgspec.convert(made | changes, Felt)
