"""A Chromium for all browser tests, and pages that may not log an error."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support.serving import ServerProcess, serving_process

#: Milliseconds that a page gets for what a test waits for, on a machine that may be busy.
PATIENCE = 60_000
#: Names of Chromium, the one first that has no window to draw: it takes a third less of the processor.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
#: Frames a second that a page draws, where a test does not look at single frames. Without a graphics card drawing takes
#: most of the processor, and three pages at sixty frames leave nothing to the tests beside them.
CALM, SMOOTH = 12, 60

#: Calls back as a browser would whose screen is slower: all that wait for a frame are called in the same one.
DRAW_LESS = """{
  const draw = window.requestAnimationFrame.bind(window);
  let shown = -Infinity;
  window.requestAnimationFrame = (callback) => {
    const wait = (now) => {
      if (now !== shown && now - shown < 1000 / RATE - 5) return draw(wait);
      shown = now;
      callback(now);
    };
    return draw(wait);
  };
}"""


@pytest.fixture(scope="module", autouse=True)
def full_speed(unmeasured: None) -> None:
    """Pages and what else runs leave little of the processor to servers, whose lines other tests count."""


@pytest.fixture(scope="session", autouse=True)
def compiled_beforehand(arena_compiled: None) -> None:
    """For all pages that play Arena."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Playwright keeps an event loop running in this thread; a longer scope would leave it to tests that need their own.
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "no Chromium found: make test installs one, or set CHROMIUM to its path"
    # Left to itself it has five seconds, which a busy machine may well take.
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                # Names in addresses of pages that these tests serve.
                "--host-resolver-rules=MAP *.example 127.0.0.1",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., ServerProcess]]:
    """Starts servers, with arguments of `rumpus serve`, that end after the pages of a test: no page misses its own."""
    with ExitStack() as servers:
        yield lambda *arguments: servers.enter_context(serving_process(*arguments))


@pytest.fixture
def open_page(chromium: Browser, serve: object) -> Iterator[Callable[..., Page]]:
    """Opens pages, each in a browser profile of its own. At the end none may have logged an error or a warning."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(url: str, expect_network_errors: bool = False, frame_rate: int = CALM, **options: Any) -> Page:
        context = chromium.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
        if frame_rate < SMOOTH:
            context.add_init_script(DRAW_LESS.replace("RATE", str(frame_rate)))
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()

        def on_console(message: Any) -> None:
            # A browser logs each refused connection by itself; no page can prevent that.
            if message.type in ("error", "warning") and not (expect_network_errors and "net::ERR" in message.text):
                complaints.append(f"{message.type}: {message.text}")

        page.on("console", on_console)
        page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
