"""Tracking codes: bound to everything they stand for, and one form of each."""

import pytest

from crypto.crockford import ALPHABET
from crypto.errors import EncodingError
from crypto.group import GENERATOR
from crypto.hashing import Tag, digest
from crypto.tracking import parse_tracking_code, tracking_code
from tests.support.ballots import CONTEXT, KEY, bytes_for

PACKED = bytes_for("ciphertexts", 128)
CODE = tracking_code(CONTEXT, "pair", KEY, PACKED)


def test_first_120_bits_most_significant_first() -> None:
    full = digest(Tag.TRACKING, CONTEXT, b"pair", KEY.encoded, PACKED)
    bits = "".join(f"{byte:08b}" for byte in full)[:120]
    symbols = "".join(ALPHABET[int(bits[start : start + 5], 2)] for start in range(0, 120, 5))
    assert CODE.replace("-", "") == symbols
    assert [len(group) for group in CODE.split("-")] == [4] * 6


def test_bound_to_every_part() -> None:
    others = {
        tracking_code(bytes_for("other", 64), "pair", KEY, PACKED),
        tracking_code(CONTEXT, "pai", KEY, PACKED),
        tracking_code(CONTEXT, "pair", GENERATOR, PACKED),
        tracking_code(CONTEXT, "pair", KEY, PACKED[:-1] + b"\0"),
    }
    assert len(others | {CODE}) == 5


def test_parse_folds() -> None:
    assert parse_tracking_code(CODE) == CODE
    assert parse_tracking_code(f" {CODE.lower().replace('-', '')} ") == CODE
    zeros = parse_tracking_code("o" * 12 + "iL1I" * 3)
    assert zeros == "0000-0000-0000-1111-1111-1111"


def test_no_wrong_symbol_and_no_swap_parses_to_the_same_code() -> None:
    symbols = CODE.replace("-", "")
    wrong = [
        symbols[:place] + symbol + symbols[place + 1 :]
        for place in range(24)
        for symbol in ALPHABET
        if symbol != symbols[place]
    ]
    wrong += [
        symbols[:place] + symbols[place + 1] + symbols[place] + symbols[place + 2 :]
        for place in range(23)
        if symbols[place] != symbols[place + 1]
    ]
    assert len(wrong) > 24 * 31
    assert CODE not in {parse_tracking_code(text) for text in wrong}


@pytest.mark.parametrize(
    ("text", "reason"),
    [(CODE[:-1], "fewer than 24"), (CODE + "0", "more than 24"), (CODE[:-1] + "U", "place 29 ")],
)
def test_parse_refuses(text: str, reason: str) -> None:
    with pytest.raises(EncodingError, match=f"tracking code: .*{reason}"):
        parse_tracking_code(text)
