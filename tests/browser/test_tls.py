"""The page over https and the match over wss."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.player import Player
from tests.support.certificates import make_certificate
from tests.support.serving import ServerProcess

pytestmark = pytest.mark.browser


def test_a_match_is_played_over_tls(
    tmp_path: Path, serve: Callable[..., ServerProcess], open_page: Callable[..., Page]
) -> None:
    certificate, key = make_certificate(tmp_path)
    server = serve("--start", "now", "--bots", "3", "--tls-cert", str(certificate), "--tls-key", str(key))
    assert server.url.startswith("https://")
    ann = Player(open_page(server.url, ignore_https_errors=True), "Ann")
    ann.introduce()
    ann.page.get_by_test_id("quick-play").click()
    ann.wait_for("playing")
    expect(ann.page.get_by_test_id("hud")).to_be_visible()
    # States and inputs go both ways.
    before = ann.see()["players"][ann.player_id]
    ann.hold("KeyD" if before["x"] < 1000 else "KeyA")
    ann.page.wait_for_function(
        "([id, x]) => Math.abs(rumpus.view().players[id].x - x) > 60", arg=[ann.player_id, before["x"]]
    )
