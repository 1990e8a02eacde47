"""What somebody is told first, on coming into a room or back to it, or on beginning to watch."""

from __future__ import annotations

from typing import Any

from ..clock import Clock
from ..game.contract import Game
from ..game.player_choices import PlayerChoices
from ..netcode.timeline import Timeline
from ..protocol import Joined
from ..protocol.codec import Codec
from .match import Match
from .player import Player
from .roster import Roster
from .state import RoomState
from .voting import Voting


class Introduction:
    """The room as it is, in one message."""

    def __init__(
        self,
        game: Game,
        choices: PlayerChoices,
        state: RoomState,
        timeline: Timeline,
        roster: Roster,
        match: Match,
        voting: Voting,
        clock: Clock,
    ) -> None:
        self._game = game
        self._choices = choices
        self._state = state
        self._timeline = timeline
        self._roster = roster
        self._match = match
        self._voting = voting
        self._clock = clock

    def for_player(self, player: Player, codec: Codec, session: str, received: int | None = None) -> Joined:
        """session: the secret name of the seat. received: of a player who is back, the highest serial that came."""
        return self._joined(
            codec,
            player_id=player.player_id,
            session=session,
            resumed=received is not None,
            serial=max(received or 0, player.since),
            rating=player.info.rating,
        )

    def for_spectators(self, codec: Codec) -> Joined:
        """The same to all of them; who they are is added for each."""
        return self._joined(codec, player_id="", session="", resumed=False, serial=0, rating=None)

    def _joined(self, codec: Codec, **own: Any) -> Joined:
        state, options = self._state, self._state.options
        return Joined(
            room_id=state.room_id,
            reconnect_time=options.reconnect_time,
            game=self._game.name,
            status=state.status,
            start=options.start,
            private=state.private,
            title=state.title,
            language=state.language,
            locked=state.locked,
            host=state.host,
            paused=state.paused,
            can_pause=state.pausable,
            tick=self._timeline.tick,
            tick_rate=state.tick_rate,
            send_rate=state.send_rate,
            max_rewind=options.max_rewind,
            input_hold=options.input_hold,
            min_players=state.min_players,
            max_players=state.max_players,
            bots=options.bots,
            spectators=state.spectators,
            spectator_delay=options.spectator_delay,
            teams=self._roster.teams,
            settings=self._match.settings if state.running else state.settings,
            players=[other.view() for other in self._roster.players.values()],
            votes=self._voting.views(self._clock.now()),
            schema=self._choices.encoded_schema(codec),
            static=self._match.static[codec] if state.running else None,
            **own,
        )
