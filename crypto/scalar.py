"""Integers modulo the group order, kept as bytes so that secret ones only meet libsodium.

Spec: protocol.md §1.3, §1.4, §1.8
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from nacl.bindings import (
    crypto_core_ed25519_scalar_add,
    crypto_core_ed25519_scalar_mul,
    crypto_core_ed25519_scalar_negate,
    crypto_core_ed25519_scalar_reduce,
    crypto_core_ed25519_scalar_sub,
)

from crypto.errors import EncodingError
from crypto.hashing import Tag, digest

ORDER = 2**252 + 27742317777372353535851937790883648493
"""ℓ, the prime order of the group."""


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """An integer modulo ℓ. Arithmetic and comparison take the same time for every value.

    Only `decode` and arithmetic make one, so none is out of range; none shows its value when printed.
    """

    encoded: bytes = field(repr=False)  # 32 bytes, little-endian, below ℓ

    @classmethod
    def decode(cls, data: bytes) -> Scalar:
        """The one way in for outside bytes, secret or not.

        Raises:
            EncodingError: not 32 bytes, or not below ℓ.
        """
        if len(data) != 32 or not hmac.compare_digest(data, _reduce(data + bytes(32))):
            raise EncodingError("scalar: not 32 bytes, little-endian, below the group order")
        return cls(bytes(data))

    @classmethod
    def from_digest(cls, data: bytes) -> Scalar:
        """All 64 bytes of a hash, little-endian, modulo ℓ: uniform up to 2^-250."""
        if len(data) != 64:
            raise ValueError(f"scalar: {len(data)} bytes of digest, not 64")
        return cls(_reduce(data))

    @classmethod
    def random(cls, random_bytes: bytes) -> Scalar:
        """The scalar that 64 fresh random bytes stand for; the caller owns the randomness."""
        return cls.from_digest(random_bytes)

    @classmethod
    def from_int(cls, number: int) -> Scalar:
        """A public integer of either sign, modulo ℓ."""
        return cls((number % ORDER).to_bytes(32, "little"))

    @property
    def is_zero(self) -> bool:
        return hmac.compare_digest(self.encoded, bytes(32))

    def vartime_int(self) -> int:
        """The value of a public scalar; Python's integers are not for secrets."""
        return int.from_bytes(self.encoded, "little")

    def vartime_inverse(self) -> Scalar:
        """1/self for a public scalar.

        Raises:
            ValueError: zero has none.
        """
        return Scalar.from_int(pow(self.vartime_int(), -1, ORDER))

    def __add__(self, other: Scalar) -> Scalar:
        return Scalar(crypto_core_ed25519_scalar_add(self.encoded, other.encoded))

    def __sub__(self, other: Scalar) -> Scalar:
        return Scalar(crypto_core_ed25519_scalar_sub(self.encoded, other.encoded))

    def __mul__(self, other: Scalar) -> Scalar:
        if not isinstance(other, Scalar):  # scalar * element is the element's to answer
            return NotImplemented
        return Scalar(crypto_core_ed25519_scalar_mul(self.encoded, other.encoded))

    def __neg__(self) -> Scalar:
        return Scalar(crypto_core_ed25519_scalar_negate(self.encoded))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scalar) and hmac.compare_digest(self.encoded, other.encoded)

    def __hash__(self) -> int:
        return hash(self.encoded)

    def __repr__(self) -> str:
        return "Scalar(…)"


def hash_to_scalar(tag: Tag, *parts: bytes) -> Scalar:
    """scalar(H(tag; parts)): the whole digest modulo ℓ."""
    return Scalar.from_digest(digest(tag, *parts))


def _reduce(data: bytes) -> bytes:
    reduced: bytes = crypto_core_ed25519_scalar_reduce(data)
    return reduced
