"""For all tests."""

import os

from hypothesis import settings

#: Fixtures that tests of more than one package need.
pytest_plugins = ("tests.support.command", "tests.support.databases", "tests.support.watched_server")

# No server that a test starts writes into the database of whoever runs the tests.
os.environ["RUMPUS_DATABASE"] = "none"

# How long an example takes says something about the machine, and nothing about the code.
settings.register_profile("rumpus", deadline=None)
settings.load_profile("rumpus")
