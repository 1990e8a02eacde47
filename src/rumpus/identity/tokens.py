"""Names that nobody guesses: whoever shows one is taken for the person who was told it."""

from __future__ import annotations

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
