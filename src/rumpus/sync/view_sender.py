"""Sends plain state of a game in which each player may know something else: what the game says is their view.

Each client's view is made, compared with the one that it holds, and encoded for it alone. Those to whom the game shows
the whole state share one copy of it, and the patch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import msgspec

from ..protocol import merge_patch
from ..protocol.merge_patch import NOT_PATCHABLE
from ..telemetry.counters import Counters
from .subscriber import Subscriber

#: What a player may know of a state: `Game.get_view`.
View = Callable[[str | None, Any], Any]


class ViewSender:
    """How to send what is next. What a client holds is kept with it."""

    def __init__(self, deltas: bool, counters: Counters, view: View) -> None:
        self._deltas = deltas
        self._counters = counters
        self._view = view
        #: The whole state that was sent last, as whoever was sent it holds it.
        self._last_whole: Any = None

    def send(self, tick: int, state: Any, subscribers: Collection[Subscriber]) -> None:
        """Send each of these clients its view of `state`. Raises TypeError if that is not plain data."""
        counters = self._counters
        whole = common = None
        for subscriber in subscribers:
            connection = subscriber.connection
            if connection.congested:
                subscriber.in_sync = False
                counters.snapshots_skipped += 1
                continue
            view = self._view(subscriber.player_id or None, state)
            if view is not None:
                tree = msgspec.to_builtins(view, str_keys=True)
                patch = self._patch(subscriber, tree)
            else:
                if whole is None:
                    whole = msgspec.to_builtins(state, str_keys=True)
                tree = whole
                if subscriber.in_sync and subscriber.holds is self._last_whole:
                    if common is None:
                        common = self._patch(subscriber, tree)
                    patch = common
                else:
                    patch = self._patch(subscriber, tree)
            codec = connection.codec
            if patch is NOT_PATCHABLE:
                data = codec.snapshot("state", tick, tree)
            else:
                data = codec.snapshot("delta", tick, patch)
            source = subscriber.source
            if source.ack >= 0:
                data = codec.with_ack(data, source.ack, source.margin)
            connection.send(data)
            subscriber.in_sync, subscriber.holds = True, tree
            counters.snapshots_sent += 1
            counters.snapshot_bytes += len(data)
        self._last_whole = whole

    def _patch(self, subscriber: Subscriber, tree: Any) -> Any:
        held = subscriber.holds
        if not (self._deltas and subscriber.in_sync and type(held) is dict and type(tree) is dict):
            return NOT_PATCHABLE
        return merge_patch.diff(held, tree)
