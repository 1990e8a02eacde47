"""A room of one's own: made, shared, decided about, and played in again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.player import Player
from tests.support.serving import ServerProcess, serving_process

pytestmark = pytest.mark.browser

CLUB = (
    *("--start", "countdown", "--min-players", "2", "--max-players", "6", "--countdown", "300"),
    *("--results-time", "60", "--set", "enemies=0", "--set", "walls=false", "--set", "pickups=0"),
)


@pytest.fixture(scope="module")
def club() -> Iterator[ServerProcess]:
    with serving_process(*CLUB) as server:
        yield server


Open = Callable[..., Page]


def meet(club: ServerProcess, open_page: Open, *names: str, **options: str) -> list[Player]:
    """The first makes a room and sends its link to the others."""
    host = Player(open_page(club.url), names[0])
    host.create_room(**options)
    link = host.page.get_by_test_id("share-link").input_value()
    guests = [Player(open_page(link), name) for name in names[1:]]
    for guest in guests:
        guest.accept_invitation()
        guest.wait_for("waiting")
    return [host, *guests]


def test_the_host_decides_how_it_is_played_and_everybody_sees_it(club: ServerProcess, open_page: Open) -> None:
    ann, ben = meet(club, open_page, "Ann", "Ben")
    settings = ann.page.get_by_test_id("room-settings")
    expect(ann.page.get_by_test_id("start")).to_be_visible()
    expect(ben.page.get_by_test_id("start")).to_be_hidden()
    settings.get_by_label("Teams", exact=True).check()
    expect(ben.page.get_by_test_id("room-settings")).to_contain_text("Teams")
    # Both teams are there to choose from.
    ben.page.get_by_test_id("players").get_by_role("button", name="Join the").click()
    settings.get_by_label("Time").select_option("5 minutes")
    expect(ben.page.get_by_test_id("room-settings")).to_contain_text("5 minutes")
    settings.get_by_test_id("room-locked").check()
    cid = Player(open_page(ann.page.get_by_test_id("share-link").input_value()), "Cid")
    cid.accept_invitation()
    expect(cid.page.get_by_test_id("problem")).to_contain_text("locked")
    # The crown can be passed on.
    ann.about(ben, "pass-host")
    expect(ben.page.get_by_test_id("start")).to_be_visible()
    expect(ann.page.get_by_test_id("start")).to_be_hidden()


def test_the_host_removes_somebody_who_is_told_so_and_cannot_come_back(club: ServerProcess, open_page: Open) -> None:
    ann, ben = meet(club, open_page, "Ann", "Ben")
    ann.about(ben, "ban")
    ben.wait_for("title")
    expect(ben.page.get_by_test_id("problem")).to_contain_text("removed")
    expect(ann.page.get_by_test_id("players")).not_to_contain_text("Ben")
    ben.page.goto(f"{club.url}/?room={ann.room}")
    ben.accept_invitation()
    expect(ben.page.get_by_test_id("problem")).to_contain_text("removed from this room")


def test_a_muted_player_is_heard_by_the_others_only(club: ServerProcess, open_page: Open) -> None:
    ann, ben, cid = meet(club, open_page, "Ann", "Ben", "Cid")
    ben.about(ann, "mute")
    ben.page.wait_for_function("id => rumpus.client.muted.has(id)", arg=ann.player_id)
    # What is said now is there before the answer to it is; the answer shows that both would have come.
    ann.say("nobody hears me")
    expect(cid.page.get_by_test_id("chat-log")).to_contain_text("nobody hears me")
    cid.say("but I do")
    expect(ben.page.get_by_test_id("chat-log")).to_contain_text("but I do")
    expect(ben.page.get_by_test_id("chat-log")).not_to_contain_text("nobody hears me")


def test_all_are_ready_they_play_pause_vote_and_play_again(club: ServerProcess, open_page: Open) -> None:
    ann, ben = meet(club, open_page, "Ann", "Ben", score="10")
    for player in (ann, ben):
        player.page.get_by_test_id("ready").click()
    for player in (ann, ben):
        player.wait_for("playing")
        player.see()
    # Both want a pause; one of them ends it.
    for player in (ann, ben):
        player.page.keyboard.press("Escape")
        player.page.get_by_test_id("menu-pause").click()
    expect(ben.page.get_by_test_id("paused")).to_contain_text("Paused")
    ann.page.get_by_test_id("unpause").click()
    expect(ben.page.get_by_test_id("paused")).to_be_hidden(timeout=20_000)
    # One asks for other settings: not now, a match is running. The server says why.
    ann.page.evaluate("rumpus.client.setRoom({settings: {time_limit: 0.5}})")
    expect(ann.page.get_by_test_id("toasts")).not_to_be_empty()


@pytest.fixture
def short_matches() -> Iterator[ServerProcess]:
    # It begins when both are there, however long a page takes to load.
    rules = ("--start", "full", "--max-players", "2", "--bots", "0", "--results-time", "60")
    with serving_process(*rules, "--set", "time_limit=3", "--set", "enemies=0") as server:
        yield server


def test_after_a_match_they_choose_what_comes_next_and_play_again(
    short_matches: ServerProcess, open_page: Open
) -> None:
    ann = Player(open_page(short_matches.url), "Ann")
    ann.introduce()
    ann.page.get_by_test_id("quick-play").click()
    ann.page.wait_for_function("() => rumpus.roomId")
    ben = Player(open_page(f"{short_matches.url}/?room={ann.room}"), "Ben")
    ben.accept_invitation()
    for player in (ann, ben):
        player.wait_for("results")
    expect(ann.page.get_by_test_id("results-table")).to_contain_text("Ben")
    vote = ann.page.get_by_test_id("next-vote")
    expect(vote).to_be_visible()
    vote.get_by_test_id("vote-1").click()
    expect(ben.page.get_by_test_id("next-vote").get_by_test_id("vote-1")).to_contain_text("1")
    ann.page.get_by_test_id("rematch").click()
    expect(ann.page.get_by_test_id("rematch")).to_contain_text("1 of 2")
    # They play for seconds only: what counts is that each page has come there.
    for player in (ann, ben):
        player.watch_for("playing")
    ben.page.get_by_test_id("rematch").click()
    for player in (ann, ben):
        player.has_seen()
