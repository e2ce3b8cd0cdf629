"""The roll: rows in addenda, and the tree over them."""

from collections.abc import Iterator
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bulletin_board.errors import RecordError
from bulletin_board.log.merkle import leaf_hash, root_hash
from bulletin_board.records.bulk import AddendumRef
from bulletin_board.records.canonical import jcs
from bulletin_board.records.envelope import decode_record, encode_record
from bulletin_board.records.fields import Bytes32
from bulletin_board.records.roll import (
    ROWS_PER_ADDENDUM,
    Roll,
    RollCount,
    RollRow,
    decode_roll,
    decode_rows,
    encode_roll,
    encode_rows,
    roll_root,
    row_leaf,
)
from tests.bulletin_board.records.strategies import rows
from tests.support.records import ROLL, ROLL_ADDENDA, ROWS, signed


def many(count: int) -> tuple[RollRow, ...]:
    return tuple(
        RollRow(parts=(Bytes32(place.to_bytes(32, "big")),), style="city", unit=f"unit-{place % 3}")
        for place in range(count)
    )


def read_all(roll: Roll, addenda: dict[bytes, bytes]) -> tuple[RollRow, ...]:
    return tuple(decode_roll(roll, addenda.__getitem__))


def test_the_sample_reads_back() -> None:
    assert read_all(ROLL, ROLL_ADDENDA) == ROWS
    assert [(count.style, count.unit, count.count) for count in ROLL.counts] == [
        ("city", "north-1", 3),
        ("village", "south", 4),
    ]
    assert ROLL.root == root_hash([leaf_hash(jcs(row)) for row in ROWS]) == roll_root(ROWS)


def test_the_rows_stand_in_addenda_however_few() -> None:
    roll, addenda = encode_roll(ROWS[:1])
    assert roll.addenda() == roll.rows == (AddendumRef.of(encode_rows(ROWS[:1])),)
    assert list(addenda) == [sha256(encode_rows(ROWS[:1])).digest()]
    assert decode_record(encode_record(signed(roll))).body == roll


@given(st.lists(rows, max_size=5))
def test_rows_round_trip(listed: list[RollRow]) -> None:
    assert decode_rows(encode_rows(listed)) == tuple(listed)


def test_a_row_is_its_length_and_its_canonical_form() -> None:
    row = ROWS[0]
    assert encode_rows([row]) == len(jcs(row)).to_bytes(2, "big") + jcs(row)
    assert row_leaf(row) == jcs(row)


@pytest.mark.parametrize("count", [ROWS_PER_ADDENDUM, ROWS_PER_ADDENDUM + 1])
def test_addenda_hold_16384_rows_but_the_last(count: int) -> None:
    listed = many(count)
    roll, addenda = encode_roll(listed)
    assert len(roll.rows) == -(-count // ROWS_PER_ADDENDUM)
    assert read_all(roll, addenda) == listed


def test_rows_divided_otherwise_are_refused() -> None:
    listed = many(ROWS_PER_ADDENDUM + 2)
    roll, _ = encode_roll(listed)
    chunks = [encode_rows(listed[:-1]), encode_rows(listed[-1:])]
    shifted = replace(roll, rows=tuple(AddendumRef.of(chunk) for chunk in chunks))
    addenda = {sha256(chunk).digest(): chunk for chunk in chunks}
    with pytest.raises(RecordError, match="addendum 0: 16385 rows instead of 16384"):
        read_all(shifted, addenda)


def with_rows(roll: Roll, addendum: bytes) -> tuple[Roll, dict[bytes, bytes]]:
    return replace(roll, rows=(AddendumRef.of(addendum),)), {sha256(addendum).digest(): addendum}


def test_a_row_too_few_is_refused() -> None:
    with pytest.raises(RecordError, match="6 rows instead of 7"):
        read_all(*with_rows(ROLL, encode_rows(ROWS[:-1])))


def test_rows_in_another_order_are_refused() -> None:
    with pytest.raises(RecordError, match="its root is not that of the rows"):
        read_all(*with_rows(ROLL, encode_rows(ROWS[::-1])))


def test_counts_that_are_not_those_of_the_rows_are_refused() -> None:
    moved = (
        RollCount(style="city", unit="north-1", count=4),
        RollCount(style="village", unit="south", count=3),
    )
    with pytest.raises(RecordError, match="counts are not those of the rows"):
        read_all(replace(ROLL, counts=moved), ROLL_ADDENDA)


def test_another_root_is_refused() -> None:
    with pytest.raises(RecordError, match="its root is not that of the rows"):
        read_all(replace(ROLL, root=Bytes32(bytes(32))), ROLL_ADDENDA)


def test_another_addendum_is_refused() -> None:
    with pytest.raises(RecordError, match="other bytes than the record names"):
        next(decode_roll(ROLL, lambda _: b""))


def mutations() -> Iterator[tuple[str, bytes, str]]:
    whole = encode_rows(ROWS[:2])
    row = jcs(ROWS[0])
    yield "last byte missing", whole[:-1], "row 1 of the addendum: cut short"
    yield "half a length", whole + b"\0", "row 2 of the addendum"
    yield "a length without a row", whole + b"\0\7", "cut short"
    yield "an empty row", whole + b"\0\0", "row 2 of the addendum"
    yield "a space", (len(row) + 1).to_bytes(2, "big") + b" " + row, "not in canonical form"
    yield "two rows in one", (2 * len(row)).to_bytes(2, "big") + row + row, "row 0 of the addendum"
    yield "no row", b"\0\4null", "row 0 of the addendum"


@pytest.mark.parametrize(
    ("addendum", "wrong"), [each[1:] for each in mutations()], ids=[each[0] for each in mutations()]
)
def test_rows_in_any_other_form_are_refused(addendum: bytes, wrong: str) -> None:
    with pytest.raises(RecordError, match=wrong):
        decode_rows(addendum)


def test_a_row_without_parts_is_refused() -> None:
    row = b'{"parts":[],"style":"city","unit":"north"}'
    with pytest.raises(RecordError, match=r"row 0 of the addendum\.parts"):
        decode_rows(len(row).to_bytes(2, "big") + row)


def test_a_row_beyond_its_length_field_is_refused() -> None:
    row = RollRow(parts=(Bytes32(bytes(32)),) * 1_500, style="city", unit="north")
    with pytest.raises(RecordError, match="over 65535 bytes"):
        encode_rows([row])


def test_an_empty_roll_is_refused() -> None:
    with pytest.raises(RecordError):
        encode_record(signed(encode_roll(())[0]))
