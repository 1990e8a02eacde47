"""Leaderboards, players and matches over HTTP, as JSON.

Called by the event loop's thread and never waits there: an answer that is not at hand is a future. The same question
asked by many is one question to the database, and its answer is good for some seconds: a crowd that reloads costs what
one reader costs.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from ..net.http import Answer, Request, Response
from ..results.storage.options import StorageOptions
from ..results.storage.queries import Queries
from ..results.storage.seasons import season_at

if TYPE_CHECKING:
    from sqlalchemy import Connection

PREFIX = "/api/"
#: Lines of a leaderboard, and matches of a history, on one page: unless asked otherwise, and at most.
_LIMIT, _MOST = 25, 100
#: Answers that are remembered. That of a match with thousands of players may have a megabyte.
_ANSWERS_KEPT = 64
#: Seconds after which nobody waits any more, whatever the database is allowed.
_LONGEST_WAIT = 15.0
#: Characters that a name in a request may have.
_LONGEST = 256


class _BadRequest(Exception):
    """A request that cannot be answered, with the sentence that says why."""


class _Question(NamedTuple):
    """What is asked: of which kind, with what, and what to say if there is no such thing."""

    kind: str
    arguments: tuple[tuple[str, Any], ...]
    absent: str


class ResultsApi:
    """Answers GET requests below /api/. `now`: seconds since 1970."""

    def __init__(self, queries: Queries, options: StorageOptions, now: Callable[[], float] = time.time) -> None:
        self._queries = queries
        self._options = options
        self._now = now
        self._kept: OrderedDict[_Question, tuple[float, Response]] = OrderedDict()
        self._asked: dict[_Question, list[asyncio.Future[Response]]] = {}

    def __call__(self, request: Request) -> Answer:
        try:
            question = self._parse(request)
        except _BadRequest as error:
            return _failure(400, str(error))
        if question is None:
            return _failure(404, "There is no such page.")
        until, response = self._kept.get(question, (0.0, None))
        if response is not None and self._now() < until:
            return response
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Response] = loop.create_future()
        waiters = self._asked.setdefault(question, [])
        waiters.append(waiter)
        if len(waiters) > 1:
            return waiter
        overdue = loop.call_later(
            min(self._options.database_timeout * 2, _LONGEST_WAIT), self._answer, question, waiters, _unavailable()
        )

        def answered(answer: Future[Any]) -> None:
            # Once the loop is closed nobody waits any more.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._finish, question, waiters, answer, overdue)

        game = self._queries.game
        self._queries.ask(lambda connection: _find(connection, game, question)).add_done_callback(answered)
        return waiter

    def _finish(
        self, question: _Question, waiters: list[Any], answer: Future[Any], overdue: asyncio.TimerHandle
    ) -> None:  # fmt: skip
        overdue.cancel()
        if answer.exception() is not None:
            return self._answer(question, waiters, _unavailable())
        found = answer.result()
        response = Response.json(found) if found is not None else _failure(404, question.absent)
        now = self._now()
        self._kept[question] = (now + self._options.query_cache, response)
        self._kept.move_to_end(question)
        # The first is the oldest.
        while self._kept and (len(self._kept) > _ANSWERS_KEPT or next(iter(self._kept.values()))[0] <= now):
            self._kept.popitem(last=False)
        self._answer(question, waiters, response)

    def _answer(self, question: _Question, waiters: list[asyncio.Future[Response]], response: Response) -> None:
        if self._asked.get(question) is waiters:
            del self._asked[question]
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(response)

    def _parse(self, request: Request) -> _Question | None:
        """What a request asks for; None: nothing there is. Raises _BadRequest."""
        kind, *rest = [_name(_unquoted(part), "a name in the path") for part in _parts(request.path)]
        match kind, rest:
            case "leaderboard", []:
                return self._parse_leaderboard(request.query)
            case "players", [account]:
                _parameters(request.query)
                return _Question("player", (("account", account),), _NO_PLAYER)
            case "players", [account, "matches"]:
                given = _parameters(request.query, "limit", "before")
                before = _name(given["before"], "before") if "before" in given else None
                limit = _number(given, "limit", 1, _MOST, _LIMIT)
                return _Question("history", (("account", account), ("limit", limit), ("before", before)), _NO_PLAYER)
            case "matches", [match_id]:
                _parameters(request.query)
                return _Question("match", (("match_id", match_id),), "There is no match of this id.")
        return None

    def _parse_leaderboard(self, query: str) -> _Question:
        given = _parameters(query, "mode", "season", "limit", "offset", "around")
        if "around" in given and "offset" in given:
            raise _BadRequest("Say offset or around, not both.")
        season = _name(given.get("season") or "all", "season")
        if season == "current":
            season = season_at(self._now(), self._options.season)
        arguments = {
            "season": "" if season == "all" else season,
            "mode": _name(given["mode"], "mode") if given.get("mode") else "",
            "limit": _number(given, "limit", 1, _MOST, _LIMIT),
            "offset": _number(given, "offset", 0, 1_000_000_000, 0),
            "around": _name(given["around"], "around") if "around" in given else None,
        }
        return _Question("leaderboard", tuple(arguments.items()), "This player is not on this leaderboard.")


_NO_PLAYER = "There is no player of this account."


def _find(connection: Connection, game: str, question: _Question) -> Any:
    """The answer, as a Struct; None if there is none. On the thread that asks the database."""
    from ..results.storage import history, leaderboards  # SQLAlchemy, see the package

    finders: Mapping[str, Callable[..., Any]] = {
        "leaderboard": leaderboards.leaderboard,
        "player": leaderboards.profile,
        "history": history.history,
        "match": history.played_match,
    }
    return finders[question.kind](connection, game, **dict(question.arguments))


def _parameters(query: str, *known: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=16, errors="strict")
    except ValueError:
        raise _BadRequest("The part after the question mark cannot be read.") from None
    for name, _ in pairs:
        if name not in known:
            have = ", ".join(known) or "none"
            raise _BadRequest(f"There is no parameter {name[:40]!r} here; there is: {have}.")
    return dict(pairs)


def _number(given: Mapping[str, str], name: str, least: int, most: int, default: int) -> int:
    said = given.get(name)
    if said is None:
        return default
    # No more digits than can matter: Python takes its time for a million.
    number = int(said) if said.isascii() and said.isdigit() and len(said) <= 12 else -1
    if not least <= number <= most:
        raise _BadRequest(f"{name} must be a whole number from {least} to {most}.")
    return number


def _parts(path: str) -> list[str]:
    return path.removeprefix(PREFIX).split("/")


def _unquoted(part: str) -> str:
    try:
        return unquote(part, errors="strict")
    except ValueError:
        raise _BadRequest("A name in the path is not UTF-8.") from None


def _name(name: str, what: str) -> str:
    if not name or len(name) > _LONGEST or "\0" in name:
        raise _BadRequest(f"{what[0].upper()}{what[1:]} must have 1 to {_LONGEST} characters.")
    return name


def _failure(status: int, sentence: str) -> Response:
    return Response.json({"error": sentence})._replace(status=status)


def _unavailable() -> Response:
    response = _failure(503, "The database does not answer at the moment; try again soon.")
    response.headers["Retry-After"] = "2"
    return response
