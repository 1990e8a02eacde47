"""Whose name is whose in a room: nobody passes for somebody else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.protocol.skeleton import skeletons
from rumpus.room.blocked_words import BlockedWords
from rumpus.testing import MemoryClient, Playground
from rumpus.tickets import TicketVerifier, sign_ticket
from tests.support.race import Race

SECRET = "a secret of more than 32 bytes, for tests"


def playground(**more: Any) -> Playground:
    match = Playground(Race, start="now", max_players=8, **more)
    match.server.authenticator.verifier = TicketVerifier(secret=SECRET)
    return match


def signed(match: Playground, ticket: str | None, **fields: Any) -> MemoryClient:
    client = match.connect()
    client.send({"type": "join", "token": sign_ticket(SECRET, f"user-{ticket}", name=ticket), **fields})
    return client


def names(client: MemoryClient) -> dict[str, tuple[str, bool]]:
    """By player id, the names as this client knows them, and whether they are signed."""
    known = {}
    for message in client.messages():
        for player in message.get("players", []) if message["type"] == "joined" else [message.get("player")]:
            if player is not None:
                known[player["player_id"]] = (player["name"], player.get("signed", False))
    return known


@pytest.mark.parametrize("double", ["Ann", "ANN", "Аnn", "Ａｎｎ", "A\u200dnn", "An\ufe0fn", "Ann\u3000"])
def test_who_looks_like_somebody_gets_a_number(double: str) -> None:
    match = playground()
    ann, other = match.connect("Ann"), match.connect(double)
    name, _ = names(ann)[other.player_id]
    assert name.endswith(" 2")
    assert skeletons(name).isdisjoint(skeletons("Ann"))


def test_a_number_that_somebody_chose_is_not_given_again() -> None:
    match = playground()
    for name in ("Ann", "АNN 2", "ann"):
        last = match.connect(name)
    assert [name for name, _ in names(last).values()] == ["Ann", "АNN 2", "ann 3"]


def test_the_name_of_a_ticket_is_marked_and_a_chosen_one_is_not() -> None:
    match = playground()
    ann, ben, cid = match.connect("Ann"), signed(match, "Ben"), signed(match, None, name="Cid")
    assert names(ann) | names(cid) == {
        ann.player_id: ("Ann", False),
        ben.player_id: ("Ben", True),
        cid.player_id: ("Cid", False),
    }
    assert "signed" not in ann.last("joined")["players"][0]


@pytest.mark.parametrize("subprotocol", ["rumpus.v1.json", "rumpus.v1.msgpack"])
@pytest.mark.parametrize("start", ["now", "ready"])
def test_who_comes_with_a_ticket_keeps_their_name(start: str, subprotocol: str) -> None:
    match = playground() if start == "now" else Playground(Race, start="full", max_players=8)
    match.server.authenticator.verifier = TicketVerifier(secret=SECRET)
    guest = match.connect("Аnn", subprotocol=subprotocol)
    match.run(0.5)
    ann = signed(match, "Ann")
    match.run(0.5)
    assert names(guest)[guest.player_id] == ("Аnn 2", False)
    told = [message["type"] for message in guest.messages() if message["type"].startswith("player_")]
    assert told == ["player_changed", "player_joined"]
    assert names(ann) == {guest.player_id: ("Аnn 2", False), ann.player_id: ("Ann", True)}


def test_two_tickets_of_one_name_are_told_apart() -> None:
    match = playground()
    first, second, guest = signed(match, "Ann"), signed(match, "ANN"), match.connect("ann")
    assert list(names(guest).values()) == [("Ann", True), ("ANN 2", True), ("ann 3", False)]
    assert first.player_id != second.player_id


def test_all_of_one_name_give_way_at_once() -> None:
    match = playground()
    for name in ("Ann", "Ben", "Ann"):
        watching = match.connect(name)
    signed(match, "Ann 2")
    signed(match, "ANN")
    assert list(names(watching).values()) == [
        ("Ann 3", False), ("Ben", False), ("Ann 2 2", False), ("Ann 2", True), ("ANN", True),
    ]  # fmt: skip


def test_a_party_does_not_keep_the_mark_of_another_name() -> None:
    """Whoever entered with a ticket and leads under a name of their own choice has no signed name."""
    match = playground()
    ann = match.connect()
    ann.send({"type": "party", "token": sign_ticket(SECRET, "user-1", name="Ann")})
    ann.send({"type": "join", "name": "Eve"})
    ben = match.connect("Ben", ann.room_id)
    assert names(ben)[ann.player_id] == ("Eve", False)


def test_the_filter_reads_what_people_read() -> None:
    heard = []

    def plain(text: str, _: object) -> str | None:
        heard.append(text)
        return None if "heck" in text.lower() else text

    match = playground(chat_filter=plain)
    for name in ("Hеck", "Ｈeck", "h\u200deck"):
        assert match.connect(name).errors() == ["bad_name"]
    heard.clear()
    assert match.connect("Ann").errors() == []
    assert match.connect("Вова").errors() == []
    assert heard == ["Ann", "Вова", "Boвa"]


@pytest.mark.parametrize(
    "word", ["hеck", "НЕСK", "Ｈeck", "h\ufe0fe\u200dck", "h3ck", "HÉCK", "𝔥𝔢𝔠𝔨", "һеcк"[:3] + "k"]
)
def test_blocked_words_are_seen_through_letters_that_look_alike(word: str) -> None:
    passed = BlockedWords(["heck"])(f"oh {word}!", None)  # type: ignore[arg-type]
    assert passed.replace("*", "").strip("\ufe0f\u200d") in ("oh !", "oh \ufe0f\u200d!")
    assert passed.count("*") == 4


def test_blocked_words_of_other_scripts_know_no_case() -> None:
    block = BlockedWords(["вор"])
    assert block("ВОР вор Вор воры", None) == "*** *** *** воры"  # type: ignore[arg-type]


@given(
    st.lists(
        st.tuples(st.sampled_from(["Ann", "Аnn", "ANN", "Ann 2", "Ann 3", "Аnn 2", "Ben"]), st.booleans()), max_size=7
    )
)
def test_no_two_in_a_room_look_alike_and_the_first_ticket_has_its_name(people: list[tuple[str, bool]]) -> None:
    match = playground()
    clients = [signed(match, name) if ticket else match.connect(name) for name, ticket in people]
    if not clients:
        return
    known = names(clients[0]) | {}
    looks = [skeletons(name) for name, _ in known.values()]
    for index, look in enumerate(looks):
        assert all(look.isdisjoint(other) for other in looks[:index])
    for index, ((name, ticket), client) in enumerate(zip(people, clients, strict=True)):
        shown, mark = known[client.player_id]
        assert mark == ticket
        assert shown.startswith(name)
        earlier = [
            known[other.player_id][0] for other, (_, theirs) in zip(clients[:index], people, strict=False) if theirs
        ]
        if ticket and all(skeletons(name).isdisjoint(skeletons(other)) for other in earlier):
            assert shown == name
