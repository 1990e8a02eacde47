"""Finding one another: the list of rooms, parties, and the pages of the title."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.player import Player
from tests.support.serving import ServerProcess, serving_process

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def arena() -> Iterator[ServerProcess]:
    with serving_process("--start", "now", "--bots", "0", "--max-players", "4", "--set", "time_limit=0") as server:
        yield server


Open = Callable[..., Page]


def test_rooms_are_listed_while_they_live_and_can_be_joined_from_the_list(
    arena: ServerProcess, open_page: Open
) -> None:
    ben = Player(open_page(f"{arena.url}/#rooms"), "Ben")
    rooms = ben.page.get_by_test_id("browser-list")
    ann = Player(open_page(arena.url), "Ann")
    ann.introduce()
    ann.page.get_by_test_id("open-create").click()
    ann.page.get_by_test_id("create-public").check()
    ann.page.get_by_test_id("create-title").fill("Friday night duels")
    ann.page.get_by_test_id("create").click()
    ann.page.wait_for_function("() => rumpus.roomId")
    expect(rooms).to_contain_text("Friday night duels")
    expect(rooms).to_contain_text("1/4")
    ben.page.get_by_test_id(f"join-{ann.room}").click()
    ben.wait_for("playing")
    assert ben.room == ann.room
    # Once both have left, it is gone from the list.
    for player in (ann, ben):
        player.page.get_by_test_id("hud-leave").click()
    ann.page.goto(f"{arena.url}/#rooms")
    expect(ann.page.get_by_test_id("page-rooms")).not_to_contain_text("Friday night duels")


def test_a_party_goes_where_its_leader_goes(arena: ServerProcess, open_page: Open) -> None:
    ann = Player(open_page(arena.url), "Ann")
    ann.introduce()
    ann.page.get_by_test_id("party-create").click()
    link = ann.page.get_by_test_id("party-link").input_value()
    ben = Player(open_page(link), "Ben")
    ben.accept_invitation()
    expect(ben.page.get_by_test_id("party-members")).to_contain_text("Ann")
    expect(ann.page.get_by_test_id("party-members")).to_contain_text("Ben")
    # Only the leader chooses.
    ben.page.get_by_test_id("quick-play").click()
    expect(ben.page.get_by_test_id("problem")).to_contain_text("leader")
    ann.page.get_by_test_id("quick-play").click()
    for player in (ann, ben):
        player.wait_for("playing")
    assert ann.room == ben.room
    # Leaving the room is not leaving the party.
    ben.page.get_by_test_id("hud-leave").click()
    expect(ben.page.get_by_test_id("party-members")).to_contain_text(ann.room)


def test_pages_of_the_title_have_addresses_and_the_back_button_works(arena: ServerProcess, open_page: Open) -> None:
    page = open_page(arena.url)
    page.get_by_test_id("nav-rooms").click()
    expect(page.get_by_test_id("page-rooms")).to_be_visible()
    page.go_back()
    expect(page.get_by_test_id("quick-play")).to_be_visible()
    page.go_forward()
    expect(page.get_by_test_id("page-rooms")).to_be_visible()


@pytest.fixture
def with_results(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ServerProcess]:
    """A server that keeps results of matches of three seconds, with more flags if the test has any."""
    rules = ("--set", "time_limit=3", "--set", "enemies=0", "--results-time", "60", *getattr(request, "param", ()))
    database = ("--database", f"sqlite:///{tmp_path}/results.db")
    with serving_process("--start", "full", "--max-players", "2", "--bots", "0", *rules, *database) as server:
        yield server


#: Matches of three seconds are rated, also of two who come from here and do nothing.
RATED = ("--rated-seconds", "0", "--rated-activity", "0", "--rate-same-address")


def test_whoever_has_a_rating_is_told_why_a_match_is_not_rated(with_results: ServerProcess, open_page: Open) -> None:
    ann, ben = (Player(open_page(with_results.url), name) for name in ("Ann", "Ben"))
    for player in (ann, ben):
        player.introduce()
        player.page.get_by_test_id("quick-play").click()
    ann.wait_for("results")
    expect(ann.page.get_by_test_id("results-rating")).to_have_text("Not rated: too short.")
    ann.page.get_by_test_id("results-leave").click()
    ann.page.goto(f"{with_results.url}/#player")
    expect(ann.page.get_by_test_id("history")).to_contain_text("not rated: too short")


@pytest.mark.parametrize("with_results", [RATED], indirect=True)
def test_results_last_on_the_leaderboard_and_on_the_players_pages(with_results: ServerProcess, open_page: Open) -> None:
    ann, ben = (Player(open_page(with_results.url), name) for name in ("Ann", "Ben"))
    for player in (ann, ben):
        player.introduce()
        player.page.get_by_test_id("quick-play").click()
    ann.wait_for("results")
    # The rating comes some moments after the match.
    expect(ann.page.get_by_test_id("results-rating")).to_contain_text("Your rating")
    ann.page.get_by_test_id("results-leave").click()
    expect(ann.page.get_by_test_id("me-chip")).to_be_visible()
    ann.page.get_by_test_id("nav-leaderboard").click()
    board = ann.page.get_by_test_id("leaderboard")
    expect(board.locator("tr.you")).to_contain_text("Ann")
    expect(board).to_contain_text("Ben")
    ann.page.get_by_test_id("around-me").click()
    ann.page.wait_for_url("**/#leaderboard?around=me")
    board.get_by_role("link", name="Ben").click()
    expect(ann.page.get_by_test_id("history")).to_contain_text("with Ann")
    # The page has an address of its own, for others to look at.
    ben.page.get_by_test_id("results-leave").click()
    ben.page.goto(ann.page.url)
    expect(ben.page.get_by_test_id("page-player")).to_contain_text("Ben")
    ann.page.go_back()
    expect(board).to_be_visible()
