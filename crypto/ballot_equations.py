"""The equations that a ballot's proof must satisfy: one by one, and folded into one row of coefficients.

The first form is what a person checks against the specification; the second is what a batch adds up. They
share no code. Spec: protocol.md §3.5, §3.6, §3.7
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from crypto.ballot_proof import BallotProof, ballot_challenge
from crypto.ballot_statement import BallotStatement
from crypto.errors import ProofError
from crypto.group import GENERATOR, ORDER, ElementArray, GroupElement, vartime_multiscalar

Equation = tuple[str, tuple[int, ...], tuple[GroupElement, ...]]
"""Its name, and the scalars and elements whose products sum to the identity when it holds.

The first element is the equation's own commitment, with the scalar −1.
"""


def verify_ballot(statement: BallotStatement, proof: BallotProof) -> None:
    """Check every equation of one ballot, strictly and one after the other.

    Raises:
        EncodingError: the proof was decoded for another shape.
        ProofError: the first equation that does not hold, by name.

    Spec: protocol.md §3.14
    """
    proof.require_shape(statement.shape)
    for name in failing_equations(statement, proof):
        raise ProofError(describe_failure(name))


def verify_credential_part(statement: BallotStatement, proof: BallotProof) -> None:
    """Check the one equation that only the holder of the credential can satisfy, z·B = A + e·S.

    It says nothing of the selections: a ballot still needs `verify_ballot`, or its place in a batch.

    Raises:
        EncodingError: the proof was decoded for another shape.
        ProofError: it does not hold.

    Spec: protocol.md §3.5
    """
    proof.require_shape(statement.shape)
    e = ballot_challenge(statement, proof.commitments).vartime_int()
    equation = next(equations(statement, proof, e))
    if not _holds(equation):
        raise ProofError(describe_failure(equation[0]))


def failing_equations(statement: BallotStatement, proof: BallotProof) -> Iterator[str]:
    """The names of the equations that do not hold, one after the other."""
    e = ballot_challenge(statement, proof.commitments).vartime_int()
    for equation in equations(statement, proof, e):
        if not _holds(equation):
            yield equation[0]


def _holds(equation: Equation) -> bool:
    _, scalars, elements = equation
    return vartime_multiscalar(scalars, ElementArray.of(elements)).is_identity


def describe_failure(name: str) -> str:
    return f"ballot: equation '{name}' does not hold"


def equations(statement: BallotStatement, proof: BallotProof, e: int) -> Iterator[Equation]:
    """Every equation under the challenge e, in the order of the commitments."""
    commitments = iter(proof.commitments)
    B, S = GENERATOR, statement.credential
    yield "credential", (-1, proof.credential_response, -e), (next(commitments), B, S)
    yield from _selection_equations(statement, proof, e, commitments)
    yield from _sum_equations(statement, proof, e, commitments)


def _selection_equations(
    statement: BallotStatement, proof: BallotProof, e: int, commitments: Iterator[GroupElement]
) -> Iterator[Equation]:
    B, h = GENERATOR, statement.key
    responses = zip(proof.value_responses, proof.nonce_responses, strict=True)
    for j, (c, (f, y)) in enumerate(zip(statement.ciphertexts, responses, strict=True)):
        yield f"selection {j} pad", (-1, y, -e), (next(commitments), B, c.pad)
        yield f"selection {j} data", (-1, f, y, -e), (next(commitments), B, h, c.data)

    factors = tuple(
        -w * (e - f) % ORDER for w, f in zip(statement.weights, proof.value_responses, strict=True)
    )
    u = proof.product_response
    yield "product pad", (-1, u, *factors), (next(commitments), B, *statement.ciphertexts.pads)
    yield "product data", (-1, u, *factors), (next(commitments), h, *statement.ciphertexts.datas)


def _sum_equations(
    statement: BallotStatement, proof: BallotProof, e: int, commitments: Iterator[GroupElement]
) -> Iterator[Equation]:
    B, h, shape = GENERATOR, statement.key, statement.shape
    branches = zip(proof.all_branch_challenges(shape, e), proof.branch_responses, strict=True)
    pads, datas = statement.ciphertexts.pads, statement.ciphertexts.datas
    for number, (contest, places) in enumerate(zip(shape.contests, shape.slices, strict=True)):
        weights = shape.option_weights[places]
        P, D = vartime_multiscalar(weights, pads[places]), vartime_multiscalar(weights, datas[places])
        for v in contest.branches:
            e_v, z_v = next(branches)
            yield f"sum {number}={v} pad", (-1, z_v, -e_v), (next(commitments), B, P)
            yield (
                f"sum {number}={v} data",
                (-1, z_v, -e_v, e_v * v % ORDER),
                (next(commitments), h, D, B),
            )


@dataclass(frozen=True, slots=True)
class FoldedEquations:
    """Σ weight · equation of one ballot, as coefficients of what stands in it; zero in sum if all hold."""

    credential: int  # of S
    ciphertexts: list[int]  # of every pad and data, in order
    commitments: Sequence[int]  # of every commitment, in wire order: the weights themselves
    base: int  # of B
    key: int  # of h


def fold_equations(
    statement: BallotStatement, proof: BallotProof, e: int, weights: Sequence[int]
) -> FoldedEquations:
    """Multiply each equation, read as 'commitment and challenge terms minus responses', by its weight.

    Args:
        statement: what is proved.
        proof: of the statement's shape.
        e: the challenge.
        weights: one for each equation, in the order of the commitments.

    Spec: protocol.md §6.1
    """
    n = statement.shape.options
    on_pads, on_datas = weights[1 : 2 * n + 1 : 2], weights[2 : 2 * n + 2 : 2]
    product_pad, product_data = weights[2 * n + 1 : 2 * n + 3]

    f, y, u = proof.value_responses, proof.nonce_responses, proof.product_response
    factors = [w * (e - f_j) % ORDER for w, f_j in zip(statement.weights, f, strict=True)]
    base = weights[0] * proof.credential_response + product_pad * u
    base += sum(a * y_j + b * f_j for a, b, y_j, f_j in zip(on_pads, on_datas, y, f, strict=True))
    key = product_data * u + sum(b * y_j for b, y_j in zip(on_datas, y, strict=True))

    # Branch by branch: what the contest's sum (P, D) is multiplied by, and the responses.
    on_sums: list[tuple[int, int]] = []
    branches = zip(
        proof.all_branch_challenges(statement.shape, e),
        proof.branch_responses,
        weights[2 * n + 3 :: 2],
        weights[2 * n + 4 :: 2],
        strict=True,
    )
    for contest in statement.shape.contests:
        on_pad = on_data = 0
        for v in contest.branches:
            e_v, z_v, a, b = next(branches)
            on_pad += a * e_v
            on_data += b * e_v
            base += a * z_v + b * e_v * v
            key += b * z_v
        on_sums += [(on_pad, on_data)] * len(contest.options)

    terms = zip(on_pads, on_datas, factors, statement.shape.option_weights, on_sums, strict=True)
    ciphertexts = chain.from_iterable(
        (a * e + product_pad * x + g * on_pad, b * e + product_data * x + g * on_data)
        for a, b, x, g, (on_pad, on_data) in terms
    )
    return FoldedEquations(weights[0] * e, list(ciphertexts), weights, -base, -key)
