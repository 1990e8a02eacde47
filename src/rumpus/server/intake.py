"""Whether the server takes people at this moment: it may be getting ready, stopping, or too busy."""

from __future__ import annotations

from ..errors import JoinError
from .load_shedding import LoadShedding


class Intake:
    """Told by the server how it is; asked by all who let somebody in."""

    def __init__(self, load: LoadShedding) -> None:
        self._load = load
        #: Set while the game is not ready to be played (see `Game.is_prepared`): people can join, matches wait.
        self.preparing = False
        #: Set when the server begins to stop.
        self.stopping = False

    @property
    def takes_nobody(self) -> bool:
        """Whether the server is too busy for anybody who has no seat yet."""
        return self._load.takes_nobody

    @property
    def status(self) -> str:
        """As `/healthz` shows it: `ok`, `preparing`, `busy` or `stopping`."""
        if self.stopping:
            return "stopping"
        if self.preparing:
            return "preparing"
        return "busy" if self._load.level >= 2 else "ok"

    def may_start(self) -> bool:
        """Whether matches may begin."""
        return not self.preparing

    def refuse_newcomers(self) -> None:
        """Raise JoinError (`server_full`, `server_busy`) if nobody can be taken now."""
        if self.stopping:
            raise JoinError("server_full", "This server is stopping.")
        self._load.refuse_join(new_room=False)
