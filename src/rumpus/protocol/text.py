"""Text that people type and others read: names, titles, chat. What is invisible or covers the screen is refused."""

from __future__ import annotations

import unicodedata

from ..errors import MessageError

#: Joins the parts of many emoji; the only invisible character a name may hold.
_ZERO_WIDTH_JOINER = "\u200d"
#: Letters and symbols that show nothing: fillers of Hangul, and Braille's empty cell.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
#: Unicode categories of control, format (such as right-to-left overrides), surrogate, private and separator characters.
_UNPRINTABLE = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))


def clean_text(text: str, most: int, code: str, what: str) -> str:
    """`text` without needless space, or MessageError: at most `most` characters, none of them invisible or control.

    Combining marks are bounded too: a hundred of them on one letter cover half a screen.
    """
    if len(text) > most * 4:
        raise MessageError(code, f"{what} may have at most {most} characters.")
    text = " ".join(filter(None, unicodedata.normalize("NFC", text).strip().split(" ")))
    if len(text) > most:
        raise MessageError(code, f"{what} may have at most {most} characters.")
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if (category in _UNPRINTABLE and char != _ZERO_WIDTH_JOINER) or char in _BLANK:
            raise MessageError(code, f"{what} may not contain control characters.")
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > 4:
            raise MessageError(code, f"{what} may not stack that many accents.")
    return text if text.strip(_ZERO_WIDTH_JOINER) else ""
