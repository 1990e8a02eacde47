"""For all tests."""

from __future__ import annotations

import os

from tests.support.examples import register_profiles

#: Fixtures that tests of more than one package need.
pytest_plugins = ("tests.support.command", "tests.support.databases", "tests.support.watched_server")

# No server that a test starts writes into the database of whoever runs the tests.
os.environ["RUMPUS_DATABASE"] = "none"

register_profiles()
