"""Merge patches: what one makes of a state is the other state, and any patch at all can be applied."""

from __future__ import annotations

from typing import Any

import msgspec

from rumpus.protocol.merge_patch import NOT_PATCHABLE, apply, diff

#: Two JSON values, with a line's end between them.
SEEDS = [
    b'{"a":1,"b":{"c":[1,2],"d":"x"}}\n{"a":1.0,"b":{"c":[1,true]}}',
    b'{"a":{"b":{"c":1}}}\n{"a":{"b":{"c":null}}}',
    b'{"a":null}\n{"a":{"b":1}}',
    b'{"a":[{"b":null}]}\n{"a":[{"b":0}],"":-0.0}',
    b'[1]\n{"a":{"b":{}}}',
]


def run(data: bytes) -> None:
    first, _, second = data.partition(b"\n")
    try:
        one, other = _decoded(first), _decoded(second)
    except (msgspec.DecodeError, RecursionError):
        return
    written = msgspec.json.encode(other)
    if isinstance(one, dict) and isinstance(other, dict):
        patch = diff(one, other)
        if patch is not NOT_PATCHABLE:
            assert _sorted(apply(_decoded(first), patch)) == _sorted(other)
    apply(one, other)
    assert msgspec.json.encode(other) == written


def _decoded(data: bytes) -> Any:
    return msgspec.json.decode(data)


def _sorted(value: Any) -> bytes:
    return msgspec.json.encode(value, order="deterministic")
