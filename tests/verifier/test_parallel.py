"""N62: no slice is lost, in whatever way a worker fails."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial

import pytest

from tests.support.election import build_election
from verifier.election import Options, verify_record
from verifier.parallel import Answer, InProcess, Processes, Slice, Workers
from verifier.report import ExitCode


def double(number: int) -> int:
    return 2 * number


def fail_at(bad: int, number: int) -> int:
    if number == bad:
        raise ValueError(f"slice {number}")
    return number


def die_at(bad: int, number: int) -> int:
    if number == bad:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("workers", [InProcess(), Processes(1), Processes(3)])
def test_answers_come_in_order(workers: Workers) -> None:
    assert list(workers.map(double, range(20))) == [2 * number for number in range(20)]
    assert list(workers.map(double, [])) == []


@pytest.mark.parametrize("workers", [InProcess(), Processes(2)])
def test_what_a_worker_raises_is_raised(workers: Workers) -> None:
    with pytest.raises(ValueError, match="slice 7"):
        list(workers.map(partial(fail_at, 7), range(10)))


def test_a_dead_worker_is_raised() -> None:
    with pytest.raises(BrokenProcessPool):
        list(Processes(2).map(partial(die_at, 3), range(10)))


def test_slices_are_made_as_they_are_needed() -> None:
    made: list[int] = []

    def slices() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    answers = Processes(1).map(double, slices())
    assert next(answers) == 0
    assert len(made) < 10
    answers.close()  # type: ignore[attr-defined] # a generator


@dataclass(frozen=True)
class Failing:
    """Workers of which the one with the slice of this number fails."""

    workers: Workers
    how: Callable[..., None]
    at: int

    def map(self, work: Callable[[Slice], Answer], slices: Iterable[Slice]) -> Iterator[Answer]:
        numbered = enumerate(slices)
        return self.workers.map(partial(_fail, self.how, self.at, work), numbered)


def _fail(
    how: Callable[..., None], at: int, work: Callable[[Slice], Answer], numbered: tuple[int, Slice]
) -> Answer:
    if numbered[0] == at:
        how()
    return work(numbered[1])


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def interrupt() -> None:
    raise MemoryError("no more")


@pytest.mark.parametrize("jobs", [1, 2, 3, 4])
@pytest.mark.parametrize("how", [kill, interrupt])
def test_a_failing_worker_fails_the_verdict(jobs: int, how: Callable[..., None]) -> None:
    """N62: with one to four workers, dying or raising."""
    workers = Failing(Processes(jobs), how, 0)
    report, view = verify_record(build_election().files, options=Options(workers=workers))
    assert report.exit_code == ExitCode.FAIL
    (finding,) = report.findings
    assert (finding.check, finding.rule) == (6, "0.3")
    assert "broke off" in finding.reason
    assert view.box is None


def test_a_worker_that_fails_while_adding_up_fails_the_verdict() -> None:
    @dataclass
    class SecondMapFails:
        calls: int = 0

        def map(self, work: Callable[[Slice], Answer], slices: Iterable[Slice]) -> Iterator[Answer]:
            self.calls += 1
            workers: Workers = InProcess() if self.calls == 1 else Failing(InProcess(), interrupt, 0)
            return workers.map(work, slices)

    report, view = verify_record(build_election().files, options=Options(workers=SecondMapFails()))
    assert report.exit_code == ExitCode.FAIL
    assert {(each.check, each.rule) for each in report.findings} == {(8, "0.3")}
    assert view.box is not None


def test_an_answer_that_is_missing_fails_the_verdict() -> None:
    """Counts are compared: a worker that quietly drops its slice is noticed."""

    class Lazy:
        def map(self, work: Callable[[Slice], Answer], slices: Iterable[Slice]) -> Iterator[Answer]:
            for each in slices:
                work(each)
            return iter(())

    report, _ = verify_record(build_election().files, options=Options(workers=Lazy()))
    assert report.exit_code == ExitCode.FAIL
    counts = {count.noun: count for check in report.checks for count in check.counts if check.number == 6}
    assert (counts["ballots"].ran, counts["ballots"].expected) == (0, 16)


@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_any_number_of_workers_gives_the_same_report(jobs: int) -> None:
    alone, view = verify_record(build_election().files)
    together, other = verify_record(build_election().files, options=Options(workers=Processes(jobs)))
    assert together == alone
    assert together.exit_code == ExitCode.PASS
    assert view.tally is not None
    assert other.tally is not None
    assert view.tally.sums.encode() == other.tally.sums.encode()
