"""The golden vectors, which the JavaScript decoder is tested on too (tests/web/sdk/state/world.test.js)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from rumpus.replication import Decoder
from tests.golden.vectors import FILE, cases

CASES = json.loads(FILE.read_text())["cases"]


def test_the_encoder_still_writes_the_golden_bytes() -> None:
    """If this fails, the format has changed for every client there is. Is that meant? See tests/golden/vectors.py."""
    assert json.loads(json.dumps(cases())) == CASES


@pytest.mark.slow
def test_the_kernels_say_the_same_without_a_compiler() -> None:
    """What is compiled means what is written."""
    code = (
        "import json; from tests.golden.vectors import FILE, cases;"
        "assert json.loads(json.dumps(cases())) == json.loads(FILE.read_text())['cases']; print('the same')"
    )
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    root = FILE.parents[2]
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert run.stdout == "the same\n", run.stderr


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_decoder_reads_the_golden_bytes(case: dict[str, Any]) -> None:
    decoder = Decoder(case["schema"])
    for index, data in enumerate(case["snapshots"]):
        snapshot = decoder.apply(bytes.fromhex(data))
        assert snapshot.tick == case["ticks"][index]
        assert snapshot.ack == case["acks"][index]
        assert snapshot.keyframe == case["keyframes"][index]
        assert [list(event) for event in snapshot.events] == case["events"][index]
        assert decoder.plain() == case["plain"][index]
