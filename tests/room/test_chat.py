"""Who hears what, and what the operator's filter does to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus import PlayerInfo
from rumpus.errors import ConfigurationError
from rumpus.game import ChatFilter
from rumpus.game.loading import load_chat_filter
from rumpus.room.blocked_words import BlockedWords, load_blocked_words
from rumpus.room.chat import MOST_MUTED
from rumpus.testing import MemoryClient, Playground
from tests.support.race import Race

WHO = PlayerInfo(player_id="p1", name="Ann")


def sides(**options: object) -> Playground:
    return Playground(Race, max_players=4, settings={"sides": True}, **options)


def say(client: MemoryClient, text: str, **more: object) -> None:
    client.send({"type": "chat", "text": text, **more})


def heard(client: MemoryClient) -> list[str]:
    return [line["text"] for line in client.messages("chat")]


def test_a_line_says_who_wrote_it_and_to_whom() -> None:
    playground = Playground(Race)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    say(ann, "hello")
    assert ben.last("chat") == {
        "type": "chat",
        "player_id": ann.player_id,
        "name": "Ann",
        "text": "hello",
        "serial": 1,
    }


def test_the_team_alone_hears_what_is_said_to_it() -> None:
    playground = sides()
    ann, ben, cid, dan = (playground.connect(name) for name in ("Ann", "Ben", "Cid", "Dan"))
    say(ann, "psst", to="team")
    assert [heard(client) for client in (ann, ben, cid, dan)] == [["psst"], [], ["psst"], []]
    assert cid.last("chat")["to"] == "team"


def test_without_teams_it_goes_to_all() -> None:
    playground = Playground(Race)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    say(ann, "psst", to="team")
    assert "to" not in ben.last("chat")


def test_whoever_is_muted_is_heard_by_others_only() -> None:
    playground = Playground(Race, max_players=3)
    ann, ben, cid = (playground.connect(name) for name in ("Ann", "Ben", "Cid"))
    ben.send({"type": "mute", "player_id": ann.player_id})
    say(ann, "one")
    ben.send({"type": "mute", "player_id": ann.player_id, "muted": False})
    say(ann, "two")
    assert (heard(ben), heard(cid), heard(ann)) == (["two"], ["one", "two"], ["one", "two"])


def test_a_player_with_an_account_stays_muted_on_another_seat() -> None:
    playground = Playground(Race, max_players=3)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    room = playground.server.rooms[ann.room_id]
    room.players[ann.player_id].info.account = "u:ann"
    ben.send({"type": "mute", "player_id": ann.player_id})
    ann.send({"type": "leave"})
    ann.join("Ann", room=room.room_id)
    room.players[ann.player_id].info.account = "u:ann"
    say(ann, "me again")
    assert heard(ben) == []


def test_who_can_be_muted_and_how_many() -> None:
    playground = Playground(Race)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    ann.send({"type": "mute", "player_id": "nobody"})
    assert ann.errors() == ["no_such_player"]
    player = playground.server.rooms[ann.room_id].players[ann.player_id]
    player.muted.update(f"x{number}" for number in range(MOST_MUTED))
    ann.send({"type": "mute", "player_id": ben.player_id})
    assert ann.errors() == ["no_such_player", "not_possible"]


def with_filter(chat_filter: ChatFilter) -> Playground:
    return Playground(Race, chat_filter=chat_filter)


def test_a_filter_changes_and_swallows_lines_and_sees_who_wrote_them() -> None:
    seen = []

    def shout(text: str, info: PlayerInfo) -> str | None:
        seen.append((text, info.name))
        return None if text == "secret" else text.upper()

    playground = with_filter(shout)
    ann, ben = playground.connect("ANN"), playground.connect("BEN")
    say(ann, "hi")
    say(ann, "secret")
    assert heard(ben) == ["HI"]
    assert ann.last("notice") == {
        "type": "notice",
        "level": "info",
        "text": "Your message was not passed on.",
        "serial": 2,
    }
    assert not ben.messages("notice")
    assert seen[-2:] == [("hi", "ANN"), ("secret", "ANN")]


def test_names_go_through_it_too() -> None:
    playground = with_filter(lambda text, info: None if "rude" in text else text.replace("bad", "***"))
    ann = playground.connect("rude")
    ann.join("bad")
    ann.join("good")
    assert ann.errors() == ["bad_name", "bad_name"]
    assert ann.last("joined")["players"][0]["name"] == "good"
    assert playground.connect("").last("joined")["players"][1]["name"].startswith("Guest")


@pytest.mark.parametrize("answer", [1 / 1, b"bytes", "raise"])
def test_a_filter_that_fails_costs_the_line_and_not_the_room(answer: object, caplog: pytest.LogCaptureFixture) -> None:
    def broken(text: str, info: PlayerInfo) -> str | None:
        if answer == "raise":
            raise RuntimeError("no dictionary")
        return answer  # type: ignore[return-value]

    playground = with_filter(broken)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    say(ann, "hi")
    assert heard(ben) == []
    assert ann.messages("notice")
    assert "chat filter" in caplog.text
    assert playground.server.counters.failed_rooms == 0
    # A name that nobody looked at is not used, and keeps nobody out.
    assert [player["name"] for player in ben.last("joined")["players"]] == ["Guest 1", "Guest 2"]


def test_blocked_words_become_asterisks() -> None:
    block = BlockedWords(["darn", "Æther", "h4x"])
    for text, passed in {
        "darn it": "**** it",
        "DARN! darned": "****! darned",
        "d4rn dàrn d@rn": "**** **** ****",
        "ＤＡＲＮ": "****",
        "darn_it": "****_it",
        "Æther H4X hax": "***** *** hax",
        "so, Darn.": "so, ****.",
        "nothing here": "nothing here",
    }.items():
        assert block(text, WHO) == passed, text


def test_signs_stand_for_letters_but_numbers_are_numbers() -> None:
    block = BlockedWords(["ass", "hi", "lol"])
    assert block("@ss @$$ a55 455", WHO) == "*** *** *** 455"
    assert block("h! h!! h!there h1", WHO) == "h! h!! h!there **"
    assert block("1o1 10l !o!o", WHO) == "*** *** !o!o"


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=5), max_size=4))
def test_blocking_only_ever_puts_asterisks(text: str, words: list[str]) -> None:
    passed = BlockedWords(words)(text, WHO)
    assert len(passed) == len(text)
    assert all(after in (before, "*") for before, after in zip(text, passed, strict=True))


def test_words_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("# rude\n\ndarn\n  heck \n", encoding="utf-8")
    assert load_blocked_words(path)("heck, darn", WHO) == "****, ****"
    path.write_text("darn\ntwo words\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="line 2: 'two words' is not one word"):
        load_blocked_words(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load_blocked_words(path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_blocked_words(tmp_path / "none.txt")


def test_a_filter_is_named_by_module_and_function() -> None:
    assert load_chat_filter("tests.room.test_chat:quiet") is quiet
    for name, complaint in {
        "quiet": "takes module:function",
        "tests.room.test_chat:nothing": "has no function 'nothing'",
        "tests.room.test_chat:WHO": "has no function 'WHO'",
        "no_such_module:f": "chat filter's module 'no_such_module' cannot be imported: there is no such module",
    }.items():
        with pytest.raises(ConfigurationError, match=complaint):
            load_chat_filter(name)


def quiet(text: str, info: PlayerInfo) -> str | None:
    return None
