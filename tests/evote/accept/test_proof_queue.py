"""Proofs are verified away from the event loop, in batches, and each ballot gets its own verdict."""

import asyncio
import os
import signal
import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bulletin_board.errors import AppendRefused
from evote.election.proof_queue import (
    MAX_BATCH,
    MAX_WAITING,
    Objection,
    ProofQueue,
    UnverifiedBallot,
    verify_batch,
)
from tests.support.ballots import CONTEXT, KEY, PAIR, bytes_for, sample


def unverified(label: str) -> UnverifiedBallot:
    ballot = sample(label)
    statement = ballot.statement
    return UnverifiedBallot(
        context=CONTEXT,
        key=KEY.encoded,
        shape=PAIR,
        credential=statement.credential.encoded,
        previous=statement.previous,
        ciphertexts=statement.ciphertexts.encode(),
        proof=ballot.proof.encode(),
    )


def spoiled(label: str) -> UnverifiedBallot:
    return replace(unverified(label), previous=bytes_for("another head", 64))


def unreadable(label: str) -> UnverifiedBallot:
    ballot = unverified(label)
    return replace(ballot, ciphertexts=b"\xff" * len(ballot.ciphertexts))


GOOD, BAD, UNREADABLE = unverified("good"), spoiled("good"), unreadable("good")
SHORT = replace(GOOD, proof=GOOD.proof[:-32])


def many(ballot: UnverifiedBallot, count: int) -> list[UnverifiedBallot]:
    """Of a credential each, which is all that the queue itself looks at."""
    return [replace(ballot, credential=bytes_for(f"credential {place}")) for place in range(count)]


def test_each_ballot_of_a_batch_gets_its_own_verdict() -> None:
    verdicts = verify_batch([GOOD, BAD, UNREADABLE, GOOD, SHORT])
    assert [verdict and verdict.code for verdict in verdicts] == [
        None,
        "bad-proof",
        "malformed",
        None,
        "malformed",
    ]
    assert verify_batch([]) == []


async def _all(queue: ProofQueue, ballots: list[UnverifiedBallot]) -> list[str | None]:
    async def one(ballot: UnverifiedBallot) -> str | None:
        try:
            await queue.verify(ballot)
        except AppendRefused as exc:
            return exc.code
        return None

    return await asyncio.gather(*(one(ballot) for ballot in ballots))


@pytest.mark.parametrize("workers", [0, 1])
def test_many_wait_and_none_is_mixed_up(workers: int) -> None:
    queue = ProofQueue(workers)
    try:
        kinds = [
            unverified("a"),
            spoiled("b"),
            unreadable("c"),
            spoiled("d"),
            unverified("e"),
            unreadable("f"),
        ]
        found = asyncio.run(_all(queue, kinds))
    finally:
        queue.close()
    assert found == [None, "bad-proof", "malformed", "bad-proof", None, "malformed"]


def test_those_who_wait_are_taken_together() -> None:
    """While the one worker is busy the rest gathers: two batches, not as many as there are ballots."""
    sizes: list[int] = []

    def counted(ballots: Sequence[UnverifiedBallot]) -> list[Objection | None]:
        sizes.append(len(ballots))
        return [None] * len(ballots)

    queue = ProofQueue(0, counted)
    try:
        asyncio.run(_all(queue, many(GOOD, MAX_BATCH + 10)))
    finally:
        queue.close()
    assert sizes == [1, MAX_BATCH, 9]


def test_the_event_loop_stays_free() -> None:
    async def ticks_meanwhile() -> int:
        queue = ProofQueue(0)
        working = asyncio.gather(*(queue.verify(unverified(f"busy {place}")) for place in range(8)))
        ticks = 0
        while not working.done():
            await asyncio.sleep(0)
            ticks += 1
        await working
        queue.close()
        return ticks

    assert asyncio.run(ticks_meanwhile()) > 3


@pytest.mark.parametrize("pause", [0, 0.5], ids=["found out later", "found out at once"])
def test_a_killed_worker_is_replaced_and_nobody_hears_a_false_verdict(pause: float) -> None:
    async def with_a_killed_worker() -> list[list[str | None]]:
        queue = ProofQueue(1)
        first = await _all(queue, [GOOD])
        (worker,) = queue._executor._processes  # type: ignore[attr-defined]  # the pool tells nobody else
        os.kill(worker, signal.SIGKILL)
        await asyncio.sleep(pause)
        second = await _all(queue, [GOOD, spoiled("other")])
        third = await _all(queue, [GOOD, spoiled("other")])
        queue.close()
        return [first, second, third]

    first, second, third = asyncio.run(with_a_killed_worker())
    assert first == [None]
    # The kill may be noticed before or after the next batch is handed over.
    assert set(second) <= {"unavailable", None, "bad-proof"}
    assert "unavailable" in second or second == [None, "bad-proof"]
    assert third == [None, "bad-proof"]


def test_a_client_that_went_away_harms_nobody() -> None:
    async def cancelled() -> list[str | None]:
        queue = ProofQueue(0)
        gone = asyncio.ensure_future(queue.verify(GOOD))
        await asyncio.sleep(0)
        gone.cancel()
        found = await _all(queue, [spoiled("other"), GOOD])
        queue.close()
        return found

    assert asyncio.run(cancelled()) == ["bad-proof", None]


def test_our_own_fault_is_no_verdict() -> None:
    def broken(_: Sequence[UnverifiedBallot]) -> list[Objection | None]:
        raise ZeroDivisionError

    async def asked() -> None:
        queue = ProofQueue(0, broken)
        try:
            await queue.verify(GOOD)
        finally:
            queue.close()

    with pytest.raises(ZeroDivisionError):
        asyncio.run(asked())


async def _held_up(ballots: list[UnverifiedBallot]) -> tuple[list[str | None], list[int]]:
    """Verdicts on what comes while the worker is busy, and how much of it was looked at."""
    sizes: list[int] = []
    free = threading.Event()

    def slow(batch: Sequence[UnverifiedBallot]) -> list[Objection | None]:
        free.wait(20)
        sizes.append(len(batch))
        return [None] * len(batch)

    queue = ProofQueue(0, slow)
    found = asyncio.gather(*(_all(queue, [ballot]) for ballot in ballots))
    await asyncio.sleep(0.05)
    free.set()
    verdicts = [verdict for (verdict,) in await found]
    queue.close()
    return verdicts, sizes


def test_one_ballot_of_a_credential_at_a_time() -> None:
    other = replace(GOOD, previous=bytes_for("later", 64))
    verdicts, sizes = asyncio.run(_held_up([GOOD, other, GOOD, unverified("somebody else")]))
    assert verdicts == [None, "unavailable", None, None]
    assert sizes == [1, 1], "the same ballot again is verified once"


def test_after_its_verdict_a_credential_is_free_again() -> None:
    async def one_after_the_other() -> list[str | None]:
        queue = ProofQueue(0)
        found = [*await _all(queue, [BAD]), *await _all(queue, [GOOD])]
        queue.close()
        return found

    assert asyncio.run(one_after_the_other()) == ["bad-proof", None]


def test_the_queue_has_an_end() -> None:
    verdicts, sizes = asyncio.run(_held_up(many(GOOD, 1 + MAX_WAITING + 2)))
    assert verdicts == [None] * (1 + MAX_WAITING) + ["unavailable"] * 2
    assert sum(sizes) == 1 + MAX_WAITING


def test_only_the_holder_gets_as_far_as_the_queue() -> None:
    GOOD.require_holder()
    stolen = replace(GOOD, credential=unverified("victim").credential)
    for ballot, code in ((stolen, "bad-proof"), (BAD, "bad-proof"), (UNREADABLE, "malformed")):
        with pytest.raises(AppendRefused) as caught:
            ballot.require_holder()
        assert caught.value.code == code
