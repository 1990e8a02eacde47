"""Matches in the database: each once, with ratings and leaderboards that follow from them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from rumpus.errors import ConfigurationError
from rumpus.results.rating import UNRATED_REASONS, Rating, rate_match, winners
from rumpus.results.record import MatchRecord
from rumpus.results.storage import tables
from rumpus.results.storage.history import history, played_match
from rumpus.results.storage.leaderboards import leaderboard, profile, rating_of
from rumpus.results.storage.seasons import season_at
from rumpus.results.storage.store import Store
from tests.support.examples import examples
from tests.support.matches import WHEN, duel, match, matches, player


def board(store: Store, season: str = "", mode: str = "", limit: int = 100, **more: Any) -> Any:
    with store.read() as connection:
        return leaderboard(connection, "race", season=season, mode=mode, limit=limit, **more)


def count(store: Store, table: Any) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def test_a_match_is_written_as_it_was(store: Store) -> None:
    record = match(
        player("u:ann", 1, 7.5, team="red"), player(None, 2, 3, name="Bolt", bot=True, team="blue"),
        player("g:ben", 3, -1, team="blue"), settings={"goal": 5, "deep": [1, {"x": None}]}, mode="flags",
    )  # fmt: skip
    written = store.write(record)
    assert written is not None
    assert [change.account for change in written.changes] == ["u:ann", "g:ben"]
    with store.read() as connection:
        found = played_match(connection, "race", record.match_id)
        assert played_match(connection, "chess", record.match_id) is None
    assert found is not None
    assert (found.mode, found.season, found.reason, found.duration) == ("flags", "2026-Q4", "goal_reached", 60.0)
    assert (found.started_at, found.ended_at, found.settings) == (WHEN - 60, WHEN, record.settings)
    assert [(seat.account, seat.name, seat.bot, seat.team, seat.score, seat.rank) for seat in found.players] == [
        ("u:ann", "Ann", False, "red", 7.5, 1),
        (None, "Bolt", True, "blue", 3.0, 2),
        ("g:ben", "Ben", False, "blue", -1.0, 3),
    ]
    ann, bolt, ben = found.players
    assert (ann.rating_before, bolt.rating_before, bolt.rating_after) == (1000, None, None)
    assert ann.rating_after == written.changes[0].after.points > 1000
    assert ben.rating_after == written.changes[1].after.points < ann.rating_after


def test_the_same_match_again_changes_nothing(store: Store, open_store: Callable[[], Store]) -> None:
    record = duel("u:ann", "u:ben")
    assert store.write(record) is not None
    before = board(store)
    assert store.write(record) is None
    assert open_store().write(record) is None
    assert board(store) == before
    assert count(store, tables.matches) == 1


def test_who_has_no_account_is_kept_and_rated_nowhere(store: Store) -> None:
    written = store.write(match(player(None, 1, 5, name="Guest"), player("u:ann", 2), player(None, 3, bot=True)))
    assert written is not None
    assert written.changes == []
    assert [row.account for row in board(store).rows] == ["u:ann"]
    assert count(store, tables.match_players) == 3


@pytest.mark.parametrize("reason", sorted(UNRATED_REASONS))
def test_a_match_that_was_called_off_is_in_the_history_only(store: Store, reason: str) -> None:
    written = store.write(duel("u:ann", "u:ben", reason=reason))
    assert written is not None
    assert written.changes == []
    assert board(store).rows == []
    with store.read() as connection:
        ann = profile(connection, "race", "u:ann")
        found = history(connection, "race", "u:ann", 10)
    assert ann is not None
    assert (ann.rating, ann.rank, ann.matches) == (1000, None, 0)
    assert found is not None
    assert [one.reason for one in found.matches] == [reason]


def test_what_no_database_takes_is_made_harmless(store: Store) -> None:
    lines = [player("u:a\0nn", 10**30, float("nan"), name="A\0nn"), player("u:" + "x" * 999, 2, float("inf"))]
    assert store.write(match(*lines, mode="m" * 999, settings={"mode": "a\0b"})) is not None
    assert {row.account for row in board(store).rows} == {"u:ann", "u:" + "x" * 254}
    assert [row.score for row in board(store).rows] == [0, 0]


def test_a_thousand_players_in_one_match(store: Store) -> None:
    assert store.write(match(*(player(f"u:{number:04}", number + 1) for number in range(1000)))) is not None
    page = board(store, limit=3)
    assert page.players == 1000
    assert [row.rank for row in page.rows] == [1, 2, 3] or page.rows[0].rating == page.rows[1].rating


def test_tables_of_a_newer_rumpus_are_left_alone(store: Store, open_store: Callable[[], Store]) -> None:
    store.write(duel("u:ann", "u:ben"))
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE rumpus_schema SET version = 99"))
    with pytest.raises(ConfigurationError, match=r"newer Rumpus.*99"):
        open_store().write(duel("u:ann", "u:ben"))


def test_servers_that_write_at_the_same_time_lose_nothing(open_store: Callable[[], Store]) -> None:
    """Each of four writes fifty matches of the same few players, in different orders; the first makes the tables."""
    names = [f"u:{letter}" for letter in "abcde"]
    failures: list[BaseException] = []

    def write(number: int) -> None:
        store = open_store()
        try:
            for turn in range(50):
                first, second = names[(turn + number) % 5], names[(turn * number + 3) % 5]
                if first != second:
                    store.write(duel(first, second, match_id=f"{number}-{turn}"))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    store = open_store()
    played = count(store, tables.matches)
    assert sum(row.matches for row in board(store).rows) == 2 * played
    assert sum(row.wins for row in board(store).rows) == played
    # Ratings are those of one order: each match went on from where another had ended.
    with store.read() as connection:
        for name in names:
            lines = connection.execute(
                select(tables.match_players.c.rating_before, tables.match_players.c.rating_after)
                .where(tables.match_players.c.account == name)
            ).all()  # fmt: skip
            last = rating_of(connection, "race", name).points
            assert sorted([1000, *(line.rating_after for line in lines)]) == sorted(
                [*(line.rating_before for line in lines), last]
            )


class Model:
    """What the database should say, in plain Python."""

    def __init__(self) -> None:
        self.ratings: dict[str, Rating] = {}
        self.boards: dict[tuple[str, str], dict[str, dict[str, float]]] = {}
        self.played: dict[str, list[MatchRecord]] = {}

    def add(self, record: MatchRecord) -> None:
        self.ratings |= rate_match(record, self.ratings)
        for line in record.results:
            if line.account is None:
                continue
            self.ratings.setdefault(line.account, Rating())
            self.played.setdefault(line.account, []).append(record)
            if record.reason in UNRATED_REASONS:
                continue
            for season in ("", season_at(record.ended_at, "quarter")):
                for mode in {"", record.mode}:
                    row = self.boards.setdefault((season, mode), {}).setdefault(
                        line.account, {"matches": 0, "wins": 0, "score": 0, "best": line.score}
                    )
                    row["rating"] = self.ratings[line.account].points
                    row["matches"] += 1
                    row["wins"] += line.player_id in winners(record)
                    row["score"] += line.score
                    row["best"] = max(row["best"], line.score)

    def rows(self, season: str, mode: str) -> list[dict[str, Any]]:
        lines = self.boards.get((season, mode), {})
        return [
            {"account": name, "rank": 1 + sum(other["rating"] > row["rating"] for other in lines.values()), **row}
            for name, row in sorted(lines.items(), key=lambda item: (-item[1]["rating"], item[0]))
        ]


def shown(page: Any) -> list[dict[str, Any]]:
    names = ("account", "rank", "matches", "wins", "score", "best", "rating")
    return [{name: getattr(row, name) for name in names} for row in page.rows]


def check_against(store: Store, played: list[MatchRecord]) -> None:
    model = Model()
    for record in played:
        model.add(record)
        assert store.write(record) is not None
    seasons = {season_at(record.ended_at, "quarter") for record in played}
    for season in ("", *seasons):
        for mode in ("", "duel", "flags"):
            wanted = model.rows(season, mode)
            assert shown(board(store, season, mode)) == wanted
            for offset in range(0, len(wanted), 2):
                page = board(store, season, mode, limit=2, offset=offset)
                assert shown(page) == wanted[offset : offset + 2]
                assert page.players == len(wanted)
            for place, row in enumerate(wanted):
                page = board(store, season, mode, limit=3, around=row["account"])
                start = max(0, place - 1)
                assert (page.offset, shown(page)) == (start, wanted[start : start + 3])
            assert board(store, season, mode, around="u:nobody") is None
    page = board(store)
    assert page.seasons == sorted((season for season, mode in model.boards if season and not mode), reverse=True)
    assert page.modes == sorted(mode for season, mode in model.boards if mode and not season)
    with store.read() as connection:
        for account, rating in model.ratings.items():
            assert rating_of(connection, "race", account) == rating
            seen: list[str] = []
            before = None
            while True:
                found = history(connection, "race", account, 2, before)
                assert found is not None
                seen += [one.match_id for one in found.matches]
                before = found.next
                if before is None:
                    break
            latest = sorted(enumerate(model.played[account]), key=lambda item: (-item[1].ended_at, -item[0]))
            assert seen == [record.match_id for _, record in latest]


@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(played=st.lists(matches(), max_size=6))
def test_leaderboards_and_histories_are_those_of_a_plain_model(store: Store, played: list[MatchRecord]) -> None:
    store.check()
    with store._engine.begin() as connection:
        for table in reversed(tables.metadata.sorted_tables):
            if table is not tables.schema:
                connection.execute(table.delete())
    check_against(store, played)
