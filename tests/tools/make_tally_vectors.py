"""Make the vectors of the tally: partial-decryptions, combination, lagrange and discrete-logarithms."""

import itertools
from dataclasses import replace

from crypto.decryption import (
    DecryptionProof,
    PartialDecryption,
    TallyStatement,
    combine,
    lagrange_coefficients,
    partially_decrypt,
)
from crypto.elgamal import Ciphertext, CiphertextArray, encrypt
from crypto.group import GENERATOR, IDENTITY, ElementArray, GroupElement
from crypto.scalar import Scalar
from crypto.sharing import (
    SecretShare,
    coefficient_commitments,
    combine_shares,
    deal,
    joint_key,
    verification_keys,
)
from tests.tools.make_ceremony_vectors import hexes, polynomials
from tests.tools.vector_files import Case, drawn, write

SOURCE = "tests/tools/make_tally_vectors.py"
TRUSTEES, THRESHOLD = 3, 2
COUNTS = (0, 1, 7, 250)

DEALERS = polynomials(TRUSTEES, THRESHOLD)
COMMITMENTS = [coefficient_commitments(polynomial) for polynomial in DEALERS]
KEYS = verification_keys(COMMITMENTS)
ONE = Scalar.from_int(1)


def secret_share(trustee_index: int) -> SecretShare:
    return combine_shares([deal(polynomial, trustee_index) for polynomial in DEALERS])


def tally_statement() -> TallyStatement:
    nonces = [Scalar.random(drawn(f"tally nonce {number}", 64)) for number in range(len(COUNTS))]
    ciphertexts = encrypt(joint_key(COMMITMENTS), [Scalar.from_int(count) for count in COUNTS], nonces)
    return TallyStatement(drawn("context", 64), 1, drawn("aggregate digest", 64), ciphertexts)


def released(trustee_index: int, statement: TallyStatement) -> tuple[PartialDecryption, DecryptionProof]:
    return partially_decrypt(secret_share(trustee_index), statement, drawn(f"release {trustee_index}", 32))


def changed(array: ElementArray, place: int, *, by: GroupElement = GENERATOR) -> ElementArray:
    """The array with `by` added at one place."""
    return ElementArray.of(e + by if i == place else e for i, e in enumerate(array))


def swapped(array: ElementArray, one: int, other: int) -> ElementArray:
    elements = list(array)
    elements[one], elements[other] = elements[other], elements[one]
    return ElementArray.of(elements)


def verify_case(
    comment: str,
    expect: str,
    statement: TallyStatement,
    release: tuple[PartialDecryption, DecryptionProof],
    key: GroupElement,
) -> Case:
    partial, proof = release
    return {
        "source": SOURCE,
        "spec": "protocol.md §5.7",
        "comment": comment,
        "input": {
            "context": statement.context.hex(),
            "round": statement.round_number,
            "aggregate_digest": statement.aggregate_digest.hex(),
            "ciphertexts": statement.ciphertexts.encode().hex(),
            "trustee": partial.trustee_index,
            "partials": partial.partials.encode().hex(),
            "commitments": proof.commitments.encode().hex(),
            "response": proof.response.encoded.hex(),
            "verification_key": key.encoded.hex(),
        },
        "expect": expect,
    }


def statement_cases(statement: TallyStatement) -> dict[str, Case]:
    """A good release of trustee 2 under another statement."""
    partial, proof = released(2, statement)
    ciphertexts = statement.ciphertexts
    pads_changed = [Ciphertext(c.pad + GENERATOR, c.data) if i == 1 else c for i, c in enumerate(ciphertexts)]
    datas_changed = [
        Ciphertext(c.pad, c.data + GENERATOR) if i == 1 else c for i, c in enumerate(ciphertexts)
    ]
    reordered = [ciphertexts[1], ciphertexts[0], *list(ciphertexts)[2:]]
    others = {
        "other-context": replace(statement, context=drawn("other context", 64)),
        "other-round": replace(statement, round_number=2),
        "other-aggregate-digest": replace(statement, aggregate_digest=drawn("other digest", 64)),
        "pad-changed": replace(statement, ciphertexts=CiphertextArray.of(pads_changed)),
        "data-changed": replace(statement, ciphertexts=CiphertextArray.of(datas_changed)),
        "ciphertexts-swapped": replace(statement, ciphertexts=CiphertextArray.of(reordered)),
        "ciphertext-missing": replace(statement, ciphertexts=CiphertextArray.of(list(ciphertexts)[:-1])),
        "ciphertext-more": replace(statement, ciphertexts=CiphertextArray.of([*ciphertexts, ciphertexts[0]])),
    }
    return {
        name: verify_case(name.replace("-", " "), "ProofError", other, (partial, proof), KEYS[1])
        for name, other in others.items()
    }


def release_cases(statement: TallyStatement) -> dict[str, Case]:
    """A good statement under other releases."""
    good, proof = released(2, statement)
    other, other_proof = released(3, statement)
    zeros = ElementArray.of([IDENTITY] * len(COUNTS))
    no_commitments = ElementArray.of([IDENTITY] * (len(COUNTS) + 1))
    # z = k: every equation holds under the key 0·B, with all partials the identity.
    pads = statement.ciphertexts.pads
    nonce_only = DecryptionProof(ElementArray.concat([ElementArray.of([GENERATOR]), pads]), ONE)
    wrong = replace(good, partials=changed(good.partials, 2))
    rows = {
        "other-index": (replace(good, trustee_index=3), proof, KEYS[1]),
        "other-key": (good, proof, KEYS[2]),
        "other-trustee": (replace(other, trustee_index=2), other_proof, KEYS[1]),
        "partial-changed": (wrong, proof, KEYS[1]),
        "partials-swapped": (replace(good, partials=swapped(good.partials, 0, 1)), proof, KEYS[1]),
        "partial-missing": (replace(good, partials=good.partials[:-1]), proof, KEYS[1]),
        "key-commitment-changed": (good, replace(proof, commitments=changed(proof.commitments, 0)), KEYS[1]),
        "commitment-changed": (good, replace(proof, commitments=changed(proof.commitments, 4)), KEYS[1]),
        "commitments-swapped": (good, replace(proof, commitments=swapped(proof.commitments, 1, 2)), KEYS[1]),
        "commitment-missing": (good, replace(proof, commitments=proof.commitments[:-1]), KEYS[1]),
        "response-changed": (good, replace(proof, response=proof.response + ONE), KEYS[1]),
        "response-zero": (good, replace(proof, response=Scalar.from_int(0)), KEYS[1]),
        "all-zero": (
            PartialDecryption(2, zeros),
            DecryptionProof(no_commitments, Scalar.from_int(0)),
            KEYS[1],
        ),
        "identity-key": (PartialDecryption(2, zeros), nonce_only, IDENTITY),
    }
    cases = {
        name: verify_case(name.replace("-", " "), "ProofError", statement, (partial, proof), key)
        for name, (partial, proof, key) in rows.items()
    }
    return cases | {"good": verify_case("as released", "ok", statement, (good, proof), KEYS[1])}


def good_cases(statement: TallyStatement) -> dict[str, Case]:
    lifted = CiphertextArray.of([Ciphertext(IDENTITY, GENERATOR), *statement.ciphertexts])
    others = {
        "identity-pad": ("a sum whose pad is the identity", replace(statement, ciphertexts=lifted)),
        "no-ciphertexts": ("every cell is withheld", replace(statement, ciphertexts=CiphertextArray.of([]))),
    }
    return {
        name: verify_case(comment, "ok", other, released(1, other), KEYS[0])
        for name, (comment, other) in others.items()
    }


def combination_cases(statement: TallyStatement) -> dict[str, Case]:
    partials = [released(index, statement)[0] for index in range(1, TRUSTEES + 1)]
    cases = {}
    for pair in itertools.combinations(partials, THRESHOLD):
        indexes = [partial.trustee_index for partial in pair]
        elements = combine(pair, statement.ciphertexts.datas, threshold=THRESHOLD)
        cases["-".join(map(str, indexes))] = {
            "source": SOURCE,
            "spec": "protocol.md §5.8",
            "input": {
                "threshold": THRESHOLD,
                "datas": statement.ciphertexts.datas.encode().hex(),
                "partials": [
                    {"trustee": partial.trustee_index, "partials": partial.partials.encode().hex()}
                    for partial in pair
                ],
            },
            "intermediate": {
                "lagrange": [value.encoded.hex() for value in lagrange_coefficients(indexes)],
                "elements": hexes(elements.encode()),
            },
            "output": {"counts": list(COUNTS)},
            "expect": "ok",
        }
    return cases


def lagrange_cases() -> dict[str, Case]:
    rows: dict[str, tuple[list[int], str]] = {
        "1": ([1], "ok"),
        "1-2": ([1, 2], "ok"),
        "2-1": ([2, 1], "ok"),
        "1-3-5": ([1, 3, 5], "ok"),
        "17-to-32": (list(range(17, 33)), "ok"),
        "zero": ([0, 1], "DecryptionError"),
        "twice": ([2, 3, 2], "DecryptionError"),
        "33": ([1, 33], "DecryptionError"),
        "negative": ([-1, 1], "DecryptionError"),
    }
    return {
        name: {
            "source": SOURCE,
            "spec": "protocol.md §5.8",
            "input": {"trustees": indexes},
            "output": {
                "coefficients": [value.encoded.hex() for value in lagrange_coefficients(indexes)]
                if expect == "ok"
                else []
            },
            "expect": expect,
        }
        for name, (indexes, expect) in rows.items()
    }


def cases() -> dict[str, Case]:
    statement = tally_statement()
    folders = {
        "partial-decryptions": good_cases(statement) | statement_cases(statement) | release_cases(statement),
        "combination": combination_cases(statement),
        "lagrange": lagrange_cases(),
    }
    return {f"{folder}/{name}": case for folder, content in folders.items() for name, case in content.items()}


if __name__ == "__main__":
    write(cases())
