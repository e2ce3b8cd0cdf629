"""Sample ballots for the tests of every package: shapes, one key, and the whole way from choices to a proof.

Everything comes from labels, so that a sample is the same in every run.
"""

import hashlib
from dataclasses import dataclass

from crypto.ballot_batch import BallotItem
from crypto.ballot_encryption import EncryptedBallot, PlaintextBallot, encrypt_ballot, new_seed
from crypto.ballot_proof import BallotProof
from crypto.ballot_prover import prove_ballot
from crypto.ballot_shape import BallotShape, ContestShape, OptionShape
from crypto.ballot_statement import NO_PREVIOUS, BallotStatement
from crypto.credential import CredentialSecret
from crypto.group import Scalar, base_multiply


def bytes_for(label: str, length: int = 32) -> bytes:
    return hashlib.shake_256(f"evote sample {label}".encode()).digest(length)


def scalar_for(label: str) -> Scalar:
    return Scalar.from_digest(bytes_for(label, 64))


def contest(name: str, weights: tuple[int, ...], minimum: int, maximum: int) -> ContestShape:
    options = tuple(OptionShape(f"{name}-{place}", weight) for place, weight in enumerate(weights))
    return ContestShape(name, options, minimum, maximum)


KEY_SECRET = scalar_for("joint key")
KEY = base_multiply([KEY_SECRET])[0]
CONTEXT = bytes_for("context", 64)

# One seat with the right to abstain; up to two members, or "against all" alone.
PAIR = BallotShape("pair", (contest("mayor", (1, 1, 1), 0, 1), contest("council", (1, 1, 1, 2), 1, 2)))
YES_NO = BallotShape("yes-no", (contest("question", (1, 1), 1, 1),))


@dataclass(frozen=True)
class SampleBallot:
    """A cast ballot, with all that its maker knows."""

    plaintext: PlaintextBallot
    secret: CredentialSecret
    encrypted: EncryptedBallot
    statement: BallotStatement
    proof: BallotProof

    @property
    def item(self) -> BallotItem:
        return BallotItem(self.statement, self.proof)


def cast(
    label: str,
    plaintext: PlaintextBallot,
    *,
    context: bytes = CONTEXT,
    previous: bytes = NO_PREVIOUS,
) -> SampleBallot:
    """Encrypt and prove as a voter's device does; `label` stands for the voter and its randomness."""
    secret = CredentialSecret(scalar_for(f"{label} credential"))
    encrypted = encrypt_ballot(
        plaintext,
        key=KEY,
        context=context,
        credential=secret.public(),
        seed=new_seed(secret, bytes_for(f"{label} seed")),
    )
    statement = BallotStatement(
        context, plaintext.shape, KEY, encrypted.credential, previous, encrypted.ciphertexts
    )
    proof = prove_ballot(statement, plaintext, encrypted.nonces, secret, bytes_for(f"{label} proof"))
    return SampleBallot(plaintext, secret, encrypted, statement, proof)


def sample(label: str = "voter", *, context: bytes = CONTEXT, previous: bytes = NO_PREVIOUS) -> SampleBallot:
    """A good ballot of the shape `PAIR`."""
    plaintext = PlaintextBallot(PAIR, (0, 1, 0, 1, 0, 1, 0))
    return cast(label, plaintext, context=context, previous=previous)
