"""A player in a room: who they are, how to reach them, and what they have sent that the game has not seen yet."""

from __future__ import annotations

import unicodedata
from collections import deque
from typing import Any

from ..connection import Connection
from ..errors import MessageError
from ..game.contract import Bot, PlayerInfo
from ..netcode.input_buffer import InputBuffer
from ..netcode.round_trip import RoundTrip
from ..protocol import PlayerView

#: Joins the parts of many emoji; the only invisible character a name may hold.
_ZERO_WIDTH_JOINER = "\u200d"
#: Letters and symbols that show nothing: fillers of Hangul, and Braille's empty cell.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
#: Unicode categories of control, format (such as right-to-left overrides), surrogate, private and separator characters.
_UNPRINTABLE = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))

#: Of a bot, which is not asked.
_NO_WAY = RoundTrip()


class Player:
    """One seat that is taken, by a person or by a computer (`bot`).

    `connection` is None for bots, and for people whose connection is lost and whose seat is held.
    """

    __slots__ = (
        "ack",
        "address",
        "bot",
        "buffer",
        "chose_team",
        "client",
        "connection",
        "in_sync",
        "info",
        "inputs",
        "last",
        "margin",
        "max_inputs",
        "muted",
        "news_from",
        "out",
        "party",
        "ready",
        "round_trip",
        "said_until",
        "since",
    )

    def __init__(self, info: PlayerInfo, connection: Connection | None, bot: Bot | None, max_inputs: int) -> None:
        self.info = info
        self.connection = connection
        self.bot = bot
        #: Where the connection came from, the last one if it is lost; empty for bots.
        self.address = connection.address if connection is not None else ""
        #: Sequence numbers and inputs since the last tick, from a client that does not say for which tick they are; the
        #: oldest give way.
        self.inputs: deque[tuple[int, Any]] = deque(maxlen=max_inputs)
        self.max_inputs = max_inputs
        #: The newest of these that the game has seen; None before the first.
        self.last: Any = None
        #: Inputs from one that does; None until the first.
        self.buffer: InputBuffer | None = None
        #: The last input the game has seen, or -1; and how long before its tick it came (s), if it was for one.
        self.ack = -1
        self.margin: float | None = None
        #: Whether the client holds the state that was sent last, so that a delta is enough.
        self.in_sync = False
        #: The client's number in the room's `TableSender`, or -1.
        self.client = -1
        #: Which of the room's waiting news are news to this player; the first of them.
        self.news_from = 0
        self.round_trip = RoundTrip() if connection is not None else _NO_WAY
        #: Whether they take no more part in the running match, and whether they are ready for the next one.
        self.out = False
        self.ready = False
        #: The code of the party they came with, and whether the team is one that they asked for.
        self.party: str | None = None
        self.chose_team = False
        #: The serial number of the room's last message before they came (see `rumpus.sync.message_log`).
        self.since = 0
        #: Whose chat they do not hear, by `durable_id`.
        self.muted: set[str] = set()
        #: Until when what they changed in the room has used up its rate; see `HostControls.handle`.
        self.said_until = 0.0

    @property
    def player_id(self) -> str:
        return self.info.player_id

    @property
    def durable_id(self) -> str:
        """Names the player beyond this seat, where they have an account."""
        return self.info.account if self.info.account is not None else self.info.player_id

    @property
    def away(self) -> bool:
        """Whether the seat is held for somebody whose connection is lost."""
        return self.connection is None and self.bot is None

    def forget_inputs(self) -> None:
        """Another match begins: what was meant for the last one counts no more."""
        self.inputs = deque(maxlen=0 if self.out else self.max_inputs)
        self.last = None
        self.buffer = None
        self.ack = -1
        self.margin = None

    def leave_match(self) -> None:
        """The player is out: nothing that they send counts until the next match."""
        self.out = True
        self.inputs = deque(maxlen=0)
        self.buffer = self.last = None

    @property
    def is_bot(self) -> bool:
        return self.bot is not None

    def view(self) -> PlayerView:
        info = self.info
        return PlayerView(
            player_id=info.player_id,
            name=info.name,
            team=info.team,
            bot=info.bot,
            away=self.away,
            out=self.out,
            ready=self.ready,
            rating=info.rating,
        )


def clean_text(text: str, most: int, code: str, what: str) -> str:
    """`text` without needless space, or MessageError: at most `most` characters, none of them invisible or control.

    Combining marks are bounded too: a hundred of them on one letter cover half a screen.
    """
    if len(text) > most * 4:
        raise MessageError(code, f"{what} may have at most {most} characters.")
    text = " ".join(filter(None, unicodedata.normalize("NFC", text).strip().split(" ")))
    if len(text) > most:
        raise MessageError(code, f"{what} may have at most {most} characters.")
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if (category in _UNPRINTABLE and char != _ZERO_WIDTH_JOINER) or char in _BLANK:
            raise MessageError(code, f"{what} may not contain control characters.")
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > 4:
            raise MessageError(code, f"{what} may not stack that many accents.")
    return text if text.strip(_ZERO_WIDTH_JOINER) else ""
