"""Who counts as one."""

from __future__ import annotations

from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.budget.networks import Networks, network_of
from rumpus.errors import ConfigurationError


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:1::5", "2001:db8:0:1::/64"),
        ("2001:DB8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("local", "local"),
        ("", ""),
    ],
)
def test_an_address_counts_as(address: str, network: str) -> None:
    assert network_of(address) == network


@given(st.integers(0, 2**128 - 1), st.integers(0, 2**64 - 1), st.integers(1, 128))
def test_addresses_of_one_network_count_as_one(number: int, other: int, prefix: int) -> None:
    same = IPv6Address((number >> (128 - prefix) << (128 - prefix)) | other % 2 ** (128 - prefix))
    if IPv6Address(number).ipv4_mapped is None and same.ipv4_mapped is None:
        assert network_of(str(IPv6Address(number)), prefix) == network_of(str(same), prefix)


def test_networks_that_a_flag_names() -> None:
    networks = Networks("--unlimited-from", ["10.0.0.0/8", " ::1"])
    for address, there in (("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("::1", True), ("11.0.0.1", False)):
        assert (address in networks) is there, address
    assert "nobody" not in networks
    assert "10.0.0.1" not in Networks("--unlimited-from")


@pytest.mark.parametrize(("text", "reason"), [("10.0.0.1/8", "bits set"), ("play.example", "no address"), ("", "no")])
def test_what_is_no_network_is_refused_by_the_name_of_the_flag(text: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=f"--unlimited-from cannot be .*{reason}"):
        Networks("--unlimited-from", [text])
