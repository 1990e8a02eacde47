"""How a function becomes machine code, in one place; for the server's own hot paths and for any game's.

`kernel` marks what Python calls once or twice per tick: compiled on first use and kept on disk. `part` marks what
kernels call: it is compiled into them, so it needs no file of its own.

numba decides whether a cached kernel is stale by the date of the one file that defines it, and would go on using old
machine code after a change to a function or constant that the kernel takes from elsewhere. So each kernel is stamped
with a digest of its whole folder, and of the tables whose layout it may know. No fastmath: the same sums in the same
order give the same bits.

Reference counting of arrays (`_nrt`) is off. Kernels allocate nothing and keep nothing, and with it every table passed
to a part costs two atomic operations, which were half of a tick.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

# numba's own annotations do not know every option.
_KERNEL: dict[str, Any] = {"cache": True, "error_model": "numpy", "_nrt": False}
_PART: dict[str, Any] = {"error_model": "numpy", "forceinline": True, "no_cpython_wrapper": True, "_nrt": False}
#: Where the layout of tables is laid down, which every game's kernels build on.
_TABLES = Path(__file__).parent / "replication"

Function = TypeVar("Function", bound=Callable[..., Any])


def source_digest(folder: Path) -> str:
    """A digest of every Python file in `folder`: whatever changes the kernels, changes it."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@cache
def _stamp(folder: Path) -> str:
    return source_digest(folder) + source_digest(_TABLES)


def part(function: Function) -> Function:
    """Compile `function` into the kernels that call it: in line, as passing a table costs more than most calls do.

    Python cannot call it, except as `py_func`; leaving that out shortens the first compilation.
    """
    return cast(Function, numba.njit(**_PART)(function))


def kernel(function: Function) -> Function:
    """Compile `function` on its first call, or load what an earlier process compiled from the same sources."""
    compiled = numba.njit(**_KERNEL)(function)
    cache_file = _cache_file(compiled)
    if cache_file is not None:
        source = sys.modules[function.__module__].__file__
        cache_file._source_stamp = _stamp(Path(source or __file__).parent)
    return cast(Function, compiled)


def is_on_disk(compiled: Any) -> bool:
    """Whether an earlier process left this kernel, of the same sources, where it can be loaded from."""
    cache_file = _cache_file(compiled)
    return cache_file is None or bool(cache_file._load_index())


def _cache_file(compiled: Any) -> Any:
    """numba's own record of a kernel on disk; None when its compiler is switched off."""
    return getattr(getattr(compiled, "_cache", None), "_cache_file", None)
