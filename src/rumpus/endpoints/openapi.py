"""The HTTP interface as OpenAPI 3.1, made of what the code declares: the Structs of answers and the parameters.

The description is a file beside this one, because making it needs the database's library. After a change of the
interface write it anew: `python -c "from rumpus.endpoints.openapi import write; write()"`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from ..net.http import Request, Response
from ..protocol import RoomListing
from .parameters import LONGEST, WITHOUT_NUL, Parameter
from .rooms import LIMIT as ROOMS

#: Where the description is served.
PATH = "/api/openapi.json"
FILE = Path(__file__).with_suffix(".json")


class Health(msgspec.Struct):
    """How the server is. busy: no new rooms are opened; preparing: people can join, and matches wait."""

    status: Literal["ok", "busy", "preparing", "stopping"]
    rooms: int
    players: int
    connections: int


class RoomPage(msgspec.Struct):
    """Public rooms, those with the most people first. total: how many there are. At most a second old."""

    game: str
    total: int
    rooms: list[RoomListing]


class Failure(msgspec.Struct):
    """What went wrong, in a sentence."""

    error: str


class _Operation(NamedTuple):
    path: str
    name: str
    summary: str
    answer: type[msgspec.Struct]
    #: Behind the question mark; those in the path are in the path.
    parameters: tuple[Parameter, ...] = ()
    #: What it may be answered besides 200.
    failures: tuple[int, ...] = ()


_FAILURES = {
    400: "A parameter makes no sense.",
    404: "There is no such thing; or this server keeps no results.",
    503: "The database does not answer, or too many questions wait for it; `Retry-After` says when to ask again.",
}


def answer_openapi(request: Request) -> Response:
    """Answers GET requests for the description."""
    return Response.json_bytes(_description())


@cache
def _description() -> bytes:
    return FILE.read_bytes()


def describe() -> dict[str, Any]:
    """The description. Needs SQLAlchemy."""
    operations = list(_operations())
    answers = [operation.answer for operation in operations]
    schemas, components = msgspec.json.schema_components(
        [*answers, Failure], ref_template="#/components/schemas/{name}"
    )
    failure = schemas[-1]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rumpus",
            "version": "1",
            "description": "What a Rumpus game server tells over HTTP. Times are seconds since 1970 (UTC).",
        },
        "paths": {
            operation.path: {"get": _describe(operation, schema, failure)}
            for operation, schema in zip(operations, schemas, strict=False)
        },
        "components": {"schemas": components},
    }


def _operations() -> Iterable[_Operation]:
    from ..results.storage.history import History, PlayedMatch  # SQLAlchemy, as the next
    from ..results.storage.leaderboards import Leaderboard, Profile
    from .results import HISTORY, LEADERBOARD

    asks = (400, 404, 503)
    yield _Operation("/healthz", "health", "How the server is", Health)
    yield _Operation("/rooms", "rooms", "The public rooms", RoomPage, (ROOMS,), (400,))
    yield _Operation("/api/leaderboard", "leaderboard", "A page of a leaderboard", Leaderboard, LEADERBOARD, asks)
    yield _Operation("/api/players/{account}", "player", "A player", Profile, (), asks)
    yield _Operation("/api/players/{account}/matches", "history", "A player's matches", History, HISTORY, asks)
    yield _Operation("/api/matches/{match_id}", "match", "A match that was played", PlayedMatch, (), asks)


def _describe(operation: _Operation, schema: dict[str, Any], failure: dict[str, Any]) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"name": part[1:-1], "in": "path", "required": True, "schema": _IN_PATH}
        for part in operation.path.split("/")
        if part.startswith("{")
    ]
    for parameter in operation.parameters:
        described: dict[str, Any] = {"name": parameter.name, "in": "query", "schema": parameter.schema}
        if parameter.text:
            described["description"] = parameter.text
        parameters.append(described)
    responses = {"200": {"description": operation.summary, "content": {"application/json": {"schema": schema}}}}
    for status in operation.failures:
        content = {"application/json": {"schema": failure}}
        responses[str(status)] = {"description": _FAILURES[status], "content": content}
    whole = {"operationId": operation.name, "summary": operation.summary, "responses": responses}
    return whole | ({"parameters": parameters} if parameters else {})


_IN_PATH = {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": WITHOUT_NUL}


def write() -> None:
    """Write the file."""
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(describe()), indent=2) + b"\n")
