"""The tally: every trustee raises each pad to its own secret and proves it; any t together read the counts.

Spec: protocol.md §5.7 and §5.8
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crypto.elgamal import CiphertextArray
from crypto.errors import DecryptionError, ProofError
from crypto.group import GENERATOR, ElementArray, GroupElement, base_multiply
from crypto.hashing import Tag, le64
from crypto.scalar import ORDER, Scalar, hash_to_scalar
from crypto.sharing import MAX_TRUSTEES, SecretShare


@dataclass(frozen=True, slots=True)
class TallyStatement:
    """What all trustees decrypt, and what binds their proofs to this one tally.

    An unbound part would let a trustee choose it after its challenge and prove a wrong decryption.
    """

    context: bytes  # ctx, 64 bytes
    round_number: int  # 1
    aggregate_digest: bytes  # 64 bytes
    ciphertexts: CiphertextArray  # the cells in aggregate order; here, a pad may be the identity

    def __post_init__(self) -> None:
        if len(self.context) != 64 or len(self.aggregate_digest) != 64:
            raise ValueError("tally statement: context and aggregate digest are 64 bytes each")


@dataclass(frozen=True, slots=True)
class PartialDecryption:
    """M_c = x_l·A_c for every ciphertext c, in aggregate order."""

    trustee_index: int
    partials: ElementArray


@dataclass(frozen=True, slots=True)
class DecryptionProof:
    """Proof of one x_l behind the verification key and all partials of trustee l.

    commitments: K = k·B, then K_c = k·A_c for every ciphertext c
    response: z = k + e·x_l
    """

    commitments: ElementArray
    response: Scalar


def partially_decrypt(
    share: SecretShare,
    statement: TallyStatement,
    random_bytes: bytes,
) -> tuple[PartialDecryption, DecryptionProof]:
    """One trustee's part of the tally, in constant time.

    Args:
        share: x_l.
        statement: what is decrypted; the trustee has computed it from the log itself.
        random_bytes: 32 fresh ones.

    Spec: protocol.md §5.7
    """
    if len(random_bytes) != 32:
        raise ValueError(f"partial decryption: {len(random_bytes)} random bytes, not 32")
    pads = statement.ciphertexts.pads
    verification_key = base_multiply([share.value])[0]
    partial = PartialDecryption(share.trustee_index, pads.scale(share.value))

    # One nonce under two challenges gives x_l away; this one differs with the statement even if the random
    # bytes come again, as they do on a machine that was set back to an earlier state.
    bound = (statement.context, le64(statement.round_number), statement.aggregate_digest)
    packed = statement.ciphertexts.encode()
    nonce = hash_to_scalar(Tag.DECRYPTION_NONCE, share.value.encoded, random_bytes, *bound, packed)
    commitments = ElementArray.concat([base_multiply([nonce]), pads.scale(nonce)])
    challenge = _challenge(statement, partial, commitments, verification_key)
    return partial, DecryptionProof(commitments, nonce + challenge * share.value)


def verify_partial_decryption(
    partial: PartialDecryption,
    proof: DecryptionProof,
    statement: TallyStatement,
    verification_key: GroupElement,
) -> None:
    """Check that a trustee raised every pad to exactly its own secret.

    Args:
        partial: M_c.
        proof: K, K_c and z.
        statement: what is decrypted, computed from the log.
        verification_key: X_l, computed from the ceremony, never taken from the trustee.

    Raises:
        ProofError: another number of items than ciphertexts, or an equation fails; the ciphertext is named by
            its 0-based index in aggregate order.

    Spec: protocol.md §5.7
    """
    subject = f"partial decryption of trustee {partial.trustee_index}"
    ciphertexts = statement.ciphertexts
    if len(partial.partials) != len(ciphertexts):
        raise ProofError(f"{subject}: {len(partial.partials)} partials for {len(ciphertexts)} ciphertexts")
    if len(proof.commitments) != len(ciphertexts) + 1:
        raise ProofError(
            f"{subject}: {len(proof.commitments)} commitments for {len(ciphertexts)} ciphertexts"
        )
    # Under the identity as key, partials that are all the identity would verify.
    if verification_key.is_identity:
        raise ProofError(f"{subject}: the verification key is the identity")

    if proof.response.is_zero:  # k = −e·x_l would need a challenge known before its hash
        raise ProofError(f"{subject}: the response is zero")

    # Inputs: the equation of the key first, then one for every ciphertext.
    bases = ElementArray.concat([ElementArray.of([GENERATOR]), statement.ciphertexts.pads])
    images = ElementArray.concat([ElementArray.of([verification_key]), partial.partials])
    K, z = proof.commitments, proof.response
    e = _challenge(statement, partial, K, verification_key)

    # Algorithm: z·base = K + e·image.
    difference = bases.scale(z) - K - images.scale(e)

    # Output.
    failing = sorted(set(range(len(bases))) - set(difference.identity_indexes()))
    if failing and failing[0] == 0:
        raise ProofError(f"{subject}: the equation of the verification key does not hold")
    if failing:
        raise ProofError(f"{subject}: the equation of ciphertext {failing[0] - 1} does not hold")


def lagrange_coefficients(indices: Sequence[int]) -> tuple[Scalar, ...]:
    """λ_l = Π_{i≠l} i/(i − l) for every l of the indices, in their order: interpolation at zero.

    Raises:
        DecryptionError: an index twice, or one that no trustee can have.

    Spec: protocol.md §5.8
    """
    if len(set(indices)) != len(indices):
        raise DecryptionError("combination: a trustee stands in it twice")
    if not all(1 <= index <= MAX_TRUSTEES for index in indices):
        raise DecryptionError(f"combination: a trustee index is not in 1..{MAX_TRUSTEES}")
    coefficients = []
    for own in indices:
        numerator = denominator = 1
        for other in indices:
            if other != own:
                numerator *= other
                denominator *= other - own
        coefficients.append(Scalar.from_int(numerator * pow(denominator, -1, ORDER)))
    return tuple(coefficients)


def combine(partials: Sequence[PartialDecryption], datas: ElementArray, *, threshold: int) -> ElementArray:
    """v·B = D_c − Σ λ_l·M_c for every ciphertext c.

    Args:
        partials: of t trustees, each verified.
        datas: D_c, in aggregate order.
        threshold: t.

    Raises:
        DecryptionError: not t partial decryptions, a trustee twice, or partials for another number of
            ciphertexts.

    Spec: protocol.md §5.8
    """
    if len(partials) != threshold:
        raise DecryptionError(
            f"combination: {len(partials)} partial decryptions, the threshold is {threshold}"
        )
    if any(len(partial.partials) != len(datas) for partial in partials):
        raise DecryptionError("combination: partials for another number of ciphertexts")
    coefficients = lagrange_coefficients([partial.trustee_index for partial in partials])
    plain = datas
    for coefficient, partial in zip(coefficients, partials, strict=True):
        plain = plain - partial.partials.scale(coefficient)
    return plain


def _challenge(
    statement: TallyStatement,
    partial: PartialDecryption,
    commitments: ElementArray,
    verification_key: GroupElement,
) -> Scalar:
    ciphertexts = statement.ciphertexts.encode()
    raised = partial.partials.encode()
    committed = commitments[1:].encode()
    rows = [
        ciphertexts[2 * start : 2 * start + 64] + raised[start : start + 32] + committed[start : start + 32]
        for start in range(0, len(raised), 32)
    ]
    return hash_to_scalar(
        Tag.DECRYPTION,
        statement.context,
        le64(statement.round_number),
        le64(partial.trustee_index),
        verification_key.encoded,
        statement.aggregate_digest,
        b"".join(rows),
        commitments[0].encoded,
    )
