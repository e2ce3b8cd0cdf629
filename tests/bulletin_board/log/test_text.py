"""The lexical forms of log texts: one spelling each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board.errors import RecordError
from bulletin_board.log.text import (
    MAX_NUMBER,
    decode_base64,
    decode_hash_lines,
    decode_number,
    decode_utf8,
    encode_base64,
    encode_hash_lines,
    require_number,
    require_proof,
)


@given(st.integers(0, MAX_NUMBER))
def test_number_round_trip(number: int) -> None:
    assert decode_number(str(number), subject="x") == number


@given(st.text(max_size=25))
def test_a_number_has_one_text(text: str) -> None:
    try:
        number = decode_number(text, subject="x")
    except RecordError:
        return
    assert str(number) == text


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "01", "1_0", " 1", "1\n", "1.0", "٧", "²", str(2**63), "9" * 5000]
)
def test_other_spellings_of_numbers_are_refused(text: str) -> None:
    with pytest.raises(RecordError, match=r"^size: not a plain decimal number below 2\^63$"):
        decode_number(text, subject="size")


@given(st.binary())
def test_base64_round_trip(data: bytes) -> None:
    assert decode_base64(encode_base64(data), subject="x") == data


@given(st.one_of(st.text(max_size=12), st.text("AQgw+/=-_ \n", max_size=8)))
def test_base64_has_one_text(text: str) -> None:
    try:
        data = decode_base64(text, subject="x")
    except RecordError:
        return
    assert encode_base64(data) == text


@pytest.mark.parametrize(
    "text", ["QR==", "QQ", "QQ=", "Q", "QQ==\n", "QQ== ", "Q Q=", "-_==", "QQ===", "é", "\ud800"]
)
def test_other_spellings_of_base64_are_refused(text: str) -> None:
    with pytest.raises(RecordError, match=r"^key: "):
        decode_base64(text, subject="key")


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_hash_lines_round_trip(hashes: list[bytes]) -> None:
    lines = encode_hash_lines(hashes).split("\n")[:-1]
    assert decode_hash_lines(lines, subject="x") == tuple(hashes)
    require_proof(tuple(hashes), subject="x")


def test_a_proof_has_at_most_63_hashes_of_32_bytes() -> None:
    with pytest.raises(RecordError, match="64 hashes, at most 63"):
        decode_hash_lines([encode_base64(bytes(32))] * 64, subject="proof")
    with pytest.raises(RecordError, match="64 hashes, at most 63"):
        require_proof((bytes(32),) * 64, subject="proof")
    with pytest.raises(RecordError, match="proof hash 1: 31 bytes"):
        decode_hash_lines([encode_base64(bytes(32)), encode_base64(bytes(31))], subject="proof")
    with pytest.raises(RecordError, match="proof hash 1: 33 bytes"):
        require_proof((bytes(32), bytes(33)), subject="proof")


@pytest.mark.parametrize("number", [-1, 2**63])
def test_numbers_outside_the_formats_are_refused(number: int) -> None:
    with pytest.raises(RecordError, match=r"outside 0\.\.2\^63-1"):
        require_number(number, subject="size")


@pytest.mark.parametrize("data", [b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xe2\x80"])
def test_bytes_that_are_not_utf8_are_refused(data: bytes) -> None:
    with pytest.raises(RecordError, match=r"^request: not UTF-8$"):
        decode_utf8(data, subject="request")
