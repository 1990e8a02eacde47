"""What becomes of a match that has ended: judged, kept in memory, handed to those who keep it, and its ratings told.

Ratings are known only when the match is in the database, some moments later; by then its players may be anywhere.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from ..config import RoomOptions
from ..protocol import Notice, Rated, RatingChange
from ..results.presence import Circumstances
from ..results.rated import judge, note_in, sentence_to_player
from ..results.record import MatchRecord, PlayerResult
from ..results.repeats import Repeats
from ..room.game_room import GameRoom
from .seat_registry import SeatRegistry

if TYPE_CHECKING:
    from ..results.storage.recorder import Recorder
    from ..results.storage.store import Written

#: Match records kept in memory.
_KEPT = 200
#: Seconds that the database gets, when the server stops, to take the last results; what it does not take waits.
_CLOSE_TIMEOUT = 2.0


class EndedMatches:
    """The matches of one server that have ended, the newest last.

    rooms: those that there are, by code. options: what of it is rated.
    """

    def __init__(
        self,
        rooms: Mapping[str, GameRoom],
        seats: SeatRegistry,
        recorder: Recorder | None,
        on_result: Callable[[MatchRecord], None] | None,
        options: RoomOptions,
    ) -> None:
        self._rooms = rooms
        self._seats = seats
        self._recorder = recorder
        self._on_result = on_result
        self._options = options
        self._repeats = Repeats(options.rated_repeats)
        self.records: deque[MatchRecord] = deque(maxlen=_KEPT)

    def start(self) -> None:
        """Begin to keep them in the database, and to hear of ratings on the event loop that runs."""
        if self._recorder is None:
            return
        loop = asyncio.get_running_loop()

        def written(match: Written) -> None:
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(self.rated, match)

        # The libraries of databases come after `settle_memory`, and would make each full collection 20 ms longer.
        self._recorder.start(written, gc.freeze)

    async def close(self) -> None:
        """Give the database a moment to take the last ones."""
        if self._recorder is not None:
            await asyncio.to_thread(self._recorder.close, _CLOSE_TIMEOUT)

    def add(self, record: MatchRecord, circumstances: Circumstances) -> None:
        """A match has ended, now."""
        record.ended_at = time.time()
        record.started_at = record.ended_at - record.duration
        note_in(record, judge(record, circumstances, self._options, self._repeats))
        if record.unrated is None:
            self._repeats.note(record, circumstances.people)
        self.records.append(record)
        recorder, least = self._recorder, self._options.rated_seconds
        if recorder is not None and recorder.keeping.keeps(record, circumstances.networks, least):
            recorder.record(record)
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
                if record.unrated is None:
                    self._tell_left_out(line)
                continue
            line.rating_before, line.rating_after = change.before.points, change.after.points
            told.append(RatingChange(player_id=line.player_id, before=line.rating_before, after=line.rating_after))
            seat = self._seats.by_player.get(line.player_id)
            if seat is not None:
                seat.room.set_rating(seat.player, change.after.points, change.after.skill)
        room = self._rooms.get(record.room_id)
        if room is not None and told:
            room.broadcast(Rated(ratings=told))

    def _tell_left_out(self, line: PlayerResult) -> None:
        """Tell somebody why the match was rated without them; nobody else, who need not know who shares an address."""
        seat = self._seats.by_player.get(line.player_id)
        if seat is not None and line.unrated is not None:
            notice = Notice(level="info", text=sentence_to_player(line.unrated))
            seat.room.send_private_message(line.player_id, notice)
