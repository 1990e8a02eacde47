"""Sends plain state of a world with an interest: to each client the rows that it may know of, by the rule for tables.

What is the same for everybody is compared once, and so is each row, whoever holds it: a row that two clients hold is
the same with both. So of a client only the ids of its rows are kept, and it costs a look at these and the encoding of
what is new of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Set
from typing import Any

import msgspec

from ..protocol import merge_patch
from ..protocol.merge_patch import NOT_PATCHABLE
from ..telemetry.counters import Counters
from .subscriber import Subscriber
from .table_sender import TableSender

#: Ids of rows, by table.
Ids = Mapping[str, Set[str]]


class SightSender:
    """What was sent last, and how to send what is next.

    In a state that a game makes itself, what stands under the name of a table with places, as an object, is taken for
    its rows by id. All else is told to everybody.
    """

    def __init__(self, deltas: bool, counters: Counters) -> None:
        self._deltas = deltas
        self._counters = counters
        self._last: _Moment | None = None

    def forget(self) -> None:
        """The next state goes out whole, to everyone."""
        self._last = None

    def send(self, tick: int, state: Any, subscribers: Collection[Subscriber], tables: TableSender) -> None:
        """Send each of these clients what they may know of `state`. Raises TypeError if it is no plain object.

        tables: looks for all of them; its last snapshot must be of the same moment.
        """
        if not subscribers:
            self.forget()
            return
        rest = msgspec.to_builtins(state, str_keys=True)
        if type(rest) is not dict:
            raise TypeError(f"The state of a world with an interest must be an object, not {type(rest).__name__}.")
        rows = {name: rest.pop(name) for name in tables.filters if type(rest.get(name)) is dict}
        moment = self._last = _Moment(rest, rows, self._last if self._deltas else None)
        counters = self._counters
        for subscriber in subscribers:
            connection = subscriber.connection
            if connection.congested:
                subscriber.in_sync = False
                counters.snapshots_skipped += 1
                continue
            seen = moment.seen(tables.known_to(subscriber))
            patch = moment.patch(subscriber.holds, seen) if subscriber.in_sync else NOT_PATCHABLE
            codec = connection.codec
            if patch is NOT_PATCHABLE:
                data = codec.snapshot("state", tick, moment.whole(seen))
            else:
                data = codec.snapshot("delta", tick, patch)
            source = subscriber.source
            if source.ack >= 0:
                data = codec.with_ack(data, source.ack, source.margin)
            connection.send(data)
            subscriber.in_sync, subscriber.holds = True, seen
            counters.snapshots_sent += 1
            counters.snapshot_bytes += len(data)


class _Moment:
    """The state at one moment, and how it came from the one before.

    rest: what everybody is told. rows: of each table with places, by id. before: what clients hold; None: nothing.
    """

    def __init__(self, rest: dict[str, Any], rows: dict[str, dict[str, Any]], before: _Moment | None) -> None:
        self._rest = rest
        self._rows = rows
        # Not the moment itself, which would keep the one before it, and so on.
        self._rows_before: dict[str, dict[str, Any]] = {}
        self._common: Any = NOT_PATCHABLE
        if before is not None and before._rows.keys() == rows.keys():
            self._rows_before = before._rows
            self._common = merge_patch.diff(before._rest, rest)
        #: What has been worked out for a client before: the patches of rows that it holds, and of those that come.
        self._changes: dict[str, dict[str, Any]] = {name: {} for name in rows}
        self._arrivals: dict[str, dict[str, Any]] = {name: {} for name in rows}

    def seen(self, known: Mapping[str, Iterable[str]]) -> Ids:
        """Of the ids that a client may know of, by table, those of which there is something to tell."""
        return {name: rows.keys() & known[name] for name, rows in self._rows.items()}

    def whole(self, seen: Ids) -> dict[str, Any]:
        """The state with these rows only."""
        shown = {name: {id: rows[id] for id in seen[name]} for name, rows in self._rows.items()}
        return self._rest | shown

    def patch(self, holds: Ids, seen: Ids) -> Any:
        """The patch for a client that holds those rows and is to have these; or NOT_PATCHABLE."""
        if self._common is NOT_PATCHABLE:
            return NOT_PATCHABLE
        patch: dict[str, Any] = dict(self._common)
        for name, rows in self._rows.items():
            before, changes, arrivals = self._rows_before[name], self._changes[name], self._arrivals[name]
            held, inner = holds[name], {}
            for id in seen[name]:
                known, old = (changes, before) if id in held else (arrivals, {})
                change = known.get(id)
                if change is None:
                    was = {id: old[id]} if id in old else {}
                    change = known[id] = merge_patch.diff(was, {id: rows[id]})
                if change is NOT_PATCHABLE:
                    return NOT_PATCHABLE
                inner.update(change)
            for id in held - seen[name]:
                inner[id] = None
            if inner:
                patch[name] = inner
        return patch
