"""A match in which connections are cut at every point of the protocol, hundreds of times, and nobody loses anything.

Each player is a thread with a client of raw bytes, so that it can stop in the middle of whatever it says or hears.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import pytest

import rumpus
from rumpus.config import Limits, RoomOptions
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL, TAKEN_OVER
from tests.support.clients import Goodbye, RawClient, frame, open_socket, upgrade_request
from tests.support.serving import PATIENCE, serving

pytestmark = pytest.mark.socket

#: Players, points that each must make, and points after which a connection is cut at the latest.
PLAYERS, GOAL, LONGEST = 5, 150, 5


class Tally(rumpus.Game):
    """A match is over when everybody has made `GOAL` points, one after the other: each must have arrived, once."""

    max_players = PLAYERS
    commands = True

    class Input(rumpus.Input):
        point: int

    def process_input(self, player_id: str, input_data: Any) -> None:
        if input_data.point == self.scores[player_id] + 1:
            self.handle_scoring(player_id)
            if self.scores[player_id] % 10 == 0:
                self.emit("ten", {"points": self.scores[player_id]}, to=player_id)

    def is_game_over(self) -> bool | str:
        return "all_there" if all(score >= GOAL for score in self.scores.values()) else False


class Persistent(threading.Thread):
    """A player who comes back whatever happens. `mistakes` is what should not have been."""

    def __init__(self, port: int, number: int, subprotocol: str, barrier: threading.Barrier) -> None:
        super().__init__(name=f"persistent {number}")
        self.port, self.subprotocol, self.barrier = port, subprotocol, barrier
        self.random = Random(number)
        self.cuts: Counter[str] = Counter()
        self.token = self.player_id = ""
        self.serial = self.points = self.seq = 0
        self.heard: list[str] = []
        self.tens: list[int] = []
        self.over: dict[str, Any] | None = None
        self.mistake: BaseException | None = None

    def run(self) -> None:
        try:
            client = RawClient(self.port, self.subprotocol, polite=True)
            self._joined(client.join(f"P{self.name[-1]}", options="quick"))
            self.barrier.wait(PATIENCE)
            while self.over is None:
                if not self._play(client, self.random.randint(0, LONGEST)):
                    client = self._come_back(client)
            client.sock.close()
        except BaseException as error:
            self.mistake = error

    # What is heard.

    def _joined(self, joined: dict[str, Any]) -> None:
        assert self.player_id in ("", joined["player_id"])
        assert joined["resumed"] == (self.player_id != "")
        self.player_id, self.token = joined["player_id"], joined["session"]
        self.serial = joined["serial"]

    def _hear(self, message: dict[str, Any]) -> None:
        if "serial" in message and message["type"] != "joined":
            assert message["serial"] > self.serial, "told twice, or out of order"
            self.serial = message["serial"]
        kind = message["type"]
        if kind in ("state", "delta"):
            scores = message.get("state", message.get("patch")).get("scores", {})
            points = int(scores.get(self.player_id, self.points))
            assert points >= self.points, "a point was lost"
            self.points = points
        elif kind == "chat":
            self.heard.append(message["text"])
        elif kind == "event" and message["name"] == "ten":
            self.tens.append(message["data"]["points"])
        elif kind == "game_over":
            self.over = message
        else:
            assert kind not in ("error", "player_left"), message

    # What is done.

    def _play(self, client: RawClient, points: int) -> bool:
        """Make some points. False if the connection is to be cut now."""
        goal = min(self.points + points, GOAL)
        while self.over is None:
            if self.points >= goal and self.points < GOAL:
                return False
            if self.points < goal:
                self.seq += 1
                client.send("input", seq=self.seq, data={"point": self.points + 1})
            before = self.points
            while self.over is None and (self.points == before or self.points == GOAL):
                self._hear(client.next_message())
        return True

    def _come_back(self, client: RawClient) -> RawClient:
        """Lose the connection in one way or another, and be back in the end."""
        cut = self.random.choice((client.reset, client.sock.close, lambda: None))
        if self.random.random() < 0.3:
            self._cut("in an input", lambda: client.raw(frame(b'{"type":"input","seq"', length=60)[:-3]))
        elif self.random.random() < 0.3:
            self._cut("after an input", lambda: client.send("input", seq=9, data={"point": self.points + 1}))
        else:
            self._cut("while listening", lambda: None)
        cut()
        old = client
        while True:
            step = self.random.choice(STEPS)
            done = step(self)
            if done is not None:
                if old.sock.fileno() >= 0:
                    self._told_of_the_takeover(old)
                return done

    def _cut(self, where: str, action: Callable[[], object]) -> None:
        self.cuts[where] += 1
        with contextlib.suppress(OSError):
            action()

    def _told_of_the_takeover(self, old: RawClient) -> None:
        """The connection that was left open is closed by the server, which says why."""
        with old, contextlib.suppress(ConnectionError):
            codes = []
            try:
                while True:
                    message = old.next_message()
                    if message["type"] == "error":
                        codes.append(message["code"])
            except Goodbye as goodbye:
                assert (codes, goodbye.code) in (
                    (["session_taken"], TAKEN_OVER),
                    # The server was still waiting for the rest of what this client was saying.
                    ([], None),
                )

    def _handshake_cut(self) -> RawClient | None:
        with open_socket(self.port) as sock:
            request = upgrade_request(self.port)
            self._cut("in the handshake", lambda: sock.sendall(request[: self.random.randrange(len(request))]))
        return None

    def _silent(self) -> RawClient | None:
        with RawClient(self.port, self.subprotocol) as client:
            self._cut("before resume", client.reset)
        return None

    def _half_a_resume(self) -> RawClient | None:
        with RawClient(self.port, self.subprotocol) as client:
            payload = client.encode({"type": "resume", "session": self.token})
            whole = frame(payload, 2 if client.binary else 1)
            self._cut("in resume", lambda: client.raw(whole[: self.random.randrange(1, len(whole))]))
        return None

    def _resume_unread(self) -> RawClient | None:
        with RawClient(self.port, self.subprotocol) as client:
            self._cut("after resume", lambda: client.send("resume", session=self.token, serial=self.serial))
            if self.random.random() < 0.5:
                with contextlib.suppress(OSError):
                    client.reset()
        return None

    def _half_a_joined(self) -> RawClient | None:
        with RawClient(self.port, self.subprotocol, receive_buffer=2048) as client:
            client.send("resume", session=self.token, serial=self.serial)
            self._cut("in joined", lambda: client.sock.recv(self.random.randrange(1, 100), socket.MSG_WAITALL))
        return None

    def _joined_and_gone(self) -> RawClient | None:
        with RawClient(self.port, self.subprotocol) as client:
            client.send("resume", session=self.token, serial=self.serial)
            self._joined(client.expect("joined"))
            self._cut("after joined", client.reset)
        return None

    def _some_messages_and_gone(self) -> RawClient | None:
        with RawClient(self.port, self.subprotocol) as client:
            client.send("resume", session=self.token, serial=self.serial)
            self._joined(client.expect("joined"))
            for _ in range(self.random.randint(1, 4)):
                self._hear(client.next_message())
            self._cut("after some messages", client.reset)
        return None

    def _back(self) -> RawClient:
        client = RawClient(self.port, self.subprotocol, polite=True)
        client.send("resume", session=self.token, serial=self.serial)
        self._joined(client.expect("joined"))
        return client


def raise_mistakes(players: Iterable[Persistent]) -> None:
    for player in players:
        if player.mistake is not None:
            raise player.mistake


STEPS: tuple[Callable[[Persistent], RawClient | None], ...] = (
    Persistent._handshake_cut,
    Persistent._silent,
    Persistent._half_a_resume,
    Persistent._resume_unread,
    Persistent._half_a_joined,
    Persistent._joined_and_gone,
    Persistent._some_messages_and_gone,
    Persistent._back,
    Persistent._back,
    Persistent._back,
)


@pytest.mark.socket
@pytest.mark.parametrize("subprotocol", [JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL])
def test_cut_at_every_point_hundreds_of_times_a_match_ends_with_every_score(subprotocol: str) -> None:
    options = RoomOptions(start="full", tick_rate=120, results_time=60, max_players=PLAYERS + 1)
    barrier = threading.Barrier(PLAYERS + 1)
    with serving(Tally, options, Limits(max_new_rooms_per_second=100)) as server:
        players = [Persistent(server.port, number, subprotocol, barrier) for number in range(PLAYERS)]
        for player in players:
            player.start()
        with RawClient(server.port, subprotocol, polite=True) as host:
            host.join("Host", options="quick")
            barrier.wait(PATIENCE)
            said: list[str] = []
            points, came = 0, list[str]()
            while True:
                message = host.next_message()
                if message["type"] == "game_over":
                    break
                raise_mistakes(players)
                assert message["type"] not in ("player_left", "error"), message
                if message["type"] == "player_joined":
                    came.append(message["player"]["player_id"])
                if message["type"] in ("state", "delta"):
                    # As fast as a person may: enough to be among all the cuts.
                    if len(said) < 15:
                        said.append(f"line {len(said)}")
                        host.send("chat", text=said[-1])
                    if points < GOAL:
                        points += 1
                        host.send("input", seq=points, data={"point": points})
            # Nobody ever came anew.
            assert len(came) == len(set(came)) <= PLAYERS
            for player in players:
                player.join(PATIENCE)
            raise_mistakes(players)
            for player in players:
                assert player.over == message
                assert player.heard == said
                assert player.tens == list(range(10, GOAL + 1, 10))
        assert [(line["score"], line["rank"]) for line in message["results"]] == [(GOAL, 1)] * (PLAYERS + 1)
        cuts = sum((player.cuts for player in players), Counter[str]())
        assert cuts.total() > 300
        assert len(cuts) == 10, cuts
        assert server.errors.texts() == []
