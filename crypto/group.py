"""The group ristretto255: its elements, one by one and in arrays, and their multiples.

Every element here is a finished, public point. Secrets enter as `Scalar` only, and what is done to them
takes the same time for all values; names with `vartime_` are for public scalars.

Spec: protocol.md §1.1, §1.2, §1.8
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self, overload

from crypto.backend import ACTIVE, InvalidPointError
from crypto.errors import EncodingError
from crypto.scalar import ORDER, Scalar, hash_to_scalar

__all__ = [
    "GENERATOR",
    "IDENTITY",
    "ORDER",
    "ElementArray",
    "GroupElement",
    "Scalar",
    "base_multiply",
    "encrypt_pairs",
    "hash_to_scalar",
    "vartime_column_sums",
    "vartime_multiscalar",
]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GroupElement:
    """One of the ℓ elements, always a public one. Only `decode` and arithmetic make one."""

    points: Any  # an array of one, which only the backend looks into
    known: bytes | None = None  # the encoding, once there was cause to know it

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The one way in for outside bytes.

        Raises:
            EncodingError: not 32 bytes, or not a canonical encoding.
        """
        try:
            if len(data) == 32:
                return cls(ACTIVE.decode(data), bytes(data))
        except InvalidPointError:
            pass
        raise EncodingError("group element: not a canonical ristretto255 encoding")

    @property
    def encoded(self) -> bytes:
        """32 bytes, the only encoding of this element."""
        return _encode(self)

    @property
    def is_identity(self) -> bool:
        return bool(ACTIVE.identity_indexes(self.points))

    def __add__(self, other: GroupElement) -> GroupElement:
        return GroupElement(ACTIVE.add(self.points, other.points))

    def __sub__(self, other: GroupElement) -> GroupElement:
        return self + -other

    def __neg__(self) -> GroupElement:
        return GroupElement(ACTIVE.negate(self.points))

    def __rmul__(self, scalar: Scalar) -> GroupElement:
        """A secret scalar times this element, in constant time.

        Raises:
            ValueError: the scalar is zero. Equations with scalars from outside use `vartime_multiscalar`.
        """
        return GroupElement(ACTIVE.secret_multiply(_nonzero(scalar), self.points))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GroupElement) and self.encoded == other.encoded

    def __hash__(self) -> int:
        return hash(self.encoded)

    def __repr__(self) -> str:
        return f"GroupElement({self.encoded.hex()})"

    def __reduce__(self) -> tuple[Any, ...]:
        return GroupElement.decode, (self.encoded,)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ElementArray:
    """Elements in a row, decoded and checked once. Only `decode`, `of` and arithmetic make one."""

    points: Any  # which only the backend looks into
    known: bytes | None = None  # the encoding, once there was cause to know it

    @classmethod
    def decode(cls, packed: bytes, *, subject: str = "group elements") -> Self:
        """The one way in for outside bytes.

        Args:
            packed: 32 bytes for each element, one after the other.
            subject: what the message of an error begins with.

        Raises:
            EncodingError: not a whole number of encodings, or one that is not canonical, named by index.
        """
        if len(packed) % 32:
            raise EncodingError(f"{subject}: {len(packed)} bytes is not a multiple of 32")
        try:
            return cls(ACTIVE.decode(packed), bytes(packed))
        except InvalidPointError as exc:
            raise EncodingError(f"{subject}: no canonical ristretto255 encoding at {exc.index}") from exc

    @classmethod
    def of(cls, elements: Iterable[GroupElement]) -> Self:
        return cls(*_joined(list(elements)))

    @classmethod
    def concat(cls, arrays: Iterable[ElementArray]) -> Self:
        return cls(*_joined(list(arrays)))

    def encode(self) -> bytes:
        """32 bytes for each element, one after the other."""
        return _encode(self)

    def identity_indexes(self) -> list[int]:
        """Where the identity stands, 0-based."""
        return ACTIVE.identity_indexes(self.points)

    def scale(self, scalar: Scalar) -> ElementArray:
        """One secret scalar times every element, in constant time.

        Raises:
            ValueError: the scalar is zero.
        """
        return ElementArray(ACTIVE.secret_multiply(_nonzero(scalar), self.points))

    def __len__(self) -> int:
        return ACTIVE.length(self.points)

    def __iter__(self) -> Iterator[GroupElement]:
        return (self[index] for index in range(len(self)))

    @overload
    def __getitem__(self, index: int) -> GroupElement: ...
    @overload
    def __getitem__(self, index: slice) -> ElementArray: ...
    def __getitem__(self, index: int | slice) -> GroupElement | ElementArray:
        if isinstance(index, slice):
            return ElementArray(*self._take(range(len(self))[index]))
        place = range(len(self))[index]  # counts from the end, and raises IndexError, as a tuple does
        return GroupElement(*self._take(range(place, place + 1)))

    def _take(self, places: range) -> tuple[Any, bytes | None]:
        packed = self.known
        known = packed and b"".join([packed[32 * place : 32 * place + 32] for place in places])
        return ACTIVE.take(self.points, places), known

    def __add__(self, other: ElementArray) -> ElementArray:
        """Element by element.

        Raises:
            ValueError: the lengths differ.
        """
        if len(self) != len(other):
            raise ValueError(f"element array: {len(self)} elements against {len(other)}")
        return ElementArray(ACTIVE.add(self.points, other.points))

    def __sub__(self, other: ElementArray) -> ElementArray:
        return self + -other

    def __neg__(self) -> ElementArray:
        return ElementArray(ACTIVE.negate(self.points))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ElementArray) and self.encode() == other.encode()

    def __hash__(self) -> int:
        return hash(self.encode())

    def __repr__(self) -> str:
        return f"ElementArray({len(self)} elements)"

    def __reduce__(self) -> tuple[Any, ...]:
        return ElementArray.decode, (self.encode(),)


IDENTITY = GroupElement.decode(bytes(32))
GENERATOR = GroupElement.decode(
    bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")
)
"""B, RFC 9496 §4.4."""


def base_multiply(scalars: Sequence[Scalar]) -> ElementArray:
    """k·B for every secret scalar k, in constant time.

    Raises:
        ValueError: a scalar is zero.
    """
    return ElementArray(ACTIVE.secret_base_multiply(b"".join(map(_nonzero, scalars))))


def encrypt_pairs(key: GroupElement, messages: Sequence[Scalar], nonces: Sequence[Scalar]) -> ElementArray:
    """r·B, r·h + m·B for every secret message m and nonce r, in constant time.

    Args:
        key: h, not the identity.
        messages: m; zero is as good as any.
        nonces: r, as many as messages, none of them zero.

    Returns:
        Twice as many elements: pad and data of the first pair, pad and data of the second, …

    Raises:
        ValueError: the numbers of messages and nonces differ, a nonce is zero, or the key is the identity.
    """
    if len(messages) != len(nonces):
        raise ValueError(f"encrypt: {len(messages)} messages but {len(nonces)} nonces")
    if key.is_identity:
        raise ValueError("encrypt: the key is the identity")
    packed_messages = b"".join(message.encoded for message in messages)
    packed_nonces = b"".join(map(_nonzero, nonces))
    return ElementArray(ACTIVE.secret_encrypt_pairs(key.points, packed_messages, packed_nonces))


def vartime_multiscalar(scalars: Sequence[int], elements: ElementArray) -> GroupElement:
    """Σ scalar · element over public integers of any size and sign, those near zero being cheaper.

    Raises:
        ValueError: the numbers of scalars and elements differ.
    """
    if len(scalars) != len(elements):
        raise ValueError(f"multiscalar: {len(scalars)} scalars but {len(elements)} elements")
    packed = b"".join([(scalar % ORDER).to_bytes(32, "little") for scalar in scalars])
    return GroupElement(ACTIVE.vartime_multiscalar(packed, elements.points))


def vartime_column_sums(rows: ElementArray, width: int) -> ElementArray:
    """The sum of each of the `width` columns of a table given row by row.

    Raises:
        ValueError: the last row is not full.
    """
    if width < 1 or len(rows) % width:
        raise ValueError(f"column sums: {len(rows)} elements are no rows of {width}")
    return ElementArray(ACTIVE.column_sums(rows.points, width))


def _nonzero(scalar: Scalar) -> bytes:
    if scalar.is_zero:
        raise ValueError("scalar: zero, where a secret must not be")
    return scalar.encoded


def _encode(value: GroupElement | ElementArray) -> bytes:
    encoded = value.known
    if encoded is None:
        encoded = ACTIVE.encode(value.points)
        object.__setattr__(value, "known", encoded)  # remembered, nothing changes to the eye
    return encoded


def _joined(values: Sequence[GroupElement | ElementArray]) -> tuple[Any, bytes | None]:
    known = [value.known for value in values if value.known is not None]
    points = ACTIVE.concat([value.points for value in values])
    return points, b"".join(known) if len(known) == len(values) else None
