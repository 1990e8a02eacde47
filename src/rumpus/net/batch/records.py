"""What the kernel that receives tells of what it received; apart from it, because it brings numba with it."""

from __future__ import annotations

from typing import Final

#: What a client that is not in the lane, or whose frames are not to be read here, has instead of a first byte.
ABSENT: Final = 0
UNREAD: Final = 1

#: Kinds of records: a whole message, unmasked; bytes that are something else; nothing more will come from this client;
#: more may be waiting than was taken; a whole text that is not ASCII and may or may not be UTF-8.
MESSAGE: Final = 0
BYTES: Final = 1
ENDED: Final = 2
MORE: Final = 3
WIDE_TEXT: Final = 4
