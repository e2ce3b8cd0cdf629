"""Tampered records and what the verifier must say of each.

A case is a function that returns a tampered record; its docstring says what the attacker does, with the number of
the attack in the project's list where it has one. Every later value is made by the honest steps, and signed by
whoever the attacker could make sign.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bulletin_board.folder import RecordFiles
from tests.support.election import World
from tests.support.small_board import MemoryFiles
from verifier.election import ElectionView, Options, Pins, verify_record
from verifier.report import Finding, Grade, Report, Severity
from verifier.voter_files import VoterFiles


@dataclass(frozen=True)
class Tampered:
    """A record, and what is brought along."""

    files: RecordFiles
    pins: Pins = field(default_factory=Pins)
    brought: VoterFiles = field(default_factory=VoterFiles)


Made = Tampered | World | Mapping[str, bytes]
M = TypeVar("M", Tampered, World, dict[str, bytes])


@dataclass(frozen=True)
class Case:
    """What must come out: findings of one check only, among them this one.

    rule:     "8.2"
    says:     a regular expression for "subject: reason"
    severity: of the finding
    others:   further checks that cannot but notice
    """

    make: Callable[[], Made]
    rule: str
    says: str
    severity: Severity
    others: frozenset[int]
    strict: bool

    @property
    def check(self) -> int:
        return int(self.rule.split(".")[0])

    @property
    def name(self) -> str:
        return f"{self.rule}-{self.make.__name__}"


CASES: list[Case] = []


def tampered(
    rule: str,
    says: str,
    *,
    severity: Severity = Severity.FAULT,
    others: tuple[int, ...] = (),
    strict: bool = False,
) -> Callable[[Callable[[], M]], Callable[[], M]]:
    """Register a case."""

    def register(make: Callable[[], M]) -> Callable[[], M]:
        assert make.__doc__
        CASES.append(Case(make, rule, says, severity, frozenset(others), strict))
        return make

    return register


def verify(made: Made, **options: Any) -> tuple[Report, ElectionView]:
    if isinstance(made, World):
        made = Tampered(made.files)
    if isinstance(made, Mapping):
        made = Tampered(MemoryFiles(made))
    return verify_record(made.files, pins=made.pins, brought=made.brought, options=Options(**options))


def assert_named(case: Case, made: Made | None = None) -> None:
    """The verifier names what was done, under its number and under no other, and grades it rightly."""
    report, _ = verify(case.make() if made is None else made, strict=case.strict)
    named = [each for each in report.findings if _is(each, case)]
    assert named, describe(report)
    assert {each.check for each in report.findings} <= {case.check} | case.others, describe(report)
    for other in case.others:
        assert any(each.check == other for each in report.findings), describe(report)
    if any(each.fails for each in named):
        assert report.verdict is Grade.FAILED
        assert report.exit_code == 1
    elif not case.others:
        assert report.verdict is not Grade.FAILED, describe(report)


def describe(report: Report) -> str:
    lines = [f"{each.rule} {each.severity} {each.subject}: {each.reason}" for each in report.findings]
    return "\n".join([*lines, *(f"gap {gap}" for gap in report.gaps), str(report.stages)])


def _is(finding: Finding, case: Case) -> bool:
    said = f"{finding.subject}: {finding.reason}"
    return (finding.rule, finding.severity) == (case.rule, case.severity) and bool(re.search(case.says, said))
