"""Refusals and faults: one table, one signature, and not a word about what went wrong with us."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from msgspec.structs import replace

from bulletin_board.errors import AppendRefused, ExchangeError, ReadOnlyError
from bulletin_board.problem import open_problem
from bulletin_board.records.canonical import jcs
from evote.api.problems import STATUS, RefusalWriter, install_refusals
from evote.errors import DatabaseError
from tests.support.live_election import serving, training_manifest
from tests.support.sample_manifest import BOARD_KEY

MANIFEST = training_manifest()
SPEC = Path(__file__).parents[3] / "specs" / "board.md"


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    app = FastAPI(openapi_url=None)
    install_refusals(app, RefusalWriter(MANIFEST, BOARD_KEY))

    @app.get("/refused/{code}")
    async def refuse(code: str) -> None:
        raise AppendRefused(code, f"because of {code}")

    @app.get("/fault/{kind}")
    def fail(kind: str) -> None:
        faults = {
            "store": ReadOnlyError("secret of the store"),
            "grants": DatabaseError("secret of the grants"),
            "bug": ZeroDivisionError("secret of the code"),
        }
        raise faults[kind]

    with serving(app) as url, httpx.Client(base_url=url) as client:
        yield client


def test_the_table_is_that_of_the_specification() -> None:
    rule = SPEC.read_text(encoding="utf-8").partition("Codes:")[2]
    assert dict(STATUS) == {code: int(status) for code, status in re.findall(r"`([a-z-]+)` (\d{3})", rule)}


@pytest.mark.parametrize("code", STATUS)
def test_every_code_has_its_status_and_a_signature(http: httpx.Client, code: str) -> None:
    answer = http.get(f"/refused/{code}")
    problem = open_problem(answer.content, MANIFEST)
    assert answer.status_code == problem.status == STATUS[code]
    assert (problem.code, problem.detail) == (code, f"because of {code}")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("field", ["type", "title", "status", "detail", "code", "digest", "election_id"])
def test_no_word_of_a_refusal_can_be_changed(http: httpx.Client, field: str) -> None:
    problem = open_problem(http.get("/refused/closed").content, MANIFEST)
    changed = {
        "status": 200,
        "digest": type(problem.digest)(bytes(32)),
        "election_id": "other",
        "code": "not-open",
    }.get(field, f"{getattr(problem, field)} not")
    assert open_problem(jcs(problem), MANIFEST) == problem
    with pytest.raises(ExchangeError, match="signature: does not verify"):
        open_problem(jcs(replace(problem, **{field: changed})), MANIFEST)


@pytest.mark.parametrize("kind", ["store", "grants"])
def test_a_failing_database_is_unavailable(
    http: httpx.Client, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = http.get(f"/fault/{kind}")
    problem = open_problem(answer.content, MANIFEST)
    assert (answer.status_code, problem.code) == (503, "unavailable")
    assert "secret" not in answer.text
    logged = [record.getMessage() for record in caplog.records if record.name == "evote.api.problems"]
    assert len(logged) == 1
    assert f"secret of the {kind}" in logged[0]


def test_a_fault_of_ours_is_not_explained(http: httpx.Client) -> None:
    answer = http.get("/fault/bug")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {"type": "about:blank", "title": "Internal Server Error", "status": 500}
