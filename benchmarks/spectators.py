"""What spectators cost their room: `python benchmarks/spectators.py`.

Prints microseconds per tick, least and median, of one room of Arena with ten players, and with 1, 16 and 200 who watch
it beside them, MessagePack and JSON. The players' and the spectators' sockets are real ones, of the kind that stays
inside the machine; reading from them at the other end is not counted. The rooms take turns, ten ticks each, so that the
machine's moods are the same for all. Compare figures of one run only.
"""

from __future__ import annotations

import socket
import time
from statistics import median

from rumpus.config import RoomOptions
from rumpus.connection import BytesLike, Connection, whole_frame
from rumpus.games.arena import Arena
from rumpus.net.batch.reader import load_kernels
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.protocol.codec import CODECS, Codec
from rumpus.server import GameServer
from rumpus.testing import VirtualClock

PLAYERS, SPECTATORS = 10, (0, 1, 16, 200)
ROUNDS, TICKS = 200, 10


class PairConnection(Connection):
    """One end of a pair of sockets; what is written is read, and forgotten, at the other."""

    address = "pair"

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self._ours, self._theirs = socket.socketpair()
        for end in (self._ours, self._theirs):
            end.setblocking(False)
        self.direct_fd = self._ours.fileno()

    def send(self, data: bytes) -> None:
        self._ours.send(whole_frame(data, self.codec.text))

    def send_frame_bytes(self, frame: BytesLike) -> None:
        self._ours.send(frame)

    def send_rest(self, frame: BytesLike, sent: int) -> None:
        raise RuntimeError("a socket is full: what was sent is not being read")

    def ping(self) -> None:
        self.heard = True

    def close(self, code: int, reason: str = "") -> None:
        raise RuntimeError(f"the server closed a connection: {reason}")

    def drain(self) -> None:
        try:
            while len(self._theirs.recv(1 << 20)) == 1 << 20:
                pass
        except BlockingIOError:
            pass


class Room:
    """One room on a server of its own, with so many who watch it, two seconds late."""

    def __init__(self, codec: Codec, spectators: int) -> None:
        self.clock = VirtualClock()
        options = RoomOptions(
            start="now", max_players=PLAYERS, max_spectators=1000, settings={"time_limit": "0", "score_limit": "0"}
        )
        self.server = GameServer(Arena, options, clock=self.clock)
        self.connections: list[PairConnection] = []
        self._keys = 0
        for number in range(PLAYERS + spectators):
            role = "player" if number < PLAYERS else "spectator"
            connection = PairConnection(codec)
            self.connections.append(connection)
            self.server.handle_client(connection)
            connection.receiver.on_message(codec.encode({"type": "join", "role": role}))

    def play(self, ticks: int) -> float:
        """Seconds that a tick takes, in the mean."""
        spent = 0.0
        for _ in range(ticks):
            self._keys += 1
            for number, connection in enumerate(self.connections[:PLAYERS]):
                data = {"move_x": (number % 3 - 1.0), "aim": self._keys / 9.0 + number, "fire": self._keys % 3 == 0}
                connection.receiver.on_message(
                    connection.codec.encode({"type": "input", "seq": self._keys, "data": data})
                )
            self.clock.advance(1 / 30)
            begun = time.perf_counter()
            self.server.tick()
            spent += time.perf_counter() - begun
            for connection in self.connections:
                connection.heard = True
                connection.drain()
        return spent / ticks


def main() -> None:
    load_kernels()
    Arena.prepare()
    for subprotocol in (MSGPACK_SUBPROTOCOL, JSON_SUBPROTOCOL):
        rooms = {number: Room(CODECS[subprotocol], number) for number in SPECTATORS}
        for room in rooms.values():
            room.play(90)
        seconds: dict[int, list[float]] = {number: [] for number in SPECTATORS}
        for _ in range(ROUNDS):
            for number, room in rooms.items():
                seconds[number].append(room.play(TICKS))
        alone = min(seconds[0])
        print(f"{subprotocol}, {PLAYERS} players, µs per tick      least    median     ratio of the least")
        for number, taken in seconds.items():
            least, middle = min(taken), median(taken)
            print(f"  {number:>3} spectators{least * 1e6:32.1f}{middle * 1e6:10.1f}{least / alone:10.2f}")


if __name__ == "__main__":
    main()
