"""JSON Merge Patch (RFC 7396): the difference between two plain-data states.

A client applies it in ten lines of any language, which is why plain-data deltas are merge patches and not something
denser. The RFC cannot express a null inside an object (null means "remove"), so `diff` refuses such states and the
room sends them whole.
"""

from __future__ import annotations

from typing import Any

import msgspec

#: What `diff` returns when the new state cannot be reached by a patch.
NOT_PATCHABLE = object()

_encode = msgspec.json.Encoder().encode


def diff(old: dict[str, Any], new: dict[str, Any]) -> Any:
    """The patch that turns `old` into `new`, or NOT_PATCHABLE. Both are plain data with string keys.

    Values are compared by type as well: 1, 1.0 and True are equal in Python and different on the wire.
    """
    patch: dict[str, Any] = {}
    kept = 0
    for key, value in new.items():
        if key in old:
            kept += 1
            before = old[key]
            kind = type(value)
            if kind is dict:
                if type(before) is dict:
                    inner = diff(before, value)
                    if inner is NOT_PATCHABLE:
                        return NOT_PATCHABLE
                    if inner:
                        patch[key] = inner
                elif _has_null(value):
                    return NOT_PATCHABLE
                else:
                    # A patch merges into an object that is there but replaces anything else.
                    patch[key] = value
                continue
            # Equal lists may still hold 1 where there was True: what counts is whether they are written alike.
            if kind is type(before) and value == before and (kind is not list or _encode(value) == _encode(before)):
                continue
        if value is None or value != value or (type(value) is dict and _has_null(value)):
            return NOT_PATCHABLE
        patch[key] = value
    if kept < len(old):
        for key in old:
            if key not in new:
                patch[key] = None
    return patch


def apply(state: Any, patch: Any) -> Any:
    """The state after the patch. Objects of `state` are changed in place where they can be."""
    if type(patch) is not dict:
        return patch
    if type(state) is not dict:
        state = {}
    for key, value in patch.items():
        if value is None:
            state.pop(key, None)
        elif type(value) is dict:
            state[key] = apply(state.get(key), value)
        else:
            state[key] = value
    return state


def _has_null(tree: dict[str, Any]) -> bool:
    """Whether an object has a null (or a NaN, which JSON writes as null) that a patch would read as a removal."""
    return any(value is None or value != value or (type(value) is dict and _has_null(value)) for value in tree.values())
