"""How good somebody is, from who beat whom: the Plackett-Luce model of openskill, for free-for-all and for teams.

Sans-I/O: ratings go in and come out; who keeps them is `rumpus.results.storage`. A rating is a belief, a mean and how
far off it may be. Players are shown a cautious number (`points`), which rises as the belief gets surer; matches are
made by the mean (`skill`), which is the best guess.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ..game.contract import PlayerInfo

if TYPE_CHECKING:
    from .record import MatchRecord, PlayerResult

KeyT = TypeVar("KeyT", bound=Hashable)

#: What is believed of a newcomer.
_MU, _SIGMA = 25.0, 25.0 / 3
#: A newcomer's points and skill; and how many points one unit of the model is.
NEWCOMER, _SCALE = 1000, 40
#: Matches that ended so say nothing of who is better, and count for no leaderboard.
UNRATED_REASONS = frozenset({"abandoned", "reset", "server_stopped"})
#: Sides that are rated at once. The model's cost grows with their square or worse, and no other thread runs meanwhile.
_MOST_SIDES = 100
#: Ways to make teams that are all looked at; beyond, good ones are looked for.
_MOST_WAYS = 4096
#: Improvements that are tried where there are more ways than that: the room waits meanwhile.
_MOST_TRIES = 4_000
#: Points of skill that whole teams may differ by without anybody looking for better.
_EVEN = 10.0


class Rating(NamedTuple):
    """A belief about a player's strength: its mean and standard deviation."""

    mu: float = _MU
    sigma: float = _SIGMA

    @property
    def points(self) -> int:
        """What players see: the player is almost certainly better than this. A newcomer has 1000."""
        return round(NEWCOMER + _SCALE * (self.mu - 3 * self.sigma))

    @property
    def skill(self) -> float:
        """What matches are made by: the best guess. A newcomer has 1000."""
        return NEWCOMER + _SCALE * (self.mu - _MU)


def skill_of(info: PlayerInfo) -> float:
    """What matches are made by: the skill of a player, or that of a newcomer while nothing is known."""
    return NEWCOMER if info.skill is None else info.skill


class Side(NamedTuple):
    """Players who win or lose together: a team, or one player alone. `rank` is that of the best of them."""

    rank: int
    players: list[PlayerResult]


def rate(teams: Sequence[Sequence[Rating]], ranks: Sequence[int]) -> list[list[Rating]]:
    """Everybody's rating after a match of these teams, in the same order. Equal ranks are a tie.

    A free-for-all is a match of teams of one. Of more than a hundred teams, groups are rated that each reach from the
    best to the last. Raises ValueError if there are not as many ranks as teams.
    """
    if len(teams) != len(ranks):
        raise ValueError(f"{len(teams)} teams cannot have {len(ranks)} ranks")
    rated = [list(team) for team in teams]
    order = sorted(range(len(teams)), key=ranks.__getitem__)
    groups = -(-len(order) // _MOST_SIDES)
    for group in (order[start::groups] for start in range(groups)):
        if len(group) >= 2:
            for index, team in zip(group, _rate([teams[i] for i in group], [ranks[i] for i in group]), strict=True):
                rated[index] = team
    return rated


def _rate(teams: list[Sequence[Rating]], ranks: list[int]) -> list[list[Rating]]:
    from openskill.models import PlackettLuce  # not needed to start

    model = PlackettLuce()
    before = [[model.rating(mu=mu, sigma=sigma) for mu, sigma in team] for team in teams]
    after = model.rate(before, ranks=[float(rank) for rank in ranks])
    return [[Rating(player.mu, player.sigma) for player in team] for team in after]


def sides_of(record: MatchRecord) -> list[Side]:
    """Who played together, best first. Bots and guests without an account are in it too."""
    sides: dict[tuple[str | None, str], Side] = {}
    for result in record.results:
        # Who left is on nobody's side any more.
        key = (result.team, "") if result.team is not None and not result.left else (None, result.player_id)
        side = sides.setdefault(key, Side(result.rank, []))
        side.players.append(result)
        if result.rank < side.rank:
            sides[key] = side._replace(rank=result.rank)
    return sorted(sides.values(), key=lambda side: side.rank)


def winners(record: MatchRecord) -> set[str]:
    """Player ids of those who won: of the best side, unless all sides tie or there is only one."""
    sides = sides_of(record)
    if record.reason in UNRATED_REASONS or not sides or sides[-1].rank == sides[0].rank:
        return set()
    best = (player for side in sides if side.rank == sides[0].rank for player in side.players)
    return {player.player_id for player in best if not player.left}


def counted_sides(record: MatchRecord) -> list[Side]:
    """Sides, best first, with those of their players who can be rated and against whom others can; no empty ones.

    Bots and people without an account are left out, and so is whoever sat there twice: they would have played against
    themselves. Whoever left early has lost a match that was closed, and is left out of others: where people come and
    go, going is no defeat. Who is `unrated` in the record is left out too (see `rated`).
    """
    seen = Counter(line.account for line in record.results)

    def counts(line: PlayerResult) -> bool:
        return (
            line.account is not None
            and not line.bot
            and line.unrated is None
            and seen[line.account] == 1
            and (record.closed or not line.left)
        )

    sides = (Side(side.rank, [line for line in side.players if counts(line)]) for side in sides_of(record))
    return [side for side in sides if side.players]


def rate_match(record: MatchRecord, ratings: Mapping[str, Rating]) -> dict[str, Rating]:
    """New ratings by account. Empty if the match is unrated, was called off, or has fewer than two sides that count.

    ratings: by account; who is missing is a newcomer.
    """
    if record.unrated is not None or record.reason in UNRATED_REASONS:
        return {}
    sides = [(side.rank, [str(line.account) for line in side.players]) for side in counted_sides(record)]
    if len(sides) < 2:
        return {}
    before = [[ratings.get(account, Rating()) for account in accounts] for _, accounts in sides]
    after = rate(before, [rank for rank, _ in sides])
    return {
        account: rating
        for (_, accounts), team in zip(sides, after, strict=True)
        for account, rating in zip(accounts, team, strict=True)
    }


def balanced_teams(
    skills: Mapping[KeyT, float],
    teams: Sequence[str],
    parties: Iterable[Collection[KeyT]] = (),
    held: Mapping[KeyT, str] | None = None,
) -> dict[KeyT, str]:
    """Who plays in which team, so that the match is even: first by numbers, then by the sums of skill.

    skills: everybody's, see `Rating.skill`. parties: players who stay together; whoever is in none is alone. held: who
    is in a team already and stays there. Teams' sizes differ by no more than parties and those who are held force.
    The best way is found where there are few (two teams of up to 13 parties and single players); where there are many,
    a good one. The same arguments give the same teams. Raises ValueError without teams, for a party that names
    somebody unrated, for somebody in two parties, and for somebody in a party who is held.
    """
    if not teams:
        raise ValueError("there are no teams to fill")
    parties = [list(party) for party in parties if party]
    taken = [player for party in parties for player in party]
    held = held or {}
    if len(set(taken)) != len(taken) or not set(taken) <= set(skills) - set(held):
        raise ValueError("each player of a party must have a skill, be in one party only and in no team yet")
    start = [(0, 0.0)] * len(teams)
    for player, team in held.items():
        size, skill = start[teams.index(team)]
        start[teams.index(team)] = (size + 1, skill + skills[player])
    alone = set(skills) - set(taken) - set(held)
    units = parties + [[player] for player in skills if player in alone]
    weights = [(len(unit), sum(skills[player] for player in unit)) for unit in units]
    # The largest first, so that what is left to place can even things out. Sorting is stable: ties stay as they came.
    order = sorted(range(len(units)), key=lambda unit: (-weights[unit][0], -weights[unit][1]))
    sizes_and_skills = [weights[unit] for unit in order]
    if len(teams) ** max(0, len(units) - (not held)) <= _MOST_WAYS:
        places = _best_way(sizes_and_skills, start)
    else:
        places = _good_way(sizes_and_skills, start)
    placed = {player: teams[place] for unit, place in zip(order, places, strict=True) for player in units[unit]}
    return {**placed, **held}


def _unevenness(sums: list[tuple[int, float]]) -> tuple[int, float]:
    """How far teams are apart: in numbers, and in skill (rounded, so that the order of additions decides nothing)."""
    sizes, skills = [size for size, _ in sums], [skill for _, skill in sums]
    return max(sizes) - min(sizes), round(max(skills) - min(skills), 6)


def _best_way(units: list[tuple[int, float]], start: list[tuple[int, float]]) -> list[int]:
    """Every way is tried. Into empty teams the first unit goes to the first: names make no match more even."""
    best: tuple[tuple[int, float], list[int]] | None = None
    sums, teams = start.copy(), len(start)
    tried_first = teams if any(size for size, _ in start) else 1
    places: list[int] = []

    def place(depth: int) -> None:
        nonlocal best
        if depth == len(units):
            found = _unevenness(sums)
            if best is None or found < best[0]:
                best = (found, places.copy())
            return
        size, skill = units[depth]
        for team in range(teams if depth else tried_first):
            before = sums[team]
            sums[team] = (before[0] + size, before[1] + skill)
            places.append(team)
            place(depth + 1)
            places.pop()
            sums[team] = before

    place(0)
    assert best is not None
    return best[1]


def _good_way(units: list[tuple[int, float]], start: list[tuple[int, float]]) -> list[int]:
    """Each unit goes to the smallest team, the weakest of equals; then units move or swap as long as that helps."""
    sums, teams = start.copy(), len(start)
    places = []
    for size, skill in units:
        team = min(range(teams), key=sums.__getitem__)
        sums[team] = (sums[team][0] + size, sums[team][1] + skill)
        places.append(team)
    uneven = _unevenness(sums)
    tries, improved = 0, True
    while improved and tries < _MOST_TRIES:
        improved = False
        moves = [(unit, unit, team) for unit in range(len(units)) for team in range(teams)]
        swaps = ((first, second, -1) for first, second in combinations(range(len(units)), 2))
        for first, second, team in (*moves, *swaps):
            if tries >= _MOST_TRIES or uneven <= (0, _EVEN):
                return places
            here, there = places[first], team if team >= 0 else places[second]
            if here == there:
                continue
            tries += 1
            size, skill = units[first]
            if team < 0:
                size, skill = size - units[second][0], skill - units[second][1]
            changed = sums.copy()
            changed[here] = (sums[here][0] - size, sums[here][1] - skill)
            changed[there] = (sums[there][0] + size, sums[there][1] + skill)
            found = _unevenness(changed)
            if found < uneven:
                sums, uneven, improved = changed, found, True
                places[first] = there
                if team < 0:
                    places[second] = here
    return places
