"""What a tick of Arena costs: `python benchmarks/arena_step.py`.

Prints microseconds, least and median, of `update` and its last part, the rounding, of the plain state, `process_input`
and a bot's `act` in a room of 10 players, 20 enemies and 60 bullets, and of a tick with 2,500 players and 100 enemies
in one field. Compare figures of one run only: machines, and one machine's moods, differ.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from statistics import median

import msgspec

from rumpus.game import PlayerInfo
from rumpus.games.arena import Arena, ArenaBot, ArenaInput, ArenaSettings
from rumpus.games.arena import constants as c

TICK = 1 / 30
BULLETS = 60


def begin(players: int, **settings: object) -> Arena:
    game = Arena()
    # Nobody falls for good: the numbers stay what the heading says. Workload A's gun and speed.
    fixed = {"time_limit": 0, "score_limit": 0, "seed": 1, "player_speed": 200, "shot_speed": 600, "shot_life": 1.5}
    game.initialize_game(msgspec.convert({**fixed, "enemy_respawn": 0, **settings}, ArenaSettings))
    for number in range(players):
        game.add_player(f"p{number}", PlayerInfo(player_id=f"p{number}", name=f"p{number}"))
    return game


def steer(game: Arena, chance: random.Random) -> None:
    for number in range(len(game.scores)):
        data = ArenaInput(
            move_x=chance.uniform(-1, 1), move_y=chance.uniform(-1, 1), aim=chance.uniform(-3.1, 3.1), fire=True
        )
        game.process_input(f"p{number}", data)


def keep_bullets(game: Arena, number: int, chance: random.Random) -> None:
    """Let exactly so many be in the air: walls and bodies stop them faster than ten players fire."""
    tables = game._tables
    spots, bullets = tables.spots, tables.bullets
    tables.counters[c.BULLETS] = min(int(tables.counters[c.BULLETS]), number)
    while tables.counters[c.BULLETS] < number:
        row = int(tables.counters[c.BULLETS])
        x, y = spots[chance.randrange(len(spots))]
        bullets[:, row] = 0.0
        columns = [c.X, c.Y, c.VX, c.VY, c.LIFE, c.KEY, c.BY, c.BULLET_SIDE, c.DAMAGE, c.OWNER]
        owner = chance.randrange(int(tables.counters[c.PLAYERS]))
        side, name = tables.players[[c.SIDE, c.KEY], owner]
        vx, vy = chance.uniform(-420, 420), chance.uniform(-420, 420)
        key = tables.counters[c.NEXT_BULLET]
        bullets[columns, row] = (x, y, vx, vy, 1.5, key, owner, side, 14, name)
        tables.counters[c.NEXT_BULLET] += 1
        tables.counters[c.BULLETS] += 1


def report(name: str, seconds: list[float]) -> None:
    print(f"  {name:<34}{min(seconds) * 1e6:10.1f}{median(seconds) * 1e6:10.1f}")


def timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def room(title: str, ticks: int, players: int, bullets: int = 0, **settings: object) -> None:
    game = begin(players, **settings)
    chance = random.Random(1)
    steps, roundings, states, flying = [], [], [], []
    for tick in range(ticks):
        if tick % 20 == 0:
            steer(game, chance)
        if bullets:
            keep_bullets(game, bullets, chance)
        flying.append(int(game._tables.counters[c.BULLETS]))
        steps.append(timed(lambda: game.update(TICK)))
        game.take_events()
        if tick > 60:
            roundings.append(timed(game.world.quantise))
            if tick % 5 == 0:
                states.append(timed(game.get_game_state))
    enemies = int(game._tables.counters[c.ENEMIES])
    print(f"{title}: {players} players, {enemies} enemies, {median(flying[60:]):.0f} bullets")
    report("update, rounding included", steps[60:])
    report("rounding: world.quantise", roundings)
    report("plain state: get_game_state", states)


def inputs_and_bots() -> None:
    game = begin(10, enemies=20)
    bots = [ArenaBot(f"p{number}", 0.7, number) for number in range(10)]
    acts, inputs = [], []
    for _ in range(1500):
        state = game.get_game_state()
        begun = time.perf_counter()
        answers = [bot.act(state) for bot in bots]
        acts.append((time.perf_counter() - begun) / len(bots))
        data = [msgspec.convert(answer, ArenaInput) for answer in answers]
        begun = time.perf_counter()
        for number, one in enumerate(data):
            game.process_input(f"p{number}", one)
        inputs.append((time.perf_counter() - begun) / len(bots))
        game.update(TICK)
        game.take_events()
    print("Ten bots fighting")
    report("process_input", inputs)
    report("ArenaBot.act (10 at once)", acts)
    print(f"  {'ArenaBot.act, mean':<34}{sum(acts) / len(acts) * 1e6:20.1f}")


def main() -> None:
    begun = time.perf_counter()
    Arena.prepare()
    print(f"Kernels ready after {time.perf_counter() - begun:.2f} s")
    print(f"  {'':<34}{'least µs':>10}{'median µs':>10}")
    room("A room with walls", 3000, 10, BULLETS, enemies=20)
    room("A room without walls", 3000, 10, BULLETS, enemies=20, walls=False)
    inputs_and_bots()
    field = {"enemies": 100, "width": 12_000, "height": 12_000}
    room("One field without walls", 200, 2500, walls=False, **field)
    room("One field with walls", 200, 2500, **field)


if __name__ == "__main__":
    main()
