"""What a match of Arena consists of: its tables, what clients are told of each entity, and how exactly.

The kernels know the columns by number, see `constants`; a test holds the two together. Columns that change all the
time come first, so that one byte says which of them did. A sent column that a rule needs more exactly than clients do
has a local one beside it (`cool` and `cooldown`), which `combat.publish` copies from; positions and a player's velocity
have none, because a client that predicts its movement must start each tick from the same numbers as the server.
What a shot is tested against as its shooter saw it (`shots`) is named after `rewind`.
"""

from __future__ import annotations

from rumpus.games.arena.constants import ENEMY_KINDS, PICKUP_KINDS, PLAYER_HP, SHIELD_MAX, TEAM_NAMES
from rumpus.replication import Angle, Choice, Fixed, Flag, Int, Local, Table, Text, World

#: The widest field, and how far beyond its edge a bullet may be when a tick ends.
_FIELD = 16_384
_BEYOND = 64


class Match(Table, single=True):
    """The match as a whole: what everybody sees of it, the seconds it counts and the numbers that its settings give."""

    time_left = Fixed(1 / 30, 0, 86_400, moves=True)
    wave = Int(0, 65_535)
    lives = Int(0, 65_535)
    enemies_left = Int(0, 65_535)
    red_score = Int(-32_768, 32_767)
    blue_score = Int(-32_768, 32_767)
    time = Local()
    refill = Local()  # seconds until the director acts again
    time_limit = Local()
    width = Local()
    height = Local()
    player_speed = Local()
    shot_speed = Local()
    shot_life = Local()
    fire_cooldown = Local()
    shot_damage = Local()
    respawn_time = Local()
    protection = Local()
    pickup_time = Local()
    enemy_speed = Local()
    enemy_respawn = Local()
    rail_damage = Local()
    rail_cooldown = Local()


class Players(Table, rows=16, max_rows=10_000, rewind=("x", "y", "alive")):
    """The people and bots who play."""

    x = Fixed(1 / 8, 0, _FIELD, moves=True)
    y = Fixed(1 / 8, 0, _FIELD, moves=True)
    vx = Fixed(1 / 4, -1024, 1024)
    vy = Fixed(1 / 4, -1024, 1024)
    ox = Local()
    oy = Local()
    # For the picture only: a shot takes its direction from the input.
    angle = Angle(bits=8)
    hp = Int(0, int(PLAYER_HP))
    cool = Local()
    cooldown = Fixed(1 / 60, 0, 10, moves=True)
    shield = Int(0, int(SHIELD_MAX))
    alive = Flag()
    protected = Flag()
    rapid = Flag()
    respawn_in = Fixed(1 / 30, 0, 60, moves=True)
    rail_cooldown = Fixed(1 / 60, 0, 10, moves=True)
    team = Choice("", *TEAM_NAMES)
    rapid_left = Local()
    safe = Local()
    respawn = Local()
    rail_cool = Local()
    side = Local()


class Scores(Table, rows=16, max_rows=10_000):
    """How each player is doing, in the rows that they have in `Players`.

    A table of its own because it has no place on the field: who sees only what is near still knows everybody's score.
    No kernel reads or writes it. The team is here too, for those whose ship is out of sight.
    """

    score = Int(-32_768, 32_767)
    kills = Int(0, 65_535)
    deaths = Int(0, 65_535)
    team = Choice("", *TEAM_NAMES)


class Enemies(Table, key="e", rows=64, rewind=("x", "y")):
    """The machine's own."""

    x = Fixed(1 / 8, 0, _FIELD, moves=True)
    y = Fixed(1 / 8, 0, _FIELD, moves=True)
    vx = Local()
    vy = Local()
    ox = Local()
    oy = Local()
    angle = Angle(bits=8)
    hp = Int(0, 65_535)
    cool = Local()
    max_hp = Int(0, 65_535)
    kind = Choice(*ENEMY_KINDS)
    target = Local()
    sees = Local()
    strafe = Local()
    speed = Local()


class Bullets(Table, key="b", rows=256, max_rows=1_000_000):
    """What flies. A bullet's step stays the same, so clients are told of it when it comes and when it goes."""

    x = Fixed(1 / 8, -_BEYOND, _FIELD + _BEYOND, moves="vx")
    y = Fixed(1 / 8, -_BEYOND, _FIELD + _BEYOND, moves="vy")
    vx = Local()
    vy = Local()
    ox = Local()
    oy = Local()
    life = Local()
    by_enemy = Local()
    by = Local()
    side = Local()
    damage = Local()
    spent = Local()
    # With the owner it says which shot this is, to the client that fired it and has drawn it since.
    born = Int(0, 255)
    owner = Text()


class Pickups(Table, key="k", rows=16):
    """Pads with something to take; one that is empty is shown to nobody."""

    x = Fixed(1 / 8, 0, _FIELD)
    y = Fixed(1 / 8, 0, _FIELD)
    kind = Choice(*PICKUP_KINDS)
    wait = Local()


class ArenaWorld(World):
    match: Match
    players: Players
    scores: Scores
    enemies: Enemies
    bullets: Bullets
    pickups: Pickups
