"""The ballot's vectors, read by our own code and, for the proofs, by the slow reference as well."""

from typing import Any

import pytest

from crypto import errors
from crypto.ballot_batch import BallotItem, check_ballots
from crypto.ballot_encryption import (
    PlaintextBallot,
    SelectionError,
    encrypt_ballot,
    new_seed,
    selection_nonces,
)
from crypto.ballot_equations import equations, verify_ballot
from crypto.ballot_proof import BallotProof, ballot_challenge
from crypto.ballot_prover import prove_ballot
from crypto.ballot_shape import BallotShape, ContestShape, OptionShape
from crypto.ballot_statement import BallotStatement
from crypto.credential import CredentialSecret, credential_part, join_parts, join_public, part_public
from crypto.crockford import decode_code, encode_code
from crypto.elgamal import CiphertextArray
from crypto.errors import CryptoError
from crypto.group import GroupElement, Scalar
from crypto.opening import CheckedBallot
from crypto.possession import (
    PossessionProof,
    prove_dealer_possession,
    prove_reissue_possession,
    verify_dealer_possession,
    verify_reissue_possession,
)
from crypto.tracking import parse_tracking_code, tracking_code
from tests.reference import ballot as reference
from tests.support.vectors import vectors
from tests.tools import make_ballot_vectors, make_credential_vectors
from tests.tools.vector_files import differences

Case = dict[str, Any]


def cases(algorithm: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", vectors(algorithm), ids=lambda case: case["id"])


def raw(given: Case, name: str) -> bytes:
    return bytes.fromhex(given[name])


def element(text: str) -> GroupElement:
    return GroupElement.decode(bytes.fromhex(text))


def scalar(text: str) -> Scalar:
    return Scalar.decode(bytes.fromhex(text))


def shape_of(given: Case) -> BallotShape:
    contests = tuple(
        ContestShape(
            contest["contest_id"],
            tuple(OptionShape(option["option_id"], option["weight"]) for option in contest["options"]),
            contest["minimum"],
            contest["maximum"],
        )
        for contest in given["shape"]["contests"]
    )
    return BallotShape(given["shape"]["style_id"], contests)


def refusal(case: Case) -> type[CryptoError]:
    kind: type[CryptoError] = getattr(errors, case["expect"])
    return kind


@pytest.mark.parametrize(
    "maker", [make_ballot_vectors, make_credential_vectors], ids=["ballot", "credential"]
)
def test_vectors_are_what_their_maker_makes(maker: Any) -> None:
    assert differences(maker.cases()) == []


@cases("credential")
def test_credential_vector(case: Case) -> None:
    given = case["input"]
    if case["expect"] != "ok":
        with pytest.raises(refusal(case)):
            join_public([element(public) for public in given["publics"]])
        return
    parts = [
        credential_part(given["election_id"], part["issuer_id"], raw(part, "bits")) for part in given["parts"]
    ]
    publics = [part_public(part) for part in parts]
    assert [part.encoded.hex() for part in parts] == case["intermediate"]["secrets"]
    assert [public.encoded.hex() for public in publics] == case["intermediate"]["publics"]
    assert join_parts(parts).value.encoded.hex() == case["output"]["secret"]
    assert join_public(publics).encoded.hex() == case["output"]["credential"]


@cases("code")
def test_code_vector(case: Case) -> None:
    if case["expect"] != "ok":
        with pytest.raises(refusal(case)):
            decode_code(case["input"]["text"])
        return
    bits = decode_code(case["input"]["text"])
    assert bits.hex() == case["output"]["bits"]
    assert encode_code(bits) == case["output"]["code"]


@cases("tracking")
def test_tracking_vector(case: Case) -> None:
    given = case["input"]
    if case["expect"] != "ok":
        with pytest.raises(refusal(case)):
            parse_tracking_code(given["text"])
    elif "text" in given:
        assert parse_tracking_code(given["text"]) == case["output"]["code"]
    else:
        credential, packed = element(given["credential"]), raw(given, "ciphertexts")
        code = tracking_code(raw(given, "context"), given["style_id"], credential, packed)
        assert code == case["output"]["code"]


@cases("encryption")
def test_encryption_vector(case: Case) -> None:
    given, shape = case["input"], shape_of(case["input"])
    if case["expect"] != "ok":
        assert case["expect"] == "SelectionError"
        with pytest.raises(SelectionError):
            PlaintextBallot(shape, tuple(given["selections"]))
        return
    secret = CredentialSecret(scalar(given["secret"]))
    seed = new_seed(secret, raw(given, "randomness"))
    encrypted = encrypt_ballot(
        PlaintextBallot(shape, tuple(given["selections"])),
        key=element(given["key"]),
        context=raw(given, "context"),
        credential=secret.public(),
        seed=seed,
    )
    assert case["intermediate"] == {
        "credential": encrypted.credential.encoded.hex(),
        "seed": seed.hex(),
        "nonces": [nonce.encoded.hex() for nonce in encrypted.nonces],
    }
    assert case["output"] == {
        "ciphertexts": encrypted.ciphertexts.encode().hex(),
        "tracking_code": encrypted.tracking_code(),
    }


def statement_of(given: Case) -> BallotStatement:
    return BallotStatement(
        raw(given, "context"),
        shape_of(given),
        element(given["key"]),
        element(given["credential"]),
        raw(given, "previous"),
        CiphertextArray.decode(raw(given, "ciphertexts")),
    )


def verify_vector(given: Case) -> None:
    statement = statement_of(given)
    verify_ballot(statement, BallotProof.decode(raw(given, "proof"), statement.shape))


@cases("ballot-proof")
def test_ballot_proof_vector(case: Case) -> None:
    given = case["input"]
    if case["expect"] == "ok":
        verify_vector(given)
        assert_made_as_recorded(case)
    elif case["expect"] == "ProofError":
        with pytest.raises(refusal(case), match=f"^ballot: equation '{case['reason']}' does not hold$"):
            verify_vector(given)
    else:
        with pytest.raises(refusal(case)):
            verify_vector(given)


def assert_made_as_recorded(case: Case) -> None:
    given, prover, intermediate = case["input"], case["prover"], case["intermediate"]
    statement = statement_of(given)
    secret = CredentialSecret(scalar(prover["secret"]))
    plaintext = PlaintextBallot(statement.shape, tuple(prover["selections"]))
    nonces = [scalar(nonce) for nonce in prover["nonces"]]
    proof = prove_ballot(statement, plaintext, nonces, secret, raw(prover, "randomness"))
    assert proof.encode().hex() == given["proof"]
    e = ballot_challenge(statement, proof.commitments)
    assert e.encoded.hex() == intermediate["e"]
    assert [Scalar.from_int(w).encoded.hex() for w in statement.weights] == intermediate["weights"]
    named = [
        [name, commitment.encoded.hex()]
        for (name, _, _), commitment in zip(
            equations(statement, proof, e.vartime_int()), proof.commitments, strict=True
        )
    ]
    assert named == intermediate["commitments"]


def test_all_proofs_in_one_batch() -> None:
    readable = [case for case in vectors("ballot-proof") if case["expect"] != "EncodingError"]
    items = []
    for case in readable:
        statement = statement_of(case["input"])
        items.append(BallotItem(statement, BallotProof.decode(raw(case["input"], "proof"), statement.shape)))
    found = {readable[bad.index]["id"]: bad.reason for bad in check_ballots(items, bytes(32)).invalid}
    assert found == {
        case["id"]: f"ballot: equation '{case['reason']}' does not hold"
        for case in readable
        if case["expect"] == "ProofError"
    }


@cases("ballot-proof")
def test_reference_agrees(case: Case) -> None:
    if case["expect"] == "EncodingError":
        with pytest.raises(reference.Malformed):
            reference.first_failure(case["input"])
    else:
        assert reference.first_failure(case["input"]) == case.get("reason")


@cases("opening")
def test_opening_vector(case: Case) -> None:
    given = case["input"]
    checked = CheckedBallot(
        shape_of(given),
        element(given["credential"]),
        raw(given, "seed"),
        CiphertextArray.decode(raw(given, "ciphertexts")),
        given["tracking_code"],
    )
    key, context = element(given["key"]), raw(given, "context")
    if case["expect"] == "ok":
        assert list(checked.open(key=key, context=context)) == case["output"]["selections"]
        nonces = selection_nonces(
            checked.seed, shape=checked.shape, context=context, credential=checked.credential
        )
        assert len(nonces) == checked.shape.options
    else:
        with pytest.raises(refusal(case)):
            checked.open(key=key, context=context)


@cases("possession")
def test_possession_vector(case: Case) -> None:
    given = dict(case["input"])
    kind = given.pop("kind")
    proof = PossessionProof.decode(raw(given, "commitment"), raw(given, "response"))
    statement = {name: value for name, value in given.items() if name not in ("commitment", "response")}
    statement["manifest_digest"] = raw(given, "manifest_digest")
    if kind == "dealer":
        statement["coefficient_commitments"] = [element(c) for c in given["coefficient_commitments"]]
        prove: Any = prove_dealer_possession
        verify: Any = verify_dealer_possession
    else:
        statement["old_credential"], statement["part"] = (
            element(given["old_credential"]),
            element(given["part"]),
        )
        prove, verify = prove_reissue_possession, verify_reissue_possession
    if case["expect"] != "ok":
        with pytest.raises(refusal(case)):
            verify(proof, **statement)
        return
    verify(proof, **statement)
    prover = case["prover"]
    assert prove(scalar(prover["secret"]), raw(prover, "randomness"), **statement) == proof
