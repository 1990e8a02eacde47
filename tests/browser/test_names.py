"""Whose name is signed: a mark that everybody sees, and hears of who does not see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from rumpus.protocol import JSON_SUBPROTOCOL
from rumpus.tickets import sign_ticket
from tests.browser.player import Player
from tests.support.foreign_client import Client
from tests.support.serving import ServerProcess

pytestmark = pytest.mark.browser

SECRET = "a secret of more than 32 bytes, for tests"


@pytest.mark.parametrize(
    "viewport", [{"width": 1280, "height": 800}, {"width": 360, "height": 740}], ids=["wide", "360 px"]
)
def test_a_ticket_keeps_its_name_and_shows_its_mark(
    serve: Callable[..., ServerProcess],
    open_page: Callable[..., Page],
    monkeypatch: pytest.MonkeyPatch,
    viewport: dict[str, int],
) -> None:
    monkeypatch.setenv("RUMPUS_TICKET_SECRET", SECRET)
    server = serve("--start", "countdown", "--countdown", "300", "--max-players", "4", "--set", "enemies=0")
    guest = Player(open_page(server.url, viewport=viewport), "Ann")
    guest.create_room()
    with Client(server.port, JSON_SUBPROTOCOL) as ann:
        mine = ann.join(room=guest.room, token=sign_ticket(SECRET, "user-1", name="Ann"))["player_id"]
        lines = guest.page.get_by_test_id("players")
        signed, own = (lines.locator(f'[data-player="{who}"]') for who in (mine, guest.player_id))
        expect(signed.locator(".who")).to_have_text("Ann")
        expect(signed.get_by_role("img", name="verified")).to_be_visible()
        # The name that the guest chose is whose it is by the ticket.
        expect(own.locator(".who")).to_have_text("Ann 2")
        expect(own.get_by_role("img", name="verified")).to_have_count(0)
        assert signed.evaluate("line => line.scrollWidth <= line.clientWidth")
        guest.page.get_by_test_id("start").click()
        guest.wait_for("playing")
        guest.page.keyboard.down("Tab")
        row = guest.page.locator("#scoreboard tbody tr").filter(has=guest.page.get_by_role("img", name="verified"))
        expect(row).to_have_count(1)
        expect(row).to_contain_text("Ann")
