"""Games of plain data in which players have secrets from one another: each is told their view, and no more."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.testing import MemoryClient, Playground
from tests.support.cards import Cards
from tests.support.examples import examples

FORMS = (JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL)


def view(match: Playground, client: MemoryClient) -> Any:
    room = match.server.rooms[client.room_id]
    state = room.game.get_game_state()
    return room.game.get_view(client.player_id, state) or state


@pytest.mark.parametrize("subprotocol", FORMS)
def test_each_sees_their_own_hand_and_the_back_of_the_others(subprotocol: str) -> None:
    match = Playground(Cards, start="now")
    ann, bob = (match.connect(name, subprotocol=subprotocol) for name in ("Ann", "Bob"))
    match.run(0.1)
    assert ann.state["hands"] == {ann.player_id: [f"ace of {ann.player_id}"], bob.player_id: 1}
    bob.input(card="king")
    match.run(0.1)
    assert ann.state["hands"][bob.player_id] == 2
    assert bob.state["hands"] == {ann.player_id: 1, bob.player_id: [f"ace of {bob.player_id}", "king"]}
    assert b"king" not in b"".join(ann.connection.sent)
    # Of what is new only that is sent.
    assert ann.messages("delta")[-1]["patch"] == {}
    assert len(ann.messages("state")) == 1
    back = match.resume(bob)
    match.run(0.1)
    assert back.state == view(match, back)


@pytest.mark.parametrize("subprotocol", FORMS)
def test_those_who_watch_are_shown_what_the_game_says(subprotocol: str) -> None:
    match = Playground(Cards, start="now", spectator_delay=0)
    ann = match.connect("Ann")
    viewer = match.connect(subprotocol=subprotocol)
    viewer.send({"type": "join", "name": "Viv", "role": "spectator", "room": ann.room_id})
    match.run(2)
    assert viewer.state["hands"] == {ann.player_id: 1}
    assert b"ace" not in b"".join(viewer.connection.sent)


Act = st.tuples(
    st.integers(0, 3),
    st.sampled_from(["card", "open", "null", "table", "stuck", "free", "leave", "come"]),
)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(Act, max_size=25))
def test_whatever_happens_everybody_holds_their_view(acts: list[tuple[int, str]]) -> None:
    match = Playground(Cards, start="now")
    clients = [match.connect(f"P{number}", subprotocol=FORMS[number % 2]) for number in range(3)]
    for number, act in acts:
        if act == "come" or not clients:
            clients.append(match.connect("Late", subprotocol=FORMS[number % 2]))
        client = clients[number % len(clients)]
        match act:
            case "card":
                client.input(card=f"card {number}")
            case "open":
                client.input(open=True)
            case "null":
                client.input(table=[None, "x"])
            case "table":
                client.input(table=["x"] * number)
            case "stuck" | "free":
                client.connection.congested = act == "stuck"
            case "leave" if len(clients) > 1:
                clients.remove(client)
                client.send({"type": "leave"})
        match.run(0.1)
        for one in clients:
            if not one.connection.congested:
                assert one.state == view(match, one)
