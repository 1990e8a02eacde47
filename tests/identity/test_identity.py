"""Tickets and guests: who gets in, as whom, and that nothing but our key's signature opens the door."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from rumpus.errors import ConfigurationError, JoinError, MessageError
from rumpus.identity.identity import Identity, guest_account
from rumpus.testing import MemoryClient, Playground
from rumpus.tickets import LEEWAY, MAX_TOKEN, TicketVerifier, new_key_pair, sign_ticket
from tests.support.race import Race

NOW = 1_800_000_000.0
SECRET = "a secret of more than thirty-two bytes"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PRIVATE_PEM = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PUBLIC_PEM = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

BY_SECRET = TicketVerifier(secret=SECRET, now=lambda: NOW)
BY_KEY = TicketVerifier(public_key=PUBLIC_PEM, now=lambda: NOW)


def claims(**more: Any) -> dict[str, Any]:
    return {"sub": "alice", "exp": NOW + 60} | more


def token(**more: Any) -> str:
    return jwt.encode(claims(**more), SECRET, algorithm="HS256")


def raw_token(header: Any, payload: Any, key: bytes = SECRET.encode()) -> str:
    """A token that no library would make, with a signature that is right."""

    def part(data: Any) -> bytes:
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    signed = part(header) + b"." + part(payload)
    return (signed + b"." + part(hmac.digest(key, signed, hashlib.sha256))).decode()


def refusal(verifier: TicketVerifier, token: str) -> str:
    with pytest.raises(MessageError) as refused:
        verifier.verify(token)
    assert refused.value.message.endswith(".")
    return refused.value.code


# Tickets that are good.


@pytest.mark.parametrize(("key", "verifier"), [(SECRET, BY_SECRET), (PRIVATE_PEM, BY_KEY)])
def test_what_was_signed_comes_back(key: str | bytes, verifier: TicketVerifier) -> None:
    identity = verifier.verify(sign_ticket(key, "alice", name="Alice", rooms=["k7qpxm"], lifetime=30, now=NOW))
    assert identity == Identity(account="u:alice", name="Alice", rooms=("K7QPXM",), expires_at=NOW + 30)
    assert identity.rooms is not None
    identity = verifier.verify(sign_ticket(key, "bob", now=NOW))
    assert identity == Identity(account="u:bob", expires_at=NOW + 60)
    assert identity.rooms is None


@given(
    st.text(min_size=1, max_size=64).filter(str.isprintable),
    st.none() | st.text(min_size=1, max_size=30),
    st.none() | st.lists(st.text("ABCDEFGH23456789", min_size=6, max_size=6), min_size=1, max_size=64),
    st.floats(0.001, 1e9),
)
def test_any_ticket_that_can_be_signed_is_accepted(
    player: str, name: str | None, rooms: list[str] | None, lifetime: float
) -> None:
    identity = BY_SECRET.verify(sign_ticket(SECRET, player, name=name, rooms=rooms, lifetime=lifetime, now=NOW))
    assert identity.account == f"u:{player}"
    assert identity.name == name
    assert identity.rooms == (None if rooms is None else tuple(rooms))
    assert identity.expires_at is not None
    assert NOW + lifetime <= identity.expires_at <= NOW + lifetime + 1


def test_clocks_may_differ_by_some_seconds() -> None:
    assert BY_SECRET.verify(token(exp=NOW - LEEWAY + 0.5)).account == "u:alice"
    assert BY_SECRET.verify(token(nbf=NOW + LEEWAY - 0.5)).account == "u:alice"
    assert BY_SECRET.verify(token(iat=NOW + 3600)).account == "u:alice"
    assert refusal(BY_SECRET, token(exp=NOW - LEEWAY)) == "token_expired"
    assert refusal(BY_SECRET, token(nbf=NOW + LEEWAY + 0.5)) == "bad_token"


def test_a_ticket_for_another_audience_is_refused() -> None:
    ours = TicketVerifier(secret=SECRET, audience="arena", now=lambda: NOW)
    assert ours.verify(sign_ticket(SECRET, "alice", audience="arena", now=NOW)).account == "u:alice"
    assert refusal(ours, sign_ticket(SECRET, "alice", audience="chess", now=NOW)) == "bad_token"
    assert refusal(ours, sign_ticket(SECRET, "alice", now=NOW)) == "bad_token"
    assert refusal(BY_SECRET, sign_ticket(SECRET, "alice", audience="arena", now=NOW)) == "bad_token"


# Tickets that are not.


def test_only_the_algorithm_of_the_key_is_taken() -> None:
    assert refusal(BY_KEY, sign_ticket(SECRET, "alice", now=NOW)) == "bad_token"
    assert refusal(BY_SECRET, sign_ticket(PRIVATE_PEM, "alice", now=NOW)) == "bad_token"
    for algorithm in ("none", "None", "HS384", "HS512", "EdDSA", "RS256", "", None, 1, ["HS256"]):
        assert refusal(BY_SECRET, raw_token({"alg": algorithm, "typ": "JWT"}, claims())) == "bad_token"
    assert refusal(BY_SECRET, jwt.encode(claims(), None, algorithm="none")) == "bad_token"
    # The public key is public: whoever signs with it as if it were a secret must not get in.
    for key in (PUBLIC_PEM, PUBLIC_PEM.strip(), PRIVATE.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)):
        assert refusal(BY_KEY, raw_token({"alg": "HS256", "typ": "JWT"}, claims(), key)) == "bad_token"
        assert refusal(BY_KEY, raw_token({"alg": "EdDSA", "typ": "JWT"}, claims(), key)) == "bad_token"


def test_a_token_of_somebody_elses_key_is_refused() -> None:
    assert refusal(BY_SECRET, sign_ticket("another secret of more than 32 bytes", "alice", now=NOW)) == "bad_token"
    other = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert refusal(BY_KEY, sign_ticket(other, "alice", now=NOW)) == "bad_token"


def test_keys_and_addresses_of_keys_in_a_header_are_not_followed() -> None:
    jwk = {"kty": "oct", "k": base64.urlsafe_b64encode(b"x" * 32).decode()}
    for more in ({"jwk": jwk}, {"jku": "https://evil.example/keys"}, {"kid": "../../dev/null"}):
        header = {"alg": "HS256", "typ": "JWT"} | more
        assert refusal(BY_SECRET, raw_token(header, claims(), b"x" * 32)) == "bad_token"
    assert refusal(BY_SECRET, raw_token({"alg": "HS256", "crit": ["b64"], "b64": False}, claims())) == "bad_token"


@pytest.mark.parametrize(
    "more",
    [
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 65},
        {"sub": "a\nb"},
        {"sub": "a\u202eb"},
        {"sub": 7},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": [NOW]},
        {"nbf": "later"},
        {"nbf": None},
        {"name": 7},
        {"name": ["Ann"]},
        {"rooms": "K7QPXM"},
        {"rooms": [1]},
        {"rooms": {"K7QPXM": 1}},
        {"rooms": ["A"] * 65},
    ],
    ids=str,
)
def test_claims_of_another_kind_are_refused(more: dict[str, Any]) -> None:
    header = {"alg": "HS256", "typ": "JWT"}
    assert refusal(BY_SECRET, raw_token(header, claims(**more))) == "bad_token"


@pytest.mark.parametrize("missing", ["sub", "exp"])
def test_a_ticket_says_who_and_until_when(missing: str) -> None:
    payload = claims()
    del payload[missing]
    assert refusal(BY_SECRET, raw_token({"alg": "HS256"}, payload)) == "bad_token"


def test_what_is_no_token_is_refused() -> None:
    good = token()
    head, body, signature = good.split(".")
    header = {"alg": "HS256"}
    for text in (
        "",
        ".",
        "..",
        "a.b.c",
        head,
        f"{head}.{body}",
        f"{head}.{body}.",
        f"{good}.{signature}",
        "é" * 40,
        "\ud800",
        "\x00",
        raw_token([], claims()),
        raw_token(b"{", claims()),
        raw_token(b"[" * 1400, claims()),
        raw_token(header, []),
        raw_token(header, b"[" * 2900),
        raw_token(header, b"\xff"),
        raw_token(header, b'{"sub":"alice","exp":1' + b"0" * 2500 + b"}"),
    ):
        assert refusal(BY_SECRET, text) == "bad_token", text[:50]


def test_what_is_too_long_is_not_even_looked_at() -> None:
    long = token(padding="x" * MAX_TOKEN)
    with pytest.raises(MessageError, match=str(MAX_TOKEN)):
        BY_SECRET.verify(long)
    with pytest.raises(ConfigurationError, match="characters"):
        sign_ticket(SECRET, "alice", name="x" * MAX_TOKEN, now=NOW)


@given(st.data())
def test_no_change_of_a_token_is_accepted_as_something_else(data: st.DataObject) -> None:
    good = sign_ticket(SECRET, "alice", rooms=["K7QPXM"], now=NOW)
    at = data.draw(st.integers(0, len(good) - 1))
    changed = good[:at] + data.draw(st.characters()) + good[at + data.draw(st.integers(0, 2)) :]
    try:
        identity = BY_SECRET.verify(changed)
    except MessageError as error:
        assert error.code == "bad_token"
    else:
        # Base64 has bits to spare in its last character.
        assert identity == BY_SECRET.verify(good)


# Keys.


def other_key(kind: str) -> bytes:
    if kind == "encrypted":
        return PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    made: Any = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    return bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ({"secret": "x" * 31}, "31 bytes and needs at least 32"),
        ({"secret": "x" * 31 + "\n"}, "31 bytes"),
        ({"secret": PUBLIC_PEM}, "key in PEM"),
        ({"public_key": "x" * 40}, "no Ed25519 public key"),
        ({"public_key": PRIVATE_PEM}, "is a private key"),
        ({}, "one of the two"),
        ({"secret": SECRET, "public_key": PUBLIC_PEM}, "one of the two"),
    ],
)
def test_a_key_that_cannot_be_used_is_told_of_at_the_start(key: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        TicketVerifier(**key)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("short", "5 bytes"),
        (PUBLIC_PEM, "private key"),
        (other_key("rsa"), "Ed25519"),
        (other_key("ec"), "Ed25519"),
        (other_key("encrypted"), "encrypted"),
    ],
)
def test_only_keys_that_a_server_takes_sign(key: str | bytes, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        sign_ticket(key, "alice")


@pytest.mark.parametrize(
    "how",
    [
        {"player": ""},
        {"player": "x" * 65},
        {"player": "a\tb"},
        {"lifetime": 0},
        {"lifetime": -1},
        {"lifetime": float("inf")},
        {"lifetime": float("nan")},
        {"rooms": []},
        {"rooms": "K7QPXM"},
        {"rooms": ["A"] * 65},
    ],
    ids=str,
)
def test_a_ticket_that_would_be_refused_is_not_signed(how: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        sign_ticket(SECRET, **({"player": "alice"} | how))


def test_a_secret_is_the_same_with_the_end_of_its_line() -> None:
    verifier = TicketVerifier(secret=SECRET + "\r\n", now=lambda: NOW)
    assert verifier.verify(token()).account == "u:alice"
    assert BY_SECRET.verify(sign_ticket(f" {SECRET}\n".encode(), "alice", now=NOW)).account == "u:alice"


def test_a_new_key_pair_works_and_is_private(tmp_path: Path) -> None:
    public = new_key_pair(tmp_path / "tickets.pem")
    private = tmp_path / "tickets.pem"
    assert private.stat().st_mode & 0o777 == 0o600
    verifier = TicketVerifier(public_key=public.read_bytes())
    assert verifier.verify(sign_ticket(private.read_bytes(), "alice")).account == "u:alice"
    before = private.read_bytes()
    with pytest.raises(ConfigurationError, match="exists already"):
        new_key_pair(private)
    assert private.read_bytes() == before
    with pytest.raises(ConfigurationError, match="cannot be written"):
        new_key_pair(tmp_path / "nowhere" / "key.pem")


def test_a_backend_signs_without_loading_the_game_server_s_kernels() -> None:
    program = f"""
import sys
from rumpus.tickets import sign_ticket
assert sign_ticket({SECRET!r}, "alice").count(".") == 2
assert not {{"numba", "numpy"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    program = "import sys, rumpus.server, rumpus.cli; assert not {'jwt', 'cryptography'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


# Guests.


def test_a_guest_is_the_same_each_time_and_the_account_does_not_tell_the_key() -> None:
    key = "Aa0_-" * 4
    account = guest_account(key)
    assert account == guest_account(key)
    assert len(account) == 22
    assert account == account.lower()
    assert guest_account(key + "x") != account
    # Accounts are kept for years: another way to make them would lose everybody's results.
    assert guest_account("0123456789abcdef") == "g:tkvqrxnylkgdtvmmqx5j"


@given(st.text(max_size=140))
def test_a_guest_key_is_of_letters_that_need_no_escape(key: str) -> None:
    fits = 16 <= len(key) <= 128 and all(char.isascii() and (char.isalnum() or char in "_-") for char in key)
    if fits:
        assert guest_account(key).startswith("g:")
    else:
        with pytest.raises(MessageError) as refused:
            guest_account(key)
        assert refused.value.code == "bad_message"


def test_rooms_of_a_ticket_are_the_only_ones() -> None:
    Identity().check_room(None)
    Identity().check_room("K7QPXM")
    some = Identity(rooms=("K7QPXM", "AAAAAA"))
    some.check_room("k7qpxm")
    for code in (None, "BBBBBB", ""):
        with pytest.raises(JoinError) as refused:
            some.check_room(code)
        assert refused.value.code == "room_not_permitted"
    with pytest.raises(JoinError):
        Identity(rooms=()).check_room("K7QPXM")


# What the server makes of them.


def playground(*, guests: bool = True, verifier: TicketVerifier | None = BY_SECRET) -> Playground:
    match = Playground(Race, start="now")
    authenticator = match.server.authenticator
    authenticator.verifier, authenticator.guests = verifier, guests
    return match


def join(match: Playground, **fields: Any) -> MemoryClient:
    client = match.connect()
    client.send({"type": "join", **fields})
    return client


def info(match: Playground, client: MemoryClient) -> Any:
    player = match.server.players[client.player_id].player
    assert player is not None
    return player.info


def test_a_ticket_gives_the_player_name_and_account() -> None:
    match = playground()
    ann = join(match, token=sign_ticket(SECRET, "alice", name="Alice", now=NOW), name="Somebody else")
    assert (info(match, ann).account, info(match, ann).name) == ("u:alice", "Alice")
    ben = join(match, token=sign_ticket(SECRET, "ben", now=NOW), name="Ben", guest="0123456789abcdef")
    assert (info(match, ben).account, info(match, ben).name) == ("u:ben", "Ben")
    assert "alice" not in json.dumps(ben.messages())


def test_guests_choose_their_names_and_may_come_back() -> None:
    match = playground()
    first = join(match, name="Gus", guest="0123456789abcdef")
    assert (info(match, first).account, info(match, first).name) == (guest_account("0123456789abcdef"), "Gus")
    assert info(match, join(match, name="Nob")).account is None
    assert join(match, guest="short").errors() == ["bad_message"]
    assert join(match, guest=7).errors() == ["bad_message"]


def test_a_server_may_take_no_guests() -> None:
    match = playground(guests=False)
    assert join(match, name="Gus").errors() == ["token_required"]
    assert join(match, guest="0123456789abcdef").errors() == ["token_required"]
    client = join(match, token=token())
    assert info(match, client).account == "u:alice"


def test_a_ticket_that_is_refused_changes_nothing_and_the_client_may_try_again() -> None:
    match = playground()
    client = join(match, token=token(exp=NOW - 60))
    client.send({"type": "join", "token": token() + "x"})
    client.send({"type": "join", "token": token(name="x" * 25)})
    client.send({"type": "join", "token": token(name="a\u202eb")})
    assert client.errors() == ["token_expired", "bad_token", "bad_token", "bad_token"]
    assert not match.server.rooms
    client.send({"type": "join", "token": token()})
    assert client.player_id


def test_a_server_without_a_key_takes_no_tickets() -> None:
    assert join(playground(verifier=None), token=token()).errors() == ["bad_token"]


def test_a_ticket_for_certain_rooms_opens_these_again_after_a_restart_and_no_others() -> None:
    match = playground()
    here = token(rooms=["K7QPXM"])
    options = {"reopen": True, "create": True}
    assert join(match, token=here, room="ABCDEF", options=options).errors() == ["room_not_permitted"]
    assert not match.server.rooms
    assert join(match, token=here, room="k7qpxm", options=options).room_id == "K7QPXM"


def test_a_ticket_for_certain_rooms_lets_nobody_into_others() -> None:
    match = playground()
    host = match.connect("Host", create=True)
    here = token(rooms=[host.room_id.lower()])
    for more in ({}, {"options": {"create": True}}, {"room": "ZZZZZZ"}):
        client = join(match, token=here, **more)
        assert client.errors() == ["room_not_permitted"]
    assert len(match.server.rooms) == 1
    assert join(match, token=token(rooms=["ZZZZZZ"]), room="zzzzzz").errors() == ["room_not_found"]
    guest = join(match, token=here, room=host.room_id)
    assert guest.room_id == host.room_id


def test_an_expired_ticket_does_not_end_what_it_has_begun() -> None:
    match = playground()
    client = join(match, token=token(exp=NOW + 1))
    match.run(seconds=30)
    assert client.player_id in match.server.players


def test_one_who_tries_one_ticket_after_another_is_slowed_down() -> None:
    match = playground()
    client = match.connect()
    for _ in range(230):
        client.send({"type": "join", "token": token() + "x"})
    assert 50 <= client.errors().count("bad_token") <= 200
    assert client.errors()[-1] == "rate_limited"
    match.run(seconds=3)
    client.send({"type": "join", "token": token()})
    assert client.player_id
