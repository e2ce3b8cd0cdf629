"""The catalogues say the same in Kyrgyz, Russian and English, each in its own language."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

import evote
from evote.texts import FOLDER, bishkek_time, catalogue, utc_time

ROOT = Path(evote.__file__).parent.parent
FOLDERS = [folder for folder in (ROOT / "evote/messages", ROOT / "trustees/messages") if folder.is_dir()]
LANGUAGES = ("ky", "ru", "en")

# Words that stand in Latin letters in every language.
LATIN = {
    "QR",
    "UTC",
    "TAR",
    "USB",
    "SHA",
    "ID",
    "JSON",
    "PDF",
    "SMS",
    "TOML",
    "CSV",
    "evote",
    "trustee",
    "verify",
    "ky",
    "ru",
    "en",
}

# Remote voting is spoken of as electronic voting; "distance voting" is another procedure in the law.
UNWANTED = re.compile(r"дистанци|аралыктан", re.IGNORECASE)


class _Placeables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802 the visitor calls it so
        self.names.add(node.id.name)


def _messages(folder: Path, language: str) -> dict[str, tuple[set[str], str]]:
    """key → (its variables, its source without them)."""
    found: dict[str, tuple[set[str], str]] = {}
    for path in sorted((folder / language).glob("*.ftl")):
        source = path.read_text(encoding="utf-8")
        for entry in FluentParser().parse(source).body:
            assert not isinstance(entry, ast.Junk), f"{path}: {entry.content}"
            if isinstance(entry, ast.Message):
                assert entry.id.name not in found, f"{path}: {entry.id.name} stands twice"
                placeables = _Placeables()
                placeables.visit(entry)
                assert entry.span is not None
                text = source[entry.span.start : entry.span.end].partition("=")[2]
                found[entry.id.name] = placeables.names, re.sub(r"\{[^{}]*\}", "", text)
    return found


def test_there_are_catalogues_in_every_language() -> None:
    assert FOLDER in FOLDERS
    for folder in FOLDERS:
        files = {
            language: {path.name for path in (folder / language).glob("*.ftl")} for language in LANGUAGES
        }
        assert files["en"]
        assert files["ky"] == files["ru"] == files["en"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("language", ["ky", "ru"])
def test_translations_have_the_same_keys_and_placeables(folder: Path, language: str) -> None:
    english, other = _messages(folder, "en"), _messages(folder, language)
    assert other.keys() == english.keys()
    assert [key for key, (names, _) in english.items() if other[key][0] != names] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("language", ["ky", "ru"])
def test_no_english_leaks_into_a_translation(folder: Path, language: str) -> None:
    messages = _messages(folder, language)
    assert messages
    for key, (_, text) in messages.items():
        latin = [word for word in re.findall(r"[A-Za-z]+", text) if word not in LATIN]
        assert sum(map(len, latin)) * 10 <= len(re.findall(r"[Ѐ-ӿ]", text)), f"{language} {key}: {latin}"
        assert not UNWANTED.search(text), f"{language} {key}"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.parent.name)
def test_english_is_english_and_kyrgyz_is_not_russian(folder: Path) -> None:
    assert not [key for key, (_, text) in _messages(folder, "en").items() if re.search(r"[Ѐ-ӿ]", text)]
    kyrgyz = "".join(text for _, text in _messages(folder, "ky").values())
    # Ң, Ө and Ү make about a tenth of written Kyrgyz and do not occur in Russian.
    assert len(re.findall(r"[ңөүҢӨҮ]", kyrgyz)) * 25 > len(re.findall(r"[Ѐ-ӿ]", kyrgyz))
    russian = "".join(text for _, text in _messages(folder, "ru").values())
    assert not re.search(r"[ңөүҢӨҮ]", russian)


def test_dates_are_written_as_people_write_them() -> None:
    at = int(datetime(2021, 1, 10, 20, 30, tzinfo=UTC).timestamp())
    assert bishkek_time(catalogue("ky"), at) == "2021-жылдын 11-январы, саат 02:30 (Бишкек убактысы)"
    assert utc_time(catalogue("ru"), at) == "10 января 2021 года, 20:30 по UTC"
    assert utc_time(catalogue("en"), at) == "10 January 2021, 20:30 UTC"


@pytest.mark.parametrize("language", LANGUAGES)
def test_twelve_months_have_twelve_names(language: str) -> None:
    texts = catalogue(language)
    months = {texts.text("moment", day="1", month=month, year="2021", time="00:00") for month in range(1, 13)}
    assert len(months) == 12


def test_every_problem_of_the_board_has_a_title_and_advice() -> None:
    rule = (ROOT / "specs/board.md").read_text(encoding="utf-8").partition("Codes:")[2]
    codes = re.findall(r"`([a-z-]+)` \d{3}", rule)
    assert len(codes) >= 17
    for language in LANGUAGES:
        texts = catalogue(language)
        for code in (*codes, "wrong-code", "too-many-attempts"):
            assert texts.text(f"problem-{code}")
            assert texts.text(f"problem-{code}-advice")
