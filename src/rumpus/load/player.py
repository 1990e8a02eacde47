"""One of the many: a client that plays, and counts what it gets."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Coroutine
from random import Random
from typing import Any

from ..client.client import Client, ConnectError, Message
from ..errors import ConfigurationError
from ..game.contract import Bot, Game
from ..game.loading import BUILT_IN, load_game
from .distribution import Distribution
from .random_input import RandomInput

logger = logging.getLogger(__name__)

#: Decisions (ten a second, see `rumpus.load.run`) that a made-up input lasts: about 20 ticks, as people turn.
TURN = (3, 10)
#: Seconds that a server gets to seat a client.
JOIN_TIMEOUT = 10.0


class Brain:
    """Decides what players send, from the first `joined` message: the game's own bots, or made-up inputs."""

    def __init__(self, joined: Message, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311  # repeatable on purpose
        self._schema = joined["schema"].get("input", {})
        self._game = _game_with_bots(joined)

    @property
    def reads_state(self) -> bool:
        """Whether its players look at the state; others are spared keeping it."""
        return self._game is not None

    @property
    def name(self) -> str:
        return "the game's bots" if self._game is not None else "random inputs"

    def make(self, player_id: str, skill: float) -> Bot:
        bot = self._game.make_bot(player_id, skill, self._random.getrandbits(32)) if self._game is not None else None
        return bot or RandomBot(RandomInput(self._schema, self._random), self._random)


class RandomBot(Bot):
    """Plays any game, badly: an input from the schema, another one after a while."""

    def __init__(self, inputs: RandomInput, random: Random) -> None:
        self._inputs = inputs
        self._random = random
        self._input: dict[str, Any] | None = None
        self._left = 0

    def act(self, state: Any) -> dict[str, Any] | None:
        self._left -= 1
        if self._input is None or self._left < 0:
            self._left = self._random.randint(*TURN)
            self._input = self._inputs.make()
        return self._input


class Tally:
    """What all players together have seen since the measurement began."""

    def __init__(self) -> None:
        self.gaps = Distribution()
        self.round_trips = Distribution()
        self.answers = Distribution()
        self.errors: Counter[str] = Counter()
        self.recent_round_trips = Distribution()

    def clear(self) -> None:
        for distribution in (self.gaps, self.round_trips, self.answers, self.recent_round_trips):
            distribution.clear()
        self.errors.clear()


class LoadPlayer:
    """A client with a bot at its controls."""

    def __init__(self, number: int, tally: Tally) -> None:
        self.number = number
        self.client: Client | None = None
        self.joined = False
        self.room_id = ""
        #: Since the measurement began: inputs sent, states while a match ran, and how long one ran (s).
        self.inputs = 0
        self.states = 0
        #: What the client had received when the count began: bytes in all, states, bytes of states.
        self._before = (0, 0, 0)
        #: The same of clients that this player had before.
        self._past = (0, 0, 0)
        self._played = 0.0
        self._playing_since: float | None = None
        self._tally = tally
        self._bot: Bot | None = None
        self._last_input: dict[str, Any] | None = None
        self._last_state: float | None = None
        self._unanswered: deque[tuple[int, float]] = deque()
        self._bot_failed = False

    async def enter(
        self, url: str, name: str, room: str | None, options: dict[str, Any], msgpack: bool, keep_state: bool
    ) -> Message:
        """Connect and join. Raises ConnectError, JoinError or ClosedError."""
        client = await Client.connect(url, msgpack=msgpack, on_message=self._on_message, keep_state=keep_state)
        return await self._sit(client, client.join(name, room, **options))

    async def come_back(self, url: str, msgpack: bool, keep_state: bool) -> Message:
        """Connect anew and resume. Raises ConnectError, JoinError or ClosedError."""
        lost = self.client
        assert lost is not None
        client = await Client.connect(url, msgpack=msgpack, on_message=self._on_message, keep_state=keep_state)
        return await self._sit(client, client.resume(lost.session, lost.serial))

    async def _sit(self, client: Client, joining: Coroutine[Any, Any, Message]) -> Message:
        """Wait for a seat; without one the connection ends."""
        before, past = self.client, self._past
        self._past, self.client = self._totals(), client
        try:
            async with asyncio.timeout(JOIN_TIMEOUT):
                joined = await joining
        except BaseException as error:
            self.client, self._past = before, past
            await client.close()
            if isinstance(error, TimeoutError):
                raise ConnectError(f"The server did not answer a join within {JOIN_TIMEOUT:g} s.") from None
            raise
        self.joined = True
        self.room_id = client.room_id
        return joined

    def absent(self) -> None:
        """The seat is given up, or left for a while, on purpose."""
        self.joined = False
        self._stop(time.perf_counter())

    def play_with(self, bot: Bot) -> None:
        self._bot = bot

    @property
    def playing(self) -> bool:
        return self._playing_since is not None

    @property
    def lost(self) -> bool:
        """Whether the connection has ended after the join."""
        return self.joined and self.client is not None and self.client.closed

    def begin(self, now: float) -> None:
        """Count from here."""
        self.inputs = self.states = 0
        self._before = self._totals()
        self._played = 0.0
        self._last_state = None
        if self._playing_since is not None:
            self._playing_since = now

    def played(self, now: float) -> float:
        """Seconds, since the count began, in which a match ran."""
        return self._played + (now - self._playing_since if self._playing_since is not None else 0.0)

    def received(self) -> tuple[int, int, int]:
        """Since the count began: bytes in all, states and deltas, bytes of those."""
        now, before = self._totals(), self._before
        return now[0] - before[0], now[1] - before[1], now[2] - before[2]

    def _totals(self) -> tuple[int, int, int]:
        size, states, state_bytes = self._past
        if self.client is None:
            return self._past
        client = self.client
        return size + client.bytes_received, states + client.snapshots, state_bytes + client.snapshot_bytes

    def act(self, think: bool = True) -> None:
        """Send an input, if there is something to play: a new one, or without `think` the last one again."""
        client = self.client
        if self._bot is None or client is None or not self.playing or client.closed:
            return
        if not isinstance(self._bot, RandomBot) and client.state is None:
            return
        try:
            if think or self._last_input is None:
                self._last_input = self._bot.act(client.state) or self._last_input
        except Exception:
            # A match must not end because one of its players has a defect; it is counted, and told once.
            self._tally.errors["bot_failed"] += 1
            if not self._bot_failed:
                self._bot_failed = True
                logger.exception("a bot raised")
        if self._last_input is not None:
            self.inputs += 1
            self._unanswered.append((client.send_input(self._last_input), time.perf_counter()))

    def ping(self) -> None:
        if self.client is not None and self.joined and not self.client.closed:
            self.client.send({"type": "ping", "time": time.perf_counter()})

    def check(self, now: float) -> None:
        """Stop the count of a connection that has ended."""
        if self.lost:
            self._stop(now)

    def _on_message(self, message: Message) -> None:
        now = time.perf_counter()
        kind = message["type"]
        if kind == "delta" or kind == "state":
            self._on_state(message, now)
        elif kind == "pong":
            trip = now - message["time"]
            self._tally.round_trips.add(trip)
            self._tally.recent_round_trips.add(trip)
        elif kind == "joined":
            if message["status"] == "in-progress":
                self._playing_since = now
        elif kind == "game_started":
            self._playing_since = now
            self._unanswered.clear()
        elif kind == "game_over":
            self._stop(now)
        elif kind == "error":
            # What a player who takes over is told where it was before is no mistake.
            if message["code"] != "session_taken":
                self._tally.errors[message["code"]] += 1
        elif kind == "player_left" and self.client is not None and not self.client.player_id:
            self._stop(now)

    def _on_state(self, message: Message, now: float) -> None:
        if self._playing_since is None:
            # A match's last state comes with its end; what comes later is not part of a rate.
            return
        self.states += 1
        if self._last_state is not None:
            self._tally.gaps.add(now - self._last_state)
        self._last_state = now
        ack = message.get("ack", -1)
        unanswered = self._unanswered
        while unanswered and unanswered[0][0] <= ack:
            self._tally.answers.add(now - unanswered.popleft()[1])

    def _stop(self, now: float) -> None:
        if self._playing_since is not None:
            self._played += now - self._playing_since
        self._playing_since = self._last_state = None
        self._unanswered.clear()


def _game_with_bots(joined: Message) -> Game | None:
    """The game that the server plays, if it is one that ships with Rumpus and has bots."""
    if joined["game"] not in BUILT_IN:
        return None
    # Late, because a game may bring NumPy and numba, and its module is not needed for any other.
    from ..game.schema import input_schema

    try:
        game = load_game(joined["game"])
    except ConfigurationError:
        logger.warning("%s cannot be loaded here; random inputs instead of its bots", joined["game"])
        return None
    # Somebody's own game of the same name takes other inputs.
    if input_schema(game) != joined["schema"].get("input"):
        return None
    instance = game()
    return instance if instance.make_bot("nobody", 0.5, 0) is not None else None
