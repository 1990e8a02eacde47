"""Leaderboards, players and matches over HTTP, as JSON.

Called by the event loop's thread and never waits there: an answer that is not at hand is a future. The same question
asked by many is one question to the database, and its answer is good for some seconds: a crowd that reloads costs what
one reader costs.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from ..budget.networks import network_of
from ..net.http import Answer, Request, Response
from ..results.storage.options import StorageOptions
from ..results.storage.queries import Queries
from ..results.storage.seasons import season_at
from .parameters import BadParameter, Name, Number, check_name, parameters

if TYPE_CHECKING:
    from sqlalchemy import Connection

PREFIX = "/api/"
#: Lines of a leaderboard, and matches of a history, on one page.
LIMIT = Number("limit", 1, 100, 25)
#: Lines that are passed over. The database walks over each of them; who is further down is found by `around`.
OFFSET = Number("offset", 0, 10_000, 0)
SEASON = Name("season", "`all`, `current`, or the name of one", may_be_empty=True)
MODE = Name("mode", "the game's setting `mode`; left out: all modes", may_be_empty=True)
AROUND = Name("around", "an account that is to be in the middle, instead of `offset`")
BEFORE = Name("before", "the `next` of the last answer")
LEADERBOARD = (MODE, SEASON, LIMIT, OFFSET, AROUND)
HISTORY = (LIMIT, BEFORE)
#: Answers that are remembered. That of a match with thousands of players may have a megabyte.
_ANSWERS_KEPT = 64
#: Seconds after which nobody waits any more, whatever the database is allowed.
_LONGEST_WAIT = 15.0
#: Of the questions that may wait for the database, the share that one address may have.
_SHARE = 4


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
        #: Questions that are with the database, by the network that asked first: one is not to keep all others from it.
        self._asking: Counter[str] = Counter()
        self._most_asking = max(1, options.max_queries // _SHARE)

    def __call__(self, request: Request) -> Answer:
        try:
            question = self._parse(request)
        except BadParameter as error:
            return Response.failure(400, str(error))
        if question is None:
            return Response.failure(404, "There is no such page.")
        until, response = self._kept.get(question, (0.0, None))
        if response is not None and self._now() < until:
            return response
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Response] = loop.create_future()
        if question in self._asked:
            self._asked[question].append(waiter)
            return waiter
        network = network_of(request.address)
        if self._asking[network] >= self._most_asking:
            return _too_many()
        self._asking[network] += 1
        waiters = self._asked[question] = [waiter]
        overdue = loop.call_later(
            min(self._options.database_timeout * 2, _LONGEST_WAIT), self._answer, question, waiters, _unavailable()
        )

        def answered(answer: Future[Any]) -> None:
            # Once the loop is closed nobody waits any more.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._finish, question, waiters, answer, overdue, network)

        game = self._queries.game
        self._queries.ask(lambda connection: _find(connection, game, question)).add_done_callback(answered)
        return waiter

    def _finish(
        self,
        question: _Question,
        waiters: list[Any],
        answer: Future[Any],
        overdue: asyncio.TimerHandle,
        network: str,
    ) -> None:
        overdue.cancel()
        self._asking[network] -= 1
        if not self._asking[network]:
            del self._asking[network]
        if answer.exception() is not None:
            return self._answer(question, waiters, _unavailable())
        found = answer.result()
        response = Response.json(found) if found is not None else Response.failure(404, question.absent)
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
        """What a request asks for; None: nothing there is. Raises BadParameter."""
        kind, *rest = [check_name(_unquoted(part), "a name in the path") for part in _parts(request.path)]
        match kind, rest:
            case "leaderboard", []:
                return self._parse_leaderboard(request.query)
            case "players", [account]:
                parameters(request.query)
                return _Question("player", (("account", account),), _NO_PLAYER)
            case "players", [account, "matches"]:
                given = parameters(request.query, *HISTORY)
                arguments = (("account", account), ("limit", LIMIT.of(given)), ("before", BEFORE.of(given)))
                return _Question("history", arguments, _NO_PLAYER)
            case "matches", [match_id]:
                parameters(request.query)
                return _Question("match", (("match_id", match_id),), "There is no match of this id.")
        return None

    def _parse_leaderboard(self, query: str) -> _Question:
        given = parameters(query, *LEADERBOARD)
        if AROUND.name in given and OFFSET.name in given:
            raise BadParameter("Say offset or around, not both.")
        season = SEASON.of(given) or "all"
        if season == "current":
            season = season_at(self._now(), self._options.season)
        arguments = {
            "season": "" if season == "all" else season,
            "mode": MODE.of(given) or "",
            "limit": LIMIT.of(given),
            "offset": OFFSET.of(given),
            "around": AROUND.of(given),
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


def _parts(path: str) -> list[str]:
    return path.removeprefix(PREFIX).split("/", 3)


def _unquoted(part: str) -> str:
    try:
        return unquote(part, errors="strict")
    except ValueError:
        raise BadParameter("A name in the path is not UTF-8.") from None


def _unavailable() -> Response:
    response = Response.failure(503, "The database does not answer at the moment; try again soon.")
    response.headers["Retry-After"] = "2"
    return response


def _too_many() -> Response:
    response = Response.failure(503, "Too many questions of yours wait for an answer; try again soon.")
    response.headers["Retry-After"] = "2"
    return response
