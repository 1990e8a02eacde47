"""Plain HTTP on the game's port: only what is meant to be read can be read, and no reader can hold the server up."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rumpus.net import http_connection
from rumpus.net.http import Response, StaticFiles
from tests.support.clients import RawClient, get, open_socket, watched
from tests.support.drift import Drift
from tests.support.serving import PATIENCE, ServerThread, get_json, serving
from tests.support.watched_server import OPTIONS

pytestmark = pytest.mark.socket


@pytest.fixture
def site(server: ServerThread, tmp_path: Path) -> Iterator[ServerThread]:
    """The server with a browser client of two files, beside a secret."""
    web = tmp_path / "web"
    (web / "sdk").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html><p>Hello" + " again" * 500)
    (web / "sdk" / "tiny.js").write_text("export default 1;\n")
    (web / ".hidden").write_text("secret")
    (tmp_path / "secret.txt").write_text("secret")
    with static_files(server, StaticFiles(web)):
        yield server


@contextmanager
def static_files(server: ServerThread, static: StaticFiles) -> Iterator[None]:
    routes = server.call(lambda server: server._listener._respond)
    before = routes._static  # type: ignore[attr-defined]
    routes._static = static  # type: ignore[attr-defined]
    yield
    routes._static = before  # type: ignore[attr-defined]


def test_pages_come_with_their_type_and_headers_that_protect_them(site: ServerThread) -> None:
    page = get(site.port, "/")
    assert page.status == 200
    assert page.body.startswith(b"<!doctype html>")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert int(page.headers["content-length"]) == len(page.body)
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert get(site.port, "/?room=K7QPX").body == page.body
    assert get(site.port, "/index.html").body == page.body
    script = get(site.port, "/sdk/tiny.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["access-control-allow-origin"] == "*"


def test_pages_are_compressed_for_those_who_ask(site: ServerThread) -> None:
    plain, packed = get(site.port, "/"), get(site.port, "/", Accept_Encoding="br, gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert len(packed.body) < len(plain.body)
    assert gzip.decompress(packed.body) == plain.body
    assert "content-encoding" not in get(site.port, "/sdk/tiny.js", Accept_Encoding="gzip").headers


def test_pages_that_have_not_changed_are_not_sent_again(site: ServerThread) -> None:
    tag = get(site.port, "/").headers["etag"]
    for sent in (tag, f"W/{tag}", f'"other", {tag}'):
        answer = get(site.port, "/", If_None_Match=sent)
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["etag"] == tag
        assert "content-length" not in answer.headers
    for sent in ('"other"', tag[:-2] + '"', ""):
        assert get(site.port, "/", If_None_Match=sent).status == 200


@pytest.mark.parametrize(
    "target",
    [
        "/../secret.txt",
        "/sdk/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/%2E%2E%2Fsecret.txt",
        "/..%2fsecret.txt",
        "/sdk/..%2f..%2fsecret.txt",
        "/%252e%252e/secret.txt",
        "/..\\secret.txt",
        "/..%5csecret.txt",
        "/....//secret.txt",
        "/.hidden",
        "/%2ehidden",
        "/./index.html",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/etc/passwd",
        "/c:/windows/win.ini",
        "/index.html:stream",
        "/index.html%00",
        "/index.html%00.js",
        "/%00",
        "/index.html/",
        "/index.html/x",
        "/sdk",
        "/sdk/",
        "/%ff%fe",
        "/%",
        "/%zz",
        "/" + "x" * 300,
        "/" + "x/" * 4000,
        "/" + "%20" * 3000,
        "/no/such/page",
        "*",
    ],
    ids=lambda target: target[:30],
)
def test_nothing_outside_the_browser_client_can_be_read(site: ServerThread, target: str) -> None:
    answer = get(site.port, target)
    if target in ("/index.html/",):
        assert answer.status == 200  # a stray slash is forgiven
    else:
        assert answer.status == 404
    assert b"secret" not in answer.body
    assert b"/tmp" not in answer.body


@pytest.mark.parametrize("path", ["a/" * 7900, "/" * 15_900, "api/" + "a/" * 7900, "x" * 600])
def test_a_path_longer_than_any_page_s_is_not_taken_apart(server: ServerThread, path: str) -> None:
    assert get(server.port, "/" + path).status in (400, 404)


def test_a_request_that_makes_the_server_fail_says_nothing_about_it() -> None:
    def fail(*_: object) -> Response:
        raise RuntimeError("the password is swordfish")

    with serving(Drift, OPTIONS) as server, watched(server, faults=True):
        listener = server.call(lambda server: server._listener)
        respond, listener._respond = listener._respond, fail
        answer = get(server.port, "/rooms")
        listener._respond = respond
        assert answer.status == 500
        assert b"swordfish" not in answer.body
        (record,) = server.errors.records
        assert record.exc_info is not None
        assert "swordfish" in str(record.exc_info[1])


def test_room_list_health_and_metrics_are_answered(server: ServerThread) -> None:
    with RawClient(server.port) as public, RawClient(server.port) as private:
        public.send("join", name="Ann")
        room_id = public.expect("joined")["room_id"]
        private.join(create=True, private=True)
        (room,) = get_json(server.port, "/rooms")["rooms"]
        assert (room["room_id"], room["status"], room["players"]) == (room_id, "in-progress", 1)
        assert json.loads(get(server.port, "/healthz").body)["players"] == 4
        metrics = get(server.port, "/metrics").body.decode()
        assert "rumpus_connections 4.0" in metrics


def test_a_client_that_never_reads_its_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connection, "RESPONSE_TIMEOUT", 0.5)
    # More than the kernel buffers for both ends.
    huge = Response.text("x" * 30_000_000)
    with serving(Drift, OPTIONS) as server, watched(server):
        listener = server.call(lambda server: server._listener)
        respond = listener._respond
        listener._respond = lambda request: huge if request.path == "/huge" else respond(request)
        with open_socket(server.port, receive_buffer=4096) as sock:
            sock.sendall(b"GET /huge HTTP/1.1\r\nHost: x\r\n\r\n")
            end = time.monotonic() + PATIENCE
            while server.call(lambda server: listener.connections) > 2:
                assert time.monotonic() < end
                time.sleep(0.02)
        monkeypatch.setattr(http_connection, "RESPONSE_TIMEOUT", PATIENCE)
        assert get(server.port, "/huge").body == huge.body
