"""What clients are sent of a match: all of it, and of what flies straight no more than its coming and going."""

import math

import numpy as np
import pytest

from rumpus.game import PlayerInfo
from rumpus.games.arena import Arena
from rumpus.replication import Decoder
from rumpus.replication.snapshot import DELTA, KEYFRAME, SnapshotEncoder
from tests.support.arena_matches import TICK, Scripted, begin, place, press


def payload(frame: bytes) -> bytes:
    """What a WebSocket frame of the server carries."""
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :]


class Client:
    """A client of a match that runs at 30 ticks a second."""

    def __init__(self, game: Arena) -> None:
        self.game = game
        self.encoder = SnapshotEncoder(game.world, TICK)
        self.decoder = Decoder(game.world.schema())
        self.tick = 0

    def watch(self) -> None:
        """Let a tick pass and take its snapshot."""
        self.game.update(TICK)
        self.game.take_events()
        self.encoder.advance()
        need = np.array([DELTA if self.tick else KEYFRAME])
        (batch,) = self.encoder.frames(self.tick, need, np.array([-1]), ["a"])
        self.decoder.apply(payload(batch.buffer[batch.starts[0] : batch.ends[0]].tobytes()))
        self.tick += 1


@pytest.mark.parametrize("mode", ["ffa", "teams", "coop"])
def test_a_client_has_the_same_match_as_the_server(mode: str) -> None:
    more = {"enemies": 8, "pickups": 1.0, "walls": True, "pickup_time": 1.0, "respawn_time": 0.5}
    game = begin(*"abcdef", mode=mode, **more)
    client, scripted = Client(game), Scripted(3)
    for tick in range(400):
        scripted.feed(game, tick)
        if tick % 40 == 20:
            game.remove_player(game.world.players.ids()[-1])
            game.add_player(f"n{tick}", PlayerInfo(player_id=f"n{tick}", name="new"))
        client.watch()
        assert client.decoder.plain() == game.world.plain()


@pytest.mark.parametrize("aim", [0.0, 0.3, 1.0, 2.5, -1.7])
@pytest.mark.parametrize("speed", [60.0, 333.3, 700.0, 2000.0])
def test_a_bullet_costs_one_row_when_it_comes_and_a_number_when_it_goes(aim: float, speed: float) -> None:
    game = begin("a", shot_speed=speed, fire_cooldown=10.0, shot_life=0.4)
    place(game, "a", 1000, 1000)
    client = Client(game)
    client.watch()
    press(game, "a", aim=aim, fire=True)
    sizes = []
    for _ in range(20):
        before = client.encoder.bytes_by_table()["bullets"]
        client.watch()
        sizes.append(client.encoder.bytes_by_table()["bullets"] - before)
    assert not game.world.bullets
    coming, *flying, going = [size for tick, size in enumerate(sizes) if size or 0 < tick < 12]
    # Head, count and slot; for the row its number, 3 + 3 bytes for the place, its tick, the owner's name, two steps.
    assert coming <= 3 + 1 + 3 + 3 + 1 + 2 + 4
    assert flying == [0] * 11
    assert going == 3


def test_a_player_who_runs_straight_costs_nothing() -> None:
    game = begin("a")
    place(game, "a", 100, 1000)
    client = Client(game)
    press(game, "a", x=1, y=0.4, aim=math.pi / 4)
    for tick in range(60):
        before = client.encoder.bytes_by_table()["players"]
        client.watch()
        if tick > 20:
            assert client.encoder.bytes_by_table()["players"] == before


def test_a_quiet_match_is_nothing_but_its_heads() -> None:
    """Time runs for both sides alike."""
    game = begin("a", "b")
    client = Client(game)
    for _ in range(30):
        client.watch()
    client.encoder.take_totals()
    for _ in range(30):
        client.watch()
    frames, size = client.encoder.take_totals()
    assert size / frames < 6


def test_in_a_large_field_a_client_has_what_is_around_its_player() -> None:
    game = begin("a", *(f"p{number}" for number in range(60)), width=6000, height=5000, enemies=40, pickups=1.0)
    client, scripted = Client(game), Scripted(7)
    reach, margin = np.array([1500, 937.5]), 200
    places = 0
    for tick in range(200):
        scripted.feed(game, tick)
        client.watch()
        ours, everything = client.decoder.plain(), game.world.plain()
        me = everything["players"]["a"]
        assert ours["time_left"] == everything["time_left"]
        assert ours["scores"] == everything["scores"]
        for table in ("players", "enemies", "bullets", "pickups"):
            for name, entity in everything[table].items():
                away = np.abs([entity["x"] - me["x"], entity["y"] - me["y"]])
                if (away <= reach).all():
                    assert ours[table][name] == entity
                    places += 1
                elif (away > reach + margin).any():
                    assert name not in ours[table]
            assert ours[table].keys() <= everything[table].keys()
    assert places > 2000
