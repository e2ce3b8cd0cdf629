"""Moments on the command line."""

import pytest

from evote.election.moment import parse_moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [("0", 0), ("1610244000", 1_610_244_000), ("+0s", 1000), ("+90s", 1090), ("+15m", 1900), ("+2h", 8200)],
)
def test_moment(text: str, moment: int) -> None:
    assert parse_moment(text, lambda: 1000.9) == moment


@pytest.mark.parametrize(
    "text", ["", "-1", "1.5", "+90", "90s", "+1d", " 1", "1 ", "٣", "+٣s", "123456789012"]
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        parse_moment(text)


def test_relative_moments_count_from_now() -> None:
    assert parse_moment("+1h") - parse_moment("+0s") in (3600, 3601)
