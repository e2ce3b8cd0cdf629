"""What is posted after the close: the sums to decrypt, the trustees' word on them, their shares, the result.

Spec: records.md §5; protocol.md §5
"""

from typing import Annotated, Literal

from msgspec import Meta

from bulletin_board.errors import RecordError
from bulletin_board.records.bulk import Bulk, BulkRecord
from bulletin_board.records.canonical import jcs
from bulletin_board.records.fields import (
    MAX_TRUSTEES,
    Bytes32,
    Bytes64,
    Count,
    Identifier,
    PositiveCount,
    TrusteeIndex,
)
from bulletin_board.records.record import Part, Record, require_ascending, require_distinct
from crypto.hashing import Tag, digest

Members = Annotated[tuple[Identifier, ...], Meta(min_length=1)]  # unit ids, ascending


class AggregateCell(Part):
    """The ballots of some units in one contest, counted together and nowhere else."""

    contest: Identifier
    node: Identifier  # where the group stands in the tree of units
    members: Members
    ballots: PositiveCount

    def __post_init__(self) -> None:
        require_ascending(self.members, subject=f"cell {self.contest} {self.node}: members")


class Aggregate(BulkRecord):
    """Cells in contest order, then by lowest member, and the sum of every option in each of them."""

    record_type = "aggregate"
    bulk_fields = ("ciphertexts",)
    signature_count = 1

    cells: tuple[AggregateCell, ...]
    withheld: tuple[AggregateCell, ...]  # too small to be decrypted
    ciphertexts: Bulk  # pad ‖ data per cell and option

    def __post_init__(self) -> None:
        members = ((cell.contest, unit) for cell in (*self.cells, *self.withheld) for unit in cell.members)
        require_distinct(members, subject="aggregate: members")

    def digest(self, context: bytes) -> bytes:
        """64 bytes that trustees confirm before anything is decrypted. Spec: protocol.md §5.4

        Args:
            context: ctx, 64 bytes.
        """
        return digest(Tag.AGGREGATE, context, jcs(self))


class TallyConfirm(Record):
    """A trustee's word: this aggregate, from this log, is what I recomputed."""

    record_type = "tally-confirm"

    trustee: TrusteeIndex
    base: Bytes64
    round: Literal[1]
    size: PositiveCount  # index of close, plus one
    root: Bytes32  # of the log at that size
    aggregate: Bytes64


class Decryption(BulkRecord):
    """A trustee's share of the decryption of everything in one aggregate, under one proof."""

    record_type = "decryption"
    bulk_fields = ("commitments", "partials")
    signature_count = 1

    trustee: TrusteeIndex
    aggregate: Bytes64
    partials: Bulk  # M_c in aggregate order
    commitments: Bulk  # K, then K_c in the same order
    response: Bytes32


class ResultCell(Part):
    """The count of one cell, option by option."""

    contest: Identifier
    node: Identifier
    members: Members
    counts: tuple[Count, ...]

    def __post_init__(self) -> None:
        require_ascending(self.members, subject=f"cell {self.contest} {self.node}: members")


class TraceLine(Part):
    """Two integers that the counting rule compared. Spec: records.md §5.6"""

    label: Literal["leader", "majority", "against-all", "turnout"]
    left: Count
    right: Count


class Outcome(Part):
    """What the counting rule makes of the totals."""

    kind: Literal["elected", "second-round", "failed", "adopted", "not-adopted", "not-held", "undecided"]
    options: tuple[Identifier, ...]  # in manifest order
    trace: tuple[TraceLine, ...]

    def __post_init__(self) -> None:
        require_distinct(self.options, subject="outcome: options")


class ContestResult(Part):
    """The totals of one contest over its cells, and the outcome."""

    contest: Identifier
    totals: tuple[Count, ...]
    outcome: Outcome


class Result(Record):
    """The end: counts of every cell, from the releases of these trustees."""

    record_type = "result"

    aggregate: Bytes64
    trustees: Annotated[tuple[TrusteeIndex, ...], Meta(min_length=1, max_length=MAX_TRUSTEES)]
    cells: tuple[ResultCell, ...]
    contests: tuple[ContestResult, ...]

    def __post_init__(self) -> None:
        require_ascending(self.trustees, subject="result: trustees")
        require_distinct((contest.contest for contest in self.contests), subject="result: contests")
        if any(not cell.counts for cell in self.cells):
            raise RecordError("result: a cell without counts")
