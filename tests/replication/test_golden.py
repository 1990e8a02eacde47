"""The golden vectors, which the JavaScript decoder is tested on too (tests/web/world.test.js)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rumpus.replication import Decoder
from tests.golden.vectors import FILE, cases

CASES = json.loads(FILE.read_text())["cases"]


def test_the_encoder_still_writes_the_golden_bytes() -> None:
    """If this fails, the format has changed for every client there is. Is that meant? See tests/golden/vectors.py."""
    assert json.loads(json.dumps(cases())) == CASES


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
