"""Check 10: the decryptions combine to exactly the counts of the result, and these are possible.

Spec: verification.md §10; protocol.md §5.8, §5.9
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bulletin_board.records.contests import Contest
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.tally import AggregateCell, Result
from crypto.decryption import combine
from crypto.dlog import DiscreteLogTable
from crypto.errors import CryptoError
from verifier.checks.check_03_order import OrderView
from verifier.checks.check_08_aggregates import PostedAggregate
from verifier.checks.check_09_decryption import DecryptionView
from verifier.journal import Journal


@dataclass(frozen=True, slots=True)
class CountsView:
    """The counts of each cell of the aggregate that counts, option by option.

    counts: recomputed; None where the sums hold no possible counts
    posted: as the result says; None where there is none, or it has other cells
    """

    cells: tuple[AggregateCell, ...]
    counts: tuple[tuple[int, ...], ...] | None
    posted: tuple[tuple[int, ...], ...] | None


def check_counts(
    order: OrderView,
    deciding: PostedAggregate,
    releases: DecryptionView,
    manifest: Manifest,
    journal: Journal,
) -> CountsView:
    """Run check 10 on the combination of the lowest t valid decryptions."""
    cells = deciding.cells
    counts = _combine(order, deciding, releases, manifest, journal)
    result = order.one_of(Result)
    if result is None:
        journal.miss("result", "not in the record")
        return CountsView(cells, counts, None)
    subject = f"entry {result.index}, result"
    due = [
        (cell.contest, cell.node, cell.members, len(manifest.contest(cell.contest).options)) for cell in cells
    ]
    if [(cell.contest, cell.node, cell.members, len(cell.counts)) for cell in result.body.cells] != due:
        journal.fault(1, subject, "its cells and options are not those of the aggregate")
        return CountsView(cells, counts, None)
    posted = tuple(cell.counts for cell in result.body.cells)
    if counts is not None:
        for cell, found, expected in zip(cells, posted, counts, strict=True):
            if found != expected:
                journal.fault(
                    1, f"{subject}, {_name(cell)}", f"says {list(found)}, the sums hold {list(expected)}"
                )
    return CountsView(cells, counts, posted)


def check_bounds_of_counts(
    contest: Contest, cell: AggregateCell, counts: Sequence[int], journal: Journal
) -> None:
    """Rule 10.2 for one cell."""
    ballots = cell.ballots
    for option, count in zip(contest.options, counts, strict=True):
        if count > ballots:
            journal.fault(2, f"{_name(cell)}, option {option.id}", f"{count} votes from {ballots} ballots")
    weighted = sum(option.weight * count for option, count in zip(contest.options, counts, strict=True))
    if not contest.minimum * ballots <= weighted <= contest.maximum * ballots:
        journal.fault(2, _name(cell), f"{weighted} votes by weight are not possible from {ballots} ballots")


def _combine(
    order: OrderView,
    deciding: PostedAggregate,
    releases: DecryptionView,
    manifest: Manifest,
    journal: Journal,
) -> tuple[tuple[int, ...], ...] | None:
    partials = [releases.valid[trustee] for trustee in releases.combined]
    if not partials:
        journal.miss("decryptions", "of fewer trustees than are needed")
        return None
    journal.expect("cells", len(deciding.cells))
    plain = combine(partials, deciding.ciphertexts.datas, threshold=manifest.threshold)
    # However many ballots a false aggregate claims, no count exceeds those on the log.
    most = min(max((cell.ballots for cell in deciding.cells), default=0), order.ballots)
    table = DiscreteLogTable.build(most, lookups=max(len(plain), 1))
    counts: list[tuple[int, ...]] = []
    start = 0
    for cell in deciding.cells:
        journal.ran("cells")
        contest = manifest.contest(cell.contest)
        end = start + len(contest.options)
        try:
            counts.append(table.vartime_logarithms(plain[start:end]))
        except CryptoError as exc:
            journal.fault(1, _name(cell), exc)
        else:
            check_bounds_of_counts(contest, cell, counts[-1], journal)
        start = end
    return tuple(counts) if len(counts) == len(deciding.cells) else None


def _name(cell: AggregateCell) -> str:
    return f"contest {cell.contest}, cell {cell.node}"
