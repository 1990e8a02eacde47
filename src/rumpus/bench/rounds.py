"""Round after round, everybody takes a turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import ConfigurationError, RumpusError
from .contestants import Colyseus, Contestant, Floor, Rumpus, Times
from .figures import Contest
from .workloads import Workload

#: Called with what begins now.
Announce = Callable[[str], None]


def contestants(workload: Workload, peers: bool) -> list[Contestant]:
    """Ourselves, in each of the workload's codecs, and those we compare with.

    Raises ConfigurationError if a peer cannot be had here.
    """
    ours: list[Contestant] = [Rumpus(codec=codec, one_of=len(workload.codecs)) for codec in workload.codecs]
    codec = workload.codecs[0]
    if len(ours) == 1:
        ours += [Rumpus(codec=codec, inputs="timed"), Rumpus(codec=codec, inputs="held")]
    if not peers:
        return ours
    if workload.codecs == (codec,):
        ours.append(Rumpus(codec=codec, lane=False))
    return [*ours, Floor(), Colyseus(), Rumpus("aiohttp", codec), Rumpus("websockets", codec)]


def compete(workload: Workload, rivals: Sequence[Contestant], rounds: int, times: Times, announce: Announce) -> Contest:
    """Measure everybody `rounds` times, taking turns. The first one must be ours.

    A rival that fails is left out from then on and named in `failed`; if ours fails, it ends there.
    """
    contest = Contest(
        workload=workload,
        warm_up=times.warm_up,
        seconds=times.seconds,
        titles={rival.name: rival.title for rival in rivals},
        outcomes={rival.name: [] for rival in rivals},
    )
    for number in range(1, rounds + 1):
        for rival in rivals:
            if rival.name in contest.failed:
                continue
            announce(f"{workload.name}, round {number} of {rounds}: {rival.name}")
            try:
                outcome = rival.measure(workload, times)
            except ConfigurationError:
                raise
            except RumpusError as error:
                contest.failed[rival.name] = error.message
                if rival is rivals[0]:
                    return _without_empty(contest)
                continue
            contest.outcomes[rival.name].append(outcome)
            if rival is rivals[0] and outcome.got is not None:
                sizes = round(outcome.got.input_bytes), round(outcome.got.wire_bytes_per_message)
                for other in rivals:
                    if isinstance(other, Floor):
                        other.sizes = sizes
    return _without_empty(contest)


def _without_empty(contest: Contest) -> Contest:
    contest.outcomes = {name: outcomes for name, outcomes in contest.outcomes.items() if outcomes}
    return contest
