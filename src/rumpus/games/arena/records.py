"""What the kernels recorded of a tick, as the events that clients get.

A kernel knows rows, keys and numbers; names and the form of an event are Python's. What a record means for points is
decided in `game`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rumpus.games.arena.constants import (
    ENEMY_KINDS,
    PICKUP_KINDS,
    REC_DOWN,
    REC_HIT,
    REC_KILL,
    REC_PICKUP,
    REC_RAIL,
    REC_RESPAWN,
    REC_WAVE,
    WEAPONS,
)

#: Events of which everybody is told, those who do not see the place without it: they are about points and lives.
KNOWN_AFAR = frozenset({"kill", "enemy_down"})


def event_of(record: Sequence[float], names: Sequence[str]) -> tuple[str, dict[str, Any]] | None:
    """The name and data of a record's event; None for one that is nobody's business. names: players', by key.

    Where data has `x` and `y`, they are its place: a beam's is the muzzle.
    """
    kind, a, b, c, d, e, x, y, w, _ago = record
    place = {"x": round(x, 1), "y": round(y, 1)}
    weapon = WEAPONS[int(w)]
    if kind == REC_HIT:
        return "hit", {
            "by": f"e{int(b)}" if a else names[int(b)],
            "target": f"e{int(d)}" if c else names[int(d)],
            "target_kind": "enemy" if c else "player",
            "damage": int(e),
            "weapon": weapon,
            **place,
        }
    if kind == REC_KILL:
        killer = f"e{int(b)}" if a else names[int(b)]
        killer_kind = "enemy" if a else "player"
        return "kill", {
            "killer": killer,
            "victim": names[int(c)],
            **place,
            "killer_kind": killer_kind,
            "weapon": weapon,
        }
    if kind == REC_DOWN:
        fallen = {"by": names[int(a)], "enemy": f"e{int(b)}", "kind": ENEMY_KINDS[int(c)]}
        return "enemy_down", {**fallen, **place, "weapon": weapon}
    if kind == REC_PICKUP:
        return "pickup", {"player": names[int(a)], "kind": PICKUP_KINDS[int(b)], **place}
    if kind == REC_RESPAWN:
        return "respawn", {"player": names[int(a)], **place}
    if kind == REC_RAIL:
        return "rail", {
            "by": names[int(a)],
            **place,
            "to_x": round(d, 1),
            "to_y": round(e, 1),
            "target": f"e{int(c)}" if b > 1.0 else names[int(c)] if b else "",
            "target_kind": ("", "player", "enemy")[int(b)],
        }
    if kind == REC_WAVE:
        return "wave", {"number": int(a), "enemies": int(b)}
    return None
