"""Every tampered record is named by the one check whose matter it is."""

from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from tests.tamper.harness import CASES, Case, assert_named

MODULES = sorted(path.stem for path in (Path(__file__).parent / "cases").glob("check_*.py"))
for module in MODULES:
    import_module(f"tests.tamper.cases.{module}")


def test_there_are_cases_of_every_check() -> None:
    counted = Counter(case.check for case in CASES)
    assert set(counted) == set(range(1, 14))
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_tampering_is_named(case: Case) -> None:
    assert_named(case)
