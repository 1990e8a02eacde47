"""Under which hosts pages are served and may connect, and what responses say for their safety."""

from __future__ import annotations

import logging
import re
import socket
import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.errors import ConfigurationError
from rumpus.net.host_policy import HostPolicy
from rumpus.net.tls import load_tls
from rumpus.net.web_access import WebOptions
from tests.support.certificates import make_certificate
from tests.support.clients import Answer, RawClient, Refused, exchange, get, open_socket, parse_answer, read_to_end
from tests.support.drift import Drift
from tests.support.serving import ServerThread, serving
from tests.support.watched_server import OPTIONS

pytestmark = pytest.mark.socket

PUBLIC = WebOptions(public_hosts=["play.example"])
LOCAL = "127.0.0.1"


def page(port: int, host: str, path: str = "/", **headers: str) -> Answer:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return exchange(port, "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {host}", *lines, "", ""]).encode())


def connects(port: int, host: str, origin: str | None, **headers: str) -> int:
    """The status of a handshake."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with RawClient(port, headers={"Host": host, "Origin": origin} | names):
            return 101
    except Refused as refused:
        return refused.answer.status


def test_a_page_whose_name_was_made_to_point_here_gets_nothing(
    server: ServerThread, caplog: pytest.LogCaptureFixture
) -> None:
    evil = f"evil.example:{server.port}"
    with caplog.at_level(logging.WARNING, "rumpus.net.host_policy"):
        for path in ("/", "/rooms", "/metrics", "/api/leaderboard", "/sdk/rumpus.js"):
            answer = page(server.port, evil, path)
            assert answer.status == 421
            assert b"--public-host" in answer.body
        assert connects(server.port, evil, f"http://{evil}") == 403
        assert connects(server.port, "other.example", "http://other.example") == 403
    # Once for each host.
    assert [record.details for record in caplog.records] == [{"host": "evil.example"}, {"host": "other.example"}]  # type: ignore[attr-defined]
    # What watches over the server asks under any name; and programs are no pages.
    assert page(server.port, evil, "/healthz").status == 200
    assert connects(server.port, evil, None) == 101


@pytest.mark.parametrize(
    "name", ["127.0.0.1", "localhost", "LOCALHOST.", "game.localhost", "[::1]", "rumpus", "192.0.2.7"]
)
def test_names_that_nobody_outside_can_have_point_here_need_no_flag(server: ServerThread, name: str) -> None:
    host = f"{name}:{server.port}"
    assert page(server.port, host).status == 200
    assert connects(server.port, host, f"http://{host}") == 101
    assert connects(server.port, host, "http://evil.example") == 403


def test_this_machine_goes_by_its_own_names() -> None:
    own = socket.gethostname()
    assert HostPolicy().allows(own)
    assert HostPolicy().allows(f"{own}.local:8000")


def test_a_host_that_is_named_is_our_page() -> None:
    with serving(Drift, OPTIONS, web=PUBLIC) as server:
        assert page(server.port, "play.example").status == 200
        assert page(server.port, "PLAY.example:8000").status == 200
        assert connects(server.port, "play.example", "https://play.example") == 101
        assert connects(server.port, "play.example", "https://evil.example") == 403
        assert page(server.port, "x.play.example").status == 421
        assert page(server.port, "127.0.0.1").status == 200


def test_the_host_of_an_origin_that_may_connect_is_served() -> None:
    with serving(Drift, OPTIONS, allowed_origins=frozenset({"https://play.example"})) as server:
        assert page(server.port, "play.example").status == 200
        assert connects(server.port, "play.example", "https://play.example") == 101
        assert connects(server.port, "play.example", "http://play.example") == 403
        assert page(server.port, "evil.example").status == 421


def test_both_checks_can_be_switched_off() -> None:
    with serving(Drift, OPTIONS, web=WebOptions(public_hosts=["*"])) as server:
        assert page(server.port, "evil.example").status == 200
        assert connects(server.port, "evil.example", "http://evil.example") == 101
        assert connects(server.port, "evil.example", "http://worse.example") == 403
    with serving(Drift, OPTIONS, allowed_origins=frozenset({"*"})) as server:
        assert page(server.port, "evil.example").status == 200
        assert connects(server.port, "evil.example", "http://worse.example") == 101


def test_behind_a_proxy_the_same_rule_holds_for_what_it_was_asked_for() -> None:
    asked = {"X_Forwarded_Host": "play.example", "X_Forwarded_Proto": "https"}
    with serving(Drift, OPTIONS, trusted_proxies=[LOCAL], web=PUBLIC) as server:
        assert page(server.port, "127.0.0.1:8000", **asked).status == 200
        assert connects(server.port, "127.0.0.1:8000", "https://play.example", **asked) == 101
        assert page(server.port, "127.0.0.1:8000", X_Forwarded_Host="evil.example").status == 421
    with serving(Drift, OPTIONS, trusted_proxies=[LOCAL]) as server:
        assert page(server.port, "127.0.0.1:8000", **asked).status == 421
    with serving(Drift, OPTIONS, web=PUBLIC) as server:
        # Who is not trusted cannot make a foreign name ours.
        assert page(server.port, "evil.example", **asked).status == 421


NO_HOSTS = ["", "a b", "a;b", "a'b", "a/b", "u@play.example", "a, b", "[::1", "[::1]x", "play.example:x"]


@pytest.mark.parametrize("host", NO_HOSTS)
def test_a_host_that_is_none_is_a_bad_request(host: str) -> None:
    """It would become a part of the policy for our page."""
    with serving(Drift, OPTIONS, trusted_proxies=[LOCAL], web=PUBLIC) as server:
        assert page(server.port, host).status == 400
        if host and "," not in host:  # only what the last proxy said counts
            assert page(server.port, "play.example", X_Forwarded_Host=host).status == 400


@given(st.text(max_size=40))
def test_no_name_with_a_dot_passes_that_is_not_listed(host: str) -> None:
    if HostPolicy(["play.example"]).allows(host) and host:
        name = host.partition(":")[0].lower().rstrip(".")
        listed = name == "play.example" or name.endswith((".localhost", ".local"))
        assert listed or host.startswith("[") or "." not in name or re.fullmatch(r"[0-9.]+", name)


@pytest.mark.parametrize(
    "name", ["https://play.example", "play.example:443", "play.example/", "*.example", "a b", "", "x" * 64 + ".example"]
)
def test_a_public_host_that_is_none_is_told_of(name: str) -> None:
    with pytest.raises(ConfigurationError, match="--public-host cannot be"):
        HostPolicy([name])


def test_public_hosts_may_be_written_as_people_do() -> None:
    policy = HostPolicy(["Play.Example.", "bücher.example", "[2001:db8::1]", " 192.0.2.1 "])
    for host in ("play.example:8000", "xn--bcher-kva.example", "[2001:db8::1]:80", "192.0.2.1"):
        assert policy.allows(host)
        assert policy.names(host)
    assert not policy.names("localhost")


# What responses say.


def test_pages_may_connect_to_their_own_host_only(server: ServerThread) -> None:
    policy = page(server.port, f"localhost:{server.port}").headers["content-security-policy"]
    here = f"localhost:{server.port}"
    assert f"connect-src 'self' ws://{here} wss://{here};" in policy
    assert "ws: " not in policy
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy


def test_every_response_has_the_headers_that_protect_pages(server: ServerThread) -> None:
    for answer in (
        get(server.port, "/"),
        get(server.port, "/nowhere"),
        get(server.port, "/rooms"),
        get(server.port, "/ws"),
        page(server.port, "evil.example"),
        exchange(server.port, b"nonsense\r\n\r\n"),
    ):
        for name in (
            "content-security-policy", "cross-origin-resource-policy", "permissions-policy",
            "referrer-policy", "x-content-type-options", "x-frame-options",
            "x-permitted-cross-domain-policies",
        ):  # fmt: skip
            assert name in answer.headers, name
        assert "strict-transport-security" not in answer.headers
        assert "server" not in answer.headers
    assert get(server.port, "/").headers["cross-origin-resource-policy"] == "same-origin"
    for shared in ("/rooms", "/sdk/rumpus.js", "/healthz"):
        assert get(server.port, shared).headers["cross-origin-resource-policy"] == "cross-origin"
    allowed = get(server.port, "/").headers["permissions-policy"]
    for needed in ("gamepad=(self)", "fullscreen=(self)", "autoplay=(self)", "camera=()", "geolocation=()"):
        assert needed in allowed


def test_https_is_insisted_on_at_public_hosts_and_nowhere_else(tmp_path: Path) -> None:
    """A name such as localhost is shared with whatever else somebody develops there."""
    files = make_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=files[0])

    def header(port: int, host: str) -> str | None:
        with open_socket(port) as sock, trusting.wrap_socket(sock, server_hostname="localhost") as secure:
            secure.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = parse_answer(read_to_end(secure))
            assert answer.status == 200
            assert f"connect-src 'self' wss://{host};" in answer.headers["content-security-policy"]
            assert answer.headers["cross-origin-opener-policy"] == "same-origin"
            return answer.headers.get("strict-transport-security")

    with serving(Drift, OPTIONS, web=PUBLIC, tls=load_tls(*files)) as server:
        assert header(server.port, "play.example") == "max-age=31536000"
        assert header(server.port, "localhost") is None
        assert header(server.port, "127.0.0.1") is None
    with serving(Drift, OPTIONS, web=PUBLIC._replace(hsts=0), tls=load_tls(*files)) as server:
        assert header(server.port, "play.example") is None


def test_a_proxy_that_does_tls_says_so() -> None:
    with serving(Drift, OPTIONS, trusted_proxies=[LOCAL], web=PUBLIC) as server:
        for scheme, insisted in (("https", True), ("http", False)):
            answer = page(server.port, "x", X_Forwarded_Host="play.example", X_Forwarded_Proto=scheme)
            assert ("strict-transport-security" in answer.headers) == insisted
    with serving(Drift, OPTIONS, web=PUBLIC) as server:
        answer = page(server.port, "play.example", X_Forwarded_Proto="https")
        assert "strict-transport-security" not in answer.headers


# Who sees the figures.


def test_the_figures_are_for_this_machine_only() -> None:
    with serving(Drift, OPTIONS, trusted_proxies=[LOCAL]) as server:
        assert get(server.port, "/metrics").status == 200
        assert get(server.port, "/metrics", X_Forwarded_For="192.0.2.7").status == 404
        assert get(server.port, "/metrics", X_Forwarded_For="127.0.0.1").status == 200
    with serving(Drift, OPTIONS) as server:
        # A proxy that nobody has named hides from where its clients come.
        assert get(server.port, "/metrics", X_Forwarded_For="192.0.2.7").status == 404
        assert get(server.port, "/metrics", Forwarded="for=192.0.2.7").status == 404


def test_others_may_be_let_see_them() -> None:
    web = WebOptions(metrics_from=["192.0.2.0/24"])
    with serving(Drift, OPTIONS, trusted_proxies=[LOCAL], web=web) as server:
        assert get(server.port, "/metrics", X_Forwarded_For="192.0.2.7").status == 200
        assert get(server.port, "/metrics", X_Forwarded_For="198.51.100.1").status == 404
        assert get(server.port, "/metrics").status == 404
    with serving(Drift, OPTIONS, web=WebOptions(metrics_from=["*"])) as server:
        assert get(server.port, "/metrics", X_Forwarded_For="192.0.2.7").status == 200
