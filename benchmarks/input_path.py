"""What an input costs from its frame to the game: `python benchmarks/input_path.py [ROUNDS]`.

Microseconds for one input of Arena: the decoder alone; everything from the connection's `take_message` to the player's
queue; and from there to the game's `process_input`, which does nothing here. Then the same for inputs that are for
ticks, as the browser's are. The transport below and the game above are left out. Compare figures of one run only.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

from rumpus.games.arena import Arena
from rumpus.net.websocket import SocketConnection
from rumpus.protocol.codec import CODECS
from rumpus.room import GameRoom
from rumpus.room.player import Player
from rumpus.server.session import Session
from rumpus.testing import Playground

#: Inputs in one measurement; a tick's worth for a queue, again and again.
BATCHES, BATCH = 2500, 8
INPUT = {"move_x": 0.7071, "move_y": -1.0, "aim": 1.2345, "fire": True}


def microseconds(
    take: Callable[[bytes], object], batch: list[bytes], after_batch: Callable[[], float], rounds: int
) -> list[str]:
    """For each input: of `take`, and of what `after_batch` says that it took for the batch (s)."""
    taking, using = [], []
    for _ in range(rounds):
        spent = used = 0.0
        for _ in range(BATCHES):
            began = time.perf_counter()
            for data in batch:
                take(data)
            spent += time.perf_counter() - began
            used += after_batch()
        taking.append(1e6 * spent / BATCHES / BATCH)
        using.append(1e6 * used / BATCHES / BATCH)
    return [f"{min(times):>10.2f}{median(times):>10.2f}" for times in (taking, using)]


def main(rounds: int = 15) -> None:
    print(f"{'µs an input':<44}{'least':>10}{'median':>10}")
    for codec in CODECS.values():
        for timed in (False, True):
            match = Playground(Arena, start="now", max_players=2)
            client = match.connect("Ann", subprotocol=codec.subprotocol)
            server, session = match.server, client.session
            player, room = session.player, session.room
            assert player is not None
            assert room is not None
            room.game.process_input = lambda player_id, data: None  # type: ignore[method-assign]  # the rules are not it
            room.game.update = lambda delta_time: None  # type: ignore[method-assign]
            room.game.take_events = list  # type: ignore[method-assign]
            room.state.send_rate = 0.0
            connection = SocketConnection(codec, server.limits, "memory", lambda opened: None)
            connection.receiver = session
            decode = codec.decoder(Arena.Input)
            batch = []
            for number in range(BATCH):
                tick = {"tick": 301 + number, "seen": 296.4 + number} if timed else {}
                batch.append(codec.encode({"type": "input", "seq": 12345, "data": INPUT, **tick}))

            def after_batch(
                player: Player = player, session: Session = session, room: GameRoom = room, timed: bool = timed
            ) -> float:
                inputs = list(player.input.arrived)
                player.input.arrived.clear()
                used = 0.0
                for number in range(BATCH):
                    if not timed:
                        player.input.arrived.append(inputs[number])
                    began = time.perf_counter()
                    room.tick()
                    used += time.perf_counter() - began
                    if not timed:
                        assert not player.input.arrived
                assert player.input.ack == 12345
                room._timeline.tick = 300
                session._budget = 1000
                return used

            session._budget = 1000
            room._timeline.tick = 300
            name = codec.subprotocol + (", for ticks" if timed else "")
            print(f"{name + ': decoding':<44}" + microseconds(decode, batch, lambda: 0.0, rounds)[0])
            taking, using = microseconds(connection.take_message, batch, after_batch, rounds)
            print(f"{name + ': to the queue':<44}{taking}")
            print(f"{name + ': a tick of its room':<44}{using}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
