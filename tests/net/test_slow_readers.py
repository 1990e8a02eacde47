"""Clients that do not read: their snapshots are skipped, nothing piles up for them, and nobody else waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from rumpus.config import Limits, RoomOptions
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL, merge_patch
from rumpus.server import GameServer
from tests.support.clients import CLOSE, Goodbye, RawClient, watched
from tests.support.drift import Drift
from tests.support.serving import PATIENCE, ServerThread, serving

pytestmark = pytest.mark.socket

OPTIONS = RoomOptions(start="now", tick_rate=60, empty_grace=0, reconnect_time=0)
BULK = 100_000
#: The system holds so much for each client that one who reads is never skipped, however busy the machine is.
ROOMY = Limits(send_buffer=4_000_000)


def unsent(server: GameServer, player_id: str) -> int:
    connection: Any = server.players[player_id].player.connection
    return int(connection._transport.underlying_transport.get_write_buffer_size())


def is_congested(server: GameServer, player_id: str) -> bool:
    return server.players[player_id].player.connection.congested


def skipped_and_tick(server: GameServer, player_id: str) -> tuple[int, int]:
    room = server.players[player_id].room
    assert room is not None
    return server.counters.snapshots_skipped, room.current_tick


def until(server: ServerThread, condition: Callable[[GameServer], bool], meanwhile: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not server.call(condition):
        assert time.monotonic() < end
        meanwhile()


@pytest.mark.parametrize("subprotocol", [JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL])
def test_one_who_reads_nothing_is_skipped_and_gets_a_whole_state_when_reading_again(subprotocol: str) -> None:
    with (
        serving(Drift, OPTIONS, ROOMY) as server,
        watched(server),
        RawClient(server.port, subprotocol, receive_buffer=8192) as slow,
        RawClient(server.port) as quick,
    ):
        slow.join(create=True, settings={"bulk": BULK})
        quick.join(room=slow.room_id)
        ticks: list[int] = []

        def read() -> None:
            while (message := quick.next_message())["type"] not in ("state", "delta"):
                pass
            ticks.append(message["tick"])

        until(server, lambda server: is_congested(server, slow.player_id), read)
        began = server.call(lambda server: skipped_and_tick(server, slow.player_id))
        waiting = server.call(lambda server: unsent(server, slow.player_id))
        for _ in range(60):
            read()
            # Not one more byte waits for the slow one.
            assert server.call(lambda server: unsent(server, slow.player_id)) <= waiting
        ended = server.call(lambda server: skipped_and_tick(server, slow.player_id))
        # One for each tick, and nobody else was skipped.
        assert ended[0] - began[0] == ended[1] - began[1] > 30
        assert ticks == list(range(ticks[0], ticks[0] + len(ticks)))

        state: Any = None
        tick, whole, gaps = 0, 0, 0
        while tick <= ticks[-1]:
            message = slow.next_message()
            if message["type"] == "state":
                state, whole, gaps = message["state"], whole + 1, gaps + bool(tick and message["tick"] > tick + 1)
            elif message["type"] == "delta":
                assert message["tick"] == tick + 1, "a delta follows the state before it"
                state = merge_patch.apply(state, message["patch"])
            else:
                continue
            tick = message["tick"]
            assert state["steps"] == tick
            assert len(state["bulk"]) == BULK
        assert (whole, gaps) == (2, 1)


def test_one_who_goes_on_reading_nothing_is_cut_off_after_a_time() -> None:
    with (
        serving(Drift, OPTIONS, Limits(slow_timeout=2)) as server,
        watched(server),
        RawClient(server.port, receive_buffer=8192) as slow,
        RawClient(server.port) as quick,
    ):
        slow.join(create=True, settings={"bulk": BULK})
        quick.join(room=slow.room_id)
        left = quick.expect("player_left")
        assert server.call(lambda server: server.counters.slow_clients) == 1
        assert left == {"type": "player_left", "player_id": slow.player_id, "reason": "lost"}
        # What it finds when it looks at last: the end of the stream, perhaps in the middle of a frame.
        while True:
            try:
                if slow.next_frame().opcode == CLOSE:
                    break
            except Goodbye:
                break


def test_messages_that_cannot_be_skipped_pile_up_to_a_limit_only() -> None:
    """Chat is not skipped for slow readers as states are; a limit on bytes ends it."""
    limits = Limits(
        max_unsent=65_536 * 2,
        max_messages_per_second=10_000,
        max_chat_length=3000,
        slow_timeout=1000,
        max_chats_per_second=10_000,
    )
    options = RoomOptions(start="full", empty_grace=0, reconnect_time=0)
    with (
        serving(Drift, options, limits) as server,
        RawClient(server.port, receive_buffer=8192) as slow,
        RawClient(server.port) as chatty,
    ):
        slow.join()
        chatty.join(room=slow.room_id)
        text, most, left = "x" * 3000, 0, False
        end = time.monotonic() + PATIENCE
        while not left:
            assert time.monotonic() < end
            chatty.send("chat", text=text)
            while not left and (message := chatty.next_message())["type"] != "chat":
                left = message["type"] == "player_left"
            most = max(
                most,
                server.call(lambda server: unsent(server, slow.player_id) if len(server.players) == 2 else 0),
            )
        assert message["player_id"] == slow.player_id
        assert server.call(lambda server: server.counters.slow_clients) == 1
        assert most <= limits.max_unsent + 4096
        assert chatty.is_served()
