"""N60: a verifier with one check that finds nothing is noticed by these tests, whichever check it is."""

import pytest

from tests.tamper.harness import CASES, Case, assert_named
from tests.tamper.test_tampers import MODULES
from verifier.journal import Journal
from verifier.report import Severity

PER_CHECK = 2  # cases that must notice; all of them would, but that takes long


def _cases(check: int) -> list[Case]:
    own = [case for case in CASES if case.check == check and case.severity is not Severity.WARNING]
    return own[:PER_CHECK]


@pytest.mark.parametrize("check", range(1, 14))
def test_a_check_that_finds_nothing_is_noticed(check: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MODULES
    cases = _cases(check)
    assert cases
    find = Journal._find

    def find_nothing(self: Journal, part: int, subject: str, reason: object, severity: Severity) -> None:
        if self.number != check:
            find(self, part, subject, reason, severity)

    for case in cases:
        made = case.make()
        assert_named(case, made)
        with monkeypatch.context() as patched:
            patched.setattr(Journal, "_find", find_nothing)
            with pytest.raises(AssertionError):
                assert_named(case, made)
