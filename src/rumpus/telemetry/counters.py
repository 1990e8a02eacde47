"""What the server counts while it runs, as plain integers: a hot path cannot afford more."""

from __future__ import annotations

from dataclasses import dataclass, field


def _counts(text: str) -> int:
    counter: int = field(default=0, metadata={"text": text})
    return counter


@dataclass(slots=True)
class Counters:
    """One set for the whole server, shared by its sessions and rooms. `/metrics` shows each under its name."""

    messages_received: int = _counts("Messages from clients")
    received_bytes: int = _counts("Bytes of messages from clients")
    refused_messages: int = _counts("Messages answered with an error")
    inputs_late: int = _counts("Inputs that came after the tick they were for")
    inputs_refused: int = _counts("Inputs for a tick too far away, or earlier than that of the one before")
    ticks_starved: int = _counts("Ticks of players whose input had not come")
    bot_inputs_refused: int = _counts("Inputs of a game's own bots that were no valid inputs")
    snapshots_sent: int = _counts("States and deltas sent")
    snapshot_bytes: int = _counts("Bytes of states and deltas sent")
    snapshots_skipped: int = _counts("States withheld from clients that had not read the ones before")
    rate_limited: int = _counts("Messages refused because a budget was used up")
    wrong_codes: int = _counts("Codes of rooms and parties that did not exist")
    slow_clients: int = _counts("Connections ended because the client did not read what it was sent")
    snapshots_lowered: int = _counts("States not sent because the server was busy")
    joins_refused_busy: int = _counts("Joins refused because the server was busy")
    rooms_created: int = _counts("Rooms opened")
    failed_rooms: int = _counts("Rooms closed because their game raised")
