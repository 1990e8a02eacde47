"""Players who do not stay: they leave, lose their connection, come back at once, late or never, and join again.

What people do to a server in a day, in minutes. Times between two changes are exponential, as those of many people who
know nothing of each other are.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random

from ..errors import RumpusError
from .player import LoadPlayer

#: What may happen, and how often compared with the rest.
_CHANGES = {"leave": 3, "drop": 4, "vanish": 2, "take over": 1}
#: Seconds that somebody who drops is away; who vanishes never resumes.
_AWAY = (0.0, 3.0)
#: Seconds until somebody who was refused tries again.
_RETRY = 1.0


class Churn:
    """rate: changes a second of each player.  join, resume: how a player gets a seat, or the lost one back."""

    def __init__(
        self,
        rate: float,
        random: Random,
        join: Callable[[LoadPlayer], Awaitable[object]],
        resume: Callable[[LoadPlayer], Awaitable[object]],
    ) -> None:
        self._rate = rate
        self._random = random
        self._join = join
        self._resume = resume
        #: What happened, and what was answered to joins and resumes (error codes).
        self.changes: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    async def run(self, player: LoadPlayer) -> None:
        """One player's coming and going, until cancelled."""
        names, weights = list(_CHANGES), list(_CHANGES.values())
        while True:
            await asyncio.sleep(self._random.expovariate(self._rate))
            change = self._random.choices(names, weights)[0]
            client = player.client
            if client is None or client.closed or not client.session:
                # The server has ended it: a room that closed, say.
                change = "rejoin"
            self.changes[change] += 1
            player.absent()
            if client is None or change == "rejoin":
                pass
            elif change == "leave":
                await client.leave()
                await client.close()
            elif change != "take over":
                client.drop()
                await client.wait_closed()
            if change in ("drop", "take over"):
                if change == "drop":
                    await asyncio.sleep(self._random.uniform(*_AWAY))
                if await self._try("resume", self._resume(player)):
                    continue
            joined = await self._try("join", self._join(player))
            while not joined:
                await asyncio.sleep(_RETRY)
                joined = await self._try("join", self._join(player))

    async def _try(self, what: str, attempt: Awaitable[object]) -> bool:
        try:
            await attempt
        except RumpusError as error:
            self.refused[f"{what}: {error.code}"] += 1
            return False
        self.changes["joined" if what == "join" else "resumed"] += 1
        return True
