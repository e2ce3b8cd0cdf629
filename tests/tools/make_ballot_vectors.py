"""Make tests/vectors/encryption, ballot-proof and opening."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crypto.ballot_encryption import PlaintextBallot
from crypto.ballot_equations import equations
from crypto.ballot_proof import BallotProof, ballot_challenge
from crypto.ballot_prover import commit
from crypto.ballot_shape import BallotShape
from crypto.ballot_statement import NO_PREVIOUS
from crypto.group import GENERATOR, ORDER, ElementArray, Scalar
from crypto.hashing import Tag, digest
from tests.support.ballots import (
    CONTEXT,
    KEY,
    PAIR,
    YES_NO,
    SampleBallot,
    bytes_for,
    cast,
    contest,
    scalar_for,
)
from tests.support.cheating_prover import forge, forge_cancelling_pair, forge_cancelling_values, shifted
from tests.tools.vector_files import Case, write

SOURCE = "tests/tools/make_ballot_vectors.py"
ONE = BallotShape("one", (contest("c", (1, 1, 1), 0, 2),))


def case(spec: str, comment: str, given: Mapping[str, Any], expect: str = "ok", **more: Any) -> Case:
    head = {"source": SOURCE, "spec": f"protocol.md §{spec}", "comment": comment, "input": given}
    return head | more | {"expect": expect}


def shape_of(shape: BallotShape) -> dict[str, Any]:
    return {
        "style_id": shape.style_id,
        "contests": [
            {
                "contest_id": each.contest_id,
                "minimum": each.minimum,
                "maximum": each.maximum,
                "options": [{"option_id": o.option_id, "weight": o.weight} for o in each.options],
            }
            for each in shape.contests
        ],
    }


def hexed(number: int) -> str:
    return number.to_bytes(32, "little").hex()


# Encryption.


def encrypted(comment: str, label: str, shape: BallotShape, selections: tuple[int, ...]) -> Case:
    ballot = cast(label, PlaintextBallot(shape, selections))
    return case(
        "3.2",
        comment,
        encryption_input(label, shape, selections),
        intermediate={
            "credential": ballot.encrypted.credential.encoded.hex(),
            "seed": ballot.encrypted.seed.hex(),
            "nonces": [nonce.encoded.hex() for nonce in ballot.encrypted.nonces],
        },
        output={
            "ciphertexts": ballot.encrypted.ciphertexts.encode().hex(),
            "tracking_code": ballot.encrypted.tracking_code(),
        },
    )


def encryption_input(label: str, shape: BallotShape, selections: tuple[int, ...]) -> dict[str, Any]:
    return {
        "shape": shape_of(shape),
        "key": KEY.encoded.hex(),
        "context": CONTEXT.hex(),
        "secret": scalar_for(f"{label} credential").encoded.hex(),
        "randomness": bytes_for(f"{label} seed").hex(),
        "selections": list(selections),
    }


def encryption_cases() -> dict[str, Case]:
    def refused(comment: str, selections: tuple[int, ...]) -> Case:
        return case("3.7", comment, encryption_input("voter", PAIR, selections), "SelectionError")

    return {
        "encryption/pair": encrypted("two contests", "voter", PAIR, (0, 1, 0, 1, 0, 1, 0)),
        "encryption/abstention": encrypted("nothing in the first", "voter", PAIR, (0, 0, 0, 0, 0, 0, 1)),
        "encryption/yes-no": encrypted("one contest", "voter", YES_NO, (1, 0)),
        "encryption/too-many": refused("two where one is allowed", (1, 1, 0, 1, 0, 0, 0)),
        "encryption/too-few": refused("none where one is due", (0, 0, 0, 0, 0, 0, 0)),
        "encryption/exclusive-with-others": refused(
            "an option of weight 2 and one more", (0, 0, 0, 1, 0, 0, 1)
        ),
        "encryption/two": refused("a selection of 2 beside one of −1", (2, -1, 0, 1, 0, 0, 0)),
    }


# Proofs.


def proof_input(ballot: SampleBallot, **changed: bytes | BallotShape) -> dict[str, Any]:
    statement = ballot.statement
    packed = {
        "key": statement.key.encoded,
        "context": statement.context,
        "credential": statement.credential.encoded,
        "previous": statement.previous,
        "ciphertexts": statement.ciphertexts.encode(),
        "proof": ballot.proof.encode(),
    } | {name: value for name, value in changed.items() if isinstance(value, bytes)}
    shape = changed.get("shape", statement.shape)
    assert isinstance(shape, BallotShape)
    return {"shape": shape_of(shape)} | {name: value.hex() for name, value in packed.items()}


def proved(comment: str, label: str, ballot: SampleBallot) -> Case:
    statement, proof = ballot.statement, ballot.proof
    e = ballot_challenge(statement, proof.commitments).vartime_int()
    names = [name for name, _, _ in equations(statement, proof, e)]
    return case(
        "3.14",
        comment,
        proof_input(ballot),
        prover={
            "secret": ballot.secret.value.encoded.hex(),
            "randomness": bytes_for(f"{label} proof").hex(),
            "selections": list(ballot.plaintext.selections),
            "nonces": [nonce.encoded.hex() for nonce in ballot.encrypted.nonces],
        },
        intermediate={
            "W": digest(Tag.WEIGHTS, *statement.hashed).hex(),
            "weights": [hexed(weight) for weight in statement.weights],
            "commitments": [
                [name, element.encoded.hex()] for name, element in zip(names, proof.commitments, strict=True)
            ],
            "e": hexed(e),
            "branch_challenges": [hexed(e_v) for e_v in proof.all_branch_challenges(statement.shape, e)],
        },
    )


def good_proofs() -> dict[str, Case]:
    previous = bytes_for("previous ballot", 64)
    wide = BallotShape("wide", (contest("c", (1, 2, 3, 5), 0, 6), contest("d", (1,), 0, 1)))
    return {
        "yes-no": proved("one contest of one branch", "v1", cast("v1", PlaintextBallot(YES_NO, (0, 1)))),
        "pair": proved(
            "two contests of two branches", "v2", cast("v2", PlaintextBallot(PAIR, (0, 1, 0, 1, 0, 1, 0)))
        ),
        "abstention": proved(
            "nothing in the first, an exclusive option in the second",
            "v3",
            cast("v3", PlaintextBallot(PAIR, (0, 0, 0, 0, 0, 0, 1))),
        ),
        "second-ballot": proved(
            "previous is not zero", "v1", cast("v1", PlaintextBallot(YES_NO, (1, 0)), previous=previous)
        ),
        "wide": proved("seven branches", "v4", cast("v4", PlaintextBallot(wide, (1, 0, 0, 1, 0)))),
    }


def refused(comment: str, reason: str, ballot: SampleBallot, **changed: bytes | BallotShape) -> Case:
    return case("3.14", comment, proof_input(ballot, **changed), "ProofError", reason=reason)


def moved_proofs(ballot: SampleBallot) -> dict[str, Case]:
    other = cast("other", PlaintextBallot(ballot.statement.shape, (1, 0)))
    c, k = list(ballot.statement.ciphertexts.elements), list(ballot.proof.commitments)
    f, y = ballot.proof.value_responses, ballot.proof.nonce_responses
    swapped = replace(
        ballot.proof,
        commitments=ElementArray.of([k[0], *k[3:5], *k[1:3], *k[5:]]),
        value_responses=f[::-1],
        nonce_responses=y[::-1],
    )
    swapped_ciphertexts = ElementArray.of([*c[2:4], *c[:2]]).encode()
    return {
        "other-context": refused("of another election", "credential", ballot, context=bytes_for("x", 64)),
        "other-style": refused(
            "of another style", "credential", ballot, shape=replace(YES_NO, style_id="no-yes")
        ),
        "other-key": refused("under another key", "selection 0 data", ballot, key=GENERATOR.encoded),
        "other-credential": refused(
            "copied under another credential",
            "credential",
            ballot,
            credential=other.statement.credential.encoded,
        ),
        "other-previous": refused("replayed", "credential", ballot, previous=bytes_for("x", 64)),
        "other-ciphertexts": refused(
            "of another ballot", "credential", ballot, ciphertexts=other.statement.ciphertexts.encode()
        ),
        "options-swapped": refused(
            "two options exchanged with their proofs",
            "credential",
            replace(ballot, proof=swapped),
            ciphertexts=swapped_ciphertexts,
        ),
    }


def changed_proofs(ballot: SampleBallot) -> dict[str, Case]:
    """One item of the proof changed; a changed commitment changes e, and so everything."""

    def scalar(comment: str, reason: str, **changed: Any) -> Case:
        return refused(comment, reason, replace(ballot, proof=replace(ballot.proof, **changed)))

    proof = ballot.proof
    z, u = proof.credential_response, proof.product_response
    cases = {
        "challenge-changed": scalar(
            "e_v + 1 of a free branch",
            "sum 0=0 pad",
            branch_challenges=(proof.branch_challenges[0] + 1, *proof.branch_challenges[1:]),
        ),
        "credential-response-changed": scalar("z + 1", "credential", credential_response=z + 1),
        "value-response-changed": scalar(
            "f + 1",
            "selection 0 data",
            value_responses=(proof.value_responses[0] + 1, *proof.value_responses[1:]),
        ),
        "nonce-response-changed": scalar(
            "y + 1",
            "selection 0 pad",
            nonce_responses=(proof.nonce_responses[0] + 1, *proof.nonce_responses[1:]),
        ),
        "product-response-changed": scalar("u + 1", "product pad", product_response=u + 1),
        "branch-response-changed": scalar(
            "z_v + 1 of the last branch",
            "sum 0=2 pad",
            branch_responses=(*proof.branch_responses[:2], proof.branch_responses[2] + 1),
        ),
    }
    for place, (name, _, _) in enumerate(equations(ballot.statement, ballot.proof, 1)):
        # The responses are made for the changed commitment's e, so that only this equation fails.
        commitments = shifted(ballot.proof.commitments, place, GENERATOR)
        e = ballot_challenge(ballot.statement, commitments)
        broken = replace(answered(ballot, e), commitments=commitments)
        title = name.replace(" ", "-").replace("=", "-")
        cases[f"commitment-changed-{title}"] = refused(
            "this commitment + B, the rest made to fit", name, replace(ballot, proof=broken)
        )
    return cases


def answered(ballot: SampleBallot, e: Scalar) -> BallotProof:
    nonces, randomness = ballot.encrypted.nonces, bytes_for("v5 proof")
    return commit(ballot.statement, ballot.plaintext, nonces, ballot.secret, randomness).respond(e)


def forged_proofs() -> dict[str, Case]:
    def forged(comment: str, reason: str, shape: BallotShape, *selections: int) -> Case:
        return refused(comment, reason, forge("cheat", shape, selections))

    thousands = forge("cheat", ONE, (1000, -1000, 1))
    honest = cast("v5", PlaintextBallot(ONE, (1, 0, 0)))
    cancelling = forge_cancelling_values(thousands, 0, 1)
    pair = forge_cancelling_pair(honest, 1, scalar_for("k"))
    chosen = answered(honest, Scalar.from_int(7))
    return {
        "forged-two": forged("a selection of 2", "product data", ONE, 2, 0, 0),
        "forged-minus-one": forged("a selection of −1", "product data", ONE, -1, 0, 1),
        "forged-thousands": forged("1000 and −1000", "product data", ONE, 1000, -1000, 1),
        "forged-sum-high": forged("three of at most two", "sum 0=0 pad", ONE, 1, 1, 1),
        "forged-sum-low": forged("none of at least one", "sum 1=1 pad", PAIR, 0, 0, 0, 0, 0, 0, 0),
        "forged-exclusive": forged("exclusive with another", "sum 1=1 pad", PAIR, 0, 0, 0, 1, 0, 0, 1),
        "forged-cancelling-values": refused(
            "two errors that cancel under one weight per ballot",
            "selection 0 data",
            replace(thousands, proof=cancelling),
        ),
        "forged-cancelling-pair": refused(
            "pad off by k·B and data by −k·B", "selection 0 pad", replace(honest, proof=pair)
        ),
        "chosen-challenge": refused(
            "answers the challenge 7 instead of the hash", "credential", replace(honest, proof=chosen)
        ),
    }


def malformed_proofs(ballot: SampleBallot) -> dict[str, Case]:
    """Refused before any equation is looked at."""
    ciphertexts, proof = ballot.statement.ciphertexts.encode(), ballot.proof.encode()
    border = 32 * ballot.statement.shape.commitment_count
    fewer = BallotShape("one", (contest("c", (1, 1, 1), 0, 1),))

    def malformed(comment: str, **changed: bytes | BallotShape) -> Case:
        return case("3.14", comment, proof_input(ballot, **changed), "EncodingError")

    return {
        "proof-empty": malformed("no bytes", proof=b""),
        "proof-short": malformed("one byte short", proof=proof[:-1]),
        "proof-long": malformed("one byte more", proof=proof + b"\0"),
        "proof-item-missing": malformed("one item short", proof=proof[:-32]),
        "proof-branch-more": malformed("a branch more than the contest has", shape=fewer),
        "scalar-too-large": malformed(
            "the last response is ℓ", proof=proof[:-32] + ORDER.to_bytes(32, "little")
        ),
        "branch-challenge-too-large": malformed(
            "a branch challenge is ℓ",
            proof=proof[:border] + ORDER.to_bytes(32, "little") + proof[border + 32 :],
        ),
        "commitment-not-canonical": malformed("A encodes nothing", proof=bytes([1]) + bytes(31) + proof[32:]),
        "ciphertext-not-canonical": malformed(
            "a pad of p, which is 0", ciphertexts=(2**255 - 19).to_bytes(32, "little") + ciphertexts[32:]
        ),
        "ciphertext-missing": malformed("one fewer", ciphertexts=ciphertexts[:-64]),
        "ciphertext-more": malformed("one more", ciphertexts=ciphertexts + GENERATOR.encoded * 2),
        "ciphertext-halved": malformed("half a ciphertext missing", ciphertexts=ciphertexts[:-32]),
        "ciphertexts-none": malformed("none", ciphertexts=b""),
        "pad-identity": malformed("a pad is the identity", ciphertexts=bytes(32) + ciphertexts[32:]),
        "pad-twice": malformed("two options share a pad", ciphertexts=ciphertexts[64:96] + ciphertexts[32:]),
        "credential-identity": malformed("the credential is the identity", credential=bytes(32)),
        "credential-not-canonical": malformed("the credential encodes nothing", credential=b"\xff" * 32),
    }


def proof_cases() -> dict[str, Case]:
    ballot = cast("v5", PlaintextBallot(ONE, (1, 0, 0)))
    made = good_proofs() | changed_proofs(ballot) | forged_proofs() | malformed_proofs(ballot)
    made |= moved_proofs(cast("v1", PlaintextBallot(YES_NO, (0, 1))))
    return {f"ballot-proof/{name}": content for name, content in made.items()}


# Openings.


def opening_cases() -> dict[str, Case]:
    ballot = cast("voter", PlaintextBallot(PAIR, (0, 1, 0, 1, 0, 1, 0))).encrypted
    other = cast("voter", PlaintextBallot(PAIR, (1, 0, 0, 1, 0, 1, 0))).encrypted
    two = forge("voter", ONE, (2, 0, 0)).encrypted
    packed = ballot.ciphertexts.encode()

    def opened(comment: str, expect: str, *, of: Any = ballot, **changed: Any) -> Case:
        given = {
            "shape": shape_of(of.shape),
            "key": KEY.encoded.hex(),
            "context": CONTEXT.hex(),
            "credential": of.credential.encoded.hex(),
            "seed": of.seed.hex(),
            "ciphertexts": of.ciphertexts.encode().hex(),
            "tracking_code": of.tracking_code(),
        }
        more = {"output": {"selections": [0, 1, 0, 1, 0, 1, 0]}} if expect == "ok" else {}
        return case("7.1", comment, given | changed, expect, **more)

    broken = packed[:96] + GENERATOR.encoded + packed[128:]
    return {
        "opening/good": opened("shows the choices", "ok"),
        "opening/other-seed": opened("of another encryption", "ProofError", seed=NO_PREVIOUS[:32].hex()),
        "opening/other-context": opened("of another election", "ProofError", context=bytes(64).hex()),
        "opening/other-credential": opened(
            "of another voter", "ProofError", credential=GENERATOR.encoded.hex()
        ),
        "opening/other-code": opened(
            "the voter wrote down another code", "ProofError", tracking_code=other.tracking_code()
        ),
        "opening/other-choices": opened(
            "ciphertexts of other choices, from the same seed",
            "ProofError",
            ciphertexts=other.ciphertexts.encode().hex(),
        ),
        "opening/data-changed": opened("a data half that is neither", "ProofError", ciphertexts=broken.hex()),
        "opening/two": opened("a selection of 2, code and all", "ProofError", of=two),
        "opening/ciphertext-missing": opened("one fewer", "EncodingError", ciphertexts=packed[:-64].hex()),
    }


def cases() -> dict[str, Case]:
    return encryption_cases() | proof_cases() | opening_cases()


if __name__ == "__main__":
    write(cases())
