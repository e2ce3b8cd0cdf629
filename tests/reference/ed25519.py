"""Ed25519 by the book, in affine coordinates: slow, plain, and free to build the points that libraries refuse.

Source: RFC 8032 §5.1
"""

import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = tuple[int, int]
ZERO: Point = (0, 1)


def recover_x(y: int, sign: int) -> int | None:
    """x of the point with this y and parity of x; None when there is none. Takes y ≥ p and −0 as they come."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * SQRT_MINUS_ONE % P
    if x * x % P != square:
        return None
    return -x % P if x & 1 != sign else x


def add(left: Point, right: Point) -> Point:
    (x1, y1), (x2, y2) = left, right
    k = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P
    return x, y


def negate(point: Point) -> Point:
    return -point[0] % P, point[1]


def multiply(number: int, point: Point) -> Point:
    result = ZERO
    while number:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def encode(point: Point) -> bytes:
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _base() -> Point:
    y = 4 * pow(5, -1, P) % P
    x = recover_x(y, 0)
    assert x is not None
    return x, y


def _torsion() -> Point:
    # ℓ times any point loses the part of order ℓ; among the first few, one keeps a full eighth.
    for y in range(2, 100):
        x = recover_x(y, 0)
        if x is not None:
            candidate = multiply(ORDER, (x, y))
            if multiply(4, candidate) != ZERO:
                return candidate
    raise AssertionError("no point of order 8")


BASE = _base()
TORSION = _torsion()
"""A point of order 8, which generates all points of small order."""


def challenge(R: bytes, public_key: bytes, message: bytes) -> int:
    """k, all 512 bits of it."""
    return int.from_bytes(hashlib.sha512(R + public_key + message).digest(), "little")
