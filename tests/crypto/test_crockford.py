"""Codes that people type: every slip of the pen is noticed."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.crockford import ALPHABET, decode_code, decode_symbols, encode_code, encode_symbols, grouped
from crypto.errors import EncodingError
from tests.support.ballots import bytes_for

SAMPLES = [bytes(16), b"\xff" * 16, *(bytes_for(f"code {n}", 16) for n in range(6))]


@given(st.binary(min_size=16, max_size=16))
def test_code_round_trip(bits: bytes) -> None:
    code = encode_code(bits)
    assert len(code.split("-")) == 7
    assert {len(group) for group in code.split("-")} == {4}
    assert decode_code(code) == bits


@given(st.text(alphabet=ALPHABET, min_size=28, max_size=28))
def test_code_has_one_form(symbols: str) -> None:
    try:
        bits = decode_code(symbols)
    except EncodingError:
        return
    assert encode_code(bits) == grouped(symbols)


def test_codes_fold() -> None:
    bits = bytes(15) + b"\x21"  # ends in 1, 1
    code = encode_code(bits)
    assert code.count("0") > 20
    assert code.count("1") >= 2
    for spoken in ("o", "O"):
        for one in ("i", "I", "l", "L"):
            assert decode_code(code.replace("0", spoken).replace("1", one)) == bits
    assert decode_code(code.lower().replace("-", " ")) == bits
    assert decode_code(f" -{code.replace('-', '')}- ") == bits


@pytest.mark.parametrize("bits", SAMPLES)
def test_every_wrong_symbol_is_noticed(bits: bytes) -> None:
    symbols = encode_code(bits).replace("-", "")
    for place, right in enumerate(symbols):
        for wrong in ALPHABET:
            if wrong != right:
                with pytest.raises(EncodingError, match="check symbols"):
                    decode_code(symbols[:place] + wrong + symbols[place + 1 :])


@pytest.mark.parametrize("bits", SAMPLES)
def test_every_swap_of_neighbours_is_noticed(bits: bytes) -> None:
    symbols = encode_code(bits).replace("-", "")
    swaps = 0
    for place in range(len(symbols) - 1):
        left, right = symbols[place], symbols[place + 1]
        if left != right:
            swaps += 1
            with pytest.raises(EncodingError, match="check symbols"):
                decode_code(symbols[:place] + right + left + symbols[place + 2 :])
    assert swaps or bits == bytes(16)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda code: code[:-1], "fewer than 28"),
        (lambda code: "", "fewer than 28"),
        (lambda code: code + "0", "more than 28"),
        (lambda code: code * 1000, "more than 28"),
        (lambda code: "U" + code[1:], "character at place 1 "),
        (lambda code: code[:4] + "\u2010" + code[5:], "character at place 5 "),
        (lambda code: code[:-1] + "\u0131", "character at place 34 "),  # dotless i: upper() makes it I
        (lambda code: code[:-1] + "\u0661", "character at place 34 "),  # Arabic one: int() reads it
        (lambda code: code + "\n", "character at place 35 "),
    ],
)
def test_code_refuses(change: Callable[[str], str], reason: str) -> None:
    with pytest.raises(EncodingError, match=f"credential code: .*{reason}"):
        decode_code(change(encode_code(SAMPLES[2])))


def test_numbers_beyond_128_bits_are_refused() -> None:
    number = (1 << 128) + 5
    symbols = encode_symbols(number, 26) + encode_symbols(number % 1021, 2)
    with pytest.raises(EncodingError, match="check symbols"):
        decode_code(symbols)


def test_checks_beyond_the_modulus_are_refused() -> None:
    # 0 and 1021 are the same remainder; only 0 is written.
    assert decode_code("0" * 28) == bytes(16)
    with pytest.raises(EncodingError, match="check symbols"):
        decode_code("0" * 26 + encode_symbols(1021, 2))


def test_encoders_refuse_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        encode_symbols(32, 1)
    with pytest.raises(ValueError, match="does not fit"):
        encode_symbols(-1, 1)
    with pytest.raises(ValueError, match="15 bytes"):
        encode_code(bytes(15))


@given(st.integers(0, 2**50 - 1))
def test_symbols_round_trip(number: int) -> None:
    assert decode_symbols(encode_symbols(number, 10), 10, subject="test") == number
