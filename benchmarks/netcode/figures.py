"""What one run found, and what it should have found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

#: The four links of the targets, in order.
PRESETS = ("lan", "good", "typical", "bad")

#: What `player.mjs` prints.
Found = dict[str, Any]


class Run(msgspec.Struct, kw_only=True):
    """A run: what it ran on, and what was found, by the name of the link."""

    machine: str
    seconds: float
    links: dict[str, Found]


class Target(NamedTuple):
    """Something that must be reached. `goals`: for each preset. `most`: whether less is better."""

    what: str
    unit: str
    digits: int
    goals: tuple[float, float, float, float]
    value: Callable[[Found], float | None]
    most: bool = True

    def goal(self, link: str) -> float | None:
        return self.goals[PRESETS.index(link)] if link in PRESETS else None

    def is_met(self, link: str, found: Found) -> bool | None:
        """None: nothing was asked for, or nothing found."""
        goal, value = self.goal(link), self.value(found)
        if goal is None or value is None:
            return None
        return value <= goal + 1e-9 if self.most else value >= goal - 1e-9


def per_minute(count: float, minutes: float) -> float | None:
    return count / minutes if minutes else None


def rails(found: Found) -> dict[str, int]:
    """Rails of the duels, in the open and among walls, together."""
    tallies = [found["rail"][room] for room in ("open", "walls") if found["rail"].get(room)]
    return {name: sum(tally[name] for tally in tallies) for name in ("shots", "hits", "agreed", "falseHits")}


def guns(found: Found) -> dict[str, int]:
    """Bullets of the duels, together."""
    tallies = [found["gun"][room] for room in ("open", "walls") if found["gun"].get(room)]
    return {name: sum(tally[name] for tally in tallies) for name in ("shots", "hits", "agreed", "falseHits")}


def agreed(tally: dict[str, int]) -> float | None:
    """Per cent."""
    return tally["agreed"] / tally["hits"] * 100 if tally["hits"] else None


def late_or_starved(found: Found) -> float | None:
    """Per cent of the ticks of players."""
    inputs = found["inputs"]
    return (inputs["late"] + inputs["starved"]) / inputs["player_ticks"] * 100 if inputs["player_ticks"] else None


TARGETS = (
    Target(
        "own avatar answers a key within (worst)", "frames", 0, (1, 1, 1, 1),
        lambda f: f["keys"]["own_frames"]["max"],
    ),
    Target(
        "mispredictions per minute, moving freely", "", 1, (0, 0, 0, 2),
        lambda f: per_minute(f["free"]["mispredictions"], f["free"]["minutes"]),
    ),
    Target("correction p95, in combat", "units", 1, (0, 1, 3, 8), lambda f: f["combat"]["sizes"]["p95"]),
    Target("hits agreed, rail", "%", 1, (99.5, 99, 98, 90), lambda f: agreed(rails(f)), most=False),
    Target("inputs late or starved", "%", 2, (0, 0.5, 2, 8), late_or_starved),
    Target(
        "interpolation underruns per minute", "", 1, (0, 0, 2, 20),
        lambda f: per_minute(f["picture"]["underruns"], f["picture"]["minutes"]),
    ),
    Target(
        "seen by another player, beyond one-way delays (median)", "ms", 0, (100, 120, 150, 250),
        lambda f: f["keys"]["beyond"]["p50"],
    ),
)  # fmt: skip
