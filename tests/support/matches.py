"""Records of matches for tests, made by hand or by hypothesis."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from rumpus.results.record import MatchRecord, PlayerResult
from tests.support.serving import PATIENCE

#: 2026-11-23 21:00 UTC.
WHEN = 1_795_467_600.0


def match(*players: PlayerResult, **fields: Any) -> MatchRecord:
    """A match of a minute that these players have ended."""
    usual: dict[str, Any] = {
        "match_id": uuid.uuid4().hex, "room_id": "K7QPXM", "game": "race", "reason": "goal_reached", "ticks": 1800,
        "duration": 60.0, "settings": {"goal": 5}, "started_at": WHEN - 60, "ended_at": WHEN,
    }  # fmt: skip
    return MatchRecord(**usual | fields, results=list(players))


def player(account: str | None, rank: int = 1, score: float = 0, **fields: Any) -> PlayerResult:
    name = fields.pop("name", (account or "?:nobody").partition(":")[2].title())
    player_id = fields.pop("player_id", f"p{uuid.uuid4().hex[:8]}")
    return PlayerResult(player_id=player_id, name=name, score=score, rank=rank, account=account, **fields)


def duel(winner: str, loser: str, **fields: Any) -> MatchRecord:
    return match(player(winner, 1, 5), player(loser, 2, 3), **fields)


def until(condition: Callable[[], object], what: str = "what was waited for") -> None:
    """Wait for other threads or processes to get somewhere."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.01)


@st.composite
def matches(draw: st.DrawFn, accounts: int = 6) -> MatchRecord:
    """Any match: free for all or in teams, with guests, bots, ties, in any season and mode."""
    names = st.sampled_from([f"u:{letter}" for letter in "abcdefghij"[:accounts]] + [None])
    who = draw(st.lists(names, min_size=0, max_size=6, unique_by=lambda name: name or object()))
    teams = draw(st.sampled_from([(None,), ("red", "blue")]))
    players = [
        player(
            account,
            rank=draw(st.integers(1, 4)),
            score=draw(st.integers(-3, 20)),
            team=draw(st.sampled_from(teams)),
            bot=account is None and draw(st.booleans()),
        )
        for account in who
    ]
    players.sort(key=lambda line: line.rank)
    return match(
        *players,
        reason=draw(st.sampled_from(["goal_reached", "goal_reached", "goal_reached", "abandoned"])),
        mode=draw(st.sampled_from(["", "duel", "flags"])),
        ended_at=WHEN + draw(st.sampled_from([0, 1, 90 * 86_400])),
    )
