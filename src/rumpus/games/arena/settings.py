"""What a player may send and what an operator may choose, with limits, so that neither can ask for the impossible."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from rumpus.game import Input, Settings

Unit = Annotated[float, Meta(ge=-1, le=1)]


class ArenaInput(Input):
    """A player's wish: held until the next input."""

    #: Direction to run in, x to the right and y down; longer than 1 together is cut to 1.
    move_x: Unit = 0.0
    move_y: Unit = 0.0
    #: Where the gun points, in radians: 0 is right, growing clockwise on screen. Full turns do not matter.
    aim: Annotated[float, Meta(ge=-1e6, le=1e6)] = 0.0
    #: Whether the trigger is held. A press shorter than a tick still fires.
    fire: bool = False
    #: The same for the rail. With both, the rail fires first, if it is ready.
    rail: bool = False


class ArenaSettings(Settings):
    """How a match of Arena is played. Lengths in world units, times in seconds, speeds in units per second."""

    #: Everybody for themselves, red against blue, all together against waves of enemies, or for themselves until one is
    #: left.
    mode: Literal["ffa", "teams", "coop", "elimination"] = "ffa"
    #: The match ends after this time; 0 for no limit.
    time_limit: Annotated[float, Meta(ge=0, le=86_400)] = 180.0
    #: The match ends when a player (in teams: a team) has this many points; 0 for no limit. For ffa and teams.
    score_limit: Annotated[int, Meta(ge=0, le=10_000)] = 20
    #: Enemies on the field (ffa, teams), or in the first wave for one player (co-op). None: 8 in co-op, else 4.
    enemies: Annotated[int, Meta(ge=0, le=400)] | None = None
    #: Size of the field.
    width: Annotated[int, Meta(ge=800, le=16_000)] = 2000
    height: Annotated[int, Meta(ge=800, le=16_000)] = 2000
    #: Decides the map, and nothing else. None: the room draws one.
    seed: Annotated[int, Meta(ge=0, le=2**53 - 1)] | None = None
    #: Whether bullets hurt one's own side. A kill of one's own side costs a point.
    friendly_fire: bool = False
    #: Whether the map has walls.
    walls: bool = True
    #: Pick-ups on the field, compared with the usual number (one per 0.45 million square units).
    pickups: Annotated[float, Meta(ge=0, le=4)] = 1.0
    #: Until a pick-up that was taken lies there again.
    pickup_time: Annotated[float, Meta(ge=0.5, le=600)] = 12.0
    #: Until a fallen player is back.
    respawn_time: Annotated[float, Meta(ge=0, le=60)] = 2.5
    #: How long a player who has just appeared cannot be hurt; firing ends it.
    protection: Annotated[float, Meta(ge=0, le=30)] = 2.0
    #: What becomes of a ship whose pilot has lost the connection: nothing can hurt it, or it is as it was, at rest.
    away: Literal["protected", "idle"] = "protected"
    #: Waves to clear in co-op; 0: they never end.
    waves: Annotated[int, Meta(ge=0, le=1000)] = 5
    #: Lives that players share in co-op, where each wave cleared adds one; in elimination, lives of each (1 at least).
    lives: Annotated[int, Meta(ge=0, le=1000)] = 5
    #: Until a fallen enemy is replaced (ffa, teams).
    enemy_respawn: Annotated[float, Meta(ge=0, le=600)] = 4.0
    #: Multiplies the speed of enemies: 1 for 180 (chasers) and 125 (shooters).
    enemy_speed: Annotated[float, Meta(ge=0, le=3)] = 1.0
    player_speed: Annotated[float, Meta(ge=10, le=600)] = 240.0
    shot_speed: Annotated[float, Meta(ge=50, le=2000)] = 700.0
    #: How long a bullet flies.
    shot_life: Annotated[float, Meta(ge=0.05, le=5)] = 1.2
    #: Between two shots of a player.
    fire_cooldown: Annotated[float, Meta(ge=0.02, le=10)] = 0.2
    #: Health (of 100) that a player's bullet takes.
    shot_damage: Annotated[int, Meta(ge=1, le=1000)] = 14
    #: Health that the rail takes.
    rail_damage: Annotated[int, Meta(ge=1, le=1000)] = 45
    #: Between two shots of a player's rail.
    rail_cooldown: Annotated[float, Meta(ge=0.02, le=10)] = 1.5

    #: How much of the field a client is told of: so wide, and five eighths of it high, around its player; 0: all of it.
    #: None: all of it up to 4000 by 4000, 2400 in a larger one.
    view: Annotated[int, Meta(ge=0, le=16_000)] | None = None

    @property
    def enemy_count(self) -> int:
        """`enemies`, or what suits the mode."""
        if self.enemies is not None:
            return self.enemies
        return 8 if self.mode == "coop" else 4
