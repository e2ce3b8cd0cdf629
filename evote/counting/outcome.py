"""From the totals of a contest to its outcome: the rule of the manifest, in exact integers, with a trace.

The board states the outcome; the verifier works it out again with code of its own.

Spec: records.md §5.5, §5.6
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bulletin_board.records.contests import AbsoluteMajority, Contest, Plurality, Referendum
from bulletin_board.records.tally import Outcome, TraceLine

Label = Literal["leader", "majority", "against-all", "turnout"]


@dataclass(frozen=True, slots=True)
class Tally:
    """What a rule looks at."""

    contest: Contest
    totals: tuple[int, ...]  # votes by option, in manifest order
    ballots: int  # N, counted in the contest's cells
    electorate: int  # E, effective credentials that have the contest

    @property
    def against_all(self) -> int | None:
        """Votes against all, where the contest has that option."""
        wanted = self.contest.counting.against_all
        votes = [
            count
            for option, count in zip(self.contest.options, self.totals, strict=True)
            if option.id == wanted
        ]
        return votes[0] if votes else None

    @property
    def others(self) -> list[int]:
        """Votes of the options that can win."""
        wanted = self.contest.counting.against_all
        return [
            count
            for option, count in zip(self.contest.options, self.totals, strict=True)
            if option.id != wanted
        ]

    def options_from(self, least: int, *, against_all_too: bool = False) -> tuple[str, ...]:
        """Ids of the options with at least so many votes."""
        excluded = None if against_all_too else self.contest.counting.against_all
        return tuple(
            option.id
            for option, count in zip(self.contest.options, self.totals, strict=True)
            if count >= least and option.id != excluded
        )


def decide_outcome(tally: Tally) -> Outcome:
    """Apply the contest's counting rule."""
    match tally.contest.counting:
        case Plurality():
            return _plurality(tally)
        case AbsoluteMajority():
            return _absolute_majority(tally)
        case Referendum(turnout_percent=percent):
            return _referendum(tally, percent)


def _plurality(tally: Tally) -> Outcome:
    first, second = _two_highest(tally.totals)
    trace = (_line("leader", first, second),)
    if tally.against_all == first:
        return Outcome(kind="failed", options=(), trace=trace)
    leaders = tally.options_from(first, against_all_too=True)
    kind: Literal["elected", "undecided"] = "elected" if len(leaders) == 1 else "undecided"
    return Outcome(kind=kind, options=leaders, trace=trace)


def _absolute_majority(tally: Tally) -> Outcome:
    first, second = _two_highest(tally.others)
    majority = _line("majority", 2 * first, tally.ballots)
    if 2 * first > tally.ballots:
        return Outcome(kind="elected", options=_with_majority(tally), trace=(majority,))
    against_all = tally.against_all
    if against_all is None:
        return Outcome(kind="second-round", options=tally.options_from(second), trace=(majority,))
    trace = (majority, _line("against-all", against_all, first))
    if against_all > first:
        return Outcome(kind="failed", options=(), trace=trace)
    return Outcome(kind="second-round", options=tally.options_from(second), trace=trace)


def _referendum(tally: Tally, turnout_percent: int) -> Outcome:
    turnout = _line("turnout", 100 * tally.ballots, turnout_percent * tally.electorate)
    if turnout.left <= turnout.right:
        return Outcome(kind="not-held", options=(), trace=(turnout,))
    first, _ = _two_highest(tally.others)
    trace = (turnout, _line("majority", 2 * first, tally.ballots))
    adopted = _with_majority(tally)
    return Outcome(kind="adopted" if adopted else "not-adopted", options=adopted, trace=trace)


def _with_majority(tally: Tally) -> tuple[str, ...]:
    # The least number of votes that is more than half of the ballots. Where voters select several options,
    # several may have it.
    return tally.options_from(tally.ballots // 2 + 1)


def _two_highest(votes: Sequence[int]) -> tuple[int, int]:
    first, second = sorted((*votes, 0, 0), reverse=True)[:2]
    return first, second


def _line(label: Label, left: int, right: int) -> TraceLine:
    return TraceLine(label=label, left=left, right=right)
