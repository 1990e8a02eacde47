"""The public rooms over HTTP. However many ask, the list is written once a second."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import TypeAlias

import msgspec

from ..clock import Clock
from ..net.http import Request, Response, takes_gzip
from ..protocol import RoomListing
from .parameters import BadParameter, Number, parameters

#: Seconds that a list is good for.
AGE = 1.0
#: Rooms that a list shows: unless asked otherwise, and at most.
LIMIT = Number("limit", 1, 500, 100)
#: Below this many bytes compression saves no packet.
_COMPRESS_FROM = 1024

#: The public rooms with the most people, as many as one asks for at most; and how many there are.
Fullest: TypeAlias = Callable[[int], tuple[list[RoomListing], int]]


class RoomsPage:
    """Answers GET /rooms. `clock` says how old a list is."""

    def __init__(self, game: str, fullest: Fullest, clock: Clock) -> None:
        self._game = msgspec.json.encode(game)
        self._fullest = fullest
        self._clock = clock
        self._until = 0.0
        #: Each room as JSON, the fullest first, and how many there are.
        self._rooms: list[bytes] = []
        self._total = 0
        #: What most people ask for, and the same compressed.
        self._usual = b""
        self._compressed: bytes | None = None

    def __call__(self, request: Request) -> Response:
        try:
            limit = LIMIT.of(parameters(request.query, LIMIT))
        except BadParameter as error:
            return Response.failure(400, str(error))
        if self._clock.now() >= self._until:
            self._look()
        if limit != LIMIT.default:
            return Response.json_bytes(self._page(limit))
        if len(self._usual) < _COMPRESS_FROM or not takes_gzip(request.headers):
            return self._varying(self._usual)
        if self._compressed is None:
            # The lowest level: the others take longer than they save.
            self._compressed = gzip.compress(self._usual, 1, mtime=0)
        response = self._varying(self._compressed)
        response.headers["Content-Encoding"] = "gzip"
        return response

    def _look(self) -> None:
        listings, self._total = self._fullest(LIMIT.most)
        self._rooms = [msgspec.json.encode(listing) for listing in listings]
        self._usual, self._compressed = self._page(LIMIT.default), None
        self._until = self._clock.now() + AGE

    def _page(self, limit: int) -> bytes:
        rooms = b",".join(self._rooms[:limit])
        return b'{"game":%b,"total":%d,"rooms":[%b]}' % (self._game, self._total, rooms)

    @staticmethod
    def _varying(body: bytes) -> Response:
        response = Response.json_bytes(body)
        response.headers["Vary"] = "Accept-Encoding"
        return response
