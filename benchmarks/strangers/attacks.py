"""What strangers may do to a server: every message of the protocol, every request, and what else has been thought of.

`ATTACKS` is complete: `covered` fails for a message that nobody attacks with.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from random import Random
from typing import Any, Literal, NamedTuple, get_args, get_origin

from stranger import ATTACKER, OTHERS, PATIENCE, Stranger, frame, upgrade_request

from rumpus import protocol
from rumpus.protocol import ClientMessage

Messages = Sequence[Mapping[str, Any]]
_random = Random(66)


class Attack(NamedTuple):
    """One cycle of messages, again and again on each of many connections.

    kinds: which messages it is about.  seat: where its connections sit before it, in rooms of their own or together.
    """

    name: str
    kinds: tuple[Any, ...]
    cycle: Callable[[Stranger], Messages]
    seat: Literal["none", "own", "shared"] = "none"


class Siege(NamedTuple):
    """Connections that come and go. Each sends `script` at once, and goes when it has been answered or after `stay`.

    drip: seconds between two bytes of the script, if it comes in drops.  reads: whether it reads what it is sent.
    """

    name: str
    script: Callable[[int], bytes]
    stay: float = 0.2
    together: int = 64
    drip: float = 0.0
    reads: bool = True


def _say(*messages: Mapping[str, Any]) -> Callable[[Stranger], Messages]:
    return lambda stranger: messages


def _input(stranger: Stranger) -> Messages:
    stranger.seq += 1
    data = {"move_x": _random.uniform(-1, 1), "aim": _random.uniform(-3, 3), "fire": True}
    return ({"type": "input", "seq": stranger.seq, "data": data},)


def _vote(stranger: Stranger) -> Messages:
    lives = stranger.seq = stranger.seq % 9 + 1
    return (
        {"type": "call_vote", "kind": "settings", "settings": {"lives": lives}},
        {"type": "vote", "id": 1, "choice": 1},
    )


def _set_room(stranger: Stranger) -> Messages:
    stranger.seq += 1
    return ({"type": "set_room", "settings": {"lives": stranger.seq % 2 + 1}},)


p = protocol
ATTACKS = (
    Attack("inputs", (p.Input,), _input, "own"),
    Attack("pings", (p.Ping,), _say({"type": "ping", "time": 1.5})),
    Attack("join by quick play, leave", (p.Join, p.Leave), _say({"type": "join"}, {"type": "leave"})),
    Attack(
        "open a room with bots and all the settings, leave",
        (p.Join, p.Leave),
        _say({"type": "join", "options": {"create": True, "settings": {"mode": "coop"}, "bots": 7}}, {"type": "leave"}),
    ),
    Attack("watch, leave", (p.Join,), _say({"type": "join", "role": "spectator"}, {"type": "leave"})),
    Attack(
        "guess a room's code", (p.Join,), lambda one: ({"type": "join", "room": f"ZZZ{_random.randrange(999):03}"},)
    ),
    Attack("show a bad ticket", (p.Join,), _say({"type": "join", "token": "x" * 4000})),
    Attack("guess a session", (p.Resume,), _say({"type": "resume", "session": "x" * 31})),
    Attack("cancel", (p.Cancel,), _say({"type": "cancel"})),
    Attack("the list of rooms", (p.WatchRooms,), _say({"type": "watch_rooms"}, {"type": "watch_rooms", "on": False})),
    Attack("reserve seats", (p.Reserve,), _say({"type": "reserve", "seats": 8})),
    Attack("found a party, leave it", (p.EnterParty, p.LeaveParty), _say({"type": "party"}, {"type": "leave_party"})),
    Attack("guess a party's code", (p.EnterParty,), _say({"type": "party", "code": "ZZZ999"})),
    Attack("chat among eight", (p.Chat,), _say({"type": "chat", "text": "spam " * 50}), "shared"),
    Attack("mute", (p.Mute,), lambda one: ({"type": "mute", "player_id": one.player_id},), "shared"),
    Attack(
        "change teams", (p.Team,), _say({"type": "team", "team": "red"}, {"type": "team", "team": "blue"}), "shared"
    ),
    Attack("ready, or not", (p.Ready,), _say({"type": "ready"}, {"type": "ready", "ready": False}), "shared"),
    Attack(
        "start a match against bots",
        (p.Join, p.Start, p.Leave),
        _say({"type": "join", "options": {"create": True, "bots": 7}}, {"type": "start"}, {"type": "leave"}),
    ),
    Attack("change the room", (p.SetRoom,), _set_room, "own"),
    Attack("kick", (p.Kick,), lambda one: ({"type": "kick", "player_id": one.player_id},), "own"),
    Attack("pass the host", (p.PassHost,), lambda one: ({"type": "pass_host", "player_id": one.player_id},), "own"),
    Attack(
        "pause, go on", (p.Pause,), _say({"type": "pause", "paused": True}, {"type": "pause", "paused": False}), "own"
    ),
    Attack("call votes", (p.CallVote, p.CastVote), _vote, "shared"),
    Attack("messages that are none", (), _say({"type": "nonsense", "of": ["all", {"kinds": 1}]})),
)


def _get(path: str) -> Callable[[int], bytes]:
    return lambda port: f"GET {path} HTTP/1.1\r\nHost: {OTHERS}:{port}\r\nConnection: close\r\n\r\n".encode()


def _upgraded(*messages: Mapping[str, Any]) -> Callable[[int], bytes]:
    return lambda port: upgrade_request(port) + b"".join(map(frame, messages))


#: By route, what is asked for.
REQUESTS = {
    "/healthz": "/healthz",
    "/rooms": "/rooms",
    "/metrics": "/metrics",
    "/api/": "/api/leaderboard?offset=9000",
    "": "/sdk/rumpus.js",
}
SIEGES = (
    *(Siege(f"GET {path}", _get(path)) for path in REQUESTS.values()),
    Siege("connections that say nothing", lambda port: b"", stay=0.05),
    Siege("connect, hang up", _upgraded(), stay=0.05),
    Siege("found a party, hang up", _upgraded({"type": "party"}), stay=0.05),
    Siege("open a room, hang up", _upgraded({"type": "join", "options": {"create": True}}), stay=0.05),
    Siege("chat, hang up", _upgraded({"type": "join"}, *([{"type": "chat", "text": "spam"}] * 20)), stay=0.05),
    Siege("frames in drops", _upgraded({"type": "ping", "time": 1.0, "pad": "x" * 4000}), stay=9, drip=0.001),
    Siege("requests in drops", lambda port: b"GET /" + b"x" * 4000, stay=9, drip=0.001),
    Siege("ask and never read", _upgraded(*([{"type": "watch_rooms"}] * 200)), stay=9, reads=False),
    Siege("frames that break the rules", lambda port: upgrade_request(port) + b"\xff\xff" * 20),
)


def covered() -> None:
    """Raise KeyError for a message that nobody attacks with."""
    kinds = {get_origin(kind) or kind for kind in get_args(ClientMessage)}
    missing = kinds - {kind for attack in ATTACKS for kind in attack.kinds}
    if missing:
        raise KeyError(f"nobody attacks with {missing}")


class Blast:
    """Connections of one attack, each as fast as it may. Made while the server is well, `go` then only sends."""

    def __init__(self, port: int, attack: Attack, connections: int, address: str = ATTACKER) -> None:
        self.attack = attack
        self.sent = 0
        self.strangers: list[Stranger] = []
        code = None
        for number in range(connections):
            stranger = Stranger(port, address)
            stranger.upgrade(port)
            if attack.seat == "own" or (attack.seat == "shared" and number % 8 == 0):
                with suppress(ConnectionError):  # as many rooms as may be; the others have to do without
                    stranger.join(options={"create": True, "private": False, "max_players": 8})
                code = stranger.room_id
            elif attack.seat == "shared" and code:
                with suppress(ConnectionError):
                    stranger.join(room=code)
            stranger.sock.setblocking(False)
            self.strangers.append(stranger)

    def go(self, cycles: int) -> None:
        """So many cycles on each connection, all at once; and read what came."""
        for stranger in self.strangers:
            messages = [message for _ in range(cycles) for message in self.attack.cycle(stranger)]
            data = b"".join(map(frame, messages))
            try:
                while stranger.sock.recv(262_144):
                    pass
            except BlockingIOError:
                pass
            except OSError:
                continue
            with suppress(OSError):
                self.sent += len(messages) if stranger.sock.send(data) == len(data) else 0

    def go_and_wait(self, cycles: int) -> None:
        """The same, until everything has been answered."""
        for stranger in self.strangers:
            stranger.sock.settimeout(PATIENCE)
            messages = [message for _ in range(cycles) for message in self.attack.cycle(stranger)]
            stranger.sock.sendall(b"".join(map(frame, [*messages, {"type": "ping", "time": 0.0}])))
        for stranger in self.strangers:
            end = b""
            while b"pong" not in end:
                data = stranger.sock.recv(262_144)
                if not data:
                    raise ConnectionError("the server hung up")
                end = end[-4:] + data

    def close(self) -> None:
        for stranger in self.strangers:
            stranger.close()


class Sieging:
    """A siege under way."""

    def __init__(self, port: int, siege: Siege, address: str = ATTACKER) -> None:
        self._port, self._siege, self._address = port, siege, address
        self._script = siege.script(port)
        self._poll = select.epoll()
        self._here: dict[int, tuple[socket.socket, float, int]] = {}
        self.came = self.answered = 0

    def step(self, seconds: float) -> None:
        """Go on with it for so long."""
        until = time.monotonic() + seconds
        siege = self._siege
        while (now := time.monotonic()) < until:
            while len(self._here) < siege.together:
                self._come(now)
            for fd, _ in self._poll.poll(siege.drip or 0.005):
                if siege.reads and fd in self._here:
                    self._read(fd)
            now = time.monotonic()
            for fd, (sock, came, sent) in list(self._here.items()):
                if siege.drip and sent < len(self._script):
                    with suppress(OSError):
                        self._here[fd] = sock, came, sent + sock.send(self._script[sent : sent + 1])
                if now - came > siege.stay:
                    self._leave(fd)

    def _come(self, now: float) -> None:
        sock = socket.socket()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            sock.bind((self._address, 0))
            sock.connect((OTHERS, self._port))
            upgrade = self._script.find(b"\r\n\r\n") + 4 if self._script.startswith(b"GET /ws") else 0
            at_once = self._script[:upgrade] if self._siege.drip else self._script
            if at_once:
                sock.sendall(at_once)
        except OSError:
            sock.close()
            return
        sock.setblocking(False)
        self._here[sock.fileno()] = sock, now, len(at_once)
        self._poll.register(sock.fileno(), select.EPOLLIN)
        self.came += 1

    def _read(self, fd: int) -> None:
        try:
            data = self._here[fd][0].recv(262_144)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.answered += bool(data)
        if not data:
            self._leave(fd)

    def _leave(self, fd: int) -> None:
        sock, _, _ = self._here.pop(fd)
        sock.close()

    def close(self) -> None:
        for fd in list(self._here):
            self._leave(fd)
        self._poll.close()
