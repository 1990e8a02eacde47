"""What all tests in this folder need: every server of theirs has its fast lane open from the start."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def fast_lane(kernels: None) -> None:
    pass
