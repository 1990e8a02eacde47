"""Texts that tables refer to by number, kept as bytes where kernels can copy them from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .columns import MAX_TEXT

#: Different texts of one match. Text that changes all the time (a clock, say) belongs into numbers.
MAX_STRINGS = 1_000_000


class Strings:
    """Every different text of a world. Number 0 is the empty one; numbers are never given back."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.texts: list[str] = []
        #: All texts as UTF-8, one after the other, and where each begins; one more entry than there are texts.
        self.bytes: NDArray[np.uint8] = np.zeros(1024, dtype=np.uint8)
        self.starts: NDArray[np.int64] = np.zeros(64, dtype=np.int64)
        self.number("")

    def __len__(self) -> int:
        return len(self.texts)

    def number(self, text: str) -> int:
        """The number of a text, new or known. Raises ValueError that says why not; the table says where."""
        number = self._numbers.get(text)
        if number is not None:
            return number
        if not isinstance(text, str):
            raise ValueError(f"cannot be {text!r}: it takes text.")
        try:
            data = text.encode()
        except UnicodeEncodeError:
            raise ValueError(f"cannot be {text!r}: this is not proper Unicode.") from None
        if len(data) > MAX_TEXT:
            raise ValueError(f"cannot be {text[:20]!r}...: it takes at most {MAX_TEXT} bytes of UTF-8.")
        number = len(self.texts)
        if number >= MAX_STRINGS:
            raise ValueError(
                f"is the {MAX_STRINGS + 1}th different text of this match; put what varies so much into numbers."
            )
        start = int(self.starts[number])
        if start + len(data) > self.bytes.size:
            self.bytes = np.concatenate((self.bytes, np.zeros_like(self.bytes)))
        if number + 2 > self.starts.size:
            self.starts = np.concatenate((self.starts, np.zeros_like(self.starts)))
        self.bytes[start : start + len(data)] = np.frombuffer(data, dtype=np.uint8)
        self.starts[number + 1] = start + len(data)
        self.texts.append(text)
        self._numbers[text] = number
        return number

    def find(self, text: str) -> int:
        """The number of a text, or -1 if no row has ever held it."""
        return self._numbers.get(text, -1)
