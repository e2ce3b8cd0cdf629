"""Multiplication by secret scalars: in libsodium's constant time from the secret to the finished point.

libsodium is reached through PyNaCl, which speaks edwards25519 and not ristretto255. A point P that stands
for an element may have a part of small order, which libsodium refuses to multiply; 8·P has none, and
(k/8)·(8·P) stands for k times the element. Spec: protocol.md §1.8
"""

from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_scalar_add,
    crypto_core_ed25519_scalar_mul,
    crypto_scalarmult_ed25519_base_noclamp,
    crypto_scalarmult_ed25519_noclamp,
)

from crypto.backend.portable import edwards
from crypto.backend.portable.edwards import IDENTITY, Point
from crypto.backend.portable.ristretto import is_identity
from crypto.scalar import ORDER

_EIGHTH = pow(8, -1, ORDER).to_bytes(32, "little")

# libsodium does not multiply by zero, and a message may well be zero. So (m + c)·B is what is made in
# secret, by the same steps for every m, and the public c·B is taken off the finished point. Any c will do
# whose negative is nobody's message.
_SHIFT = b"added to a message, then off it\0"
_MINUS_SHIFT_POINT = edwards.negate(edwards.decode_finished(crypto_scalarmult_ed25519_base_noclamp(_SHIFT)))


def base_multiply(scalars: list[bytes]) -> list[Point]:
    return [edwards.decode_finished(crypto_scalarmult_ed25519_base_noclamp(k)) for k in scalars]


def multiply(scalar: bytes, points: list[Point]) -> list[Point]:
    eighth = crypto_core_ed25519_scalar_mul(scalar, _EIGHTH)
    return [
        # Whether a point is the identity is public, and libsodium does not multiply it.
        IDENTITY
        if is_identity(point)
        else edwards.decode_finished(crypto_scalarmult_ed25519_noclamp(eighth, _times_eight(point)))
        for point in points
    ]


def encrypt_pairs(key: Point, messages: list[bytes], nonces: list[bytes]) -> list[Point]:
    """Pad and data of the first pair, pad and data of the second, and so on."""
    key_times_eight = _times_eight(key)
    finished = []
    for message, nonce in zip(messages, nonces, strict=True):
        pad = crypto_scalarmult_ed25519_base_noclamp(nonce)
        eighth = crypto_core_ed25519_scalar_mul(nonce, _EIGHTH)
        mask = crypto_scalarmult_ed25519_noclamp(eighth, key_times_eight)
        shifted = crypto_scalarmult_ed25519_base_noclamp(crypto_core_ed25519_scalar_add(message, _SHIFT))
        data = edwards.decode_finished(crypto_core_ed25519_add(mask, shifted))
        finished += [edwards.decode_finished(pad), edwards.add(data, _MINUS_SHIFT_POINT)]
    return finished


def _times_eight(point: Point) -> bytes:
    return edwards.encode(edwards.double(edwards.double(edwards.double(point))))
