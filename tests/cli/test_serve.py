"""`rumpus serve` as its user meets it: what it prints, what it refuses, how it stops."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

import rumpus as package
from rumpus.config import Limits, RoomOptions
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.results.storage.options import StorageOptions
from tests.support.command import ROOT, Run, complaint, complaints
from tests.support.serving import PATIENCE, get_json, serving_process

pytestmark = pytest.mark.socket

RACE = ("--game", "tests.support.race:Race", "--set", "goal=1000")

SLOW = ("--game", "tests.support.race:Slow")


class Person:
    """A client made with the websockets library."""

    def __init__(self, socket: ClientConnection, text: bool) -> None:
        self.socket = socket
        self.text = text

    def send(self, message: dict[str, Any]) -> None:
        self.socket.send(json.dumps(message) if self.text else msgspec.msgpack.encode(message))

    def receive(self) -> dict[str, Any]:
        data = self.socket.recv(PATIENCE)
        message: dict[str, Any] = json.loads(data) if isinstance(data, str) else msgspec.msgpack.decode(data)
        return message

    def wait_for(self, kind: str) -> dict[str, Any]:
        while True:
            message = self.receive()
            if message["type"] == kind:
                return message

    def until_closed(self) -> tuple[list[dict[str, Any]], int, str]:
        """All that still comes, and the close code and reason."""
        messages = []
        while True:
            try:
                messages.append(self.receive())
            except ConnectionClosed as closed:
                assert closed.rcvd is not None
                return messages, closed.rcvd.code, closed.rcvd.reason


Connect = Callable[..., Person]


@pytest.fixture
def person() -> Iterator[Connect]:
    """Makes clients, each with a name joined at once, and closes them in the end."""
    with contextlib.ExitStack() as stack:

        def make(port: int, name: str | None = None, subprotocol: str = JSON_SUBPROTOCOL) -> Person:
            opened = connect(f"ws://127.0.0.1:{port}/ws", subprotocols=[Subprotocol(subprotocol)])
            made = Person(stack.enter_context(opened), subprotocol == JSON_SUBPROTOCOL)
            if name is not None:
                made.send({"type": "join", "name": name})
            return made

        yield make


# Starting.


def test_prints_one_line_on_standard_output_when_it_listens() -> None:
    with serving_process(*RACE, cwd=ROOT) as server:
        assert get_json(server.port, "/healthz")["status"] == "ok"
    assert len(server.output) == 1
    assert re.fullmatch(r"Listening on http://127\.0\.0\.1:\d+\n", server.output[0])


def test_a_game_that_needs_long_to_prepare_is_served_meanwhile_and_its_matches_wait(
    person: Connect, tmp_path: Path
) -> None:
    environment = {"RUMPUS_TEST_FOLDER": str(tmp_path)}
    with serving_process(*SLOW, "--start", "now", cwd=ROOT, environment=environment) as server:
        assert get_json(server.port, "/healthz")["status"] == "preparing"
        ann = person(server.port, "Ann")
        assert "getting ready" in ann.wait_for("notice")["text"]
        assert get_json(server.port, "/rooms")["rooms"][0]["status"] == "waiting"
        (tmp_path / "go").touch()
        ann.wait_for("state")
        assert get_json(server.port, "/healthz")["status"] == "ok"
    assert any("Compiling Slow" in line for line in server.log)
    with serving_process(*SLOW, cwd=ROOT, environment=environment) as server:
        assert get_json(server.port, "/healthz")["status"] == "ok"
    assert not any("Compiling" in line for line in server.log)


def test_it_stops_while_a_game_is_being_prepared(tmp_path: Path) -> None:
    with serving_process(*SLOW, cwd=ROOT, environment={"RUMPUS_TEST_FOLDER": str(tmp_path)}) as server:
        assert server.stop() == 0


def test_a_game_that_cannot_be_prepared_ends_the_server_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "fail").touch()
    with serving_process(*SLOW, cwd=ROOT, environment={"RUMPUS_TEST_FOLDER": str(tmp_path)}) as server:
        (tmp_path / "go").touch()
        assert server.process.wait(PATIENCE) == 2
    assert server.log[-1] == "rumpus: Slow cannot be prepared: RuntimeError: no compiler.\n"


def test_an_address_of_all_interfaces_is_shown_as_one_that_can_be_opened() -> None:
    with serving_process(*RACE, "--host", "0.0.0.0", cwd=ROOT) as server:
        assert "0.0.0.0" not in server.url
        assert get_json(server.port, "/healthz")["status"] == "ok"
    assert len(server.output) == 1
    assert any("localhost" in line for line in server.log)


def test_an_address_of_version_6_is_put_in_brackets() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with serving_process(*RACE, "--host", "::1", cwd=ROOT) as server:
        assert server.url.startswith("http://[::1]:")


def test_settings_and_options_reach_the_rooms(person: Connect) -> None:
    flags = ("--max-players", "3", "--tick-rate", "20", "--send-rate", "10", "--start", "now", "--bots", "1")
    with serving_process(*RACE, *flags, "--set", "sides=true", cwd=ROOT) as server:
        ann = person(server.port, "Ann")
        joined = ann.wait_for("joined")
        bot = ann.wait_for("player_joined")["player"]
    assert (joined["max_players"], joined["tick_rate"], joined["send_rate"]) == (3, 20, 10)
    assert joined["start"] == "now"
    assert joined["teams"] == ["red", "blue"]
    assert joined["settings"]["goal"] == 1000
    assert bot["bot"]


def test_what_people_write_goes_through_the_operators_filters(person: Connect, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("darn\n")
    flags = ("--blocked-words", str(words), "--chat-filter", "tests.support.race:shout")
    with serving_process(*RACE, *flags, cwd=ROOT) as server:
        ann = person(server.port)
        ann.send({"type": "join", "name": "DARN"})
        assert ann.wait_for("error")["code"] == "bad_name"
        ann.send({"type": "join", "name": "ANN"})
        ann.wait_for("joined")
        ann.send({"type": "chat", "text": "darn it"})
        assert ann.wait_for("chat")["text"] == "**** IT"


# Options that cannot be.


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """A folder with modules of games, good and bad."""
    (tmp_path / "fine.py").write_text("import rumpus\nclass Fine(rumpus.Game):\n    pass\nclass Other:\n    pass\n")
    (tmp_path / "broken.py").write_text("raise RuntimeError('no sound card')\n")
    (tmp_path / "unparsable.py").write_text("class Fine(:\n")
    (tmp_path / "needy.py").write_text("import no_such_library\n")
    (tmp_path / "quitter.py").write_text("import sys\nsys.exit('bye')\n")
    return tmp_path


BAD_OPTIONS: list[tuple[list[str], list[str]]] = [
    (["--port", "70000"], ["--port", "65535"]),
    (["--port", "-1"], ["--port"]),
    (["--port", "eighty"], ["--port"]),
    (["--host", "no.such.host.invalid"], ["no.such.host.invalid"]),
    (["--start", "later"], ["--start", "later", "countdown"]),
    (["--max-players", "0"], ["--max-players", "0"]),
    (["--max-players", "many"], ["--max-players"]),
    (["--min-players", "0"], ["--min-players", "0"]),
    (["--tick-rate", "0"], ["--tick-rate", "0"]),
    (["--tick-rate", "nan"], ["--tick-rate", "nan"]),
    (["--bots", "-1"], ["--bots", "-1"]),
    (["--bot-skill", "2"], ["--bot-skill", "2"]),
    (["--max-message-size", "1"], ["--max-message-size", "1"]),
    (["--idle-timeout", "0"], ["--idle-timeout", "0"]),
    (["--set", "goal"], ["--set", "KEY=VALUE", "goal"]),
    (["--set", "=3"], ["--set", "KEY=VALUE"]),
    (["--set", "colour=red"], ["colour", "goal"]),
    (["--set", "goal=soon"], ["goal"]),
    (["--set", "goal=0"], ["goal", "1"]),
    (["--player-setting", "goal"], ["--player-setting", "NAME=EXTENT", "goal"]),
    (["--player-setting", "colour=1..2"], ["--player-setting colour=1..2", "goal"]),
    (["--player-setting", "goal=5..4"], ["--player-setting goal=5..4", "5 is above 4"]),
    (["--player-setting", "goal=1..5000"], ["--player-setting goal=1..5000", "1000"]),
    (["--player-setting", "sides=1..2"], ["--player-setting sides=1..2", "bool"]),
    (["--log-level", "loud"], ["--log-level", "loud", "warning"]),
    (["--results", "."], ["--results", "."]),
    (["--results", "no/such/folder/results"], ["--results", "no/such/folder/results"]),
    (["--chat-filter", "shout"], ["--chat-filter", "module:function", "shout"]),
    (["--chat-filter", "tests.support.race:nothing"], ["tests.support.race", "nothing"]),
    (["--blocked-words", "no/such/file"], ["--blocked-words", "no/such/file"]),
    (["--vote-time", "1"], ["--vote-time", "1"]),
    (["--colour", "red"], ["--colour"]),
    (["surplus"], ["surplus"]),
]


def test_an_option_that_cannot_be_ends_in_one_sentence() -> None:
    said = complaints([["serve", "--game", "tests.support.race:Race", *arguments] for arguments, _ in BAD_OPTIONS])
    for (arguments, words), sentence in zip(BAD_OPTIONS, said, strict=True):
        assert all(word in sentence for word in words), (arguments, sentence)


BAD_GAMES = [
    ("chess", ["chess", "arena", "module:Class"]),
    ("", ["module:Class"]),
    ("fine:", ["module:Class"]),
    ("nowhere:Fine", ["nowhere", "no such module"]),
    ("fine:Missing", ["fine", "Missing"]),
    ("fine:Other", ["Other", "rumpus.Game"]),
    ("broken:Fine", ["broken", "RuntimeError", "no sound card"]),
    ("unparsable:Fine", ["unparsable", "SyntaxError"]),
    ("needy:Fine", ["needy", "no_such_library"]),
    ("quitter:Fine", ["quitter", "bye"]),
    ("..fine:Fine", ["fine"]),
]


def test_a_game_that_cannot_be_loaded_ends_in_one_sentence(modules: Path) -> None:
    said = complaints([["serve", "--game", game] for game, _ in BAD_GAMES], cwd=modules)
    for (game, words), sentence in zip(BAD_GAMES, said, strict=True):
        assert all(word in sentence for word in words), (game, sentence)


@pytest.mark.parametrize(
    "arguments",
    [["--port", "70000"], ["--max-players", "0"], ["--game", "chess"], ["--game", "broken:Fine"], ["--set", "goal"]],
)
def test_it_is_the_same_for_a_command_of_its_own(rumpus: Run, modules: Path, arguments: list[str]) -> None:
    assert complaint(rumpus("serve", "--game", "fine:Fine", *arguments, cwd=modules))


def test_a_port_in_use_ends_in_one_sentence(rumpus: Run, taken_port: int) -> None:
    said = complaint(rumpus("serve", "--game", "tests.support.race:Race", "--port", str(taken_port)))
    assert str(taken_port) in said
    assert "in use" in said


def test_an_unknown_command_ends_in_one_sentence(rumpus: Run) -> None:
    assert "dance" in complaint(rumpus("dance"))


# Help.


def test_help_has_a_flag_for_every_limit_and_every_option_of_rooms(rumpus: Run) -> None:
    done = rumpus("serve", "--help")
    assert done.returncode == 0
    assert done.stderr == ""
    for struct in (Limits, RoomOptions, StorageOptions):
        for field in msgspec.structs.fields(struct):
            if field.name not in ("settings", "player_settings"):
                assert f"--{field.name.replace('_', '-')} " in done.stdout
                if field.default is not None:
                    assert str(field.default) in done.stdout


def test_help_lists_the_commands(rumpus: Run) -> None:
    done = rumpus("--help")
    assert done.returncode == 0
    assert re.search(r"^ +serve ", done.stdout, re.MULTILINE)
    assert re.search(r"^ +bots ", done.stdout, re.MULTILINE)


def test_the_installed_command_is_the_module(rumpus: Run) -> None:
    script = Path(sys.executable).parent / "rumpus"
    if not script.exists():
        pytest.skip("rumpus is not installed as a command here")
    done = subprocess.run([script, "serve", "--log-level", "loud"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, rumpus("serve", "--log-level", "loud").stderr)


# The log.


def test_json_logs_are_objects_with_the_details_of_events(person: Connect) -> None:
    with serving_process(*RACE, "--start", "now", "--json-logs", cwd=ROOT) as server:
        ann = person(server.port, 'Ann "the fox"')
        joined = ann.wait_for("joined")
    lines = [json.loads(line) for line in server.log]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    entered = next(line for line in lines if line["message"] == "player_joined")
    assert entered["room"] == joined["room_id"]
    assert entered["details"] == {"player_id": joined["player_id"], "name": 'Ann "the fox"', "bot": False}
    started = next(line for line in lines if line["message"] == "game_started")
    assert started["details"]["settings"]["goal"] == 1000


def test_json_logs_carry_the_traceback_of_a_game_that_fails(person: Connect, modules: Path) -> None:
    (modules / "faulty.py").write_text(
        "import rumpus\n\n\nclass Faulty(rumpus.Game):\n"
        "    def update(self, delta_time):\n        raise ValueError('oops')\n"
    )
    with serving_process("--game", "faulty:Faulty", "--start", "now", "--json-logs", cwd=modules) as server:
        ann = person(server.port, "Ann")
        assert ann.wait_for("error")["code"] == "game_error"
    failure = next(line for line in map(json.loads, server.log) if line["level"] == "error")
    assert "ValueError: oops" in failure["traceback"]


def test_plain_logs_are_lines_for_people(person: Connect) -> None:
    with serving_process(*RACE, "--start", "now", cwd=ROOT) as server:
        ann = person(server.port, "Ann")
        room = ann.wait_for("joined")["room_id"]
    assert any(
        re.fullmatch(rf"\d\d:\d\d:\d\d player_joined room={room} .*name=Ann.*\n", line) for line in server.log
    ), server.log


def test_no_name_passes_for_another_key_or_line(person: Connect) -> None:
    names = ("Ann room=FAKE", 'B" bot=true x="', "Cy=1", "room\uff1dFAKE", "Ann\u00a0room=FAKE")
    with serving_process(*RACE, "--start", "now", cwd=ROOT) as server:
        for name in names:
            person(server.port, name).wait_for("joined")
    lines = [line for line in server.log if "player_joined" in line]
    assert len(lines) == len(names)
    for line in lines:
        words = shlex.split(line)
        assert words[1] == "player_joined"
        assert [word.partition("=")[0] for word in words[2:]] == ["room", "tick", "player_id", "name", "bot"], line
        assert "room=FAKE" not in words
        assert words[-1] == "bot=False"


def test_the_log_level_decides_what_is_logged(person: Connect) -> None:
    with serving_process(*RACE, "--start", "now", "--log-level", "warning", cwd=ROOT) as server:
        ann = person(server.port, "Ann")
        ann.wait_for("joined")
    assert server.log == []


# Stopping.


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl_c", "sigterm"])
def test_everyone_is_told_and_results_are_kept_when_it_stops(
    person: Connect, number: signal.Signals, tmp_path: Path
) -> None:
    results = tmp_path / "results.jsonl"
    with serving_process(*RACE, "--start", "now", "--results", str(results), cwd=ROOT) as server:
        kinds = {"Ann": JSON_SUBPROTOCOL, "Ben": MSGPACK_SUBPROTOCOL, "Cy": JSON_SUBPROTOCOL}
        players = [person(server.port, name, kind) for name, kind in kinds.items()]
        bystander = person(server.port)
        for player in players:
            player.wait_for("state")
        assert len(get_json(server.port, "/rooms")["rooms"]) == 2
        began = time.monotonic()
        server.process.send_signal(number)
        for client in (*players, bystander):
            messages, code, reason = client.until_closed()
            assert [message["level"] for message in messages if message["type"] == "notice"] == ["warning"]
            over = [message["reason"] for message in messages if message["type"] == "game_over"]
            assert over == ([] if client is bystander else ["server_stopped"])
            assert (code, reason) == (1001, "the server is stopping")
        assert server.process.wait(PATIENCE) == 0
        assert time.monotonic() - began < 5
    matches = [json.loads(line) for line in results.read_text().splitlines()]
    assert [match["reason"] for match in matches] == ["server_stopped"] * 2
    names = {result["name"] for match in matches for result in match["results"]}
    assert names == {"Ann", "Ben", "Cy"}
    assert all(match["ticks"] > 0 and match["ended_at"] and match["settings"]["goal"] == 1000 for match in matches)


def test_it_stops_although_a_client_answers_nothing() -> None:
    with serving_process(*RACE, cwd=ROOT) as server, socket.create_connection(("127.0.0.1", server.port)) as mute:
        mute.sendall(
            b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert mute.recv(4096).startswith(b"HTTP/1.1 101 ")
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 5


def test_results_are_appended_to_those_of_earlier_runs(person: Connect, tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    for _ in range(2):
        with serving_process(*RACE, "--start", "now", "--results", str(results), cwd=ROOT) as server:
            person(server.port, "Ann").wait_for("state")
    assert len(results.read_text().splitlines()) == 2


def test_importing_the_package_for_serving_does_not_import_what_only_bots_need() -> None:
    code = (
        "import rumpus.cli, sys; print([m for m in ('rich', 'numba', 'rumpus.load', 'websockets') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
    assert package.__version__
