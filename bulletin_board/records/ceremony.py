"""What trustees post in the key ceremony, with elements and scalars as bytes that nobody has decoded yet.

Spec: records.md §2.4; protocol.md §2.1 to §2.6
"""

from typing import Annotated

from msgspec import Meta

from bulletin_board.errors import RecordError
from bulletin_board.records.fields import MAX_TRUSTEES, Bytes32, Bytes64, SealedShare, TrusteeIndex
from bulletin_board.records.record import Part, Record, require_ascending, require_distinct


class EncodedPossessionProof(Part):
    """A proof of possession as it is posted."""

    commitment: Bytes32
    response: Bytes32


class Pledge(Record):
    """Step 1: the digest of what step 2 will post."""

    record_type = "pledge"

    trustee: TrusteeIndex
    digest: Bytes64


class Commit(Record):
    """Step 2: the public side of the trustee's polynomial, constant term first."""

    record_type = "commit"

    trustee: TrusteeIndex
    coefficient_commitments: Annotated[tuple[Bytes32, ...], Meta(min_length=1, max_length=MAX_TRUSTEES)]
    proof: EncodedPossessionProof


class ShareBox(Part):
    """One dealt share, sealed for one trustee."""

    trustee: TrusteeIndex  # who can open it
    ephemeral_key: Bytes32
    box: SealedShare


class Share(Record):
    """Step 3: one box for every other trustee."""

    record_type = "share"

    trustee: TrusteeIndex
    boxes: Annotated[tuple[ShareBox, ...], Meta(max_length=MAX_TRUSTEES - 1)]

    def __post_init__(self) -> None:
        subject = f"share of trustee {self.trustee}"
        recipients = [box.trustee for box in self.boxes]
        require_ascending(recipients, subject=f"{subject}: boxes")
        require_distinct(
            (box.ephemeral_key.to_json() for box in self.boxes), subject=f"{subject}: ephemeral keys"
        )
        if self.trustee in recipients:
            raise RecordError(f"{subject}: a box for the dealer itself")


class Confirm(Record):
    """Step 4: every box opened well, and this is what we all saw."""

    record_type = "confirm"

    trustee: TrusteeIndex
    base: Bytes64
    transcript: Bytes64


class Complaint(Record):
    """Step 4 instead: the box of this dealer does not hold what it should."""

    record_type = "complaint"

    trustee: TrusteeIndex
    dealer: TrusteeIndex

    def __post_init__(self) -> None:
        if self.trustee == self.dealer:
            raise RecordError(f"complaint of trustee {self.trustee}: about itself")


class Answer(Record):
    """The dealer's answer: the secret with which everybody opens the posted box."""

    record_type = "answer"

    trustee: TrusteeIndex
    complainant: TrusteeIndex
    ephemeral_secret: Bytes32  # a secret no longer: it is published here

    def __post_init__(self) -> None:
        if self.trustee == self.complainant:
            raise RecordError(f"answer of trustee {self.trustee}: to itself")
