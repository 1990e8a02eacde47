"""RFC 7396, and the promise that a client which applies our patches holds the state we meant."""

from __future__ import annotations

import copy
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.protocol.merge_patch import NOT_PATCHABLE, apply, diff

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(-2, 2), st.just(math.nan), st.text("ab", max_size=2)
)
keys = st.text("abc", min_size=1, max_size=2)
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4))
states = st.dictionaries(keys, trees, max_size=5)


def written(tree: Any) -> bytes:
    """What a client sees: bytes, so that 1, 1.0 and true differ."""
    return msgspec.json.encode(tree, order="deterministic")


@given(states, states)
def test_a_patch_turns_the_old_state_into_the_new_one(old: dict[str, Any], new: dict[str, Any]) -> None:
    old = msgspec.json.decode(written(old))
    patch = diff(old, new)
    if patch is not NOT_PATCHABLE:
        sent = msgspec.json.decode(written(patch))
        assert written(apply(copy.deepcopy(old), sent)) == written(new)


@given(states)
def test_an_unchanged_state_needs_an_empty_patch_or_none_at_all(state: dict[str, Any]) -> None:
    assert diff(state, copy.deepcopy(state)) in ({}, NOT_PATCHABLE)


@given(st.dictionaries(keys, st.integers() | st.text() | st.booleans()), st.dictionaries(keys, st.integers()))
def test_states_without_nulls_are_always_patchable(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert diff(old, new) is not NOT_PATCHABLE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {"a": None}),
        ({"a": 1}, {"a": None}),
        ({"a": 1}, {"a": {"b": None}}),
        ({}, {"a": {"b": {"c": None}}}),
        ({}, {"a": math.nan}),
        ({"a": {}}, {"a": {"b": math.nan}}),
    ],
)
def test_a_new_null_cannot_be_patched_in_because_it_would_read_as_a_removal(old: Any, new: Any) -> None:
    assert diff(old, new) is NOT_PATCHABLE


@pytest.mark.parametrize(
    ("old", "new", "patch"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, {"b": None}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "c": 2}}, {"a": {"b": 3}}),
        ({"a": 1}, {"a": 1.0}, {"a": 1.0}),
        ({"a": 1}, {"a": True}, {"a": True}),
        ({"a": [1]}, {"a": [True]}, {"a": [True]}),
        ({"a": [1, 2]}, {"a": [1, 3]}, {"a": [1, 3]}),
        ({"a": 1}, {"a": {}}, {"a": {}}),
    ],
)
def test_patches_hold_what_changed_and_nothing_else(old: Any, new: Any, patch: Any) -> None:
    found = diff(old, new)
    assert written(found) == written(patch)


# The examples of RFC 7396, appendix A.
@pytest.mark.parametrize(
    ("original", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_apply_does_what_the_rfc_says(original: Any, patch: Any, result: Any) -> None:
    assert apply(original, patch) == result
