"""Text that people type and others read: names, titles, chat. What is invisible or covers the screen is refused."""

from __future__ import annotations

import unicodedata

from ..errors import MessageError

#: Holds the parts of many emoji together, and some letters of Sinhala and Malayalam.
ZERO_WIDTH_JOINER = "\u200d"
#: Keeps letters apart that would be joined, as Persian wants inside many names.
ZERO_WIDTH_NON_JOINER = "\u200c"
_JOINERS = ZERO_WIDTH_NON_JOINER + ZERO_WIDTH_JOINER
#: Choose a symbol's look: as text, or in colours.
_SELECTORS = "\ufe0e\ufe0f"
#: What makes a key of a digit, and what stands on keys.
_KEYCAP, _KEYS = "\u20e3", frozenset("0123456789#*")
#: Symbols with two looks that Unicode counts as letters or punctuation.
_SYMBOLS = frozenset("\u203c\u2049\u2139\u3030\u303d")
#: Letters and symbols that show nothing: fillers of Hangul, Braille's empty cell, a note without a head, blanks of
#: Egyptian hieroglyphs.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\U0001d159\U00013441\U00013442")
#: Unicode categories of control, format (such as right-to-left overrides), surrogate, private and separator characters.
_UNPRINTABLE = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
#: Unicode's property Default_Ignorable_Code_Point: what shows nothing by itself. First and last of each range.
_IGNORABLE = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip


def clean_text(text: str, most: int, code: str, what: str) -> str:
    """`text` without needless space, or MessageError: at most `most` characters, none of them invisible or control.

    Combining marks are bounded too: a hundred of them on one letter cover half a screen.
    """
    text = " ".join(filter(None, _composed(text, most, code, what).strip().split(" ")))
    if len(text) > most:
        raise _too_long(most, code, what)
    marks = 0
    for char in text:
        if _is_refused(char):
            raise MessageError(code, f"{what} may not contain control characters.")
        if char in _JOINERS:
            # What it joins may be marks.
            continue
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if marks > 4:
            raise MessageError(code, f"{what} may not stack that many accents.")
    return text if text.strip(_JOINERS) else ""


def clean_name(text: str, most: int, code: str, what: str) -> str:
    """`text` as a name: as `clean_text`, and without anything that shows nothing where it stands.

    Joiners stay in emoji and where a script needs them, variation selectors behind symbols. Any space is a plain one.
    """
    text = _composed(text, most, code, what)
    # What is left out may have kept marks apart that have an order of their own.
    while (shown := unicodedata.normalize("NFC", _shown(text))) != text:
        text = shown
    return clean_text(text, most, code, what)


def _shown(text: str) -> str:
    """The text without what shows nothing where it stands. What is never part of a text stays, to be refused."""
    kept = ""
    for index, char in enumerate(text):
        if unicodedata.category(char) == "Zs":
            char = " "
        if _is_refused(char) or not is_ignorable(char) or _in_place(kept[-1:], char, text[index + 1 : index + 2]):
            kept += char
    return kept


def _is_refused(char: str) -> bool:
    """Whether this is never part of what people write."""
    return char in _BLANK or (unicodedata.category(char) in _UNPRINTABLE and char not in _JOINERS)


def _composed(text: str, most: int, code: str, what: str) -> str:
    """The text in its one form (NFC), unless it is so long that this is not worth while."""
    if len(text) > most * 4:
        raise _too_long(most, code, what)
    return unicodedata.normalize("NFC", text)


def _too_long(most: int, code: str, what: str) -> MessageError:
    return MessageError(code, f"{what} may have at most {most} characters.")


def is_ignorable(char: str) -> bool:
    """Whether a character shows nothing by itself."""
    code = ord(char)
    return code >= 0xAD and any(first <= code <= last for first, last in _IGNORABLE)


def _in_place(before: str, char: str, after: str) -> bool:
    """Whether an invisible character does something between these two, either of which may be missing."""
    if char in _SELECTORS:
        return _is_symbol(before) or (before in _KEYS and after == _KEYCAP)
    if char == ZERO_WIDTH_JOINER and _is_symbol(after) and (_is_symbol(before) or (before and before in _SELECTORS)):
        return True
    if char not in _JOINERS or not before:
        return False
    if unicodedata.combining(before) == 9:
        # A virama, which the letters on both sides would else make one letter of.
        return True
    return (
        char == ZERO_WIDTH_NON_JOINER
        and unicodedata.bidirectional(before) == "AL"
        and after != ""
        and unicodedata.bidirectional(after) == "AL"
    )


def _is_symbol(char: str) -> bool:
    """Whether this may be an emoji, or part of one. Newer ones than this Python knows are told by their place."""
    return char != "" and (
        unicodedata.category(char) in ("So", "Sm") or char in _SYMBOLS or "\U0001f000" <= char <= "\U0001faff"
    )
