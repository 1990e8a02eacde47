"""Bytes that trickle: a frame in many reads costs its sender as much as the server, and is understood all the same."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.config import Limits
from rumpus.net.frame_progress import FrameProgress
from tests.support.clients import BINARY, CONTINUATION, PING, TEXT, RawClient, frame
from tests.support.drift import Drift
from tests.support.serving import ServerThread, serving
from tests.support.watched_server import OPTIONS

pytestmark = pytest.mark.socket

#: Two seconds' worth may be saved up, and ten seconds' worth beyond is a flood.
RATE = 20


@pytest.fixture(scope="module", params=[False, True], ids=["ordinary", "fast lane"])
def server(request: pytest.FixtureRequest) -> Iterator[ServerThread]:
    limits = Limits(max_messages_per_second=RATE, fast_lane=request.param)
    with serving(Drift, OPTIONS, limits) as server:
        yield server
        assert not server.errors.records, server.errors.texts()


def send_slowly(server: ServerThread, client: RawClient, data: bytes) -> None:
    """Each byte is read for itself."""
    for at in range(len(data)):
        client.raw(data[at : at + 1])
        server.call(lambda server: server.loop.lane and server.loop.lane.drain())


@pytest.fixture
def client(server: ServerThread) -> Iterator[RawClient]:
    with RawClient(server.port) as client:
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert client.is_served()
        yield client


def test_a_frame_in_single_bytes_uses_up_the_budget(server: ServerThread, client: RawClient) -> None:
    send_slowly(server, client, frame(b" " * 3 * RATE)[: 3 * RATE])
    assert client.error() == "rate_limited"


def test_who_goes_on_is_sent_away_although_no_frame_was_ever_complete(server: ServerThread, client: RawClient) -> None:
    with contextlib.suppress(ConnectionError):
        send_slowly(server, client, frame(b" " * 16_000)[: 14 * RATE])
    assert client.goodbye() == (1008, "too many messages")


def test_a_frame_in_a_few_pieces_costs_little(server: ServerThread, client: RawClient) -> None:
    whole = frame(client.encode({"type": "ping", "time": 7}))
    send_slowly(server, client, whole[: RATE // 2])
    client.raw(whole[RATE // 2 :])
    assert client.expect("pong")["time"] == 7
    assert client.is_served()


def test_text_that_cannot_become_utf8_is_refused_before_its_frame_is_complete(
    server: ServerThread, client: RawClient
) -> None:
    send_slowly(server, client, frame(b'{"\xe2\x82\xac\xff' + b" " * 100)[:12])
    assert client.goodbye() == (1007, "text must be UTF-8")


def test_text_that_cannot_become_utf8_is_refused_within_a_later_fragment(
    server: ServerThread, client: RawClient
) -> None:
    client.frame(b'{"\xe2\x82', fin=False)
    send_slowly(server, client, frame(b"\xacx\xc0" + b" " * 100, CONTINUATION)[:9])
    assert client.goodbye() == (1007, "text must be UTF-8")


def test_what_is_no_text_is_not_looked_at(server: ServerThread, client: RawClient) -> None:
    half = frame(b"\xff\xfe\xfd", PING)
    send_slowly(server, client, half)
    assert client.next_frame().payload == b"\xff\xfe\xfd"
    send_slowly(server, client, frame(b"\xff\xfe", BINARY))
    assert client.error() == "bad_message"


# Where frames end, without sockets.

FRAMES = st.builds(
    frame,
    st.binary(max_size=400) | st.sampled_from([b"", bytes(125), bytes(126), bytes(65_535), bytes(65_536)]),
    st.sampled_from([TEXT, BINARY, CONTINUATION]),
    masked=st.booleans(),
)


@given(st.lists(FRAMES, max_size=6), st.data())
def test_frames_are_told_apart_however_they_are_cut(frames: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    progress, at, found = FrameProgress(), 0, []
    for cut in [*cuts, len(whole)]:
        found += [at + end for end in progress.ends(whole[at:cut])]
        at = cut
    ends = [sum(map(len, frames[: number + 1])) for number in range(len(frames))]
    assert found == ends
    assert progress.between


@given(st.binary(min_size=1, max_size=300), st.data())
def test_the_beginning_of_a_payload_is_unmasked_as_it_comes(payload: bytes, data: st.DataObject) -> None:
    whole = frame(payload)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)))
    progress, at, seen = FrameProgress(), 0, b""
    for cut in cuts:
        assert progress.ends(whole[at:cut]) == []
        if cut > at:
            seen += progress.payload(whole[at:cut])
        at = cut
    head = len(whole) - len(payload)
    assert seen == payload[: max(0, at - head)]


@given(st.lists(st.binary(max_size=40), max_size=10))
def test_any_bytes_are_frames_of_some_kind(pieces: list[bytes]) -> None:
    progress = FrameProgress()
    for piece in pieces:
        ends = progress.ends(piece)
        assert ends == sorted(ends)
        assert all(0 < end <= len(piece) for end in ends)
        assert len(progress.payload(piece)) <= len(piece)
