"""Check 11: totals and outcome follow from the counts by the counting rule of the manifest.

Spec: verification.md §11; records.md §5.4 to §5.6
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bulletin_board.records.manifest import Manifest
from bulletin_board.records.tally import ContestResult, Outcome, Result
from verifier.checks.check_03_order import OrderView
from verifier.checks.check_05_roll import RollView
from verifier.checks.check_08_aggregates import PostedAggregate
from verifier.checks.check_09_decryption import DecryptionView
from verifier.checks.check_10_counts import CountsView
from verifier.counting import decide
from verifier.journal import Journal


@dataclass(frozen=True, slots=True)
class ContestOutcome:
    """What one contest comes to."""

    contest: str
    ballots: int  # N
    effective: int  # E
    totals: tuple[int, ...]  # by option, in manifest order
    outcome: Outcome

    def as_posted(self) -> ContestResult:
        """The contest as a result states it."""
        return ContestResult(contest=self.contest, totals=self.totals, outcome=self.outcome)


def outcomes(
    counts: CountsView, values: Sequence[Sequence[int]], roll: RollView, manifest: Manifest
) -> tuple[ContestOutcome, ...]:
    """Every contest's outcome from `values`, the counts of every cell, option by option."""
    voters = Counter(style for _, (style, _) in roll.standings.effective())
    found = []
    for contest in manifest.contests:
        own = [
            (cell, each)
            for cell, each in zip(counts.cells, values, strict=True)
            if cell.contest == contest.id
        ]
        totals = tuple(sum(each[place] for _, each in own) for place in range(len(contest.options)))
        ballots = sum(cell.ballots for cell, _ in own)
        effective = sum(
            number for style, number in voters.items() if contest.id in manifest.style(style).contests
        )
        outcome = decide(contest, totals, ballots=ballots, effective=effective)
        found.append(ContestOutcome(contest.id, ballots, effective, totals, outcome))
    return tuple(found)


def check_result(
    order: OrderView,
    counts: CountsView,
    deciding: PostedAggregate,
    releases: DecryptionView,
    roll: RollView,
    manifest: Manifest,
    journal: Journal,
) -> tuple[ContestOutcome, ...] | None:
    """Run check 11; the outcome of the recomputed counts, where there are any.

    The result's totals are held against the counts that it states; whether these are right says check 10.
    """
    outcome = None if counts.counts is None else outcomes(counts, counts.counts, roll, manifest)
    result = order.one_of(Result)
    if result is None:
        journal.miss("result", "not in the record")
        return outcome
    body, subject = result.body, f"entry {result.index}, result"
    if body.aggregate != deciding.digest:
        journal.fault(1, subject, "of another aggregate than the one that counts")
    if releases.combined and body.trustees != releases.combined:
        due = list(releases.combined)
        journal.fault(
            1, subject, f"lists trustees {list(body.trustees)}, the lowest with valid decryptions are {due}"
        )
    if [contest.contest for contest in body.contests] != [contest.id for contest in manifest.contests]:
        journal.fault(1, subject, "its contests are not those of the manifest")
        return outcome
    stated = outcome if counts.posted is None else outcomes(counts, counts.posted, roll, manifest)
    for posted, expected in zip(body.contests, stated or (), strict=False):
        journal.ran("contests")
        _compare(posted, expected.as_posted(), f"{subject}, contest {posted.contest}", journal)
    return outcome


def _compare(posted: ContestResult, expected: ContestResult, subject: str, journal: Journal) -> None:
    if posted.totals != expected.totals:
        journal.fault(1, subject, f"totals {list(posted.totals)}, its cells make {list(expected.totals)}")
    elif posted.outcome != expected.outcome:
        due = expected.outcome
        journal.fault(
            1,
            subject,
            f"the counting rule gives {due.kind} {list(due.options)}, or another trace, than it says",
        )
