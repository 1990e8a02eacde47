"""Random matches on random tables, for property tests and golden vectors."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import numpy as np

from rumpus.replication import EVERYBODY, NOBODY, Decoder, World
from rumpus.replication.snapshot import SnapshotEncoder
from tests.support.worlds import Playfield

INTERVAL = 1 / 30


def payload_of(frame: bytes) -> bytes:
    """What a server's WebSocket frame carries; checks that it carries all of it."""
    assert frame[0] == 0x82
    header = {126: 4, 127: 10}.get(frame[1], 2)
    size = frame[1] if header == 2 else int.from_bytes(frame[2:header], "big")
    assert len(frame) == header + size
    return frame[header:]


def frames_of(
    encoder: SnapshotEncoder, tick: int, needs: list[int], acks: list[int], ids: list[str], events: bytes = b""
) -> list[bytes | None]:
    """Each client's snapshot, or None for one that is skipped."""
    payloads: list[bytes | None] = []
    for batch in encoder.frames(tick, np.array(needs, dtype=np.int64), np.array(acks, dtype=np.int64), ids, events):
        for client in range(batch.first, batch.stop):
            frame = bytes(batch.buffer[batch.starts[client] : batch.ends[client]])
            payloads.append(payload_of(frame) if frame else None)
    return payloads


def step(world: Playfield, random: Random) -> set[str]:
    """Let something happen: rows come, go, move, jump, change, hide. Returns ids of players who are new."""
    players, bullets = world.players, world.bullets
    new = set()
    for _ in range(random.choice((0, 0, 0, 1, 2))):
        id = f"p{random.randrange(14)}"
        if id in players:
            players.remove(id)
        elif len(players) < players.max_rows:
            new.add(id)
            players.add(
                id,
                x=random.uniform(0, 4096),
                y=random.uniform(0, 4096),
                team=random.choice(("", "red", "blue")),
                title=random.choice(("", "the Great", "ßübergröße", "x" * 255)),
            )
    live = len(players)
    if live:
        players.x = np.clip(players.x + [random.choice((0, 3.3, -7.1, 900)) for _ in range(live)], 0, 4096)
        players.y = np.clip(players.y + np.cumsum(np.full(live, 0.7)), 0, 4096)
        players.spin += random.choice((0.0, 0.2, 0.2, 3.0))
        row = random.randrange(live)
        players.heading[row] = random.uniform(-9, 9)
        players.hp[row] = random.randint(-5, 200)
        players.alive[row] = random.random() < 0.5
        players.secret[row] = random.random()
        if random.random() < 0.2:
            players.set(row, "title", random.choice(("", "a", "b", "漢字")))
        if random.random() < 0.2:
            players.show(row, random.choice((0.0, NOBODY, EVERYBODY)))
    bullets.x = bullets.x + bullets.vx * INTERVAL
    bullets.y = bullets.y + bullets.vy * INTERVAL
    gone = [
        id for id, x, y in zip(bullets.ids(), bullets.x, bullets.y, strict=True) if not (0 < x < 4096 and 0 < y < 4096)
    ]
    for id in gone:
        bullets.remove(id)
    if len(bullets) < bullets.max_rows and random.random() < 0.6:
        angle = random.uniform(0, 2 * math.pi)
        owner = random.choice([*players.ids(), ""])
        bullets.add(
            x=random.uniform(0, 4096),
            y=random.uniform(0, 4096),
            vx=600 * math.cos(angle),
            vy=600 * math.sin(angle),
            owner=owner,
        )
    if len(bullets) and random.random() < 0.3:
        bullets.remove(random.choice(bullets.ids()))
    if random.random() < 0.1:
        world.doors.clear()
    elif len(world.doors) < 8 and random.random() < 0.3:
        world.doors.add(f"d{random.randrange(10**9)}", open=random.random() < 0.5)
    if len(world.doors):
        world.doors.open[random.randrange(len(world.doors))] = random.random() < 0.5
    world.match.time_left -= INTERVAL
    if random.random() < 0.1:
        world.match.wave = random.randint(1, 300)
    return new


def new_world() -> Playfield:
    world = Playfield()
    world.match.time_left = 300.0
    return world


def decoder_of(world: World) -> Decoder:
    return Decoder(type(world).schema())


def visible(
    world: Playfield, encoder: SnapshotEncoder, focus: tuple[float, float], known: dict[str, Any]
) -> dict[str, Any]:
    """What a client with this focus is meant to see, worked out the slow way; `known` is what it saw before."""
    interest = encoder.interest
    assert interest is not None
    plain = world.plain()
    reach_x, reach_y = interest.reach
    for name in ("players", "bullets"):
        table = world.tables[name]
        seen = {}
        for row, id in enumerate(table.ids()):
            if id not in plain[name]:
                continue
            dx, dy = abs(table.block[3, row] - focus[0]), abs(table.block[4, row] - focus[1])
            inside = dx <= reach_x and dy <= reach_y
            near = dx <= reach_x + interest.margin and dy <= reach_y + interest.margin
            if interest.radius:
                inside = inside and dx * dx + dy * dy <= interest.radius**2
                near = near and dx * dx + dy * dy <= (interest.radius + interest.margin) ** 2
            if inside or (near and id in known.get(name, {})) or table.block[2, row] == EVERYBODY:
                seen[id] = plain[name][id]
        plain[name] = seen
    return plain
