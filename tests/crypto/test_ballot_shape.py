"""Shapes of ballots: what is allowed, and the lengths that follow from it."""

import pytest

from crypto.ballot_shape import MAX_BRANCHES, MAX_SUM, BallotShape, ContestShape, OptionShape
from tests.support.ballots import PAIR, contest


def test_numbers_of_a_ballot() -> None:
    assert PAIR.options == 7
    assert PAIR.branch_count == 4
    assert PAIR.slices == (slice(0, 3), slice(3, 7))
    assert PAIR.option_weights == (1, 1, 1, 1, 1, 1, 2)
    assert PAIR.commitment_count == 1 + 14 + 2 + 8
    assert PAIR.scalar_count == 2 + 1 + 14 + 1 + 4
    assert PAIR.ciphertext_bytes == 7 * 64
    assert PAIR.proof_bytes == 32 * (25 + 22)


def test_widest_contest() -> None:
    widest = contest("c", (1,) * MAX_BRANCHES, 0, MAX_BRANCHES - 1)
    assert widest.branch_count == MAX_BRANCHES
    assert widest.branches == range(MAX_BRANCHES)
    with pytest.raises(ValueError, match="65 branches are more than 64"):
        contest("c", (1,) * MAX_BRANCHES, 0, MAX_BRANCHES)


@pytest.mark.parametrize(
    ("weights", "minimum", "maximum", "reason"),
    [
        ((1, 1), -1, 1, "bounds"),
        ((1, 1), 2, 1, "bounds"),
        ((1, 1), MAX_SUM, MAX_SUM + 1, "bounds"),
        ((), 0, 1, "no options"),
        ((1, 3), 0, 2, "heavier"),
        ((1,), 0, 0, "heavier"),
        ((1, 1), 3, 3, "no selection has a sum"),
        ((3, 3), 4, 5, "no selection has a sum"),
    ],
)
def test_contest_refuses(weights: tuple[int, ...], minimum: int, maximum: int, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        contest("c", weights, minimum, maximum)


@pytest.mark.parametrize("weight", [0, -1, MAX_SUM + 1])
def test_option_refuses_weight(weight: int) -> None:
    with pytest.raises(ValueError, match="weight"):
        OptionShape("o", weight)


def test_ids_stand_once() -> None:
    # One id twice would mean one nonce twice.
    with pytest.raises(ValueError, match="option id stands twice"):
        ContestShape("c", (OptionShape("o"), OptionShape("o")), 0, 1)
    one = contest("c", (1,), 0, 1)
    with pytest.raises(ValueError, match="contest id stands twice"):
        BallotShape("s", (one, one))
    with pytest.raises(ValueError, match="no contests"):
        BallotShape("s", ())


def test_exclusive_option_reaches_the_minimum_alone() -> None:
    assert contest("c", (1, 1, 2), 2, 2).branch_count == 1
