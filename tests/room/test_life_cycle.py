"""waiting -> in-progress -> ended -> waiting, under each start policy."""

from __future__ import annotations

import pytest

from rumpus import JoinError, PlayerInfo
from rumpus.results.record import MatchRecord
from rumpus.testing import MemoryClient, Playground
from tests.support.race import Race


def room_of(playground: Playground, client: MemoryClient):  # type: ignore[no-untyped-def]
    return playground.server.rooms[client.room_id]


def types(client: MemoryClient) -> list[str]:
    return [message["type"] for message in client.messages()]


def test_a_plain_room_starts_when_it_is_full_and_not_before() -> None:
    playground = Playground(Race)
    ann = playground.connect("Ann")
    playground.run(5)
    assert room_of(playground, ann).status == "waiting"
    ben = playground.connect("Ben")
    assert room_of(playground, ann).status == "in-progress"
    assert types(ann) == ["joined", "player_joined", "game_started"]
    assert types(ben) == ["joined", "game_started"]
    assert ben.last("joined")["status"] == "waiting"
    assert [player["name"] for player in ben.last("joined")["players"]] == ["Ann", "Ben"]


def test_a_countdown_runs_once_enough_players_are_in_and_tells_the_seconds() -> None:
    playground = Playground(Race, start="countdown", max_players=4, min_players=2, countdown=3)
    ann = playground.connect("Ann")
    playground.run(2)
    assert ann.messages("event") == []
    playground.connect("Ben")
    playground.run(2.5)
    assert [event["data"]["seconds"] for event in ann.messages("event")] == [3, 2, 1]
    assert room_of(playground, ann).status == "waiting"
    playground.run(0.7)
    assert room_of(playground, ann).status == "in-progress"


def test_a_countdown_is_called_off_when_too_few_remain_and_begins_anew() -> None:
    playground = Playground(Race, start="countdown", max_players=4, min_players=2, countdown=3)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    playground.run(1.5)
    ben.send({"type": "leave"})
    playground.run(5)
    assert ann.last("event")["data"] == {"seconds": None}
    assert room_of(playground, ann).status == "waiting"
    playground.connect("Cat")
    playground.run(0.2)
    assert ann.last("event")["data"] == {"seconds": 3}


def test_a_room_that_fills_during_the_countdown_starts_at_once() -> None:
    playground = Playground(Race, start="countdown", max_players=2, countdown=60)
    ann = playground.connect("Ann")
    playground.connect("Ben")
    assert room_of(playground, ann).status == "in-progress"


def test_start_now_begins_with_the_first_player_and_bots_in_the_empty_seats() -> None:
    playground = Playground(Race, start="now", max_players=4, bots=2)
    ann = playground.connect("Ann")
    room = room_of(playground, ann)
    assert room.status == "in-progress"
    assert [player.is_bot for player in room.players.values()] == [False, True, True]
    assert len({player.info.name for player in room.players.values()}) == 3
    playground.run(1)
    assert {ann.state["position"][player_id] for player_id in room.players} == {0, -5}


def test_a_person_who_joins_a_full_room_takes_the_seat_of_a_bot() -> None:
    playground = Playground(Race, start="now", max_players=3, bots=3)
    ann = playground.connect("Ann")
    room = room_of(playground, ann)
    assert len(room.players) == 3
    ben = playground.connect("Ben")
    assert ben.room_id == ann.room_id
    assert [player.is_bot for player in room.players.values()] == [False, True, False]
    assert ann.last("player_left")["reason"] == "replaced"
    ben.send({"type": "leave"})
    assert sum(player.is_bot for player in room.players.values()) == 2


def test_bots_do_not_keep_a_full_start_waiting_for_people() -> None:
    playground = Playground(Race, max_players=3, bots=2)
    ann = playground.connect("Ann")
    assert room_of(playground, ann).status == "in-progress"


def test_the_order_of_calls_in_a_tick() -> None:
    playground = Playground(Race)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    game = room_of(playground, ann).game
    assert game.calls == ["initialize_game", f"add_player {ann.player_id}", f"add_player {ben.player_id}"]
    game.calls.clear()
    ben.input(step=1)
    ann.input(step=1)
    ann.input(step=-1)
    playground.run(0.034)
    assert game.calls == [
        f"process_input {ann.player_id} 1",
        f"process_input {ann.player_id} -1",
        f"process_input {ben.player_id} 1",
        "update",
    ]
    assert game.delta_time == pytest.approx(1 / 30)


def test_the_end_brings_the_last_state_then_results_then_the_next_round() -> None:
    playground = Playground(Race, results_time=4)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    for _ in range(5):
        ben.input(step=1)
    playground.run_until("game_over", ann)
    over = ann.last("game_over")
    assert over["reason"] == "finished"
    assert over["next_in"] == 4
    assert over["results"] == [
        {"player_id": ben.player_id, "name": "Ben", "score": 1, "rank": 1},
        {"player_id": ann.player_id, "name": "Ann", "score": 0, "rank": 2},
    ]
    assert ann.state["position"][ben.player_id] == 5
    assert types(ann)[-2:] == ["state", "game_over"] or types(ann)[-2:] == ["delta", "game_over"]
    room = room_of(playground, ann)
    assert room.status == "ended"
    assert [event["name"] for event in ann.messages("event")] == ["finished"]
    assert [event["name"] for event in ben.messages("event")] == ["finished", "congratulations"]
    playground.run(4.2)
    assert ann.messages("room_reset")
    assert room.status == "in-progress"
    assert len(ann.messages("game_started")) == 2
    assert "reset" in room.game.calls
    assert playground.server.results[-1].results[0].name == "Ben"


def test_each_match_has_a_seed_of_its_own_and_everybody_is_told() -> None:
    playground = Playground(Race, results_time=0)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    for _ in range(2):
        for _ in range(5):
            ben.input(step=1)
        playground.run_until("game_over", ann)
        playground.run(0.2)
    seeds = [message["settings"]["seed"] for message in ann.messages("game_started")]
    assert len(set(seeds)) == len(seeds) >= 2
    assert ann.last("joined")["settings"]["seed"] is None


def test_leaving_a_full_start_match_ends_it_for_those_who_stay() -> None:
    playground = Playground(Race, max_players=2)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    ben.send({"type": "leave"})
    assert ann.last("game_over")["reason"] == "players_left"
    assert [line["name"] for line in ann.last("game_over")["results"]] == ["Ann"]
    playground.run(10)
    assert room_of(playground, ann).status == "waiting"


@pytest.mark.parametrize("when", ["waiting", "in-progress", "ended"])
@pytest.mark.parametrize("how", ["leave", "drop"])
def test_leaving_is_possible_at_any_time(when: str, how: str) -> None:
    playground = Playground(Race, start="countdown", max_players=4, min_players=2, countdown=1, reconnect_time=0)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    room = room_of(playground, ann)
    if when != "waiting":
        playground.run(1.2)
    if when == "ended":
        for _ in range(5):
            ann.input(step=1)
        playground.run_until("game_over", ann)
    assert room.status == when
    if how == "leave":
        ben.send({"type": "leave"})
        assert ben.last("player_left")["reason"] == "left"
    else:
        ben.connection.disconnect()
    assert ann.last("player_left") == {
        "type": "player_left",
        "player_id": ben.player_id,
        "reason": "left" if how == "leave" else "lost",
    }
    assert list(room.players) == [ann.player_id]
    playground.run(30)
    assert room.status == "waiting"
    if how == "leave":
        ben.join("Ben again", room=room.room_id)
        assert ben.last("joined")["room_id"] == room.room_id


def test_players_may_drop_in_where_the_start_policy_allows_it() -> None:
    playground = Playground(Race, start="countdown", max_players=4, min_players=2, countdown=0)
    ann = playground.connect("Ann")
    playground.connect("Ben")
    playground.run(1)
    cat = playground.connect("Cat", room=ann.room_id)
    assert cat.last("joined")["status"] == "in-progress"
    assert cat.last("joined")["tick"] > 0
    playground.run(0.1)
    assert cat.messages("state")[0]["state"]["position"][cat.player_id] == 0
    assert cat.player_id in ann.state["position"]


def test_nobody_drops_into_a_match_that_waited_to_be_full() -> None:
    playground = Playground(Race, max_players=3)
    clients = [playground.connect(name) for name in ("Ann", "Ben", "Cat")]
    clients[0].send({"type": "leave"})
    late = playground.connect("Dan", room=clients[1].room_id)
    assert late.errors() == ["room_in_progress"]


def test_the_last_one_out_of_a_running_match_may_come_back_within_the_grace_time() -> None:
    playground = Playground(Race, start="now", empty_grace=10, reconnect_time=0)
    ann = playground.connect("Ann")
    room_id = ann.room_id
    playground.run(1)
    ann.connection.disconnect()
    playground.run(8)
    back = playground.connect("Ann", room=room_id)
    assert back.last("joined")["status"] == "in-progress"
    playground.run(60)
    assert room_id in playground.server.rooms


@pytest.mark.parametrize("start", ["full", "countdown", "now"])
def test_an_empty_room_is_disposed_of_after_the_grace_time(start: str) -> None:
    bots = 1 if start == "now" else 0
    playground = Playground(Race, start=start, max_players=2, bots=bots, empty_grace=10, reconnect_time=0)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    room_id = ann.room_id
    playground.run(1)
    ann.connection.disconnect()
    ben.connection.disconnect()
    playground.run(9.5)
    assert room_id in playground.server.rooms
    playground.run(1)
    assert playground.server.rooms == {}
    assert playground.server.schedule.next_deadline() is None
    late = playground.connect("Cat", room=room_id)
    assert late.errors() == ["room_not_found"]


def test_start_end_and_reset_do_nothing_in_the_wrong_state() -> None:
    playground = Playground(Race)
    ann = playground.connect("Ann")
    room = room_of(playground, ann)
    assert room.end_game() is None
    assert room.status == "waiting"
    playground.connect("Ben")
    started = len(ann.messages("game_started"))
    room.start_game()
    assert len(ann.messages("game_started")) == started
    assert room.end_game("because") is not None
    assert room.end_game() is None


def test_resetting_a_running_match_ends_it_first() -> None:
    playground = Playground(Race)
    ann = playground.connect("Ann")
    playground.connect("Ben")
    room = room_of(playground, ann)
    room.reset_room()
    assert ann.last("game_over")["reason"] == "reset"
    assert len(ann.messages("game_started")) == 2


def test_inputs_outside_a_match_are_ignored_and_not_an_error() -> None:
    playground = Playground(Race)
    ann = playground.connect("Ann")
    ann.input(step=1)
    playground.connect("Ben")
    playground.run(1)
    assert ann.errors() == []
    assert ann.state["position"][ann.player_id] == 0
    assert ann.ack is None


def test_the_last_input_applied_is_acknowledged() -> None:
    playground = Playground(Race, max_players=2)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    playground.run(0.1)
    assert "ack" not in ann.last("delta")
    seq = ann.input(step=-1)
    playground.run(0.1)
    assert ann.ack == seq
    assert ben.ack is None


def test_a_burst_of_inputs_within_one_tick_is_bounded_and_the_newest_count() -> None:
    playground = Playground(Race, max_players=2)
    ann = playground.connect("Ann")
    playground.connect("Ben")
    for step in [1] * 20 + [-1] * 8:
        ann.input(step=step)
    playground.run(0.1)
    assert ann.state["position"][ann.player_id] == -8


def test_the_send_rate_may_be_lower_than_the_tick_rate() -> None:
    playground = Playground(Race, tick_rate=60, send_rate=20, max_players=1, min_players=1)
    ann = playground.connect("Ann")
    playground.run(10)
    snapshots = len(ann.messages("state")) + len(ann.messages("delta"))
    assert 198 <= snapshots <= 201
    assert ann.last("delta")["tick"] > 590
    assert ann.last("joined")["send_rate"] == 20


def test_a_game_tells_its_own_tick_rate_unless_the_server_is_told_otherwise() -> None:
    class Slow(Race):
        tick_rate = 10

    for options, rate in (({}, 10), ({"tick_rate": 50.0}, 50)):
        playground = Playground(Slow, max_players=1, min_players=1, **options)
        ann = playground.connect("Ann")
        playground.run(2)
        assert ann.last("joined")["tick_rate"] == rate
        assert abs(ann.last("delta")["tick"] - 2 * rate) <= 1


def test_add_player_refuses_a_full_room() -> None:
    playground = Playground(Race, max_players=1, min_players=1)
    ann = playground.connect("Ann")
    room = room_of(playground, ann)
    extra = playground.connect()
    with pytest.raises(JoinError) as caught:
        room.add_player(extra.connection, PlayerInfo(player_id="x", name="X"))
    assert caught.value.code == "room_full"


def test_who_leaves_a_match_is_in_its_record_after_those_who_stayed() -> None:
    records: list[MatchRecord] = []
    playground = Playground(Race, max_players=4, settings={"goal": 3}, reconnect_time=5)
    playground.server.ended._on_result = records.append
    ann, ben, cat, dan = (playground.connect(name) for name in ("Ann", "Ben", "Cat", "Dan"))
    playground.run(0.1)
    ben.input(step=2)
    playground.run(0.1)
    ben.send({"type": "leave"})
    cat.connection.disconnect()
    playground.run(6)
    for _ in range(3):
        ann.input(step=1)
    over = playground.run_until("game_over", dan)
    assert [line["name"] for line in over["results"]] == ["Ann", "Dan"]
    (record,) = records
    assert record.closed
    lines = [(line.name, line.rank, line.left) for line in record.results]
    assert lines == [("Ann", 1, False), ("Dan", 2, False), ("Cat", 3, True), ("Ben", 4, True)]


def test_who_comes_back_to_a_match_that_they_left_has_one_line() -> None:
    records: list[MatchRecord] = []
    playground = Playground(Race, start="now", max_players=4)
    playground.server.ended._on_result = records.append
    ann = playground.connect("Ann")
    for _ in range(3):
        ben = playground.connect()
        ben.send({"type": "join", "name": "Ben", "guest": "0123456789abcdef"})
        playground.run(0.1)
        ben.send({"type": "leave"})
    stranger = playground.connect("Stranger")
    playground.run(0.1)
    stranger.send({"type": "leave"})
    for _ in range(5):
        ann.input(step=1)
    playground.run_until("game_over", ann)
    assert [(line.name, line.left) for line in records[0].results] == [
        ("Ann", False),
        ("Stranger", True),
        ("Ben", True),
    ]
    assert not records[0].closed
