"""Keys and certificates that commands are given: read from files or the environment, never from the command line.

What is on a command line every user of the machine can read.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from ..tickets import TicketVerifier

#: Holds the secret of tickets.
SECRET_VARIABLE = "RUMPUS_TICKET_SECRET"  # noqa: S105  # its name


def read_key(flag: str, path: Path) -> bytes:
    """The bytes of a file that a flag names. Raises ConfigurationError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{flag} {path} cannot be read: {error.strerror}.") from None


def ticket_verifier(secret_file: Path | None, public_key: Path | None, audience: str | None) -> TicketVerifier | None:
    """What checks tickets, if a key is given. Raises ConfigurationError if it cannot be used, or if there are two."""
    given = [
        source
        for source, present in (
            ("--ticket-secret-file", secret_file is not None),
            (SECRET_VARIABLE, SECRET_VARIABLE in os.environ),
            ("--ticket-public-key", public_key is not None),
        )
        if present
    ]
    if len(given) > 1:
        raise ConfigurationError(f"Tickets have one key; leave out {given[0]} or {given[1]}.")
    if not given:
        if audience is not None:
            raise ConfigurationError(
                "--ticket-audience says nothing without a key; give --ticket-public-key or --ticket-secret-file."
            )
        return None
    from ..tickets import TicketVerifier  # slow to import, and few servers need it

    if public_key is not None:
        return TicketVerifier(public_key=read_key("--ticket-public-key", public_key), audience=audience)
    secret = read_key("--ticket-secret-file", secret_file) if secret_file else os.environ[SECRET_VARIABLE]
    return TicketVerifier(secret=secret, audience=audience)
