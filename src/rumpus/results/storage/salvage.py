"""Results out of files that were not meant to be read again: a log, a journal, what was set aside, a file of results.

Where neither the journal nor the database can take a result, its record is in the log, as the last resort.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from json import JSONDecoder
from typing import Any

import msgspec

from ..record import MatchRecord

#: What stands before a record in the log.
KEPT_NOWHERE = "a result can be kept nowhere: "


class UnreadableError(ValueError):
    """A line that should hold a result and does not."""


def record_in(line: str) -> MatchRecord | None:
    """The result in a line; None if the line is about something else. Raises UnreadableError."""
    line = line.strip()
    before, marker, text = line.partition(KEPT_NOWHERE)
    if before.endswith('"'):
        # A plain log quotes what could be taken for a key.
        text = _decode_string(line[len(before) - 1 :]).removeprefix(KEPT_NOWHERE)
    if line.startswith("{"):
        data = _decode(line)
        if not isinstance(data, dict):
            return None
        message = data.get("message")
        if isinstance(message, str):
            _, marker, text = message.partition(KEPT_NOWHERE)
        elif "match_id" in data and "results" in data:
            return _convert(data)
        else:
            return None
    return _convert(_decode(text)) if marker else None


def records_in(lines: Iterable[str]) -> Iterator[tuple[int, MatchRecord | UnreadableError]]:
    """All results in a file, with the numbers of their lines; where one cannot be read, why."""
    for number, line in enumerate(lines, 1):
        try:
            record = record_in(line)
        except UnreadableError as error:
            yield number, error
        else:
            if record is not None:
                yield number, record


def _decode_string(text: str) -> str:
    """The JSON string that a text begins with."""
    try:
        return str(JSONDecoder().raw_decode(text)[0])
    except ValueError as error:
        raise UnreadableError(str(error)) from error


def _decode(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(str(error)) from error


def _convert(data: Any) -> MatchRecord:
    try:
        if isinstance(data, dict):
            # `--results` writes times for people.
            for name in ("started_at", "ended_at"):
                if isinstance(data.get(name), str):
                    data[name] = msgspec.convert(data[name], datetime).timestamp()
        record = msgspec.convert(data, MatchRecord)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(str(error)) from error
    if not record.match_id:
        raise UnreadableError("it has no match_id, by which a match is written once")
    return record
