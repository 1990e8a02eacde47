"""Names over real sockets: look-alikes, tickets, and a language with a line's end behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rumpus.config import RoomOptions
from rumpus.protocol import JSON_SUBPROTOCOL
from rumpus.tickets import TicketVerifier, sign_ticket
from tests.support.drift import Drift
from tests.support.foreign_client import BOTH, Client
from tests.support.serving import serving

pytestmark = pytest.mark.socket

SECRET = "a secret of more than 32 bytes, for tests"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    options = RoomOptions(max_players=8, empty_grace=0, reconnect_time=0)
    with serving(Drift, options, identity=TicketVerifier(secret=SECRET)) as server:
        yield server.port


@BOTH
def test_a_double_gets_a_number_and_a_ticket_its_name(port: int, subprotocol: str) -> None:
    with Client(port, subprotocol) as ann, Client(port, subprotocol) as double, Client(port, subprotocol) as real:
        room = ann.join(name="Ann", options={"create": True})["room_id"]
        # Cyrillic, a joiner, a variation selector.
        double.join(name="А\u200dnn\ufe0f", room=room)
        assert ann.expect("player_joined")["player"]["name"] == "Аnn 2"
        joined = real.join(room=room, token=sign_ticket(SECRET, "user-1", name="Ann"))
        assert [(player["name"], player.get("signed", False)) for player in joined["players"]] == [
            ("Ann 3", False), ("Аnn 2", False), ("Ann", True),
        ]  # fmt: skip
        for other in (ann, double):
            changed = other.expect("player_changed")["player"]
            assert (changed["name"], changed["player_id"]) == ("Ann 3", joined["players"][0]["player_id"])
            assert other.expect("player_joined")["player"]["signed"] is True


def test_a_language_is_a_language_and_nothing_behind_it(port: int) -> None:
    with Client(port, JSON_SUBPROTOCOL) as ann:
        ann.send("join", name="Ann", options={"create": True, "language": "en\n"})
        assert ann.next_message()["code"] == "bad_message"
        ann.join(name="Ann", options={"create": True, "language": "en"})
