"""Sends a game's plain-data state: whole to those who need it, as a merge patch to those who hold the last one.

A room has one of these. The state is encoded once per codec, whatever the number of clients. A client that reads too
slowly is skipped and gets a whole state when it reads again, so nothing queues up for it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from ..protocol import merge_patch
from ..protocol.codec import Codec
from ..protocol.merge_patch import NOT_PATCHABLE
from ..telemetry.counters import Counters
from .subscriber import Subscriber


class PlainSender:
    """What was sent last, and how to send what is next."""

    def __init__(self, deltas: bool, counters: Counters) -> None:
        self._deltas = deltas
        self._counters = counters
        self._last: Any = None

    def forget(self) -> None:
        """The next state goes out whole, to everyone."""
        self._last = None

    def send(self, tick: int, state: Any, subscribers: Collection[Subscriber]) -> None:
        """Send `state` to these clients. Raises TypeError if it is not plain data."""
        if not subscribers:
            self.forget()
            return
        tree = msgspec.to_builtins(state, str_keys=True)
        patch: Any = NOT_PATCHABLE
        if self._deltas and type(self._last) is dict and type(tree) is dict:
            patch = merge_patch.diff(self._last, tree)
        can_patch = patch is not NOT_PATCHABLE
        counters = self._counters
        whole: dict[Codec, bytes] = {}
        delta: dict[Codec, bytes] = {}
        for subscriber in subscribers:
            connection = subscriber.connection
            if connection.congested:
                subscriber.in_sync = False
                counters.snapshots_skipped += 1
                continue
            codec = connection.codec
            if can_patch and subscriber.in_sync:
                data = delta.get(codec)
                if data is None:
                    data = delta[codec] = codec.snapshot("delta", tick, patch)
            else:
                data = whole.get(codec)
                if data is None:
                    data = whole[codec] = codec.snapshot("state", tick, tree)
            source = subscriber.source
            if source.ack >= 0:
                data = codec.with_ack(data, source.ack, source.margin)
            connection.send(data)
            subscriber.in_sync = True
            counters.snapshots_sent += 1
            counters.snapshot_bytes += len(data)
        self._last = tree
