"""A simple chat filter: words of a list become asterisks.

Whole words only, so that nobody is censored for a word inside another. Case, accents, invisible characters, letters
that look alike (a Cyrillic а), and digits or signs that stand for letters (`h3llo`, `@` for a) make no difference.
Whoever wants to get around a list will; for more, write a filter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import ConfigurationError
from ..game.contract import PlayerInfo
from ..protocol.skeleton import look_of

#: What stands for letters; a one is either of two. An exclamation mark may end a sentence: see `_as_letters`.
_STAND_INS = tuple(str.maketrans("034578@$!1", "oeastbasi" + one) for one in "il")
_WORD = re.compile(r"[^\W_]+")
_MARK_THAT_ENDS = re.compile(r"!+(?![\w@$])")


class BlockedWords:
    """A chat filter that replaces the words given, in any of their disguises."""

    def __init__(self, words: Iterable[str]) -> None:
        words = list(words)
        self._readings = [_Reading(words, capitals) for capitals in (False, True)]

    def __call__(self, text: str, info: PlayerInfo) -> str:
        # Without foreign letters, capitals look like themselves.
        readings = self._readings[:1] if text.isascii() else self._readings
        hidden = {index for reading in readings for index in reading.blocked(text)}
        return "".join("*" if index in hidden else char for index, char in enumerate(text)) if hidden else text


class _Reading:
    """The words, and texts, with letters that look alike as one.

    capitals: whether what capitals look like counts, not what their small letters do: В looks like B, в like nothing.
    """

    def __init__(self, words: Iterable[str], capitals: bool) -> None:
        self._capitals = capitals
        self._words = frozenset("".join(char for char, _ in _folded(word, capitals)) for word in words)
        #: Only words of letters can be disguised.
        self._letters = frozenset(word for word in self._words if word.isalpha())

    def blocked(self, text: str) -> Iterator[int]:
        """The places of the characters that blocked words are made of."""
        folded = list(_folded(text, self._capitals))
        plain = "".join(char for char, _ in folded)
        spans = [word.span() for word in _WORD.finditer(plain) if word[0] in self._words]
        for letters in _as_letters(plain):
            # A number is a number.
            spans += [
                word.span()
                for word in _WORD.finditer(letters)
                if word[0] in self._letters and not plain[slice(*word.span())].isdigit()
            ]
        for begin, end in spans:
            for _, index in folded[begin:end]:
                yield index


def load_blocked_words(path: Path) -> BlockedWords:
    """The filter of a file with one word a line; empty lines and lines that begin with # do not count.

    Raises ConfigurationError.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise ConfigurationError(f"--blocked-words {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"--blocked-words {path} is not UTF-8 text.") from None
    words = []
    for number, line in enumerate(lines, 1):
        word = line.strip()
        if not word or word.startswith("#"):
            continue
        if _WORD.fullmatch("".join(char for char, _ in _folded(word, False))) is None:
            raise ConfigurationError(f"--blocked-words {path}, line {number}: {word[:40]!r} is not one word.")
        words.append(word)
    return BlockedWords(words)


def _folded(text: str, capitals: bool) -> Iterator[tuple[str, int]]:
    """The characters without case and accents, each with the place in the text that it comes from."""
    for index, char in enumerate(text):
        for part in look_of(char).casefold() if capitals else "".join(map(look_of, char.casefold())):
            # Some capitals look like letters that have small ones with accents.
            for letter in unicodedata.normalize("NFKD", part):
                if not unicodedata.combining(letter):
                    yield letter, index


def _as_letters(plain: str) -> Iterator[str]:
    """The text with stand-ins as the letters they may be; as long as before."""
    inside = _MARK_THAT_ENDS.sub(lambda marks: " " * len(marks[0]), plain)
    return (inside.translate(table) for table in _STAND_INS)
