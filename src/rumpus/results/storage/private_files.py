"""Files that hold what people did and who they are: made for their owner's eyes only, whatever the umask.

A file that is there already stays as it is: who may read it was somebody's decision, or a mistake that the log names.
"""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path
from typing import BinaryIO

logger = logging.getLogger(__name__)

#: Read and written by the owner, and by nobody else.
MODE = 0o600
#: The same for folders.
FOLDER_MODE = 0o700


def open_private(path: Path) -> BinaryIO:
    """A file to append to, made with mode 0600 if it is not there. Raises OSError."""
    return open(path, "ab", opener=lambda name, flags: os.open(name, flags, MODE))


def make_private(path: Path) -> None:
    """See that a file is there and can be written, and say in the log if others may read it. Raises OSError."""
    open_private(path).close()
    warn_if_shared(path)


def warn_if_shared(path: Path) -> None:
    """Say in the log if others than the owner may read a file. Raises OSError."""
    mode = stat.S_IMODE(path.stat().st_mode)
    # On Windows these bits say nothing.
    if os.name == "posix" and stat.S_ISREG(path.stat().st_mode) and mode & 0o077:
        logger.warning(
            "%s can be read by others (mode %04o): chmod 600 keeps names and accounts to its owner", path, mode
        )
