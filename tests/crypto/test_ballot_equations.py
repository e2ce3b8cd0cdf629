"""The equations of a ballot: bound to every field, false for every forgery, simulatable for a given e."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.ballot_encryption import encrypt_ballot
from crypto.ballot_equations import (
    FoldedEquations,
    equations,
    fold_equations,
    verify_ballot,
    verify_credential_part,
)
from crypto.ballot_proof import BallotProof, ballot_challenge
from crypto.ballot_prover import commit, prove_ballot
from crypto.ballot_shape import BallotShape
from crypto.ballot_statement import BallotStatement
from crypto.elgamal import CiphertextArray
from crypto.errors import EncodingError, ProofError
from crypto.group import (
    GENERATOR,
    IDENTITY,
    ORDER,
    ElementArray,
    GroupElement,
    Scalar,
    vartime_multiscalar,
)
from tests.support.ballots import (
    CONTEXT,
    KEY,
    PAIR,
    YES_NO,
    SampleBallot,
    bytes_for,
    cast,
    contest,
    sample,
    scalar_for,
)
from tests.support.cheating_prover import forge, forge_cancelling_pair, forge_cancelling_values, shifted

BALLOT = sample()
OTHER = sample("another")


def multiply(scalar: int, element: GroupElement) -> GroupElement:
    return vartime_multiscalar([scalar], ElementArray.of([element]))


def refuse(statement: BallotStatement, proof: BallotProof, equation: str = "") -> None:
    with pytest.raises(ProofError, match=f"^ballot: equation '{equation}.*' does not hold$"):
        verify_ballot(statement, proof)


def test_sample_holds() -> None:
    verify_ballot(BALLOT.statement, BALLOT.proof)
    verify_ballot(OTHER.statement, OTHER.proof)


# Bound to every part of the statement.

MOVES = {
    # N14: another election, or a second run with the same key.
    "context": bytes_for("other election", 64),
    # N13: another ballot style of the same contests.
    "shape": replace(PAIR, style_id="pair-2"),
    "key": GENERATOR,
    # N15, N23: a ballot copied under another credential; the credential is part of what is hashed.
    "credential": OTHER.statement.credential,
    # A replay at another place of the chain.
    "previous": bytes_for("head", 64),
    "ciphertexts": OTHER.statement.ciphertexts,
}


@pytest.mark.parametrize("name", MOVES)
def test_proof_is_bound_to(name: str) -> None:
    moved: dict[str, Any] = {name: MOVES[name]}
    refuse(replace(BALLOT.statement, **moved), BALLOT.proof)


def test_contests_in_another_order() -> None:
    # N13: two contests of one form, whose answers are exchanged with all their proofs.
    first, second = contest("first", (1, 1), 0, 1), contest("second", (1, 1), 0, 1)
    shape = BallotShape("twins", (first, second))
    ballot = cast("twins", replace(BALLOT.plaintext, shape=shape, selections=(1, 0, 0, 0)))
    verify_ballot(ballot.statement, ballot.proof)
    exchanged = replace(shape, contests=(second, first))
    # The same bytes, read under the exchanged shape: what binds them is ctx, which holds the manifest.
    other = replace(ballot.statement, shape=exchanged, context=bytes_for("exchanged manifest", 64))
    refuse(other, ballot.proof)
    c = list(ballot.statement.ciphertexts)
    swapped = CiphertextArray.of([c[2], c[3], c[0], c[1]])
    refuse(replace(ballot.statement, ciphertexts=swapped), swap_contests(ballot.proof))


def swap_contests(proof: BallotProof) -> BallotProof:
    k = list(proof.commitments)
    order = [k[0], *k[5:9], *k[1:5], *k[9:11], *k[15:19], *k[11:15]]
    f, y, z = proof.value_responses, proof.nonce_responses, proof.branch_responses
    return replace(
        proof,
        commitments=ElementArray.of(order),
        branch_challenges=proof.branch_challenges[::-1],
        value_responses=f[2:] + f[:2],
        nonce_responses=y[2:] + y[:2],
        branch_responses=z[2:] + z[:2],
    )


def test_options_swapped_with_their_proofs() -> None:
    # N12
    c, k = list(BALLOT.statement.ciphertexts), list(BALLOT.proof.commitments)
    c[0], c[1] = c[1], c[0]
    k[1:3], k[3:5] = k[3:5], k[1:3]
    f, y = BALLOT.proof.value_responses, BALLOT.proof.nonce_responses
    proof = replace(
        BALLOT.proof,
        commitments=ElementArray.of(k),
        value_responses=(f[1], f[0], *f[2:]),
        nonce_responses=(y[1], y[0], *y[2:]),
    )
    refuse(replace(BALLOT.statement, ciphertexts=CiphertextArray.of(c)), proof)
    refuse(BALLOT.statement, proof)


def test_copied_ciphertexts_need_the_secret_again() -> None:
    # N16: re-randomised by +k; neither the old proof nor one shifted to match holds.
    k = scalar_for("k")
    packed = list(BALLOT.statement.ciphertexts.elements)
    packed[0], packed[1] = packed[0] + k * GENERATOR, packed[1] + k * KEY
    statement = replace(
        BALLOT.statement,
        credential=OTHER.statement.credential,
        ciphertexts=CiphertextArray(ElementArray.of(packed)),
    )
    refuse(statement, BALLOT.proof)
    e = ballot_challenge(statement, BALLOT.proof.commitments)
    y = BALLOT.proof.nonce_responses
    shifted_y = ((Scalar.from_int(y[0]) + e * k).vartime_int(), *y[1:])
    refuse(statement, replace(BALLOT.proof, nonce_responses=shifted_y))


def test_signed_by_another_credential() -> None:
    # N23: a whole proof, made with a secret that is not the credential's.
    proof = prove_ballot(
        BALLOT.statement, BALLOT.plaintext, BALLOT.encrypted.nonces, OTHER.secret, bytes_for("proof")
    )
    refuse(BALLOT.statement, proof, "credential")


# Bound to every part of the proof.


@pytest.mark.parametrize("place", range(PAIR.commitment_count))
def test_every_commitment_matters(place: int) -> None:
    for by in (GENERATOR, KEY):
        refuse(
            BALLOT.statement, replace(BALLOT.proof, commitments=shifted(BALLOT.proof.commitments, place, by))
        )


FAILS_FIRST = {
    "branch_challenges": ["sum 0=0 pad", "sum 1=1 pad"],
    "value_responses": [f"selection {j} data" for j in range(7)],
    "nonce_responses": [f"selection {j} pad" for j in range(7)],
    "branch_responses": ["sum 0=0 pad", "sum 0=1 pad", "sum 1=1 pad", "sum 1=2 pad"],
}


@pytest.mark.parametrize(
    ("name", "place"), [(name, place) for name, names in FAILS_FIRST.items() for place in range(len(names))]
)
def test_every_scalar_matters(name: str, place: int) -> None:
    values = list(getattr(BALLOT.proof, name))
    values[place] = (values[place] + 1) % ORDER
    changed: dict[str, Any] = {name: tuple(values)}
    refuse(BALLOT.statement, replace(BALLOT.proof, **changed), FAILS_FIRST[name][place])


def test_single_responses_matter() -> None:
    z, u = BALLOT.proof.credential_response, BALLOT.proof.product_response
    refuse(BALLOT.statement, replace(BALLOT.proof, credential_response=z - 1), "credential")
    refuse(BALLOT.statement, replace(BALLOT.proof, product_response=u - 1), "product pad")


def test_every_equation_alone_is_checked() -> None:
    # For each equation: a proof in which the e of the hash meets commitments that fit all but this one.
    names = [name for name, _, _ in equations(BALLOT.statement, BALLOT.proof, 1)]
    assert len(set(names)) == len(names) == PAIR.commitment_count
    for place, name in enumerate(names):
        state_breaking(place, name)


def state_breaking(place: int, name: str) -> None:
    commitments = shifted(BALLOT.proof.commitments, place, GENERATOR)
    e = ballot_challenge(BALLOT.statement, commitments)
    proof = replace(prove_for(BALLOT, e), commitments=commitments)
    refuse(BALLOT.statement, proof, name)


def prove_for(ballot: SampleBallot, e: Scalar) -> BallotProof:
    """The honest responses of the sample's own commitments, to another challenge."""
    state = commit(
        ballot.statement, ballot.plaintext, ballot.encrypted.nonces, ballot.secret, bytes_for("voter proof")
    )
    assert state.commitments == ballot.proof.commitments
    return state.respond(e)


def test_challenge_is_recomputed() -> None:
    # N17: commitments that fit a challenge of the prover's choice satisfy every equation but are not accepted.
    refuse(BALLOT.statement, simulate(BALLOT.statement, scalar_for("chosen e").vartime_int()), "credential")


def test_proof_of_another_shape() -> None:
    # N19, N20
    with pytest.raises(EncodingError, match="another shape"):
        verify_ballot(
            BALLOT.statement, cast("yes", replace(BALLOT.plaintext, shape=YES_NO, selections=(1, 0))).proof
        )


# Forged selections.

ONE = BallotShape("one", (contest("c", (1, 1, 1), 0, 2),))
FORGERIES = {
    "two": ((2, 0, 0), ONE),
    "minus one": ((-1, 0, 1), ONE),
    "minus one beside two": ((-1, 2, 0), ONE),
    "a thousand, balanced": ((1000, -1000, 1), ONE),
    "a thousand": ((1000, 0, 0), ONE),
    "across contests": ((2, -1, 0, 1, 1, 0, 0), PAIR),
    "half": ((pow(2, -1, ORDER), pow(2, -1, ORDER), 0), ONE),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_selections(name: str) -> None:
    # N11, N21: made with the honest prover's code and statement hashing.
    selections, shape = FORGERIES[name]
    forged = forge(name, shape, selections)
    refuse(forged.statement, forged.proof, "product data")


@pytest.mark.parametrize(
    ("selections", "equation"),
    [((1, 1, 0, 1, 0, 0, 0), "sum 0"), ((0, 0, 0, 0, 0, 0, 0), "sum 1"), ((0, 1, 0, 1, 0, 0, 1), "sum 1")],
)
def test_sums_out_of_bounds(selections: tuple[int, ...], equation: str) -> None:
    # N21: each selection is a bit, the sum is too high, too low, or mixes an exclusive option with others.
    forged = forge("sums", PAIR, selections)
    refuse(forged.statement, forged.proof, equation)


def test_errors_that_cancel_are_no_use_alone() -> None:
    forged = forge("cancel", ONE, (1000, -1000, 1))
    refuse(forged.statement, forge_cancelling_values(forged, 0, 1), "selection 0 data")
    refuse(BALLOT.statement, forge_cancelling_pair(BALLOT, 1, scalar_for("k")), "selection 0 pad")


def test_proof_for_other_bounds() -> None:
    # N19: a proof that the sum is 0 or 1 says nothing about 1 or 2, though it has the same length.
    wide = BallotShape("bounds", (contest("c", (1, 1, 1), 0, 1),))
    narrow = BallotShape("bounds", (contest("c", (1, 1, 1), 1, 2),))
    ballot = cast("bounds", replace(BALLOT.plaintext, shape=wide, selections=(0, 0, 0)))
    verify_ballot(ballot.statement, ballot.proof)
    refuse(replace(ballot.statement, shape=narrow), ballot.proof, "sum 0=1 data")


# What a row of coefficients says is what the equations say one by one.


def value(folded: FoldedEquations, statement: BallotStatement, proof: BallotProof) -> GroupElement:
    scalars = [folded.credential, *folded.ciphertexts, *folded.commitments, folded.base, folded.key]
    elements = [
        ElementArray.of([statement.credential]),
        statement.ciphertexts.elements,
        proof.commitments,
        ElementArray.of([GENERATOR, statement.key]),
    ]
    return vartime_multiscalar(scalars, ElementArray.concat(elements))


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 2**128 - 1), min_size=25, max_size=25), st.booleans())
def test_folding_is_the_weighted_sum(weights: list[int], mixed: bool) -> None:
    # Also, and above all, when nothing holds: a proof read against a statement that it does not belong to.
    statement = OTHER.statement if mixed else BALLOT.statement
    e = ballot_challenge(statement, BALLOT.proof.commitments).vartime_int()
    total = IDENTITY
    for weight, (_, scalars, elements) in zip(weights, equations(statement, BALLOT.proof, e), strict=True):
        error = vartime_multiscalar(scalars, ElementArray.of(elements))
        assert mixed or error.is_identity
        total += multiply(-weight, error)
    assert value(fold_equations(statement, BALLOT.proof, e, weights), statement, BALLOT.proof) == total


# Zero knowledge: protocol §3.16.


def simulate(statement: BallotStatement, e: int) -> BallotProof:
    """Responses first, then the commitments that fit them; knows neither secret nor vote."""
    shape, B, h = statement.shape, GENERATOR, statement.key

    def draw(count: int, label: str) -> tuple[int, ...]:
        return tuple(scalar_for(f"simulated {label} {place}").vartime_int() for place in range(count))

    proof = BallotProof(
        ElementArray.of([]),
        branch_challenges=draw(shape.branch_count - len(shape.contests), "e"),
        credential_response=draw(1, "z")[0],
        value_responses=draw(shape.options, "f"),
        nonce_responses=draw(shape.options, "y"),
        product_response=draw(1, "u")[0],
        branch_responses=draw(shape.branch_count, "z_v"),
    )
    found = [multiply(proof.credential_response, B) + multiply(-e, statement.credential)]
    for c, f, y in zip(statement.ciphertexts, proof.value_responses, proof.nonce_responses, strict=True):
        found += (
            multiply(y, B) + multiply(-e, c.pad),
            multiply(y, h) + multiply(f, B) + multiply(-e, c.data),
        )
    factors = [-w * (e - f) for w, f in zip(statement.weights, proof.value_responses, strict=True)]
    u = proof.product_response
    found += (
        multiply(u, B) + vartime_multiscalar(factors, statement.ciphertexts.pads),
        multiply(u, h) + vartime_multiscalar(factors, statement.ciphertexts.datas),
    )
    answers = iter(zip(proof.all_branch_challenges(shape, e), proof.branch_responses, strict=True))
    for one, places in zip(shape.contests, shape.slices, strict=True):
        weights = shape.option_weights[places]
        P = vartime_multiscalar(weights, statement.ciphertexts.pads[places])
        D = vartime_multiscalar(weights, statement.ciphertexts.datas[places])
        for v in one.branches:
            e_v, z_v = next(answers)
            found += (
                multiply(z_v, B) + multiply(-e_v, P),
                multiply(z_v, h) + multiply(-e_v, D + multiply(-v, B)),
            )
    return replace(proof, commitments=ElementArray.of(found))


def failing_for(statement: BallotStatement, proof: BallotProof, e: int) -> list[str]:
    """The equations that fail when e is given instead of hashed."""
    return [
        name
        for name, scalars, elements in equations(statement, proof, e)
        if not vartime_multiscalar(scalars, ElementArray.of(elements)).is_identity
    ]


@pytest.mark.parametrize("e", [0, 1, ORDER - 1, scalar_for("e").vartime_int()])
def test_transcripts_can_be_simulated(e: int) -> None:
    # Even for a ballot that no proof exists for: the transcript alone tells nothing.
    for statement in (BALLOT.statement, forge("two", ONE, (2, 0, 0)).statement):
        simulated = simulate(statement, e)
        assert failing_for(statement, simulated, e) == []
        assert len(failing_for(statement, simulated, (e + 1) % ORDER)) > 1


@pytest.mark.parametrize("e", [0, 1, ORDER - 1])
def test_prover_answers_any_challenge(e: int) -> None:
    proof = prove_for(BALLOT, Scalar.from_int(e))
    assert failing_for(BALLOT.statement, proof, e) == []


def test_commitments_follow_from_responses() -> None:
    # The real transcript is what the simulator would make of its responses: nothing else is in it.
    e = ballot_challenge(BALLOT.statement, BALLOT.proof.commitments).vartime_int()
    recomputed = [
        vartime_multiscalar(scalars[1:], ElementArray.of(elements[1:]))
        for _, scalars, elements in equations(BALLOT.statement, BALLOT.proof, e)
    ]
    assert ElementArray.of(recomputed) == BALLOT.proof.commitments


def test_two_answers_reveal_everything() -> None:
    # Protocol §3.15: why a state answers once, and why the proof is one of knowledge.
    e, e2 = scalar_for("e"), scalar_for("e2")
    one, two = prove_for(BALLOT, e), prove_for(BALLOT, e2)
    inverse = (e - e2).vartime_inverse().vartime_int()
    extracted = [
        (f - f2) * inverse % ORDER for f, f2 in zip(one.value_responses, two.value_responses, strict=True)
    ]
    assert tuple(extracted) == BALLOT.plaintext.selections
    secret = (one.credential_response - two.credential_response) * inverse % ORDER
    assert Scalar.from_int(secret) == BALLOT.secret.value


def test_checked_ballot_and_cast_ballot_share_no_nonce() -> None:
    again = encrypt_ballot(
        BALLOT.plaintext,
        key=KEY,
        context=CONTEXT,
        credential=BALLOT.encrypted.credential,
        seed=bytes_for("fresh"),
    )
    assert set(again.nonces).isdisjoint(BALLOT.encrypted.nonces)


def test_the_credential_part_alone() -> None:
    ballot = sample("holder")
    verify_credential_part(ballot.statement, ballot.proof)
    other_selections = replace(ballot.proof, product_response=1)
    verify_credential_part(ballot.statement, other_selections)  # not what this equation is about
    stolen = replace(ballot.statement, credential=sample("another").statement.credential)
    changed = replace(ballot.proof, credential_response=1)
    for statement, proof in ((stolen, ballot.proof), (ballot.statement, changed)):
        with pytest.raises(ProofError, match="equation 'credential' does not hold"):
            verify_credential_part(statement, proof)
    shorter = replace(ballot.proof, branch_responses=())
    with pytest.raises(EncodingError):
        verify_credential_part(ballot.statement, shorter)
