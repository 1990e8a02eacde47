"""What an input costs from its frame to the game: `python benchmarks/input_path.py [ROUNDS]`.

Microseconds for one input of Arena: the decoder alone, then everything from the connection's `take_message` to the
player's queue. The transport below and the game above are left out. Compare figures of one run only.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

from rumpus.codec import CODECS
from rumpus.games.arena import Arena
from rumpus.player import Player
from rumpus.session import Session
from rumpus.testing import Playground
from rumpus.transport import SocketConnection

#: Inputs in one measurement; a tick's worth for a queue, again and again.
BATCHES, BATCH = 2500, 8
INPUT = {"move_x": 0.7071, "move_y": -1.0, "aim": 1.2345, "fire": True}


def microseconds(take: Callable[[bytes], object], data: bytes, after_batch: Callable[[], object], rounds: int) -> str:
    times = []
    for _ in range(rounds):
        spent = 0.0
        for _ in range(BATCHES):
            began = time.perf_counter()
            for _ in range(BATCH):
                take(data)
            spent += time.perf_counter() - began
            after_batch()
        times.append(1e6 * spent / BATCHES / BATCH)
    return f"{min(times):>10.2f}{median(times):>10.2f}"


def main(rounds: int = 15) -> None:
    print(f"{'µs an input':<36}{'least':>10}{'median':>10}")
    for codec in CODECS.values():
        match = Playground(Arena, start="now", max_players=2)
        client = match.connect("Ann", subprotocol=codec.subprotocol)
        server, session = match.server, client.session
        player = session.player
        assert player is not None
        connection = SocketConnection(codec, server.limits, lambda opened: None)
        connection.receiver = session
        data = codec.encode({"type": "input", "seq": 12345, "data": INPUT})
        decode = codec.decoder(Arena.Input)

        def after_batch(player: Player = player, session: Session = session) -> None:
            assert len(player.inputs) == BATCH
            player.inputs.clear()
            session._budget = 1000

        session._budget = 1000
        print(f"{codec.subprotocol + ', decoding':<36}" + microseconds(decode, data, lambda: None, rounds))
        print(f"{codec.subprotocol + ', all':<36}" + microseconds(connection.take_message, data, after_batch, rounds))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
