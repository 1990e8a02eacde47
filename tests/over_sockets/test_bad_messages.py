"""Whole messages that are wrong: each is answered with its error code, and the connection goes on."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from tests.support.clients import BINARY, TEXT, RawClient
from tests.support.serving import ServerThread

pytestmark = pytest.mark.socket

INF, NAN = float("inf"), float("nan")
BOTH = pytest.mark.parametrize("subprotocol", [JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL])
DEEP_JSON = b"[" * 5000 + b"]" * 5000


def told(server: ServerThread, payload: bytes, subprotocol: str = JSON_SUBPROTOCOL, joined: bool = False) -> str:
    """The error code that answers a message, after which the connection must still be of use."""
    with RawClient(server.port, subprotocol) as client:
        if joined:
            client.join()
        client.frame(payload)
        code = client.error()
        assert client.is_served()
        if not joined:
            client.join()
        return code


def pack(**message: Any) -> bytes:
    return msgspec.msgpack.encode(message)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b" ",
        b"nonsense",
        b"{",
        b'{"type":"ping","time":1',
        b'{"type":"ping","time":1}}',
        b'{"type":"ping","time":1} {"type":"ping","time":1}',
        b"{'type':'ping','time':1}",
        b'{"type":"ping","time":01}',
        b'\xef\xbb\xbf{"type":"leave"}',
        b"null",
        b"[]",
        b'"leave"',
        b"17",
        b"[" * 10_000,
        b'{"type":"leave","x":' + DEEP_JSON + b"}",
        b'{"type":"join","options":{"x":' + DEEP_JSON + b"}}",
    ],
    ids=lambda payload: repr(payload[:24]),
)
def test_malformed_json_is_a_bad_message(server: ServerThread, payload: bytes) -> None:
    assert told(server, payload) == "bad_message"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xc1",
        b"\x90",
        b"\xc0",
        b"\x82\xa4type\xa4ping",
        pack(type="ping", time=1) + b"\x00",
        b"\x81\xa4type\xa2\xff\xff",
        # Sizes that are promised and not there must not be allocated either.
        b"\xdf\xff\xff\xff\xff",
        b"\x82\xa4type\xa4join\xa7options\x81\xa1a\xdd\xff\xff\xff\xff",
        b"\x82\xa4type\xa4join\xa7options\x81\xa1a\xdb\xff\xff\xff\xff",
        # Keys that no map can have, and a time that no calendar has.
        b"\x82\xa4type\xa4join\xa7options\x81\xa1a\x81\x80\x01",
        b"\x82\xa4type\xa4join\xa7options\x81\xa1a\xd7\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x82\xa4type\xa4join\xa7options\x81\xa1a" + b"\x91" * 5000 + b"\xc0",
    ],
    ids=lambda payload: repr(payload[:24]),
)
def test_malformed_messagepack_is_a_bad_message(server: ServerThread, payload: bytes) -> None:
    assert told(server, payload, MSGPACK_SUBPROTOCOL) == "bad_message"


@BOTH
@pytest.mark.parametrize(
    "message",
    [
        {},
        {"kind": "ping"},
        {"type": None},
        {"type": 5},
        {"type": ["join"]},
        {"type": "dance"},
        {"type": "Join"},
        {"type": "joined", "player_id": "p1"},
        {"type": ""},
        {"type": "x" * 5000},
    ],
    ids=lambda message: repr(message)[:24],
)
def test_a_type_that_is_missing_or_unknown_is_told(server: ServerThread, subprotocol: str, message: Any) -> None:
    encode = json.dumps(message).encode() if subprotocol == JSON_SUBPROTOCOL else msgspec.msgpack.encode(message)
    assert told(server, encode, subprotocol) == "unknown_type"


@BOTH
@pytest.mark.parametrize(
    "message",
    [
        {"type": "join", "name": 5},
        {"type": "join", "name": None},
        {"type": "join", "name": ["Ann"]},
        {"type": "join", "room": 5},
        {"type": "join", "options": []},
        {"type": "join", "options": {"create": "yes"}},
        {"type": "join", "options": {"settings": []}},
        {"type": "join", "role": "king"},
        {"type": "chat"},
        {"type": "chat", "text": 5},
        {"type": "ping"},
        {"type": "ping", "time": "now"},
        {"type": "ping", "time": None},
        {"type": "team", "team": None},
        {"type": "chat", "text": "hi", "to": "enemies"},
        {"type": "mute"},
        {"type": "ready", "ready": "yes"},
        {"type": "set_room", "bots": -1},
        {"type": "set_room", "max_players": 0},
        {"type": "set_room", "settings": []},
        {"type": "kick"},
        {"type": "kick", "player_id": "p1", "ban": 1},
        {"type": "pass_host", "player_id": None},
        {"type": "call_vote", "kind": "war"},
        {"type": "vote", "id": 1},
        {"type": "vote", "id": 1, "choice": -1},
        {"type": "pause"},
        {"type": "input", "data": {}},
        {"type": "input", "seq": 1},
        {"type": "input", "seq": "1", "data": {}},
        {"type": "input", "seq": True, "data": {}},
        {"type": "input", "seq": 1.5, "data": {}},
        {"type": "input", "seq": -1, "data": {}},
        {"type": "input", "seq": 2**53, "data": {}},
        {"type": "input", "seq": 2**64 - 1, "data": {}},
    ],
    ids=json.dumps,
)
def test_fields_of_the_wrong_type_or_range_are_a_bad_message(
    server: ServerThread, subprotocol: str, message: Any
) -> None:
    encode = json.dumps(message).encode() if subprotocol == JSON_SUBPROTOCOL else msgspec.msgpack.encode(message)
    assert told(server, encode, subprotocol) == "bad_message"


#: What the host of a room in which a match runs cannot have.
ABOUT_A_ROOM = [
    ({"type": "ready"}, "not_possible"),
    ({"type": "start"}, "not_possible"),
    ({"type": "set_room", "bots": 0}, "not_possible"),
    ({"type": "kick", "player_id": "nobody"}, "no_such_player"),
    ({"type": "pass_host", "player_id": "nobody"}, "no_such_player"),
    ({"type": "call_vote", "kind": "kick", "player_id": "nobody"}, "no_such_player"),
    ({"type": "call_vote", "kind": "settings", "settings": {"goal": 1}}, "not_possible"),
    ({"type": "vote", "id": 77, "choice": 0}, "not_possible"),
    ({"type": "mute", "player_id": "nobody"}, "no_such_player"),
]


@BOTH
@pytest.mark.parametrize(("message", "code"), ABOUT_A_ROOM, ids=lambda value: json.dumps(value)[:48])
def test_what_cannot_be_wished_of_a_room_is_told(
    server: ServerThread, subprotocol: str, message: Any, code: str
) -> None:
    encode = json.dumps(message).encode() if subprotocol == JSON_SUBPROTOCOL else msgspec.msgpack.encode(message)
    assert told(server, encode, subprotocol, joined=True) == code
    assert told(server, encode, subprotocol) == "not_joined"


@BOTH
@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "left",
        5,
        {"move": "left"},
        {"move": None},
        {"move": 1.01},
        {"move": -7},
        {"move": True},
        {"move": 10**15},
        {"fire": 1},
        {"fire": "yes"},
        {"label": "far too long"},
        {"path": [0, "x"]},
        {"path": {"0": 1}},
    ],
    ids=json.dumps,
)
def test_an_input_that_does_not_fit_the_game_is_a_bad_input(server: ServerThread, subprotocol: str, data: Any) -> None:
    message = {"type": "input", "seq": 1, "data": data}
    encode = json.dumps(message).encode() if subprotocol == JSON_SUBPROTOCOL else msgspec.msgpack.encode(message)
    assert told(server, encode, subprotocol, joined=True) == "bad_input"


HUGE = [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"9" * 400, b"9" * 5000]


@pytest.mark.parametrize("number", HUGE, ids=lambda number: number[:9].decode() + f" {len(number)}")
def test_json_numbers_that_are_none_or_too_large_are_refused_wherever_they_stand(
    server: ServerThread, number: bytes
) -> None:
    assert told(server, b'{"type":"ping","time":%b}' % number) == "bad_message"
    no_json = number[-1:].isalpha() or number[-1:] == b"y"
    for field in (b"move", b"path"):
        value = b"[%b]" % number if field == b"path" else number
        code = told(server, b'{"type":"input","seq":1,"data":{"%b":%b}}' % (field, value), joined=True)
        assert code == ("bad_message" if no_json else "bad_input")
    if number != b"9" * 400:  # a whole number of that size is one in Python, and no setting takes it
        assert told(server, b'{"type":"join","options":{"x":[%b]}}' % number) == "bad_message"
    created = b'{"type":"join","options":{"create":true,"settings":{"goal":%b}}}' % number
    assert told(server, created) in ("bad_message", "bad_settings")


@pytest.mark.parametrize("number", [NAN, INF, -INF], ids=str)
def test_messagepack_nan_and_infinities_are_refused_wherever_they_stand(server: ServerThread, number: float) -> None:
    def code(joined: bool = False, **message: Any) -> str:
        return told(server, pack(**message), MSGPACK_SUBPROTOCOL, joined)

    assert code(type="ping", time=number) == "bad_message"
    assert code(type="input", seq=number, data={}) == "bad_message"
    assert code(True, type="input", seq=1, data={"move": number}) == "bad_input"
    assert code(True, type="input", seq=1, data={"path": [1.5, number]}) == "bad_input"
    assert code(type="join", options={"x": {"y": [number]}}) == "bad_message"
    assert code(type="join", options={"create": True, "settings": {"goal": number}}) == "bad_message"


@BOTH
def test_nothing_but_join_and_ping_is_for_those_without_a_seat(server: ServerThread, subprotocol: str) -> None:
    with RawClient(server.port, subprotocol) as client:
        for message in (
            {"type": "input", "seq": 1, "data": {"move": 1}},
            {"type": "chat", "text": "hello?"},
            {"type": "team", "team": "red"},
            {"type": "leave"},
        ):
            client.frame(client.encode(message))
            assert client.error() == "not_joined"
        assert client.is_served()
        client.join()


@BOTH
def test_a_second_join_is_refused_and_the_seat_kept(server: ServerThread, subprotocol: str) -> None:
    with RawClient(server.port, subprotocol) as client:
        client.join()
        client.send("join", name="Other")
        assert client.error() == "already_joined"
        client.expect("delta")
        client.send("leave")
        left = client.expect("player_left")
        assert left["player_id"] == client.player_id
        client.join()


NAMES = {
    "of 10,000 characters": "x" * 10_000,
    "one too long": "x" * 25,
    "of 200 spaces": " " * 200,
    "with NUL": "Ann\0",
    "with a line break": "Ann\nBen",
    "with a tab": "Ann\tBen",
    "with escape codes": "\x1b[31mAnn",
    "with DEL": "Ann\x7f",
    "with C1 controls": "Ann\x9b",
    "with a right-to-left override": "Ann\u202egnp",
    "with bidi isolates": "\u2066Ann\u2069",
    "with a zero-width space": "A\u200bnn",
    "with a line separator": "An\u2028n",
    "with a byte order mark": "\ufeffAnn",
    "with private characters": "Ann\ue000",
    "with invisible tags": "Ann\U000e0041",
    "with stacked accents": "A" + "\u0301\u0302\u0303\u0304\u0305\u0306",
}


@BOTH
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_bad_name_is_told_and_another_may_be_tried(server: ServerThread, subprotocol: str, name: str) -> None:
    with RawClient(server.port, subprotocol) as client:
        client.send("join", name=name, options={"create": True})
        assert client.error() == "bad_name"
        assert client.join("Zoë 🦊")["players"][0]["name"] == "Zoë 🦊"


def test_names_that_are_empty_become_guests_and_accents_are_composed(server: ServerThread) -> None:
    for name, seated in (("", "Guest"), ("   ", "Guest"), ("  An ", "An"), ("Zoe\u0308", "Zoë")):
        with RawClient(server.port) as client:
            assert client.join(name)["players"][0]["name"].startswith(seated)


@pytest.mark.parametrize("escape", [b"\\ud800", b"\\udfff", b"\\ud800\\ud800", b"a\\udc00b"])
def test_escapes_of_half_a_character_are_a_bad_message(server: ServerThread, escape: bytes) -> None:
    assert told(server, b'{"type":"join","name":"%b"}' % escape) == "bad_message"
    assert told(server, b'{"type":"chat","text":"%b"}' % escape, joined=True) == "bad_message"
    assert told(server, b'{"type":"%b"}' % escape) == "bad_message"


def test_a_pair_of_escapes_is_one_character(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        client.frame(b'{"type":"join","name":"\\ud83e\\udd8a","options":{"create":true}}')
        assert client.expect("joined")["players"][0]["name"] == "🦊"


def test_chat_that_is_too_long_or_unprintable_is_refused_and_empty_chat_ignored(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        client.join()
        for text in ("x" * 301, "x" * 9000, "a\nb", "\x1b[2J", "\u202e", "a" + "\u0300" * 9):
            client.send("chat", text=text)
            assert client.error() == "bad_message"
        client.send("chat", text="  ")
        client.send("chat", text="fine")
        assert client.expect("chat") == {
            "type": "chat",
            "player_id": client.player_id,
            "name": "Rough",
            "text": "fine",
            "serial": 1,
        }


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"create": True, "settings": {"nonsense": 1}}, "bad_settings"),
        ({"create": True, "settings": {"x" * 9000: 1}}, "bad_settings"),
        ({"create": True, "settings": {"goal": 0}}, "bad_settings"),
        ({"create": True, "settings": {"goal": "5"}}, "bad_settings"),
        ({"create": True, "settings": {"goal": 10**300}}, "bad_settings"),
        ({"create": True, "settings": {"goal": [[[1]]]}}, "bad_settings"),
        ({"settings": {"goal": None}}, "bad_settings"),
        ({"create": 1}, "bad_message"),
    ],
    ids=repr,
)
def test_options_that_cannot_be_used_open_no_room(server: ServerThread, options: Any, code: str) -> None:
    with RawClient(server.port) as client:
        rooms = server.call(lambda server: len(server.rooms))
        client.send("join", options=options)
        assert client.error() == code
        assert server.call(lambda server: len(server.rooms)) == rooms


@pytest.mark.parametrize("room", ["NOSUCH", "", " ", "../..", "\u202e", "x" * 9000, "ß" * 100])
def test_a_room_that_does_not_exist_is_told(server: ServerThread, room: str) -> None:
    with RawClient(server.port) as client:
        client.send("join", room=room)
        assert client.error() == "room_not_found"
        assert client.is_served()


def test_rooms_that_are_opened_again_count_as_new_ones(server: ServerThread) -> None:
    opened = 0
    with RawClient(server.port) as client:
        # Ten are saved up, and one more is allowed with each second that this takes.
        for last in "ABCDEFGHJKLMNPQRSTUVWXYZ":
            client.send("join", room=f"ZZZZZ{last}", options={"reopen": True})
            while (answer := client.next_message())["type"] not in ("joined", "error"):
                pass
            if answer["type"] == "error":
                break
            assert answer["room_id"] == f"ZZZZZ{last}"
            opened += 1
            client.send("leave")
        assert answer["code"] == "rate_limited"
        assert opened >= 10
        assert client.is_served()


def test_a_team_that_does_not_exist_is_told(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        client.join()
        for team in ("", "red", "x" * 9000):
            client.send("team", team=team)
            assert client.error() == "bad_team"


@BOTH
def test_nesting_of_any_depth_is_answered(server: ServerThread, subprotocol: str) -> None:
    """Just below the decoder's own limit, what comes after it stands deeper: there was a crash."""
    with RawClient(server.port, subprotocol) as client:
        for depth in (*range(100, 960, 200), *range(960, 1002)):
            if subprotocol == JSON_SUBPROTOCOL:
                deep = b"[" * depth + b"]" * depth
                client.frame(b'{"type":"join","options":{"create":true,"settings":{"goal":%b}}}' % deep)
            else:
                deep = b"\x91" * depth + b"\xc0"
                client.frame(b"\x82\xa4type\xa4join\xa7options\x82\xa6create\xc3\xa8settings\x81\xa4goal" + deep)
            assert client.error() in ("bad_settings", "bad_message")
        assert client.is_served()


def test_fields_that_nobody_knows_are_ignored(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        client.frame(b'{"colour":[1,{"a":null}],"type":"ping","time":4.5,"type2":"x","Time":"y"}')
        assert client.expect("pong")["time"] == 4.5


@pytest.mark.parametrize(("subprotocol", "wrong"), [(JSON_SUBPROTOCOL, BINARY), (MSGPACK_SUBPROTOCOL, TEXT)])
def test_frames_of_the_other_kind_are_a_bad_message(server: ServerThread, subprotocol: str, wrong: int) -> None:
    with RawClient(server.port, subprotocol) as client:
        client.frame(b'{"type":"leave"}', wrong)
        assert client.error() == "bad_message"
        client.frame(b'{"type":', wrong, fin=False)
        client.frame(b'"leave"}', 0)
        assert client.error() == "bad_message"
        client.join()


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("cancel", {}, "not_possible"),
        ("leave_party", {}, "not_possible"),
        ("party", {"code": "NOSUCH"}, "party_not_found"),
        ("party", {"name": "a\u202eb"}, "bad_name"),
        ("join", {"seat": "NOSUCH-seat"}, "seat_expired"),
        ("join", {"options": {"filter": {"no such setting": 1}}}, "bad_settings"),
        ("join", {"options": {"language": "x"}}, "bad_message"),
        ("join", {"room": "NOSUCH", "options": {"reopen": True, "create": True}}, "room_not_found"),
        ("join", {"room": "ABCDEF", "options": {"reopen": 1}}, "bad_message"),
        ("join", {"room": "ABCDEF", "options": {"reopen": True, "create": True, "max_players": 99}}, "bad_settings"),
        ("resume", {"session": "nonsense"}, "session_expired"),
        ("resume", {"session": f"12345678.{'x' * 22}"}, "server_restarted"),
        ("reserve", {"seats": 9}, "bad_message"),
        ("reserve", {"room": "NOSUCH"}, "room_not_found"),
        ("watch_rooms", {"on": 1}, "bad_message"),
    ],
)
def test_what_cannot_be_done_without_a_seat_is_told(
    server: ServerThread, kind: str, fields: dict[str, Any], code: str
) -> None:
    with RawClient(server.port) as client:
        client.send(kind, **fields)
        assert client.error() == code
        assert client.is_served()
