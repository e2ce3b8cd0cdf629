"""Proofs of possession: bound to who, where and what, and never one in place of another."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from crypto.errors import EncodingError, ProofError
from crypto.group import GENERATOR, IDENTITY, ORDER, GroupElement, Scalar, base_multiply, hash_to_scalar
from crypto.hashing import Tag, le64
from crypto.possession import (
    PossessionProof,
    prove_dealer_possession,
    prove_reissue_possession,
    verify_dealer_possession,
    verify_reissue_possession,
)
from tests.support.ballots import bytes_for, scalar_for

SECRET = scalar_for("constant term")
COMMITMENTS = tuple(base_multiply([SECRET, scalar_for("linear term")]))
DEALER: dict[str, Any] = {
    "manifest_digest": bytes_for("manifest"),
    "trustees": 3,
    "threshold": 2,
    "trustee_index": 1,
    "coefficient_commitments": COMMITMENTS,
}
REISSUE: dict[str, Any] = {
    "manifest_digest": bytes_for("manifest"),
    "issuer_id": "registrar",
    "old_credential": base_multiply([scalar_for("old")])[0],
    "part": COMMITMENTS[0],
}
DEALER_PROOF = prove_dealer_possession(SECRET, bytes_for("r"), **DEALER)
REISSUE_PROOF = prove_reissue_possession(SECRET, bytes_for("r"), **REISSUE)

OTHER_DEALER = {
    "manifest_digest": bytes_for("other"),  # N49: another election
    "trustees": 4,
    "threshold": 3,
    "trustee_index": 2,
    "coefficient_commitments": (COMMITMENTS[0], COMMITMENTS[0]),  # N44: a later coefficient
}
OTHER_REISSUE = {
    "manifest_digest": bytes_for("other"),
    "issuer_id": "identity",
    "old_credential": GENERATOR,
    "part": COMMITMENTS[1],
}


def test_proofs_hold() -> None:
    verify_dealer_possession(DEALER_PROOF, **DEALER)
    verify_reissue_possession(REISSUE_PROOF, **REISSUE)


@pytest.mark.parametrize("name", OTHER_DEALER)
def test_dealer_proof_is_bound_to(name: str) -> None:
    # N42, and N46 for a threshold that the number of commitments does not fit
    with pytest.raises(ProofError, match="threshold" if name == "threshold" else "does not hold"):
        verify_dealer_possession(DEALER_PROOF, **DEALER | {name: OTHER_DEALER[name]})


@pytest.mark.parametrize("count", [0, 1, 3])
def test_number_of_commitments_is_the_threshold(count: int) -> None:
    # N46
    statement = DEALER | {"coefficient_commitments": (COMMITMENTS * 2)[:count]}
    with pytest.raises(ProofError, match=f"{count} coefficient commitments for a threshold of 2"):
        verify_dealer_possession(DEALER_PROOF, **statement)
    with pytest.raises(ProofError, match="0 coefficient commitments for a threshold of 0"):
        verify_dealer_possession(DEALER_PROOF, **DEALER | {"threshold": 0, "coefficient_commitments": ()})


@pytest.mark.parametrize("name", OTHER_REISSUE)
def test_reissue_proof_is_bound_to(name: str) -> None:
    with pytest.raises(ProofError, match="does not hold"):
        verify_reissue_possession(REISSUE_PROOF, **REISSUE | {name: OTHER_REISSUE[name]})


def test_proofs_do_not_stand_in_for_each_other() -> None:
    # N25
    with pytest.raises(ProofError):
        verify_reissue_possession(DEALER_PROOF, **REISSUE)
    with pytest.raises(ProofError):
        verify_dealer_possession(REISSUE_PROOF, **DEALER)


@pytest.mark.parametrize(
    "change",
    [
        lambda proof: replace(proof, commitment=proof.commitment + GENERATOR),
        lambda proof: replace(proof, response=proof.response + Scalar.from_int(1)),
        lambda proof: replace(proof, commitment=IDENTITY),
        lambda proof: replace(proof, response=Scalar.from_int(0)),
        lambda proof: PossessionProof(IDENTITY, Scalar.from_int(0)),
    ],
)
def test_every_part_of_the_proof_matters(change: Callable[[PossessionProof], PossessionProof]) -> None:
    with pytest.raises(ProofError):
        verify_dealer_possession(change(DEALER_PROOF), **DEALER)
    with pytest.raises(ProofError):
        verify_reissue_possession(change(REISSUE_PROOF), **REISSUE)


def test_equation_with_a_chosen_challenge_is_refused() -> None:
    # N17: K = z·B − e·C for an e of the prover's choice satisfies the equation under that e alone.
    z, e = scalar_for("z"), scalar_for("e")
    K: GroupElement = z * GENERATOR - e * COMMITMENTS[1]
    statement = DEALER | {"coefficient_commitments": (COMMITMENTS[1], COMMITMENTS[0])}
    with pytest.raises(ProofError):
        verify_dealer_possession(PossessionProof(K, z), **statement)


def test_rogue_key_has_no_proof() -> None:
    # N43: a constant term made to cancel the others', proved with the one secret the attacker has.
    rogue = scalar_for("rogue") * GENERATOR - COMMITMENTS[0]
    statement = DEALER | {"coefficient_commitments": (rogue, COMMITMENTS[1])}
    proof = prove_dealer_possession(scalar_for("rogue"), bytes_for("r"), **statement)
    with pytest.raises(ProofError):
        verify_dealer_possession(proof, **statement)


def test_challenge_of_the_protocol() -> None:
    # Protocol §2.3, spelled out again.
    packed = COMMITMENTS[0].encoded + COMMITMENTS[1].encoded
    parts = (bytes_for("manifest"), le64(3), le64(2), le64(1), packed)
    e = hash_to_scalar(Tag.POSSESSION, *parts, DEALER_PROOF.commitment.encoded)
    k = hash_to_scalar(Tag.POSSESSION_NONCE, SECRET.encoded, bytes_for("r"), b"evote/v1/possession", *parts)
    assert DEALER_PROOF.response == k + e * SECRET
    assert DEALER_PROOF.commitment == k * GENERATOR


def test_same_randomness_twice_gives_nothing_away() -> None:
    other = prove_dealer_possession(SECRET, bytes_for("r"), **DEALER | {"trustee_index": 2})
    assert len({DEALER_PROOF.commitment, REISSUE_PROOF.commitment, other.commitment}) == 3


@pytest.mark.parametrize("length", [0, 31, 64])
def test_randomness_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match=f"{length} bytes of randomness"):
        prove_dealer_possession(SECRET, bytes(length), **DEALER)


def test_round_trip() -> None:
    commitment, response = DEALER_PROOF.commitment.encoded, DEALER_PROOF.response.encoded
    assert PossessionProof.decode(commitment, response) == DEALER_PROOF


@pytest.mark.parametrize(
    ("commitment", "response"),
    [
        (bytes([1]) + bytes(31), bytes(32)),
        (bytes(31), bytes(32)),
        (bytes(32), ORDER.to_bytes(32, "little")),
        (bytes(32), bytes(33)),
    ],
)
def test_halves_are_canonical(commitment: bytes, response: bytes) -> None:
    # N7
    with pytest.raises(EncodingError):
        PossessionProof.decode(commitment, response)
