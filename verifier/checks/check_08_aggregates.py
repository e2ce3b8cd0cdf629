"""Check 8: the sums that the trustees open are those of the ballots that count, and no others.

Spec: verification.md §8; protocol.md §5.1 to §5.4; records.md §5.1
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bulletin_board.errors import MissingFile, RecordError
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.tally import Aggregate, AggregateCell, Decryption
from crypto.elgamal import CIPHERTEXT_BYTES, CiphertextArray, vartime_sum_ciphertexts
from crypto.errors import CryptoError
from crypto.group import ElementArray
from verifier.checks.check_03_order import OrderView
from verifier.checks.check_05_roll import RollView
from verifier.checks.check_07_chain import CountedBallot
from verifier.journal import Journal
from verifier.merging import Group, merge_units
from verifier.parallel import Workers
from verifier.record import Record
from verifier.sums import sum_groups


@dataclass(frozen=True, slots=True)
class Cell:
    """Units whose ballots of one contest are counted together."""

    contest: str
    group: Group

    def as_posted(self) -> AggregateCell:
        """The cell as an aggregate names it."""
        group = self.group
        return AggregateCell(contest=self.contest, node=group.node, members=group.members, ballots=group.size)

    def __str__(self) -> str:
        return f"contest {self.contest}, cell {self.group.node}"


@dataclass(frozen=True, slots=True)
class PostedAggregate:
    """An aggregate entry, as posted.

    right: whether it holds what was recomputed
    """

    index: int
    digest: bytes  # 64 bytes
    cells: tuple[AggregateCell, ...]
    ciphertexts: CiphertextArray
    right: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """In what an aggregate entry is wrong."""

    part: int  # of check 8
    reason: str


@dataclass(frozen=True, slots=True)
class TallyView:
    """What is to be decrypted.

    cells, withheld: recomputed
    sums:       the recomputed ciphertexts, by cell and option
    aggregates: the entries that can be read, oldest first
    deciding:   the one of them that counts
    """

    cells: tuple[Cell, ...]
    withheld: tuple[Cell, ...]
    sums: CiphertextArray
    aggregates: tuple[PostedAggregate, ...]
    deciding: PostedAggregate | None


def check_aggregates(
    record: Record,
    order: OrderView,
    roll: RollView,
    counted: Sequence[CountedBallot],
    manifest: Manifest,
    journal: Journal,
    *,
    workers: Workers,
) -> TallyView:
    """Run check 8 over the ballots that count."""
    journal.expect("ballots", len(counted))
    cells, withheld = _cells(counted, manifest)
    sums = _sum_cells(record, counted, cells, manifest, journal, workers)
    recomputed = TallyView(cells, withheld, sums, (), None)
    posted = order.all_of(Aggregate)
    if not posted:
        journal.miss("aggregate", "not in the record")
    read: list[PostedAggregate] = []
    wrong: dict[int, Difference] = {}
    for each in posted:
        journal.ran("aggregates")
        try:
            _require_size(each.body, manifest)
            ciphertexts = CiphertextArray.decode(each.body.ciphertexts.read(record.addendum))
        except MissingFile as exc:
            journal.miss(exc.path, f"part of entry {each.index}, aggregate")
            continue
        except (RecordError, CryptoError) as exc:
            wrong[each.index] = Difference(2, str(exc))
            continue
        difference = _difference(each.body, ciphertexts, recomputed, manifest)
        if difference:
            wrong[each.index] = difference
        digest = each.body.digest(roll.context)
        read.append(PostedAggregate(each.index, digest, each.body.cells, ciphertexts, difference is None))
    deciding = _deciding(read, order)
    counting = deciding.index if deciding else max(wrong, default=None)
    for index, difference in wrong.items():
        find = journal.fault if index == counting else journal.warn
        find(difference.part, f"entry {index}, aggregate", difference.reason)
    return TallyView(cells, withheld, sums, tuple(read), deciding)


def _cells(counted: Sequence[CountedBallot], manifest: Manifest) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
    """(cells, withheld), by contest in manifest order and then by lowest member."""
    parents = {unit.id: unit.parent for unit in manifest.reporting_units}
    by_place = Counter((ballot.style, ballot.unit) for ballot in counted)
    cells: list[Cell] = []
    withheld: list[Cell] = []
    for contest in manifest.contests:
        sizes: Counter[str] = Counter()
        for (style, unit), number in by_place.items():
            if contest.id in manifest.style(style).contests:
                sizes[unit] += number
        merged = merge_units(sizes, parents, manifest.min_unit_size)
        cells += (Cell(contest.id, group) for group in merged.cells)
        withheld += (Cell(contest.id, group) for group in merged.withheld)
    return tuple(cells), tuple(withheld)


def _sum_cells(
    record: Record,
    counted: Sequence[CountedBallot],
    cells: Sequence[Cell],
    manifest: Manifest,
    journal: Journal,
    workers: Workers,
) -> CiphertextArray:
    """Every ciphertext sum, by cell and option.

    Ballots of one style whose units stand in the same cell in every contest are added up as a whole first.
    """
    cell_of = {
        (cell.contest, unit): number for number, cell in enumerate(cells) for unit in cell.group.members
    }
    groups: dict[tuple[str, tuple[int | None, ...]], int] = {}
    group_of: dict[tuple[str, str], int] = {}
    for place in {(ballot.style, ballot.unit) for ballot in counted}:
        style, unit = place
        where = tuple(cell_of.get((contest, unit)) for contest in manifest.style(style).contests)
        group_of[place] = groups.setdefault((style, where), len(groups))
    widths = {group: manifest.shape(style).options for (style, _), group in groups.items()}
    sums, added = sum_groups(record, counted, group_of, widths, workers)
    journal.ran("ballots", added)
    rows: dict[int, list[CiphertextArray]] = {}
    for (style, where), group in groups.items():
        for number, places in zip(where, manifest.shape(style).slices, strict=True):
            if number is not None:
                elements = sums[group].elements[2 * places.start : 2 * places.stop]
                rows.setdefault(number, []).append(CiphertextArray(elements))
    totals = [
        vartime_sum_ciphertexts(rows[number], len(manifest.contest(cell.contest).options))
        for number, cell in enumerate(cells)
    ]
    return CiphertextArray(ElementArray.concat([total.elements for total in totals]))


def _difference(
    body: Aggregate, ciphertexts: CiphertextArray, recomputed: TallyView, manifest: Manifest
) -> Difference | None:
    """The first thing in which an aggregate is not what was recomputed."""
    if body.cells != tuple(cell.as_posted() for cell in recomputed.cells):
        return Difference(1, "its cells are not those that the ballots and the merging rule give")
    if body.withheld != tuple(cell.as_posted() for cell in recomputed.withheld):
        return Difference(1, "what it withholds is not what the merging rule withholds")
    names = [
        f"{cell}, option {option.id}"
        for cell in recomputed.cells
        for option in manifest.contest(cell.contest).options
    ]
    found, expected = ciphertexts.encode(), recomputed.sums.encode()
    for number, name in enumerate(names):
        if found[64 * number : 64 * number + 64] != expected[64 * number : 64 * number + 64]:
            return Difference(2, f"{name}: not the sum of the ballots that count")
    return None


def _deciding(aggregates: Sequence[PostedAggregate], order: OrderView) -> PostedAggregate | None:
    """The aggregate that most trustees have released decryptions of, the later on a tie; else the last one.

    Spec: verification.md §8.2
    """
    releases = {(posted.body.trustee, bytes(posted.body.aggregate)) for posted in order.all_of(Decryption)}
    named = Counter(digest for _, digest in releases)
    return max(aggregates, key=lambda each: (named[each.digest], each.index), default=None)


def _require_size(body: Aggregate, manifest: Manifest) -> None:
    """Refuse by its size what is not worth decoding."""
    due = sum(len(manifest.contest(cell.contest).options) for cell in body.cells)
    if body.ciphertexts.size != CIPHERTEXT_BYTES * due:
        count = body.ciphertexts.size // CIPHERTEXT_BYTES
        raise RecordError(f"{count} ciphertexts for {due} options of its cells")
