"""A bad link as numbers: when bytes that enter one direction of it now come out at the other end.

The link that is modelled is a TCP connection, for that is all that a browser's WebSocket sees. TCP hides loss: nothing
is missing and nothing is out of order, but what follows a lost segment waits until it has been sent again. So loss is
modelled as it shows, as *stalls*: now and then nothing comes out of a direction for a while, then all of it at once.
How long follows from how TCP finds a loss (RFC 8985, RACK): when the segment sent after it has been acknowledged, and a
quarter of a round trip, the reordering window, has passed. One send spacing later that next segment leaves, a round
trip later its acknowledgement is back, and then the repetition sets out: the lost bytes are one spacing and 1.25 round
trips late. The retransmission timer (RFC 6298, at least 200 ms on Linux) plays no part while a game keeps sending.

Stalls are periods of time with a given share of it, and depend on nothing that is sent. Rejected: losing each message
with some probability, for then whoever sends more often has the worse line, and two versions of a program cannot be
compared on the same one; and netem or another real loss below TCP, which needs root and one operating system, and is
different in each run.

Nothing here reads a clock or has randomness of its own: both are passed in, so that a test can run hours of it.
"""

from __future__ import annotations

import math
from random import Random

import msgspec

#: Seconds between two messages of a game, for the length of stalls: browsers and servers send about 30 a second.
SEND_SPACING = 0.033
#: Round trips until TCP sends again what was lost: one for the acknowledgement of what followed, a quarter in case it
#: is only out of order.
STALL_ROUND_TRIPS = 1.25
#: Stalls are so many times their mean length at least and at most.
STALL_SPREAD = (0.5, 1.5)
#: Milliseconds that a lag may have at most.
MAX_LAG = 10_000.0
#: What a rate may be, in kbit/s.
MIN_RATE, MAX_RATE = 1.0, 10_000_000.0
#: Seconds for which bytes may wait in front of a link of limited rate, as they do in a router's queue.
QUEUE_TIME = 0.5
#: Bytes that a direction takes in any case before its sender has to wait, and those that it never exceeds.
MIN_BACKLOG, MAX_BACKLOG = 16 * 1024, 4 * 1024 * 1024
#: A link of limited rate carries pieces of this many seconds, and of at least so many bytes: a packet's.
PIECE_TIME, MIN_PIECE = 0.005, 1448

PRESETS = {
    "lan": "lag=1,jitter=0.3",
    "good": "lag=40,jitter=6",
    "typical": "lag=100,jitter=15,stall=2%",
    "bad": "lag=200,jitter=30,stall=10%",
}


class LinkConditionsError(ValueError):
    """Conditions that no link can have. The text is one sentence: what is wrong, and what would be right."""


class LinkConditions(msgspec.Struct, frozen=True, kw_only=True):
    """What a link is like. Raises LinkConditionsError if there is no such link."""

    #: Milliseconds there and back; half of it each way.
    lag: float = 0.0
    #: Milliseconds from the client to the server, and from the server to the client, instead of half the lag.
    up: float | None = None
    down: float | None = None
    #: Milliseconds by which each way takes more or less, uniformly.
    jitter: float = 0.0
    #: Share of the time in which a direction stands still, 0 to less than 1.
    stall: float = 0.0
    #: kbit/s (1000 bits) each way; None is no limit.
    rate: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("lag", self.lag), ("up", self.up), ("down", self.down), ("jitter", self.jitter)):
            if value is not None and not 0 <= value <= MAX_LAG:
                raise LinkConditionsError(
                    f"{name} cannot be {value:g}; it is a number of milliseconds from 0 to {MAX_LAG:g}."
                )
        if not 0 <= self.stall < 1:
            raise LinkConditionsError(
                f"stall cannot be {self.stall:g}; it is a share of the time from 0 to less than 1, or per cent: 2%."
            )
        if self.rate is not None and not MIN_RATE <= self.rate <= MAX_RATE:
            raise LinkConditionsError(
                f"rate cannot be {self.rate:g}; it is in kbit/s, from {MIN_RATE:g} to {MAX_RATE:.0f}."
            )
        least = min(self.lag / 2 if way is None else way for way in (self.up, self.down))
        if self.jitter > least:
            raise LinkConditionsError(
                f"jitter cannot be {self.jitter:g} ms where one way takes {least:g} ms: nothing arrives before it is "
                "sent; give less jitter or more lag."
            )

    @property
    def one_way_up(self) -> float:
        """Seconds from the client to the server, without jitter."""
        return (self.lag / 2 if self.up is None else self.up) / 1000

    @property
    def one_way_down(self) -> float:
        """Seconds from the server to the client, without jitter."""
        return (self.lag / 2 if self.down is None else self.down) / 1000

    @property
    def round_trip(self) -> float:
        """Seconds there and back, without jitter."""
        return self.one_way_up + self.one_way_down

    def upward(self, random: Random) -> LinkDirection:
        """A new direction from the client to the server."""
        return LinkDirection(self.one_way_up, self.jitter / 1000, self.stall, self.rate, self.round_trip, random)

    def downward(self, random: Random) -> LinkDirection:
        """A new direction from the server to the client."""
        return LinkDirection(self.one_way_down, self.jitter / 1000, self.stall, self.rate, self.round_trip, random)

    def describe(self) -> str:
        """`round trip 100 ms (up 50, down 50), jitter ±15 ms each way, stalled 2% of the time, no limit of rate`."""
        up, down = self.one_way_up * 1000, self.one_way_down * 1000
        stalled = f"stalled {self.stall * 100:g}% of the time" if self.stall else "no stalls"
        rate = f"{self.rate:g} kbit/s each way" if self.rate is not None else "no limit of rate"
        return (
            f"round trip {up + down:g} ms (up {up:g}, down {down:g}), jitter ±{self.jitter:g} ms each way, "
            f"{stalled}, {rate}"
        )


def parse_conditions(text: str) -> LinkConditions:
    """The conditions that `lag=100,jitter=15,stall=2%`, a preset, or a preset with changes (`bad,stall=0`) mean.

    Raises LinkConditionsError, whose text is a sentence for whoever wrote it.
    """
    first, comma, rest = text.partition(",")
    name = first.strip()
    if "=" in name:
        return LinkConditions(**_numbers(text))
    if name not in PRESETS:
        raise LinkConditionsError(
            f"there is no link {name!r}; it is one of {', '.join(PRESETS)}, or in numbers: {PRESETS['typical']}."
        )
    return LinkConditions(**(_numbers(PRESETS[name]) | (_numbers(rest) if comma else {})))


def _numbers(text: str) -> dict[str, float]:
    """What `lag=100,stall=2%` says."""
    numbers: dict[str, float] = {}
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise LinkConditionsError(f"{name!r} is not NAME=NUMBER; after a preset come changes such as stall=0.")
        if name not in LinkConditions.__struct_fields__:
            known = ", ".join(LinkConditions.__struct_fields__)
            raise LinkConditionsError(f"links have no {name!r}; they have {known}.")
        if name in numbers:
            raise LinkConditionsError(f"{name} is given twice; once is enough.")
        numbers[name] = _number(name, value)
    return numbers


def _number(name: str, value: str) -> float:
    unit = {"stall": "%", "rate": "kbit"}.get(name, "ms")
    bare = value.removesuffix(unit)
    try:
        number = float(bare)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise LinkConditionsError(f"{name} cannot be {value!r}; it is a number, with or without {unit} behind it.")
    return number / 100 if unit == "%" and bare != value else number


class LinkDirection:
    """One direction of one connection over a link. All times are seconds on the caller's clock, all sizes bytes.

    `one_way` and `jitter` are seconds, `stall` the share of time without anything coming out, `rate` kbit/s or None,
    `round_trip` the seconds there and back from which the length of stalls follows. When there are stalls depends on
    `random` and on the time of the first call alone, not on what is sent.
    """

    def __init__(
        self, one_way: float, jitter: float, stall: float, rate: float | None, round_trip: float, random: Random
    ) -> None:
        self.one_way = one_way
        self.jitter = jitter
        #: Bytes on their way, from which on the sender should have to wait.
        self.backlog = MAX_BACKLOG
        #: Bytes that should enter at once at most; of a bigger lump all would come out with its last byte.
        self.piece = MAX_BACKLOG
        self._seconds_per_byte = 0.0
        if rate is not None:
            per_second = rate * 1000 / 8
            self._seconds_per_byte = 1 / per_second
            on_the_way = per_second * (one_way + jitter + QUEUE_TIME)
            self.backlog = int(min(max(on_the_way, MIN_BACKLOG), MAX_BACKLOG))
            self.piece = int(max(per_second * PIECE_TIME, MIN_PIECE))
        self._mean_stall = SEND_SPACING + STALL_ROUND_TRIPS * round_trip
        self._mean_gap = self._mean_stall * (1 - stall) / stall if stall else math.inf
        # Of their own, so that how often the other is asked does not move the stalls.
        self._stall_random = Random(random.getrandbits(64))  # noqa: S311  # nobody gains by guessing it
        self._random = random
        #: When the last byte that entered is on the wire, and when the last one comes out.
        self._sent = self._out = -math.inf
        #: The stall that comes next or is on.
        self._stall_begins = self._stall_ends = math.inf
        self._begun = False

    def due(self, now: float, size: int) -> float:
        """When `size` bytes that enter now have come out: never before what entered earlier.

        `now` must not be less than in an earlier call.
        """
        if not self._begun:
            self._begun = True
            if self._mean_gap < math.inf:
                self._stall_ends = now
                self._next_stall()
        self._sent = max(self._sent, now) + size * self._seconds_per_byte
        out = self._sent + self.one_way
        if self.jitter:
            out += self._random.uniform(-self.jitter, self.jitter)
        out = max(out, self._out, now)
        while out >= self._stall_ends:
            self._next_stall()
        if out >= self._stall_begins:
            out = self._stall_ends
        self._out = out
        return out

    def _next_stall(self) -> None:
        # Gaps without memory: that there was none for long says nothing about when the next one comes.
        self._stall_begins = self._stall_ends + self._stall_random.expovariate(1 / self._mean_gap)
        self._stall_ends = self._stall_begins + self._mean_stall * self._stall_random.uniform(*STALL_SPREAD)
