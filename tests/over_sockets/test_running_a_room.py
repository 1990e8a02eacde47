"""An evening among friends, with a client that is not ours: a room is made, changed, begun, paused and tidied up."""

from __future__ import annotations

import pytest

from rumpus.config import RoomOptions
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from tests.support.drift import Drift
from tests.support.foreign_client import Client
from tests.support.serving import serving

pytestmark = pytest.mark.socket


@pytest.mark.parametrize("subprotocol", [JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL])
def test_a_room_from_its_making_to_sending_somebody_away(subprotocol: str) -> None:
    options = RoomOptions(tick_rate=60, empty_grace=0, min_players=2, countdown=600, start="countdown")
    with (
        serving(Drift, options) as server,
        Client(server.port, subprotocol) as ann,
        Client(server.port, JSON_SUBPROTOCOL) as ben,
    ):
        made = ann.join(name="Ann", options={"create": True})
        assert made["host"] == made["player_id"]
        assert made["can_pause"]
        code, ben_id = made["room_id"], ben.join(name="Ben", room=made["room_id"])["player_id"]

        ann.send("set_room", settings={"sides": True}, locked=True)
        assert ben.expect("room_changed") == {"type": "room_changed", "locked": True}
        assert ben.expect("room_changed")["teams"] == ["red", "blue"]
        with Client(server.port, subprotocol) as cid:
            cid.send("join", room=code)
            assert cid.next_message()["code"] == "room_locked"

        ben.send("ready")
        while not ann.expect("player_changed")["player"].get("ready"):
            pass
        ann.send("start")
        assert ben.expect("game_started")["settings"]["sides"]

        ann.send("pause", paused=True)
        assert "Ann" in ben.expect("notice")["text"]
        ben.send("pause", paused=True)
        assert ben.expect("room_changed") == {"type": "room_changed", "paused": True}
        ben.send("ping", time=0)
        standing = ben.expect("pong")["tick"]
        ben.send("pause", paused=False)
        assert ben.expect("room_changed") == {"type": "room_changed", "paused": True, "resumes_in": 3.0}
        ben.send("ping", time=0)
        assert ben.expect("pong")["tick"] == standing
        assert ben.expect("room_changed") == {"type": "room_changed", "paused": False}
        ben.state_after(standing)

        ann.send("kick", player_id=ben_id, ban=True)
        assert ben.expect("player_left") == {"type": "player_left", "player_id": ben_id, "reason": "banned"}
        ben.send("join", room=code)
        assert ben.next_message()["code"] == "banned"
        assert not server.errors.texts()
