"""People who watch: whom they follow, what they see, and whom they talk to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.player import Player
from tests.support.serving import ServerProcess, serving_process

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def arena() -> Iterator[ServerProcess]:
    rules = ("--set", "enemies=0", "--set", "time_limit=0", "--set", "score_limit=0")
    with serving_process(
        "--start", "now", "--bots", "3", "--max-players", "6", "--spectator-delay", "0.5", *rules
    ) as server:
        yield server


def test_somebody_watches_a_match_changes_whom_they_follow_and_takes_the_free_camera(
    arena: ServerProcess, open_page: Callable[..., Page]
) -> None:
    ann = Player(open_page(arena.url), "Ann")
    ann.quick_play()
    will = Player(open_page(f"{arena.url}/#rooms"), "Will")
    will.page.get_by_test_id(f"watch-{ann.room}").click()
    will.wait_for("playing")
    bar = will.page.get_by_test_id("watch-bar")
    expect(bar).to_contain_text("0.5 s behind")
    view = will.see()
    assert will.player_id not in view["players"]
    assert view["watched"] in view["players"]

    will.page.get_by_test_id("watch-next").click()
    will.page.wait_for_function("id => rumpus.view().watched !== id", arg=view["watched"])
    will.page.keyboard.press("ArrowLeft")
    will.page.wait_for_function("id => rumpus.view().watched === id", arg=view["watched"])

    assert not will.see()["free"]
    will.page.mouse.move(700, 450)
    will.page.mouse.down()
    will.page.mouse.move(560, 330, steps=4)
    will.page.mouse.up()
    will.page.wait_for_function("() => rumpus.view().free")
    expect(will.page.get_by_test_id("watch-free")).to_have_attribute("aria-pressed", "true")
    will.page.get_by_test_id("watch-free").click()
    will.page.wait_for_function("() => !rumpus.view().free")

    # What is said among those who watch stays among them.
    ann.say("come and get me")
    expect(will.page.get_by_test_id("chat-log")).to_contain_text("come and get me")
    will.say("she is behind the wall")
    expect(will.page.get_by_test_id("chat-log")).to_contain_text("she is behind the wall")
    ann.say("hm")
    expect(ann.page.get_by_test_id("chat-log")).to_contain_text("hm")
    expect(ann.page.get_by_test_id("chat-log")).not_to_contain_text("behind the wall")


@pytest.fixture
def last_standing() -> Iterator[ServerProcess]:
    rules = ("--set", "mode=elimination", "--set", "lives=1", "--set", "enemies=0", "--set", "walls=false")
    sizes = ("--set", "width=800", "--set", "height=800", "--set", "protection=0", "--set", "time_limit=0")
    with serving_process("--start", "full", "--max-players", "3", "--bots", "0", *rules, *sizes) as server:
        yield server


def test_who_is_out_watches_those_who_are_not(last_standing: ServerProcess, open_page: Callable[..., Page]) -> None:
    ann, ben, cid = (Player(open_page(last_standing.url), name) for name in ("Ann", "Ben", "Cid"))
    for player in (ann, ben, cid):
        player.introduce()
        player.page.get_by_test_id("quick-play").click()
    for player in (ann, ben, cid):
        player.wait_for("playing")
    ann.hunt(ben.player_id, until="results", while_="!rumpus.client.players.get(id).out")
    bar = ben.page.get_by_test_id("watch-bar")
    expect(bar).to_contain_text("You are out")
    ben.page.wait_for_function("id => rumpus.view()?.watched && rumpus.view().watched !== id", arg=ben.player_id)
    assert ben.status == "playing"
