"""What other libraries' connections have in common: they never wait for a client, and say when it reads too little."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ...connection import Connection, Receiver

#: Bytes waiting for a client beyond which it gets no more snapshots, and seconds until that is looked at again.
MOST, AGAIN = 65_536, 0.05
#: Takes a new connection, and says who hears of its messages.
Accept = Callable[[Connection], Receiver]


class BufferedConnection(Connection):
    """A connection on top of an asyncio transport."""

    _transport: asyncio.WriteTransport | None

    def notice(self) -> None:
        """After a send: whether the client keeps up. Costs one call unless it does not."""
        transport = self._transport
        if transport is not None and transport.get_write_buffer_size() > MOST and not self.congested:
            self.congested = True
            asyncio.get_running_loop().call_later(AGAIN, self._look_again)

    def _look_again(self) -> None:
        self.congested = False
        if not self.closed:
            self.notice()
