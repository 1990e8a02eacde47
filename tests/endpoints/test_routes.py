"""What the port answers to plain GET requests."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from multidict import CIMultiDict
from prometheus_client.parser import text_string_to_metric_families

from rumpus.net.http import Request, Response, StaticFiles
from rumpus.telemetry.counters import Counters
from rumpus.testing import Playground
from tests.support.race import Race


def get(target: Any, path: str, headers: Mapping[str, str] | None = None) -> Response:
    response = target(Request(path, "", CIMultiDict(headers or {}), "127.0.0.1"))
    assert isinstance(response, Response)
    return response


@pytest.fixture
def site(tmp_path: Path) -> StaticFiles:
    (tmp_path / "index.html").write_text("<p>hello</p>")
    (tmp_path / "sdk").mkdir()
    (tmp_path / "sdk" / "rumpus.js").write_text("export const x = 1;\n" * 200)
    (tmp_path / ".secret").write_text("no")
    (tmp_path.parent / "outside.txt").write_text("no")
    return StaticFiles(tmp_path)


def test_the_root_is_the_page_itself(site: StaticFiles) -> None:
    response = get(site.get, "/")
    assert (response.status, response.body) == (200, b"<p>hello</p>")
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


def test_modules_have_the_type_browsers_insist_on_and_the_sdk_is_open_to_other_pages(site: StaticFiles) -> None:
    response = get(site.get, "/sdk/rumpus.js")
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in get(site.get, "/").headers


def test_larger_text_is_compressed_for_those_who_take_it(site: StaticFiles) -> None:
    plain = get(site.get, "/sdk/rumpus.js")
    packed = get(site.get, "/sdk/rumpus.js", {"accept-encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert "Content-Encoding" not in get(site.get, "/", {"Accept-Encoding": "gzip"}).headers


def test_a_page_the_browser_has_is_not_sent_again(site: StaticFiles) -> None:
    etag = get(site.get, "/").headers["ETag"]
    again = get(site.get, "/", {"If-None-Match": etag})
    assert (again.status, again.body) == (304, b"")
    assert get(site.get, "/", {"If-None-Match": '"other"'}).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/sdk",
        "/../outside.txt",
        "/%2e%2e/outside.txt",
        "/.secret",
        "/sdk/..%2f..%2foutside.txt",
        "/a%00b",
        "/a\\b",
    ],
)
def test_nothing_outside_the_client_is_ever_served(site: StaticFiles, path: str) -> None:
    response = get(site.get, path)
    assert response.status == 404
    assert b"no" not in response.body.split(b"\n")[0].replace(b"Not", b"")


def test_the_installed_client_is_served_and_complete() -> None:
    routes = Playground(Race).server.routes
    for path, start in (("/", b"<!doctype html>"), ("/sdk/rumpus.js", b"/**"), ("/sdk/net/link.js", b"/**")):
        response = get(routes, path)
        assert response.status == 200
        assert response.body.lower().startswith(start)


def test_rooms_lists_the_public_ones() -> None:
    playground = Playground(Race, max_players=4)
    playground.connect("Ann")
    playground.connect("Ben", create=True)
    response = get(playground.server.routes, "/rooms")
    assert response.headers["Content-Type"] == "application/json"
    [room] = msgspec.json.decode(response.body)["rooms"]
    assert room["players"] == 1
    assert room["status"] == "waiting"
    assert room["open"] is True
    assert room["settings"]["goal"] == 5


def test_healthz_counts() -> None:
    playground = Playground(Race, max_players=4)
    playground.connect("Ann")
    playground.connect()
    health = msgspec.json.decode(get(playground.server.routes, "/healthz").body)
    assert health == {"status": "ok", "rooms": 1, "players": 1, "connections": 2}


def test_metrics_are_what_happened_and_every_counter_is_among_them() -> None:
    playground = Playground(Race, max_players=2, start="now", bots=1)
    ann = playground.connect("Ann")
    ann.send(b"nonsense")
    playground.run(2)
    text = get(playground.server.routes, "/metrics").body.decode()
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples[("rumpus_players",)] == 1
    assert samples[("rumpus_bots",)] == 1
    assert samples[("rumpus_rooms", "in-progress")] == 1
    assert samples[("rumpus_refused_messages_total",)] == 1
    assert samples[("rumpus_messages_received_total",)] == 2
    assert samples[("rumpus_ticks_total",)] >= 59
    assert samples[("rumpus_tick_lateness_seconds_count",)] >= 59
    assert samples[("rumpus_tick_lateness_seconds_bucket", "+Inf")] == samples[("rumpus_tick_lateness_seconds_count",)]
    for name in Counters.__slots__:
        assert (f"rumpus_{name}_total",) in samples
