"""What a real browser makes of the page's headers: the game has what it needs, and strangers' pages get nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.player import Player
from tests.support.serving import ServerProcess

pytestmark = pytest.mark.browser

Serve = Callable[..., ServerProcess]


@pytest.fixture
def arena(serve: Serve) -> ServerProcess:
    return serve("--start", "now", "--bots", "3", "--public-host", "play.example")


def test_a_match_is_played_at_a_public_host_with_gamepad_full_screen_and_sound(
    arena: ServerProcess, open_page: Callable[..., Page]
) -> None:
    ann = Player(open_page(f"http://play.example:{arena.port}/"), "Ann")
    ann.introduce()
    ann.page.get_by_test_id("quick-play").click()
    ann.wait_for("playing")
    allowed = ann.page.evaluate("() => document.featurePolicy.allowedFeatures()")
    assert {"gamepad", "fullscreen", "autoplay"} <= set(allowed)
    assert not {"camera", "microphone", "geolocation", "payment", "usb"} & set(allowed)
    assert ann.page.evaluate("() => document.fullscreenEnabled")
    assert ann.page.evaluate("() => Array.isArray([...navigator.getGamepads()])")
    assert (
        ann.page.evaluate("async () => { const sound = new AudioContext(); await sound.resume(); return sound.state; }")
        == "running"
    )


def test_the_page_is_loaded_over_a_few_connections(arena: ServerProcess, chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()
    seen: list[Any] = []
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.responseReceived", lambda event: seen.append(event["response"]["connectionId"]))
    page.goto(f"http://127.0.0.1:{arena.port}/", wait_until="networkidle")
    assert len(seen) > 50
    assert len(set(seen)) <= 6
    context.close()


def test_the_page_connects_to_its_own_host_only(arena: ServerProcess, chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{arena.port}/")
    refused = """async (address) => {
        const blocked = new Promise((resolve) =>
            addEventListener("securitypolicyviolation", (event) => resolve(event.blockedURI)));
        try { new WebSocket(address); } catch { /* refused at once */ }
        return blocked;
    }"""
    for address in ("ws://other.example/ws", f"ws://localhost:{arena.port}/ws", "wss://127.0.0.1:1/ws"):
        assert page.evaluate(refused, address).startswith(address[:10])
    context.close()


def test_a_page_of_a_name_that_was_made_to_point_here_learns_nothing(arena: ServerProcess, chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()
    response = page.goto(f"http://evil.example:{arena.port}/")
    assert response is not None
    assert response.status == 421
    # The browser takes it for the server's own page: nothing of that is kept from reading answers.
    for path in ("/", "/rooms", "/metrics", "/api/leaderboard"):
        assert page.evaluate("async (path) => (await fetch(path)).status", path) == 421
    connects = """(address) => new Promise((resolve) => {
        const socket = new WebSocket(address);
        socket.onopen = () => resolve(true);
        socket.onclose = () => resolve(false);
    })"""
    assert page.evaluate(connects, f"ws://evil.example:{arena.port}/ws") is False
    context.close()
