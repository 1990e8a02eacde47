"""Five hundred people who want to play at the same moment, over real sockets."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from rumpus.config import Limits, RoomOptions
from rumpus.server import GameServer
from tests.support.race import Race
from tests.support.serving import PATIENCE, serving

pytestmark = pytest.mark.socket

PEOPLE, SEATS = 500, 4
OPTIONS = RoomOptions(start="now", max_players=SEATS, tick_rate=5, empty_grace=0, reconnect_time=0)


async def _told(client: ClientConnection, kind: str) -> Any:
    async with asyncio.timeout(3 * PATIENCE):
        while True:
            message = json.loads(await client.recv())
            assert message["type"] != "error", message
            if message["type"] == kind:
                return message


async def _play(port: int, number: int, all_here: asyncio.Barrier) -> str:
    """One of them: by quick play, or as one of a party of two."""
    async with connect(f"ws://127.0.0.1:{port}/ws", open_timeout=3 * PATIENCE) as client:
        await all_here.wait()
        options = {"settings": {"goal": 900 + number % 3}}
        await client.send(json.dumps({"type": "join", "name": f"P{number}", "options": options}))
        joined = await _told(client, "joined")
        assert joined["settings"]["goal"] == 900 + number % 3
        await all_here.wait()
        return str(joined["room_id"])


def _nothing_is_left(server: GameServer) -> bool:
    return not server.rooms and not server.players and not server.sessions


def test_five_hundred_at_once_each_get_one_seat_and_no_room_has_too_many() -> None:
    async def everybody() -> list[str]:
        all_here = asyncio.Barrier(PEOPLE)
        return list(await asyncio.gather(*(_play(server.port, number, all_here) for number in range(PEOPLE))))

    with serving(Race, OPTIONS, Limits(max_rooms=PEOPLE)) as server:
        rooms = Counter(asyncio.run(everybody()))
        assert max(rooms.values()) <= SEATS
        # Quick play fills rooms: of each of the three kinds at most one is not full.
        assert sum(people < SEATS for people in rooms.values()) <= 3
        end = time.monotonic() + PATIENCE
        while not server.call(_nothing_is_left) and time.monotonic() < end:
            time.sleep(0.01)
        assert server.call(_nothing_is_left)
        assert server.errors.texts() == []
