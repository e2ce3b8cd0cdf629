"""What a board answers over HTTP, as its clients read it. Unverified until the reader has verified it.

Spec: board.md §5
"""

from typing import Annotated, Literal

from msgspec import Meta

from bulletin_board.records.fields import Bytes32, Bytes64, Count, Identifier, Seconds
from bulletin_board.records.record import Part


class BoardStatus(Part):
    """How far the election is. Spec: board.md §5.6"""

    election_id: Identifier
    phase: str
    now: Seconds
    opens_at: Seconds
    closes_at: Seconds
    beat: Count  # milliseconds
    tree_size: Count  # of the newest published checkpoint
    ballots: Count  # under that checkpoint
    checkpoints: Count  # how many are kept


class RowAnswer(Part):
    """A credential's row, and its inclusion proof under the root of the roll."""

    index: Count | None  # leaf of the roll tree; None for a credential that was issued later
    text: str
    proof: tuple[Bytes32, ...]


class BallotAnswer(Part):
    """A ballot on the log."""

    index: Count
    digest: Bytes64


class CredentialAnswer(Part):
    """What the log says of one credential. Spec: board.md §5.3"""

    credential: Bytes32
    standing: Literal["effective", "revoked", "replaced"]
    ballots: tuple[BallotAnswer, ...]  # valid ones, oldest first
    row: RowAnswer
    tree_size: Count

    @property
    def head(self) -> bytes:
        """Digest of the last ballot, or 64 zero bytes."""
        return bytes(self.ballots[-1].digest) if self.ballots else bytes(64)


class EntryAnswer(Part):
    """An official's entry is on the log."""

    index: Count
    receipt: str


class WantedAnswer(Part):
    """Addenda that an entry names and nobody has brought."""

    wanted: Annotated[tuple[Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")], ...], Meta(max_length=255)]


class BallotReceiptAnswer(Part):
    """A ballot is acknowledged."""

    digest: Bytes64
    receipt: str


class BallotPendingAnswer(Part):
    """A ballot is not acknowledged yet; that is no success."""

    digest: Bytes64
    status: Literal["not yet acknowledged"]
