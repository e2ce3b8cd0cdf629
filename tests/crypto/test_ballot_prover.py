"""The prover: complete for every allowed ballot, one answer to each state, the same steps for every vote."""

import copy
import gc
import pickle
import sys
from collections.abc import Callable
from functools import partial
from itertools import product
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.ballot_encryption import PlaintextBallot, SelectionError
from crypto.ballot_equations import verify_ballot
from crypto.ballot_proof import BallotProof, ballot_challenge
from crypto.ballot_prover import commit, prove_ballot
from crypto.ballot_shape import BallotShape, ContestShape, OptionShape
from tests.support.ballots import PAIR, YES_NO, SampleBallot, bytes_for, cast, contest, sample, scalar_for


def allowed(shape: BallotShape) -> list[PlaintextBallot]:
    ballots = []
    for selections in product((0, 1), repeat=shape.options):
        try:
            ballots.append(PlaintextBallot(shape, selections))
        except SelectionError:
            continue
    return ballots


@st.composite
def contests(draw: st.DrawFn, name: str) -> tuple[ContestShape, tuple[int, ...]]:
    """A contest around a selection that it allows."""
    weights = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    chosen = tuple(draw(st.integers(0, 1)) for _ in weights)
    total = sum(weight * m for weight, m in zip(weights, chosen, strict=True))
    minimum = draw(st.integers(max(0, total - 3), total))
    maximum = draw(st.integers(max(total, *weights), max(total, *weights) + 2))
    options = tuple(OptionShape(f"o{place}", weight) for place, weight in enumerate(weights))
    return ContestShape(name, options, minimum, maximum), chosen


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 3).flatmap(lambda n: st.tuples(*[contests(f"c{place}") for place in range(n)])))
def test_every_allowed_ballot_is_proved(drawn: Any) -> None:
    shape = BallotShape("style", tuple(contest for contest, _ in drawn))
    selections = tuple(m for _, chosen in drawn for m in chosen)
    ballot = cast("complete", PlaintextBallot(shape, selections))
    verify_ballot(ballot.statement, ballot.proof)
    again = BallotProof.decode(ballot.proof.encode(), shape)
    assert again == ballot.proof


def test_every_vote_on_a_small_ballot_is_proved() -> None:
    ballots = allowed(BallotShape("small", (contest("c", (1, 1, 2), 0, 2),)))
    assert len(ballots) == 5
    for plaintext in ballots:
        ballot = cast("small", plaintext)
        verify_ballot(ballot.statement, ballot.proof)


def test_widest_contest_is_proved() -> None:
    shape = BallotShape("wide", (contest("c", (1, 31, 32), 0, 63),))
    ballot = cast("wide", PlaintextBallot(shape, (0, 1, 1)))
    verify_ballot(ballot.statement, ballot.proof)


def test_state_answers_once() -> None:
    # Two answers would give away s = (z − z′)/(e − e′) and every vote.
    ballot = sample()
    state = commit(
        ballot.statement, ballot.plaintext, ballot.encrypted.nonces, ballot.secret, bytes_for("voter proof")
    )
    e = ballot_challenge(ballot.statement, state.commitments)
    assert state.respond(e) == ballot.proof
    for challenge in (e, scalar_for("other challenge")):
        with pytest.raises(RuntimeError, match="answered already"):
            state.respond(challenge)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_state_is_never_copied(duplicate: Callable[[Any], Any]) -> None:
    ballot = sample()
    state = commit(ballot.statement, ballot.plaintext, ballot.encrypted.nonces, ballot.secret, bytes(32))
    with pytest.raises(TypeError, match="never copied"):
        duplicate(state)
    assert "secret" not in repr(state)


def test_secrets_of_the_proof_are_fresh() -> None:
    # Protocol §3.10: other randomness, another statement or another place makes other commitments.
    one = sample()
    commitments = [one.proof.commitments]
    for statement, randomness in (
        (one.statement, bytes_for("other")),
        (sample(previous=bytes_for("head", 64)).statement, bytes_for("voter proof")),
    ):
        proof = prove_ballot(statement, one.plaintext, one.encrypted.nonces, one.secret, randomness)
        verify_ballot(statement, proof)
        commitments.append(proof.commitments)
    encodings = [element.encoded for array in commitments for element in array]
    assert len(set(encodings)) == 3 * PAIR.commitment_count


def test_randomness_has_32_bytes() -> None:
    ballot = sample()
    with pytest.raises(ValueError, match="31 bytes of randomness"):
        commit(ballot.statement, ballot.plaintext, ballot.encrypted.nonces, ballot.secret, bytes(31))


def steps_of(make: Callable[[], SampleBallot]) -> list[str]:
    """Every call, of Python and of C, that `make` leads to, in order."""
    steps: list[str] = []

    def record(frame: FrameType, event: str, arg: Any) -> None:
        if event == "c_call":
            steps.append(f"{arg.__module__}.{arg.__qualname__}")
        elif event == "call":
            steps.append(f"{frame.f_code.co_filename}:{frame.f_code.co_qualname}")

    gc.disable()  # its callbacks come when they come
    sys.setprofile(record)
    try:
        make()
    finally:
        sys.setprofile(None)
        gc.enable()
    return steps


@pytest.mark.parametrize("shape", [PAIR, YES_NO], ids=["pair", "yes-no"])
def test_same_steps_for_every_vote(shape: BallotShape) -> None:
    # From plaintext to proof, libsodium and everything else is called in one order whatever the choices.
    ballots = allowed(shape)
    assert len(ballots) >= 2
    cast("steps", ballots[0])  # what is computed once for the shape is computed here
    seen = [steps_of(partial(cast, "steps", plaintext)) for plaintext in ballots]
    expected = seen[0]
    assert any("scalarmult" in step for step in expected)
    assert len(expected) > 100 * shape.options
    for steps in seen[1:]:
        assert steps == expected
