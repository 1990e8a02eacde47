"""Codes that people read to one another: of rooms and of parties."""

from __future__ import annotations

import re
from collections.abc import Container
from random import Random

#: Letters and digits that cannot be mistaken for one another; six make 887 million codes.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 6
_CODE = re.compile(f"[{_ALPHABET}]{{{_LENGTH}}}")


def new_code(random: Random, taken: Container[str]) -> str:
    """A code that is not taken."""
    while True:
        code = "".join(random.choice(_ALPHABET) for _ in range(_LENGTH))
        if code not in taken:
            return code


def is_code(text: str) -> bool:
    """Whether `new_code` could have made this."""
    return _CODE.fullmatch(text) is not None
