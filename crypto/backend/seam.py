"""What the group asks of the code that does its arithmetic, in arrays, so that a native kernel can answer.

Elements and scalars cross as packed bytes: 32 bytes each, one after the other. Decoded elements stay
behind the seam, in a handle that nobody else looks into.
"""

from typing import Protocol, TypeVar

Points = TypeVar("Points")


class InvalidPointError(Exception):
    """`decode` met 32 bytes that encode nothing; `index` (0-based) is the first such place."""

    def __init__(self, index: int) -> None:
        super().__init__(f"no element at index {index}")
        self.index = index


class Backend(Protocol[Points]):
    """Arithmetic on arrays of elements of ristretto255, in the order of the arguments.

    Methods with `secret` in their name take the same time for every value of their scalars and give out
    finished points. All others are for public data.
    """

    @property
    def name(self) -> str: ...

    def decode(self, packed: bytes) -> Points:
        """The elements of a whole number of 32-byte encodings.

        Raises:
            InvalidPointError: one of them is not canonical.
        """
        ...

    def encode(self, points: Points) -> bytes: ...

    def length(self, points: Points) -> int: ...

    def take(self, points: Points, places: range) -> Points: ...

    def concat(self, parts: list[Points]) -> Points: ...

    def add(self, left: Points, right: Points) -> Points:
        """Element by element; both have one length."""
        ...

    def negate(self, points: Points) -> Points: ...

    def identity_indexes(self, points: Points) -> list[int]: ...

    def column_sums(self, points: Points, width: int) -> Points:
        """`width` sums over a row-major table; no rows give identities."""
        ...

    def vartime_multiscalar(self, scalars: bytes, points: Points) -> Points:
        """One element: the sum of scalar times point. Scalars are below ℓ."""
        ...

    def secret_base_multiply(self, scalars: bytes) -> Points:
        """k·B for every scalar k; none is zero."""
        ...

    def secret_multiply(self, scalar: bytes, points: Points) -> Points:
        """k·P for one scalar k, not zero, and every point P."""
        ...

    def secret_encrypt_pairs(self, key: Points, messages: bytes, nonces: bytes) -> Points:
        """r·B, r·h + m·B for every message m and nonce r, not zero; the key h is one element."""
        ...
