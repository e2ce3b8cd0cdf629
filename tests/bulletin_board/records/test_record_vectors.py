"""The vectors of records: made anew byte for byte, and read back."""

from hashlib import sha256
from typing import Any

import pytest

from bulletin_board.log.addenda import decode_entry
from bulletin_board.log.merkle import leaf_hash
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.canonical import jcs
from bulletin_board.records.envelope import TYPES, decode_record, encode_record, verify_envelope
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.roll import Roll, decode_roll, roll_root
from crypto.signing import record_message
from tests.support.records import MANIFEST
from tests.support.vectors import vectors
from tests.tools import make_record_vectors
from tests.tools.vector_files import differences

ENTRIES = vectors("records-entry")


def test_making_the_vectors_again_changes_nothing() -> None:
    assert differences(make_record_vectors.cases()) == []


def test_there_is_an_entry_of_every_type() -> None:
    assert {case["input"]["type"] for case in ENTRIES} == TYPES.keys()


@pytest.mark.parametrize("case", ENTRIES, ids=lambda case: case["id"])
def test_entry_vector(case: dict[str, Any]) -> None:
    entry = bytes.fromhex(case["input"]["entry"])
    wanted = case["intermediate"]
    envelope = decode_record(entry)
    verify_envelope(envelope, MANIFEST)
    assert encode_record(envelope) == entry
    assert envelope.type == case["input"]["type"]
    assert leaf_hash(entry).hex() == wanted["leaf_hash"]
    assert [digest.hex() for digest in decode_entry(entry)[1]] == wanted["addenda"]
    message = record_message(
        envelope.type, bytes.fromhex(case["input"]["manifest_digest"]), jcs(envelope.body)
    )
    assert message.hex() == wanted["message"]
    match envelope.body:
        case BallotBody() as body:
            assert body.digest.hex() == wanted["ballot_digest"]
        case Manifest() as body:
            assert body.digest.hex() == wanted["manifest_digest"] == case["input"]["manifest_digest"]
        case Roll() as body:
            addenda = {
                bytes.fromhex(name): bytes.fromhex(data) for name, data in case["input"]["addenda"].items()
            }
            assert all(sha256(data).digest() == name for name, data in addenda.items())
            rows = tuple(decode_roll(body, addenda.__getitem__))
            assert roll_root(rows).hex() == wanted["roll_root"]


def test_the_largest_inline_ballot_fills_its_entry() -> None:
    sizes = {case["id"]: len(case["input"]["entry"]) // 2 for case in ENTRIES}
    assert sizes["ballot-largest-inline"] == 65_535
    assert sizes["ballot-smallest-folded"] < 1_000
