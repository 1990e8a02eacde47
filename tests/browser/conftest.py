"""A Chromium for all browser tests, and pages that may not log an error."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from rumpus.games.arena import Arena

#: Seconds that a page gets for what a test waits for, on a machine that may be busy (ms).
PATIENCE = 30_000


@pytest.fixture(scope="session", autouse=True)
def kernels() -> None:
    """Compiled beforehand: a first match that waits for the compiler may take longer than pages have patience."""
    Arena.prepare()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Playwright keeps an event loop running in this thread; a longer scope would leave it to tests that need their own.
    found = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    assert found, "no Chromium found: make test installs one, or set CHROMIUM to its path"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages, each in a browser profile of its own. At the end none may have logged an error or a warning."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(url: str, expect_network_errors: bool = False, **options: Any) -> Page:
        context = chromium.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
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
