"""Grades, verdicts and exit codes: nothing that did not run passes. Spec: verification.md §0"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verifier.journal import Journal
from verifier.report import (
    STAGE_OF,
    TITLE_OF,
    CheckReport,
    ExitCode,
    Grade,
    Report,
    Severity,
    Stage,
)


def check(number: int, *write: Callable[[Journal], None]) -> CheckReport:
    journal = Journal(number)
    for each in write:
        each(journal)
    return journal.report()


def ran(journal: Journal) -> None:
    journal.expect("items", 2)
    journal.ran("items", 2)


def fault(journal: Journal) -> None:
    journal.fault(1, "item 1", "wrong")


def exclude(journal: Journal) -> None:
    journal.exclude(1, "item 1", "wrong")


def warn(journal: Journal) -> None:
    journal.warn(1, "item 1", "odd")


def miss(journal: Journal) -> None:
    journal.miss("item 2", "not there")


def skip(journal: Journal) -> None:
    journal.expect("items", 3)
    journal.ran("items", 2)


@pytest.mark.parametrize(
    ("number", "write", "grade"),
    [
        (1, (ran,), Grade.PASSED),
        (1, (ran, warn), Grade.PASSED),
        (1, (ran, fault), Grade.FAILED),
        (1, (ran, fault, miss), Grade.FAILED),
        (1, (ran, miss), Grade.INCOMPLETE),
        (1, (), Grade.INCOMPLETE),
        (1, (warn,), Grade.INCOMPLETE),
        (1, (skip,), Grade.FAILED),
        (6, (ran, exclude), Grade.FAILED),
        (7, (ran, exclude), Grade.FAILED),
        (9, (ran, exclude), Grade.PASSED),
        (9, (ran, exclude, miss), Grade.INCOMPLETE),
    ],
)
def test_grade_of_a_check(number: int, write: tuple[Callable[[Journal], None], ...], grade: Grade) -> None:
    assert check(number, *write).grade is grade


def test_stages_and_verdict() -> None:
    report = Report((check(1, ran), check(6, ran, exclude), check(8, ran, miss), check(11, ran)))
    assert report.stages == {
        Stage.SETUP: Grade.PASSED,
        Stage.BOX: Grade.FAILED,
        Stage.TALLY: Grade.INCOMPLETE,
        Stage.RESULT: Grade.PASSED,
    }
    assert report.verdict is Grade.FAILED
    assert report.exit_code == ExitCode.FAIL
    assert [gap.check for gap in report.gaps] == [8]
    assert [finding.severity for finding in report.findings] == [Severity.EXCLUSION]


@pytest.mark.parametrize(
    ("checks", "code"),
    [
        ((), ExitCode.INCOMPLETE),
        ((check(1, ran),), ExitCode.PASS),
        ((check(1, ran), check(2)), ExitCode.INCOMPLETE),
        ((check(1, ran, fault), check(2)), ExitCode.FAIL),
    ],
)
def test_exit_codes(checks: tuple[CheckReport, ...], code: ExitCode) -> None:
    assert Report(checks).exit_code == code


def test_a_check_that_breaks_off_is_a_fault_of_its_own_rule() -> None:
    report = check(5, ran, lambda journal: journal.break_off("KeyError: 7"))
    (finding,) = report.findings
    assert (finding.rule, finding.severity) == ("0.3", Severity.FAULT)
    assert report.grade is Grade.FAILED


def test_a_gap_is_told_once() -> None:
    assert len(check(1, miss, miss).gaps) == 1


def test_notes_say_nothing_about_the_grade() -> None:
    report = check(5, ran, lambda journal: journal.note("revoked: 1"))
    assert report.notes == ("revoked: 1",)
    assert report.grade is Grade.PASSED


def test_every_check_has_a_stage_and_a_title() -> None:
    assert set(STAGE_OF) == set(TITLE_OF) == set(range(1, 14))
