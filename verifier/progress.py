"""How far a verification is, on the terminal of whoever waits for it."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from verifier.report import TITLE_OF


class ShownProgress:
    """One line that changes; nothing at all where standard error is not a terminal."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("Reading", total=None)

    def begin(self, check: int) -> None:
        """A check begins."""
        self._progress.update(
            self._task, description=f"Check {check}: {TITLE_OF[check]}", total=None, completed=0
        )

    def advance(self, done: int, expected: int) -> None:
        """So many ballots of so many are checked."""
        self._progress.update(self._task, completed=done, total=expected)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
