"""Tickets: whatever a token says, it is believed only if it is signed, and then within its bounds."""

from __future__ import annotations

import json

import jwt

from rumpus.errors import MessageError
from rumpus.tickets import MAX_SUBJECT, TicketVerifier, sign_ticket

_SECRET = "a secret of more than 32 bytes, for tests"
_NOW = 1_800_000_000.0
_VERIFIER = TicketVerifier(secret=_SECRET, now=lambda: _NOW)
_CODES = frozenset(("bad_token", "token_expired"))

_CLAIMS = [
    {"sub": "user-1", "exp": _NOW + 60, "name": "Ann", "rooms": ["K7QPXM"]},
    {"sub": "user-1", "exp": _NOW - 60},
    {"sub": "", "exp": "soon", "nbf": 1e300, "aud": ["x"]},
]
#: Begun with "s", bytes are the payload of a token that is signed; else they are the token.
SEEDS = [b"s" + json.dumps(claims).encode() for claims in _CLAIMS] + [
    b"t" + sign_ticket(_SECRET, "user-1", now=_NOW).encode(),
    b"t" + jwt.encode({"sub": "user-1", "exp": _NOW + 60}, None, algorithm="none").encode(),
    b"t..",
]


def run(data: bytes) -> None:
    signed = data[:1] == b"s"
    payload = data[1:]
    token = jwt.api_jws.encode(payload, _SECRET, algorithm="HS256") if signed else payload.decode("utf-8", "replace")
    try:
        identity = _VERIFIER.verify(token)
    except MessageError as error:
        assert error.code in _CODES
        return
    # Of those that are not signed here only the seed is good. (Base64 can be written in more ways than one.)
    assert signed or identity == _VERIFIER.verify(SEEDS[3][1:].decode())
    assert identity.account is not None
    assert identity.account.startswith("u:")
    assert 0 < len(identity.account) - 2 <= MAX_SUBJECT
    assert identity.account.isprintable()
    assert identity.expires_at is not None
    assert identity.expires_at > _NOW - 6
