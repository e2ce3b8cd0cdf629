"""The curve edwards25519, −x² + y² = 1 + d·x²·y², in extended coordinates. Public data only.

A point is (X, Y, Z, T) with x = X/Z, y = Y/Z and T = X·Y/Z. The formulas of addition are complete: they
hold for equal points, opposite points and the identity alike. Spec: RFC 8032 §5.1
"""

from gmpy2 import invert, mpz

from crypto.backend.portable.field import D, P, batch_inverse, inverse_sqrt

Point = tuple[mpz, mpz, mpz, mpz]
Addend = tuple[mpz, mpz, mpz]
"""(y − x)/2, (y + x)/2, d·x·y: what an addition needs of a point that is added many times."""

IDENTITY: Point = (mpz(0), mpz(1), mpz(1), mpz(0))
_2D = 2 * D % P
_4D = 4 * D % P
_HALF = invert(mpz(2), P)


def add(left: Point, right: Point) -> Point:
    """RFC 8032 §5.1.4, letter by letter; D is a variable there and not the curve's constant."""
    X1, Y1, Z1, T1 = left
    X2, Y2, Z2, T2 = right
    A = (Y1 - X1) * (Y2 - X2) % P
    B = (Y1 + X1) * (Y2 + X2) % P
    C = T1 * T2 % P * _2D % P
    D = 2 * Z1 * Z2 % P
    E, F, G, H = B - A, D - C, D + C, B + A
    return E * F % P, G * H % P, F * G % P, E * H % P


def add_addend(left: Point, right: Addend) -> Point:
    X1, Y1, Z1, T1 = left
    y_minus_x, y_plus_x, dxy = right
    A = (Y1 - X1) * y_minus_x % P
    B = (Y1 + X1) * y_plus_x % P
    C = T1 * dxy % P
    E, F, G, H = B - A, Z1 - C, Z1 + C, B + A  # half of those in `add`, all four
    return E * F % P, G * H % P, F * G % P, E * H % P


def negate_addend(addend: Addend) -> Addend:
    y_minus_x, y_plus_x, dxy = addend
    return y_plus_x, y_minus_x, -dxy


def addends(points: list[Point]) -> list[Addend]:
    prepared = []
    for (X, Y, _, _), z in zip(points, batch_inverse([point[2] for point in points]), strict=True):
        half = z * _HALF % P
        x, y = X * half % P, Y * half % P
        prepared.append((y - x, y + x, _4D * x % P * y % P))
    return prepared


def negate(point: Point) -> Point:
    X, Y, Z, T = point
    return -X, Y, Z, -T


def double(point: Point) -> Point:
    X, Y, Z, _ = point
    A = X * X % P
    B = Y * Y % P
    C = 2 * Z * Z % P
    H = A + B
    E = H - (X + Y) * (X + Y) % P
    G = A - B
    F = C + G
    return E * F % P, G * H % P, F * G % P, E * H % P


def encode(point: Point) -> bytes:
    """The 32 bytes of y with the sign of x in the top bit."""
    X, Y, Z, _ = point
    z = invert(Z, P)
    x, y = X * z % P, Y * z % P
    return int(y | (x & 1) << 255).to_bytes(32, "little")


def decode_finished(data: bytes) -> Point:
    """The point libsodium encoded; nothing from outside comes this way, so nothing is refused."""
    number = mpz(int.from_bytes(data, "little"))
    sign, y = number >> 255, number & (1 << 255) - 1
    # x² = (y² − 1)/(d·y² + 1) = u/v, so x = u/√(u·v); u is zero for the identity alone.
    u, v = y * y - 1, D * y * y + 1
    _, root = inverse_sqrt(u * v % P)
    x = u * root % P
    if x & 1 != sign:
        x = P - x
    return x, y, mpz(1), x * y % P


BASE = decode_finished((4 * pow(5, -1, int(P)) % int(P)).to_bytes(32, "little"))
"""B: the point of RFC 8032 with y = 4/5 and even x; it stands for the generator of ristretto255."""
