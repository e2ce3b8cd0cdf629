"""Arithmetic modulo p = 2^255 − 19 on gmpy2 integers. Public data only. Spec: RFC 9496 §4.1, §4.2"""

from gmpy2 import invert, mpz, powmod

P = mpz(2) ** 255 - 19
D = -121665 * invert(mpz(121666), P) % P
SQRT_M1 = powmod(mpz(2), (P - 1) // 4, P)

_SQRT_EXPONENT = (P - 5) // 8


def is_negative(x: mpz) -> bool:
    """Negative means odd, once reduced."""
    return bool(x % P & 1)


def absolute(x: mpz) -> mpz:
    x %= P
    return P - x if x & 1 else x


def inverse_sqrt(x: mpz) -> tuple[bool, mpz]:
    """(whether x is a nonzero square, one root r of 1/x if it is). The sign of r is not defined."""
    x3 = x * x % P * x % P
    r = x3 * powmod(x3 * x3 % P * x % P, _SQRT_EXPONENT, P) % P
    check = r * r % P * x % P
    if check == 1:
        return True, r
    if check == P - 1:
        return True, r * SQRT_M1 % P
    return False, r


def batch_inverse(values: list[mpz]) -> list[mpz]:
    """1/x for every x, none of them zero, for the price of one inversion (Montgomery's trick)."""
    prefix = []
    product = mpz(1)
    for x in values:
        prefix.append(product)
        product = product * x % P
    suffix = invert(product, P)
    for i in range(len(values) - 1, -1, -1):
        prefix[i] = prefix[i] * suffix % P
        suffix = suffix * values[i] % P
    return prefix
