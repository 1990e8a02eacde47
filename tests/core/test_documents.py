"""What the documents promise, held against the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from examples.coins import CoinRush

from rumpus import protocol
from rumpus.config import Limits
from rumpus.testing import Playground

ROOT = Path(__file__).parents[2]
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()


def test_the_readme_shows_the_example_as_it_is() -> None:
    assert (ROOT / "examples" / "coins.py").read_text().rstrip() in (ROOT / "README.md").read_text()


def test_the_example_is_a_game_of_forty_lines_that_can_be_won() -> None:
    lines = [line for line in (ROOT / "examples" / "coins.py").read_text().splitlines() if line.strip()]
    assert len(lines) <= 40
    match = Playground(CoinRush, start="now", settings={"goal": "2"})
    ann = match.connect("Ann")
    match.run(0.1)
    for _ in range(600):
        if ann.messages("game_over"):
            break
        me, coin = ann.state["players"][ann.player_id], ann.state["coin"]
        ann.input(**{axis: max(-1, min(1, (coin[axis] - me[axis]) / 20)) for axis in "xy"})
        match.run(1 / 30)
    assert ann.last("game_over")["reason"] == "goal_reached"
    assert ann.last("game_over")["results"][0]["score"] == 2


@pytest.mark.parametrize("message", [*get_args(protocol.ServerMessage), protocol.Join, protocol.Chat, protocol.Team])
def test_every_message_and_field_is_in_the_protocol_document(message: type[msgspec.Struct]) -> None:
    info = msgspec.inspect.type_info(message)
    assert isinstance(info, msgspec.inspect.StructType)
    assert f"`{info.tag}`" in PROTOCOL or f"### {info.tag}" in PROTOCOL
    for field in info.fields:
        assert f"`{field.encode_name}" in PROTOCOL, f"{info.tag}.{field.encode_name}"


def test_every_error_code_in_the_source_is_in_the_protocol_document() -> None:
    source = "\n".join(path.read_text() for path in (ROOT / "src" / "rumpus").glob("*.py"))
    codes = set(re.findall(r'(?:MessageError|JoinError|send_error)\(\s*"(\w+)"', source))
    codes |= set(re.findall(r'code = "(bad_settings)"', source)) | set(re.findall(r'"(bad_name)"', source))
    assert len(codes) >= 12
    for code in codes:
        assert f"| `{code}` |" in PROTOCOL, code


def test_the_limits_named_in_the_protocol_document_have_the_defaults_it_says() -> None:
    limits = Limits()
    for text, value in (
        ("16 KiB (`--max-message-size`)", limits.max_message_size == 16 * 1024),
        ("1 to 24 characters (`--max-name-length`)", limits.max_name_length == 24),
        ("60 s (`--join-timeout`)", limits.join_timeout == 60),
        ("8 that arrive within one tick (`--max-inputs-per-tick`)", limits.max_inputs_per_tick == 8),
        ("120 messages a second (`--max-messages-per-second`)", limits.max_messages_per_second == 120),
        ("30 s (`--idle-timeout`;", limits.idle_timeout == 30),
        ("15 s (`--slow-timeout`)", limits.slow_timeout == 15),
        ("1 MiB unread (`--max-unsent`)", limits.max_unsent == 1024 * 1024),
        ("5 s (`--handshake-timeout`)", limits.handshake_timeout == 5),
    ):
        assert text in PROTOCOL
        assert value, text
