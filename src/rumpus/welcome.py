"""What somebody is told of a room on coming in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .player import Player
from .protocol import Joined
from .schema import encoded_schema

if TYPE_CHECKING:
    from .room import GameRoom


def welcome(room: GameRoom, player: Player, session: str, now: float) -> Joined:
    """The room as it is. The player must be connected."""
    if player.connection is None:
        raise ValueError(f"nobody can be told: {player.player_id} is not connected")
    options, lobby, running = room.options, room.lobby, room.status == "in-progress"
    return Joined(
        player_id=player.player_id,
        room_id=room.room_id,
        session=session,
        game=room.game.name,
        status=room.status,
        start=options.start,
        private=room.private,
        locked=lobby.locked,
        host=lobby.host,
        paused=room.paused,
        can_pause=lobby.pause.possible,
        tick=room.current_tick,
        tick_rate=room.tick_rate,
        send_rate=room.send_rate,
        max_rewind=options.max_rewind,
        input_hold=options.input_hold,
        min_players=room.min_players,
        max_players=room.max_players,
        bots=options.bots,
        teams=room.teams,
        settings=room.match_settings if running else room.settings,
        players=[other.view() for other in room.players.values()],
        votes=lobby.votes.views(now),
        schema=encoded_schema(type(room.game), player.connection.codec),
        static=room.game.get_static_state() if running else None,
    )
