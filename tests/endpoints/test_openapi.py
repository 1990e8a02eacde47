"""The description of the HTTP interface, and that a real server with some results does as it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from rumpus.endpoints import openapi
from rumpus.results.storage.location import Location
from rumpus.results.storage.options import StorageOptions
from rumpus.results.storage.recorder import Recorder
from rumpus.results.storage.store import Store
from tests.support.clients import RawClient, get
from tests.support.drift import Drift
from tests.support.examples import examples
from tests.support.matches import duel, match, player
from tests.support.serving import ServerThread, serving
from tests.support.watched_server import OPTIONS

pytestmark = pytest.mark.socket

CHECKS = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerThread]:
    folder = tmp_path_factory.mktemp("openapi")
    location = Location(f"sqlite:///{folder}/results.db", folder / "journal")
    store = Store(location.url, 5.0)
    store.write(duel("u:ann", "g:ben", game="drift", match_id="one"))
    store.write(duel("u:ann", "u:cy/d ü", game="drift", match_id="two", mode="duel"))
    store.write(match(player("u:ann", 2), player(None, 1, 9, bot=True), game="drift", match_id="three"))
    store.close()
    recorder = Recorder(location, "drift", StorageOptions(query_cache=0))
    with serving(Drift, OPTIONS, recorder=recorder) as server, RawClient(server.port) as somebody:
        somebody.join(create=True, private=False)
        yield server
        assert not server.errors.records, server.errors.texts()


def test_the_file_is_what_the_code_declares() -> None:
    assert json.loads(openapi.FILE.read_bytes()) == openapi.describe(), "write it anew; its module says how"


def test_it_is_served_to_pages_of_any_origin(server: ServerThread) -> None:
    answer = get(server.port, openapi.PATH)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert answer.body == openapi.FILE.read_bytes()


def test_it_names_every_path_that_answers_json(server: ServerThread) -> None:
    described = {path.partition("{")[0] for path in openapi.describe()["paths"]}
    routed = set(server.call(lambda server: server.routes)._routes)
    assert routed - {"/metrics", "/api/", openapi.PATH} <= described


described = schemathesis.openapi.from_path(Path(openapi.FILE))


@described.parametrize()
@settings(
    max_examples=examples(40),
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_a_real_server_does_as_it_says(server: ServerThread, case: schemathesis.Case) -> None:
    case.call_and_validate(base_url=server.url, checks=CHECKS)
