"""From choices to ciphertexts: the voter's side of a ballot before it is checked or cast.

Spec: protocol.md §3.1, §3.2
"""

from __future__ import annotations

from dataclasses import dataclass, field

from crypto.ballot_shape import BallotShape
from crypto.credential import CredentialSecret
from crypto.elgamal import CiphertextArray, encrypt
from crypto.group import GroupElement, Scalar, hash_to_scalar
from crypto.hashing import Tag, digest
from crypto.tracking import tracking_code

SEED_BYTES = 32


class SelectionError(ValueError):
    """Choices that the ballot does not allow; a voter can put them right."""

    def __init__(self, message: str, *, contest_id: str) -> None:
        super().__init__(f"contest {contest_id}: {message}")
        self.contest_id = contest_id


@dataclass(frozen=True, slots=True)
class PlaintextBallot:
    """A voter's choices: for every option of the ballot, 1 if selected, else 0."""

    shape: BallotShape
    selections: tuple[int, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.selections) != self.shape.options:
            raise ValueError(f"ballot: {len(self.selections)} selections for {self.shape.options} options")
        for contest, places in zip(self.shape.contests, self.shape.slices, strict=True):
            chosen = self.selections[places]
            if any(selection not in (0, 1) for selection in chosen):
                raise SelectionError("a selection is neither 0 nor 1", contest_id=contest.contest_id)
            total = sum(option.weight * m for option, m in zip(contest.options, chosen, strict=True))
            if total not in contest.branches:
                bounds = f"{contest.minimum}..{contest.maximum}"
                raise SelectionError(f"the choices are not within {bounds}", contest_id=contest.contest_id)

    def messages(self) -> tuple[Scalar, ...]:
        """m_j of every option, as the scalars that are encrypted."""
        return tuple(Scalar.decode(selection.to_bytes(32, "little")) for selection in self.selections)


@dataclass(frozen=True, slots=True)
class EncryptedBallot:
    """Ciphertexts, and what a check or the proof needs to know of them."""

    shape: BallotShape
    context: bytes  # ctx, 64 bytes
    credential: GroupElement  # S
    ciphertexts: CiphertextArray
    seed: bytes = field(repr=False)  # given away in a check, after which the ballot is never cast
    nonces: tuple[Scalar, ...] = field(repr=False)  # r_j of every option

    def tracking_code(self) -> str:
        return tracking_code(self.context, self.shape.style_id, self.credential, self.ciphertexts.encode())


def new_seed(secret: CredentialSecret, randomness: bytes) -> bytes:
    """The 32-byte seed of one encryption, never used for a second one.

    Args:
        secret: s; it keeps the seed secret even when the device's randomness is weak.
        randomness: 32 fresh random bytes.

    Spec: protocol.md §3.1
    """
    if len(randomness) != 32:
        raise ValueError(f"seed: {len(randomness)} bytes of randomness, not 32")
    return digest(Tag.SEED, secret.value.encoded, randomness)[:SEED_BYTES]


def selection_nonce(
    seed: bytes, *, context: bytes, credential: GroupElement, contest_id: str, option_id: str
) -> Scalar:
    """r_j of one option. The seed alone re-creates the ballot, which is what a check opens.

    Spec: protocol.md §3.2
    """
    return hash_to_scalar(
        Tag.NONCE, seed, context, credential.encoded, contest_id.encode(), option_id.encode()
    )


def selection_nonces(
    seed: bytes, *, shape: BallotShape, context: bytes, credential: GroupElement
) -> tuple[Scalar, ...]:
    """r_j of every option of the ballot."""
    if len(seed) != SEED_BYTES:
        raise ValueError(f"seed: {len(seed)} bytes, not {SEED_BYTES}")
    return tuple(
        selection_nonce(
            seed,
            context=context,
            credential=credential,
            contest_id=contest.contest_id,
            option_id=option.option_id,
        )
        for contest in shape.contests
        for option in contest.options
    )


def encrypt_ballot(
    plaintext: PlaintextBallot,
    *,
    key: GroupElement,
    context: bytes,
    credential: GroupElement,
    seed: bytes,
) -> EncryptedBallot:
    """Encrypt every selection under the joint key.

    Args:
        plaintext: the choices.
        key: h.
        context: ctx, 64 bytes.
        credential: S.
        seed: from `new_seed`, fresh.

    Spec: protocol.md §3.2
    """
    shape = plaintext.shape
    nonces = selection_nonces(seed, shape=shape, context=context, credential=credential)
    ciphertexts = encrypt(key, plaintext.messages(), nonces)
    return EncryptedBallot(shape, context, credential, ciphertexts, seed, nonces)
