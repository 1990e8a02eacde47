"""Both encodings carry the same messages, and neither can be made to raise anything but a coded error."""

from __future__ import annotations

import math
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.errors import MessageError
from rumpus.protocol import Chat, Error, Input, Join, Leave, Ping, Team
from rumpus.protocol.codec import CODECS, JSON, MSGPACK, Codec


class Move(msgspec.Struct):
    x: Annotated[float, msgspec.Meta(ge=-1, le=1)] = 0
    free: float = 0
    points: list[float] = []
    label: str = ""


both = pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
counts = st.integers(0, 2**53 - 1)
finite = st.floats(allow_nan=False, allow_infinity=False)
messages = st.one_of(
    st.builds(Join, name=texts, room=st.none() | texts, options=st.dictionaries(texts, st.integers(-5, 5) | texts)),
    st.builds(Input, seq=counts, tick=st.none() | counts, data=st.builds(Move, x=st.floats(-1, 1), free=finite)),
    st.builds(Chat, text=texts),
    st.builds(Ping, time=finite),
    st.builds(Leave),
    st.builds(Team, team=texts),
)


@both
@given(message=messages)
def test_every_message_survives_the_way_there(codec: Codec, message: Any) -> None:
    assert codec.decoder(Move)(codec.encode(message)) == message


@both
@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_are_a_message_or_a_coded_error(codec: Codec, data: bytes) -> None:
    try:
        codec.decoder(Move)(data)
    except MessageError as error:
        assert error.code in ("bad_message", "unknown_type", "bad_input")
        assert len(error.message) < 300


@given(
    data=st.recursive(
        st.none() | st.booleans() | st.floats() | texts, lambda i: st.dictionaries(texts, i) | st.lists(i)
    )
)
def test_any_msgpack_document_is_a_message_or_a_coded_error(data: Any) -> None:
    for document in (data, {"type": "input", "seq": 1, "data": data}, {"type": "join", "options": data}):
        try:
            MSGPACK.decoder(Move)(msgspec.msgpack.encode(document))
        except MessageError as error:
            assert error.code in ("bad_message", "unknown_type", "bad_input")


@both
@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "nope"}, "unknown_type"),
        ({"type": 5}, "unknown_type"),
        ({"no": "type"}, "unknown_type"),
        ([1, 2], "bad_message"),
        ("text", "bad_message"),
        ({"type": "input", "seq": 1, "data": {"x": 1.5}}, "bad_input"),
        ({"type": "input", "seq": 1, "data": {"x": "1"}}, "bad_input"),
        ({"type": "input", "seq": 1, "data": 7}, "bad_input"),
        ({"type": "input", "seq": -1, "data": {}}, "bad_message"),
        ({"type": "input", "seq": 2**53, "data": {}}, "bad_message"),
        ({"type": "input", "data": {}}, "bad_message"),
        ({"type": "chat", "text": 5}, "bad_message"),
        ({"type": "join", "role": "king"}, "bad_message"),
        ({"type": "join", "options": []}, "bad_message"),
    ],
)
def test_each_mistake_has_its_code(codec: Codec, message: Any, code: str) -> None:
    with pytest.raises(MessageError) as caught:
        codec.decoder(Move)(codec.encode(message))
    assert caught.value.code == code


@both
def test_unknown_fields_are_ignored(codec: Codec) -> None:
    message = codec.decoder(Move)(codec.encode({"type": "chat", "text": "hi", "colour": "red", "extra": {"a": [1]}}))
    assert message == Chat(text="hi")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    ("message", "code"),
    [
        (lambda v: {"type": "input", "seq": 1, "data": {"x": v}}, "bad_input"),
        (lambda v: {"type": "input", "seq": 1, "data": {"free": v}}, "bad_input"),
        (lambda v: {"type": "input", "seq": 1, "data": {"points": [1.0, v]}}, "bad_input"),
        (lambda v: {"type": "ping", "time": v}, "bad_message"),
        (lambda v: {"type": "join", "options": {"a": {"b": v}}}, "bad_message"),
    ],
)
def test_msgpack_cannot_smuggle_in_numbers_that_are_not_finite(value: float, message: Any, code: str) -> None:
    with pytest.raises(MessageError) as caught:
        MSGPACK.decoder(Move)(msgspec.msgpack.encode(message(value)))
    assert caught.value.code == code


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_json_cannot_either(number: str) -> None:
    text = f'{{"type":"input","seq":1,"data":{{"free":{number}}}}}'
    with pytest.raises(MessageError):
        JSON.decoder(Move)(text.encode())


@both
@given(tick=counts, ack=counts, body=st.dictionaries(texts, st.integers(-5, 5)))
def test_an_acknowledgement_is_added_without_encoding_again(codec: Codec, tick: int, ack: int, body: Any) -> None:
    read = msgspec.json.decode if codec.text else msgspec.msgpack.decode
    for kind, name in (("state", "state"), ("delta", "patch")):
        shared = codec.snapshot(kind, tick, body)
        assert read(shared) == {"type": kind, "tick": tick, name: body}
        assert read(codec.with_ack(shared, ack)) == {"type": kind, "tick": tick, name: body, "ack": ack}


@both
@pytest.mark.parametrize("depth", [500, 5_000])
def test_deep_nesting_is_refused_and_not_a_crash(codec: Codec, depth: int) -> None:
    nested = b"[" * depth if codec.text else b"\x91" * depth
    head = b'{"type":"join","options":{"a":' if codec.text else b"\x82\xa4type\xa4join\xa7options\x81\xa1a"
    with pytest.raises(MessageError):
        codec.decoder(Move)(head + nested)


def test_both_codecs_write_the_same_shape() -> None:
    error = Error(code="bad_input", message="no")
    assert msgspec.json.decode(JSON.encode(error)) == msgspec.msgpack.decode(MSGPACK.encode(error))
    assert msgspec.json.decode(JSON.encode(error)) == {"type": "error", "code": "bad_input", "message": "no"}
