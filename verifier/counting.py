"""From the counts of a contest to its outcome, in exact integers.

Spec: records.md §5.5, §5.6
"""

from __future__ import annotations

from collections.abc import Mapping

from bulletin_board.records.contests import AbsoluteMajority, Contest, Plurality, Referendum
from bulletin_board.records.tally import Outcome, TraceLine


def decide(contest: Contest, totals: tuple[int, ...], *, ballots: int, effective: int) -> Outcome:
    """Apply the contest's counting rule.

    Args:
        contest: of the manifest.
        totals: votes of every option, in manifest order.
        ballots: N, counted in the contest's cells.
        effective: E, credentials effective at close whose style has the contest.
    """
    votes = dict(zip((option.id for option in contest.options), totals, strict=True))
    rule = contest.counting
    if isinstance(rule, Plurality):
        return _plurality(rule, votes)
    if isinstance(rule, AbsoluteMajority):
        return _absolute_majority(rule, votes, ballots)
    return _referendum(rule, votes, ballots, effective)


def _plurality(rule: Plurality, votes: Mapping[str, int]) -> Outcome:
    most, next_most = sorted((*votes.values(), 0), reverse=True)[:2]
    trace = (TraceLine(label="leader", left=most, right=next_most),)
    leaders = _with_at_least(most, votes)
    if rule.against_all in leaders:
        return Outcome(kind="failed", options=(), trace=trace)
    return Outcome(kind="undecided" if len(leaders) > 1 else "elected", options=leaders, trace=trace)


def _absolute_majority(rule: AbsoluteMajority, votes: Mapping[str, int], ballots: int) -> Outcome:
    others = _others(rule.against_all, votes)
    ranked = sorted(others.values(), reverse=True)
    most = max(ranked, default=0)
    majority = TraceLine(label="majority", left=2 * most, right=ballots)
    if winners := _with_majority(others, ballots):
        return Outcome(kind="elected", options=winners, trace=(majority,))
    trace: tuple[TraceLine, ...] = (majority,)
    if rule.against_all is not None:
        against = votes[rule.against_all]
        trace = (majority, TraceLine(label="against-all", left=against, right=most))
        if against > most:
            return Outcome(kind="failed", options=(), trace=trace)
    second = ranked[1] if len(ranked) > 1 else 0
    return Outcome(kind="second-round", options=_with_at_least(second, others), trace=trace)


def _referendum(rule: Referendum, votes: Mapping[str, int], ballots: int, effective: int) -> Outcome:
    turnout = TraceLine(label="turnout", left=100 * ballots, right=rule.turnout_percent * effective)
    if not turnout.left > turnout.right:
        return Outcome(kind="not-held", options=(), trace=(turnout,))
    others = _others(rule.against_all, votes)
    most = max(others.values(), default=0)
    trace = (turnout, TraceLine(label="majority", left=2 * most, right=ballots))
    adopted = _with_majority(others, ballots)
    return Outcome(kind="adopted" if adopted else "not-adopted", options=adopted, trace=trace)


def _others(against_all: str | None, votes: Mapping[str, int]) -> dict[str, int]:
    return {option: count for option, count in votes.items() if option != against_all}


def _with_majority(votes: Mapping[str, int], ballots: int) -> tuple[str, ...]:
    return tuple(option for option, count in votes.items() if 2 * count > ballots)


def _with_at_least(bound: int, votes: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(option for option, count in votes.items() if count >= bound)
