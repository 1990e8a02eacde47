"""Behind proxies: whose address counts, who is believed, and what nobody else can claim."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from rumpus.config import Limits
from rumpus.errors import ConfigurationError
from rumpus.net.origin_policy import OriginPolicy
from rumpus.net.trusted_proxies import TrustedProxies
from rumpus.net.web_access import WebOptions
from rumpus.server import GameServer
from tests.support.clients import RawClient, Refused, get, open_socket
from tests.support.drift import Drift
from tests.support.serving import PATIENCE, ServerThread, serving
from tests.support.watched_server import OPTIONS

pytestmark = pytest.mark.socket

LIMITS = Limits(max_connections_per_address=3, max_connections=30, handshake_timeout=1.0)
#: Where all clients of these tests come from.
LOCAL = "127.0.0.0/8"


def forwarded(*lines: str, **more: str) -> CIMultiDict[str]:
    headers = CIMultiDict([("X-Forwarded-For", line) for line in lines])
    headers.extend({name.replace("_", "-"): value for name, value in more.items()})
    return headers


def client_for(address: str | None, port: int, **more: str) -> RawClient:
    headers: dict[str, str | None] = {"X-Forwarded-For": address}
    return RawClient(port, headers=headers | {name.replace("_", "-"): value for name, value in more.items()})


def addresses(server: GameServer) -> dict[str, int]:
    return dict(server._listener._per_address)


def wait_until(server: ServerThread, condition: Callable[[GameServer], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not server.call(condition):
        assert time.monotonic() < end, server.call(addresses)
        time.sleep(0.005)


def settle(server: ServerThread) -> None:
    wait_until(server, lambda server: server._listener.connections == 0 and not addresses(server))
    assert not server.errors.records, server.errors.texts()


# Over sockets.


def test_clients_of_a_trusted_proxy_count_for_themselves() -> None:
    with serving(Drift, OPTIONS, LIMITS, strangers=True, trusted_proxies=[LOCAL]) as server:
        clients = [client_for(f"192.0.2.{number % 4}", server.port) for number in range(12)]
        assert server.call(addresses) == {f"192.0.2.{number}": 3 for number in range(4)}
        sessions = server.call(lambda server: [session.connection.address for session in server.sessions.values()])
        assert sorted(set(sessions)) == [f"192.0.2.{number}" for number in range(4)]
        with pytest.raises(Refused) as refused:
            client_for("192.0.2.1", server.port)
        answer = refused.value.answer
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert get(server.port, "/healthz", X_Forwarded_For="192.0.2.2").status == 503
        assert get(server.port, "/healthz", X_Forwarded_For="192.0.2.9").status == 200
        assert server.call(lambda server: server.refused_connections) == 2
        clients.pop().sock.close()
        wait_until(server, lambda server: addresses(server)["192.0.2.3"] == 2)
        clients.append(client_for("192.0.2.3", server.port))
        for client in clients:
            assert client.is_served()
            client.sock.close()
        settle(server)


def test_unfinished_handshakes_through_a_proxy_count_in_all_only() -> None:
    with serving(Drift, OPTIONS, LIMITS, strangers=True, trusted_proxies=[LOCAL]) as server:
        half = [open_socket(server.port) for _ in range(30)]
        wait_until(server, lambda server: server._listener.connections == 30)
        assert server.call(addresses) == {}
        assert get(server.port, "/healthz", X_Forwarded_For="192.0.2.1").status == 503
        for sock in half:
            sock.close()
        settle(server)


def test_a_proxy_that_names_nobody_is_a_client_like_any_other() -> None:
    with serving(Drift, OPTIONS, LIMITS, strangers=True, trusted_proxies=[LOCAL]) as server:
        clients = [client_for(None, server.port) for _ in range(3)]
        assert server.call(addresses) == {"127.0.0.1": 3}
        with pytest.raises(Refused):
            client_for(None, server.port)
        with pytest.raises(Refused):
            client_for("unknown", server.port)
        for client in clients:
            client.sock.close()
        settle(server)


def test_what_others_claim_is_not_believed() -> None:
    with serving(Drift, OPTIONS, LIMITS, strangers=True, trusted_proxies=["10.0.0.0/8"]) as server:
        clients = [client_for(f"192.0.2.{number}", server.port) for number in range(3)]
        assert server.call(addresses) == {"127.0.0.1": 3}
        with pytest.raises(Refused) as refused:
            client_for("192.0.2.9", server.port)
        assert refused.value.answer.status == 503
        for client in clients:
            client.sock.close()
        settle(server)


def test_origins_are_compared_with_what_the_client_asked_the_proxy_for() -> None:
    asked = {"X_Forwarded_Host": "play.example", "X_Forwarded_Proto": "https"}

    def status(server: ServerThread, origin: str, **more: str) -> int:
        try:
            with client_for("192.0.2.1", server.port, Origin=origin, **more):
                return 101
        except Refused as refused:
            return refused.answer.status

    web = WebOptions(public_hosts=["play.example"])
    with serving(Drift, OPTIONS, strangers=True, trusted_proxies=[LOCAL], web=web) as server:
        assert status(server, "https://play.example", **asked) == 101
        assert status(server, "https://play.example:443", **asked) == 101
        assert status(server, "http://play.example", **asked) == 403
        assert status(server, f"https://127.0.0.1:{server.port}", **asked) == 403
        assert status(server, f"http://127.0.0.1:{server.port}") == 101
    with serving(Drift, OPTIONS, strangers=True, trusted_proxies=[LOCAL]) as server:
        assert status(server, "https://play.example", **asked) == 403
        assert status(server, f"http://127.0.0.1:{server.port}") == 101
    with serving(Drift, OPTIONS, web=web) as server:
        assert status(server, "https://play.example", **asked) == 403
        assert status(server, f"http://127.0.0.1:{server.port}", **asked) == 101


# Who is believed, without sockets.


@pytest.mark.parametrize(
    ("lines", "client"),
    [
        ([], "10.0.0.1"),
        (["192.0.2.7"], "192.0.2.7"),
        (["192.0.2.7:5123"], "192.0.2.7"),
        (["2001:db8::7"], "2001:db8::7"),
        (["[2001:db8::7]:5123"], "2001:db8::7"),
        (["[2001:DB8:0::7]"], "2001:db8::7"),
        (["::ffff:192.0.2.7"], "192.0.2.7"),
        # Several hops: what stands left of the first that is not trusted, anybody may have written.
        (["192.0.2.66, 192.0.2.7"], "192.0.2.7"),
        (["192.0.2.7, 10.0.0.2"], "192.0.2.7"),
        (["192.0.2.66,192.0.2.7 ,10.0.0.2,  fd00::2"], "192.0.2.7"),
        (["192.0.2.66", "192.0.2.7", "10.0.0.2"], "192.0.2.7"),
        (["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        # Malformed: the list says nothing.
        ([""], "10.0.0.1"),
        (["unknown"], "10.0.0.1"),
        (["192.0.2.7, _hidden"], "10.0.0.1"),
        (["192.0.2.7,"], "10.0.0.1"),
        (["192.0.2.7:"], "10.0.0.1"),
        (["192.0.2.7:x"], "10.0.0.1"),
        (["[2001:db8::7"], "10.0.0.1"),
        (["[2001:db8::7]x"], "10.0.0.1"),
        (["192.0.2.300"], "10.0.0.1"),
        (["nonsense, 192.0.2.7"], "192.0.2.7"),
        (["١٩٢.0.2.7"], "10.0.0.1"),
        # More than any way has.
        ([",".join(["10.0.0.2"] * 7000)], "10.0.0.1"),
        ([",".join(["x"] * 7000) + ",192.0.2.7"], "192.0.2.7"),
    ],
)
def test_the_client_is_the_first_from_the_right_that_is_not_trusted(lines: list[str], client: str) -> None:
    proxies = TrustedProxies(["10.0.0.0/8", "fd00::/8"])
    assert proxies.client_of("10.0.0.1", forwarded(*lines)) == client
    assert proxies.client_of("192.0.2.1", forwarded(*lines)) == "192.0.2.1"


@given(st.lists(st.text(max_size=40), max_size=4), st.ip_addresses())
def test_no_header_can_make_a_client_of_a_proxy_somebody_else(forged: list[str], real: Any) -> None:
    proxies = TrustedProxies(["10.0.0.1"])
    client = proxies.client_of("10.0.0.1", forwarded(*forged, str(real)))
    assert client == str(getattr(real, "ipv4_mapped", None) or real) or str(real) == "10.0.0.1"


def test_a_socket_for_both_kinds_of_addresses_knows_its_proxies_too() -> None:
    proxies = TrustedProxies(["10.0.0.0/8", "fe80::/10"])
    assert proxies.trusts("::ffff:10.1.2.3")
    assert proxies.trusts("fe80::1%eth0")
    assert not proxies.trusts("::ffff:192.0.2.1")
    assert not proxies.trusts("local")
    assert not TrustedProxies().trusts("127.0.0.1")


def test_host_and_scheme_are_what_the_nearest_trusted_proxy_says() -> None:
    proxies = TrustedProxies(["10.0.0.1"])
    headers = CIMultiDict(
        {"Host": "inside:8000", "X-Forwarded-Host": "evil.example, play.example", "X-Forwarded-Proto": "http, HTTPS"}
    )
    assert proxies.host_of("10.0.0.1", headers) == "play.example"
    assert proxies.scheme_of("10.0.0.1", headers) == "https"
    assert proxies.host_of("192.0.2.1", headers) == "inside:8000"
    assert proxies.scheme_of("192.0.2.1", headers) is None
    assert proxies.scheme_of("10.0.0.1", CIMultiDict({"X-Forwarded-Proto": "wss"})) == "https"
    assert proxies.scheme_of("10.0.0.1", CIMultiDict({"X-Forwarded-Proto": "gopher"})) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [("proxy.example", "no address"), ("", "no address"), ("10.0.0.1/8", "beyond its prefix"), ("10/8", "no address")],
)
def test_a_proxy_that_is_no_address_is_told_of(text: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=f"--trusted-proxy cannot be .*{reason}"):
        TrustedProxies([text])


# Origins, without sockets.


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        (None, "", None),
        (None, "play.example", "https"),
        ("https://play.example", "play.example", None),
        ("http://play.example", "play.example", None),
        ("https://play.example", "play.example", "https"),
        ("https://PLAY.example", "play.EXAMPLE", None),
        ("https://play.example", "play.example:443", None),
        ("http://play.example", "play.example:80", None),
        ("https://play.example:443", "play.example", None),
        ("http://play.example:8000", "play.example:8000", None),
        ("http://[::1]:8000", "[::1]:8000", None),
        ("http://[0:0::1]", "[::1]:80", None),
    ],
)
def test_the_own_page_may_connect(origin: str | None, host: str, scheme: str | None) -> None:
    assert OriginPolicy().allows(origin, host, scheme)


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("null", "null", None),
        ("", "", None),
        ("https://", "", None),
        ("https://evil.example", "play.example", None),
        ("https://play.example.evil.example", "play.example", None),
        ("https://play.example", "", None),
        ("https://play.example:8443", "play.example", None),
        ("https://play.example", "play.example:80", None),
        ("http://play.example", "play.example:443", None),
        ("http://play.example", "play.example", "https"),
        ("https://play.example", "play.example", "http"),
        ("file://", "", None),
        ("app://play.example", "play.example", None),
        ("https://play.example/", "play.example/", None),
        ("https://play.example@evil.example", "evil.example", None),
        ("https://x:y@play.example", "x:y@play.example", None),
        ("https://play.example:x", "play.example:x", None),
        ("https://play.example:99999", "play.example:99999", None),
        ("https://[::1", "[::1", None),
        ("https://play.example#x", "play.example#x", None),
        ("https://a https://b", "a https://b", None),
    ],
)
def test_other_pages_may_not(origin: str, host: str, scheme: str | None) -> None:
    assert not OriginPolicy().allows(origin, host, scheme)
    assert not OriginPolicy(["https://other.example"]).allows(origin, host, scheme)
    assert OriginPolicy(["*"]).allows(origin, host, scheme)


def test_pages_that_are_named_may_connect_however_they_are_written() -> None:
    policy = OriginPolicy(
        ["https://Play.Example/", "http://localhost:3000", "capacitor://localhost", "https://bücher.example"]
    )
    for origin in (
        "https://play.example",
        "https://play.example:443",
        "http://localhost:3000",
        "capacitor://localhost",
        "https://xn--bcher-kva.example",
    ):
        assert policy.allows(origin, "server.example")
    for origin in ("http://play.example", "http://localhost", "https://localhost:3000", "null"):
        assert not policy.allows(origin, "server.example")


@pytest.mark.parametrize(
    "text",
    ["play.example", "https://play.example/game", "https://*.play.example", "null", "", "https://", "https://a:b", "**",
     "https://a.example, https://b.example", "https://a.example?x", "http://[::1", "https://u@a.example",
     "//a.example"],
)  # fmt: skip
def test_an_origin_that_is_none_is_told_of(text: str) -> None:
    with pytest.raises(ConfigurationError, match="--allow-origin cannot be"):
        OriginPolicy([text])


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from([None, "http", "https"]))
def test_no_header_makes_the_check_fail_or_lets_a_page_in_that_is_not_the_host_s(
    origin: str, host: str, scheme: str | None
) -> None:
    if OriginPolicy().allows(origin, host, scheme):
        assert origin.lower().startswith(("http://", "https://"))
