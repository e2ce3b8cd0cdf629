"""What each body refuses by itself, in Python and on the wire."""

from collections.abc import Callable
from functools import partial

import msgspec
import pytest
from msgspec.structs import replace

from bulletin_board.errors import RecordError
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.ceremony import Answer, Complaint, Share
from bulletin_board.records.fields import Bytes32
from bulletin_board.records.record import Record
from bulletin_board.records.roll import Roll
from bulletin_board.records.tally import Aggregate, AggregateCell, Result
from bulletin_board.records.voting import Notice, Reissue
from crypto.hashing import Tag, digest
from tests.support.records import BODIES, b32, ballot, localized, sample

SHARE, ROLL, REISSUE = sample(Share), sample(Roll), sample(Reissue)
AGGREGATE, RESULT = sample(Aggregate), sample(Result)

REFUSED: dict[str, tuple[str, Callable[[], Record]]] = {
    "boxes out of order": ("boxes: not strictly", lambda: replace(SHARE, boxes=SHARE.boxes[::-1])),
    "two boxes for one trustee": ("boxes: not strictly", lambda: replace(SHARE, boxes=SHARE.boxes[:1] * 2)),
    "one ephemeral key twice": (
        "ephemeral keys",
        lambda: replace(
            SHARE,
            boxes=(SHARE.boxes[0], replace(SHARE.boxes[1], ephemeral_key=SHARE.boxes[0].ephemeral_key)),
        ),
    ),
    "a box for the dealer": ("dealer itself", lambda: replace(SHARE, trustee=1)),
    "a complaint about oneself": ("about itself", lambda: Complaint(trustee=2, dealer=2)),
    "an answer to oneself": (
        "to itself",
        lambda: Answer(trustee=2, complainant=2, ephemeral_secret=b32("secret")),
    ),
    "counts out of order": ("counts: not strictly", lambda: replace(ROLL, counts=ROLL.counts[::-1])),
    "counts that do not add up": ("its length is 8", lambda: replace(ROLL, length=8)),
    "an addendum too many": ("2 addenda for 7 rows instead of 1", lambda: replace(ROLL, rows=ROLL.rows * 2)),
    "no addendum": ("0 addenda for 7 rows instead of 1", lambda: replace(ROLL, rows=())),
    "a proof too few": ("1 proofs for 2 parts", lambda: replace(REISSUE, proofs=REISSUE.proofs[:1])),
    "a proof too many": ("3 proofs for 2 parts", lambda: replace(REISSUE, proofs=REISSUE.proofs[:1] * 3)),
    "an extend without time": (
        "extend with closes_at None",
        lambda: Notice(kind="extend", closes_at=None, text=localized("x")),
    ),
    **{
        f"a time in {kind}": (
            f"{kind} with closes_at 7",
            partial(Notice, kind=kind, closes_at=7, text=localized("x")),
        )
        for kind in ("suspend", "resume", "incident", "annul")
    },
    "members out of order": (
        "members: not strictly",
        lambda: replace(
            AGGREGATE,
            cells=(AggregateCell(contest="mayor", node="north", members=("b", "a"), ballots=1),),
        ),
    ),
    "a unit in two cells": (
        "aggregate: members",
        lambda: replace(AGGREGATE, cells=AGGREGATE.cells, withheld=AGGREGATE.cells),
    ),
    "trustees out of order": ("trustees: not strictly", lambda: replace(RESULT, trustees=(3, 1))),
    "a trustee twice": ("trustees: not strictly", lambda: replace(RESULT, trustees=(1, 1))),
    "a contest twice": ("contests: mayor", lambda: replace(RESULT, contests=RESULT.contests * 2)),
    "a cell without counts": (
        "without counts",
        lambda: replace(RESULT, cells=(replace(RESULT.cells[0], counts=()),)),
    ),
    "members of a result out of order": (
        "members: not strictly",
        lambda: replace(RESULT, cells=(replace(RESULT.cells[0], members=("b", "a")),)),
    ),
    "an option elected twice": (
        "outcome: options",
        lambda: replace(
            RESULT,
            contests=(
                replace(
                    RESULT.contests[0],
                    outcome=replace(RESULT.contests[0].outcome, options=("aida", "aida")),
                ),
            ),
        ),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bodies_are_valid_from_birth(name: str) -> None:
    message, make = REFUSED[name]
    with pytest.raises(RecordError, match=message):
        make()


def test_what_birth_refuses_the_wire_refuses() -> None:
    swapped = jcs(SHARE).replace(b'"trustee":1', b'"trustee":9')
    with pytest.raises(RecordError, match="boxes: not strictly"):
        decode_json(swapped, Share, limit=9_999)


def out_of_range() -> list[tuple[str, str, object]]:
    return [
        ("pledge", "trustee", 0),
        ("pledge", "trustee", 33),
        ("commit", "coefficient_commitments", []),
        ("commit", "coefficient_commitments", [b32("C")] * 33),
        ("roll", "length", 0),
        ("revocation", "reason", "other"),
        ("notice", "kind", "cancel"),
        ("identified", "count", 2**53),
        ("tally-confirm", "round", 2),
        ("tally-confirm", "size", 0),
        ("open", "checkpoint", ""),
        ("ballot", "version", "evote/v2"),
        ("ballot", "style", "City"),
        ("aggregate", "ciphertexts", None),
    ]


@pytest.mark.parametrize(("kind", "field", "value"), out_of_range())
def test_values_out_of_range_are_refused(kind: str, field: str, value: object) -> None:
    plain = msgspec.json.decode(jcs(BODIES[kind])) | {field: value}
    data = msgspec.json.encode(plain, order="sorted", enc_hook=lambda each: each.to_json())
    with pytest.raises(RecordError, match=rf"^{kind}\.{field}"):
        decode_json(data, type(BODIES[kind]), limit=99_999, subject=kind)


def test_the_digest_of_a_ballot_covers_its_canonical_form() -> None:
    body = ballot()
    assert body.digest == digest(Tag.BALLOT_DIGEST, jcs(body))
    assert replace(body, style="village").digest != body.digest


def test_the_digest_of_an_aggregate_covers_context_and_form() -> None:
    context = bytes(64)
    assert AGGREGATE.digest(context) == digest(Tag.AGGREGATE, context, jcs(AGGREGATE))
    assert AGGREGATE.digest(bytes(63) + b"\1") != AGGREGATE.digest(context)


def test_bodies_hash_and_compare_as_values() -> None:
    assert len(set(BODIES.values())) == len(BODIES)
    assert replace(REISSUE, old=Bytes32(bytes(32))) != REISSUE
