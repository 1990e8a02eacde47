"""Which pages may connect. A browser names the origin of the page; other programs do not, and could claim any.

Without this any page that somebody opens could play on a server that only they can reach, one on their own network say.
Allowed are the server's own page and those that the operator names; `*` switches the check off.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from ..errors import ConfigurationError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_ANY = "*"
#: Characters of an origin, at most: a name has 253.
_LONGEST = 512


class _Origin(NamedTuple):
    """A page's origin; `port` None is that of a scheme which has none, such as an app's own."""

    scheme: str
    host: str
    port: int | None


class OriginPolicy:
    """`allowed`: origins such as `https://play.example`, or `*` for all. Raises ConfigurationError if one is none."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        allowed = {text.strip() for text in allowed}
        self._any = _ANY in allowed
        self._allowed = {_named_origin(text) for text in allowed - {_ANY}}

    def allows(self, origin: str | None, host: str, scheme: str | None = None) -> bool:
        """Whether a page may connect. None is no page.

        `host` and `scheme`: as the request was sent to us; a scheme of None is not known, when something that does TLS
        for us and says nothing may be before us.
        """
        if origin is None or self._any:
            return True
        page = _parse(origin)
        if page is None:
            return False
        if page in self._allowed:
            return True
        if page.scheme not in _DEFAULT_PORTS or (scheme is not None and page.scheme != scheme):
            return False
        return host != "" and _parse(f"{page.scheme}://{host}") == page

    def names_host(self, host: str) -> bool:
        """Whether the operator has named a page at this host (which may have a port), or lets every page in."""
        name = host.lower().rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host.lower()
        return self._any or any(page.host == name.strip("[]") for page in self._allowed)


def _named_origin(text: str) -> _Origin:
    """An origin that the operator names; people copy them with a slash at their end."""
    origin = _parse(text.removesuffix("/"))
    if origin is None:
        raise ConfigurationError(
            f"--allow-origin cannot be {text!r}; it is the beginning of a page's address, such as https://example.org "
            "or http://localhost:3000, or * for all pages."
        )
    return origin


def _parse(text: str) -> _Origin | None:
    """An origin in its one form: small letters, the port written out. None if it is none, like `null`."""
    scheme, separator, _ = text.partition("://")
    if len(text) > _LONGEST or not separator or any(char in text for char in "*\\, \t\r\n"):
        return None
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    scheme = scheme.lower()
    if not host or scheme != parts.scheme or "@" in parts.netloc or parts.netloc.endswith(":"):
        return None
    if parts.path or "?" in text or "#" in text:
        return None
    if ":" in host:
        try:
            host = str(ip_address(host))
        except ValueError:
            return None
    elif not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            return None
    return _Origin(scheme, host, port if port is not None else _DEFAULT_PORTS.get(scheme))
