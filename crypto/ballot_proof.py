"""The proof of a ballot as it travels: commitments, free branch challenges, responses; nothing is secret.

Its three parts prove together that the voter holds the credential, that every selection is 0 or 1, and
that every contest's sum is within bounds. Spec: protocol.md §3.5, §3.6, §3.7
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Self

from crypto.ballot_shape import ITEM_BYTES, BallotShape
from crypto.ballot_statement import BallotStatement
from crypto.errors import EncodingError
from crypto.group import ORDER, ElementArray, Scalar, hash_to_scalar
from crypto.hashing import Tag


@dataclass(frozen=True, slots=True)
class BallotProof:
    """All integers are public and below ℓ; lists run through the whole ballot. Spec: protocol.md §3.9"""

    commitments: ElementArray  # A; α_j (pad, data); γ (pad, data); a_v, b_v of each contest
    branch_challenges: tuple[int, ...]  # e_v of each contest except v = minimum
    credential_response: int  # z
    value_responses: tuple[int, ...]  # f_j
    nonce_responses: tuple[int, ...]  # y_j
    product_response: int  # u
    branch_responses: tuple[int, ...]  # z_v of each contest

    @classmethod
    def decode(cls, packed: bytes, shape: BallotShape) -> Self:
        """The one way in for outside bytes.

        Args:
            packed: the items of the wire order.
            shape: of the style that the ballot names; it fixes the length.

        Raises:
            EncodingError: another length than the shape asks for, an element or a scalar that is not
                canonical, named by its index among the elements or scalars.
        """
        if len(packed) != shape.proof_bytes:
            raise EncodingError(f"ballot proof: {len(packed)} bytes where {shape.proof_bytes} are due")
        border = ITEM_BYTES * shape.commitment_count
        scalars = tuple(
            int.from_bytes(packed[start : start + ITEM_BYTES], "little")
            for start in range(border, len(packed), ITEM_BYTES)
        )
        for index, scalar in enumerate(scalars):
            if scalar >= ORDER:
                raise EncodingError(f"ballot proof: scalar {index} is not below the group order")
        commitments = ElementArray.decode(packed[:border], subject="ballot proof")
        z = shape.branch_count - len(shape.contests)
        u = z + 1 + 2 * shape.options
        return cls(
            commitments,
            branch_challenges=scalars[:z],
            credential_response=scalars[z],
            value_responses=scalars[z + 1 : u : 2],
            nonce_responses=scalars[z + 2 : u : 2],
            product_response=scalars[u],
            branch_responses=scalars[u + 1 :],
        )

    def encode(self) -> bytes:
        pairs = zip(self.value_responses, self.nonce_responses, strict=True)
        scalars = chain(
            self.branch_challenges,
            (self.credential_response,),
            chain.from_iterable(pairs),
            (self.product_response,),
            self.branch_responses,
        )
        return self.commitments.encode() + b"".join(
            [scalar.to_bytes(ITEM_BYTES, "little") for scalar in scalars]
        )

    def require_shape(self, shape: BallotShape) -> None:
        """Refuse to be read under a shape with other numbers of options, contests or branches.

        Raises:
            EncodingError: some list is too short or too long.
        """
        due = (
            shape.commitment_count,
            shape.branch_count - len(shape.contests),
            shape.options,
            shape.options,
            shape.branch_count,
        )
        found = (
            len(self.commitments),
            len(self.branch_challenges),
            len(self.value_responses),
            len(self.nonce_responses),
            len(self.branch_responses),
        )
        if found != due:
            raise EncodingError("ballot proof: made for another shape of ballot")

    def all_branch_challenges(self, shape: BallotShape, challenge: int) -> list[int]:
        """e_v of every branch: that of v = minimum is what the others of its contest leave of e."""
        completed: list[int] = []
        start = 0
        for contest in shape.contests:
            end = start + contest.branch_count - 1
            others = self.branch_challenges[start:end]
            completed += ((challenge - sum(others)) % ORDER, *others)
            start = end
        return completed


def ballot_challenge(statement: BallotStatement, commitments: ElementArray) -> Scalar:
    """e: a hash of the whole statement and every commitment. Spec: protocol.md §3.8"""
    return hash_to_scalar(Tag.BALLOT, *statement.hashed, commitments.encode())
