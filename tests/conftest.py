"""For all tests."""

from __future__ import annotations

import os

import pytest

from tests.support.examples import register_profiles

#: Fixtures that tests of more than one package need.
pytest_plugins = ("tests.support.command", "tests.support.databases", "tests.support.watched_server")

# No server that a test starts writes into the database of whoever runs the tests.
os.environ["RUMPUS_DATABASE"] = "none"

register_profiles()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coverage is measured where a test goes its way once. Properties go the same ways a hundred times, and slow tests
    for many seconds; counting lines makes that take three times as long.
    """
    for item in items:
        again_and_again = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if again_and_again or item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.no_cover)
