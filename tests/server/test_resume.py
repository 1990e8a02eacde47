"""Coming back: a seat outlives its connection, for a while, for one owner, with nothing lost that matters."""

from __future__ import annotations

from typing import Any

import pytest

import rumpus
from rumpus import protocol
from rumpus.config import Limits
from rumpus.room import GameRoom
from rumpus.testing import MemoryClient, Playground
from tests.support.race import Race
from tests.support.regatta import Regatta


class Walk(rumpus.Game):
    """Steps count while a key is held; notes what it is told about its players."""

    max_players = 3

    class Input(rumpus.Input):
        step: int = 0

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.held: dict[str, int] = {}

    def process_input(self, player_id: str, input_data: Any) -> None:
        self.held[player_id] = input_data.step

    def update(self, delta_time: float) -> None:
        for player_id in self.scores:
            self.scores[player_id] += self.held.get(player_id, 0)

    def player_dropped(self, player_id: str) -> None:
        self.told.append(f"dropped {player_id}")

    def player_returned(self, player_id: str) -> None:
        self.told.append(f"returned {player_id}")

    def remove_player(self, player_id: str) -> None:
        super().remove_player(player_id)
        self.told.append(f"removed {player_id}")


def two(game: type[rumpus.Game] = Walk, **options: Any) -> tuple[Playground, MemoryClient, MemoryClient, GameRoom]:
    playground = Playground(game, start="now", **options)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    playground.run(0.5)
    return playground, ann, ben, playground.server.rooms[ann.room_id]


def drop(client: MemoryClient) -> None:
    client.messages()
    client.connection.disconnect()


def test_a_dropped_player_comes_back_as_if_nothing_had_happened() -> None:
    playground, ann, ben, room = two()
    ben.input(step=2)
    playground.run(1)
    before = room.game.scores[ben.player_id]
    assert before > 0
    drop(ben)
    view = ann.last("player_changed")["player"]
    assert (view["player_id"], view["away"]) == (ben.player_id, True)
    playground.run(20)
    # The key was let go for them.
    assert room.game.scores[ben.player_id] == before
    back = playground.resume(ben)
    joined = back.last("joined")
    assert (joined["player_id"], joined["room_id"], joined["resumed"]) == (ben.player_id, ann.room_id, True)
    assert {player["player_id"] for player in joined["players"]} == {ann.player_id, ben.player_id}
    assert ann.last("player_changed")["player"] == {
        "player_id": ben.player_id, "name": "Ben", "team": None, "bot": False,
    }  # fmt: skip
    playground.run(0.2)
    assert back.messages("state")[0]["state"]["scores"] == room.game.scores
    back.input(step=1)
    playground.run(0.5)
    assert room.game.scores[ben.player_id] > before
    assert back.ack == 1
    assert room.game.told == [f"dropped {ben.player_id}", f"returned {ben.player_id}"]  # type: ignore[attr-defined]
    assert not ann.messages("player_left")


def test_a_seat_is_free_when_its_time_is_over_and_not_before() -> None:
    playground, ann, ben, room = two(reconnect_time=10, max_players=2)
    drop(ben)
    playground.run(9.5)
    late = playground.connect("Cat", room=ann.room_id)
    assert late.errors() == ["room_full"]
    playground.run(1)
    assert ann.last("player_left") == {"type": "player_left", "player_id": ben.player_id, "reason": "lost"}
    assert playground.resume(ben).errors() == ["session_expired"]
    late.join("Cat", room=ann.room_id)
    assert late.last("joined")["room_id"] == ann.room_id
    assert room.game.told == [f"dropped {ben.player_id}", f"removed {ben.player_id}"]  # type: ignore[attr-defined]


def test_the_session_is_over_with_leave_and_with_the_room() -> None:
    playground, ann, ben, room = two()
    ben.send({"type": "leave"})
    assert playground.resume(ben).errors() == ["session_expired"]
    drop(ann)
    playground.server.close_room(room)
    assert playground.resume(ann).errors() == ["session_expired"]
    assert playground.server.players == {}


def test_a_token_changes_with_each_return_and_the_old_one_goes_when_the_new_one_is_known() -> None:
    playground, _, ben, _ = two()
    drop(ben)
    first = playground.resume(ben)
    # Nothing was heard since `joined`: it may never have arrived.
    drop(first)
    second = playground.resume(ben)
    assert second.last("joined")["player_id"] == ben.player_id
    assert len({ben.token, first.token, second.token}) == 3
    second.input(step=0)
    playground.run(1.1)
    drop(second)
    assert playground.resume(ben).errors() == ["session_expired"]
    # One that was never confirmed either is void once another was given.
    assert playground.resume(first).errors() == ["session_expired"]
    assert playground.resume(second).last("joined")["player_id"] == ben.player_id


def test_a_session_is_single() -> None:
    playground, ann, ben, room = two()
    other = playground.resume(ben)
    assert other.last("joined")["player_id"] == ben.player_id
    assert ben.errors() == ["session_taken"]
    assert ben.connection.close_code == protocol.TAKEN_OVER
    assert room.game.told == []  # type: ignore[attr-defined]
    assert not ann.messages("player_left")
    assert not ann.messages("player_changed")
    playground.run(1)
    assert other.state == ann.state
    other.send({"type": "resume", "session": other.token})
    assert other.errors() == ["already_joined"]


@pytest.mark.parametrize("session", ["", "x" * 22, "é"])
def test_made_up_tokens_open_nothing(session: str) -> None:
    playground, _, _, _ = two()
    stranger = playground.connect()
    stranger.send({"type": "resume", "session": session})
    assert stranger.errors() == ["session_expired"]


def test_messages_that_nothing_makes_good_are_told_later_once_and_in_order() -> None:
    class Cards(Race):
        def process_input(self, player_id: str, input_data: Any) -> None:
            for other in self.position:
                self.emit("card", {"for": other}, to=other)
            self.emit("seen by all")

    playground, ann, ben, room = two(Cards, max_players=2)
    ann.send({"type": "chat", "text": "one"})
    playground.run(0.1)
    drop(ben)
    ann.send({"type": "chat", "text": "two"})
    ann.input()
    playground.run(0.1)
    assert room.send_private_message(ben.player_id, {"type": "hint", "text": "left"})
    room.broadcast(protocol.Notice(level="info", text="Hurry."))
    room.broadcast_except(ben.player_id, {"type": "secret"})
    back = playground.resume(ben)
    missed = [message for message in back.messages() if message["type"] not in ("joined", "state", "delta")]
    assert [message["type"] for message in missed] == ["chat", "event", "hint", "notice"]
    assert missed[0]["text"] == "two"
    assert missed[1]["data"] == {"for": ben.player_id}
    serials = [message["serial"] for message in missed]
    assert serials == sorted(serials)
    # A client that has lost its memory (a page that was loaded again) gets what is kept, since it first came.
    drop(back)
    back.serial = 0
    again = playground.resume(back)
    texts = [message["text"] for message in again.messages("chat")]
    assert texts == ["one", "two"]
    assert again.last("joined")["serial"] == ben.messages("joined")[0]["serial"]


def test_what_was_on_its_way_when_the_line_broke_is_told_again() -> None:
    playground, ann, ben, _ = two()
    ann.send({"type": "chat", "text": "heard"})
    serial = ben.last("chat")["serial"]
    ann.send({"type": "chat", "text": "sent, never arrived"})
    drop(ben)
    ben.serial = serial
    assert [message["text"] for message in playground.resume(ben).messages("chat")] == ["sent, never arrived"]


@pytest.mark.parametrize("shown", [True, False])
def test_results_are_told_to_who_missed_them_while_they_are_shown(shown: bool) -> None:
    playground, ann, ben, _ = two(Race, max_players=2, results_time=5)
    drop(ben)
    for _ in range(5):
        ann.input(step=1)
    over = playground.run_until("game_over", ann)
    if not shown:
        playground.run(6)
    back = playground.resume(ben)
    assert back.last("joined")["status"] == ("ended" if shown else "in-progress")
    assert back.messages("game_over") == ([over] if shown else [])
    assert {line["player_id"] for line in over["results"]} == {ann.player_id, ben.player_id}


@pytest.mark.parametrize("subprotocol", [protocol.JSON_SUBPROTOCOL, protocol.MSGPACK_SUBPROTOCOL])
def test_a_returned_client_gets_a_whole_state_of_tables_too(subprotocol: str) -> None:
    playground = Playground(Regatta, start="now")
    ann, ben = playground.connect("Ann"), playground.connect("Ben", subprotocol=subprotocol)
    playground.run(1)
    drop(ben)
    ann.input(by=3.0)
    playground.run(2)
    back = playground.resume(ben)
    playground.run(0.1)
    assert back.state == ann.state
    back.timed_input(back.session.room.current_tick + 3, by=1.0)  # type: ignore[union-attr]
    playground.run(0.5)
    assert back.ack == 1
    assert back.state == ann.state


def test_the_game_is_told_who_is_away_when_a_match_begins() -> None:
    playground = Playground(Walk, start="countdown", min_players=2, countdown=3)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    drop(ben)
    playground.run(4)
    room = playground.server.rooms[ann.room_id]
    assert room.status == "in-progress"
    playground.resume(ben)
    assert room.game.told == [f"dropped {ben.player_id}", f"returned {ben.player_id}"]  # type: ignore[attr-defined]


def test_everybody_may_be_away_for_a_while() -> None:
    playground, ann, ben, room = two(reconnect_time=5, empty_grace=3)
    drop(ann)
    drop(ben)
    playground.run(4)
    assert playground.resume(ann).last("joined")["resumed"]
    assert room.status == "in-progress"
    playground.run(2)
    assert list(room.players) == [ann.player_id]


def test_when_nobody_comes_back_the_room_ends() -> None:
    playground, ann, ben, _ = two(reconnect_time=5, empty_grace=3)
    drop(ann)
    drop(ben)
    playground.run(9)
    assert playground.server.rooms == {}
    assert len(playground.server.seats) == playground.server.seats.held == 0


def test_one_address_cannot_have_any_number_of_seats_held() -> None:
    playground = Playground(Walk, Limits(max_held_per_address=2), start="now", max_players=8)
    clients = [playground.connect(f"P{number}", address="192.0.2.7") for number in range(4)]
    for client in clients:
        drop(client)
    assert playground.server.seats.held == 2
    returned = [playground.resume(client).errors() for client in clients]
    assert returned == [[], [], ["session_expired"], ["session_expired"]]


def test_a_game_that_raises_when_a_player_drops_or_returns_ends_its_room_only() -> None:
    class Faulty(Walk):
        def player_returned(self, player_id: str) -> None:
            raise ZeroDivisionError

    playground, ann, ben, _ = two(Faulty)
    drop(ben)
    back = playground.resume(ben)
    assert back.errors() == ann.errors() == ["game_error"]
    assert playground.server.players == {}
    back.join("Ben")
    assert not back.last("joined")["resumed"]


def test_a_session_of_before_a_restart_is_told_so() -> None:
    before, after = Playground(Walk, start="now"), Playground(Walk, start="now")
    lost = before.connect("Ann")
    assert after.resume(lost).errors() == ["server_restarted"]
    # Of this server, but over; and what no server gave.
    lost.send({"type": "leave"})
    assert before.resume(lost).errors() == ["session_expired"]
    for nonsense in ("", "x", lost.token + "x", lost.token.replace(".", "_"), "12345678.", "é" * 31):
        lost.token = nonsense
        assert before.resume(lost).errors() == ["session_expired"], nonsense


def test_the_names_of_all_sessions_of_a_server_begin_alike() -> None:
    playground, ann, ben, _ = two()
    drop(ben)
    back = playground.resume(ben)
    watcher = playground.connect()
    watcher.send({"type": "join", "role": "spectator", "room": ann.room_id})
    playground.run(5)
    names = {watcher.last("joined")["session"], ann.token, back.token, ben.token}
    assert len(names) == 4
    assert len({name.partition(".")[0] for name in names}) == 1


@pytest.mark.parametrize(
    "message",
    [{"type": "ping", "time": 1}, {"type": "chat", "text": "hi"}, {"type": "ready"}, {"type": "nonsense"}, "input"],
)
def test_the_first_word_on_the_new_connection_ends_the_old_token(message: Any) -> None:
    playground, ann, _, _ = two()
    drop(ann)
    back = playground.resume(ann)
    if message == "input":
        back.input(step=1)
    else:
        back.send(message)
    # No time has passed.
    thief = playground.connect()
    thief.send({"type": "resume", "session": ann.token})
    assert thief.errors() == ["session_expired"]
    assert not back.connection.closed
