"""Specs, code and tests name each other: no citation leads nowhere, and no check is without code and tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tamper import test_tampers
from tests.tamper.harness import CASES

ROOT = Path(__file__).parent.parent
SPECS = ROOT / "specs"
PACKAGES = ("crypto", "bulletin_board", "verifier", "trustees", "evote", "tests")

# "protocol.md §2.5, §2.7 and §2.11", "records.md §2.1 to §2.3", "protocol.md §5.5–5.6"
CITATION = re.compile(
    r"\b([a-z][a-z-]*\.md)[ `*,:]*((?:§§?\d+(?:\.\d+)*(?:[,;–-]|\s|and|to|or|\d|\.(?=\d))*)+)"
)
NUMBER = re.compile(r"\d+(?:\.\d+)*")
RULES_WITHOUT_FAULT = {"13.2"}  # it only tells


def rules_of(spec: Path) -> set[str]:
    """Every number that may be cited: rules by their id, sections by their heading."""
    text = spec.read_text(encoding="utf-8")
    return set(re.findall(r"(?<!`)\{#(\d+(?:\.\d+)*)\}", text)) | set(
        re.findall(r"^## (\d+)\.? ", text, re.MULTILINE)
    )


def citations(path: Path) -> set[tuple[str, str]]:
    text = path.read_text(encoding="utf-8")
    return {
        (match[1], number)
        for match in CITATION.finditer(text)
        if (SPECS / match[1]).exists()
        for number in NUMBER.findall(match[2])
    }


def sources() -> list[Path]:
    suffixes = {".py", ".ts", ".tsx", ".md", ".toml"}
    code = [path for package in PACKAGES for path in (ROOT / package).rglob("*")]
    listed = [path for path in code if path.suffix in suffixes and "node_modules" not in path.parts]
    assert len(listed) > 100
    return sorted([*listed, *SPECS.rglob("*.md")])


def test_the_pattern_finds_citations(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text(
        "Spec: protocol.md §2.5, §2.7 and §2.11; records.md §5.5–5.6\nSpec: verification.md §9.99\n"
    )
    assert citations(sample) == {
        ("protocol.md", "2.5"),
        ("protocol.md", "2.7"),
        ("protocol.md", "2.11"),
        ("records.md", "5.5"),
        ("records.md", "5.6"),
        ("verification.md", "9.99"),
    }


def test_every_citation_exists() -> None:
    rules = {spec.name: rules_of(spec) for spec in SPECS.glob("*.md")}
    assert len(rules["protocol.md"]) > 50
    this = Path(__file__)
    found = {(path, *cited) for path in sources() if path != this for cited in citations(path)}
    assert len(found) > 100
    wrong = [
        f"{path.relative_to(ROOT)} cites {spec} §{number}"
        for path, spec, number in sorted(found)
        if number not in rules[spec]
    ]
    assert wrong == []


@pytest.mark.parametrize("spec", sorted(path.name for path in SPECS.glob("*.md")))
def test_ids_are_unique(spec: str) -> None:
    ids = re.findall(r"(?<!`)\{#(\d+(?:\.\d+)*)\}", (SPECS / spec).read_text(encoding="utf-8"))
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("check", range(1, 14))
def test_every_check_has_a_module_and_tampered_records(check: int) -> None:
    modules = list((ROOT / "verifier" / "checks").glob(f"check_{check:02}_*.py"))
    assert len(modules) == 1
    assert f"verification.md §{check}" in modules[0].read_text(encoding="utf-8")
    assert modules[0].stem in test_tampers.MODULES


def test_every_rule_of_verification_has_a_tampered_record() -> None:
    rules = {
        rule for rule in rules_of(SPECS / "verification.md") if "." in rule and not rule.startswith("0.")
    }
    assert rules - {case.rule for case in CASES} == RULES_WITHOUT_FAULT
    assert {case.rule for case in CASES} <= rules
