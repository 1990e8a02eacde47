"""What an input has reached that no branch in Python shows: how a decoder in C refused it, what a server answered.

A fuzzer that is guided by branches keeps an input if it takes a new one. `reach` makes each landmark one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

#: Landmarks that count; more are no help.
_MOST = 4000
#: What is different in each text and says nothing: numbers, and what is quoted.
_DETAILS = re.compile(r"\$\S*|\d+|'[^']*'|\"[^\"]*\"|`[^`]*`")

#: What makes branches of a function known to the fuzzer; nothing, where there is none.
_instruments: list[Callable[[Callable[[], None]], Callable[[], None]]] = []
_known: dict[str, Callable[[], None]] = {}


def guide(instrument: Callable[[Callable[[], None]], Callable[[], None]]) -> None:
    """Landmarks count from now on. instrument: makes the branches of a function known to the fuzzer."""
    _instruments.append(instrument)


def reach(what: str) -> None:
    """This has happened. Does nothing without a fuzzer."""
    if not _instruments:
        return
    what = _DETAILS.sub("", what)[:120]
    landmark = _known.get(what)
    if landmark is None:
        if len(_known) >= _MOST:
            return
        landmark = _known[what] = _instruments[0](_landmark())
    landmark()


def _landmark() -> Callable[[], None]:
    def landmark() -> None:
        """A branch of its own."""

    return landmark
