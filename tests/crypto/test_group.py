import copy
import pickle
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
import rbcl
from hypothesis import given
from hypothesis import strategies as st

from crypto import errors
from crypto.backend.portable import secret
from crypto.errors import EncodingError
from crypto.group import (
    GENERATOR,
    IDENTITY,
    ORDER,
    ElementArray,
    GroupElement,
    Scalar,
    base_multiply,
    encrypt_pairs,
    vartime_column_sums,
    vartime_multiscalar,
)
from tests.support.group import elements, encodings, integers, nonzero_scalars, scalars
from tests.support.vectors import vectors

ZERO, ONE = Scalar.from_int(0), Scalar.from_int(1)
BAD = bytes([1]) + bytes(31)


def times(scalar: Scalar, element: GroupElement) -> GroupElement:
    """Any multiple, by the library that is not under test."""
    return GroupElement.decode(
        rbcl.crypto_scalarmult_ristretto255_allow_scalar_zero(scalar.encoded, element.encoded)
    )


def is_element(data: bytes) -> bool:
    # The libsodium in rbcl is an old one that overlooks the top bit; RFC 9496 and its successors do not.
    return data[31] < 0x80 and bool(rbcl.crypto_core_ristretto255_is_valid_point(data))


def multiples(count: int) -> ElementArray:
    """B, 2·B, 3·B, …"""
    found = [GENERATOR]
    while len(found) < count:
        found.append(found[-1] + GENERATOR)
    return ElementArray.of(found[:count])


class TestElement:
    @pytest.mark.parametrize("case", vectors("ristretto255"), ids=lambda case: case["id"])
    def test_vector(self, case: dict[str, Any]) -> None:
        data = bytes.fromhex(case["input"]["encoded"])
        if case["expect"] == "ok":
            element = GroupElement.decode(data)
            assert (element + IDENTITY).encoded == data
            assert element == times(Scalar.from_int(case["input"]["multiple"]), GENERATOR)
        else:
            with pytest.raises(getattr(errors, case["expect"]), match="not a canonical ristretto255"):
                GroupElement.decode(data)

    @given(st.binary(min_size=32, max_size=32))
    def test_exactly_the_canonical_encodings_are_elements(self, data: bytes) -> None:
        if is_element(data):
            # The sum is encoded anew, so this is one encoding per element and not a memory of the bytes.
            assert (GroupElement.decode(data) + IDENTITY).encoded == data
        else:
            with pytest.raises(EncodingError):
                GroupElement.decode(data)

    @given(encodings, st.integers(0, 255))
    def test_no_bit_of_an_encoding_can_be_changed(self, data: bytes, bit: int) -> None:
        changed = (int.from_bytes(data, "little") ^ 1 << bit).to_bytes(32, "little")
        try:
            assert GroupElement.decode(changed) != GroupElement.decode(data)
        except EncodingError:
            assert not is_element(changed)

    @given(encodings, encodings)
    def test_sums_and_differences_agree_with_libsodium(self, a: bytes, b: bytes) -> None:
        left, right = GroupElement.decode(a), GroupElement.decode(b)
        assert (left + right).encoded == rbcl.crypto_core_ristretto255_add(a, b)
        assert (left - right).encoded == rbcl.crypto_core_ristretto255_sub(a, b)

    @given(elements, elements, elements)
    def test_group_laws(self, a: GroupElement, b: GroupElement, c: GroupElement) -> None:
        assert a + b == b + a
        assert (a + b) + c == a + (b + c)
        assert a + IDENTITY == a
        assert a + -a == IDENTITY == a - a
        assert (a + a) + (a + a) == times(Scalar.from_int(4), a)

    @given(elements, nonzero_scalars, nonzero_scalars)
    def test_multiplication_agrees_with_libsodium(self, element: GroupElement, k: Scalar, m: Scalar) -> None:
        assert k * element == times(k, element)
        assert k * (m * element) == (k * m) * element
        assert k * element + m * element == times(k + m, element)
        assert k * -element == -(k * element)

    @given(elements)
    def test_a_secret_scalar_is_not_zero(self, element: GroupElement) -> None:
        with pytest.raises(ValueError, match="zero"):
            ZERO * element

    @given(nonzero_scalars)
    def test_a_multiple_of_the_identity_is_the_identity(self, k: Scalar) -> None:
        assert k * IDENTITY == IDENTITY

    @given(elements, elements)
    def test_equality_is_that_of_encodings(self, a: GroupElement, b: GroupElement) -> None:
        assert (a == b) is (a.encoded == b.encoded) is ((a - b).is_identity)
        assert (hash(a) == hash(b)) is (a == b)
        assert a != a.encoded

    def test_the_order_is_the_order(self) -> None:
        assert times(Scalar.from_int(ORDER - 1), GENERATOR) + GENERATOR == IDENTITY
        assert IDENTITY.is_identity
        assert not GENERATOR.is_identity

    def test_it_is_immutable_and_prints_its_encoding(self) -> None:
        with pytest.raises(FrozenInstanceError):
            GENERATOR.points = None  # type: ignore[misc]  # what must not work
        assert repr(GENERATOR) == f"GroupElement({GENERATOR.encoded.hex()})"

    @given(elements)
    def test_it_can_be_sent_to_another_process(self, element: GroupElement) -> None:
        assert pickle.loads(pickle.dumps(element)) == element == copy.deepcopy(element)


class TestElementArray:
    @given(st.lists(encodings, max_size=8))
    def test_decoding_and_encoding(self, data: list[bytes]) -> None:
        array = ElementArray.decode(b"".join(data))
        assert array.encode() == b"".join(data)
        assert (array + ElementArray.of([IDENTITY] * len(data))).encode() == b"".join(data)
        assert [element.encoded for element in array] == data
        assert len(array) == len(data)
        assert repr(array) == f"ElementArray({len(data)} elements)"

    @given(st.lists(encodings, max_size=5), st.lists(st.just(BAD) | encodings, max_size=3))
    def test_the_first_bad_element_is_named(self, good: list[bytes], rest: list[bytes]) -> None:
        with pytest.raises(EncodingError, match=f"^ciphertexts: no canonical .* at {len(good)}$"):
            ElementArray.decode(b"".join([*good, BAD, *rest]), subject="ciphertexts")

    @pytest.mark.parametrize("size", [1, 31, 33, 95])
    def test_a_part_of_an_element_is_refused(self, size: int) -> None:
        with pytest.raises(EncodingError, match=f"group elements: {size} bytes"):
            ElementArray.decode(bytes(size))

    @given(st.lists(elements, max_size=8), st.slices(8))
    def test_taking_and_joining(self, items: list[GroupElement], part: slice) -> None:
        array = ElementArray.of(items)
        assert list(array) == items
        assert list(array[part]) == items[part]
        assert ElementArray.concat([array[part], array]) == ElementArray.of(items[part] + items)

    @pytest.mark.parametrize("known", [False, True])
    def test_known_encodings_are_kept_and_unknown_ones_made(self, known: bool) -> None:
        array = multiples(5)
        if known:
            array.encode()
        expected = [base_multiply([Scalar.from_int(k)])[0].encoded for k in range(1, 6)]
        assert (array[1].known is None) is not known
        assert array[-1].encoded == expected[4]
        assert array[3:0:-2].encode() == expected[3] + expected[1]
        assert ElementArray.concat([array[:2], array[4:]]).encode() == b"".join([*expected[:2], expected[4]])
        assert ElementArray.of([array[0], GENERATOR + GENERATOR]).encode() == b"".join(expected[:2])

    @pytest.mark.parametrize("index", [3, -4])
    def test_an_index_beyond_the_end_is_an_error(self, index: int) -> None:
        with pytest.raises(IndexError):
            multiples(3)[index]

    @given(st.lists(st.tuples(elements, elements), max_size=5))
    def test_sums_are_element_by_element(self, pairs: list[tuple[Any, Any]]) -> None:
        left, right = ElementArray.of(a for a, _ in pairs), ElementArray.of(b for _, b in pairs)
        assert list(left + right) == [a + b for a, b in pairs]
        assert list(left - right) == [a - b for a, b in pairs]
        assert list(-left) == [-a for a, _ in pairs]

    def test_sums_need_one_length(self) -> None:
        with pytest.raises(ValueError, match="3 elements against 2"):
            multiples(3) + multiples(2)

    @given(nonzero_scalars, st.lists(elements, max_size=5))
    def test_scaling(self, k: Scalar, items: list[GroupElement]) -> None:
        assert list(ElementArray.of(items).scale(k)) == [times(k, element) for element in items]

    def test_scaling_by_zero_is_refused(self) -> None:
        with pytest.raises(ValueError, match="zero"):
            multiples(2).scale(ZERO)

    @given(st.lists(elements, max_size=8))
    def test_where_the_identity_stands(self, items: list[GroupElement]) -> None:
        array = ElementArray.of(items)
        assert array.identity_indexes() == [i for i, item in enumerate(items) if item.encoded == bytes(32)]
        assert (array - array).identity_indexes() == list(range(len(items)))

    def test_equality_is_that_of_encodings(self) -> None:
        assert multiples(3) == multiples(4)[:3]
        assert hash(multiples(3)) == hash(multiples(4)[:3])
        assert multiples(3) != multiples(4)
        assert multiples(1) != GENERATOR

    def test_it_is_immutable(self) -> None:
        with pytest.raises(FrozenInstanceError):
            multiples(1).points = None  # type: ignore[misc]  # what must not work

    @given(st.lists(elements, max_size=3))
    def test_it_can_be_sent_to_another_process(self, items: list[GroupElement]) -> None:
        array = ElementArray.of(items)
        assert pickle.loads(pickle.dumps(array)) == array


class TestSecretMultiples:
    @given(st.lists(nonzero_scalars, max_size=5))
    def test_of_the_generator(self, secrets: list[Scalar]) -> None:
        assert list(base_multiply(secrets)) == [times(k, GENERATOR) for k in secrets]

    def test_zero_is_refused(self) -> None:
        with pytest.raises(ValueError, match="zero"):
            base_multiply([ONE, ZERO])

    @given(
        elements.filter(lambda key: not key.is_identity),
        st.lists(st.tuples(scalars, nonzero_scalars), max_size=4),
    )
    def test_encryption(self, key: GroupElement, pairs: list[tuple[Any, Any]]) -> None:
        result = encrypt_pairs(key, [m for m, _ in pairs], [r for _, r in pairs])
        expected = [(times(r, GENERATOR), times(r, key) + times(m, GENERATOR)) for m, r in pairs]
        assert list(result) == [element for pair in expected for element in pair]

    @given(nonzero_scalars, nonzero_scalars)
    def test_encryption_to_the_identity(self, x: Scalar, r: Scalar) -> None:
        # The two halves of the data cancel; with the other message, the sum inside libsodium does.
        key = times(x, GENERATOR)
        assert encrypt_pairs(key, [-(r * x)], [r]).identity_indexes() == [1]
        shift = Scalar.decode(secret._SHIFT)
        assert encrypt_pairs(key, [-(r * x) - shift], [r])[1] == times(-shift, GENERATOR)

    def test_a_nonce_is_not_zero(self) -> None:
        with pytest.raises(ValueError, match="zero"):
            encrypt_pairs(GENERATOR, [ONE], [ZERO])

    def test_a_key_is_not_the_identity(self) -> None:
        with pytest.raises(ValueError, match="key is the identity"):
            encrypt_pairs(IDENTITY, [ONE], [ONE])

    def test_every_message_has_a_nonce(self) -> None:
        with pytest.raises(ValueError, match="1 messages but 2 nonces"):
            encrypt_pairs(GENERATOR, [ONE], [ONE, ONE])


class TestPublicSums:
    @given(st.lists(st.tuples(integers, elements), max_size=12))
    def test_multiscalar_agrees_with_one_by_one(self, terms: list[tuple[int, GroupElement]]) -> None:
        expected = IDENTITY
        for k, element in terms:
            expected += times(Scalar.from_int(k), element)
        array = ElementArray.of(element for _, element in terms)
        assert vartime_multiscalar([k for k, _ in terms], array) == expected
        assert vartime_multiscalar([k - ORDER for k, _ in terms], array) == expected

    @given(st.lists(st.integers(-(2**300), 2**300), min_size=1, max_size=5))
    def test_integers_of_any_size_and_sign(self, numbers: list[int]) -> None:
        total = sum(k * (i + 1) for i, k in enumerate(numbers))
        assert vartime_multiscalar(numbers, multiples(len(numbers))) == times(
            Scalar.from_int(total), GENERATOR
        )

    def test_every_scalar_has_an_element(self) -> None:
        with pytest.raises(ValueError, match="2 scalars but 3 elements"):
            vartime_multiscalar([1, 2], multiples(3))

    @given(st.integers(1, 4), st.integers(0, 4), st.data())
    def test_column_sums(self, width: int, height: int, data: st.DataObject) -> None:
        rows = data.draw(st.lists(elements, min_size=width * height, max_size=width * height))
        expected = [IDENTITY] * width
        for index, element in enumerate(rows):
            expected[index % width] += element
        assert list(vartime_column_sums(ElementArray.of(rows), width)) == expected

    @pytest.mark.parametrize("width", [-1, 0, 2, 4])
    def test_columns_need_full_rows(self, width: int) -> None:
        with pytest.raises(ValueError, match="no rows"):
            vartime_column_sums(multiples(3), width)
