"""Waiting, in the event loop, for what the next beat of the board brings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from bulletin_board.outcome import Outcome, Waiting


class BeatBell:
    """Rung from the thread of the beat loop, heard by the coroutines of one event loop."""

    def __init__(self, outcome_of: Callable[[bytes], Outcome | None], *, patience: float) -> None:
        """
        Args:
            outcome_of: says what has become of an entry, by its leaf hash; called in threads.
            patience: seconds that `settled` waits, two beats by board.md §5.1.
        """
        self._outcome_of = outcome_of
        self._patience = patience
        self._loop: asyncio.AbstractEventLoop | None = None  # until the first waits
        self._next = asyncio.Event()

    def ring(self) -> None:
        """Wake everybody; called from another thread while the event loop runs."""
        if self._loop:
            self._loop.call_soon_threadsafe(self._wake)

    async def settled(self, leaf_hash: bytes) -> Outcome:
        """What has become of a submission, which may still be that it waits when patience is at an end."""
        self._loop = asyncio.get_running_loop()
        end = monotonic() + self._patience
        while True:
            # Taken before the look, so that a beat that ends in between is not slept through.
            bell = self._next
            outcome = await asyncio.to_thread(self._outcome_of, leaf_hash)
            left = end - monotonic()
            if left <= 0 or not isinstance(outcome, Waiting):
                return outcome or Waiting()
            try:
                await asyncio.wait_for(bell.wait(), left)
            except TimeoutError:
                continue

    def _wake(self) -> None:
        rung, self._next = self._next, asyncio.Event()
        rung.set()
