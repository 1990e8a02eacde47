"""Somebody at a keyboard and a mouse: sees what the page draws, and nothing else."""

from __future__ import annotations

import math
from typing import Any

from playwright.sync_api import Page

KEYS = {"x": ("KeyA", "KeyD"), "y": ("KeyW", "KeyS")}


class Player:
    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.name = name
        self._held: set[str] = set()

    @property
    def status(self) -> str:
        return str(self.page.evaluate("rumpus.status"))

    @property
    def player_id(self) -> str:
        return str(self.page.evaluate("rumpus.playerId"))

    def wait_for(self, status: str) -> None:
        self.page.wait_for_function("status => rumpus.status === status", arg=status)

    def watch_for(self, status: str) -> None:
        """Note from now on whether a status comes, however soon it passes; see `has_seen`."""
        look = "status => { window.seen = false; setInterval(() => { window.seen ||= rumpus.status === status }, 10) }"
        self.page.evaluate(look, status)

    def has_seen(self) -> None:
        """Wait until what `watch_for` was told has been so."""
        self.page.wait_for_function("() => window.seen")

    @property
    def room(self) -> str:
        return str(self.page.evaluate("rumpus.roomId"))

    def introduce(self) -> None:
        self.page.get_by_test_id("name").fill(self.name)

    def quick_play(self) -> None:
        """Into a match that is running."""
        self.introduce()
        self.page.get_by_test_id("quick-play").click()
        self.wait_for("playing")
        self.see()

    def accept_invitation(self) -> None:
        self.introduce()
        self.page.get_by_test_id("join-invited").click()

    def create_room(self, score: str = "20") -> None:
        self.introduce()
        self.page.get_by_test_id("open-create").click()
        self.page.get_by_test_id("create-score").select_option(score)
        self.page.get_by_test_id("create").click()
        self.wait_for("waiting")

    def say(self, text: str) -> None:
        self.page.get_by_test_id("chat-input").fill(text)
        self.page.get_by_test_id("chat-input").press("Enter")

    def about(self, other: Player, action: str) -> None:
        """Choose something from the menu at another player."""
        self.page.get_by_test_id(f"more-{other.player_id}").first.click()
        self.page.get_by_test_id("player-menu").get_by_test_id(action).click()

    def see(self) -> dict[str, Any]:
        """What is drawn: players, enemies, bullets, pickups by id."""
        return dict(self.page.wait_for_function("() => rumpus.view()").json_value())

    def hold(self, *keys: str) -> None:
        """Hold exactly these keys."""
        for key in self._held - set(keys):
            self.page.keyboard.up(key)
        for key in set(keys) - self._held:
            self.page.keyboard.down(key)
        self._held = set(keys)

    def aim_at(self, other_id: str) -> float:
        """Point the mouse into the direction of another player; returns the distance."""
        view = self.see()
        me, other = view["players"][self.player_id], view["players"][other_id]
        angle = math.atan2(other["y"] - me["y"], other["x"] - me["x"])
        ship = view["ship"]
        self.page.mouse.move(ship["x"] + math.cos(angle) * 150, ship["y"] + math.sin(angle) * 150)
        return math.hypot(other["x"] - me["x"], other["y"] - me["y"])

    def approach(self, other_id: str) -> None:
        view = self.see()
        me, other = view["players"][self.player_id], view["players"][other_id]
        keys = []
        for axis, (less, more) in KEYS.items():
            if abs(other[axis] - me[axis]) > 60:
                keys.append(more if other[axis] > me[axis] else less)
        self.hold(*keys)

    def hunt(self, other_id: str, until: str, most_steps: int = 400, while_: str = "") -> None:
        """Chase and shoot another player until the page's status is `until`, or `while_` is not so of their `id`."""
        # Before the first picture, what would be pressed is the cover that lies on the canvas until then.
        self.see()
        self.page.mouse.down()
        for _ in range(most_steps):
            if self.status == until:
                break
            if while_ and not self.page.evaluate(f"id => {while_}", other_id):
                break
            view = self.see()
            if other_id in view["players"] and self.player_id in view["players"]:
                self.approach(other_id)
                self.aim_at(other_id)
            self.page.wait_for_timeout(60)
        self.page.mouse.up()
        self.hold()
        if not while_:
            self.wait_for(until)
