"""Check 5: the roll of credentials is what the issuers pledged, and who was struck or replaced since.

Spec: verification.md §5; protocol.md §2.10 to §2.13; records.md §2.5, §4.6
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from heapq import merge
from itertools import pairwise
from operator import add

from bulletin_board.errors import MissingFile, RecordError
from bulletin_board.log.merkle import Frontier, leaf_hash
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.roll import ROWS_PER_ADDENDUM, IssuerPledge, Roll, RollRow, decode_rows, row_leaf
from crypto.ceremony import election_context, issuer_pledge_digest
from crypto.errors import EncodingError
from crypto.group import ElementArray
from verifier.checks.check_01_log import LogView
from verifier.checks.check_03_order import OrderView, Posted
from verifier.checks.check_04_ceremony import CeremonyView, check_witnessed
from verifier.journal import Journal
from verifier.record import Record
from verifier.standings import Place, Standings, apply_changes


@dataclass(frozen=True, slots=True)
class RollView:
    """Who may vote.

    context:   ctx, 64 bytes
    length:    rows of the roll
    standings: every credential of the roll and of reissues, and what became of it
    """

    context: bytes
    length: int
    standings: Standings


def check_roll(
    record: Record,
    order: OrderView,
    log: LogView,
    ceremony: CeremonyView | None,
    manifest: Manifest,
    journal: Journal,
) -> RollView | None:
    """Run check 5; None where there is no roll that could be read to its end."""
    pledges = {posted.body.issuer: posted for posted in order.all_of(IssuerPledge)}
    for issuer in manifest.issuers:
        if issuer.id not in pledges:
            journal.miss(f"pledge of issuer {issuer.id}", "not in the record")
    posted = order.one_of(Roll)
    if posted is None or ceremony is None:
        journal.miss("roll" if posted is None else "base of the ceremony", "not in the record")
        return None
    check_witnessed("issuer pledges", pledges.values(), [posted], log, journal)
    reader = _Reader(manifest, f"entry {posted.index}, roll", journal)
    if not reader.read(posted.body, record):
        return None
    for issuer, parts in zip(manifest.issuers, reader.parts, strict=True):
        _check_pledge(pledges[issuer.id], parts, manifest, journal)
    standings = Standings(reader.rows)
    apply_changes(standings, order, manifest, reader.parts, journal)
    return RollView(election_context(ceremony.base, posted.body.root), posted.body.length, standings)


def _check_pledge(
    posted: Posted[IssuerPledge], parts: Sequence[bytes], manifest: Manifest, journal: Journal
) -> None:
    pledge = posted.body
    journal.ran("issuer pledges")
    if pledge.digest != issuer_pledge_digest(manifest.digest, pledge.issuer, parts):
        subject = f"entry {posted.index}, pledge of issuer {pledge.issuer}"
        journal.fault(1, subject, "not of the parts that stand on the roll")


@dataclass(slots=True)
class _Reader:
    """The rows so far."""

    manifest: Manifest
    subject: str
    journal: Journal
    rows: dict[bytes, Place] = field(default_factory=dict)  # by S
    parts: list[list[bytes]] = field(default_factory=list)  # S_j of each issuer
    _counts: Counter[Place] = field(default_factory=Counter)
    _tree: Frontier = field(default_factory=Frontier)
    _last: bytes = b""

    def read(self, roll: Roll, record: Record) -> bool:
        """Whether all rows could be read, whatever they say."""
        self.parts = [[] for _ in self.manifest.issuers]
        for number, ref in enumerate(roll.rows):
            expected = min(ROWS_PER_ADDENDUM, roll.length - number * ROWS_PER_ADDENDUM)
            try:
                rows = decode_rows(ref.read(record.addendum))
                credentials = self._join(rows, expected)
            except MissingFile as exc:
                self.journal.miss(exc.path, "rows of the roll")
                return False
            except (RecordError, EncodingError) as exc:
                self.journal.fault(2, f"{self.subject}, addendum {number}", exc)
                return False
            for row, credential in zip(rows, credentials, strict=True):
                self._add(row, credential)
            self._tree = self._tree.extend(leaf_hash(row_leaf(row)) for row in rows)
        self._check_whole(roll)
        return True

    def _join(self, rows: Sequence[RollRow], expected: int) -> Iterator[bytes]:
        """The credential of every row."""
        if len(rows) != expected:
            raise RecordError(f"{len(rows)} rows instead of {expected}")
        if any(len(row.parts) != len(self.manifest.issuers) for row in rows):
            raise RecordError("a row with another number of parts than there are issuers")
        arrays = []
        for number, issuer in enumerate(self.manifest.issuers):
            column = [bytes(row.parts[number]) for row in rows]
            arrays.append(ElementArray.decode(b"".join(column), subject=f"parts of issuer {issuer.id}"))
            self.parts[number] += column
        joined = reduce(add, arrays)
        for array in (*arrays, joined):
            if identities := array.identity_indexes():
                raise RecordError(f"row {identities[0]}: a part or the credential is the identity")
        packed = joined.encode()
        return (packed[start : start + 32] for start in range(0, len(packed), 32))

    def _add(self, row: RollRow, credential: bytes) -> None:
        self.journal.ran("rows")
        subject = f"{self.subject}, row {len(self.rows)}"
        if not self._last < credential:
            self.journal.fault(2, subject, "rows are not strictly ascending by credential")
        try:
            self.manifest.style(row.style)
            self.manifest.unit(row.unit)
        except RecordError as exc:
            self.journal.fault(2, subject, exc)
        self._last = credential
        place = (row.style, row.unit)
        self._counts[place] += 1
        self.rows[credential] = place

    def _check_whole(self, roll: Roll) -> None:
        self.journal.expect("rows", roll.length)
        every_part = merge(*map(sorted, self.parts))
        for left, right in pairwise(every_part):
            if left == right:
                self.journal.fault(2, self.subject, f"the part {left.hex()} stands twice")
        if self._counts != {(each.style, each.unit): each.count for each in roll.counts}:
            self.journal.fault(2, self.subject, "its counts are not those of the rows")
        if self._tree.root_hash() != roll.root:
            self.journal.fault(2, self.subject, "its root is not that of the rows")
        for (style, unit), count in sorted(self._counts.items()):
            if count < self.manifest.min_unit_size:
                few = f"{count} voters, fewer than {self.manifest.min_unit_size}"
                self.journal.fault(2, self.subject, f"style {style} in unit {unit}: {few}")
