"""Batches of ballots: what passes alone passes together, and nothing else does."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest

from crypto.ballot_batch import (
    BallotItem,
    InvalidBallot,
    _weights,
    check_ballots,
    find_invalid,
    verify_ballots,
)
from crypto.ballot_encryption import PlaintextBallot
from crypto.ballot_equations import fold_equations, verify_ballot
from crypto.ballot_proof import ballot_challenge
from crypto.ballot_shape import BallotShape
from crypto.errors import EncodingError, ProofError
from crypto.group import GENERATOR, ORDER, ElementArray, vartime_multiscalar
from tests.support.ballots import PAIR, YES_NO, bytes_for, cast, contest, sample, scalar_for
from tests.support.cheating_prover import forge, forge_cancelling_pair, forge_cancelling_values

SEED = bytes_for("weight seed")
ONE = BallotShape("one", (contest("c", (1, 1, 1), 0, 2),))
GOOD = [sample(f"voter {n}").item for n in range(3)] + [
    cast("yes", PlaintextBallot(YES_NO, (1, 0))).item,
    sample("abroad", context=bytes_for("other election", 64)).item,
]
FORGED = forge("batch", ONE, (2, 0, 0)).item
CANCELLING = forge("batch", ONE, (1000, -1000, 1))


def broken(item: BallotItem, by: int = 1) -> BallotItem:
    """Off by −by·B in the credential equation, and nowhere else."""
    z = (item.proof.credential_response + by) % ORDER
    return replace(item, proof=replace(item.proof, credential_response=z))


def test_good_batch() -> None:
    report = check_ballots(GOOD, SEED)
    assert report.invalid == ()
    verify_ballots(GOOD, SEED)
    assert find_invalid(GOOD, SEED) == ()


def test_empty_batch() -> None:
    assert check_ballots([], SEED).invalid == ()


@pytest.mark.parametrize("pattern", list(product((False, True), repeat=4)))
def test_bad_ballots_are_found_wherever_they_are(pattern: tuple[bool, ...]) -> None:
    # N24
    items = [broken(item) if bad else item for item, bad in zip(GOOD, pattern, strict=False)]
    expected = tuple(
        InvalidBallot(index, "ballot: equation 'credential' does not hold")
        for index, bad in enumerate(pattern)
        if bad
    )
    assert check_ballots(items, SEED).invalid == expected
    assert find_invalid(items, SEED) == tuple(ballot.index for ballot in expected)


def test_first_bad_ballot_is_raised() -> None:
    with pytest.raises(
        ProofError, match=r"^ballot 1 of the batch: ballot: equation 'product data' does not hold$"
    ):
        verify_ballots([GOOD[0], FORGED, broken(GOOD[1])], SEED)


@pytest.mark.parametrize(
    "selections", [(2, 0, 0), (-1, 0, 1), (1000, -1000, 1), (1000, -999, 0), (1, 1, 1), (-1, 2, 1)]
)
def test_forged_selections(selections: tuple[int, ...]) -> None:
    # N11, N21
    forged = forge("batch", ONE, selections).item
    (invalid,) = check_ballots([*GOOD, forged], SEED).invalid
    assert invalid.index == len(GOOD)
    with pytest.raises(ProofError) as alone:
        verify_ballot(forged.statement, forged.proof)
    assert str(alone.value) == invalid.reason


@pytest.mark.parametrize("place", range(len(GOOD)))
def test_every_kind_of_move_is_found(place: int) -> None:
    # N13, N14, N15: the proof of one ballot under the statement of the next of the same shape.
    statement = replace(GOOD[place].statement, previous=bytes_for("head", 64))
    moved = replace(GOOD[place], statement=statement)
    assert find_invalid([*GOOD[:place], moved, *GOOD[place + 1 :]], SEED) == (place,)


# Forgeries that pass when weights are shared: each is shown to pass so, and not to pass here.


def passes_under(items: list[BallotItem], weights_of: Callable[[BallotItem, int], list[int]]) -> bool:
    """Whether the batch holds under other weights than the protocol's."""
    scalars: list[int] = []
    elements: list[ElementArray] = []
    for index, item in enumerate(items):
        e = ballot_challenge(item.statement, item.proof.commitments).vartime_int()
        folded = fold_equations(item.statement, item.proof, e, weights_of(item, index))
        scalars += [folded.credential, *folded.ciphertexts, *folded.commitments, folded.base, folded.key]
        elements += [
            ElementArray.of([item.statement.credential]),
            item.statement.ciphertexts.elements,
            item.proof.commitments,
            ElementArray.of([GENERATOR, item.statement.key]),
        ]
    return vartime_multiscalar(scalars, ElementArray.concat(elements)).is_identity


def one_for_all(item: BallotItem, index: int) -> list[int]:
    return [7] * item.statement.shape.commitment_count


def one_per_ballot(item: BallotItem, index: int) -> list[int]:
    return [1000 + index] * item.statement.shape.commitment_count


def one_per_pair(item: BallotItem, index: int) -> list[int]:
    pairs = range(1, item.statement.shape.commitment_count // 2 + 1)
    return [index + 1] + [1000 * index + pair for pair in pairs for _ in range(2)]


def one_per_equation(item: BallotItem, index: int) -> list[int]:
    return [1000 * index + place + 1 for place in range(item.statement.shape.commitment_count)]


FORGERIES = {
    # +1000 and −1000 on two options of one ballot.
    "values": ([replace(CANCELLING.item, proof=forge_cancelling_values(CANCELLING, 0, 1))], one_per_ballot),
    # Pad off by k·B and data off by −k·B: in a selection, in the product, in a branch.
    "selection pair": (
        [replace(sample().item, proof=forge_cancelling_pair(sample(), 3, scalar_for("k")))],
        one_per_pair,
    ),
    "product pair": (
        [replace(sample().item, proof=forge_cancelling_pair(sample(), 15, scalar_for("k")))],
        one_per_pair,
    ),
    "branch pair": (
        [replace(sample().item, proof=forge_cancelling_pair(sample(), 19, scalar_for("k")))],
        one_per_pair,
    ),
    # Two ballots whose errors cancel.
    "ballots": ([broken(GOOD[0], 5), broken(GOOD[1], -5)], one_for_all),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_errors_that_cancel_under_shared_weights(name: str) -> None:
    # N24
    items, shared = FORGERIES[name]
    items = [GOOD[2], *items]
    assert passes_under(items, shared)
    assert not passes_under(items, one_per_equation)
    assert find_invalid(items, SEED) == tuple(range(1, len(items)))
    with pytest.raises(ProofError):
        verify_ballots(items, SEED)


def test_weights_of_the_protocol() -> None:
    # Protocol §6.1, spelled out again.
    def prefixed(part: bytes) -> bytes:
        return len(part).to_bytes(8, "little") + part

    batch = hashlib.sha512()
    for item in GOOD[:2]:
        s = item.statement
        packed = s.ciphertexts.encode()
        for part in (s.context, b"pair", s.credential.encoded, s.previous, packed, item.proof.encode()):
            batch.update(prefixed(part))
    stream = hashlib.shake_256(b"evote/v1/batch" + SEED + batch.digest()).digest(16 * 50)
    weights = _weights(GOOD[:2], SEED, 50)
    assert weights == [int.from_bytes(stream[start : start + 16], "little") for start in range(0, 800, 16)]
    assert len(set(weights)) == 50
    assert max(weights) >> 120


def test_weights_depend_on_seed_and_on_every_proof() -> None:
    one = _weights(GOOD, SEED, 8)
    assert set(one).isdisjoint(_weights(GOOD, bytes(32), 8))
    assert set(one).isdisjoint(_weights([broken(GOOD[0]), *GOOD[1:]], SEED, 8))
    assert set(one).isdisjoint(_weights(GOOD[1:], SEED, 8))


def test_arithmetic_is_accounted_for() -> None:
    # N68: a batch that skipped an equation or a point would not come to these figures.
    report = check_ballots(GOOD[:3], SEED)
    assert report.equations == 3 * PAIR.commitment_count
    assert report.points == 3 * (1 + 2 * PAIR.options + PAIR.commitment_count)
    assert report.terms == report.points + 2
    halved = check_ballots([broken(GOOD[0]), GOOD[1]], SEED)
    # The whole; the first half, which fails; the second, which holds.
    assert halved.terms == 2 * (halved.points + 2) + 2
    known = check_ballots([GOOD[1], broken(GOOD[0])], SEED)
    # The second half is known to fail when the first holds.
    assert known.terms == known.points + 2 + known.points // 2 + 2


@pytest.mark.parametrize("length", [0, 31, 33])
def test_seed_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match=f"{length} bytes of weight seed"):
        check_ballots(GOOD, bytes(length))


def test_item_has_one_shape() -> None:
    # N19, N20
    with pytest.raises(EncodingError, match="another shape"):
        BallotItem(GOOD[3].statement, GOOD[0].proof)
