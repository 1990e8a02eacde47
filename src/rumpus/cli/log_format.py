"""What a line of the log looks like: plain for people, JSON for machines.

What players choose (names above all) is in the log. In a plain line it is quoted where it could be taken for something
else, so nobody can forge a key, a line or a command to the terminal.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

import msgspec

#: What rumpus adds to log records by `extra`.
EXTRA = ("room", "tick", "details", "address", "path")
#: Characters of a value that a plain line shows.
_SHOWN = 200
#: What stands in front of each line of a traceback, so that none looks like a line of the log.
_INDENT = "  "
_NOT_PRINTABLE = re.compile(r"[^ -~]")


class PlainFormatter(logging.Formatter):
    """`08:15:02 game_started room=K7QPXM tick=0 players=8`."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [self.formatTime(record, "%H:%M:%S")]
        if record.levelno >= logging.WARNING:
            parts.append(record.levelname)
        message = record.getMessage()
        parts.append(_quoted(message) if "=" in message or '"' in message else _printable(message))
        for name, value in extras(record).items():
            pairs = value.items() if name == "details" and isinstance(value, dict) else [(name, value)]
            parts += [f"{plain_value(key)}={plain_value(what)}" for key, what in pairs]
        text = " ".join(parts)
        blocks = [self.formatException(record.exc_info)] if record.exc_info else []
        blocks += [record.stack_info] if record.stack_info else []
        for block in blocks:
            text += "".join(f"\n{_INDENT}{_printable(line)}" for line in block.split("\n"))
        return text


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message and whatever the event carries."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **extras(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = record.stack_info
        return msgspec.json.encode(line, enc_hook=str).decode()


def extras(record: logging.LogRecord) -> dict[str, Any]:
    """What an event carries besides its message."""
    return {name: getattr(record, name) for name in EXTRA if hasattr(record, name)}


def plain_value(value: Any) -> str:
    """A value as a plain line shows it: as it is, or as a JSON string where it could be taken for something else."""
    text = str(value)
    if len(text) > _SHOWN:
        text = text[: _SHOWN - 1] + "…"
    bare = text != "" and text.isprintable() and not any(character in text for character in ' ="')
    return text if bare else _quoted(text)


def _quoted(text: str) -> str:
    """A JSON string whose characters can all be seen."""
    return _printable(json.dumps(text, ensure_ascii=False))


def _printable(text: str) -> str:
    """The text with escapes, as JSON has them, for what cannot be seen or does something to a terminal."""
    return text if text.isprintable() else _NOT_PRINTABLE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return character if character.isprintable() else json.dumps(character)[1:-1]
