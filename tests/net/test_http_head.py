"""Heads of requests, without sockets: what is read from them, and that of the rest comes nothing but a refusal."""

from __future__ import annotations

import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.net import http_head
from rumpus.net.http_head import END, MOST_PARTS, BadRequest, is_host, parse_head, tokens

NAMES = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=12).map("X-".__add__)
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)
TARGETS = st.text(string.ascii_letters + string.digits + "/._-~%?=&", max_size=40).map("/".__add__)


def written(lines: list[str]) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode()


@given(st.sampled_from(["GET", "HEAD", "POST", "DELETE"]), TARGETS, st.lists(st.tuples(NAMES, VALUES), max_size=20))
def test_a_request_is_read_as_it_was_written(method: str, target: str, headers: list[tuple[str, str]]) -> None:
    data = written([f"{method} {target} HTTP/1.1", "Host: x", *(f"{name}: {value}" for name, value in headers)])
    head = parse_head(data)
    assert (head.method, head.target, head.version, head.keep_alive) == (method, target, "1.1", True)
    assert list(head.headers.items()) == [("Host", "x"), *headers]


@given(st.binary(max_size=200), st.booleans())
def test_of_any_bytes_comes_a_head_or_a_sentence(data: bytes, begins_well: bool) -> None:
    with suppress(BadRequest):
        head = parse_head((b"GET / HTTP/1.1\r\nHost: x\r\n" if begins_well else b"") + data + END)
        hosts = head.headers.getall("Host", [])
        assert len(hosts) == 1 or head.version == "1.0"
        assert all(map(is_host, hosts))
        assert "Transfer-Encoding" not in head.headers
        assert head.headers.get("Content-Length", "0").strip("0") == ""
        assert not any(char in value for value in head.headers.values() for char in "\r\n\0")


@given(st.text(max_size=30))
def test_a_host_means_nothing_in_other_headers(text: str) -> None:
    if is_host(text):
        assert not set(text) & set(" \t\r\n,;'\"*/\\@?#()<>")
        assert text.isascii()


@pytest.mark.parametrize(
    ("connection", "version", "keep_alive"),
    [
        (None, "1.1", True),
        (None, "1.0", False),
        ("close", "1.1", False),
        ("Keep-Alive", "1.0", True),
        ("upgrade, Close", "1.1", False),
        ("keep-alive, close", "1.0", False),
        ("Upgrade", "1.1", True),
    ],
)
def test_who_may_ask_again(connection: str | None, version: str, keep_alive: bool) -> None:
    lines = [f"GET / HTTP/{version}", "Host: x"]
    if connection is not None:
        lines.append(f"Connection: {connection}")
    assert parse_head(written(lines)).keep_alive == keep_alive


def test_values_lose_the_space_around_them_and_nothing_else() -> None:
    head = parse_head(b"GET / HTTP/1.1\r\nHost:x\r\nA: \t b  c \t\r\nB: \xc3\xa9\r\n\r\n")
    assert head.headers["A"] == "b  c"
    assert head.headers["B"].encode("ascii", "surrogateescape") == b"\xc3\xa9"


def test_thousands_of_headers_are_refused_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(http_head, "HttpRequestParser", None)
        with pytest.raises(BadRequest, match="128 headers"):
            parse_head(written(["GET / HTTP/1.1", "Host: x", *["a:"] * 3000]))
    assert len(parse_head(written(["GET / HTTP/1.1", "Host: x", *["a: b"] * 127])).headers) == 128


def test_of_a_list_without_end_the_beginning_is_looked_at() -> None:
    assert tokens(["Upgrade" + ",x" * 7000, "y"]) == ["upgrade", *["x"] * (MOST_PARTS - 1)]
