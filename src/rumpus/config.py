"""Every number an operator can turn, with its default and what it bounds.

Two groups: `Limits` protect the server from its clients, `RoomOptions` say how rooms behave. The CLI derives its flags
from these fields, so a limit without a flag cannot exist.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

#: Bits that addresses of one IPv6 network have in common: a site gets no less than a /64 (RFC 6177).
IPV6_PREFIX = 64

StartPolicy = Literal["full", "countdown", "now"]


class Limits(msgspec.Struct, kw_only=True, frozen=True):
    """What one client, one address and all of them together may use."""

    max_message_size: Annotated[int, Meta(ge=64, description="bytes in one message, fragments added up")] = 16 * 1024
    max_messages_per_second: Annotated[int, Meta(ge=1, description="messages a second from one connection")] = 120
    max_chats_per_second: Annotated[int, Meta(ge=1, description="chat messages a second from one connection")] = 2
    max_room_messages_per_second: Annotated[
        int, Meta(ge=1, description="messages a second by which a player changes the room: ready, votes, teams ...")
    ] = 5
    max_new_rooms_per_second: Annotated[int, Meta(ge=1, description="rooms a connection may open a second")] = 1
    max_connections: Annotated[int, Meta(ge=1, description="connections in all, unfinished handshakes included")] = (
        10_000
    )
    max_connections_per_address: Annotated[int, Meta(ge=1, description="connections from one address")] = 1_000
    max_rooms: Annotated[int, Meta(ge=1, description="rooms at the same time")] = 1_000
    max_cost_per_address: Annotated[
        float,
        Meta(ge=0, le=10, description="share of a processor that what one address asks for may take; 0: any"),
    ] = 0.25
    max_rooms_per_address: Annotated[
        int, Meta(ge=0, description="rooms at the same time that were opened from one address; 0: any number")
    ] = 250
    max_room_cost_per_address: Annotated[
        float,
        Meta(
            ge=0,
            le=10,
            description="share of a processor that rooms from one address may take before it may open more; 0: any",
        ),
    ] = 0.25
    max_new_rooms_per_address: Annotated[
        float, Meta(ge=0, description="rooms that may be opened from one address a second; 0: any number")
    ] = 2.0
    max_chats_per_address: Annotated[
        float, Meta(ge=0, description="chat messages a second from one address; 0: any number")
    ] = 10.0
    max_wrong_codes: Annotated[
        float,
        Meta(ge=0, description="codes of rooms and parties a minute that one address may get wrong; 0: any number"),
    ] = 60.0
    max_unsent_per_address: Annotated[
        int, Meta(ge=0, description="bytes held for all clients of one address that do not read; 0: any number")
    ] = 64 * 1024 * 1024
    max_unsent_total: Annotated[
        int, Meta(ge=0, description="bytes held for all clients together that do not read; 0: any number")
    ] = 512 * 1024 * 1024
    ipv6_prefix: Annotated[
        int, Meta(ge=1, le=128, description="bits that IPv6 addresses have in common that count as one address")
    ] = IPV6_PREFIX
    handshake_timeout: Annotated[float, Meta(gt=0, description="seconds to finish the HTTP request")] = 5.0
    keep_alive: Annotated[
        float, Meta(ge=0, le=3600, description="seconds a connection is kept for the next HTTP request; 0: not at all")
    ] = 15.0
    join_timeout: Annotated[float, Meta(gt=0, description="seconds a connection may stay without a room")] = 60.0
    idle_timeout: Annotated[float, Meta(ge=3, description="seconds without a byte, pongs included")] = 30.0
    slow_timeout: Annotated[float, Meta(gt=0, description="seconds a client may leave its data unread")] = 15.0
    skip_unsent: Annotated[
        int, Meta(ge=0, description="bytes waiting for a slow client from which on its snapshots are skipped")
    ] = 64 * 1024
    max_unsent: Annotated[int, Meta(ge=65_536, description="bytes waiting for one slow client")] = 1024 * 1024
    send_buffer: Annotated[
        int, Meta(ge=4096, le=2**30, description="bytes that the system holds for one client before any wait here")
    ] = 256 * 1024
    max_inputs_per_tick: Annotated[int, Meta(ge=1, description="inputs of one player used in one tick")] = 8
    input_window: Annotated[
        float, Meta(ge=0.1, le=5, description="seconds by which the tick that an input is for may be early or late")
    ] = 1.0
    max_chat_length: Annotated[int, Meta(ge=1, description="characters in one chat message")] = 300
    max_name_length: Annotated[int, Meta(ge=1, description="characters in a player's name")] = 24
    lobby_timeout: Annotated[
        float,
        Meta(gt=0, description="seconds a connection may look for a match, watch the list of rooms or be in a party"),
    ] = 1800.0
    max_held_per_address: Annotated[
        int, Meta(ge=0, description="seats held at once for lost connections from one address")
    ] = 100
    max_party: Annotated[int, Meta(ge=2, le=100, description="members of a party")] = 8
    overload_busy: Annotated[
        float, Meta(ge=0, le=1, description="share of the time that the loop may be busy before it does less; 0: any")
    ] = 0.85
    overload_lateness: Annotated[
        float, Meta(ge=0, le=1, description="seconds that ticks may be late before the server does less; 0: any")
    ] = 0.005
    tick_timeout: Annotated[
        float,
        Meta(
            ge=0, le=600, description="seconds a game may keep the server's loop before the process ends; 0: for ever"
        ),
    ] = 5.0
    json: Annotated[bool, Meta(description="let clients on the JSON sub-protocol in")] = True
    fast_lane: Annotated[bool, Meta(description="read many clients' sockets at once (Linux)")] = True


class RoomOptions(msgspec.Struct, kw_only=True, frozen=True):
    """How rooms are filled, started and emptied. None means: what the game class says."""

    start: Annotated[StartPolicy, Meta(description="when a match begins")] = "full"
    max_players: Annotated[int, Meta(ge=1, le=10_000, description="seats in a room")] | None = None
    min_players: Annotated[int, Meta(ge=1, le=10_000, description="players a match needs")] | None = None
    tick_rate: Annotated[float, Meta(ge=1, le=240, description="ticks per second")] | None = None
    send_rate: Annotated[float, Meta(ge=0.1, le=240, description="states per second, at most the tick rate")] | None = (
        None
    )
    bots: Annotated[int, Meta(ge=0, le=1_000, description="empty seats that bots may fill")] = 0
    bot_skill: Annotated[float, Meta(ge=0, le=1, description="strength of bots, each a little different")] = 0.35
    max_rewind: Annotated[
        float, Meta(ge=0, le=1, description="seconds into the past that lag compensation reaches at most; 0: none")
    ] = 0.25
    input_hold: Annotated[
        float, Meta(ge=0.25, le=10, description="seconds for which the last input of a silent player is repeated")
    ] = 0.5
    countdown: Annotated[float, Meta(ge=0, le=600, description="seconds from enough players to the start")] = 5.0
    results_time: Annotated[float, Meta(ge=0, le=600, description="seconds the results stay up")] = 8.0
    empty_grace: Annotated[float, Meta(ge=0, le=86_400, description="seconds an empty room is kept")] = 10.0
    reconnect_time: Annotated[
        float,
        Meta(ge=0, le=86_400, description="seconds that the seat of a lost connection is held; 0: it is free at once"),
    ] = 30.0
    reopen_time: Annotated[
        float,
        Meta(
            ge=0, le=86_400, description="seconds after the start in which rooms of before may be opened again; 0: none"
        ),
    ] = 300.0
    reservation_time: Annotated[float, Meta(gt=0, le=3600, description="seconds that a reserved seat is kept")] = 15.0
    skill_window: Annotated[
        float, Meta(ge=0, le=10_000, description="points by which quick play lets skills differ at first; 0: any skill")
    ] = 200.0
    skill_widening: Annotated[
        float, Meta(ge=1, le=10_000, description="points by which this grows in each second of waiting")
    ] = 20.0
    backfill: Annotated[
        bool,
        Meta(description="with --start full, give the seats of those who left a running match to others"),
    ] = False
    max_spectators: Annotated[int, Meta(ge=0, le=100_000, description="spectators of a room")] = 16
    spectator_delay: Annotated[
        float, Meta(ge=0, le=600, description="seconds by which spectators see everything later")
    ] = 2.0
    max_json_clients: Annotated[
        int,
        Meta(ge=0, le=10_000, description="players of a room on JSON, where each is told only what is in their view"),
    ] = 32
    vote_time: Annotated[float, Meta(ge=3, le=600, description="seconds a vote is open")] = 20.0
    next_vote: Annotated[
        bool, Meta(description="let players vote on what is played next, where the game has choices")
    ] = True
    pause_time: Annotated[float, Meta(ge=0, le=3600, description="longest pause, in seconds; 0: no pauses")] = 120.0
    ban_addresses: Annotated[
        bool, Meta(description="keep a guest who is banned from a room out by address too, whatever key they show")
    ] = True
    rated_seconds: Annotated[
        float, Meta(ge=0, le=86_400, description="seconds that a match must have to be rated, and everybody in it")
    ] = 30.0
    rated_activity: Annotated[
        float, Meta(ge=0, le=1, description="part of a match in which a player must have done something to be rated")
    ] = 0.25
    rated_repeats: Annotated[
        int, Meta(ge=0, description="matches against the same opponents that are rated in a day; 0: any number")
    ] = 10
    rate_hosted: Annotated[bool, Meta(description="rate matches in public rooms that players have made")] = True
    rate_same_address: Annotated[
        bool, Meta(description="rate people of one address against each other, as where all share one")
    ] = False
    settings: dict[str, Any] = {}
    player_settings: dict[str, str] = {}

    @property
    def drop_in(self) -> bool:
        """Whether players may join a running match. A room that waits to be full means to play with those players."""
        return self.start != "full"
