"""Ballots waiting for their proofs to be verified, away from the event loop and many at a time.

While a worker is busy the next ballots gather; when it is free again, it takes them all as one batch, whose
cost per ballot is a part of what one alone costs.

Nobody fills the queue for the others: only who holds a credential gets a ballot into it, and of each
credential one ballot at a time.

Spec: protocol.md §3.5, §3.14, §6
"""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from bulletin_board.errors import AppendRefused
from crypto.ballot_batch import BallotItem, check_ballots
from crypto.ballot_equations import verify_credential_part
from crypto.ballot_proof import BallotProof
from crypto.ballot_shape import BallotShape
from crypto.ballot_statement import BallotStatement
from crypto.elgamal import CiphertextArray
from crypto.errors import EncodingError, ProofError
from crypto.group import GroupElement

MAX_BATCH = 64
"""Ballots of one batch: with more, the first would wait long for the last."""

MAX_WAITING = 1_024
"""Ballots that wait for a worker: with more, the last would be verified long after its voter has left."""


@dataclass(frozen=True, slots=True)
class UnverifiedBallot:
    """A ballot in its place, its elements and scalars not decoded yet."""

    context: bytes  # ctx, 64 bytes
    key: bytes  # h, encoded
    shape: BallotShape
    credential: bytes
    previous: bytes
    ciphertexts: bytes  # packed
    proof: bytes  # packed

    def decode(self) -> BallotItem:
        """The ballot, every element of it checked.

        Raises:
            EncodingError: another number of ciphertexts or proof items than the style has, or an element, a
                scalar or a pad that is refused.
        """
        statement = BallotStatement(
            self.context,
            self.shape,
            GroupElement.decode(self.key),
            GroupElement.decode(self.credential),
            self.previous,
            CiphertextArray.decode(self.ciphertexts),
        )
        return BallotItem(statement, BallotProof.decode(self.proof, self.shape))

    def require_holder(self) -> None:
        """Refuse a ballot whose maker does not hold the credential, at a fraction of what the proof costs.

        Raises:
            AppendRefused: that, or it does not decode.
        """
        try:
            item = self.decode()
            verify_credential_part(item.statement, item.proof)
        except EncodingError as exc:
            raise AppendRefused("malformed", str(exc)) from exc
        except ProofError as exc:
            raise AppendRefused("bad-proof", str(exc)) from exc


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a ballot does not hold; `code` is one of board.md §5.7."""

    code: str
    detail: str


def verify_batch(ballots: Sequence[UnverifiedBallot]) -> list[Objection | None]:
    """For each ballot what is wrong with it, or None."""
    objections: list[Objection | None] = [None] * len(ballots)
    items: list[BallotItem] = []
    places: list[int] = []
    for place, ballot in enumerate(ballots):
        try:
            items.append(ballot.decode())
        except EncodingError as exc:
            objections[place] = Objection("malformed", str(exc))
        else:
            places.append(place)
    for invalid in check_ballots(items, secrets.token_bytes(32)).invalid:
        objections[places[invalid.index]] = Objection("bad-proof", invalid.reason)
    return objections


VerifyBatch = Callable[[Sequence[UnverifiedBallot]], list[Objection | None]]
Verdict = asyncio.Future[Objection | None]


class ProofQueue:
    """The queue and its workers. Belongs to one event loop."""

    def __init__(self, workers: int, verify: VerifyBatch = verify_batch) -> None:
        """
        Args:
            workers: processes that verify; with 0 one thread does, which suits a small election.
            verify: what they do.
        """
        self._processes = workers
        self._verify = verify
        self._executor = self._start()
        self._idle = max(1, workers)
        self._waiting: list[tuple[UnverifiedBallot, Verdict]] = []
        self._in_hand: dict[bytes, tuple[UnverifiedBallot, Verdict]] = {}  # by credential, until the verdict
        self._running: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        """Stop the workers; what still waits is never answered."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    async def verify(self, ballot: UnverifiedBallot) -> None:
        """Return when the ballot was verified; the same ballot again shares the verdict of the first.

        Args:
            ballot: from the holder of its credential.

        Raises:
            AppendRefused: it does not hold; or another ballot of its credential, or too many, come first.
        """
        # Shielded: whoever goes away must take the verdict from nobody else.
        objection = await asyncio.shield(self._verdict_on(ballot))
        if objection:
            raise AppendRefused(objection.code, objection.detail)

    def _verdict_on(self, ballot: UnverifiedBallot) -> Verdict:
        earlier = self._in_hand.get(ballot.credential)
        if earlier:
            if earlier[0] != ballot:
                raise AppendRefused("unavailable", "another ballot of this credential is being verified")
            return earlier[1]
        if len(self._waiting) >= MAX_WAITING:
            raise AppendRefused("unavailable", "too many ballots are waiting to be verified")
        verdict: Verdict = asyncio.get_running_loop().create_future()
        self._in_hand[ballot.credential] = ballot, verdict
        self._waiting.append((ballot, verdict))
        self._dispatch()
        return verdict

    def _dispatch(self) -> None:
        while self._idle and self._waiting:
            batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
            self._idle -= 1
            task = asyncio.get_running_loop().create_task(self._run(batch))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _run(self, batch: list[tuple[UnverifiedBallot, Verdict]]) -> None:
        executor = self._executor
        (outcome,) = await asyncio.gather(
            self._work(executor, [ballot for ballot, _ in batch]), return_exceptions=True
        )
        self._idle += 1
        if isinstance(outcome, BrokenExecutor):
            # A worker was killed. Nobody is told that a ballot was bad when it was not looked at.
            if executor is self._executor:
                self._executor = self._start()
                executor.shutdown(wait=False)
            unavailable = Objection("unavailable", "the proof could not be verified for the moment")
            outcome = [unavailable] * len(batch)
        for place, (ballot, verdict) in enumerate(batch):
            del self._in_hand[ballot.credential]
            if isinstance(outcome, BaseException):
                verdict.set_exception(outcome)
            else:
                verdict.set_result(outcome[place])
        self._dispatch()

    async def _work(self, executor: Executor, ballots: Sequence[UnverifiedBallot]) -> list[Objection | None]:
        # A coroutine of its own: a pool that is broken already raises at once, and not through its future.
        return await asyncio.get_running_loop().run_in_executor(executor, self._verify, ballots)

    def _start(self) -> Executor:
        if not self._processes:
            return ThreadPoolExecutor(1, thread_name_prefix="verify")
        return ProcessPoolExecutor(self._processes, get_context("spawn"), _leave_signals_to_the_parent)


def _leave_signals_to_the_parent() -> None:
    # Ctrl-C reaches the whole group of processes; the server ends its workers itself, after the last ballot.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
