"""The roll of credentials: who may vote in which style, without names.

The rows are too many for an entry: they travel in addenda, and the entry binds them by the root of their
tree.

Spec: records.md §2.5; protocol.md §2.10, §2.11
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

from msgspec import Meta

from bulletin_board.errors import RecordError
from bulletin_board.log.merkle import Frontier, leaf_hash
from bulletin_board.records.bulk import AddendumRef, ReadAddendum
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.fields import Bytes32, Bytes64, Identifier, PositiveCount
from bulletin_board.records.record import Part, Record, require_ascending

ROWS_PER_ADDENDUM = 16_384
MAX_ROW_BYTES = 65_535
MAX_ROLL_ADDENDA = 255


class IssuerPledge(Record):
    """The digest of an issuer's part of every credential, before any issuer sees another's."""

    record_type = "issuer-pledge"

    issuer: Identifier
    digest: Bytes64


class RollRow(Part):
    """One voter: the public parts of the credential in issuer order, and where the vote counts."""

    parts: Annotated[tuple[Bytes32, ...], Meta(min_length=1)]
    style: Identifier
    unit: Identifier


class RollCount(Part):
    """How many rows have this style and unit."""

    style: Identifier
    unit: Identifier
    count: PositiveCount


class Roll(Record):
    """The roll without its rows."""

    record_type = "roll"

    root: Bytes32  # of the tree over the rows
    length: PositiveCount
    counts: tuple[RollCount, ...]  # ascending by style, then unit
    rows: Annotated[tuple[AddendumRef, ...], Meta(min_length=1, max_length=MAX_ROLL_ADDENDA)]

    def __post_init__(self) -> None:
        require_ascending(((count.style, count.unit) for count in self.counts), subject="roll: counts")
        counted = sum(count.count for count in self.counts)
        if counted != self.length:
            raise RecordError(f"roll: the counts make {counted}, its length is {self.length}")
        needed = -(-self.length // ROWS_PER_ADDENDUM)
        if len(self.rows) != needed:
            raise RecordError(f"roll: {len(self.rows)} addenda for {self.length} rows instead of {needed}")

    def addenda(self) -> tuple[AddendumRef, ...]:
        """The addenda that the body names, in field order."""
        return self.rows


def encode_roll(rows: Sequence[RollRow]) -> tuple[Roll, dict[bytes, bytes]]:
    """The record of these rows, and its addenda: SHA-256 → bytes.

    Args:
        rows: ascending by credential, the sum of a row's parts.
    """
    counts = Counter((row.style, row.unit) for row in rows)
    chunks = [rows[start : start + ROWS_PER_ADDENDUM] for start in range(0, len(rows), ROWS_PER_ADDENDUM)]
    addenda = [encode_rows(chunk) for chunk in chunks]
    roll = Roll(
        root=Bytes32(roll_root(rows)),
        length=len(rows),
        counts=tuple(
            RollCount(style=style, unit=unit, count=count) for (style, unit), count in sorted(counts.items())
        ),
        rows=tuple(AddendumRef.of(addendum) for addendum in addenda),
    )
    return roll, {bytes(ref.sha256): addendum for ref, addendum in zip(roll.rows, addenda, strict=True)}


def decode_roll(roll: Roll, read_addendum: ReadAddendum) -> Iterator[RollRow]:
    """The rows of a roll in order, one addendum in memory at a time; they hold once all have been read.

    Raises:
        RecordError: an addendum is not what the roll names, or rows are not in canonical form, not 16,384 to
            each addendum but the last, or do not add up to the roll's length, counts and root.
    """
    counts: Counter[tuple[str, str]] = Counter()
    tree = Frontier()
    for place, ref in enumerate(roll.rows):
        rows = decode_rows(ref.read(read_addendum))
        expected = min(ROWS_PER_ADDENDUM, roll.length - place * ROWS_PER_ADDENDUM)
        if len(rows) != expected:
            raise RecordError(f"roll addendum {place}: {len(rows)} rows instead of {expected}")
        counts.update((row.style, row.unit) for row in rows)
        tree = tree.extend(leaf_hash(row_leaf(row)) for row in rows)
        yield from rows
    if counts != {(count.style, count.unit): count.count for count in roll.counts}:
        raise RecordError("roll: its counts are not those of the rows")
    if tree.root_hash() != roll.root:
        raise RecordError("roll: its root is not that of the rows")


def encode_rows(rows: Iterable[RollRow]) -> bytes:
    """One addendum: each row as two bytes of length, big-endian, and its canonical JSON."""
    encoded = [jcs(row) for row in rows]
    if any(len(row) > MAX_ROW_BYTES for row in encoded):
        raise RecordError(f"roll row: over {MAX_ROW_BYTES} bytes")
    return b"".join(len(row).to_bytes(2, "big") + row for row in encoded)


def decode_rows(addendum: bytes) -> tuple[RollRow, ...]:
    """The rows that `encode_rows` writes as exactly these bytes.

    Raises:
        RecordError: the last row is cut short, or one is not in canonical form.
    """
    rows: list[RollRow] = []
    at = 0
    while at < len(addendum):
        end = at + 2 + int.from_bytes(addendum[at : at + 2], "big")
        if end > len(addendum):
            raise RecordError(f"roll row {len(rows)} of the addendum: cut short")
        subject = f"roll row {len(rows)} of the addendum"
        rows.append(decode_json(addendum[at + 2 : end], RollRow, limit=MAX_ROW_BYTES, subject=subject))
        at = end
    return tuple(rows)


def row_leaf(row: RollRow) -> bytes:
    """The leaf of a row in the roll tree: its canonical JSON without the length."""
    return jcs(row)


def roll_root(rows: Iterable[RollRow]) -> bytes:
    """Root of the roll tree, 32 bytes."""
    return Frontier().extend(leaf_hash(row_leaf(row)) for row in rows).root_hash()
