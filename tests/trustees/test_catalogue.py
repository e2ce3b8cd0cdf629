"""Texts for people: what is missing is never papered over."""

from pathlib import Path

import pytest

from trustees.catalogue import Catalogue


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "a.ftl").write_text(
        "greeting = Dear { $name },\nonly-term = { -nobody }\nempty =\n    .title = x\n"
    )
    (tmp_path / "en" / "b.ftl").write_text(
        "count = { $number ->\n    [one] one ballot\n   *[other] { $number } ballots\n}\n"
    )
    return tmp_path


def test_all_files_of_a_language_are_one_catalogue(folder: Path) -> None:
    catalogue = Catalogue(folder, "en")
    assert catalogue.text("greeting", name="Үсөн") == "Dear Үсөн,"
    assert catalogue.text("count", number=1) == "one ballot"
    assert catalogue.text("count", number=2) == "2 ballots"


@pytest.mark.parametrize("key", ["absent", "only-term", "empty", "greeting"])
def test_what_cannot_be_said_in_full_raises(folder: Path, key: str) -> None:
    with pytest.raises(LookupError, match=key):
        Catalogue(folder, "en").text(key)


def test_language_without_texts_raises(folder: Path) -> None:
    with pytest.raises(LookupError, match="none in ky"):
        Catalogue(folder, "ky")
