"""The two requests over HTTP: what is answered, what is not told, and what is not written down."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bulletin_board.records.fields import decode_base64url
from evote.identity.app import MAX_BODY, create_app
from evote.texts import catalogue
from tests.evote.identity.stage import AIDA, BORIS, UNKNOWN_NUMBER, Stage, credential_of, set_stage
from tests.evote.kyrgyzstan import manifest


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = set_stage(tmp_path)
    yield stage
    stage.store.close()


def send(stage: Stage, path: str, *, method: str = "POST", **options: Any) -> httpx.Response:
    async def sent() -> httpx.Response:
        app = create_app(stage.desk, manifest().languages)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://identity.test") as client:
            return await client.request(method, path, **options)

    return asyncio.run(sent())


def asked(number: str = AIDA.personal_number, reference: str = AIDA.reference) -> dict[str, str]:
    return {"personal_number": number, "reference": reference}


def begin(stage: Stage, number: str = AIDA.personal_number) -> str:
    answer = send(stage, "/sessions", json=asked(number))
    assert answer.status_code == 202
    session: str = answer.json()["session"]
    return session


def test_identified_person_gets_part_and_credential(stage: Stage) -> None:
    session = begin(stage)
    answer = send(stage, f"/sessions/{session}", json={"code": stage.last_code()})
    assert answer.status_code == 200
    assert answer.json().keys() == {"part", "credential"}
    assert len(decode_base64url(answer.json()["part"])) == 16
    assert decode_base64url(answer.json()["credential"]) == credential_of(AIDA)
    assert answer.headers["cache-control"] == "no-store"


def test_known_and_unknown_persons_are_answered_alike(stage: Stage) -> None:
    answers = [
        send(stage, "/sessions", json=pair)
        for pair in (
            *(asked(), asked(reference=BORIS.reference), asked(reference="")),
            *(asked(number) for number in (UNKNOWN_NUMBER, "", "nonsense", "٢" * 14)),
        )
    ]
    assert {answer.status_code for answer in answers} == {202}
    assert {frozenset(answer.json()) for answer in answers} == {frozenset({"session"})}
    assert len({len(answer.content) for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers)) for answer in answers}) == 1


def test_what_is_wrong_with_a_code_is_not_told(stage: Stage) -> None:
    known, unknown = begin(stage), begin(stage, UNKNOWN_NUMBER)
    code = stage.last_code()
    send(stage, f"/sessions/{known}", json={"code": code})
    answers = [
        send(stage, f"/sessions/{known}", json={"code": code}),  # used
        send(stage, f"/sessions/{begin(stage)}", json={"code": "00000000"}),  # wrong
        send(stage, f"/sessions/{unknown}", json={"code": code}),  # nobody's
        send(stage, "/sessions/AAAAAAAAAAAAAAAAAAAAAA", json={"code": code}),  # no session
        send(stage, "/sessions/%ff%00", json={"code": "\u0000"}),
    ]
    stage.clock[0] += 601
    answers.append(send(stage, f"/sessions/{begin(stage)}x", json={"code": code}))
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert answers[0].status_code == 403
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert answers[0].json()["code"] == "wrong-code"


@pytest.mark.parametrize(
    ("header", "language"), [("ru-RU,ru;q=0.9", "ru"), ("en", "en"), ("", "ky"), ("fr", "ky")]
)
def test_problem_is_in_the_language_of_the_browser(stage: Stage, header: str, language: str) -> None:
    answer = send(
        stage, "/sessions/x", json={"code": "1"}, headers={"Accept-Language": header} if header else {}
    ).json()
    assert answer["title"] == catalogue(language).text("problem-wrong-code")
    assert answer["detail"] == catalogue(language).text("problem-wrong-code-advice")
    assert answer["type"] == "https://evote.example/problems/wrong-code"
    assert answer["status"] == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"personal_number":1,"reference":"1"}',
        b'{"personal_number":"1"}',
        b'{"personal_number":"1","reference":1}',
        b'{"personal_number":"1","reference":"1","more":1}',
        b'{"personal_number":"\xff","reference":"1"}',
        b"\xff",
        b'{"code":"1"}',
    ],
)
def test_malformed_request_is_refused_without_an_echo(stage: Stage, body: bytes) -> None:
    answer = send(stage, "/sessions", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_long_request_is_refused(stage: Stage) -> None:
    answer = send(stage, "/sessions", json=asked("1" * MAX_BODY))
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_too_many_attempts_are_told_with_the_time_to_wait(stage: Stage) -> None:
    for number in (AIDA.personal_number, UNKNOWN_NUMBER):
        for _ in range(3):
            begin(stage, number)
        answer = send(stage, "/sessions", json=asked(number))
        assert (answer.status_code, answer.json()["code"]) == (429, "too-many-attempts")
        assert answer.headers["retry-after"] == "3600"


def test_voting_server_that_is_away_is_told_as_such(stage: Stage) -> None:
    session = begin(stage)
    stage.server.down = True
    answer = send(stage, f"/sessions/{session}", json={"code": stage.last_code()})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    stage.server.down = False
    assert send(stage, f"/sessions/{session}", json={"code": stage.last_code()}).status_code == 200


def test_revoked_person_is_told(stage: Stage) -> None:
    stage.store.end_credential(credential_of(AIDA))
    session = begin(stage)
    answer = send(stage, f"/sessions/{session}", json={"code": stage.last_code()})
    assert (answer.status_code, answer.json()["code"]) == (403, "revoked-credential")


def test_unforeseen_failure_is_answered_and_logged_without_data(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(number: str) -> str:
        raise RuntimeError(f"cannot look up {number}")

    monkeypatch.setattr(stage.store, "person_of_number", fail)
    answer = send(stage, "/sessions", json=asked())
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "RuntimeError" in caplog.text
    assert AIDA.personal_number not in caplog.text


def test_nothing_personal_is_logged_on_any_path(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    session = begin(stage)
    code = stage.last_code()
    send(stage, f"/sessions/{session}", json={"code": "00000000"})
    stage.server.down = True
    send(stage, f"/sessions/{session}", json={"code": code})
    stage.server.down = False
    part = send(stage, f"/sessions/{session}", json={"code": code}).json()["part"]
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    for secret in (AIDA.personal_number, AIDA.email, session, code, code.replace(" ", ""), part):
        assert secret not in ours


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/docs"), ("GET", "/openapi.json"), ("POST", "/x")]
)
def test_anything_else_is_not_found(stage: Stage, method: str, path: str) -> None:
    answer = send(stage, path, method=method)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_pages_of_other_origins_may_ask(stage: Stage) -> None:
    headers = {"Origin": "https://vote.example.org", "Access-Control-Request-Method": "POST"}
    preflight = send(
        stage,
        "/sessions",
        method="OPTIONS",
        headers=headers | {"Access-Control-Request-Headers": "content-type"},
    )
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in preflight.headers
