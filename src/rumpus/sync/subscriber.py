"""Somebody who is sent the state of a match: a player's client, or a recording. Of the player it knows only the id."""

from __future__ import annotations

from ..connection import Connection


class Subscriber:
    """One client of a room. player_id: whose view it gets; empty for a recording, which sees everything."""

    __slots__ = ("ack", "connection", "in_sync", "margin", "news_from", "player_id", "slot", "watching")

    def __init__(self, connection: Connection, player_id: str = "") -> None:
        self.connection = connection
        self.player_id = player_id
        #: Whether it is shown a recording, as spectators are, and gets no state of its own.
        self.watching = False
        #: Whether it holds the state that was sent last, so that a delta is enough.
        self.in_sync = False
        #: Its number in the room's `TableSender`, or -1.
        self.slot = -1
        #: Which of the room's waiting news are news to it; the first of them.
        self.news_from = 0
        #: The player's newest input that the game has seen, or -1, and how long before its tick it came (s), if it was
        #: for one.
        self.ack = -1
        self.margin: float | None = None

    def acknowledge(self, ack: int, margin: float | None) -> None:
        """The game has seen an input: its number, and how long before its tick it came (s), if it was for one."""
        self.ack, self.margin = ack, margin

    def forget(self) -> None:
        """Another match begins: it holds nothing, and nothing of what it said counts any more."""
        self.in_sync = False
        self.ack = -1
        self.margin = None
