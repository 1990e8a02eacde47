"""What the documents promise, held against the code."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import get_args

import msgspec
import pytest
import typer
from examples.coins import CoinRush
from examples.herding import Herding

from rumpus import protocol
from rumpus.cli import app
from rumpus.config import Limits, RoomOptions
from rumpus.endpoints.metrics import render_metrics
from rumpus.results.storage.options import StorageOptions
from rumpus.server import GameServer, prices
from rumpus.testing import Playground

ROOT = Path(__file__).parents[2]
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()
OPERATE = (ROOT / "docs" / "operate.md").read_text()
#: Flags in the tables of docs/operate.md: (name, the default it says).
FLAGS_SHOWN = re.findall(r"^\| `--([a-z0-9-]+)` \| ([^|]*?) *\|", OPERATE, re.MULTILINE)


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


def test_the_example_with_tables_works_and_is_what_the_document_shows() -> None:
    source, shown = (ROOT / "examples" / "herding.py").read_text(), (ROOT / "docs" / "write-a-game.md").read_text()
    for declaration in ("class Dogs(Table):", "class Sheep(Table", "class Meadow(World):"):
        block = source[source.index(declaration) :].split("\n\n\n")[0]
        assert textwrap.indent(block, "    ") in shown
    match = Playground(Herding, start="now", settings={"seed": "4"})
    ann, bob = match.connect("Ann", subprotocol=protocol.MSGPACK_SUBPROTOCOL), match.connect("Bob")
    match.run(0.1)
    for _ in range(400):
        # Go behind the loose sheep that is nearest to the pen, and push.
        state = ann.state
        dog, loose = state["dogs"][ann.player_id], [one for one in state["sheep"].values() if not one["penned"]]
        sheep = min(loose, key=lambda one: one["x"] + one["y"])
        x, y = sheep["x"] * 1.05 + 15 - dog["x"], sheep["y"] * 1.05 + 15 - dog["y"]
        size = max(abs(x), abs(y), 1)
        ann.input(x=x / size, y=y / size)
        match.run(0.1)
    penned = sum(sheep["penned"] for sheep in ann.state["sheep"].values())
    assert penned >= 5
    assert bob.state == ann.state
    room = match.server.rooms[ann.room_id]
    assert set(room.game.scores.values()) == {penned}
    room.game.world.sheep.penned = 1
    match.run(0.1)
    assert ann.last("game_over")["reason"] == "all_in"


@pytest.mark.parametrize(
    "message",
    [*get_args(protocol.ServerMessage), *get_args(protocol.ClientMessage)],
)
def test_every_message_and_field_is_in_the_protocol_document(message: type[msgspec.Struct]) -> None:
    info = msgspec.inspect.type_info(message)
    assert isinstance(info, msgspec.inspect.StructType)
    assert f"`{info.tag}`" in PROTOCOL or f"### {info.tag}" in PROTOCOL
    for field in info.fields:
        assert f"`{field.encode_name}" in PROTOCOL, f"{info.tag}.{field.encode_name}"


def test_the_worked_example_of_snapshots_is_a_golden_vector() -> None:
    golden = json.loads((ROOT / "tests" / "golden" / "snapshots.json").read_text())["cases"][0]
    shown = re.findall(r"^    (c1[0-9a-f]+)$", PROTOCOL, re.MULTILINE)
    assert shown == golden["snapshots"]


def test_every_error_code_in_the_source_is_in_the_protocol_document() -> None:
    source = "\n".join(path.read_text() for path in (ROOT / "src" / "rumpus").rglob("*.py"))
    codes = set(re.findall(r'(?:MessageError|JoinError|send_error)\(\s*"(\w+)"', source))
    codes |= set(re.findall(r'code = "(bad_settings)"', source)) | set(re.findall(r'"(bad_name)"', source))
    assert len(codes) >= 12
    for code in codes:
        assert f"| `{code}` |" in PROTOCOL, code


def test_the_limits_named_in_the_protocol_document_have_the_defaults_it_says() -> None:
    limits = Limits()
    named = re.findall(r"([\d,.]+)([^\d\[`|]*)[\[(]`?(?:([\d,]+); )?`?--(max-[a-z-]+|[a-z]+-timeout)`", PROTOCOL)
    assert len(named) >= 12
    options = set(RoomOptions.__struct_fields__)
    for number, unit, inner, flag in named:
        field = flag.replace("-", "_")
        if field in options:
            continue
        value = float((inner or number).replace(",", ""))
        value *= 1024 if "KiB" in unit else 1024 * 1024 if "MB" in unit else 1
        assert value == getattr(limits, field), (flag, number)


def test_every_flag_of_the_server_is_in_exactly_one_table_of_the_operator_s_document() -> None:
    flags = {option.opts[0].removeprefix("--") for option in typer.main.get_group(app).commands["serve"].params}
    assert sorted(name for name, _ in FLAGS_SHOWN) == sorted(flags)


@pytest.mark.parametrize("struct", [Limits, RoomOptions, StorageOptions])
def test_the_operator_s_document_tells_the_defaults(struct: type[msgspec.Struct]) -> None:
    shown = dict(FLAGS_SHOWN)
    for field in msgspec.structs.fields(struct):
        if field.name in ("settings", "player_settings"):  # --set, --player-setting
            continue
        said = shown[field.name.replace("_", "-")]
        if field.default in (None, ""):
            assert not re.search(r"\d", said), field.name
        elif isinstance(field.default, bool):
            assert said == ("on" if field.default else "off"), field.name
        elif isinstance(field.default, str):
            assert said == f"`{field.default}`", field.name
        else:
            assert float(said.replace(",", "")) == field.default, field.name


def test_the_operator_s_document_has_every_price() -> None:
    named = {f"`{kind.__struct_config__.tag}`": str(price) for kind, price in prices.PRICES.items()}  # type: ignore[attr-defined]
    named |= {name: str(price) for name, price in prices.OTHERS.items()}
    table = re.search(r"<!-- message prices -->\n(.*?)<!-- /message prices -->", OPERATE, re.S)
    assert table is not None
    assert table[1].splitlines()[2:] == [f"| {name} | {price} |" for name, price in named.items()]


def test_every_metric_is_in_the_operator_s_document() -> None:
    server = GameServer(CoinRush)
    names = {line.split()[2] for line in render_metrics(server.figures()).splitlines() if line.startswith("# TYPE")}
    assert len(names) > 20
    source = (ROOT / "src" / "rumpus" / "endpoints" / "metrics.py").read_text()
    for kind, name in re.findall(r'(Counter|Gauge)MetricFamily\(\s*"(rumpus_\w+)"', source):
        names.add(name + "_total" if kind == "Counter" else name)
    for name in names:
        assert f"`{name}" in OPERATE, name
