"""What an issuer draws for a voter, and what becomes of it on the roll.

Spec: protocol.md §2.8, §2.11
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from bulletin_board.records.manifest import Manifest
from crypto.credential import credential_part, part_public
from crypto.crockford import CODE_BYTES
from crypto.group import GroupElement, Scalar

REGISTRAR = "registrar"
IDENTITY = "identity"

RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class DrawnPart:
    """One issuer's part of one credential: 128 random bits, s_j and S_j."""

    bits: bytes = field(repr=False)
    secret: Scalar = field(repr=False)
    public: GroupElement


class Standing(StrEnum):
    """What an issuer knows of a part of its own."""

    ISSUED = "issued"  # pledged, on no roll yet
    EFFECTIVE = "effective"  # on the roll, or on the log in a reissue
    PREPARED = "prepared"  # in a reissue that may or may not be posted
    ENDED = "ended"  # revoked or replaced


@dataclass(frozen=True, slots=True)
class RollMember:
    """A voter's place on the roll.

    node:       the unit under which the row stands, after coarsening
    parts:      S_j in issuer order
    credential: S, their sum
    """

    reference: str
    style: str
    node: str
    parts: tuple[bytes, ...]
    credential: bytes


def issuer_place(manifest: Manifest, issuer_id: str) -> int:
    """The place of an issuer in the manifest, and of its part in every row."""
    return [issuer.id for issuer in manifest.issuers].index(issuer_id)


def split_parts(packed: bytes) -> tuple[bytes, ...]:
    """The parts of a row out of their packed form, 32 bytes each."""
    return tuple(packed[start : start + 32] for start in range(0, len(packed), 32))


def draw_part(manifest: Manifest, issuer_id: str, random_bytes: RandomBytes) -> DrawnPart:
    """Draw the bits of a new part."""
    return open_part(manifest, issuer_id, random_bytes(CODE_BYTES))


def open_part(manifest: Manifest, issuer_id: str, bits: bytes) -> DrawnPart:
    """The part that 16 bytes stand for in this election."""
    secret = credential_part(manifest.election_id, issuer_id, bits)
    return DrawnPart(bits, secret, part_public(secret))
