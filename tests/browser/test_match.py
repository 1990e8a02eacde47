"""Whole matches in Chromium, from the title to the results, played with keyboard and mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.player import Player
from tests.support.serving import ServerProcess, serving_process

pytestmark = pytest.mark.browser

DUEL = (
    *("--start", "countdown", "--min-players", "2", "--max-players", "4", "--countdown", "1", "--results-time", "5"),
    *("--set", "score_limit=1", "--set", "enemies=0", "--set", "walls=false", "--set", "pickups=0"),
    *("--set", "width=800", "--set", "height=800", "--set", "time_limit=120"),
)


@pytest.fixture
def duel() -> Iterator[ServerProcess]:
    with serving_process(*DUEL) as server:
        yield server


def test_two_people_meet_in_a_room_see_each_other_move_shoot_and_reach_the_results(
    duel: ServerProcess, open_page: Callable[..., Page]
) -> None:
    ann = Player(open_page(duel.url), "Ann")
    ann.introduce()
    ann.page.get_by_test_id("open-create").click()
    ann.page.get_by_test_id("create-score").select_option("10")
    ann.page.get_by_test_id("create").click()
    ann.wait_for("waiting")
    link = ann.page.get_by_test_id("share-link").input_value()
    assert link.startswith(f"{duel.url}/?room=")

    ben = Player(open_page(link), "Ben")
    ben.introduce()
    ben.page.get_by_test_id("join-invited").click()
    ben.wait_for("waiting")
    expect(ann.page.get_by_test_id("players")).to_contain_text("Ben")
    expect(ben.page.get_by_test_id("players")).to_contain_text("Ann")

    for player in (ann, ben):
        player.wait_for("playing")
        expect(player.page.get_by_test_id("hud")).to_be_visible()

    # Each sees the other move.
    for mover, watcher in ((ann, ben), (ben, ann)):
        before = watcher.see()["players"][mover.player_id]
        keys = ["KeyD" if before["x"] < 400 else "KeyA", "KeyS" if before["y"] < 400 else "KeyW"]
        mover.hold(*keys)
        watcher.page.wait_for_function(
            "([id, x, y]) => { const p = rumpus.view().players[id]; return Math.hypot(p.x - x, p.y - y) > 120; }",
            arg=[mover.player_id, before["x"], before["y"]],
        )
        mover.hold()

    # They talk.
    ben.page.keyboard.press("Enter")
    ben.page.keyboard.type("have at you")
    ben.page.keyboard.press("Enter")
    expect(ann.page.get_by_test_id("chat-log")).to_contain_text("have at you")
    ben.page.keyboard.press("Escape")

    # One shoots: the other sees the bullets and loses health.
    ann.aim_at(ben.player_id)
    ann.page.mouse.down()
    ben.page.wait_for_function("() => Object.keys(rumpus.view().bullets).length > 0")
    ann.page.mouse.up()


def test_a_match_goes_from_quick_play_to_the_results_and_into_the_next_round(
    duel: ServerProcess, open_page: Callable[..., Page]
) -> None:
    ann, ben = Player(open_page(duel.url), "Ann"), Player(open_page(duel.url), "Ben")
    for player in (ann, ben):
        player.introduce()
        player.page.get_by_test_id("quick-play").click()
    for player in (ann, ben):
        player.wait_for("playing")
    ann.hunt(ben.player_id, until="results")
    for player in (ann, ben):
        player.wait_for("results")
        table = player.page.get_by_test_id("results-table")
        expect(table).to_contain_text("Ann")
        expect(table).to_contain_text("Ben")
    expect(ben.page.get_by_test_id("results-next")).to_be_visible()
    for player in (ann, ben):
        player.wait_for("playing")


def test_the_scoreboard_shows_while_tab_is_held_and_the_sound_can_be_muted(
    serve: Callable[..., ServerProcess], open_page: Callable[..., Page]
) -> None:
    server = serve("--start", "now", "--bots", "5", "--max-players", "6")
    ann = Player(open_page(server.url), "Ann")
    ann.introduce()
    ann.page.get_by_test_id("quick-play").click()
    ann.wait_for("playing")
    board = ann.page.get_by_test_id("scoreboard")
    expect(board).to_be_hidden()
    ann.page.keyboard.down("Tab")
    expect(board).to_be_visible()
    expect(board).to_contain_text("Ann")
    ann.page.keyboard.up("Tab")
    expect(board).to_be_hidden()
    mute = ann.page.get_by_test_id("mute")
    pressed = mute.get_attribute("aria-pressed")
    ann.page.keyboard.press("m")
    expect(mute).not_to_have_attribute("aria-pressed", str(pressed))
    # A match of bots is never quiet for long.
    expect(ann.page.get_by_test_id("kill-feed").locator("li").first).to_be_visible(timeout=60_000)
    ann.page.get_by_test_id("hud-leave").click()
    ann.wait_for("title")


def test_in_a_field_too_large_to_see_everybody_has_a_score(
    serve: Callable[..., ServerProcess], open_page: Callable[..., Page]
) -> None:
    wide = ("--set", "width=6000", "--set", "height=6000", "--set", "mode=coop", "--set", "enemies=4")
    server = serve("--start", "now", "--bots", "20", "--max-players", "21", *wide)
    ann = Player(open_page(server.url), "Ann")
    ann.introduce()
    ann.page.get_by_test_id("quick-play").click()
    ann.wait_for("playing")
    assert len(ann.see()["scores"]) == 21
    assert len(ann.see()["players"]) < 21
    expect(ann.page.locator("#ladder > div")).to_have_count(5)
    expect(ann.page.locator("#ladder > div.you")).to_contain_text("Ann")
    # Four, and three for each of twenty more: told of before any of them is in sight.
    expect(ann.page.locator("#hud-goal")).to_contain_text("64 enemies")
    ann.page.keyboard.down("Tab")
    board = ann.page.get_by_test_id("scoreboard")
    expect(board).to_contain_text("21 players")
    expect(board.locator("tr.you")).to_contain_text("Ann")
    # As many lines as there is room for, the own one among them.
    frame = board.bounding_box()
    for line in (board.locator("tbody tr").last, board.locator("tr.you")):
        box = line.bounding_box()
        assert frame is not None
        assert box is not None
        assert box["y"] + box["height"] <= frame["y"] + frame["height"]
    assert 8 <= board.locator("tbody tr").count() < 21
    ann.page.keyboard.up("Tab")


def test_a_page_that_loses_its_server_says_so_and_comes_back_by_itself(
    serve: Callable[..., ServerProcess], open_page: Callable[..., Page]
) -> None:
    server = serve("--start", "now", "--bots", "2")
    ann = Player(open_page(server.url, expect_network_errors=True), "Ann")
    ann.introduce()
    ann.page.get_by_test_id("quick-play").click()
    ann.wait_for("playing")
    port = str(server.port)
    server.stop()
    ann.page.wait_for_function("() => rumpus.status === 'lost'")
    expect(ann.page.get_by_test_id("overlay-lost")).to_be_visible()
    serve("--start", "now", "--bots", "2", "--port", port)
    ann.wait_for("playing")
    expect(ann.page.get_by_test_id("overlay-lost")).to_be_hidden()


def test_a_phone_gets_two_sticks_and_nothing_scrolls(
    serve: Callable[..., ServerProcess], open_page: Callable[..., Page]
) -> None:
    server = serve("--start", "now", "--bots", "2", "--set", "enemies=0")
    page = open_page(
        server.url, viewport={"width": 844, "height": 390}, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    ann = Player(page, "Ann")
    ann.introduce()
    page.get_by_test_id("quick-play").tap()
    ann.wait_for("playing")
    before = ann.see()["players"][ann.player_id]
    touch = page.context.new_cdp_session(page)
    right, down = before["x"] < 1000, before["y"] < 1000

    def points(kind: str, *at: tuple[int, int]) -> None:
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(at)]},
        )

    points("touchStart", (150, 280))
    points("touchStart", (150, 280), (690, 280))
    left_end = (150 + (55 if right else -55), 280 + (55 if down else -55))
    points("touchMove", left_end, (745, 280))
    page.wait_for_function(
        "([id, x, y]) => { const p = rumpus.view().players[id]; return Math.hypot(p.x - x, p.y - y) > 60; }",
        arg=[ann.player_id, before["x"], before["y"]],
    )
    page.wait_for_function("() => Object.values(rumpus.view().bullets).some(b => b.owner === rumpus.playerId)")
    points("touchEnd")
    assert page.evaluate("[scrollX, scrollY, document.documentElement.scrollHeight <= innerHeight]") == [0, 0, True]


def test_any_game_can_be_played_in_the_generic_view(
    serve: Callable[..., ServerProcess], open_page: Callable[..., Page]
) -> None:
    server = serve("--game", "examples.coins:CoinRush", "--start", "now")
    ann = Player(open_page(server.url), "Ann")
    ann.introduce()
    ann.page.get_by_test_id("quick-play").click()
    screen = ann.page.get_by_test_id("screen-generic")
    expect(screen).to_be_visible()
    expect(screen).to_contain_text("coin")
    expect(screen).to_contain_text("Ann")
