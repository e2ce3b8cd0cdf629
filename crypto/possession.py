"""Schnorr proofs that a dealer, or an issuer at a reissue, knows the secret behind what it posts.

Spec: protocol.md §2.3, §2.13
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from crypto.errors import ProofError
from crypto.group import (
    GENERATOR,
    ElementArray,
    GroupElement,
    Scalar,
    base_multiply,
    hash_to_scalar,
    vartime_multiscalar,
)
from crypto.hashing import Tag, le64


@dataclass(frozen=True, slots=True)
class PossessionProof:
    """Proof of knowledge of the discrete logarithm of a public element."""

    commitment: GroupElement  # K = k·B
    response: Scalar  # z = k + e·x; public

    @classmethod
    def decode(cls, commitment: bytes, response: bytes) -> Self:
        """The one way in for outside bytes, 32 for each half.

        Raises:
            EncodingError: a half is not canonical.
        """
        return cls(GroupElement.decode(commitment), Scalar.decode(response))


def prove_dealer_possession(
    secret: Scalar,
    randomness: bytes,
    *,
    manifest_digest: bytes,
    trustees: int,
    threshold: int,
    trustee_index: int,
    coefficient_commitments: Sequence[GroupElement],
) -> PossessionProof:
    """Trustee i knows f_i0, the logarithm of its constant term.

    Args:
        secret: f_i0.
        randomness: 32 fresh random bytes.
        manifest_digest: 32 bytes.
        trustees: n.
        threshold: t.
        trustee_index: i, 1-based.
        coefficient_commitments: C_i0..C_i(t−1).

    Spec: protocol.md §2.3
    """
    parts = _dealer_parts(manifest_digest, trustees, threshold, trustee_index, coefficient_commitments)
    return _prove(Tag.POSSESSION, parts, secret, randomness)


def verify_dealer_possession(
    proof: PossessionProof,
    *,
    manifest_digest: bytes,
    trustees: int,
    threshold: int,
    trustee_index: int,
    coefficient_commitments: Sequence[GroupElement],
) -> None:
    """Check a dealer's proof; arguments as for `prove_dealer_possession`.

    Raises:
        ProofError: there are not t commitments, or it does not hold for this dealer in this ceremony.

    Spec: protocol.md §2.2, §2.3
    """
    if not coefficient_commitments or len(coefficient_commitments) != threshold:
        found = len(coefficient_commitments)
        raise ProofError(f"possession: {found} coefficient commitments for a threshold of {threshold}")
    parts = _dealer_parts(manifest_digest, trustees, threshold, trustee_index, coefficient_commitments)
    _verify(Tag.POSSESSION, parts, coefficient_commitments[0], proof)


def prove_reissue_possession(
    secret: Scalar,
    randomness: bytes,
    *,
    manifest_digest: bytes,
    issuer_id: str,
    old_credential: GroupElement,
    part: GroupElement,
) -> PossessionProof:
    """An issuer knows the secret s_j of its part of a credential that replaces an old one.

    Args:
        secret: s_j.
        randomness: 32 fresh random bytes.
        manifest_digest: 32 bytes.
        issuer_id: of the manifest.
        old_credential: the S that is replaced.
        part: S_j.

    Spec: protocol.md §2.13
    """
    parts = (manifest_digest, issuer_id.encode(), old_credential.encoded, part.encoded)
    return _prove(Tag.REISSUE_POSSESSION, parts, secret, randomness)


def verify_reissue_possession(
    proof: PossessionProof,
    *,
    manifest_digest: bytes,
    issuer_id: str,
    old_credential: GroupElement,
    part: GroupElement,
) -> None:
    """Check an issuer's proof; arguments as for `prove_reissue_possession`.

    Raises:
        ProofError: it does not hold for this part in place of this credential.

    Spec: protocol.md §2.13
    """
    parts = (manifest_digest, issuer_id.encode(), old_credential.encoded, part.encoded)
    _verify(Tag.REISSUE_POSSESSION, parts, part, proof)


def _dealer_parts(
    manifest_digest: bytes,
    trustees: int,
    threshold: int,
    trustee_index: int,
    coefficient_commitments: Sequence[GroupElement],
) -> tuple[bytes, ...]:
    packed = b"".join(commitment.encoded for commitment in coefficient_commitments)
    return manifest_digest, le64(trustees), le64(threshold), le64(trustee_index), packed


def _prove(tag: Tag, parts: tuple[bytes, ...], secret: Scalar, randomness: bytes) -> PossessionProof:
    if len(randomness) != 32:
        raise ValueError(f"possession: {len(randomness)} bytes of randomness, not 32")
    # Made from the secret and the statement as well, so that randomness used twice gives nothing away.
    k = hash_to_scalar(Tag.POSSESSION_NONCE, secret.encoded, randomness, tag.value, *parts)
    K = base_multiply([k])[0]
    e = hash_to_scalar(tag, *parts, K.encoded)
    return PossessionProof(K, k + e * secret)


def _verify(tag: Tag, parts: tuple[bytes, ...], public: GroupElement, proof: PossessionProof) -> None:
    e = hash_to_scalar(tag, *parts, proof.commitment.encoded).vartime_int()
    scalars = (proof.response.vartime_int(), -1, -e)
    elements = ElementArray.of([GENERATOR, proof.commitment, public])
    if not vartime_multiscalar(scalars, elements).is_identity:
        raise ProofError("possession: the proof does not hold for this statement")
