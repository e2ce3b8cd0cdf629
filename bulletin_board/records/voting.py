"""What is posted between opening and close besides ballots, and the two marks themselves.

Spec: records.md §2.6, §3
"""

from typing import Annotated, Literal

from msgspec import Meta

from bulletin_board.errors import RecordError
from bulletin_board.records.ceremony import EncodedPossessionProof
from bulletin_board.records.fields import Bytes32, Count, Localized, NoteText, Seconds
from bulletin_board.records.record import Record
from bulletin_board.records.roll import RollRow


class Open(Record):
    """Voting starts: a checkpoint that a quorum cosigned at or after opens_at."""

    record_type = "open"

    checkpoint: NoteText


class Close(Record):
    """Voting has ended: the largest checkpoint in time, whose size bounds the ballots."""

    record_type = "close"

    checkpoint: NoteText


class Revocation(Record):
    """From here on the credential does not count."""

    record_type = "revocation"

    credential: Bytes32
    reason: Literal["voted-on-paper", "deceased", "lost-right", "at-own-request"]


class Reissue(Record):
    """A new credential in place of a lost one: same style and unit, all parts new."""

    record_type = "reissue"

    old: Bytes32
    row: RollRow
    proofs: Annotated[tuple[EncodedPossessionProof, ...], Meta(min_length=1)]  # in issuer order

    def __post_init__(self) -> None:
        if len(self.proofs) != len(self.row.parts):
            raise RecordError(f"reissue: {len(self.proofs)} proofs for {len(self.row.parts)} parts")


class Notice(Record):
    """A decision of the authorities that everybody must see."""

    record_type = "notice"

    kind: Literal["suspend", "resume", "extend", "incident", "annul"]
    closes_at: Seconds | None  # the new close; of an extend only
    text: Localized

    def __post_init__(self) -> None:
        if (self.closes_at is not None) != (self.kind == "extend"):
            raise RecordError(f"notice: {self.kind} with closes_at {self.closes_at}")


class Identified(Record):
    """How many distinct persons the identity service has identified so far."""

    record_type = "identified"

    count: Count
