"""Entries with addenda: one layout."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board import errors
from bulletin_board.errors import RecordError
from bulletin_board.log.addenda import (
    MAX_ADDENDA,
    MAX_ENTRY_BYTES,
    addendum_digest,
    addendum_path,
    decode_entry,
    encode_entry,
)
from tests.support.vectors import vectors


def ident(case: dict[str, Any]) -> str:
    return str(case["id"])


@pytest.mark.parametrize("case", vectors("tlog/entry"), ids=ident)
def test_entry_vector(case: dict[str, Any]) -> None:
    content = bytes.fromhex(case["input"]["content"])
    digests = tuple(bytes.fromhex(item) for item in case["input"]["digests"])
    entry = encode_entry(content, digests)
    assert entry.hex() == case["expect"]
    assert decode_entry(entry) == (content, digests)


@pytest.mark.parametrize("case", vectors("tlog/entry-refused"), ids=ident)
def test_refused_entry_vector(case: dict[str, Any]) -> None:
    with pytest.raises(getattr(errors, case["expect"])):
        decode_entry(bytes.fromhex(case["input"]["entry"]))


@pytest.mark.parametrize("case", vectors("tlog/addendum-path"), ids=ident)
def test_addendum_path_vector(case: dict[str, Any]) -> None:
    assert addendum_path(bytes.fromhex(case["input"]["digest"])) == case["expect"]


@given(st.binary(max_size=200), st.lists(st.binary(min_size=32, max_size=32), max_size=20))
def test_entry_round_trip(content: bytes, digests: list[bytes]) -> None:
    assert decode_entry(encode_entry(content, tuple(digests))) == (content, tuple(digests))


@given(st.binary(max_size=150), st.integers(0, 255))
def test_an_entry_has_one_encoding(data: bytes, count: int) -> None:
    entry = data + bytes([count])
    try:
        content, digests = decode_entry(entry)
    except RecordError:
        return
    assert encode_entry(content, digests) == entry


@given(st.data())
def test_no_changed_byte_decodes_to_the_same(data: st.DataObject) -> None:
    good = encode_entry(b"content", (bytes(32), bytes(range(32))))
    place, value = data.draw(st.integers(0, len(good) - 1)), data.draw(st.integers(0, 255))
    changed = good[:place] + bytes([value]) + good[place + 1 :]
    try:
        decoded = decode_entry(changed)
    except RecordError:
        return
    assert (decoded == decode_entry(good)) is (changed == good)


def test_the_digests_are_where_other_readers_of_the_format_look() -> None:
    digests = tuple(addendum_digest(b"%d" % i) for i in range(5))
    entry = encode_entry(b"content", digests)
    count = entry[-1]
    offsets = [
        int.from_bytes(entry[i : i + 4], "big") for i in range(len(entry) - 1 - 4 * count, len(entry) - 1, 4)
    ]
    assert tuple(entry[offset : offset + 32] for offset in offsets) == digests


def test_limits() -> None:
    largest = encode_entry(bytes(MAX_ENTRY_BYTES - 1))
    assert len(largest) == MAX_ENTRY_BYTES
    assert decode_entry(largest) == (bytes(MAX_ENTRY_BYTES - 1), ())
    with pytest.raises(RecordError, match="65536 bytes, at most 65535"):
        encode_entry(bytes(MAX_ENTRY_BYTES))
    with pytest.raises(RecordError, match="65536 bytes is outside"):
        decode_entry(bytes(MAX_ENTRY_BYTES + 1))
    most = (bytes(32),) * MAX_ADDENDA
    assert decode_entry(encode_entry(b"", most)) == (b"", most)
    with pytest.raises(RecordError, match="256 addenda, at most 255"):
        encode_entry(b"", (*most, bytes(32)))
    with pytest.raises(RecordError, match="entry digest 1: 31 bytes"):
        encode_entry(b"", (bytes(32), bytes(31)))
    with pytest.raises(RecordError, match="addendum digest: 33 bytes"):
        addendum_path(bytes(33))
