"""What one player has sent that the game has not seen yet, and whether any of it counts.

A session hands inputs to `take` and knows nothing of rooms; the match says by one flag whether there is something to
steer: not before it begins, not after its end, not in a pause, and not for who is out. At such times inputs are
nobody's mistake, and are dropped.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Protocol

from ..protocol import Input
from .activity import Activity
from .input_buffer import InputBuffer
from .round_trip import RoundTrip


class Timing(Protocol):
    """What a room makes of inputs that name their tick: `InputTiming`."""

    def take(self, player: PlayerInput, message: Input[Any]) -> None:
        """An input has come. Raises MessageError (`bad_tick`)."""

    def measured(self, player: PlayerInput) -> None:
        """The player's round trip is known anew."""


class PlayerInput:
    """The inputs of one player. most: how many without a tick are kept from one tick to the next, the newest."""

    # With slots: every message of every player passes through here.
    __slots__ = (
        "_timing",
        "accepting",
        "ack",
        "activity",
        "arrived",
        "buffer",
        "last",
        "margin",
        "player_id",
        "round_trip",
        "slot",
    )

    def __init__(self, player_id: str, timing: Timing, most: int) -> None:
        self.player_id = player_id
        self._timing = timing
        #: Whether what comes counts; set by the match.
        self.accepting = False
        #: Sequence numbers and inputs since the last tick, from a client that does not say for which tick they are; the
        #: oldest give way.
        self.arrived: deque[tuple[int, Any]] = deque(maxlen=most)
        #: Inputs from one that does; None until the first.
        self.buffer: InputBuffer | None = None
        #: The newest input that the game has seen; None before the first.
        self.last: Any = None
        #: Its number, or -1; and how long before its tick it came (s), if it was for one.
        self.ack = -1
        self.margin: float | None = None
        #: Where it is to be noted at once that the game has seen an input; -1: nowhere. A number instead of an object:
        #: with hundreds of players each object more that a tick touches is a look into slow memory.
        self.slot = -1
        self.round_trip = RoundTrip()
        #: What they have done in the running match; kept over lost connections.
        self.activity = Activity()

    def take(self, message: Input[Any]) -> None:
        """An input has arrived. Raises MessageError (`bad_tick`)."""
        if not self.accepting:
            return
        if message.tick is None and self.buffer is None:
            # The shortest way, for the simplest clients.
            self.arrived.append((message.seq, message.data))
        else:
            self._timing.take(self, message)

    @property
    def timed(self) -> bool:
        """Whether the client says for which tick its inputs are."""
        return self.buffer is not None

    def asked(self, now: float) -> None:
        """A ping was sent."""
        self.round_trip.asked(now)

    def answered(self, now: float) -> None:
        """A pong came."""
        self.round_trip.answered(now)
        self._timing.measured(self)

    def accept(self, accepting: bool) -> None:
        """Whether what comes from now on counts."""
        self.accepting = accepting

    def note_at(self, slot: int) -> None:
        """Where it is noted from now on what the game has seen; -1: nowhere."""
        self.slot = slot

    def decide(self, data: Any) -> None:
        """An input that nobody had to send: a bot's."""
        self.arrived.append((-1, data))

    def reconnected(self) -> None:
        """The player comes by another way."""
        self.forget()
        self.round_trip = RoundTrip()

    def forget(self) -> None:
        """What was sent for the last match, or over the last connection, counts no more."""
        self.stop()
        self.ack = -1
        self.margin = None

    def stop(self) -> None:
        """The player's hands are off: nothing is in force, and nothing waits."""
        self.arrived.clear()
        self.buffer = self.last = None
