"""A room whose game keeps its entities in tables: who gets which form of the state, and that all forms agree."""

from __future__ import annotations

from typing import Any

import pytest

from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.testing import MemoryClient, Playground
from tests.support.regatta import NarrowRegatta, Regatta


def connect(match: Playground, name: str, binary: bool = True, **options: Any) -> MemoryClient:
    return match.connect(name, subprotocol=MSGPACK_SUBPROTOCOL if binary else JSON_SUBPROTOCOL, **options)


def test_both_encodings_tell_the_same() -> None:
    match = Playground(Regatta, start="now")
    ann, bob, cid = connect(match, "Ann"), connect(match, "Bob", binary=False), connect(match, "Cid")
    match.run(1)
    cid.input(by=12.3)
    match.run(0.5)
    dan = connect(match, "Dan")
    match.run(0.5)
    assert ann.state == bob.state == cid.state == dan.state
    assert ann.state["boats"][cid.player_id]["x"] == 1012.25
    assert ann.state["shores"] == [[0, 0], [4000, 4000]]
    assert (cid.ack, ann.ack) == (1, None)
    bob.session.on_disconnect()
    match.server.remove_player_from_room(bob.player_id, "lost")
    dan.send({"type": "leave"})
    match.run(0.5)
    assert set(ann.state["boats"]) == {ann.player_id, cid.player_id}
    assert ann.state == cid.state


def test_the_schema_and_the_static_state_are_told_to_whoever_joins() -> None:
    match = Playground(Regatta, start="full", max_players=2)
    ann = connect(match, "Ann")
    joined = ann.last("joined")
    assert joined["static"] is None
    assert [table["name"] for table in joined["schema"]["tables"]] == ["boats"]
    bob = connect(match, "Bob", binary=False)
    match.run(0.2)
    for client in (ann, bob):
        assert client.last("game_started")["static"] == {"shores": [[0, 0], [4000, 4000]]}
    late = Playground(Regatta, start="now")
    connect(late, "Ann")
    late.run(0.5)
    assert connect(late, "Bob").last("joined")["static"] == {"shores": [[0, 0], [4000, 4000]]}


def test_events_for_everybody_come_inside_snapshots_and_private_ones_by_themselves() -> None:
    match = Playground(Regatta, start="now")
    ann, bob, cid = connect(match, "Ann"), connect(match, "Bob", binary=False), connect(match, "Cid")
    match.run(0.5)
    before = len(cid.connection.sent)
    ann.input(by=1)
    match.run(0.2)
    for client in (ann, bob, cid):
        told = [(event["name"], event["data"]) for event in client.messages("event")]
        assert told == ([("wet", {})] if client is ann else []) + [("splash", {"by": ann.player_id})] or told == [
            ("splash", {"by": ann.player_id}),
            ("wet", {}),
        ]
    assert all(data[0] == 0xC1 for data in cid.connection.sent[before:])


def test_the_last_state_comes_before_the_results_and_a_new_match_begins_from_nothing() -> None:
    match = Playground(Regatta, start="now", results_time=1)
    ann = connect(match, "Ann")
    match.run(0.5)
    for _ in range(10):
        ann.input(by=7)
        match.run(0.2)
    over = [message["type"] for message in ann.messages()].index("game_over")
    assert ann.messages()[over - 1]["type"] in ("delta", "event")
    assert ann.state["boats"][ann.player_id]["points"] == 10
    match.run(2)
    kinds = [message["type"] for message in ann.messages()][over:]
    assert kinds[:4] == ["game_over", "room_reset", "game_started", "state"]
    assert ann.state["boats"][ann.player_id]["points"] == 0


def test_a_client_that_does_not_read_is_skipped_and_right_again_within_one_snapshot() -> None:
    match = Playground(Regatta, start="now")
    clients = [connect(match, f"P{number}") for number in range(50)]
    slow, others = clients[7], clients[:7] + clients[8:]
    match.run(1)
    slow.connection.congested = True
    held, seen = len(slow.connection.sent), [len(client.messages("delta")) for client in others]
    for number, client in enumerate(others):
        client.input(by=number)
    match.run(5)
    assert len(slow.connection.sent) == held
    assert {len(client.messages("delta")) - before for client, before in zip(others, seen, strict=True)} == {150}
    assert match.server.counters.snapshots_skipped == 150
    slow.connection.congested = False
    match.run(1 / 30)
    assert [message["type"] for message in slow.messages()][-1:] == ["state"]
    assert slow.state == others[0].state
    match.run(1)
    assert slow.messages()[-1]["type"] == "delta"
    assert slow.state == others[0].state


def test_with_an_interest_players_see_what_is_near() -> None:
    match = Playground(NarrowRegatta, start="now")
    ann, bob = connect(match, "Ann"), connect(match, "Bob")
    match.run(0.5)
    assert set(ann.state["boats"]) == {ann.player_id, bob.player_id}
    bob.input(by=500)
    match.run(0.5)
    assert set(ann.state["boats"]) == {ann.player_id}
    assert set(bob.state["boats"]) == {bob.player_id}
    bob.input(by=50)
    match.run(0.5)
    assert set(ann.state["boats"]) == set(bob.state["boats"]) == {ann.player_id, bob.player_id}


def test_tables_grow_under_a_running_match() -> None:
    match = Playground(Regatta, start="now")
    clients = [connect(match, f"P{number}") for number in range(10)]
    match.run(0.5)
    clients += [connect(match, f"P{number}", binary=number % 7 != 0) for number in range(10, 55)]
    match.run(0.5)
    states = [client.state for client in clients]
    assert len(states[0]["boats"]) == 55
    assert all(state == states[0] for state in states)


def test_in_a_crowd_comings_and_goings_are_told_with_the_next_snapshot() -> None:
    match = Playground(Regatta, start="now")
    clients = [connect(match, f"P{number}", binary=number % 9 != 0) for number in range(52)]
    match.run(0.5)
    slow = clients[5]
    slow.connection.congested = True
    before = [len(client.messages()) for client in clients]
    late = [connect(match, "Late"), connect(match, "Later", binary=False)]
    clients[1].send({"type": "leave"})
    later = connect(match, "Latest")
    assert [len(client.messages()) for client in clients[2:]] == before[2:]
    match.run(1 / 30)
    for index, client in enumerate(clients):
        heard = [message for message in client.messages()[before[index] :] if message["type"].startswith("player_")]
        if client is clients[1]:
            assert [message["type"] for message in heard] == ["player_left"]
            continue
        assert [message["type"] for message in heard] == [
            "player_joined",
            "player_joined",
            "player_left",
            "player_joined",
        ]
        assert heard[3]["player"]["player_id"] == later.player_id
        assert client.messages()[-1]["type"] in (("player_joined",) if client is slow else ("delta", "state"))
    for client, unheard in ((late[0], 1), (late[1], 2), (later, 4)):
        told = [message["type"] for message in client.messages() if message["type"].startswith("player_")]
        assert told == ["player_joined", "player_joined", "player_left", "player_joined"][unheard:]
    everyone = {player["player_id"] for player in later.last("joined")["players"]}
    assert len(everyone) == 54
    assert clients[1].player_id not in everyone


def test_a_value_out_of_range_ends_the_room_and_is_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    match = Playground(Regatta, start="now")
    ann = connect(match, "Ann")
    match.run(0.5)
    ann.input(by=4000)
    match.run(0.5)
    assert ann.errors() == ["game_error"]
    assert f"Lake.boats.x of {ann.player_id!r} cannot be 5000: it runs from 0 to 4000" in caplog.text


def test_states_less_often_than_ticks() -> None:
    match = Playground(Regatta, start="now", tick_rate=30, send_rate=10)
    ann, bob = connect(match, "Ann"), connect(match, "Bob", binary=False)
    match.run(3)
    assert 28 <= len([m for m in ann.messages() if m["type"] in ("state", "delta")]) <= 31
    assert ann.state == bob.state


def test_nobody_hears_of_a_leaving_before_the_coming() -> None:
    match = Playground(Regatta, start="now")
    clients = [connect(match, f"P{number}") for number in range(5)]
    match.run(0.5)
    brief = connect(match, "Brief")
    # The crowd is gone before the next snapshot.
    for client in (*clients[2:], brief):
        client.send({"type": "leave"})
    match.run(0.1)
    for client in clients[:2]:
        assert set(client.state["boats"]) == {clients[0].player_id, clients[1].player_id}
        told = [m for m in client.messages() if m["type"].startswith("player_")]
        of_brief = [
            m["type"] for m in told if brief.player_id in (m.get("player_id"), m.get("player", {}).get("player_id"))
        ]
        assert of_brief == ["player_joined", "player_left"]
