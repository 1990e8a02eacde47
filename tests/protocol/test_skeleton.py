"""Which names are one to whoever reads them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.protocol.skeleton import look_of, plain_look, skeletons

names = st.text(st.characters(codec="utf-8"), max_size=24)


def alike(one: str, other: str) -> bool:
    return not skeletons(one).isdisjoint(skeletons(other))


@pytest.mark.parametrize(
    ("name", "double"),
    [
        ("Ann", "Аnn"),  # Cyrillic
        ("Ann", "Ａｎｎ"),  # full width
        ("Ann", "𝔸𝕟𝕟"),
        ("Ann", "ANN"),
        ("Ann", "A\u200dn\ufe0fn"),
        ("Ann", "A\u034fn\U000e0061n"),
        ("ANNA", "ΑΝΝΑ"),  # Greek
        ("ΑΝΝΑ", "αννα"),
        ("Вова", "ВОВА"),
        ("paypal", "paypaI"),
        ("paypal", "pаyраl"),
        ("Paul", "Pau1"),
        ("Paul", "PAU|"),
        ("Ivan", "ivan"),
        ("Ivan", "lvan"),
        ("ivan", "i\u0307van"),
        ("modern", "rnodern"),
        ("BOB", "BО\u0412"),
        ("R00T", "ROOT"),
        ("Straße", "STRASSE"),
        ("Ann Lee", "Ann\u00a0Lee"),
        ("Ann Lee", "Ann\u2003 Lee"),
        ("Zoë", "Zoe\u0308"),
        ("♥", "♥\ufe0f"),
        ("Ann", "Ann ✔\ufe0f"),
        ("Ann", "🛡Ann"),
        ("김민준", unicodedata.normalize("NFD", "김민준")),
    ],
)
def test_names_that_look_alike_are_one(name: str, double: str) -> None:
    assert alike(name, double)


@pytest.mark.parametrize(
    ("name", "other"),
    [("Ann", "Ben"), ("Ann", "Anna"), ("Zoe", "Zoë"), ("ivan", "lvan"), ("Ann", "Ann 2"), ("Ann 2", "Ann 3"),
     ("李", "季"), ("AnnLee", "Ann Lee")],
)  # fmt: skip
def test_names_that_can_be_told_apart_are_two(name: str, other: str) -> None:
    assert not alike(name, other)


@given(names)
def test_a_name_looks_like_itself_in_any_form(name: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert alike(name, unicodedata.normalize(form, name))
    assert alike(name, name.casefold())
    assert alike(name, "\u034f" + name + "\ufe0f\u200d")


@given(names, st.integers(2, 99))
def test_a_number_is_always_a_difference(name: str, number: int) -> None:
    """So that a free name can be found."""
    assert not alike(name, f"{name} {number}")
    assert not alike(f"{name} {number}", f"{name} {number + 1}")


@given(st.text(st.characters(codec="ascii"), max_size=24))
def test_plain_text_reads_as_it_is_written(text: str) -> None:
    assert plain_look(text) == text
    assert "".join(map(look_of, text)) == text


def test_foreign_letters_read_as_what_they_look_like() -> None:
    assert plain_look("Ａnn") == plain_look("Аnn") == plain_look("A\u200dnn") == "Ann"
    assert plain_look("李小龍") == "李小龍"
    assert plain_look("Zoë") == "Zoë"
