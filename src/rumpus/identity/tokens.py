"""Names that nobody guesses: whoever shows one is taken for the person who was told it."""

from __future__ import annotations

import re
import secrets
from base64 import urlsafe_b64encode

#: Bytes of randomness in a token.
_TOKEN_BYTES = 16


class _Tokens:
    """The system is asked for randomness once for many: that takes longer than the rest."""

    def __init__(self) -> None:
        self._bytes = b""

    def __call__(self) -> str:
        """A new one: 22 letters, digits, hyphens and underscores."""
        if len(self._bytes) < _TOKEN_BYTES:
            self._bytes = secrets.token_bytes(256 * _TOKEN_BYTES)
        token, self._bytes = self._bytes[:_TOKEN_BYTES], self._bytes[_TOKEN_BYTES:]
        return urlsafe_b64encode(token).rstrip(b"=").decode()


new_token = _Tokens()

#: Characters by which one run of a server differs from another.
_RUN_LENGTH = 8
_SESSION = re.compile(r"[A-Za-z0-9_-]{8}\.[A-Za-z0-9_-]{22}")


class SessionNames:
    """Secret names of sessions. They begin with a name of this run of the server.

    So a server tells a session that is over from one of the process before it, and keeps nothing for that.
    """

    def __init__(self) -> None:
        self._run = new_token()[:_RUN_LENGTH]

    def new(self) -> str:
        return f"{self._run}.{new_token()}"

    def is_of_another_run(self, name: str) -> bool:
        """Whether a server gave this name that is not this process."""
        return _SESSION.fullmatch(name) is not None and not name.startswith(f"{self._run}.")
