"""What a verification found: findings by check, counts, grades of the stages, one verdict.

Spec: verification.md §0
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Stage(StrEnum):
    SETUP = "set-up"
    BOX = "box"
    TALLY = "tally"
    RESULT = "result"
    VOTER = "voter"


class Severity(StrEnum):
    FAULT = "fault"  # fails the stage
    EXCLUSION = "exclusion"  # an item that does not count, and is named
    WARNING = "warning"  # no effect on the verdict


class Grade(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    INCOMPLETE = "incomplete"


class ExitCode(IntEnum):
    PASS = 0
    FAIL = 1
    INCOMPLETE = 2
    UNREADABLE = 3
    USAGE = 64


STAGE_OF = {
    **dict.fromkeys((1, 2, 3, 4, 5), Stage.SETUP),
    **dict.fromkeys((6, 7), Stage.BOX),
    **dict.fromkeys((8, 9, 10), Stage.TALLY),
    11: Stage.RESULT,
    **dict.fromkeys((12, 13), Stage.VOTER),
}
"""Check number → stage."""

TITLE_OF = {
    1: "The log is whole and was witnessed",
    2: "The manifest is the published one",
    3: "Every entry is signed and in its place",
    4: "The trustees made the key together",
    5: "The roll of voters is sound",
    6: "Every ballot is valid",
    7: "The last ballot of each voter counts, within the times",
    8: "The sums are those of the ballots",
    9: "The trustees opened these sums and no others",
    10: "The counts are what the sums hold",
    11: "The result follows from the counts",
    12: "Checked ballots",
    13: "Receipts",
}
"""Check number → what it says when it passes, in plain words."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    check: int
    rule: str  # as numbered in verification.md, such as "6.3"
    subject: str  # "ballot entry 1207", "tile/0/000"
    reason: str
    severity: Severity

    @property
    def fails(self) -> bool:
        """Whether it fails the stage: an excluded ballot does, an excluded decryption does not.

        The board let an invalid ballot onto the log; a bad decryption is harmless while enough good remain.
        """
        if self.severity is Severity.EXCLUSION:
            return STAGE_OF[self.check] is Stage.BOX
        return self.severity is Severity.FAULT


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that a check needs and the record does not hold."""

    check: int
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Count:
    """On how many items of one kind a check ran, and on how many it should have."""

    noun: str
    ran: int
    expected: int


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All that one check has to say."""

    number: int
    counts: tuple[Count, ...]
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    notes: tuple[str, ...]  # what it learned, such as revocations by reason; no effect on the verdict

    @property
    def grade(self) -> Grade:
        if any(finding.fails for finding in self.findings):
            return Grade.FAILED
        if any(count.ran < count.expected for count in self.counts):
            return Grade.FAILED
        if self.gaps or not any(count.ran for count in self.counts):
            return Grade.INCOMPLETE
        return Grade.PASSED


@dataclass(frozen=True, slots=True)
class Report:
    """The checks that were asked for, in order."""

    checks: tuple[CheckReport, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for check in self.checks for finding in check.findings)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return tuple(gap for check in self.checks for gap in check.gaps)

    @property
    def stages(self) -> dict[Stage, Grade]:
        """The grade of every stage that a check was asked for."""
        grades: dict[Stage, list[Grade]] = {}
        for check in self.checks:
            grades.setdefault(STAGE_OF[check.number], []).append(check.grade)
        return {stage: _worst(of_checks) for stage, of_checks in grades.items()}

    @property
    def verdict(self) -> Grade:
        return _worst(self.stages.values())

    @property
    def exit_code(self) -> ExitCode:
        return _EXIT_CODES[self.verdict]


def _worst(grades: Collection[Grade]) -> Grade:
    # No grade at all is no pass: nothing ran.
    if Grade.FAILED in grades:
        return Grade.FAILED
    if Grade.INCOMPLETE in grades or not grades:
        return Grade.INCOMPLETE
    return Grade.PASSED


_EXIT_CODES = {
    Grade.PASSED: ExitCode.PASS,
    Grade.FAILED: ExitCode.FAIL,
    Grade.INCOMPLETE: ExitCode.INCOMPLETE,
}
