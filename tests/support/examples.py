"""How many examples hypothesis plays: all of them, or a part for the seconds between two edits.

Each property says for itself how many it needs to find what it is there to find. The profile `quick` plays an eighth
of that: `make unit` uses it, and `--hypothesis-profile quick` does anywhere. Everything else, `make test` and plain
`pytest` included, plays them all.
"""

from __future__ import annotations

from hypothesis import settings

QUICK = "quick"


def register_profiles() -> None:
    """Make `full` the profile in use, and `quick` known. Examples take as long as they do: that says something about
    the machine, and nothing about the code.
    """
    settings.register_profile("full", deadline=None)
    settings.register_profile(QUICK, deadline=None, max_examples=_few(settings.default.max_examples))
    settings.load_profile("full")


def examples(number: int) -> int:
    """`max_examples` of a property that needs this many."""
    return _few(number) if settings.get_current_profile_name() == QUICK else number


def _few(number: int) -> int:
    return max(5, number // 8)
