"""What a ballot's proof is about: exactly the values that its challenge hashes.

Spec: protocol.md §3.3, §3.4
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from crypto.ballot_shape import BallotShape
from crypto.elgamal import CiphertextArray
from crypto.errors import EncodingError
from crypto.group import ORDER, GroupElement
from crypto.hashing import Tag, digest, le64

NO_PREVIOUS = bytes(64)
"""In place of the previous ballot's digest on a credential's first ballot. Spec: protocol.md §3.3"""


@dataclass(frozen=True)
class BallotStatement:
    """One encrypted ballot in its place; no pad is the identity and none stands twice.

    Raises:
        EncodingError: another number of ciphertexts than the style has options, a refused pad, or the
            identity as credential or key.
    """

    context: bytes  # ctx, 64 bytes; it binds the key, the shapes and the roll
    shape: BallotShape
    key: GroupElement  # h
    credential: GroupElement  # S
    previous: bytes  # digest of the credential's last valid ballot, or NO_PREVIOUS
    ciphertexts: CiphertextArray

    def __post_init__(self) -> None:
        if len(self.context) != 64 or len(self.previous) != 64:
            raise ValueError("ballot: context and previous are digests of 64 bytes")
        if len(self.ciphertexts) != self.shape.options:
            raise EncodingError(
                f"ballot: {len(self.ciphertexts)} ciphertexts for {self.shape.options} options"
            )
        if self.credential.is_identity or self.key.is_identity:
            raise EncodingError("ballot: the credential or the key is the identity")
        self.ciphertexts.require_pads()

    @cached_property
    def hashed(self) -> tuple[bytes, ...]:
        """The parts, in order, that begin every hash over the statement."""
        style = self.shape.style_id.encode()
        return (self.context, style, self.credential.encoded, self.previous, self.ciphertexts.encode())

    @cached_property
    def weights(self) -> tuple[int, ...]:
        """w_j of every option: public, and fixed by the ciphertexts before anything is committed to.

        Spec: protocol.md §3.4
        """
        W = digest(Tag.WEIGHTS, *self.hashed)
        return tuple(
            int.from_bytes(digest(Tag.WEIGHT, W, le64(j)), "little") % ORDER
            for j in range(self.shape.options)
        )
