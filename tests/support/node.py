"""Node.js for tests of the SDK outside a browser."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest


def node_command() -> list[str]:
    """Node, with WebSockets: before version 22 they have to be asked for."""
    path = shutil.which("node")
    if path is None:
        pytest.skip("needs Node.js 20.10 or newer")
    text = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    version = [int(part) for part in re.findall(r"\d+", text)[:2]]
    if version < [20, 10]:
        pytest.skip("needs Node.js 20.10 or newer")
    return [path] if version >= [22, 0] else [path, "--experimental-websocket", "--no-warnings"]
