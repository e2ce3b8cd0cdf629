"""The reader's language out of what a browser says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.api.language import negotiate_language
from trustees.catalogue import LANGUAGES


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "ru"),
        ("fr", "ru"),
        ("*", "ru"),
        ("ky", "ky"),
        ("KY-kg", "ky"),
        ("en-GB,en;q=0.9,ru;q=0.8", "en"),
        ("ru;q=0.3, ky;q=0.7", "ky"),
        ("ru;q=0.5,en;q=0.5", "ru"),
        ("en;q=0", "ru"),
        ("en;q=7", "ru"),
        ("en;q=0.1234", "ru"),
        ("x" * 50 + ",en", "en"),
        (",".join(["fr"] * 30) + ",en", "ru"),
    ],
)
def test_the_highest_of_ours_wins(header: str, expected: str) -> None:
    assert negotiate_language(header, ("kk", "ru", "ky")) == expected


def test_without_a_language_of_ours_there_still_is_one() -> None:
    assert negotiate_language("fr", ("kk",)) in LANGUAGES


@given(st.text())
def test_no_header_is_too_strange(header: str) -> None:
    assert negotiate_language(header, LANGUAGES) in LANGUAGES
