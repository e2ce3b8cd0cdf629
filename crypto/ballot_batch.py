"""Many ballots' proofs at once: one multi-scalar multiplication, and the bad ones found by halving.

Spec: protocol.md §6.1, §6.2
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from crypto.ballot_equations import FoldedEquations, describe_failure, failing_equations, fold_equations
from crypto.ballot_proof import BallotProof, ballot_challenge
from crypto.ballot_statement import BallotStatement
from crypto.errors import ProofError
from crypto.group import GENERATOR, ElementArray, GroupElement, vartime_multiscalar
from crypto.hashing import Tag, le64

WEIGHT_BYTES = 16
"""128 bits: a false batch passes with probability 2^-128."""


@dataclass(frozen=True, slots=True)
class BallotItem:
    """A ballot of a batch.

    Raises:
        EncodingError: the proof was decoded for another shape than the statement has.
    """

    statement: BallotStatement
    proof: BallotProof

    def __post_init__(self) -> None:
        self.proof.require_shape(self.statement.shape)

    @property
    def point_count(self) -> int:
        """How many elements from outside it holds."""
        return 1 + 2 * len(self.statement.ciphertexts) + len(self.proof.commitments)


@dataclass(frozen=True, slots=True)
class InvalidBallot:
    index: int  # 0-based, in the batch
    reason: str  # which equation fails


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What came out, and how much arithmetic went in, so that a run that skipped work shows."""

    invalid: tuple[InvalidBallot, ...]  # ascending
    points: int  # elements from outside, all of which were decoded
    equations: int  # each with a weight of its own
    terms: int  # of all multi-scalar multiplications of the batch and its halves


def check_ballots(items: Sequence[BallotItem], weight_seed: bytes) -> BatchReport:
    """Check every equation of every ballot, and name each ballot that fails with its reason.

    Args:
        items: the batch, of any shapes, keys and elections.
        weight_seed: 32 fresh random bytes, drawn after the batch is fixed.
    """
    if len(weight_seed) != 32:
        raise ValueError(f"batch: {len(weight_seed)} bytes of weight seed, not 32")
    batch = _Batch(items, weight_seed)
    invalid = batch.invalid_among(range(len(items)))
    points = sum(item.point_count for item in items)
    return BatchReport(tuple(invalid), points, batch.equation_count, batch.terms)


def find_invalid(items: Sequence[BallotItem], weight_seed: bytes) -> tuple[int, ...]:
    """The indexes (0-based, ascending) of the ballots that fail; arguments as for `check_ballots`."""
    return tuple(ballot.index for ballot in check_ballots(items, weight_seed).invalid)


def verify_ballots(items: Sequence[BallotItem], weight_seed: bytes) -> None:
    """Check a batch that is expected to be good; arguments as for `check_ballots`.

    Raises:
        ProofError: the first ballot that fails, with its reason.
    """
    for ballot in check_ballots(items, weight_seed).invalid:
        raise ProofError(f"ballot {ballot.index} of the batch: {ballot.reason}")


class _Batch:
    """The folded equations of every ballot, from which any part of the batch can be decided."""

    def __init__(self, items: Sequence[BallotItem], weight_seed: bytes) -> None:
        self.items = items
        self.terms = 0
        counts = [len(item.proof.commitments) for item in items]
        self.equation_count = sum(counts)
        weights = _weights(items, weight_seed, self.equation_count)
        self.folded: list[FoldedEquations] = []
        start = 0
        for item, count in zip(items, counts, strict=True):
            own = weights[start : start + count]
            e = ballot_challenge(item.statement, item.proof.commitments).vartime_int()
            self.folded.append(fold_equations(item.statement, item.proof, e, own))
            start += count

    def invalid_among(self, places: range, *, some_fail: bool = False) -> list[InvalidBallot]:
        """Halve what fails until the bad ones are alone; `some_fail` when that is known already."""
        if not some_fail and self._all_hold(places):
            return []
        if len(places) == 1:
            item = self.items[places[0]]
            name = next(failing_equations(item.statement, item.proof))
            return [InvalidBallot(places[0], describe_failure(name))]
        middle = len(places) // 2
        left = self.invalid_among(places[:middle])
        return left + self.invalid_among(places[middle:], some_fail=not left)

    def _all_hold(self, places: range) -> bool:
        scalars: list[int] = []
        elements: list[ElementArray] = []
        base = 0
        keys: Counter[GroupElement] = Counter()
        for place in places:
            statement, proof, folded = (
                self.items[place].statement,
                self.items[place].proof,
                self.folded[place],
            )
            scalars += (folded.credential, *folded.ciphertexts, *folded.commitments)
            elements += (
                ElementArray.of([statement.credential]),
                statement.ciphertexts.elements,
                proof.commitments,
            )
            base += folded.base
            keys[statement.key] += folded.key
        scalars += (base, *keys.values())
        elements.append(ElementArray.of([GENERATOR, *keys]))
        self.terms += len(scalars)
        return vartime_multiscalar(scalars, ElementArray.concat(elements)).is_identity


def _weights(items: Sequence[BallotItem], weight_seed: bytes, count: int) -> list[int]:
    """One for each equation, none of which anybody could know before the batch was fixed."""
    batch = hashlib.sha512()
    for item in items:
        for part in (*item.statement.hashed, item.proof.encode()):
            batch.update(le64(len(part)) + part)
    stream = hashlib.shake_256(Tag.BATCH.value + weight_seed + batch.digest()).digest(WEIGHT_BYTES * count)
    return [
        int.from_bytes(stream[start : start + WEIGHT_BYTES], "little")
        for start in range(0, len(stream), WEIGHT_BYTES)
    ]
