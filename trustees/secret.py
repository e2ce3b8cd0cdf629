"""What one trustee keeps: its keys, its part in one ceremony, and what it has released.

Everything that a step posts follows from this and from the log, so that a step done twice posts the same
bytes: a trustee that answered twice differently would give its secrets away.

Spec: protocol.md §2
"""

from dataclasses import dataclass, field

from crypto.boxes import BoxSecretKey
from crypto.sharing import Polynomial
from crypto.signing import SigningKey


@dataclass(frozen=True, slots=True)
class CeremonySecret:
    """Drawn before the pledge, for one election only."""

    manifest_digest: bytes  # 32 bytes
    trustee_index: int  # 1-based
    polynomial: Polynomial = field(repr=False)
    possession_randomness: bytes = field(repr=False)  # 32 bytes
    ephemeral_secrets: tuple[BoxSecretKey, ...] = field(repr=False)  # for every other trustee, ascending

    def __post_init__(self) -> None:
        if len(self.manifest_digest) != 32 or len(self.possession_randomness) != 32:
            raise ValueError("ceremony secret: digest and randomness are 32 bytes each")
        if self.polynomial.dealer != self.trustee_index:
            raise ValueError("ceremony secret: the polynomial of another dealer")

    def ephemeral_for(self, recipient: int) -> BoxSecretKey:
        """The key of the box for one other trustee."""
        if recipient == self.trustee_index:
            raise ValueError("ceremony secret: there is no box for oneself")
        return self.ephemeral_secrets[recipient - 1 - (recipient > self.trustee_index)]


@dataclass(frozen=True, slots=True)
class Release:
    """The one aggregate whose decryption this trustee has released or is about to."""

    aggregate_digest: bytes  # 64 bytes
    randomness: bytes = field(repr=False)  # 32 bytes, from which the posted proof follows

    def __post_init__(self) -> None:
        if len(self.aggregate_digest) != 64 or len(self.randomness) != 32:
            raise ValueError("release: 64 bytes of digest and 32 of randomness")


@dataclass(frozen=True, slots=True)
class TrusteeSecret:
    """The content of the sealed file."""

    name: str
    signing_key: SigningKey = field(repr=False)
    box_key: BoxSecretKey = field(repr=False)
    ceremony: CeremonySecret | None = None
    release: Release | None = None


def ceremony_randomness_size(trustees: int, threshold: int) -> int:
    """How many fresh random bytes a ceremony takes."""
    return 64 * threshold + 32 + 32 * (trustees - 1)


def draw_ceremony_secret(
    manifest_digest: bytes, trustee_index: int, *, trustees: int, threshold: int, randomness: bytes
) -> CeremonySecret:
    """Cut fresh randomness into the secrets of a ceremony.

    Args:
        manifest_digest: of the election, 32 bytes.
        trustee_index: ours, 1-based.
        trustees: n.
        threshold: t.
        randomness: `ceremony_randomness_size` bytes.
    """
    if len(randomness) != ceremony_randomness_size(trustees, threshold):
        raise ValueError(f"ceremony secret: {len(randomness)} bytes of randomness")
    polynomial, rest = randomness[: 64 * threshold], randomness[64 * threshold :]
    possession, boxes = rest[:32], rest[32:]
    return CeremonySecret(
        manifest_digest,
        trustee_index,
        Polynomial.from_random_bytes(trustee_index, polynomial),
        possession,
        tuple(BoxSecretKey(boxes[start : start + 32]) for start in range(0, len(boxes), 32)),
    )
