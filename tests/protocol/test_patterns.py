"""Patterns in the declarations of messages: each means the whole text, with nothing behind it."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus import protocol


def structs(modules: list[Any]) -> Iterator[type[msgspec.Struct]]:
    for module in modules:
        for what in vars(module).values():
            if isinstance(what, type) and issubclass(what, msgspec.Struct):
                yield what


def patterns(declared: Any) -> Iterator[tuple[Any, str]]:
    """Each type with a pattern inside a declared type."""
    for meta in getattr(declared, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and meta.pattern is not None:
            yield declared, meta.pattern
    for part in typing.get_args(declared):
        yield from patterns(part)


DECLARED = sorted(
    {
        f"{struct.__name__}.{name}": (part, pattern)
        for struct in structs([protocol, protocol.client, protocol.server])
        for name, declared in typing.get_type_hints(struct, include_extras=True).items()
        for part, pattern in patterns(declared)
    }.items()
)


def test_there_are_some() -> None:
    assert "JoinOptions.language" in dict(DECLARED)


@pytest.mark.parametrize(("declared", "pattern"), [what for _, what in DECLARED], ids=[name for name, _ in DECLARED])
@given(data=st.data())
def test_nothing_may_stand_before_or_behind(declared: Any, pattern: str, data: st.DataObject) -> None:
    good = data.draw(st.from_regex(pattern))
    try:
        msgspec.convert(good, declared)
    except msgspec.ValidationError:
        # Another rule of the same type.
        return
    for bad in (good + "\n", "\n" + good, good + " ", good + "\x00"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(bad, declared)
