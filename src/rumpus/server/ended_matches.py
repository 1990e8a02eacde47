"""What becomes of a match that has ended: kept in memory, handed to those who keep it for good, and its ratings told.

Ratings are known only when the match is in the database, some moments later; by then its players may be anywhere.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..protocol import Rated, RatingChange
from ..results.record import MatchRecord
from ..room.game_room import GameRoom
from .seat_registry import SeatRegistry

if TYPE_CHECKING:
    from ..results.storage.recorder import Recorder
    from ..results.storage.store import Written

#: Match records kept in memory.
_KEPT = 200


class EndedMatches:
    """The matches of one server that have ended, the newest last. rooms: those that there are, by code."""

    def __init__(
        self,
        rooms: Mapping[str, GameRoom],
        seats: SeatRegistry,
        recorder: Recorder | None,
        on_result: Callable[[MatchRecord], None] | None,
    ) -> None:
        self._rooms = rooms
        self._seats = seats
        self._recorder = recorder
        self._on_result = on_result
        self.records: deque[MatchRecord] = deque(maxlen=_KEPT)

    def add(self, record: MatchRecord) -> None:
        """A match has ended, now."""
        record.ended_at = time.time()
        record.started_at = record.ended_at - record.duration
        self.records.append(record)
        if self._recorder is not None:
            self._recorder.record(record)
        if self._on_result is not None:
            self._on_result(record)

    def rated(self, written: Written) -> None:
        """A match is in the database: its lines here get the ratings too, and its players hear of them."""
        record = next((one for one in reversed(self.records) if one.match_id == written.match_id), None)
        if record is None:
            return
        changes = {change.account: change for change in written.changes}
        told = []
        for line in record.results:
            change = changes.get(line.account or "")
            if change is None:
                continue
            line.rating_before, line.rating_after = change.before.points, change.after.points
            told.append(RatingChange(player_id=line.player_id, before=line.rating_before, after=line.rating_after))
            seat = self._seats.by_player.get(line.player_id)
            if seat is not None:
                seat.room.set_rating(seat.player, change.after.points, change.after.skill)
        room = self._rooms.get(record.room_id)
        if room is not None and told:
            room.broadcast(Rated(ratings=told))
