"""Messages that have arrived and that one iteration over them has not read yet."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

#: A message of the server, as a dict with a `type`.
Message = dict[str, Any]

#: Unread messages that an iteration keeps; beyond that the oldest are dropped.
MAX_UNREAD = 10_000


class Inbox(AsyncIterator[Message]):
    """Messages of some types, all if none are named. Forgotten by the client as soon as nobody holds it."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self._kinds = kinds
        self._unread: deque[Message] = deque(maxlen=MAX_UNREAD)
        self._arrived = asyncio.Event()
        self._over = False

    def put(self, message: Message) -> None:
        if not self._kinds or message["type"] in self._kinds:
            self._unread.append(message)
            self._arrived.set()

    def end(self) -> None:
        self._over = True
        self._arrived.set()

    async def __anext__(self) -> Message:
        while not self._unread:
            if self._over:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        return self._unread.popleft()
