"""What a player feels on a link of 150 ms: the own ship and the own shots answer at once, and the net graph tells why.

Frames are counted, not milliseconds, and what the page shows is compared with what the server has told it by then: both
say the same on a slow machine as on a fast one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SMOOTH
from tests.browser.player import Player
from tests.support.serving import ServerProcess, serving_process

pytestmark = pytest.mark.browser

ALONE = (
    *("--start", "now", "--bots", "0", "--max-players", "2", "--set", "enemies=0", "--set", "walls=false"),
    *("--set", "pickups=0", "--set", "time_limit=0", "--set", "protection=0"),
)
#: More than a page needs to draw a few frames; a round trip takes ten frames at sixty a second.
FRAMES = 2

#: Notes, for each frame after the next event of a kind, what is drawn and what the server has told.
WATCH = """event => {
    window.frames = null;
    const told = () => {
        const { world } = rumpus.client;
        const own = world.entity("players", rumpus.playerId);
        return { ...own, bullets: world.table("bullets").count };
    };
    const note = () => {
        const view = rumpus.view();
        const own = view.players[rumpus.playerId];
        const bullets = Object.values(view.bullets).filter(bullet => bullet.owner === rumpus.playerId);
        return { frame: view.frame, x: own.x, y: own.y, rails: view.rails, bullets: bullets.length, told: told() };
    };
    addEventListener(event, () => {
        const notes = [note()];
        requestAnimationFrame(function step() {
            notes.push(note());
            if (notes.length < 90) requestAnimationFrame(step);
            else window.frames = notes;
        });
    }, { once: true, capture: true });
}"""


#: Counts the own rails that the server tells of.
COUNT_RAILS = """() => {
    window.told = 0;
    rumpus.client.on("event", ({ name, data }) => {
        if (name === "rail" && data.by === rumpus.playerId) window.told += 1;
    });
}"""


@pytest.fixture(scope="module")
def far_away() -> Iterator[ServerProcess]:
    with serving_process(*ALONE, "--simulate", "lag=150") as server:
        yield server


def take_part(page: Page) -> Player:
    """Join, and wait until the clocks have settled: until then inputs may be late."""
    ann = Player(page, "Ann")
    ann.introduce()
    page.get_by_test_id("quick-play").click()
    ann.wait_for("playing")
    ann.see()
    page.wait_for_function("() => rumpus.client.rtt > 0.1 && rumpus.client.stats.margin > 0")
    return ann


def watched(page: Page, event: str, act: Callable[[], None]) -> list[dict[str, Any]]:
    """What was drawn in the frames after an event; the first is what was drawn before it."""
    page.evaluate(WATCH, event)
    act()
    return list(page.wait_for_function("() => window.frames").json_value())


def test_the_own_ship_answers_a_key_in_the_next_frames_and_not_a_round_trip_later(
    far_away: ServerProcess, open_page: Callable[..., Page]
) -> None:
    ann = take_part(open_page(far_away.url, frame_rate=SMOOTH))
    me = ann.see()["players"][ann.player_id]
    right = me["x"] < 1000
    ann.page.evaluate("() => { window.stalls = 0; rumpus.client.on('stalled', () => (stalls += 1)); }")
    notes = watched(ann.page, "keydown", lambda: ann.hold("KeyD" if right else "KeyA"))
    ann.hold()
    before = notes[0]
    moved = next(note for note in notes if abs(note["x"] - before["x"]) > 0.05)
    assert moved["frame"] - before["frame"] <= FRAMES
    assert (moved["x"] > before["x"]) == right
    assert moved["told"]["x"] == before["told"]["x"], "the server has not said anything yet"
    assert notes[-1]["told"]["x"] != before["told"]["x"]
    # It never goes back: what the server says is what was predicted, but for a late input or a server that stood still.
    stats = "[rumpus.client.stats.mispredictions, rumpus.client.stats.lateMispredictions, stalls]"
    wrong, late, stalls = ann.page.evaluate(stats)
    assert wrong == late
    way = [note["x"] if right else -note["x"] for note in notes]
    assert late or stalls or all(later >= earlier for earlier, later in pairwise(way))


def test_a_shot_is_seen_before_the_server_knows_of_it_and_only_once(
    far_away: ServerProcess, open_page: Callable[..., Page]
) -> None:
    ann = take_part(open_page(far_away.url, frame_rate=SMOOTH))
    me = ann.see()["players"][ann.player_id]
    ship = ann.see()["ship"]
    ann.page.mouse.move(ship["x"] + (150 if me["x"] < 1000 else -150), ship["y"])

    def click() -> None:
        ann.page.mouse.down()
        ann.page.mouse.up()

    notes = watched(ann.page, "pointerdown", click)
    shown = [note for note in notes if note["bullets"] > 0]
    assert shown[0]["told"]["bullets"] == 0, "drawn before the server can have told of it"
    assert max(note["told"]["bullets"] for note in notes) == 1, "a click shorter than a tick fires once"
    # When the server's copy comes there is still one, and none in between.
    assert {note["bullets"] for note in notes} <= {0, 1}
    frames = [note["frame"] for note in shown]
    assert frames == list(range(frames[0], frames[0] + len(frames)))


def test_the_right_button_fires_the_rail_at_once(far_away: ServerProcess, open_page: Callable[..., Page]) -> None:
    ann = take_part(open_page(far_away.url, frame_rate=SMOOTH))
    ship = ann.see()["ship"]
    ann.page.mouse.move(ship["x"] + 150, ship["y"] + 40)

    def click() -> None:
        ann.page.mouse.down(button="right")
        ann.page.mouse.up(button="right")

    notes = watched(ann.page, "pointerdown", click)
    shown = next(note for note in notes if note["rails"] == 1)
    assert shown["told"]["rail_cooldown"] == 0, "drawn before the server can have told of it"
    assert max(note["told"]["rail_cooldown"] for note in notes) > 1
    # The server's own word of it does not draw it again.
    assert {note["rails"] for note in notes} == {0, 1}
    expect(ann.page.get_by_test_id("bar-rail")).to_be_visible()


@pytest.mark.parametrize("key", ["Shift", "e"])
def test_keys_fire_the_rail_too(key: str, far_away: ServerProcess, open_page: Callable[..., Page]) -> None:
    ann = take_part(open_page(far_away.url, frame_rate=SMOOTH))
    ann.page.evaluate(COUNT_RAILS)
    ann.page.keyboard.press(key)
    ann.page.wait_for_function("() => rumpus.view().rails === 1 && told === 1")


def test_on_a_phone_the_rail_is_pulled_and_fires_when_it_is_let_go(
    far_away: ServerProcess, open_page: Callable[..., Page]
) -> None:
    small = {"viewport": {"width": 844, "height": 390}, "device_scale_factor": 2}
    page = open_page(far_away.url, frame_rate=SMOOTH, has_touch=True, is_mobile=True, **small)
    ann = Player(page, "Ann")
    ann.introduce()
    page.get_by_test_id("quick-play").tap()
    ann.wait_for("playing")
    ann.see()
    page.wait_for_function("() => rumpus.client.stats.margin !== null")
    page.evaluate(COUNT_RAILS)
    touch = page.context.new_cdp_session(page)

    def point(kind: str, *at: tuple[int, int]) -> None:
        points = [{"x": x, "y": y, "id": 0} for x, y in at]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    point("touchStart", (664, 219))
    point("touchMove", (664, 265))
    # It aims while it is held.
    page.wait_for_function("() => Math.abs(rumpus.view().players[rumpus.playerId].angle - Math.PI / 2) < 0.01")
    assert page.evaluate("rumpus.view().rails") == 0
    point("touchEnd")
    page.wait_for_function("() => rumpus.view().rails === 1 && told === 1")


def test_the_net_graph_opens_with_a_key_shows_the_link_and_is_remembered(
    far_away: ServerProcess, open_page: Callable[..., Page]
) -> None:
    ann = take_part(open_page(far_away.url, frame_rate=SMOOTH))
    graph = ann.page.get_by_test_id("net-graph")
    expect(graph).to_be_hidden()
    assert ann.page.evaluate("rumpus.netGraph()") is None
    ann.page.keyboard.press("n")
    expect(graph).to_be_visible()
    ann.page.wait_for_function(
        "() => { const now = rumpus.netGraph(); return now.rtt > 0.14 && now.in > 0 && now.out > 0; }"
    )
    reading = ann.page.evaluate("rumpus.netGraph()")
    assert reading["rtt"] < 2
    assert reading["margin"] is not None
    assert reading["delay"] >= 0.05
    # It covers neither the ladder nor the map.
    covered = graph.bounding_box()
    assert covered is not None
    for other in ("ladder", "minimap", "kill-feed"):
        box = ann.page.get_by_test_id(other).bounding_box()
        assert box is not None
        apart = (
            box["x"] + box["width"] <= covered["x"]
            or covered["x"] + covered["width"] <= box["x"]
            or box["y"] + box["height"] <= covered["y"]
            or covered["y"] + covered["height"] <= box["y"]
        )
        assert apart, other
    # Loaded again, the page comes back to its match, and to what was shown over it.
    ann.page.reload()
    ann.wait_for("playing")
    ann.see()
    expect(graph).to_be_visible()
    ann.page.keyboard.press("F3")
    expect(graph).to_be_hidden()


def test_the_net_graph_opens_for_any_game_but_not_while_somebody_types(
    serve: Callable[..., ServerProcess], open_page: Callable[..., Page]
) -> None:
    server = serve("--game", "examples.coins:CoinRush", "--start", "now")
    ann = Player(open_page(server.url), "Ann")
    ann.introduce()
    ann.page.get_by_test_id("quick-play").click()
    expect(ann.page.get_by_test_id("screen-generic")).to_be_visible()
    graph = ann.page.get_by_test_id("net-graph")
    ann.page.get_by_test_id("chat-input").click()
    ann.page.keyboard.type("no")
    expect(graph).to_be_hidden()
    ann.page.keyboard.press("Escape")
    ann.page.get_by_role("heading").first.click()
    ann.page.keyboard.press("n")
    expect(graph).to_be_visible()
    ann.page.wait_for_function("() => rumpus.netGraph().in > 0")
