"""Tickets: JSON Web Tokens by which a studio's own service says who a player is and which rooms they may join.

A service that knows its players signs one for each join:

    from rumpus.tickets import sign_ticket

    token = sign_ticket(key, "user-4711", name="Ann", rooms=["K7QPXM"], lifetime=60)

and the client sends it as `join.token`. The key is an Ed25519 private key, of which the server knows the public half
only, or a secret that both know. Signing and verifying are in one module so that they cannot come to differ. The kind
of the server's key decides the algorithm; what a token says about its own is checked and never followed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from .errors import ConfigurationError, MessageError
from .identity.identity import Identity

__all__ = ["TicketVerifier", "new_key_pair", "sign_ticket"]

#: Bytes of the shortest secret: as many as the hash has (RFC 7518, section 3.2).
MIN_SECRET = 32
#: Characters of the longest token that is looked at.
MAX_TOKEN = 4096
#: Characters of a player's id.
MAX_SUBJECT = 64
#: Rooms that one ticket may name.
MAX_ROOMS = 64
#: Seconds by which the clocks of two machines may differ.
LEEWAY = 5.0

_SECRET, _KEY_PAIR = "HS256", "EdDSA"
_PEM = b"-----BEGIN"


def sign_ticket(
    key: str | bytes,
    player: str,
    *,
    name: str | None = None,
    rooms: Sequence[str] | None = None,
    lifetime: float = 60.0,
    audience: str | None = None,
    now: float | None = None,
) -> str:
    """A token that lets one player join.

    key: an Ed25519 private key in PEM, or a secret of at least 32 bytes.  player: the service's own id of the player, 1
    to 64 printable characters.  name: the name to play under; left out, the player chooses.  rooms: codes of the only
    rooms that may be joined.  lifetime: seconds in which the player has to join.  audience: what the server has as
    `--ticket-audience`.  now: Unix time in seconds.  Raises ConfigurationError for what would be refused.
    """
    algorithm, signing_key = _signing_key(key)
    now = time.time() if now is None else now
    if not _is_subject(player):
        raise ConfigurationError(f"A player's id has 1 to {MAX_SUBJECT} printable characters.")
    if not 0 < lifetime < math.inf:
        raise ConfigurationError("A ticket's lifetime is a number of seconds above 0.")
    claims: dict[str, Any] = {"sub": player, "iat": int(now), "exp": math.ceil(now + lifetime)}
    if name is not None:
        claims["name"] = name
    if rooms is not None:
        if not 0 < len(rooms) <= MAX_ROOMS or isinstance(rooms, str):
            raise ConfigurationError(f"A ticket names 1 to {MAX_ROOMS} rooms, or none at all to permit every room.")
        claims["rooms"] = list(rooms)
    if audience is not None:
        claims["aud"] = audience
    token = jwt.encode(claims, signing_key, algorithm=algorithm)
    if len(token) > MAX_TOKEN:
        raise ConfigurationError(f"This ticket has {len(token)} characters; it may have {MAX_TOKEN}.")
    return token


class TicketVerifier:
    """Tells from a token who a player is. Has one key: a secret of 32 bytes or more, or an Ed25519 public key in PEM.

    `audience`: what a token's `aud` must be; without it tokens that have one are refused, as RFC 7519 wants it. `now`
    tells Unix time in seconds. Raises ConfigurationError if the key cannot be used.
    """

    def __init__(
        self,
        *,
        secret: str | bytes | None = None,
        public_key: str | bytes | None = None,
        audience: str | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._key: bytes | Ed25519PublicKey
        if secret is not None and public_key is None:
            self._algorithm, self._key = _SECRET, _checked_secret(secret)
        elif public_key is not None and secret is None:
            self._algorithm, self._key = _KEY_PAIR, _public_key(public_key)
        else:
            raise ConfigurationError("Tickets are checked with a secret or with a public key: give one of the two.")
        self._audience = audience
        self._now = now

    def verify(self, token: str) -> Identity:
        """Who the token says. Raises MessageError: `token_expired`, or `bad_token` for everything else."""
        if len(token) > MAX_TOKEN:
            raise MessageError("bad_token", f"A ticket has at most {MAX_TOKEN} characters.")
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[self._algorithm],
                audience=self._audience,
                options={
                    "require": ["sub", "exp"],
                    # Times are compared below, with the clock that was given; PyJWT would read the machine's.
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        # A token that is nested too deeply, or not even ASCII, is not PyJWT's error but Python's.
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise MessageError("bad_token", "This ticket is not one that this server accepts.") from None
        expires_at = _time(claims, "exp")
        now = self._now()
        if now >= expires_at + LEEWAY:
            raise MessageError("token_expired", "This ticket has expired; get a new one.")
        if "nbf" in claims and now < _time(claims, "nbf") - LEEWAY:
            raise MessageError("bad_token", "This ticket is not valid yet.")
        subject, name = claims["sub"], claims.get("name")
        if not _is_subject(subject):
            raise MessageError("bad_token", f"A ticket's `sub` has 1 to {MAX_SUBJECT} printable characters.")
        if name is not None and not isinstance(name, str):
            raise MessageError("bad_token", "A ticket's `name` is text.")
        return Identity(account=f"u:{subject}", name=name or None, rooms=_rooms(claims), expires_at=expires_at)


def new_key_pair(path: Path) -> Path:
    """Write a new Ed25519 private key to `path`, which only its owner may read, and the public one beside it.

    Returns the path of the public key, `path` with `.pub` at its end. Raises ConfigurationError rather than overwrite
    anything.
    """
    public_path = path.with_name(path.name + ".pub")
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for file in (path, public_path):
        if file.exists():
            raise ConfigurationError(f"{file} exists already; a new key does not replace it.")
    for file, data, mode in ((path, private, 0o600), (public_path, public, 0o644)):
        try:
            file.touch(mode, exist_ok=False)
            file.write_bytes(data)
        except OSError as error:
            raise ConfigurationError(f"{file} cannot be written: {error.strerror}.") from None
    return public_path


def _time(claims: dict[str, Any], name: str) -> float:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 2**53:
        raise MessageError("bad_token", f"A ticket's `{name}` is a time in seconds.")
    return float(value)


def _rooms(claims: dict[str, Any]) -> tuple[str, ...] | None:
    rooms = claims.get("rooms")
    if rooms is None:
        return None
    if not isinstance(rooms, list) or len(rooms) > MAX_ROOMS or not all(isinstance(room, str) for room in rooms):
        raise MessageError("bad_token", f"A ticket's `rooms` is a list of at most {MAX_ROOMS} codes.")
    return tuple(room.upper() for room in rooms)


def _is_subject(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_SUBJECT and value.isprintable()


def _signing_key(key: str | bytes) -> tuple[str, bytes | Ed25519PrivateKey]:
    data = key.encode() if isinstance(key, str) else key
    if _PEM not in data:
        return _SECRET, _checked_secret(data)
    try:
        private = load_pem_private_key(data, None)
    except TypeError:
        raise ConfigurationError("The private key is encrypted; tickets are signed with one that is not.") from None
    except ValueError:
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        raise ConfigurationError("Tickets are signed with an Ed25519 private key in PEM, or with a secret.")
    return _KEY_PAIR, private


def _checked_secret(secret: str | bytes) -> bytes:
    data = (secret.encode() if isinstance(secret, str) else secret).strip()
    if _PEM in data:
        raise ConfigurationError("The ticket secret is a key in PEM; a public key is given as such, not as a secret.")
    if len(data) < MIN_SECRET:
        raise ConfigurationError(
            f"The ticket secret has {len(data)} bytes and needs at least {MIN_SECRET}; "
            "make one with `openssl rand -base64 32`."
        )
    return data


def _public_key(data: str | bytes) -> Ed25519PublicKey:
    if b"PRIVATE KEY" in (data := data.encode() if isinstance(data, str) else data):
        raise ConfigurationError("The ticket public key is a private key; give the server the public one only.")
    try:
        key = load_pem_public_key(data)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigurationError("The ticket public key is no Ed25519 public key in PEM.")
    return key
