"""ElGamal ciphertexts: one encoding, and sums that are encryptions of sums."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.elgamal import Ciphertext, CiphertextArray, encrypt, vartime_sum_ciphertexts
from crypto.errors import EncodingError
from crypto.group import GENERATOR, IDENTITY, ElementArray, Scalar
from tests.support.ballots import KEY, KEY_SECRET, scalar_for


def encryptions(*counts: int, label: str = "r") -> CiphertextArray:
    nonces = [scalar_for(f"{label} {place}") for place in range(len(counts))]
    return encrypt(KEY, [Scalar.from_int(count) for count in counts], nonces)


def decrypted(ciphertext: Ciphertext) -> int:
    message = ciphertext.data - KEY_SECRET * ciphertext.pad
    return next(m for m in range(100) if (Scalar.from_int(m + 1) * GENERATOR - GENERATOR) == message)


def test_pad_and_data() -> None:
    r = scalar_for("r 0")
    (c,) = encryptions(1)
    assert c.pad == r * GENERATOR
    assert c.data == r * KEY + GENERATOR
    assert c.encode() == c.pad.encoded + c.data.encoded


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=5))
def test_sums_are_encryptions_of_sums(rows: list[tuple[int, int]]) -> None:
    arrays = [encryptions(*row, label=f"row {place}") for place, row in enumerate(rows)]
    sums = vartime_sum_ciphertexts(arrays, 2)
    assert [decrypted(c) for c in sums] == [sum(column) for column in zip(*rows, strict=True)]
    one_by_one = arrays[0][1]
    for array in arrays[1:]:
        one_by_one += array[1]
    assert sums[1] == one_by_one


def test_sum_of_no_rows_is_identities() -> None:
    assert vartime_sum_ciphertexts([], 2) == CiphertextArray.of([Ciphertext(IDENTITY, IDENTITY)] * 2)


@pytest.mark.parametrize("width", [0, 1, 3])
def test_sum_refuses_other_widths(width: int) -> None:
    with pytest.raises(ValueError, match="to be summed"):
        vartime_sum_ciphertexts([encryptions(1, 0)], width)


def test_round_trip() -> None:
    array = encryptions(0, 1, 2)
    packed = array.encode()
    again = CiphertextArray.decode(packed)
    assert again == array
    assert again.encode() == packed
    assert len(again) == 3
    assert list(again) == [array[0], array[1], array[-1]]
    assert array.pads == ElementArray.of(c.pad for c in array)
    assert array.datas == ElementArray.of(c.data for c in array)
    assert CiphertextArray.of(list(array)) == array
    array.require_pads()


@pytest.mark.parametrize("length", [1, 32, 63, 65, 96])
def test_decode_refuses_lengths(length: int) -> None:
    with pytest.raises(EncodingError, match="ciphertexts: "):
        CiphertextArray.decode(bytes(length))


@pytest.mark.parametrize(
    ("element", "origin"),
    [
        (bytes([1]) + bytes(31), "N7: negative field element"),
        ((2**255 - 19).to_bytes(32, "little"), "N7: not below p"),
        (bytes([2]) + bytes(31), "N4: no square"),
        ((2**255 - 19 - 1).to_bytes(32, "little"), "N4: torsion"),
        (b"\xff" * 32, "N7: top bit"),
    ],
)
def test_decode_names_the_bad_element(element: bytes, origin: str) -> None:
    packed = bytearray(encryptions(0, 1).encode())
    packed[64:96] = element
    with pytest.raises(EncodingError, match=r"sums: .* at 2"):
        CiphertextArray.decode(bytes(packed), subject="sums")


def test_identity_pad_is_refused_apart() -> None:
    # N5: sums may be the identity, a submitted pad may not.
    packed = encryptions(0, 1).encode()
    array = CiphertextArray.decode(packed[:64] + bytes(32) + packed[96:])
    with pytest.raises(EncodingError, match="pad at 1 is the identity"):
        array.require_pads()
    # data may be anything.
    CiphertextArray.decode(packed[:96] + bytes(32)).require_pads()


def test_repeated_pad_is_refused() -> None:
    # N16, N69: one pad twice is a copy or a broken source of randomness.
    packed = encryptions(0, 1, 0).encode()
    array = CiphertextArray.decode(packed[:128] + packed[:32] + packed[160:])
    with pytest.raises(EncodingError, match="pads at 0 and 2 are the same"):
        array.require_pads()


def test_elements_come_in_pairs() -> None:
    with pytest.raises(ValueError, match="no pairs"):
        CiphertextArray(ElementArray.of([GENERATOR]))
