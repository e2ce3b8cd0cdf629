"""Doing the same to many slices of the record, in several processes, losing none of them.

A worker that raises or dies is an exception here, never a slice that is quietly missing.

Spec: verification.md §0.3
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

Slice = TypeVar("Slice")
Answer = TypeVar("Answer")

_WAITING_PER_WORKER = 2  # slices in flight; more would only fill memory


class Workers(Protocol):
    """Who does the work; an argument of every verification."""

    def map(self, work: Callable[[Slice], Answer], slices: Iterable[Slice]) -> Iterator[Answer]:
        """One answer for each slice, in order; raises whatever the work raises, and when a worker dies."""
        ...


@dataclass(frozen=True, slots=True)
class InProcess:
    """Everything here, one slice after the other."""

    def map(self, work: Callable[[Slice], Answer], slices: Iterable[Slice]) -> Iterator[Answer]:
        return (work(each) for each in slices)


@dataclass(frozen=True, slots=True)
class Processes:
    """So many processes of their own, started anew: none inherits a half-held lock or an open file."""

    jobs: int  # ≥ 1

    def map(self, work: Callable[[Slice], Answer], slices: Iterable[Slice]) -> Iterator[Answer]:
        waiting: deque[Future[Answer]] = deque()
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self.jobs, mp_context=context) as pool:
            try:
                for each in slices:
                    waiting.append(pool.submit(work, each))
                    if len(waiting) > self.jobs * _WAITING_PER_WORKER:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                # After a failure nobody waits for what is left.
                pool.shutdown(wait=True, cancel_futures=True)
