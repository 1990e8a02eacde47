"""A room of fifty on binary snapshots, one of whom stops reading: nobody else notices, and nothing grows."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rumpus.client import Client
from rumpus.protocol import MSGPACK_SUBPROTOCOL
from rumpus.replication import Decoder
from tests.support.clients import RawClient
from tests.support.lighthouses import LAMPS, levels
from tests.support.serving import PATIENCE, ServerProcess, get_body, serving_process

pytestmark = pytest.mark.socket

#: Fifty times twenty kilobytes a tick: more a second, and a busy machine sends and reads nothing else.
TICK_RATE = 15
READERS = 49
#: Ticks that are looked at.
WATCHED = 120


class Readers(threading.Thread):
    """Those who read: clients that count what they get, on a thread of their own."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self.clients: list[Client] = []
        self.ticks: list[list[int]] = [[] for _ in range(READERS)]
        self.joined = threading.Event()
        self._stop_asked = threading.Event()
        self.start()
        assert self.joined.wait(PATIENCE)

    def run(self) -> None:
        asyncio.run(self._read())

    async def _read(self) -> None:
        for number in range(READERS):
            ticks = self.ticks[number]
            client = await Client.connect(
                self._url,
                msgpack=True,
                keep_state=False,
                on_message=lambda m, ticks=ticks: ticks.append(m["tick"]) if m["type"] in ("state", "delta") else None,
            )
            await client.join(f"Reader {number}")
            self.clients.append(client)
        self.joined.set()
        while not self._stop_asked.is_set():  # noqa: ASYNC110  # another thread sets it
            await asyncio.sleep(0.05)
        for client in self.clients:
            await client.close()

    def wait(self, ticks: int) -> None:
        """Wait until the first of them has had so many more snapshots."""
        goal, end = len(self.ticks[0]) + ticks, time.monotonic() + ticks / TICK_RATE + PATIENCE
        while len(self.ticks[0]) < goal:
            assert time.monotonic() < end
            time.sleep(0.02)

    def leave(self) -> None:
        self._stop_asked.set()
        self.join()


@pytest.fixture
def server() -> Iterator[ServerProcess]:
    arguments = ("--game", "tests.support.lighthouses:Lighthouses", "--start", "now", "--tick-rate", str(TICK_RATE))
    with serving_process(*arguments, "--max-players", str(READERS + 1), cwd=Path(__file__).parents[2]) as server:
        yield server


def metric(server: ServerProcess, name: str) -> float:
    line = next(line for line in get_body(server.port, "/metrics").decode().splitlines() if line.startswith(name + " "))
    return float(line.split()[1])


def test_one_of_fifty_stops_reading(server: ServerProcess) -> None:
    readers = Readers(server.url)
    try:
        with RawClient(server.port, MSGPACK_SUBPROTOCOL, receive_buffer=8192) as slow:
            joined = slow.join(room=readers.clients[0].room_id)
            decoder = Decoder(joined["schema"]["tables"])
            end = time.monotonic() + PATIENCE
            while metric(server, "rumpus_snapshots_skipped_total") == 0:
                assert time.monotonic() < end
                time.sleep(0.05)
            readers.wait(TICK_RATE)

            before = [len(ticks) for ticks in readers.ticks]
            memory, skipped = server.resident_bytes(), metric(server, "rumpus_snapshots_skipped_total")
            readers.wait(WATCHED)
            assert metric(server, "rumpus_snapshots_skipped_total") >= skipped + 0.875 * WATCHED
            # Two megabytes are what a hundred snapshots would have added, had anybody kept them.
            assert server.resident_bytes() - memory < 1_000_000
            for ticks, seen in zip(readers.ticks, before, strict=True):
                got = ticks[seen:]
                # Everybody got every single tick.
                assert got == list(range(got[0], got[0] + len(got)))
                assert len(got) >= 0.975 * WATCHED

            # It reads again: what had been sent before, in order, and then everything in one snapshot.
            tick, newest, keyframes = 0, readers.ticks[0][-1], 0
            while tick <= newest:
                payload = slow.next_frame().payload
                if payload[:1] != b"\xc1":
                    continue
                snapshot = decoder.apply(payload)
                keyframes += snapshot.keyframe
                assert snapshot.keyframe or snapshot.tick == tick + 1
                tick = snapshot.tick
                lamps = decoder.plain()["lamps"]
                assert [lamps[f"l{number + 1}"]["level"] for number in range(LAMPS)] == levels(tick).tolist()
            assert keyframes == 2
    finally:
        readers.leave()
