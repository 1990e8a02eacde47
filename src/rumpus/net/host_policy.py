"""Under which hosts this server's own page may be.

A page of anybody can have its name point to this server once it is open (DNS rebinding). To the browser it then is our
own page, and whatever it asks is sent from inside the network of whoever looks at it. What gives it away is the name:
it is none that we go by.

Names that nobody outside can have point here need no listing: addresses, `localhost`, names without a dot (of this
machine, of a container, of a network) and this machine's own. All others are named by the operator.
"""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Iterable
from ipaddress import ip_address

from ..errors import ConfigurationError

logger = logging.getLogger(__name__)

_ANY = "*"
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
#: Hosts that are told of in the log, at most: anybody can think of more.
_MOST_TOLD = 100


class HostPolicy:
    """`public`: names under which the page is, such as `play.example`, or `*` for any. Raises ConfigurationError."""

    def __init__(self, public: Iterable[str] = ()) -> None:
        names = {text.strip().lower().rstrip(".") for text in public}
        self._any = _ANY in names
        self._public = {_named(name) for name in names - {_ANY}}
        own = socket.gethostname().lower()
        self._own = {own, f"{own}.local"}
        self._told: set[str] = set()

    def allows(self, host: str) -> bool:
        """Whether our page may be at a host, which may have a port. "": the request names none."""
        if self._any or not host:
            return True
        name = _without_port(host)
        return name in self._public or name in self._own or _is_local(name)

    def names(self, host: str) -> bool:
        """Whether the operator has named this host as one of ours."""
        return _without_port(host) in self._public

    def tell(self, host: str) -> None:
        """Say once in the log that a host was refused, and what to do about it."""
        name = _without_port(host)
        if name not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(name)
            logger.warning(
                "requests for a host that this server does not go by are refused; if it is yours, name it with "
                "--public-host",
                extra={"details": {"host": name[:253]}},
            )


def _without_port(host: str) -> str:
    """A host in its one form."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower().rstrip(".")


def _is_local(name: str) -> bool:
    """Whether nobody outside can have this name point somewhere."""
    if "." not in name or name.endswith(".localhost"):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _named(name: str) -> str:
    if name.startswith("[") and name.endswith("]"):
        name = name[1:-1]
    try:
        return str(ip_address(name))
    except ValueError:
        pass
    try:
        ascii_name = name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        ascii_name = ""
    if not _NAME.fullmatch(ascii_name):
        raise ConfigurationError(
            f"--public-host cannot be {name!r}; it is the name in the address of your page, such as play.example, "
            "without https:// and without a port, or * for any."
        )
    return ascii_name
