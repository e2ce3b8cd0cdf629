"""Signed refusals: the board's own are opened, all others are not."""

from hashlib import sha256

import pytest
from msgspec.structs import replace

from bulletin_board.errors import ExchangeError
from bulletin_board.problem import MAX_PROBLEM_BYTES, REFUSAL, Problem, open_problem
from bulletin_board.records.canonical import jcs
from bulletin_board.records.fields import Bytes32, Bytes64
from crypto.signing import SigningKey, record_message
from tests.support import records

REQUEST = b'{"addenda":[]}'
PROBLEM = Problem(
    type="https://evote.example/problems/closed",
    title="Добуш берүү жабылды",
    status=403,
    detail="voting closed at 1800129600",
    code="closed",
    digest=Bytes32(sha256(REQUEST).digest()),
    election_id=records.MANIFEST.election_id,
)


def signed(problem: Problem = PROBLEM, key: SigningKey = records.BOARD, kind: str = REFUSAL) -> Problem:
    message = record_message(kind, records.MANIFEST.digest, jcs(problem))
    return replace(problem, signature=Bytes64(key.sign(message)))


def test_the_boards_refusal_is_opened() -> None:
    problem = signed()
    assert open_problem(jcs(problem), records.MANIFEST) == problem
    assert open_problem(jcs(problem), records.MANIFEST, request_body=REQUEST) == problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "about:blank"),
        ("title", "Ачык"),
        ("status", 404),
        ("detail", "another"),
        ("code", "not-open"),
        ("digest", records.b32("x")),
        ("election_id", "sample-2028"),
        ("signature", records.b64("x")),
    ],
)
def test_every_field_is_signed(name: str, value: object) -> None:
    changed = replace(signed(), **{name: value})
    with pytest.raises(ExchangeError, match="did not sign"):
        open_problem(jcs(changed), records.MANIFEST)


def test_others_do_not_speak_for_the_board() -> None:
    for problem in (PROBLEM, signed(key=records.STRANGER), signed(kind="ballot")):
        with pytest.raises(ExchangeError, match="did not sign"):
            open_problem(jcs(problem), records.MANIFEST)


def test_of_this_election_and_this_request() -> None:
    with pytest.raises(ExchangeError, match="in the election sample-2028"):
        open_problem(jcs(signed(replace(PROBLEM, election_id="sample-2028"))), records.MANIFEST)
    with pytest.raises(ExchangeError, match="of another request"):
        open_problem(jcs(signed()), records.MANIFEST, request_body=REQUEST + b" ")


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"{}", b"[]", b"x" * (MAX_PROBLEM_BYTES + 1), jcs(signed()) + b" "]
)
def test_other_answers(content: bytes) -> None:
    with pytest.raises(ExchangeError):
        open_problem(content, records.MANIFEST)
