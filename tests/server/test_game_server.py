"""Seats, rooms, settings from clients, and that one room's trouble stays its own."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref
from typing import Any

import msgspec
import pytest
from msgspec import to_builtins

import rumpus
from rumpus import Bot, GameServer, JoinError, Limits, PlayerInfo, RoomOptions, SettingsError
from rumpus.endpoints.metrics import render_metrics
from rumpus.protocol import MSGPACK_SUBPROTOCOL, JoinOptions, Notice
from rumpus.testing import Playground
from tests.support.race import Race
from tests.support.regatta import Regatta

# Finding a room.


def test_quick_play_fills_the_fullest_open_room_first() -> None:
    playground = Playground(Race, max_players=3)
    one = playground.connect("A", create=True, private=False)
    two = [playground.connect("B", create=True, private=False), playground.connect("C", room=None)]
    assert two[1].room_id in (one.room_id, two[0].room_id)
    third = playground.connect("D")
    assert third.room_id == two[1].room_id
    assert playground.connect("E").room_id != third.room_id


def test_quick_play_opens_a_room_when_all_are_full_or_running() -> None:
    playground = Playground(Race, max_players=2)
    rooms = [playground.connect(str(number)).room_id for number in range(5)]
    assert rooms[0] == rooms[1]
    assert rooms[2] == rooms[3]
    assert len(set(rooms)) == 3


def test_quick_play_asks_for_the_settings_it_names() -> None:
    playground = Playground(Race, max_players=4)
    short = playground.connect("A", settings={"goal": 3})
    long = playground.connect("B", settings={"goal": 9})
    assert short.room_id != long.room_id
    assert playground.connect("C", settings={"goal": 9}).room_id == long.room_id
    assert long.last("joined")["settings"]["goal"] == 9


def test_a_private_room_is_found_by_its_code_alone() -> None:
    playground = Playground(Race, max_players=4)
    ann = playground.connect("Ann", create=True)
    assert ann.last("joined")["private"]
    assert playground.connect("Ben").room_id != ann.room_id
    assert playground.connect("Cat", room=ann.room_id.lower()).room_id == ann.room_id
    listings = to_builtins(playground.server.join_service.room_list.fullest(500)[0])
    assert ann.room_id not in [room["room_id"] for room in listings]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"create": True, "settings": {"goal": 0}}, "bad_settings"),
        ({"create": True, "settings": {"goal": "5"}}, "bad_settings"),
        ({"create": True, "settings": {"secret": 1}}, "bad_settings"),
        ({"create": True, "settings": {"nope": 1}}, "bad_settings"),
        ({"settings": {"secret": 1}}, "bad_settings"),
        ({"create": "yes"}, "bad_message"),
        ({"settings": []}, "bad_message"),
    ],
)
def test_players_may_choose_only_what_the_game_lets_them(options: dict[str, Any], code: str) -> None:
    playground = Playground(Race)
    ann = playground.connect("Ann", **options)
    assert ann.errors() == [code]
    assert playground.server.rooms == {}
    ann.join("Ann")
    assert ann.room_id


def test_operators_settings_are_read_from_text_and_wrong_ones_named() -> None:
    playground = Playground(Race, settings={"goal": "7", "sides": "true"})
    joined = playground.connect("Ann").last("joined")
    assert joined["settings"] == {"goal": 7, "sides": True, "seed": None, "secret": 0}
    with pytest.raises(SettingsError, match=r"no setting 'gaol'; this game has: goal, sides"):
        Playground(Race, settings={"gaol": 1})
    with pytest.raises(SettingsError, match=r"goal"):
        Playground(Race, settings={"goal": "many"})


def test_a_room_that_does_not_exist_is_a_clear_error() -> None:
    playground = Playground(Race)
    ann = playground.connect("Ann", room="NOSUCH")
    assert ann.errors() == ["room_not_found"]


def test_rooms_are_limited() -> None:
    playground = Playground(Race, limits=Limits(max_rooms=2), max_players=4)
    for number in range(2):
        assert playground.connect(str(number), create=True).room_id
    late = playground.connect("Late", create=True)
    assert late.errors() == ["server_full"]


def test_a_room_may_have_a_size_of_its_own() -> None:
    server = Playground(Race).server
    assert server.create_room(max_players=7).max_players == 7
    room = server.assign_player_to_room(PlayerInfo(player_id="x", name="X"), None, JoinOptions(create=True))
    assert room.max_players == 2
    with pytest.raises(JoinError):
        server.assign_player_to_room(PlayerInfo(player_id="x", name="X"), "NOSUCH")


# Seats.


def test_a_second_join_is_refused_and_the_first_seat_kept() -> None:
    playground = Playground(Race)
    ann = playground.connect("Ann")
    ann.join("Ann")
    assert ann.errors() == ["already_joined"]
    assert playground.server.rooms[ann.room_id].people == 1


@pytest.mark.parametrize(
    "message",
    [
        {"type": "input", "seq": 1, "data": {}},
        {"type": "chat", "text": "hi"},
        {"type": "leave"},
        {"type": "team", "team": "red"},
    ],
)
def test_most_messages_need_a_seat(message: dict[str, Any]) -> None:
    ann = Playground(Race).connect()
    ann.send(message)
    assert ann.errors() == ["not_joined"]


def test_ping_needs_none() -> None:
    playground = Playground(Race)
    ann = playground.connect()
    ann.send({"type": "ping", "time": 12.5})
    assert ann.last("pong") == {"type": "pong", "time": 12.5, "server_time": playground.clock.now(), "tick": 0}


def test_remove_player_from_room_frees_the_seat_and_keeps_the_connection() -> None:
    playground = Playground(Race)
    ann = playground.connect("Ann")
    assert playground.server.remove_player_from_room(ann.player_id, "kicked")
    assert not playground.server.remove_player_from_room(ann.player_id)
    assert ann.last("player_left")["reason"] == "kicked"
    ann.join("Ann")
    assert len(ann.messages("joined")) == 2


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("x" * 10_000, "bad_name"),
        ("x" * 25, "bad_name"),
        ("tab\tbed", "bad_name"),
        ("new\nline", "bad_name"),
        ("nul\0", "bad_name"),
        ("\u202egnp.exe", "bad_name"),
        ("Z" + "\u0301" * 9, "bad_name"),
        ("\u3164", "bad_name"),
        ("two\u2028lines", "bad_name"),
    ],
)
def test_names_that_would_break_a_screen_are_refused(name: str, code: str) -> None:
    ann = Playground(Race).connect(name)
    assert ann.errors() == [code]


@pytest.mark.parametrize(
    ("name", "shown"),
    [("  Ann   Lee ", "Ann Lee"), ("", "Guest 1"), ("   ", "Guest 1"), ("Zoë 👩‍🚀", "Zoë 👩‍🚀"), ("x" * 24, "x" * 24)],
)
def test_other_names_are_kept_without_the_space_around_them(name: str, shown: str) -> None:
    ann = Playground(Race).connect(name)
    assert ann.last("joined")["players"][0]["name"] == shown


def test_chat_has_a_length_limit() -> None:
    playground = Playground(Race)
    ann = playground.connect("Ann")
    ann.send({"type": "chat", "text": "x" * 301})
    ann.send({"type": "chat", "text": "bell\a"})
    assert ann.errors() == ["bad_message", "bad_message"]
    assert not ann.messages("chat")


# Limits in time.


def test_a_burst_over_the_limit_is_dropped_and_said_once_a_second() -> None:
    playground = Playground(Race, limits=Limits(max_messages_per_second=10))
    ann = playground.connect()
    for _ in range(60):
        ann.send({"type": "ping", "time": 1})
    assert len(ann.messages("pong")) == 20
    assert ann.errors() == ["rate_limited"]
    playground.run(1.1)
    ann.send({"type": "ping", "time": 1})
    assert len(ann.messages("pong")) == 21
    assert not ann.connection.closed


def test_a_flood_costs_the_connection_at_once_or_when_it_persists() -> None:
    playground = Playground(Race, limits=Limits(max_messages_per_second=10))
    sudden = playground.connect()
    for _ in range(200):
        sudden.send({"type": "ping", "time": 1})
    assert sudden.connection.close_code == 1008
    steady = playground.connect()
    for _ in range(10):
        for _ in range(40):
            steady.send(b"nonsense")
        playground.run(1)
    assert steady.connection.close_code == 1008


def test_bad_messages_alone_never_cost_the_connection() -> None:
    playground = Playground(Race)
    ann = playground.connect("Ann")
    for _ in range(20):
        for _ in range(50):
            ann.send(b"nonsense")
        playground.run(1)
    assert not ann.connection.closed
    assert set(ann.errors()) == {"bad_message"}


def test_a_client_that_answers_pings_may_be_silent_and_one_that_does_not_is_dropped() -> None:
    playground = Playground(Race, limits=Limits(idle_timeout=6), max_players=3, reconnect_time=5)
    ann, gone = playground.connect("Ann"), playground.connect("Gone")
    gone.connection.mute = True
    playground.run(60)
    assert not ann.connection.closed
    assert gone.connection.close_code == 1008
    assert ann.last("player_left") == {"type": "player_left", "player_id": gone.player_id, "reason": "lost"}


def test_a_connection_without_a_room_is_not_kept_for_ever() -> None:
    playground = Playground(Race, limits=Limits(join_timeout=5))
    loiterer = playground.connect()
    playground.run(4)
    assert not loiterer.connection.closed
    playground.run(3)
    assert loiterer.connection.close_code == 1008


def test_a_client_that_stays_congested_is_dropped() -> None:
    playground = Playground(Race, limits=Limits(slow_timeout=4), max_players=3)
    ann = playground.connect("Ann")
    ann.connection.congested = True
    playground.run(8)
    assert ann.connection.close_code == 1008


# Faults of a game.

FAULTS = ["initialize_game", "add_player", "process_input", "update", "is_game_over", "get_game_state", "results"]


#: What ends a process, a task or a generator that does not catch it, and what is an ordinary mistake.
KINDS = [ZeroDivisionError, SystemExit, KeyboardInterrupt, asyncio.CancelledError, GeneratorExit]


def faulty(where: str, kind: type[BaseException] = ZeroDivisionError) -> type[rumpus.Game]:
    """A race that raises in the method `where`, in rooms whose goal is 13."""

    def raising(original: Any) -> Any:
        def method(self: Any, *args: Any) -> Any:
            settings = args[0] if where == "initialize_game" else self.settings
            if settings.goal == 13:
                raise kind(where)
            return original(self, *args)

        # As if it were written in the class.
        method.__code__ = method.__code__.replace(co_name=where)
        return method

    return type("Faulty", (Race,), {where: raising(getattr(Race, where))})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("where", FAULTS)
def test_a_game_that_raises_ends_its_own_room_only(
    where: str, kind: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    playground = Playground(faulty(where, kind), max_players=2)
    healthy = [playground.connect(name) for name in ("Cat", "Dan")]
    playground.run(0.5)
    ann, ben = (playground.connect(name, settings={"goal": 13}) for name in ("Ann", "Ben"))
    with caplog.at_level(logging.ERROR):
        if ann.session.player is not None:
            ann.input(step=1)
        playground.run(0.2)
        if where == "results":
            ben.send({"type": "leave"})
    assert ann.errors() == ["game_error"]
    # The log has it once, and says where.
    [record] = caplog.records
    assert f"{kind.__name__}" in caplog.text
    assert record.__dict__["details"] == {"game": "faulty", "hook": where}
    assert {"room", "tick"} <= set(record.__dict__)
    assert playground.server.counters.failed_rooms == 1
    assert f'rumpus_game_faults_total{{game="faulty",hook="{where}"}} 1.0' in render_metrics(
        playground.server.figures()
    )
    assert len(playground.server.rooms) == 1
    before = healthy[0].last("delta")["tick"]
    playground.run(1)
    assert healthy[0].last("delta")["tick"] >= before + 29
    assert healthy[0].errors() == []
    # The connection is still good for another room.
    ann.join("Ann")
    assert len(ann.messages("joined")) >= 1
    assert ann.errors() == ["game_error"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_game_that_raises_when_a_player_leaves_ends_its_room(kind: type[BaseException]) -> None:
    playground = Playground(faulty("remove_player", kind), max_players=3, start="now", reconnect_time=0)
    ann, ben = (playground.connect(name, settings={"goal": 13}) for name in ("Ann", "Ben"))
    ben.connection.disconnect()
    assert ann.errors() == ["game_error"]
    assert playground.server.rooms == {}
    assert len(playground.server.sessions) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_game_that_raises_when_it_is_reset_ends_its_room_once(
    kind: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    playground = Playground(faulty("reset", kind), max_players=1, min_players=1, results_time=0.5)
    ann = playground.connect("Ann", settings={"goal": 13})
    playground.run(0.2)
    playground.server.rooms[ann.room_id].end_game()
    with caplog.at_level(logging.ERROR):
        playground.run(5)
    assert len(caplog.records) == 1
    assert ann.errors() == ["game_error"]
    assert playground.server.rooms == {}


def test_what_a_bot_raises_is_told_as_the_bots() -> None:
    class Moody(Bot):
        def act(self, state: Any) -> dict[str, Any] | None:
            raise SystemExit

    class Crowded(Race):
        def make_bot(self, player_id: str, skill: float, seed: int) -> Bot:
            return Moody()

    playground = Playground(Crowded, max_players=2, bots=1, start="now")
    ann = playground.connect("Ann")
    playground.run(0.5)
    assert ann.errors() == ["game_error"]
    assert dict(playground.server.figures().faults) == {"bot.act": 1}


def test_a_state_that_is_not_plain_data_ends_the_room() -> None:
    class Opaque(Race):
        def get_game_state(self) -> Any:
            return {"self": self}

    playground = Playground(Opaque, max_players=1, min_players=1)
    ann = playground.connect("Ann")
    playground.run(0.2)
    assert ann.errors() == ["game_error"]


def test_a_game_without_bots_leaves_the_seats_empty() -> None:
    class Alone(Race):
        def make_bot(self, player_id: str, skill: float, seed: int) -> None:
            return None

    playground = Playground(Alone, start="now", bots=5, max_players=4)
    ann = playground.connect("Ann")
    playground.run(0.2)
    assert len(playground.server.rooms[ann.room_id].players) == 1


# Everyone, and the end.


def test_broadcast_global_reaches_the_seated_and_the_unseated() -> None:
    playground = Playground(Race)
    ann = playground.connect("Ann")
    lobby = playground.connect(subprotocol="rumpus.v1.msgpack")
    playground.server.broadcast_global(Notice(level="info", text="soon"))
    assert ann.last("notice") == lobby.last("notice") == {"type": "notice", "level": "info", "text": "soon"}


def test_stopping_tells_everyone_keeps_results_and_closes() -> None:
    playground = Playground(Race)
    ann, ben, lobby = playground.connect("Ann"), playground.connect("Ben"), playground.connect()
    playground.run(1)
    asyncio.run(playground.server.stop("back in five minutes"))
    for client in (ann, ben, lobby):
        assert client.last("notice")["text"] == "back in five minutes"
        assert client.connection.close_code == 1001
    assert ann.last("game_over")["reason"] == "server_stopped"
    assert playground.server.results[-1].reason == "server_stopped"
    assert playground.server.rooms == {}
    late = playground.connect()
    assert late.connection.close_code == 1001


def test_results_are_handed_on_as_matches_end() -> None:
    records = []
    server = GameServer(Race, RoomOptions(max_players=1, min_players=1), on_result=records.append)
    room = server.create_room()
    playground = Playground(Race)
    connection = playground.connect().connection
    room.add_player(connection, PlayerInfo(player_id="p1", name="Ann"))
    room.end_game("enough")
    assert [record.reason for record in records] == ["enough"]
    assert msgspec.json.decode(msgspec.json.encode(records[0]))["results"][0]["name"] == "Ann"


def test_the_server_forgets_a_lost_client_completely() -> None:
    playground = Playground(Race)
    ann = playground.connect("Ann")
    ann.connection.disconnect()
    server = playground.server
    assert server.sessions == {}
    assert server.players.keys() == {ann.player_id}
    playground.run(31)
    assert (server.players, server.seats.held) == ({}, 0)
    playground.run(10)
    assert server.rooms == {}


def test_a_server_that_was_asleep_does_not_hold_it_against_its_clients() -> None:
    playground = Playground(Race)
    ann = playground.connect("Ann")
    playground.run(1)
    playground.clock.advance(3600)
    playground.run(5)
    assert not ann.connection.closed
    assert ann.errors() == []


def test_chat_is_limited_on_its_own_because_everyone_in_the_room_gets_it() -> None:
    playground = Playground(Race, limits=Limits(max_chats_per_second=1))
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    for _ in range(25):
        ann.send({"type": "chat", "text": "hi"})
    assert len(ben.messages("chat")) == 10
    assert set(ann.errors()) == {"rate_limited"}
    playground.run(2.1)
    ann.send({"type": "chat", "text": "hi"})
    assert len(ben.messages("chat")) == 11


def test_empty_rooms_give_way_when_there_are_as_many_as_allowed() -> None:
    playground = Playground(Race, limits=Limits(max_rooms=1), max_players=4, empty_grace=1000)
    ann = playground.connect("Ann", create=True)
    kept = ann.room_id
    ann.send({"type": "leave"})
    ben = playground.connect("Ben", create=True)
    assert ben.room_id not in ("", kept)
    assert list(playground.server.rooms) == [ben.room_id]


def test_a_game_may_have_a_name_of_its_own() -> None:
    class Chess(Race):
        name = "3d-chess"

    assert Playground(Chess).connect("Ann").last("joined")["game"] == "3d-chess"
    assert Playground(Race).connect("Ann").last("joined")["game"] == "race"


def test_people_can_join_while_the_game_is_being_prepared_and_their_match_waits() -> None:
    playground = Playground(Race, start="now")
    playground.server.preparing = True
    ann = playground.connect("Ann")
    assert "getting ready" in ann.last("notice")["text"]
    playground.run(3)
    assert playground.server.rooms[ann.room_id].status == "waiting"
    playground.server.preparing = False
    playground.run(0.2)
    assert playground.server.rooms[ann.room_id].status == "in-progress"
    assert not playground.connect("Ben").messages("notice")


def test_the_memory_of_matches_and_rooms_is_free_without_the_collector() -> None:
    playground = Playground(Regatta, start="now", results_time=0.5, empty_grace=0.5, reconnect_time=0)
    ann = playground.connect("Ann", subprotocol=MSGPACK_SUBPROTOCOL)
    room = playground.server.rooms[ann.room_id]
    gc.collect()
    gc.disable()
    try:
        first = weakref.ref(room.game.world)
        room.end_game()
        playground.run(1)
        assert room.status == "in-progress"
        assert first() is None
        second, game = weakref.ref(room.game.world), weakref.ref(room.game)
        del room
        ann.send({"type": "leave"})
        playground.run(2)
        assert playground.server.rooms == {}
        assert (second(), game()) == (None, None)
    finally:
        gc.enable()
