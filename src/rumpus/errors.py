"""Errors that a client or an operator can cause: a stable code and one clear sentence.

The code goes over the wire in `error {code, message}` and is part of the protocol; the sentence may be reworded.
"""

from __future__ import annotations


class RumpusError(Exception):
    """Base of all errors that are somebody's mistake and not a defect of the server."""

    code = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class MessageError(RumpusError):
    """A message that cannot be accepted. `code` says in which way."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class JoinError(RumpusError):
    """A player who cannot be seated: `room_full`, `room_not_found`, `room_in_progress`, `server_full` or
    `server_busy`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def game_failed() -> JoinError:
    """A game has raised, and its room is no more."""
    return JoinError("game_error", "The game failed and its room was closed. You can join another.")


def no_room_made() -> JoinError:
    """A game has raised before there was a room."""
    return JoinError("game_error", "The game failed and no room was made.")


def no_such_room() -> JoinError:
    return JoinError("room_not_found", "There is no such room; it may have closed after everyone left.")


def sent_away() -> JoinError:
    return JoinError("banned", "You were sent away from this room and cannot come back.")


class SettingsError(RumpusError):
    """Settings that the game does not have, or values it does not accept."""

    code = "bad_settings"


class UnsupportedError(RumpusError):
    """Something that a game may define and this one does not."""

    code = "unsupported"


class ConfigurationError(RumpusError):
    """Options of the server that contradict each other or name something that does not exist."""

    code = "bad_configuration"
