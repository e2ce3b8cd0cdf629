"""Waiting for a beat: nobody sleeps through one, and nobody waits for longer than two."""

import asyncio
from collections.abc import Callable
from threading import Thread
from time import monotonic, sleep

from bulletin_board.outcome import Outcome, Waiting
from bulletin_board.store.port import Refusal
from evote.election.beat_bell import BeatBell


def answers(*outcomes: Outcome | None) -> Callable[[bytes], Outcome | None]:
    """One after the other; then the entry waits for ever."""
    left = list(outcomes)
    return lambda _: left.pop(0) if left else Waiting()


REFUSED = Refusal("stale-previous", "too late")


def settled(board: Callable[[bytes], Outcome | None], patience: float, rings: int) -> tuple[Outcome, float]:
    bell = BeatBell(board, patience=patience)

    async def wait() -> Outcome:
        ringing = Thread(target=ring)
        ringing.start()
        found = await bell.settled(b"")
        await asyncio.to_thread(ringing.join)
        return found

    def ring() -> None:
        for _ in range(rings):
            sleep(0.02)
            bell.ring()

    began = monotonic()
    return asyncio.run(wait()), monotonic() - began


def test_what_is_settled_needs_no_bell() -> None:
    outcome, time = settled(answers(REFUSED), 60, rings=0)
    assert outcome == REFUSED
    assert time < 1


def test_the_bell_wakes_whoever_waits() -> None:
    outcome, time = settled(answers(Waiting(), Waiting(), REFUSED), 60, rings=3)
    assert outcome == REFUSED
    assert time < 10


def test_patience_comes_to_an_end() -> None:
    outcome, time = settled(answers(), 0.05, rings=0)
    assert isinstance(outcome, Waiting)
    assert 0.05 <= time < 5


def test_an_entry_that_nobody_knows_waits() -> None:
    assert isinstance(settled(answers(None), 0.05, rings=0)[0], Waiting)


def test_ringing_before_anybody_waits_does_nothing() -> None:
    BeatBell(answers(), patience=1).ring()
