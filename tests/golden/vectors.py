"""Golden vectors of binary snapshots: what a server wrote, and what a client must make of it.

`python -m tests.golden.vectors` writes `snapshots.json` anew, after a deliberate change of the format. The Python and
the JavaScript decoder are both tested on that file, so neither can drift away from the other.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from rumpus.replication import Interest
from rumpus.replication.snapshot import DELTA, KEYFRAME, SKIP, SnapshotEncoder
from tests.support.streams import INTERVAL, frames_of, new_world, step
from tests.support.worlds import Playfield

FILE = Path(__file__).with_name("snapshots.json")


def worked_example() -> dict[str, Any]:
    """The one that docs/protocol.md goes through byte by byte."""
    world = Playfield()
    world.match.time_left = 60.0
    world.players.add("p1", x=100.0, y=50.0, hp=100, team="red", alive=True)
    encoder = SnapshotEncoder(world, INTERVAL)
    vector = _Vector("worked example", world)
    vector.add(encoder, 0, KEYFRAME, -1)
    world.match.time_left -= INTERVAL
    world.players["p1"].x += 8.0
    world.bullets.add(x=100.0, y=50.0, vx=600.0, vy=-300.0, owner="p1")
    vector.add(encoder, 1, DELTA, 6)
    for tick, event in ((2, []), (3, [(3, "hit", {"by": "p1", "damage": 14})])):
        world.match.time_left -= INTERVAL
        world.players["p1"].x += 8.0
        world.bullets.x += 600 * INTERVAL
        world.bullets.y -= 300 * INTERVAL
        if tick == 3:
            world.players["p1"].hp -= 14
            world.players["p1"].alive = False
            world.bullets.remove("b1")
        vector.add(encoder, tick, DELTA, 6 + tick, event)
    return vector.case


def random_match(seed: int, ticks: int, interest: Interest | None) -> dict[str, Any]:
    """One client in a random match that is skipped now and then."""
    random = Random(seed)
    world = new_world()
    world.interest = interest
    encoder = SnapshotEncoder(world, INTERVAL)
    vector = _Vector(f"random match {seed}" + (" with a view" if interest else ""), world)
    need = KEYFRAME
    for tick in range(ticks):
        step(world, random)
        if random.random() < 0.1:
            need = SKIP
        elif need == SKIP:
            need = KEYFRAME
        events = [(tick, "bang", {"x": tick * 1.5})] if random.random() < 0.1 else []
        vector.add(encoder, tick, need, tick - 1, events)
        if need == KEYFRAME:
            need = DELTA
    return vector.case


class _Vector:
    def __init__(self, name: str, world: Playfield) -> None:
        from rumpus.replication import Decoder

        self._decoder = Decoder(Playfield.schema())
        self.case: dict[str, Any] = {
            "name": name,
            "schema": Playfield.schema(),
            "snapshots": [],
            "ticks": [],
            "acks": [],
            "keyframes": [],
            "events": [],
            "plain": [],
        }

    def add(self, encoder: SnapshotEncoder, tick: int, need: int, ack: int, events: list[Any] | None = None) -> None:
        encoder.advance()
        section = b"\x03" + msgspec.msgpack.encode(events) if events else b""
        [payload] = frames_of(encoder, tick, [need], [ack], ["p1"], section)
        if payload is None:
            return
        self._decoder.apply(payload)
        case = self.case
        case["snapshots"].append(payload.hex())
        case["ticks"].append(tick)
        case["acks"].append(ack)
        case["keyframes"].append(need == KEYFRAME)
        case["events"].append([list(event) for event in events or []])
        case["plain"].append(self._decoder.plain())


def cases() -> list[dict[str, Any]]:
    view = Interest(width=1500, height=1500, margin=200)
    return [worked_example(), random_match(1, 60, None), random_match(2, 60, view), random_match(3, 40, None)]


if __name__ == "__main__":
    FILE.write_text(json.dumps({"cases": cases()}, ensure_ascii=False, separators=(",", ":")) + "\n")
