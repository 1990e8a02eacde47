"""Worlds that the tests of replication share."""

from __future__ import annotations

from rumpus.replication import Angle, Choice, Fixed, Flag, Int, Local, Table, Text, World


class Match(Table, single=True):
    time_left = Fixed(1 / 30, 0, 600, moves=True)
    wave = Int(1, 300)


class Players(Table, rows=2, max_rows=12):
    x = Fixed(1 / 8, 0, 4096, moves=True)
    y = Fixed(1 / 8, 0, 4096, moves=True)
    heading = Angle(bits=8)
    spin = Angle(bits=6, moves=True)
    hp = Int(-5, 200)
    team = Choice("", "red", "blue")
    alive = Flag()
    title = Text()
    secret = Local()


class Bullets(Table, rows=2, max_rows=40, key="b"):
    x = Fixed(1 / 8, -100, 4200, moves="vx")
    y = Fixed(1 / 8, -100, 4200, moves="vy")
    owner = Text()
    vx = Local()
    vy = Local()


class Doors(Table, rows=2, max_rows=8):
    """Has no position: everybody knows of it."""

    open = Flag()
    locked = Flag()


class Playfield(World):
    match: Match
    players: Players
    bullets: Bullets
    doors: Doors
