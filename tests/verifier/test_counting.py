"""Counting rules by example, and against the program of those who count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board.records.contests import AbsoluteMajority, Contest, Counting, Option, Plurality, Referendum
from bulletin_board.records.tally import Outcome
from evote.counting.outcome import Tally, decide_outcome
from tests.support.sample_manifest import localized
from verifier.counting import decide

NAMES = ("a", "b", "c", "none")


def contest(rule: Counting, names: tuple[str, ...] = NAMES) -> Contest:
    options = tuple(Option(id=name, title=localized(name), weight=1) for name in names)
    return Contest(id="c", title=localized("c"), minimum=0, maximum=4, options=options, counting=rule)


def outcome(rule: Counting, totals: tuple[int, ...], ballots: int = 10, effective: int = 20) -> Outcome:
    names = NAMES[: len(totals)]
    return decide(contest(rule, names), totals, ballots=ballots, effective=effective)


def said(found: Outcome) -> tuple[str, tuple[str, ...], list[tuple[str, int, int]]]:
    return found.kind, found.options, [(line.label, line.left, line.right) for line in found.trace]


WITH, WITHOUT = Plurality(against_all="none"), Plurality(against_all=None)
MAJORITY, BARE_MAJORITY = AbsoluteMajority(against_all="none"), AbsoluteMajority(against_all=None)


@pytest.mark.parametrize(
    ("rule", "totals", "expected"),
    [
        (WITH, (4, 3, 2, 1), ("elected", ("a",), [("leader", 4, 3)])),
        (WITH, (4, 4, 2, 1), ("undecided", ("a", "b"), [("leader", 4, 4)])),
        (WITH, (1, 3, 2, 4), ("failed", (), [("leader", 4, 3)])),
        (WITH, (4, 3, 2, 4), ("failed", (), [("leader", 4, 4)])),
        (WITHOUT, (1, 3, 2, 4), ("elected", ("none",), [("leader", 4, 3)])),
        (WITHOUT, (0, 0), ("undecided", ("a", "b"), [("leader", 0, 0)])),
        (WITHOUT, (3,), ("elected", ("a",), [("leader", 3, 0)])),
        (MAJORITY, (6, 3, 1, 0), ("elected", ("a",), [("majority", 12, 10)])),
        (MAJORITY, (5, 3, 1, 1), ("second-round", ("a", "b"), [("majority", 10, 10), ("against-all", 1, 5)])),
        (
            MAJORITY,
            (4, 2, 2, 2),
            ("second-round", ("a", "b", "c"), [("majority", 8, 10), ("against-all", 2, 4)]),
        ),
        (MAJORITY, (3, 2, 1, 4), ("failed", (), [("majority", 6, 10), ("against-all", 4, 3)])),
        (
            MAJORITY,
            (4, 1, 1, 4),
            ("second-round", ("a", "b", "c"), [("majority", 8, 10), ("against-all", 4, 4)]),
        ),
        (MAJORITY, (0, 0, 0, 9), ("failed", (), [("majority", 0, 10), ("against-all", 9, 0)])),
        (BARE_MAJORITY, (5, 5), ("second-round", ("a", "b"), [("majority", 10, 10)])),
        (BARE_MAJORITY, (5,), ("second-round", ("a",), [("majority", 10, 10)])),
        (BARE_MAJORITY, (7, 6), ("elected", ("a", "b"), [("majority", 14, 10)])),
    ],
)
def test_elections(
    rule: Counting, totals: tuple[int, ...], expected: tuple[str, tuple[str, ...], list[tuple[str, int, int]]]
) -> None:
    assert said(outcome(rule, totals)) == expected


@pytest.mark.parametrize(
    ("totals", "ballots", "expected"),
    [
        ((6, 4), 10, ("adopted", ("a",), [("turnout", 1000, 600), ("majority", 12, 10)])),
        ((5, 5), 10, ("not-adopted", (), [("turnout", 1000, 600), ("majority", 10, 10)])),
        ((6, 0), 6, ("not-held", (), [("turnout", 600, 600)])),
        ((0, 0), 7, ("not-adopted", (), [("turnout", 700, 600), ("majority", 0, 7)])),
    ],
)
def test_referendums(
    totals: tuple[int, ...], ballots: int, expected: tuple[str, tuple[str, ...], list[tuple[str, int, int]]]
) -> None:
    rule = Referendum(turnout_percent=30, against_all=None)
    assert said(outcome(rule, totals, ballots)) == expected


def test_against_all_is_never_adopted() -> None:
    rule = Referendum(turnout_percent=0, against_all="b")
    assert outcome(rule, (1, 9)).kind == "not-adopted"


rules = st.one_of(
    st.builds(Plurality, against_all=st.sampled_from([None, "a", "none"])),
    st.builds(AbsoluteMajority, against_all=st.sampled_from([None, "a", "none"])),
    st.builds(
        Referendum, turnout_percent=st.integers(0, 100), against_all=st.sampled_from([None, "a", "none"])
    ),
)


@given(rules, st.tuples(*[st.integers(0, 6)] * 4), st.integers(0, 12), st.integers(0, 20))
def test_both_programs_agree(rule: Counting, totals: tuple[int, ...], ballots: int, effective: int) -> None:
    what = contest(rule)
    theirs = decide_outcome(Tally(what, totals, ballots, effective))
    assert decide(what, totals, ballots=ballots, effective=effective) == theirs
