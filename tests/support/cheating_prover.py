"""Voters who break the rules and otherwise keep to the protocol: the code of the honest prover, bent inputs.

Each makes the best false proof of its kind that we know of.
"""

from collections.abc import Sequence
from dataclasses import replace

from crypto.ballot_encryption import PlaintextBallot
from crypto.ballot_proof import BallotProof, ballot_challenge
from crypto.ballot_prover import commit
from crypto.ballot_shape import BallotShape
from crypto.group import GENERATOR, ORDER, ElementArray, GroupElement, Scalar
from tests.support.ballots import SampleBallot, bytes_for, cast


def unchecked_plaintext(shape: BallotShape, selections: Sequence[int]) -> PlaintextBallot:
    """Any integers as selections, negative ones included."""
    plaintext = object.__new__(PlaintextBallot)
    object.__setattr__(plaintext, "shape", shape)
    object.__setattr__(plaintext, "selections", tuple(selection % ORDER for selection in selections))
    return plaintext


def forge(label: str, shape: BallotShape, selections: Sequence[int]) -> SampleBallot:
    """A ballot with forbidden selections, encrypted and proved by the honest steps."""
    return cast(label, unchecked_plaintext(shape, selections))


def forge_cancelling_values(forged: SampleBallot, first: int, second: int) -> BallotProof:
    """A proof whose two errors cancel when both equations are added with one weight.

    The product equation asks for Σ w·m·(1 − m) = 0. The responses f of two options are shifted by opposite
    amounts until it holds; what is left is wrong by +δ·B in one data equation and by −δ·B in the other.
    """
    statement, plaintext = forged.statement, forged.plaintext
    e = ballot_challenge(statement, forged.proof.commitments).vartime_int()
    w, m = statement.weights, plaintext.selections
    defect = e * sum(w[j] * m[j] * (1 - m[j]) for j in range(len(m)))
    delta = defect * pow(w[first] * m[first] - w[second] * m[second], -1, ORDER) % ORDER
    f = list(forged.proof.value_responses)
    f[first], f[second] = (f[first] + delta) % ORDER, (f[second] - delta) % ORDER
    # u = Σ w·(e − f)·r + t follows the shifted f.
    r = [nonce.vartime_int() for nonce in forged.encrypted.nonces]
    u = forged.proof.product_response - delta * (w[first] * r[first] - w[second] * r[second])
    return replace(forged.proof, value_responses=tuple(f), product_response=u % ORDER)


def forge_cancelling_pair(honest: SampleBallot, place: int, shift: Scalar) -> BallotProof:
    """A proof whose commitments at `place` and `place + 1` are off by +k·B and −k·B.

    The two equations of that pair fail, and their sum under one weight holds.
    """
    state = commit(
        honest.statement,
        honest.plaintext,
        honest.encrypted.nonces,
        honest.secret,
        bytes_for("cancelling pair"),
    )
    state.commitments = shifted(state.commitments, place, shift * GENERATOR)
    state.commitments = shifted(state.commitments, place + 1, -(shift * GENERATOR))
    return state.respond(ballot_challenge(honest.statement, state.commitments))


def shifted(elements: ElementArray, place: int, by: GroupElement) -> ElementArray:
    """The same elements but for one."""
    changed = list(elements)
    changed[place] += by
    return ElementArray.of(changed)
