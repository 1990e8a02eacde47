"""What names look like: two that a reader cannot tell apart have a skeleton in common.

As in Unicode's UTS 39: compatibility forms (full width, styled letters) are taken apart, what shows nothing is dropped
(and what looks like the mark of a signed name), and each character becomes the prototype of those that look like it.
Case makes no difference either. The two do not agree, which is why there are two skeletons: a capital I looks like a
small l, and is the same letter as a small i.

No name is refused for its letters, nor for mixing scripts: people's names do, and what matters is whose they look like.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

from .text import is_ignorable

#: What looks like the mark of a signed name, beside which nobody looks for another difference.
_LIKE_THE_MARK = frozenset("✓✔☑✅🗸🛡🔰⛨")
#: Names whose skeletons are kept at hand.
_KEPT = 4096


@lru_cache(_KEPT)
def skeletons(name: str) -> frozenset[str]:
    """One or two keys of a name; names look alike if they have one in common."""
    plain = _plain(name)
    return frozenset(_alike(_alike(text).casefold()) for text in (plain, plain.casefold()))


@lru_cache(_KEPT)
def look_of(char: str) -> str:
    """What a reader of English takes a character for: ASCII letters, or the character taken apart; "" for nothing.

    ASCII stays as it is: a zero is no O.
    """
    look = ""
    for part in _plain(char):
        prototype = part if part.isascii() else _prototypes().get(ord(part), part)
        look += prototype if all(sign.isascii() or unicodedata.combining(sign) for sign in prototype) else part
    return look


def plain_look(text: str) -> str:
    """The text as a reader of English takes it; as it is, if it is ASCII."""
    return text if text.isascii() else unicodedata.normalize("NFC", "".join(map(look_of, text)))


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return decomposed if decomposed.isascii() else "".join(filter(_is_read, decomposed))


def _is_read(char: str) -> bool:
    return not is_ignorable(char) and char not in _LIKE_THE_MARK


def _alike(text: str) -> str:
    """The text by prototypes, with single spaces."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).translate(_prototypes()))
    # A dot above is what these have already.
    return " ".join(text.replace("i\u0307", "i").replace("j\u0307", "j").split())


@cache
def _prototypes() -> dict[int, str]:
    """By code point, of all that look like something else. Read when the first name comes: 3 ms."""
    table: dict[int, str] = {}
    for line in files(__package__).joinpath("confusables.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            prototype, alike = line.split(";")
            look = "".join(chr(int(code, 16)) for code in prototype.split())
            table.update((int(code, 16), look) for code in alike.split())
    return table
