"""The raw figures of a run and what is made of them: medians and spreads over rounds, ratios within a round.

Contestants take turns; a ratio compares two figures of the same round, minutes apart at most. The machine's mood, which
moves absolute times by a third, moves both.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

import msgspec

from .contestants import Outcome
from .extra import Extra
from .workloads import Workload

#: Snapshots a second, as a share of those sent, below which a server does not keep up.
HOLDS = 29.5 / 30
#: Cores that other programs may use before a report warns of them.
QUIET = 0.1
#: Cores from which the load generator may be the limit.
BUSY = 0.9
_PACKAGES = ("rumpus", "picows", "uvloop", "msgspec", "numpy", "numba", "aiohttp", "websockets")


class Spread(msgspec.Struct, kw_only=True, frozen=True):
    """Over the rounds."""

    min: float
    median: float
    max: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Of at least one value."""
        ordered = sorted(values)
        return cls(min=ordered[0], median=median(ordered), max=ordered[-1])

    def text(self, digits: int = 2) -> str:
        return f"{self.median:.{digits}f} ({self.min:.{digits}f}–{self.max:.{digits}f})"


class Machine(msgspec.Struct, kw_only=True):
    """What it ran on."""

    made: str
    cpu: str
    cores: int
    kernel: str
    python: str
    versions: dict[str, str]
    pinned: bool


class Contest(msgspec.Struct, kw_only=True):
    """A workload and what everybody did with it: for each contestant its outcomes, one a round."""

    workload: Workload
    warm_up: float
    seconds: float
    titles: dict[str, str]
    outcomes: dict[str, list[Outcome]]
    #: Contestants that could not, and why.
    failed: dict[str, str] = {}

    def us(self, name: str) -> Spread:
        return Spread.of(outcome.us for outcome in self.outcomes[name])

    def us_per_snapshot(self, name: str) -> Spread | None:
        """Processor time for each snapshot that a client got: more, where not every tick's snapshot comes."""
        each = [_each_snapshot(outcome, self.workload.hz) for outcome in self.outcomes[name]]
        return Spread.of(each) if self.outcomes[name][0].got is not None and all(each) else None

    def ratio(self, name: str, to: str, delivered: bool = False) -> Spread | None:
        """How many times as much processor time as `to` it took, round by round. None if either is not there.

        delivered: for each snapshot that came, which tells the truth where somebody falls behind.
        """
        ours, theirs = self.outcomes.get(name), self.outcomes.get(to)
        if not ours or not theirs:
            return None
        hz = self.workload.hz if delivered else None
        pairs = zip(ours, theirs, strict=False)
        ratios = [(_each_snapshot(one, hz), _each_snapshot(other, hz)) for one, other in pairs]
        return Spread.of(one / other for one, other in ratios) if all(other for _, other in ratios) else None

    def over(self, name: str, figure: str) -> Spread | None:
        """A figure that the generator (`got.` ...) or the server (`felt.` ...) reported, over the rounds."""
        source, _, rest = figure.partition(".")
        field, _, index = rest.partition(".")
        values = []
        for outcome in self.outcomes.get(name, []):
            reported = getattr(outcome, source)
            if reported is not None:
                value = getattr(reported, field)
                values.append(float(value[int(index)] if index else value))
        return Spread.of(values) if values else None

    def holds(self, name: str) -> bool:
        """Whether every client got its snapshots in every round."""
        least = self.over(name, "got.worst_snapshot_rate")
        return least is None or least.min >= self.workload.hz * HOLDS


def _each_snapshot(outcome: Outcome, hz: float | None) -> float:
    """Processor time for a snapshot that came, or for one that was due if `hz` is None. 0: none came."""
    if hz is None or outcome.got is None:
        return outcome.us
    rate = outcome.got.snapshot_rate
    return outcome.us * hz / rate if rate else 0.0


class Report(msgspec.Struct, kw_only=True):
    """Everything of a run, raw. `extra` is what is measured besides."""

    machine: Machine
    contests: list[Contest] = []
    extra: Extra | None = None

    @property
    def others(self) -> float:
        """Cores that other programs used at most, in the median of a contestant's rounds."""
        used = [
            spread.median
            for contest in self.contests
            for name in contest.outcomes
            if (spread := contest.over(name, "got.others")) is not None
        ]
        return max(used, default=0.0)


def machine(pinned: bool, more: dict[str, str] | None = None) -> Machine:
    """This machine, now."""
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return Machine(
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        cpu=_cpu_model(),
        cores=len(_cores()),
        kernel=platform.release(),
        python=platform.python_version(),
        versions=versions | (more or {}),
        pinned=pinned,
    )


def _cores() -> set[int]:
    import os

    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
