"""Who follows a party's leader into a room plays as who they are, with the SDK and with the Python client."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rumpus.client import Client
from rumpus.config import RoomOptions
from rumpus.errors import JoinError
from rumpus.identity.identity import guest_account
from rumpus.results.rating import Rating
from rumpus.tickets import TicketVerifier, sign_ticket
from tests.support.drift import Drift
from tests.support.node import node_command
from tests.support.serving import PATIENCE, ServerThread, serving

pytestmark = pytest.mark.socket

SCRIPT = Path(__file__).parent.parent / "web" / "sdk" / "follows.mjs"
SECRET = "a secret of more than 32 bytes, for tests"
KEYS = {"Ann": "a" * 16, "Ben": "b" * 16}
KNOWN = {
    guest_account(KEYS["Ann"]): Rating(40, 1),
    guest_account(KEYS["Ben"]): Rating(30, 1),
    "u:cid": Rating(50, 1),
}
POINTS = {"Ann": 2480, "Ben": 2080, "Cid": 2880}


class Ratings:
    def rating(self, account: str, callback: Callable[[Rating], None]) -> None:
        callback(KNOWN[account])


@pytest.fixture(scope="module")
def server() -> Iterator[ServerThread]:
    options = RoomOptions(max_players=4, empty_grace=0, reconnect_time=0)
    with serving(Drift, options, ratings=Ratings(), identity=TicketVerifier(secret=SECRET)) as server:
        yield server


def points(players: list[dict[str, Any]]) -> dict[str, int | None]:
    return {player["name"]: player.get("rating") for player in players}


def test_guests_of_the_sdk_keep_their_accounts_whoever_leads(server: ServerThread) -> None:
    command = [*node_command(), str(SCRIPT), str(server.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE * 2, check=False)
    assert done.returncode == 0, done.stderr
    assert [points(players) for players in json.loads(done.stdout)] == [
        {"Ann": POINTS["Ann"], "Ben": POINTS["Ben"]}
    ] * 2


@pytest.mark.parametrize("msgpack", [False, True])
def test_so_do_clients_in_python_guests_and_those_with_tickets(server: ServerThread, msgpack: bool) -> None:
    async def play() -> None:
        async with (
            await Client.connect(server.url, msgpack=msgpack) as ann,
            await Client.connect(server.url, msgpack=msgpack) as ben,
            await Client.connect(server.url, msgpack=msgpack) as cid,
            await Client.connect(server.url, msgpack=msgpack) as dan,
        ):
            code = (await ann.enter_party("Ann", guest=KEYS["Ann"]))["code"]
            await ben.enter_party("Ben", code, guest=KEYS["Ben"])
            await cid.enter_party(code=code, token=sign_ticket(SECRET, "cid", name="Cid"))
            await dan.enter_party("Dan", code)
            led = dan.messages("joined")
            await ann.join("Ann", guest=KEYS["Ann"], create=True)
            joined = await anext(led)
            assert points(joined["players"]) == POINTS | {"Dan": None}
            assert [player["name"] for player in joined["players"] if player.get("signed")] == ["Cid"]
            with pytest.raises(JoinError) as refused:
                await ann.enter_party("Ann", code)
            assert refused.value.code == "not_possible"

    asyncio.run(play())
