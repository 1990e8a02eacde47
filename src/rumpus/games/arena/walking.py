"""How a bot walks: straight where it can, by a route where it cannot, and round what stands in its way.

It knows where the bot is and where it wants to go, not why; that is decided in `bots`.
"""

from __future__ import annotations

import math
from random import Random

from rumpus.games.arena.terrain import Point, Terrain

TICKS = 30.0  # bots count in ticks: reflexes suit the default rate and scale with another


class Walk:
    """One bot's way over the map. `enter` a terrain first; `move` is the direction to go, of length 0 to 1."""

    terrain: Terrain | None = None

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self.move: Point = (0.0, 0.0)
        self._route: list[Point] = []
        self._route_goal: Point = (0.0, 0.0)
        self._route_tick = -1000
        self._wander: Point | None = None
        self._wander_until = 0
        self._last: Point = (0.0, 0.0)
        self._last_tick = 0

    def enter(self, terrain: Terrain) -> None:
        """The map is another one: ways over the one before lead nowhere."""
        self.terrain = terrain
        self.stop()

    def stop(self) -> None:
        """Stand still, with nowhere to go."""
        self._route = []
        self._wander = None
        self.move = (0.0, 0.0)

    def forget_route(self) -> None:
        self._route = []

    def around_walls(self, x: float, y: float, wish: Point) -> Point:
        """The wish, or the nearest direction to it in which there is room."""
        length = math.hypot(*wish)
        terrain = self.terrain
        if length < 0.05 or terrain is None:
            return (0.0, 0.0)
        dx, dy = wish[0] / length, wish[1] / length
        length = min(length, 1.0)
        for cosine, sine in _TURNS:
            way_x, way_y = dx * cosine - dy * sine, dx * sine + dy * cosine
            if terrain.fits(x + way_x * 30.0, y + way_y * 30.0) and terrain.fits(x + way_x * 60.0, y + way_y * 60.0):
                return way_x * length, way_y * length
        return dx * length, dy * length

    def to(self, x: float, y: float, goal: Point, tick: int) -> None:
        """Set `move` from (x, y) towards a goal, wherever it is."""
        terrain = self.terrain
        assert terrain is not None
        if terrain.walks(x, y, *goal):
            self._route = []
            self._head_for(x, y, goal)
            return
        moved = math.hypot(goal[0] - self._route_goal[0], goal[1] - self._route_goal[1])
        age = tick - self._route_tick
        if (not self._route and age > 8) or (moved > 120.0 and age > 24) or age > 90:
            self._route = terrain.route((x, y), goal)
            self._route_goal = goal
            self._route_tick = tick
        while len(self._route) > 1 and math.hypot(self._route[0][0] - x, self._route[0][1] - y) < 30.0:
            self._route.pop(0)
        for _ in range(2):  # cut corners where the straight way is free
            if len(self._route) > 1 and terrain.walks(x, y, *self._route[1]):
                self._route.pop(0)
        self._head_for(x, y, self._route[0] if self._route else goal)

    def _head_for(self, x: float, y: float, goal: Point) -> None:
        dx, dy = goal[0] - x, goal[1] - y
        length = math.hypot(dx, dy)
        self.move = (dx / length, dy / length) if length > 4.0 else (0.0, 0.0)

    def stroll(self, x: float, y: float, tick: int) -> None:
        """Nobody about: look for somebody."""
        terrain = self.terrain
        assert terrain is not None
        if self._wander is not None and (
            tick > self._wander_until or math.hypot(self._wander[0] - x, self._wander[1] - y) < 60.0
        ):
            self._wander = None
        if self._wander is None:
            for _ in range(6):
                to_x = self._chance.uniform(60.0, terrain.width - 60.0)
                to_y = self._chance.uniform(60.0, terrain.height - 60.0)
                if terrain.fits(to_x, to_y):
                    self._wander = (to_x, to_y)
                    self._wander_until = tick + int(6 * TICKS)
                    break
        if self._wander is not None:
            self.to(x, y, self._wander, tick)

    def is_stuck(self, x: float, y: float, tick: int) -> bool:
        """Whether it wanted to walk and did not get anywhere. Looked at every 20 ticks or less often."""
        if tick - self._last_tick < 20:
            return False
        moved = math.hypot(x - self._last[0], y - self._last[1])
        stuck = self._last_tick > 0 and moved < 25.0 and math.hypot(*self.move) > 0.3
        self._last = (x, y)
        self._last_tick = tick
        return stuck


# Straight on, then ever further to either side: 35, 70, 105, 140 degrees.
_TURNS = (
    (1.0, 0.0),
    (0.819, 0.574),
    (0.819, -0.574),
    (0.342, 0.94),
    (0.342, -0.94),
    (-0.259, 0.966),
    (-0.259, -0.966),
    (-0.766, 0.643),
    (-0.766, -0.643),
)
