"""What people may call themselves: nothing invisible, and everything that anybody is really called."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.errors import MessageError
from rumpus.protocol.text import clean_name, is_ignorable

texts = st.text(st.characters(codec="utf-8"), max_size=24) | st.text(
    "Aa1♥👩🚀\u200c\u200d\ufe0f\u20e3\u0dcaعر \u3000", max_size=12
)


def name(text: str) -> str:
    return clean_name(text, 24, "bad_name", "A name")


@pytest.mark.parametrize(
    "honest",
    [
        "Ann", "Zoë", "Łukasz", "Вова", "ΑΝΝΑ", "Ωmega Кот", "李小龍", "辻", "さくら",
        "김민준", "ישראל", "محمد", "नरेन्द्र", "สมชาย",
        "علی\u200cرضا",  # Persian
        "ශ\u0dca\u200dර\u0dd3",  # Sinhala
        "👩\u200d🚀", "🏳\ufe0f\u200d🌈", "❤\ufe0f\u200d🔥", "👩🏽\u200d🚀",
        "1\ufe0f\u20e3", "☠\ufe0e", "‼\ufe0f", "O'Neil", "x_X.1-2",
    ],
)  # fmt: skip
def test_names_of_any_language_stay_as_they_are(honest: str) -> None:
    assert name(honest) == unicodedata.normalize("NFC", honest)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("A\u200dnn", "Ann"), ("A\u200cnn", "Ann"), ("Ann\ufe0f", "Ann"), ("A\ufe00nn", "Ann"), ("A\u034fnn", "Ann"),
        ("辻\U000e0100", "辻"), ("\u182e\u180b\u182d", "\u182e\u182d"), ("♥\ufe0f\ufe0f", "♥\ufe0f"), ("1\ufe0f", "1"),
        ("♥\u200d", "♥"), ("\u200d♥", "♥"), ("Ann\u00a0\u3000Lee", "Ann Lee"), ("\u3000Ann\u2003", "Ann"),
        ("\u200d\u200c", ""), ("Ann \u200d ", "Ann"), ("A \u200d nn", "A nn"), ("Ann\ufff0", "Ann"),
    ],
)  # fmt: skip
def test_what_shows_nothing_where_it_stands_is_left_out(typed: str, kept: str) -> None:
    assert name(typed) == kept


@pytest.mark.parametrize("bad", ["A\nB", "A\u202eB", "A\u200bB", "\u3164", "\u2800",
    "\U0001d159", "A\ufeff", "\ue000", "A" + "\u0300" * 6,
    "A" + ("\u0300" * 4 + "\u200d") * 3, "A" + ("\u0300" * 4 + "\u034f") * 3])  # fmt: skip
def test_what_is_never_part_of_a_name_is_refused(bad: str) -> None:
    with pytest.raises(MessageError, match="may not") as refused:
        name(bad)
    assert refused.value.code == "bad_name"


@given(texts)
def test_a_clean_name_stays_as_it_is_and_has_nothing_invisible_in_vain(text: str) -> None:
    try:
        cleaned = name(text)
    except MessageError:
        return
    assert name(cleaned) == cleaned
    assert len(cleaned) <= 24
    assert cleaned == " ".join(cleaned.split())
    assert not is_ignorable(cleaned[:1] or "a")
    shown = [char for char in cleaned if not is_ignorable(char)]
    assert bool(shown) == bool(cleaned)
    # Of two such characters in a row, one shows nothing; but one behind an emoji's selector holds it to the next.
    assert not any(
        is_ignorable(first) and is_ignorable(second) and (first, second) != ("\ufe0f", "\u200d")
        for first, second in itertools.pairwise(cleaned)
        if first != "\ufe0e"
    )
