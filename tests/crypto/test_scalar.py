import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import errors
from crypto.errors import EncodingError
from crypto.scalar import ORDER, Scalar
from tests.support.group import integers, nonzero_scalars, scalars
from tests.support.vectors import vectors


@pytest.mark.parametrize("case", vectors("scalar"), ids=lambda case: case["id"])
def test_scalar_vector(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["input"]["encoded"])
    if case["expect"] == "ok":
        assert Scalar.decode(data).encoded == data
    else:
        with pytest.raises(getattr(errors, case["expect"]), match="scalar"):
            Scalar.decode(data)


@given(st.binary(min_size=32, max_size=32))
def test_a_scalar_has_one_encoding(data: bytes) -> None:
    number = int.from_bytes(data, "little")
    if number < ORDER:
        assert Scalar.decode(data).vartime_int() == number
    else:
        with pytest.raises(EncodingError):
            Scalar.decode(data)


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul])
@given(integers, integers)
def test_arithmetic_is_that_of_integers_modulo_the_order(
    operation: Callable[[Any, Any], Any], a: int, b: int
) -> None:
    result = operation(Scalar.from_int(a), Scalar.from_int(b))
    assert result.vartime_int() == operation(a, b) % ORDER


@given(integers)
def test_negation(a: int) -> None:
    assert (-Scalar.from_int(a)).vartime_int() == -a % ORDER


@given(st.integers())
def test_integers_of_any_size_and_sign_are_reduced(number: int) -> None:
    assert Scalar.from_int(number).vartime_int() == number % ORDER


@given(st.binary(min_size=64, max_size=64))
def test_a_digest_is_reduced_as_a_whole(data: bytes) -> None:
    scalar = Scalar.from_digest(data)
    assert scalar.vartime_int() == int.from_bytes(data, "little") % ORDER
    assert Scalar.random(data) == scalar


@pytest.mark.parametrize("size", [0, 32, 63, 65])
def test_a_digest_has_64_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="64"):
        Scalar.from_digest(bytes(size))


@given(nonzero_scalars)
def test_inverse(scalar: Scalar) -> None:
    assert scalar * scalar.vartime_inverse() == Scalar.from_int(1)


def test_zero_has_no_inverse() -> None:
    with pytest.raises(ValueError, match="not invertible"):
        Scalar.from_int(0).vartime_inverse()


@given(scalars, scalars)
def test_equality_is_that_of_values(a: Scalar, b: Scalar) -> None:
    same = a.vartime_int() == b.vartime_int()
    assert (a == b) is same
    assert (hash(a) == hash(b)) is same
    assert a.is_zero is (a.vartime_int() == 0)


def test_a_scalar_equals_nothing_else_and_multiplies_nothing_else() -> None:
    one = Scalar.from_int(1)
    assert one != 1
    assert one != one.encoded
    with pytest.raises(TypeError):
        one * 2  # type: ignore[operator]  # what a caller must not write


def test_a_scalar_shows_nothing_of_itself() -> None:
    secret = Scalar.from_int(0xC0FFEE)
    assert {repr(secret), str(secret), f"{secret}"} == {"Scalar(…)"}
