"""Who is connected: connections become sessions, each with a purse that its address and its account pay into."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from ..budget.ledger import Ledger
from ..budget.purse import Purse
from ..clock import Clock
from ..config import Limits
from ..connection import Connection
from ..game.contract import Game, PlayerInfo
from ..identity.identity import GUEST
from ..protocol import GOING_AWAY
from ..protocol.codec import Codec, Decode
from ..telemetry.counters import Counters
from .session import Handler, Session

logger = logging.getLogger(__name__)


class Sessions:
    """All of a server. game: what inputs are decoded for. ledger: who pays."""

    def __init__(self, game: type[Game], limits: Limits, clock: Clock, counters: Counters, ledger: Ledger) -> None:
        self._game = game
        self._limits = limits
        self._clock = clock
        self._counters = counters
        self._ledger = ledger
        self._decoders: dict[Codec, Decode] = {}
        self._all_gone = asyncio.Event()
        self.by_connection: dict[Connection, Session] = {}
        #: Told of a session that begins, and of one that has ended.
        self.on_open: Callable[[Session], None] = lambda session: None
        self.on_gone: Callable[[Session], None] = lambda session: None

    def __len__(self) -> int:
        return len(self.by_connection)

    def open(self, connection: Connection, path: str, handler: Handler) -> Session:
        """Take a new connection. Its messages arrive at the session from now on."""
        codec, limits = connection.codec, self._limits
        decode = self._decoders.get(codec)
        if decode is None:
            decode = self._decoders[codec] = codec.decoder(self._game.Input)
        payer = self._ledger.network(connection.address, self._clock.now())
        connection.network = payer.key
        purse = Purse(payer, limits, self._clock.now)
        session = Session(connection, decode, handler, limits, self._clock, self._counters, purse)
        connection.receiver = session
        self.by_connection[connection] = session
        self.on_open(session)
        logger.debug("connected", extra={"address": connection.address, "path": path})
        return session

    def sign_in(self, session: Session, info: PlayerInfo) -> None:
        """Whoever has a ticket pays with their account too, wherever they come from. A guest's costs nothing to make,
        and so is worth nothing.
        """
        if info.account is None or info.account.startswith(GUEST):
            return
        now = self._clock.now()
        before = session.purse.sign_in(self._ledger.use(info.account, now))
        if before is not None:
            self._ledger.release(before, now)

    def forget(self, session: Session) -> None:
        """A connection has ended."""
        self.on_gone(session)
        self.by_connection.pop(session.connection, None)
        now = self._clock.now()
        for payer in session.purse.payers:
            self._ledger.release(payer, now)
        if not self.by_connection:
            self._all_gone.set()

    async def close(self, seconds: float) -> None:
        """End all of them because the server stops, and wait so long for clients to answer."""
        for connection in list(self.by_connection):
            connection.close(GOING_AWAY, "the server is stopping")
        if self.by_connection:
            self._all_gone.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_gone.wait(), seconds)
