"""What somebody is told first, on coming into a room or back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..connection import Connection
from ..game.schema import encoded_schema
from ..protocol import Joined
from .player import Player

if TYPE_CHECKING:
    from .game_room import GameRoom


def welcome(room: GameRoom, player: Player, ws: Connection, session: str, received: int | None = None) -> Joined:
    """The room as it is. received: of a player who is back, the highest serial number that came."""
    options, lobby, running = room.options, room.lobby, room.status == "in-progress"
    return Joined(
        player_id=player.player_id,
        room_id=room.room_id,
        session=session,
        resumed=received is not None,
        serial=max(received or 0, player.since),
        reconnect_time=options.reconnect_time,
        game=room.game.name,
        status=room.status,
        start=options.start,
        private=room.private,
        title=room.title,
        language=room.language,
        rating=player.info.rating,
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
        spectators=room.spectating.told,
        spectator_delay=options.spectator_delay,
        teams=room.teams,
        settings=room.match_settings if running else room.settings,
        players=[other.view() for other in room.players.values()],
        votes=lobby.votes_running(),
        schema=encoded_schema(type(room.game), ws.codec),
        static=room.game.get_static_state() if running else None,
    )
