"""The trustees' joint key: n dealers share a secret each, any t of the n trustees can use the sum.

Trustee i deals with the polynomial f_i of degree t − 1. Everyone knows C_ij = f_ij·B; only trustee l learns
f_i(l).

Spec: protocol.md §2.2, §2.4, §2.5 and §2.7
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from crypto.errors import DealerError, EncodingError
from crypto.group import (
    IDENTITY,
    ElementArray,
    GroupElement,
    base_multiply,
    vartime_column_sums,
    vartime_multiscalar,
)
from crypto.hashing import le64
from crypto.scalar import Scalar

MAX_TRUSTEES = 32
SHARE_PLAINTEXT_SIZE = 80  # f_i(l) ‖ manifest_digest ‖ le64 i ‖ le64 l


@dataclass(frozen=True, slots=True)
class Polynomial:
    """f_i, the secret of a dealer: t coefficients, none of them zero, the constant term first."""

    dealer: int  # trustee_index, 1-based
    coefficients: tuple[Scalar, ...] = field(repr=False)

    def __post_init__(self) -> None:
        _require_index(self.dealer)
        if not 1 <= len(self.coefficients) <= MAX_TRUSTEES:
            raise ValueError(f"polynomial: {len(self.coefficients)} coefficients")
        if any(coefficient.is_zero for coefficient in self.coefficients):
            raise ValueError("polynomial: a coefficient is zero; draw fresh randomness")

    @classmethod
    def from_random_bytes(cls, dealer: int, random_bytes: bytes) -> "Polynomial":
        """The polynomial that 64·t fresh random bytes stand for; the caller owns the randomness."""
        if len(random_bytes) % 64:
            raise ValueError("polynomial: randomness is not 64 bytes for each coefficient")
        pieces = [random_bytes[start : start + 64] for start in range(0, len(random_bytes), 64)]
        return cls(dealer, tuple(Scalar.random(piece) for piece in pieces))


@dataclass(frozen=True, slots=True)
class DealtShare:
    """f_i(l): what dealer i gives trustee l."""

    dealer: int
    recipient: int
    value: Scalar = field(repr=False)  # zero in the one case out of ℓ, or when the dealer wants it so

    def __post_init__(self) -> None:
        _require_index(self.dealer)
        _require_index(self.recipient)


@dataclass(frozen=True, slots=True)
class SecretShare:
    """x_l: what trustee l keeps after the ceremony, the sum of everything dealt to it."""

    trustee_index: int  # 1-based: the polynomials at 0 are the joint secret itself
    value: Scalar = field(repr=False)

    def __post_init__(self) -> None:
        _require_index(self.trustee_index)
        if self.value.is_zero:
            raise ValueError("secret share: zero")


def coefficient_commitments(polynomial: Polynomial) -> ElementArray:
    """C_ij = f_ij·B, constant term first. Spec: protocol.md §2.2"""
    return base_multiply(polynomial.coefficients)


def deal(polynomial: Polynomial, recipient: int) -> DealtShare:
    """f_i(l) for trustee l, in constant time; a dealer deals to itself too. Spec: protocol.md §2.4"""
    _require_index(recipient)
    point = Scalar.from_int(recipient)
    value = polynomial.coefficients[-1]
    for coefficient in reversed(polynomial.coefficients[:-1]):  # Horner
        value = value * point + coefficient
    return DealtShare(polynomial.dealer, recipient, value)


def require_commitments(commitments: ElementArray, *, dealer: int, threshold: int) -> None:
    """Refuse a vector that would raise or lower the threshold, or that adds nothing to the joint key.

    Raises:
        DealerError: not `threshold` commitments, or the constant term is the identity.

    Spec: protocol.md §2.2
    """
    if len(commitments) != threshold:
        raise DealerError(
            f"coefficient commitments: {len(commitments)} of them for a threshold of {threshold}",
            culprit=dealer,
        )
    if commitments[0].is_identity:
        raise DealerError("coefficient commitments: the constant term is the identity", culprit=dealer)


def vartime_evaluate_commitments(commitments: ElementArray, trustee_index: int) -> GroupElement:
    """Σ_j l^j·C_j: the committed polynomial in public, at trustee l."""
    _require_index(trustee_index)
    return vartime_multiscalar([trustee_index**power for power in range(len(commitments))], commitments)


def verify_dealt_share(dealt: DealtShare, commitments: ElementArray) -> None:
    """Check f_i(l)·B = Σ_j l^j·C_ij against the commitments of that dealer.

    Raises:
        DealerError: the share is not on the committed polynomial.

    Spec: protocol.md §2.5
    """
    # A dealer can choose a polynomial with a root at l, and zero is then what it committed to.
    actual = IDENTITY if dealt.value.is_zero else base_multiply([dealt.value])[0]
    if actual != vartime_evaluate_commitments(commitments, dealt.recipient):
        raise DealerError("dealt share: contradicts the coefficient commitments", culprit=dealt.dealer)


def share_plaintext(dealt: DealtShare, manifest_digest: bytes) -> bytes:
    """The 80 bytes that go into the box for l. Spec: protocol.md §2.4"""
    return dealt.value.encoded + manifest_digest + le64(dealt.dealer) + le64(dealt.recipient)


def parse_share_plaintext(
    plaintext: bytes, *, manifest_digest: bytes, dealer: int, recipient: int
) -> DealtShare:
    """The share out of an opened box, if it was meant for this election, from this dealer, to this trustee.

    Raises:
        DealerError: another length or context, or no canonical scalar. The dealer signed the box, so nobody
            else can have put this into it.

    Spec: protocol.md §2.5
    """
    if len(plaintext) != SHARE_PLAINTEXT_SIZE:
        raise DealerError(f"dealt share: {len(plaintext)} bytes, not 80", culprit=dealer)
    if plaintext[32:] != manifest_digest + le64(dealer) + le64(recipient):
        raise DealerError("dealt share: made for another election, dealer or trustee", culprit=dealer)
    try:
        value = Scalar.decode(plaintext[:32])
    except EncodingError:
        raise DealerError("dealt share: not a canonical scalar", culprit=dealer) from None
    return DealtShare(dealer, recipient, value)


def combine_shares(dealt: Sequence[DealtShare]) -> SecretShare:
    """x_l = Σ_i f_i(l), once every dealt share was verified.

    Args:
        dealt: one share from each of the trustees 1..n, our own among them, in any order.

    Spec: protocol.md §2.7
    """
    recipients = {share.recipient for share in dealt}
    if len(recipients) != 1:
        raise ValueError(f"secret share: dealt shares for {len(recipients)} trustees")
    if sorted(share.dealer for share in dealt) != list(range(1, len(dealt) + 1)):
        raise ValueError("secret share: not one dealt share from each trustee")
    total = Scalar.from_int(0)
    for share in dealt:
        total = total + share.value
    return SecretShare(recipients.pop(), total)


def joint_key(commitments: Sequence[ElementArray]) -> GroupElement:
    """The sum h = Σ_i C_i0.

    Args:
        commitments: of all dealers, in trustee order.

    Raises:
        EncodingError: the sum is the identity.

    Spec: protocol.md §2.7
    """
    key = _column_sums(commitments)[0]
    if key.is_identity:
        raise EncodingError("joint key: the identity")
    return key


def verification_keys(commitments: Sequence[ElementArray]) -> tuple[GroupElement, ...]:
    """X_l = Σ_i Σ_j l^j·C_ij for the trustees l = 1..n.

    Args:
        commitments: of all n dealers, in trustee order.

    Raises:
        EncodingError: an X_l is the identity: under it, anything would pass as a partial decryption of zero.

    Spec: protocol.md §2.7
    """
    sums = _column_sums(commitments)
    keys = tuple(vartime_evaluate_commitments(sums, index) for index in range(1, len(commitments) + 1))
    for index, key in enumerate(keys, start=1):
        if key.is_identity:
            raise EncodingError(f"verification key of trustee {index}: the identity")
    return keys


def _column_sums(commitments: Sequence[ElementArray]) -> ElementArray:
    # Commitments to the sum of all polynomials.
    widths = {len(vector) for vector in commitments}
    if len(widths) != 1:
        raise ValueError("coefficient commitments: vectors of different lengths, or none")
    return vartime_column_sums(ElementArray.concat(commitments), widths.pop())


def _require_index(trustee_index: int) -> None:
    if not 1 <= trustee_index <= MAX_TRUSTEES:
        raise ValueError(f"trustee index: {trustee_index} is not in 1..{MAX_TRUSTEES}")
