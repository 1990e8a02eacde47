"""Lines of the log: what people choose stays a value, whatever is in it."""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rumpus.cli.log_format import JsonFormatter, PlainFormatter
from tests.support.examples import examples

#: A key or a value: a JSON string, or what needs no quotes.
PART = r'"(?:[^"\\]|\\.)*"|[^ ="]+'
NAMES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["Ann", 'Ann "the fox"', "Ann room=FAKE", "Ann\n08:15:02 game_over room=FAKE", "\x1b[2J", "\x9b2J", "a\u2028b",
         "\u202eannA", "Zoë", "𝔄nn", "", " ", "\\", '"', "=", "a\\n", "\udc80", "tab\there", "no\u00a0break", "\r"]
    ),
)  # fmt: skip


def record(message: str, *args: Any, exc_info: Any = None, **extra: Any) -> logging.LogRecord:
    made = logging.LogRecord("rumpus.test", logging.INFO, "", 0, message, args, exc_info)
    made.__dict__.update(extra)
    return made


def read(line: str) -> tuple[str, list[tuple[str, str]]]:
    """The message and the pairs of a plain line. Written without a look at how it is made."""
    found = re.fullmatch(rf"\d\d:\d\d:\d\d (.*?)((?: (?:{PART})=(?:{PART}))*)", line)
    assert found is not None, line
    message, rest = found.groups()
    pairs = [(text(key), text(value)) for key, value in re.findall(rf" ({PART})=({PART})", rest)]
    return text(message), pairs


def text(part: str) -> str:
    return json.loads(part) if part.startswith('"') else part


@settings(max_examples=examples(500))
@given(room=NAMES, details=st.dictionaries(NAMES, NAMES, max_size=4))
def test_what_is_written_can_be_read_back(room: str, details: dict[str, str]) -> None:
    line = PlainFormatter().format(record("%s", "player_joined", room=room, tick=7, details=details))
    assert line.isprintable()
    assert read(line) == ("player_joined", [("room", room), ("tick", "7"), *details.items()])


@settings(max_examples=examples(300))
@given(message=NAMES, name=NAMES)
def test_a_message_stays_on_its_line_and_forges_no_pair(message: str, name: str) -> None:
    line = PlainFormatter().format(record("%s", message, details={"name": name}))
    assert line.isprintable()
    said, pairs = read(line)
    assert pairs == [("name", name)]
    if message.isprintable():
        assert said == message


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann", "Ann"),
        ("Zoë", "Zoë"),
        ("Ann B", '"Ann B"'),
        ("Ann room=FAKE", '"Ann room=FAKE"'),
        ('the "fox"', r'"the \"fox\""'),
        ("Ann\nBen", r'"Ann\nBen"'),
        ("\x1b[31m", r'"\u001b[31m"'),
        ("\x9b31m", r'"\u009b31m"'),
        ("", '""'),
        (True, "True"),
        ({"goal": 5}, "\"{'goal': 5}\""),
    ],
)
def test_a_value_is_quoted_where_it_could_be_taken_for_something_else(name: Any, shown: str) -> None:
    line = PlainFormatter().format(record("player_joined", details={"name": name}))
    assert line[9:] == f"player_joined name={shown}"


def test_a_long_value_is_cut_before_it_is_quoted() -> None:
    line = PlainFormatter().format(record("said", details={"name": 'a"' * 200}))
    [(_, name)] = read(line)[1]
    assert name == 'a"' * 99 + "a…"


def test_no_line_of_a_traceback_can_be_taken_for_a_line_of_the_log() -> None:
    try:
        raise ValueError("no such player: Ann\n08:15:02 game_over room=FAKE \x1b[2J")
    except ValueError:
        lines = PlainFormatter().format(record("the game raised", exc_info=sys.exc_info(), room="R")).split("\n")
    assert lines[0].endswith("the game raised room=R")
    assert lines[1] == "  Traceback (most recent call last):"
    assert lines[-1] == "  08:15:02 game_over room=FAKE \\u001b[2J"
    assert all(line.startswith("  ") and line.isprintable() for line in lines[1:])


@given(name=st.text(st.characters(exclude_categories=["Cs"])))
def test_a_line_of_json_is_one_line(name: str) -> None:
    line = JsonFormatter().format(record("%s", "player_joined", room="R", details={"name": name}))
    assert "\n" not in line
    assert json.loads(line)["details"] == {"name": name}
