"""What a check writes down while it runs, to become its part of the report.

Spec: verification.md §0.3
"""

from __future__ import annotations

from dataclasses import dataclass, field

from verifier.report import CheckReport, Count, Finding, Gap, Severity


@dataclass(slots=True)
class Journal:
    """The notes of one check; nothing written is ever taken back."""

    number: int
    _ran: dict[str, int] = field(default_factory=dict)
    _expected: dict[str, int] = field(default_factory=dict)
    _findings: list[Finding] = field(default_factory=list)
    _gaps: list[Gap] = field(default_factory=list)
    _notes: list[str] = field(default_factory=list)

    def expect(self, noun: str, number: int) -> None:
        """So many items more are there to be checked."""
        self._expected[noun] = self._expected.get(noun, 0) + number

    def ran(self, noun: str, number: int = 1) -> None:
        """So many items more were checked, whatever came out."""
        self._ran[noun] = self._ran.get(noun, 0) + number

    def fault(self, part: int, subject: str, reason: object) -> None:
        """Something that fails the stage, against rule `<check>.<part>`."""
        self._find(part, subject, reason, Severity.FAULT)

    def exclude(self, part: int, subject: str, reason: object) -> None:
        """An item that does not count."""
        self._find(part, subject, reason, Severity.EXCLUSION)

    def warn(self, part: int, subject: str, reason: object) -> None:
        """Something to look at that has no effect on the verdict."""
        self._find(part, subject, reason, Severity.WARNING)

    def break_off(self, reason: str) -> None:
        """The check itself, or one of its workers, came to no end. Spec: verification.md §0.3"""
        self._findings.append(
            Finding(self.number, "0.3", "the verification itself", f"broke off: {reason}", Severity.FAULT)
        )

    def miss(self, subject: str, reason: str) -> None:
        """Something that the check needs and the record does not hold."""
        gap = Gap(self.number, subject, reason)
        if gap not in self._gaps:
            self._gaps.append(gap)

    @property
    def lacking(self) -> bool:
        """Whether the record lacks something that the check needs."""
        return bool(self._gaps)

    def note(self, text: str) -> None:
        """Something learned that is neither good nor bad."""
        self._notes.append(text)

    def report(self) -> CheckReport:
        nouns = dict.fromkeys((*self._expected, *self._ran))
        counts = tuple(self._count(noun) for noun in nouns)
        return CheckReport(self.number, counts, tuple(self._findings), tuple(self._gaps), tuple(self._notes))

    def _count(self, noun: str) -> Count:
        # Where nobody else knows how many there should be, those that were found are all.
        ran = self._ran.get(noun, 0)
        return Count(noun, ran, self._expected.get(noun, ran))

    def _find(self, part: int, subject: str, reason: object, severity: Severity) -> None:
        self._findings.append(Finding(self.number, f"{self.number}.{part}", subject, str(reason), severity))
