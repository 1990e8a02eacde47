"""The list of rooms over HTTP: written once a second, bounded, compressed for those who take it."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from multidict import CIMultiDict

from rumpus.endpoints.rooms import RoomsPage
from rumpus.net.http import Request, Response
from rumpus.protocol import RoomListing
from rumpus.testing import Playground
from tests.support.clients import RawClient, get
from tests.support.drift import Drift
from tests.support.race import Race
from tests.support.serving import serving
from tests.support.watched_server import OPTIONS


def listing(number: int) -> RoomListing:
    return RoomListing(
        room_id=f"R{number}", game="race", status="waiting", players=number, bots=0, reserved=0, max_players=8,
        spectators=0, max_spectators=16, open=True, locked=False, title="", language=None, rating=None, settings={},
    )  # fmt: skip


class Now:
    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time

    def used(self) -> float:
        return 0.0


class Rooms:
    """So many rooms, and how often somebody has looked at them."""

    def __init__(self, count: int) -> None:
        self.listings = [listing(number) for number in range(count)]
        self.looks = 0
        self.clock = Now()
        self.page = RoomsPage("race", self.fullest, self.clock)

    def fullest(self, most: int) -> tuple[list[RoomListing], int]:
        self.looks += 1
        return self.listings[:most], len(self.listings)

    def get(self, query: str = "", **headers: str) -> Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.page(Request("/rooms", query, CIMultiDict(names)))


def body(response: Response) -> Any:
    return json.loads(response.body)


def test_a_list_has_a_hundred_rooms_unless_asked_otherwise_and_five_hundred_at_most() -> None:
    rooms = Rooms(900)
    assert len(body(rooms.get())["rooms"]) == 100
    for limit in (1, 99, 100, 500):
        page = body(rooms.get(f"limit={limit}"))
        assert [room["room_id"] for room in page["rooms"]] == [f"R{number}" for number in range(limit)]
        assert (page["game"], page["total"]) == ("race", 900)


@pytest.mark.parametrize("query", ["limit=501", "limit=0", "limit=x", "limit=", "offset=1", "limit=%ff"])
def test_a_question_that_makes_no_sense_is_told_why(query: str) -> None:
    response = Rooms(3).get(query)
    assert response.status == 400
    assert body(response)["error"]


def test_a_crowd_of_readers_costs_one_look_a_second() -> None:
    rooms = Rooms(10)
    for number in range(1000):
        rooms.get(f"limit={number % 500 + 1}", Accept_Encoding="gzip" if number % 2 else "")
    assert rooms.looks == 1
    rooms.listings.clear()
    assert body(rooms.get())["total"] == 10
    rooms.clock.time += 1.0
    assert body(rooms.get()) == {"game": "race", "total": 0, "rooms": []}
    assert rooms.looks == 2


def test_it_is_compressed_once_for_all_who_take_that() -> None:
    rooms = Rooms(300)
    plain, packed = rooms.get(), rooms.get(Accept_Encoding="br, gzip;q=0.8")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 5
    assert rooms.get(Accept_Encoding="gzip").body is packed.body
    for refused in ("br", "gzip;q=0", "gzip; q=0.000", "x-gzip", ""):
        assert "Content-Encoding" not in rooms.get(Accept_Encoding=refused).headers
    assert "Content-Encoding" not in Rooms(1).get(Accept_Encoding="gzip").headers


def test_the_fullest_rooms_come_first_and_private_ones_never() -> None:
    playground = Playground(Race, max_players=4)
    playground.connect("Ann", create=True)
    for name in ("Ben", "Cat"):
        playground.connect(name)
    listings, total = playground.server.join_service.room_list.fullest(1)
    assert ([room.players for room in listings], total) == ([2], 1)


@pytest.mark.socket
def test_over_a_socket() -> None:
    with serving(Drift, OPTIONS) as server, RawClient(server.port) as public:
        public.send("join", name="Ann")
        room_id = public.expect("joined")["room_id"]
        answer = get(server.port, "/rooms?limit=500", Accept_Encoding="gzip")
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert [room["room_id"] for room in json.loads(answer.body)["rooms"]] == [room_id]
        assert get(server.port, "/rooms?limit=501").status == 400
