"""Losing the connection, the page or the seat in the middle of a match, and getting it back."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.player import Player
from tests.browser.relay import relayed
from tests.support.serving import ServerProcess, free_port, serving_process

pytestmark = pytest.mark.browser

CALM = ("--set", "enemies=0", "--set", "respawn_time=0", "--set", "time_limit=0", "--set", "score_limit=0")


NOTE_TOASTS = """() => {
  window.sentences = [];
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) window.sentences.push(node.textContent);
  }).observe(document.getElementById("toasts"), { childList: true });
}"""


@pytest.fixture
def arena() -> Iterator[ServerProcess]:
    with serving_process("--start", "now", "--bots", "2", "--max-players", "6", *CALM) as server:
        yield server


def test_a_cut_connection_comes_back_to_the_same_seat_with_what_was_said_meanwhile(
    arena: ServerProcess, open_page: Callable[..., Page]
) -> None:
    with relayed(arena.port) as cable:
        ann = Player(open_page(cable.url, expect_network_errors=True), "Ann")
        ann.quick_play()
        ben = Player(open_page(f"{arena.url}/?room={ann.room}"), "Ben")
        ben.accept_invitation()
        ben.wait_for("playing")
        seat = ann.player_id

        cable.down = True
        cable.cut()
        expect(ann.page.get_by_test_id("overlay-lost")).to_be_visible()
        expect(ann.page.get_by_test_id("lost-held")).to_contain_text("held for")
        # The other one sees that she is being waited for, and says something.
        ben.page.wait_for_function("id => rumpus.client.players.get(id).away", arg=seat)
        expect(ben.page.get_by_test_id("chat-log")).to_contain_text("Ann lost the connection")
        ben.say("where are you?")
        expect(ben.page.get_by_test_id("chat-log")).to_contain_text("where are you?")

        # It tries again by itself.
        cable.down = False
        ann.wait_for("playing")
        expect(ann.page.get_by_test_id("overlay-lost")).to_be_hidden()
        assert ann.player_id == seat
        line = ann.page.get_by_test_id("chat-log").get_by_text("where are you?")
        expect(line).to_have_count(1)
        expect(ben.page.get_by_test_id("chat-log")).to_contain_text("Ann is back")
        assert seat in ann.see()["players"]


def test_a_reload_leads_back_into_the_match_without_a_click(
    arena: ServerProcess, open_page: Callable[..., Page]
) -> None:
    ann = Player(open_page(arena.url), "Ann")
    ann.quick_play()
    ann.say("hello there")
    expect(ann.page.get_by_test_id("chat-log")).to_contain_text("hello there")
    seat, room = ann.player_id, ann.room
    ann.page.reload()
    ann.wait_for("playing")
    assert (ann.player_id, ann.room) == (seat, room)
    assert seat in ann.see()["players"]
    # What was said before is on the new page too.
    expect(ann.page.get_by_test_id("chat-log").get_by_text("hello there")).to_have_count(1)


def test_a_second_tab_takes_the_seat_and_the_first_can_take_it_back(
    arena: ServerProcess, open_page: Callable[..., Page]
) -> None:
    ann = Player(open_page(arena.url), "Ann")
    ann.quick_play()
    seat = ann.player_id
    # What browsers do when a tab is duplicated: the new one has a copy of what the tab has stored.
    stored = ann.page.evaluate("JSON.stringify({...sessionStorage})")
    page = ann.page.context.new_page()
    page.add_init_script(f"for (const [key, value] of Object.entries({stored})) sessionStorage[key] ??= value;")
    page.goto(arena.url)
    second = Player(page, "Ann")
    second.wait_for("playing")
    assert second.player_id == seat
    expect(ann.page.get_by_test_id("overlay-taken")).to_be_visible()
    ann.page.get_by_test_id("taken-here").click()
    ann.wait_for("playing")
    assert ann.player_id == seat
    expect(page.get_by_test_id("overlay-taken")).to_be_visible()


@pytest.fixture
def impatient() -> Iterator[ServerProcess]:
    with serving_process("--start", "now", "--bots", "2", "--reconnect-time", "1", *CALM) as server:
        yield server


def test_a_seat_that_was_given_up_is_said_so_and_the_room_is_offered(
    impatient: ServerProcess, open_page: Callable[..., Page]
) -> None:
    ann = Player(open_page(impatient.url), "Ann")
    ann.quick_play()
    # Somebody else keeps the room open.
    ben = Player(open_page(f"{impatient.url}/?room={ann.room}"), "Ben")
    ben.accept_invitation()
    ben.wait_for("playing")
    seat = ann.player_id
    ann.page.goto("about:blank")
    ben.page.wait_for_function("id => !rumpus.client.players.has(id)", arg=seat)
    ann.page.goto(impatient.url)
    expect(ann.page.get_by_test_id("problem")).to_contain_text("given up")
    expect(ann.page.get_by_test_id("invite-code")).to_have_text(ben.room)
    ann.page.get_by_test_id("join-invited").click()
    ann.wait_for("playing")


def restart(port: int, how: signal.Signals, first: ServerProcess, *flags: str) -> Any:
    """Stop a server in this way, and start it again on its port."""
    first.stop(how)
    return serving_process("--port", str(port), "--start", "now", "--bots", "2", *CALM, *flags)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_of_the_server_is_a_short_wait_and_a_new_match_with_the_same_people(
    open_page: Callable[..., Page], how: signal.Signals
) -> None:
    port = free_port()
    with serving_process("--port", str(port), "--start", "now", "--bots", "2", *CALM) as server:
        ann = Player(open_page(server.url, expect_network_errors=True), "Ann")
        ann.quick_play()
        ben = Player(open_page(f"{server.url}/?room={ann.room}", expect_network_errors=True), "Ben")
        ben.accept_invitation()
        ben.wait_for("playing")
        room = ann.room
        for player in (ann, ben):
            # Sentences pass, and are looked at when the server is there again.
            player.page.evaluate(NOTE_TOASTS)
        with restart(port, how, server):
            for player in (ann, ben):
                player.wait_for("playing")
                expect(player.page.get_by_test_id("overlay-lost")).to_be_hidden()
                assert player.room == room
                assert player.player_id in player.see()["players"]
                told = player.page.evaluate("window.sentences")
                assert told.count("The server was restarted. You are in a new match, in the same room.") == 1
                assert not [text for text in told if "seat" in text]
            ann.page.wait_for_function("() => [...rumpus.client.players.values()].some(({ name }) => name === 'Ben')")
            ben.say("here we are")
            expect(ann.page.get_by_test_id("chat-log")).to_contain_text("here we are")


def test_whoever_came_by_a_code_is_told_if_the_room_cannot_be_opened_again(open_page: Callable[..., Page]) -> None:
    port = free_port()
    with serving_process("--port", str(port), "--start", "now", "--bots", "2", *CALM) as server:
        ann = Player(open_page(server.url), "Ann")
        ann.quick_play()
        ben = Player(open_page(f"{server.url}/?room={ann.room}", expect_network_errors=True), "Ben")
        ben.accept_invitation()
        ben.wait_for("playing")
        ann.page.goto("about:blank")
        with restart(port, signal.SIGTERM, server, "--reopen-time", "0"):
            expect(ben.page.get_by_test_id("problem")).to_have_text("The server was restarted, and your room is gone.")
            ben.quick_play()
