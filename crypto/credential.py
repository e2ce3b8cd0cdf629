"""Credentials: the secret a voter joins from the issuers' parts, and its public counterpart on the roll.

Spec: protocol.md §2.8
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add

from crypto.crockford import CODE_BYTES
from crypto.errors import EncodingError
from crypto.group import GroupElement, Scalar, base_multiply
from crypto.hashing import Tag, digest


@dataclass(frozen=True, slots=True)
class CredentialSecret:
    """s: whoever holds it votes as the voter."""

    value: Scalar = field(repr=False)  # not zero

    def __post_init__(self) -> None:
        if self.value.is_zero:
            raise EncodingError("credential: the secret is zero")

    def public(self) -> GroupElement:
        """S = s·B."""
        return base_multiply([self.value])[0]


def credential_part(election_id: str, issuer_id: str, bits: bytes) -> Scalar:
    """s_j: one issuer's part of a credential's secret.

    Args:
        election_id: of the manifest.
        issuer_id: of the manifest.
        bits: the 16 random bytes that the issuer drew for this voter.
    """
    if len(bits) != CODE_BYTES:
        raise ValueError(f"credential: {len(bits)} bytes, not {CODE_BYTES}")
    return Scalar.from_digest(digest(Tag.CREDENTIAL, election_id.encode(), issuer_id.encode(), bits))


def part_public(part: Scalar) -> GroupElement:
    """S_j = s_j·B.

    Raises:
        ValueError: the part is zero; the issuer draws again.
    """
    return base_multiply([part])[0]


def join_parts(parts: Sequence[Scalar]) -> CredentialSecret:
    """The secret s = Σ s_j, in issuer order.

    Raises:
        EncodingError: there are no parts, or they cancel out.
    """
    return CredentialSecret(reduce(add, parts, Scalar.from_int(0)))


def join_public(parts: Sequence[GroupElement]) -> GroupElement:
    """The credential S = Σ S_j, in issuer order.

    Raises:
        EncodingError: there are no parts, one is the identity, or they cancel out.

    Spec: protocol.md §1.6, §2.11
    """
    if not parts or any(part.is_identity for part in parts):
        raise EncodingError("credential: no parts, or one that is the identity")
    joined = reduce(add, parts)
    if joined.is_identity:
        raise EncodingError("credential: the sum of the parts is the identity")
    return joined
