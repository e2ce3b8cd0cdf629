"""From totals to an outcome: known elections, every branch, and agreement with the verifier's own reading."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.contests import Contest
from bulletin_board.records.tally import Outcome
from evote.counting.outcome import Tally, decide_outcome
from tests.evote.kyrgyzstan import FOLDER, manifest
from verifier.counting import decide


def contest(
    options: int, rule: str, *, against_all: int | None = None, turnout: int | None = None, maximum: int = 1
) -> Contest:
    counting: dict[str, Any] = {
        "rule": rule,
        "against_all": None if against_all is None else f"option-{against_all}",
    }
    if turnout is not None:
        counting["turnout_percent"] = turnout
    plain = {
        "id": "contest",
        "title": {"en": "Contest"},
        "minimum": 0,
        "maximum": maximum,
        "options": [
            {"id": f"option-{place}", "title": {"en": f"Option {place}"}, "weight": 1}
            for place in range(options)
        ],
        "counting": counting,
    }
    return decode_json(jcs(plain), Contest, limit=1 << 16)


def outcome(item: Contest, totals: tuple[int, ...], ballots: int, electorate: int = 0) -> Outcome:
    return decide_outcome(Tally(item, totals, ballots, electorate))


def trace(found: Outcome) -> list[tuple[str, int, int]]:
    return [(line.label, line.left, line.right) for line in found.trace]


def real(contest_id: str) -> tuple[Contest, tuple[int, ...], dict[str, Any]]:
    contests = tomllib.loads((FOLDER / "outcome.toml").read_text(encoding="utf-8"))["contests"]
    numbers = next(each for each in contests if each["id"] == contest_id)
    votes = {option["id"]: option["votes"] for option in numbers["options"]}
    item = manifest().contest(contest_id)
    return item, tuple(votes[option.id] for option in item.options), numbers


def test_president_of_2021_was_elected_in_the_first_round() -> None:
    item, totals, numbers = real("president")
    found = outcome(item, totals, numbers["participants"], numbers["listed"])
    assert (found.kind, found.options) == ("elected", ("japarov-sadyr",))
    assert trace(found) == [("majority", 2 * max(totals), 1_395_513)]


def test_form_of_government_of_2021_was_decided() -> None:
    item, totals, numbers = real("form-of-government")
    found = outcome(item, totals, numbers["participants"], numbers["listed"])
    assert (found.kind, found.options) == ("adopted", ("presidential-republic",))
    assert trace(found) == [
        ("turnout", 100 * 1_394_218, 30 * 3_563_574),
        ("majority", 2 * 1_133_485, 1_394_218),
    ]


@pytest.mark.parametrize(("electorate", "kind"), [(3_817_043, "adopted"), (3_817_044, "not-held")])
def test_referendum_of_2016_needs_more_than_thirty_percent(electorate: int, kind: str) -> None:
    """912,268 for and 175,487 against of 1,145,113 who took part; 30 % of 3,817,044 is just more than they were."""
    found = outcome(contest(2, "referendum", turnout=30), (912_268, 175_487), 1_145_113, electorate)
    assert found.kind == kind
    assert found.options == (("option-0",) if kind == "adopted" else ())


def test_turnout_of_exactly_the_bound_is_not_enough() -> None:
    item = contest(2, "referendum", turnout=30)
    assert outcome(item, (30, 0), 30, 100).kind == "not-held"
    assert outcome(item, (31, 0), 31, 100).kind == "adopted"


@pytest.mark.parametrize(
    ("totals", "ballots", "kind", "winners", "lines"),
    [
        ((6, 5, 0), 11, "elected", (0,), [("majority", 12, 11)]),
        ((5, 5, 0), 10, "second-round", (0, 1), [("majority", 10, 10), ("against-all", 0, 5)]),
        ((5, 3, 3), 11, "second-round", (0, 1), [("majority", 10, 11), ("against-all", 3, 5)]),
        ((4, 3, 5), 12, "failed", (), [("majority", 8, 12), ("against-all", 5, 4)]),
        ((4, 4, 4), 12, "second-round", (0, 1), [("majority", 8, 12), ("against-all", 4, 4)]),
        ((0, 0, 0), 0, "second-round", (0, 1), [("majority", 0, 0), ("against-all", 0, 0)]),
    ],
)
def test_absolute_majority(
    totals: tuple[int, ...],
    ballots: int,
    kind: str,
    winners: tuple[int, ...],
    lines: list[tuple[str, int, int]],
) -> None:
    found = outcome(contest(3, "absolute-majority", against_all=2), totals, ballots)
    assert (found.kind, found.options) == (kind, tuple(f"option-{place}" for place in winners))
    assert trace(found) == lines


def test_ties_at_second_place_all_go_on() -> None:
    found = outcome(contest(5, "absolute-majority"), (4, 3, 3, 3, 1), 14)
    assert (found.kind, found.options) == ("second-round", ("option-0", "option-1", "option-2", "option-3"))


@pytest.mark.parametrize(
    ("totals", "kind", "winners"),
    [
        ((3, 2, 1), "elected", (0,)),
        ((3, 3, 1), "undecided", (0, 1)),
        ((3, 1, 3), "failed", ()),
        ((2, 1, 3), "failed", ()),
        ((0, 0, 0), "failed", ()),
    ],
)
def test_plurality(totals: tuple[int, ...], kind: str, winners: tuple[int, ...]) -> None:
    found = outcome(contest(3, "plurality", against_all=2), totals, sum(totals))
    assert (found.kind, found.options) == (kind, tuple(f"option-{place}" for place in winners))
    first, second, *_ = sorted(totals, reverse=True)
    assert trace(found) == [("leader", first, second)]


def test_several_options_may_have_more_than_half_where_several_are_selected() -> None:
    assert outcome(contest(3, "absolute-majority", maximum=2), (7, 8, 2), 9).options == (
        "option-0",
        "option-1",
    )
    item = contest(3, "referendum", turnout=0, maximum=2)
    assert outcome(item, (7, 8, 2), 9, 9).options == ("option-0", "option-1")


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    count = draw(st.integers(1, 5))
    rule = draw(st.sampled_from(["plurality", "absolute-majority", "referendum"]))
    item = contest(
        count,
        rule,
        against_all=draw(st.none() | st.integers(0, count - 1)),
        turnout=draw(st.integers(0, 100)) if rule == "referendum" else None,
        maximum=draw(st.integers(1, count)),
    )
    # Few values, so that ties are frequent.
    ballots = draw(st.integers(0, 12))
    totals = tuple(draw(st.lists(st.integers(0, ballots), min_size=count, max_size=count)))
    return Tally(item, totals, ballots, draw(st.integers(ballots, 40)))


@given(tallies())
def test_verifier_comes_to_the_same(tally: Tally) -> None:
    again = decide(tally.contest, tally.totals, ballots=tally.ballots, effective=tally.electorate)
    assert decide_outcome(tally) == again


@given(tallies())
def test_against_all_never_wins(tally: Tally) -> None:
    assert tally.contest.counting.against_all not in decide_outcome(tally).options
