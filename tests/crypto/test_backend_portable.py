"""What the portable backend is made of, where the group's own tests do not reach."""

import random

import pytest
import rbcl
from gmpy2 import mpz
from hypothesis import given
from hypothesis import strategies as st

from crypto.backend import ACTIVE
from crypto.backend.portable import PortableBackend, edwards, field, ristretto
from crypto.backend.portable.edwards import BASE, IDENTITY, Point, add, double, negate
from crypto.backend.portable.multiscalar import vartime_multiscalar
from crypto.scalar import ORDER
from tests.support.group import hashed_encodings

field_elements = st.integers(0, int(field.P) - 1).map(mpz)
points = hashed_encodings.map(lambda data: PortableBackend().decode(data)[0])

# The points of order 1, 2 and 4: what two representatives of one element may differ by.
FOUR_TORSION: list[Point] = [
    IDENTITY,
    (mpz(0), field.P - 1, mpz(1), mpz(0)),
    (field.SQRT_M1, mpz(0), mpz(1), mpz(0)),
    (field.P - field.SQRT_M1, mpz(0), mpz(1), mpz(0)),
]


def on_curve(point: Point) -> bool:
    X, Y, Z, T = point
    return bool((Y * Y - X * X - Z * Z - field.D * T * T) % field.P == 0 == (X * Y - Z * T) % field.P)


def test_it_is_the_active_backend() -> None:
    assert ACTIVE.name == "portable"


def test_constants_of_rfc_9496() -> None:
    assert field.D == 37095705934669439343138083508754565189542113879843219016388785533085940283555
    assert field.SQRT_M1 == 19681161376707505956807079304988542015446066515923890162744021073123829784752
    assert ristretto.INVSQRT_A_MINUS_D == (
        54469307008909316920995813868745141605393597292927456921205312896311721017578
    )
    assert BASE[0] == 15112221349535400772501151409588531511454012693041857206046113283949847762202


@given(field_elements)
def test_inverse_roots(x: mpz) -> None:
    found, root = field.inverse_sqrt(x)
    assert found is (x != 0 and pow(int(x), (int(field.P) - 1) // 2, int(field.P)) == 1)
    if found:
        assert root * root * x % field.P == 1


def test_zero_has_no_inverse_root() -> None:
    assert not field.inverse_sqrt(mpz(0))[0]


@given(st.lists(field_elements.filter(bool), max_size=8))
def test_inverting_many(values: list[mpz]) -> None:
    inverses = field.batch_inverse(values)
    assert [x * y % field.P for x, y in zip(values, inverses, strict=True)] == [1] * len(values)


@given(field_elements)
def test_signs(x: mpz) -> None:
    assert field.is_negative(x) is field.is_negative(x - field.P) is bool(x & 1)
    assert field.absolute(x) in {x, field.P - x}
    assert not field.is_negative(field.absolute(x))


@given(points, points)
def test_formulas_agree_and_stay_on_the_curve(left: Point, right: Point) -> None:
    total = add(left, right)
    (addend,) = edwards.addends([right])
    assert on_curve(total)
    for other in (add(right, left), edwards.add_addend(left, addend)):
        assert edwards.encode(other) == edwards.encode(total)
    difference = edwards.add_addend(left, edwards.negate_addend(addend))
    assert edwards.encode(difference) == edwards.encode(add(left, negate(right)))
    assert on_curve(double(left))
    assert edwards.encode(double(left)) == edwards.encode(add(left, left))


@given(points)
def test_libsodium_and_the_curve_speak_one_encoding(point: Point) -> None:
    again = edwards.decode_finished(edwards.encode(point))
    assert again[0] * point[2] % field.P == point[0] % field.P
    assert again[1] * point[2] % field.P == point[1] % field.P
    assert on_curve(again)
    assert edwards.decode_finished(edwards.encode(IDENTITY)) == IDENTITY


@given(points)
def test_every_representative_has_the_same_encoding(point: Point) -> None:
    representatives = [add(point, torsion) for torsion in FOUR_TORSION]
    assert len({edwards.encode(one) for one in representatives}) == 4
    assert len({ristretto.encode(one) for one in representatives}) == 1
    # A Z other than 1 changes nothing either.
    doubled = [coordinate * 2 for coordinate in point]
    assert ristretto.encode((doubled[0], doubled[1], doubled[2], doubled[3])) == ristretto.encode(point)


def test_every_representative_of_the_identity_is_known() -> None:
    for torsion in FOUR_TORSION:
        assert on_curve(torsion)
        assert ristretto.is_identity(torsion)
        assert ristretto.encode(torsion) == bytes(32)
        assert not ristretto.is_identity(add(BASE, torsion))


@given(
    points.filter(lambda point: not ristretto.is_identity(point)),
    st.sampled_from(FOUR_TORSION),
    st.integers(1, ORDER - 1),
)
def test_secret_multiples_do_not_depend_on_the_representative(point: Point, torsion: Point, k: int) -> None:
    secret = k.to_bytes(32, "little")
    backend = PortableBackend()
    expected = rbcl.crypto_scalarmult_ristretto255(secret, ristretto.encode(point))
    assert backend.encode(backend.secret_multiply(secret, [add(point, torsion)])) == expected


@pytest.fixture(scope="module")
def table() -> list[Point]:
    multiples = [BASE]
    while len(multiples) < 1200:
        multiples.append(add(multiples[-1], BASE))
    return multiples


class TestMultiscalar:
    """All points are known multiples a·B, so that every sum is known: Σ k·a times B."""

    def check(self, scalars: list[int], table: list[Point]) -> None:
        # Copies of a point, and points with a part of small order, are among them.
        chosen = [i % len(table) // 2 * 2 for i in range(len(scalars))]
        summed = vartime_multiscalar(
            scalars, [add(table[i], FOUR_TORSION[place % 4]) for place, i in enumerate(chosen)]
        )
        factor = sum(k * (i + 1) for k, i in zip(scalars, chosen, strict=True)) % ORDER
        encoded = rbcl.crypto_scalarmult_ristretto255_base_allow_scalar_zero(factor.to_bytes(32, "little"))
        assert ristretto.encode(summed) == encoded

    @pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7, 13, 46, 100, 300])
    def test_every_number_of_terms(self, count: int, table: list[Point]) -> None:
        rng = random.Random(count)
        self.check([rng.randrange(ORDER) for _ in range(count)], table)
        self.check([rng.getrandbits(128) for _ in range(count)], table)
        self.check([rng.choice([0, 1, ORDER - 1, rng.getrandbits(7)]) for _ in range(count)], table)

    @pytest.mark.parametrize("count", [1, 5, 60, 1200])
    def test_long_and_short_scalars_of_both_signs_together(self, count: int, table: list[Point]) -> None:
        rng = random.Random(count)
        bits = [252, 251, 250, 129, 128, 127, 64, 8, 1, 0]
        numbers = [rng.choice([1, -1]) * rng.getrandbits(rng.choice(bits)) % ORDER for _ in range(count)]
        self.check(numbers, table)

    @pytest.mark.parametrize("width", range(2, 17))
    def test_digits_at_their_bounds(self, width: int, table: list[Point]) -> None:
        """Whatever width is chosen for these counts, one of the patterns sits on its carries."""
        half = 1 << width - 1
        for digit in (half - 1, half, half + 1, 2 * half - 1):
            pattern = sum(digit << place for place in range(0, 252, width))
            for count in (1, 3, 12):
                numbers = [(pattern + offset) % 2**252 % ORDER for offset in range(-1, count - 1)]
                self.check(numbers, table)
                self.check([-k % ORDER for k in numbers], table)

    @pytest.mark.parametrize("bit", [*range(0, 252, 17), 250, 251])
    def test_powers_of_two_and_their_neighbours(self, bit: int, table: list[Point]) -> None:
        numbers = [(1 << bit) + offset for offset in (-1, 0, 1)]
        self.check([k % ORDER for k in numbers], table)
        self.check([-k % ORDER for k in numbers], table)
        for k in numbers:
            self.check([k % ORDER], table)

    def test_the_two_halves_of_the_order(self, table: list[Point]) -> None:
        for k in (ORDER // 2 - 1, ORDER // 2, ORDER // 2 + 1, ORDER - 1):
            self.check([k], table)

    def test_equal_and_opposite_points_and_the_identity(self) -> None:
        minus = negate(BASE)
        assert ristretto.is_identity(vartime_multiscalar([5, 5], [BASE, minus]))
        assert ristretto.is_identity(vartime_multiscalar([5, ORDER - 5], [BASE, BASE]))
        assert ristretto.is_identity(vartime_multiscalar([7] * 4, FOUR_TORSION))
        many = vartime_multiscalar([3] * 50, [BASE] * 50)
        assert ristretto.encode(many) == ristretto.encode(vartime_multiscalar([150], [BASE]))
