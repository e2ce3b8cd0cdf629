"""Decoding and encoding of ristretto255: which 32 bytes are an element, and which 32 bytes an element is.

An element is a class of points of edwards25519 that differ by a point of order 1, 2 or 4.
Spec: RFC 9496 §4.3.1, §4.3.2, §4.3.3
"""

from gmpy2 import mpz

from crypto.backend.portable.edwards import Point
from crypto.backend.portable.field import SQRT_M1, D, P, absolute, inverse_sqrt, is_negative

INVSQRT_A_MINUS_D = absolute(inverse_sqrt(-1 - D)[1])


def decode(data: bytes) -> Point | None:
    """A point of the element's class, or None for bytes that are no canonical encoding."""
    s = mpz(int.from_bytes(data, "little"))
    if s >= P or s & 1:
        return None
    ss = s * s % P
    u1, u2 = 1 - ss, 1 + ss
    u2_sqr = u2 * u2 % P
    v = -(D * u1 % P * u1 + u2_sqr) % P
    was_square, invsqrt = inverse_sqrt(v * u2_sqr % P)
    den_x = invsqrt * u2 % P
    den_y = invsqrt * den_x % P * v % P
    x = absolute(2 * s * den_x)
    y = u1 * den_y % P
    t = x * y % P
    if not was_square or t & 1 or y == 0:
        return None
    return x, y, mpz(1), t


def encode(point: Point) -> bytes:
    X, Y, Z, T = point
    u1 = (Z + Y) * (Z - Y) % P
    u2 = X * Y % P
    _, invsqrt = inverse_sqrt(u1 * u2 % P * u2 % P)
    den1, den2 = invsqrt * u1 % P, invsqrt * u2 % P
    z_inv = den1 * den2 % P * T % P
    if is_negative(T * z_inv):
        X, Y = Y * SQRT_M1 % P, X * SQRT_M1 % P
        den_inv = den1 * INVSQRT_A_MINUS_D % P
    else:
        den_inv = den2
    if is_negative(X * z_inv):
        Y = -Y
    s = absolute(den_inv * (Z - Y))
    return int(s).to_bytes(32, "little")


def is_identity(point: Point) -> bool:
    """Whether the point has order 1, 2 or 4."""
    X, Y, _, _ = point
    return bool(X * Y % P == 0)
