"""The file of a checked ballot."""

from typing import Any

import msgspec
import pytest

from bulletin_board.errors import RecordError
from bulletin_board.records.openings import (
    MAX_OPENING_BYTES,
    CheckedBallotOpening,
    decode_opening,
    encode_opening,
)
from tests.support.vectors import vectors


def test_the_vectors_hold_one_good_file() -> None:
    assert [case["id"] for case in vectors("records-opening") if case["expect"] == "ok"] == ["good"]


@pytest.mark.parametrize("case", vectors("records-opening"), ids=lambda case: case["id"])
def test_opening_vector(case: dict[str, Any]) -> None:
    data = case["input"]["text"].encode()
    if case["expect"] == "ok":
        assert encode_opening(decode_opening(data)) == data
    else:
        with pytest.raises(RecordError, match=r"^opening\."):
            decode_opening(data)


def good() -> CheckedBallotOpening:
    (case,) = (case for case in vectors("records-opening") if case["expect"] == "ok")
    return decode_opening(case["input"]["text"].encode())


def test_an_opening_does_not_show_the_choice_by_accident() -> None:
    opening = good()
    assert repr(opening) == f"CheckedBallotOpening({opening.tracking_code})"
    assert opening.seed.hex() not in f"{opening} {opening!r}"


def test_size_is_bounded() -> None:
    with pytest.raises(RecordError, match=f"at most {MAX_OPENING_BYTES}"):
        decode_opening(bytes(MAX_OPENING_BYTES + 1))


def test_layout_is_bounded_too() -> None:
    data = encode_opening(good())
    for wrong in (data + b"\n", b" " + data, data.replace(b",", b", ", 1)):
        with pytest.raises(RecordError, match="opening"):
            decode_opening(wrong)


def test_fields_are_those_of_the_specification() -> None:
    names = {field.encode_name for field in msgspec.structs.fields(CheckedBallotOpening)}
    assert names == {"credential", "election_id", "seed", "style", "tracking_code", "version", "ciphertexts"}
