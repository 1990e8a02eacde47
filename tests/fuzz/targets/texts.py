"""What people type: cleaned or refused, and never a way around what it is compared by."""

from __future__ import annotations

from rumpus.errors import MessageError
from rumpus.game.contract import PlayerInfo
from rumpus.protocol.skeleton import plain_look, skeletons
from rumpus.protocol.text import clean_name, clean_text, is_ignorable
from rumpus.room.blocked_words import BlockedWords

_BLOCKED = BlockedWords(["darn", "heck", "вор", "h4x"])
_WHO = PlayerInfo(player_id="p1", name="Ann")

SEEDS = [
    text.encode()
    for text in (
        "Ann", "Zoë", "Вова", "Ａｎｎ", "A\u200dnn",
        "👩\u200d🚀", "❤\ufe0f\u200d🔥", "1\ufe0f\u20e3", "علی\u200cرضا",
        "김민준", "ශ\u0dca\u200dරී", "d4rn h3ck!", "hеck", "  a   b ", "I\u0307l1|", "A\u202eB",
        "\u3164", "ﷺ", "ǅ", "Straße", "i\u0307",
    )
]  # fmt: skip


def run(data: bytes) -> None:
    try:
        # JSON can write half of a character, which is no text.
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    try:
        said = clean_text(text, 300, "bad_message", "A chat message")
    except MessageError:
        pass
    else:
        assert clean_text(said, 300, "bad_message", "A chat message") == said
        passed = _BLOCKED(said, _WHO)
        assert len(passed) == len(said)
        assert all(after in (before, "*") for before, after in zip(said, passed, strict=True))
    try:
        name = clean_name(text, 24, "bad_name", "A name")
    except MessageError as error:
        assert error.code == "bad_name"
        return
    assert clean_name(name, 24, "bad_name", "A name") == name
    assert len(name) <= 24
    looks = skeletons(name)
    assert 1 <= len(looks) <= 2
    # Nothing that shows nothing makes another name.
    assert not looks.isdisjoint(skeletons("".join(char for char in name if not is_ignorable(char))))
    assert looks.isdisjoint(skeletons(f"{name} 2"))
    assert not any(is_ignorable(char) for char in plain_look(name))
