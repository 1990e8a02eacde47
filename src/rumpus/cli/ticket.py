"""`rumpus ticket`: makes the keys of tickets, and tickets to try a server with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ..errors import ConfigurationError
from .key_files import SECRET_VARIABLE, read_key


def ticket(
    player: Annotated[str | None, typer.Option(help="the player's id in your own service")] = None,
    name: Annotated[str | None, typer.Option(help="name to play under; left out, the player chooses")] = None,
    room: Annotated[list[str] | None, typer.Option(help="code of a room that may be joined; left out, all may")] = None,
    lifetime: Annotated[float, typer.Option(help="seconds in which the player has to join")] = 60.0,
    audience: Annotated[str | None, typer.Option(help="what the server has as --ticket-audience")] = None,
    key_file: Annotated[
        Path | None,
        typer.Option(help=f"Ed25519 private key (PEM) or secret to sign with [default: secret in {SECRET_VARIABLE}]"),
    ] = None,
    new_key: Annotated[
        Path | None, typer.Option(metavar="PATH", help="make a key pair instead: the private key at PATH, PATH.pub")
    ] = None,
) -> None:
    """Sign a ticket that lets a player join, or make a key pair."""
    from ..tickets import new_key_pair, sign_ticket  # slow to import, for all other commands

    if new_key is not None:
        if player is not None or key_file is not None:
            raise ConfigurationError("--new-key makes keys and no ticket; leave out --player and --key-file.")
        public = new_key_pair(new_key)
        print(f"Sign with {new_key}, which stays secret; serve with --ticket-public-key {public}.")  # noqa: T201
        return
    if player is None:
        raise ConfigurationError("Whose ticket? Give --player, or --new-key to make keys.")
    key: str | bytes
    if key_file is not None:
        key = read_key("--key-file", key_file)
    elif SECRET_VARIABLE in os.environ:
        key = os.environ[SECRET_VARIABLE]
    else:
        raise ConfigurationError(f"A ticket is signed with a key: give --key-file, or a secret in {SECRET_VARIABLE}.")
    token = sign_ticket(key, player, name=name, rooms=room or None, lifetime=lifetime, audience=audience)
    print(token)  # noqa: T201  # what the command is for
