"""Exponential ElGamal: ciphertexts one by one and in arrays, which is how ballots and aggregates hold them.

Spec: protocol.md §1.6, §3.2
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from crypto.errors import EncodingError
from crypto.group import ElementArray, GroupElement, Scalar, encrypt_pairs, vartime_column_sums

CIPHERTEXT_BYTES = 64
_IDENTITY = bytes(32)


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """Encryption of a small count m under the joint key h.

    pad:  r·B
    data: r·h + m·B
    """

    pad: GroupElement
    data: GroupElement

    def __add__(self, other: Ciphertext) -> Ciphertext:
        """Encryption of the sum of the two counts."""
        return Ciphertext(self.pad + other.pad, self.data + other.data)

    def encode(self) -> bytes:
        return self.pad.encoded + self.data.encoded


@dataclass(frozen=True)
class CiphertextArray:
    """Ciphertexts in a row, pad before data, decoded and checked once."""

    elements: ElementArray

    def __post_init__(self) -> None:
        if len(self.elements) % 2:
            raise ValueError(f"ciphertexts: {len(self.elements)} elements are no pairs")

    @classmethod
    def decode(cls, packed: bytes, *, subject: str = "ciphertexts") -> Self:
        """The one way in for outside bytes; pads may be the identity, which `require_pads` refuses.

        Args:
            packed: 64 bytes for each ciphertext, pad ‖ data.
            subject: what the message of an error begins with.

        Raises:
            EncodingError: not a whole number of ciphertexts, or an element that is not canonical, named
                by its index among the elements.
        """
        if len(packed) % CIPHERTEXT_BYTES:
            raise EncodingError(f"{subject}: {len(packed)} bytes is not a multiple of {CIPHERTEXT_BYTES}")
        return cls(ElementArray.decode(packed, subject=subject))

    @classmethod
    def of(cls, ciphertexts: Sequence[Ciphertext]) -> Self:
        return cls(ElementArray.of(half for c in ciphertexts for half in (c.pad, c.data)))

    def encode(self) -> bytes:
        """64 bytes for each ciphertext, pad ‖ data."""
        return self.elements.encode()

    def require_pads(self) -> None:
        """Refuse what no honest encryption submits: an identity pad, or one pad twice.

        Raises:
            EncodingError: such a pad, named by the index of its ciphertext.

        Spec: protocol.md §1.6, §3.14
        """
        packed = self.encode()
        seen: dict[bytes, int] = {}
        for index in range(len(self)):
            pad = packed[CIPHERTEXT_BYTES * index : CIPHERTEXT_BYTES * index + 32]
            if pad == _IDENTITY:
                raise EncodingError(f"ciphertexts: the pad at {index} is the identity")
            if pad in seen:
                raise EncodingError(f"ciphertexts: the pads at {seen[pad]} and {index} are the same")
            seen[pad] = index

    @property
    def pads(self) -> ElementArray:
        return self.elements[::2]

    @property
    def datas(self) -> ElementArray:
        return self.elements[1::2]

    def __len__(self) -> int:
        return len(self.elements) // 2

    def __getitem__(self, index: int) -> Ciphertext:
        place = range(len(self))[index]
        return Ciphertext(self.elements[2 * place], self.elements[2 * place + 1])

    def __iter__(self) -> Iterator[Ciphertext]:
        return (self[index] for index in range(len(self)))


def encrypt(key: GroupElement, messages: Sequence[Scalar], nonces: Sequence[Scalar]) -> CiphertextArray:
    """Enc(m; r) = (r·B, r·h + m·B) for every message m and secret nonce r, in constant time.

    Raises:
        ValueError: the numbers of messages and nonces differ, a nonce is zero, or the key is the identity.
    """
    return CiphertextArray(encrypt_pairs(key, messages, nonces))


def vartime_sum_ciphertexts(rows: Sequence[CiphertextArray], width: int) -> CiphertextArray:
    """The componentwise sum of public rows of `width` ciphertexts each; of no rows, `width` identities.

    Raises:
        ValueError: a row has another length.
    """
    if width < 1 or any(len(row) != width for row in rows):
        raise ValueError(f"ciphertexts: a row to be summed has not {width} ciphertexts")
    return CiphertextArray(vartime_column_sums(ElementArray.concat(row.elements for row in rows), 2 * width))
