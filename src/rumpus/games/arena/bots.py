"""Computer players. They see the plain state that any client sees and answer with an input, like any client.

A bot looks around about eight times a second and, in between, acts on what it decided: keeps its gun on the target,
keeps walking. Skill sets how late it reacts, how far off it aims, how well it leads a moving target, how often it sees
a bullet coming or thinks of the rail. Each bot has its own temperament on top: how close it likes to fight, how long
it holds on when hurt, how fond it is of pick-ups, so that eight of them do not fight as one.
"""

from __future__ import annotations

import math
import random
from itertools import islice
from typing import Any

from rumpus.game import Bot
from rumpus.games.arena.terrain import Point, Terrain, terrain_of
from rumpus.games.arena.walking import TICKS, Walk

_RANGE = 720.0
# The rail needs no lead and no luck, but time: for those who are far and would see a bullet coming.
_RAIL_NEAR = 300.0
_RAIL_RANGE = 1150.0
_SPEED = 240.0
_CROWD = 48  # with more players than this, who is near is looked up once a second
_BULLETS_SEEN = 150


def _turn(angle: float) -> float:
    """The same direction between -pi and pi."""
    return math.remainder(angle, math.tau)


class ArenaBot(Bot):
    """Plays Arena as `player_id`. `skill` runs from 0 (gentle) to 1 (merciless); the seed decides the temperament."""

    def __init__(self, player_id: str, skill: float, seed: int) -> None:
        self.player_id = player_id
        self.skill = skill = min(max(skill, 0.0), 1.0)
        self._chance = chance = random.Random(f"{seed} {player_id}")  # noqa: S311 - a game, not a secret
        clumsy = 1.0 - skill
        self._reaction = 3.0 + 13.0 * clumsy
        self._error_size = 0.02 + 0.20 * clumsy
        self._lead = 0.15 + 0.85 * skill
        self._turn_rate = 0.10 + 0.35 * skill
        self._dodges = skill**1.2
        self._pause = 3 + round(2 * clumsy)
        self._burst = 25.0 + 60.0 * skill
        # Temperament.
        self._distance = chance.uniform(170.0, 360.0)
        self._timid = chance.uniform(25.0, 50.0)
        self._greed = chance.uniform(250.0, 600.0)
        self._hunter = chance.uniform(0.6, 1.6)  # above 1: prefers people to enemies
        # What it is about to do.
        self._tick = chance.randrange(self._pause)
        self._walk = Walk(chance)
        self._plain_map: Any = None
        self._target = ""
        self._target_is_player = True
        self._seen_since = 0
        self._visible = False
        self._aim = chance.uniform(-math.pi, math.pi)
        self._error = 0.0
        self._rail_in_mind = False
        self._strafe = 1.0
        self._strafe_until = 0
        self._dodge: Point | None = None
        self._dodge_until = 0
        self._shot_speed = 700.0
        self._near: list[str] = []
        self._near_tick = -1000
        # The last state but one, and when each came: a bullet's direction is the way it went between the two.
        self._state: Any = None
        self._state_tick = 0
        self._bullets_before: Any = {}
        self._before_tick = 0

    def act(self, state: Any) -> dict[str, Any] | None:
        me = state["players"].get(self.player_id)
        if me is None:
            return None
        self._tick += 1
        if state is not self._state:
            if self._state is not None:
                self._bullets_before = self._state["bullets"]
                self._before_tick = self._state_tick
            self._state = state
            self._state_tick = self._tick
        if not me["alive"]:
            self._forget()
            return {"move_x": 0.0, "move_y": 0.0, "aim": round(self._aim, 3), "fire": False, "rail": False}
        if state["map"] is not self._plain_map:
            self._plain_map = state["map"]
            self._look_at_map(terrain_of(state["map"]))
        if self._tick % self._pause == 0:
            self._think(state, me)
        fire, rail = self._point_gun(state, me)
        move_x, move_y = (round(min(max(axis, -1.0), 1.0), 3) for axis in self._walk.move)
        return {"move_x": move_x, "move_y": move_y, "aim": round(self._aim, 3), "fire": fire, "rail": rail}

    def _look_at_map(self, terrain: Terrain) -> None:
        """The map is a new object, as after each whole state from a server; it may also be another map."""
        if terrain is not self._walk.terrain:
            self._forget()
            self._dodge = None
            self._bullets_before = {}
            self._walk.enter(terrain)

    def _forget(self) -> None:
        self._target = ""
        self._visible = False
        self._walk.stop()

    # --- Every tick --------------------------------------------------------------------------------------------------

    def _point_gun(self, state: Any, me: dict[str, Any]) -> tuple[bool, bool]:
        """Swing the gun towards the target, or the way it walks. Whether to pull its trigger, and the rail's."""
        foe = state["players" if self._target_is_player else "enemies"].get(self._target) if self._target else None
        if foe is None or not self._visible:
            move_x, move_y = self._walk.move
            if move_x or move_y:
                self._swing(math.atan2(move_y, move_x), 0.5)
            return False, False
        dx, dy = foe["x"] - me["x"], foe["y"] - me["y"]
        distance = math.hypot(dx, dy)
        rail = self._rail_in_mind and _RAIL_NEAR < distance < _RAIL_RANGE and not me["rail_cooldown"]
        when = 0.0 if rail else distance / self._shot_speed * self._lead
        dx += foe.get("vx", 0.0) * when
        dy += foe.get("vy", 0.0) * when
        off = self._swing(math.atan2(dy, dx) + self._error, 1.0)
        if self._tick - self._seen_since < self._reaction or foe.get("protected", False):
            return False, False
        if not foe.get("alive", True):
            return False, False
        if rail:
            # The gun waits, or its shot would delay the rail's.
            return False, off < 18.0 / distance
        if distance > _RANGE:
            return False, False
        rhythm = (self._tick + self._seen_since) % 100
        return off < 0.08 + 30.0 / (distance + 1.0) and rhythm < self._burst + 30.0, False

    def _swing(self, wanted: float, haste: float) -> float:
        """Turn the gun; returns how far off it still is."""
        away = _turn(wanted - self._aim)
        most = self._turn_rate * haste
        self._aim = _turn(self._aim + min(max(away * 0.6, -most), most))
        return abs(_turn(wanted - self._aim))

    # --- A few times a second ----------------------------------------------------------------------------------------

    def _think(self, state: Any, me: dict[str, Any]) -> None:
        # The error wanders instead of jumping, as a hand does.
        self._error = 0.7 * self._error + self._chance.gauss(0.0, self._error_size * 0.7)
        self._choose_target(state, me)
        # Once thought of, it stays in mind until it is fired.
        thinks = self._rail_in_mind or self._chance.random() < 0.02 + 0.06 * self.skill
        self._rail_in_mind = thinks and self._visible and not me["rail_cooldown"]
        self._watch_bullets(state, me)
        if self._dodge is not None and self._tick < self._dodge_until:
            self._walk.move = self._walk.around_walls(me["x"], me["y"], self._dodge)
            return
        goal = self._wanted_pickup(state, me)
        foe = state["players" if self._target_is_player else "enemies"].get(self._target)
        if goal is not None:
            self._walk.to(me["x"], me["y"], goal, self._tick)
        elif foe is not None and self._visible:
            self._fight(me, foe)
        elif foe is not None:
            self._walk.to(me["x"], me["y"], (foe["x"], foe["y"]), self._tick)
        else:
            self._walk.stroll(me["x"], me["y"], self._tick)
        self._get_unstuck(me)

    def _choose_target(self, state: Any, me: dict[str, Any]) -> None:
        """The best of those near: close, hurt, in sight, and for choice the one already in hand."""
        x, y = me["x"], me["y"]
        found: list[tuple[float, str, bool, float, float]] = []
        if state["mode"] != "coop":
            players = state["players"]
            team = me["team"]
            for player_id in self._nearby(players, x, y):
                other = players.get(player_id)
                if other is None or not other["alive"] or player_id == self.player_id:
                    continue
                if team and other["team"] == team:
                    continue
                dx, dy = other["x"] - x, other["y"] - y
                weight = (dx * dx + dy * dy) ** 0.5 / self._hunter
                if other["protected"]:
                    weight += 500.0
                weight *= 0.6 + 0.4 * other["hp"] / 100.0
                found.append((weight, player_id, True, other["x"], other["y"]))
        for enemy_id, enemy in state["enemies"].items():
            dx, dy = enemy["x"] - x, enemy["y"] - y
            found.append(((dx * dx + dy * dy) ** 0.5, enemy_id, False, enemy["x"], enemy["y"]))
        if not found:
            self._target, self._visible = "", False
            return
        found = [
            (weight * 0.7 if target == self._target else weight, target, is_player, to_x, to_y)
            for weight, target, is_player, to_x, to_y in found
        ]
        found.sort()
        terrain = self._walk.terrain
        assert terrain is not None
        for _, target, is_player, to_x, to_y in found[:4]:
            if terrain.sees(x, y, to_x, to_y):
                if target != self._target or not self._visible:
                    self._seen_since = self._tick
                self._target, self._target_is_player, self._visible = target, is_player, True
                return
        self._visible = False
        _, self._target, self._target_is_player, _, _ = found[0]

    def _nearby(self, players: Any, x: float, y: float) -> Any:
        if len(players) <= _CROWD:
            return players
        if self._tick - self._near_tick > TICKS:
            self._near_tick = self._tick
            distances = [((p["x"] - x) ** 2 + (p["y"] - y) ** 2, player_id) for player_id, p in players.items()]
            self._near = [player_id for _, player_id in sorted(distances)[:8]]
        return self._near

    def _watch_bullets(self, state: Any, me: dict[str, Any]) -> None:
        """See a bullet that would hit, if attentive enough, and choose the side to step to."""
        x, y = me["x"], me["y"]
        before = self._bullets_before
        per_second = TICKS / (self._state_tick - self._before_tick)
        friends = self._friends(state, me["team"])
        soonest = 0.55
        for bullet_id, bullet in islice(reversed(state["bullets"].items()), _BULLETS_SEEN):
            dx = x - bullet["x"]
            if dx > 320.0 or dx < -320.0:
                continue
            dy = y - bullet["y"]
            if dy > 320.0 or dy < -320.0:
                continue
            was = before.get(bullet_id)
            if was is None:  # not seen before: there is no telling yet where it goes
                continue
            vx, vy = (bullet["x"] - was["x"]) * per_second, (bullet["y"] - was["y"]) * per_second
            if bullet["owner"] == self.player_id:
                self._shot_speed = math.hypot(vx, vy)
                continue
            if bullet["owner"] in friends:
                continue
            speed = vx * vx + vy * vy
            closing = dx * vx + dy * vy
            if closing <= 0.0 or speed == 0.0:
                continue
            when = closing / speed
            if when >= soonest:
                continue
            beside = (dx * vy - dy * vx) / math.sqrt(speed)
            if -38.0 < beside < 38.0 and self._chance.random() < self._dodges:
                soonest = when
                # Step to the side on which less way is left to go.
                side = 1.0 if beside >= 0.0 else -1.0
                length = math.sqrt(speed)
                self._dodge = (vy / length * side, -vx / length * side)
                self._dodge_until = self._tick + 5

    @staticmethod
    def _friends(state: Any, team: str) -> Any:
        """Whose bullets do not matter, wherever they are themselves."""
        everybody = state["scores"]
        if state["mode"] == "coop":
            return everybody
        return {player_id for player_id, player in everybody.items() if player["team"] == team} if team else ()

    def _wanted_pickup(self, state: Any, me: dict[str, Any]) -> Point | None:
        """Health when hurt, from anywhere; the rest when it is not far."""
        hurt = me["hp"] < self._timid + (20 if not self._visible else 0)
        best: Point | None = None
        nearest = 1e9
        for pickup in state["pickups"].values():
            kind = pickup["kind"]
            if kind == "health":
                reach = 1300.0 if hurt else (self._greed * 0.5 if me["hp"] < 75 else 0.0)
            elif kind == "shield":
                reach = self._greed if me["shield"] < 30 else 0.0
            else:
                reach = self._greed if not me["rapid"] else 0.0
            if self._visible and not hurt:
                reach *= 0.4
            distance = math.hypot(pickup["x"] - me["x"], pickup["y"] - me["y"])
            if distance < reach and distance < nearest:
                nearest = distance
                best = (pickup["x"], pickup["y"])
        return best

    def _fight(self, me: dict[str, Any], foe: dict[str, Any]) -> None:
        """Circle at the distance it likes, changing sides at odd moments; back away when badly hurt or bitten."""
        dx, dy = foe["x"] - me["x"], foe["y"] - me["y"]
        distance = math.hypot(dx, dy) or 1.0
        dx /= distance
        dy /= distance
        if self._tick >= self._strafe_until:
            self._strafe = -self._strafe if self._chance.random() < 0.7 else self._strafe
            self._strafe_until = self._tick + int(self._chance.uniform(0.4, 1.3) * TICKS)
        liked = self._distance
        if foe.get("kind") == "chaser":
            liked = 330.0
        elif me["hp"] < self._timid:
            liked = 560.0
        toward = min(max((distance - liked) / 90.0, -1.0), 1.0)
        beside = self._strafe * (0.35 + 0.55 * self.skill)
        wish = (dx * toward - dy * beside, dy * toward + dx * beside)
        way = self._walk.around_walls(me["x"], me["y"], wish)
        if way[0] * wish[0] + way[1] * wish[1] < 0.5 * math.hypot(*wish):  # a wall is there: the other side then
            self._strafe = -self._strafe
            self._strafe_until = self._tick + int(0.5 * TICKS)
        self._walk.move = way

    def _get_unstuck(self, me: dict[str, Any]) -> None:
        """Wanted to walk and did not get anywhere: try some other direction for a moment."""
        if self._walk.is_stuck(me["x"], me["y"], self._tick):
            angle = self._chance.uniform(-math.pi, math.pi)
            self._dodge = (math.cos(angle), math.sin(angle))
            self._dodge_until = self._tick + 12
            self._walk.forget_route()
