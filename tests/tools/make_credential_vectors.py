"""Make tests/vectors/credential, code, tracking and possession."""

from functools import reduce
from operator import add
from typing import Any

from crypto.credential import credential_part, part_public
from crypto.crockford import ALPHABET, encode_code, encode_symbols
from crypto.group import GENERATOR, IDENTITY, GroupElement, Scalar, hash_to_scalar
from crypto.hashing import Tag, digest, le64
from crypto.possession import PossessionProof, prove_dealer_possession, prove_reissue_possession
from crypto.tracking import tracking_code
from tests.tools.vector_files import Case, drawn, write

SOURCE = "tests/tools/make_credential_vectors.py"


def case(spec: str, comment: str, given: dict[str, Any], expect: str = "ok", **more: Any) -> Case:
    head = {"source": SOURCE, "spec": f"protocol.md §{spec}", "comment": comment, "input": given}
    return head | more | {"expect": expect}


def scalar(label: str) -> Scalar:
    return Scalar.from_digest(drawn(label, 64))


# Credentials.


def credential(comment: str, election_id: str, drawn_parts: list[tuple[str, bytes]]) -> Case:
    parts = [credential_part(election_id, issuer, bits) for issuer, bits in drawn_parts]
    publics = [part_public(part) for part in parts]
    return case(
        "2.8",
        comment,
        {
            "election_id": election_id,
            "parts": [{"issuer_id": issuer, "bits": bits.hex()} for issuer, bits in drawn_parts],
        },
        intermediate={
            "secrets": [part.encoded.hex() for part in parts],
            "publics": [public.encoded.hex() for public in publics],
        },
        output={
            "secret": reduce(add, parts).encoded.hex(),
            "credential": reduce(add, publics).encoded.hex(),
        },
    )


def publics(comment: str, elements: list[GroupElement]) -> Case:
    given = {"publics": [element.encoded.hex() for element in elements]}
    return case("2.11", comment, given, "EncodingError")


def credential_cases() -> dict[str, Case]:
    bits = drawn("credential bits", 16)
    part = part_public(scalar("credential part"))
    return {
        "credential/one-issuer": credential("one part", "mayor-2027", [("registrar", bits)]),
        "credential/two-issuers": credential(
            "two parts", "mayor-2027", [("registrar", bits), ("identity", drawn("other bits", 16))]
        ),
        "credential/zero-bits": credential("all bits zero", "mayor-2027", [("registrar", bytes(16))]),
        "credential/split-elsewhere": credential(
            "the same letters, divided differently between election and issuer",
            "mayor-2027r",
            [("egistrar", bits)],
        ),
        "credential/cancel-out": publics("the sum is the identity", [part, -part]),
        "credential/identity-part": publics("one part is the identity", [part, IDENTITY]),
        "credential/no-parts": publics("nothing to join", []),
    }


# Credential codes.


def good_code(comment: str, text: str, bits: bytes) -> Case:
    check = int.from_bytes(bits, "big") % 1021
    output = {"bits": bits.hex(), "code": encode_code(bits)}
    return case("2.9", comment, {"text": text}, intermediate={"check": check}, output=output)


def bad_code(comment: str, text: str) -> Case:
    return case("2.9", comment, {"text": text}, "EncodingError")


def swapped(code: str) -> str:
    place = next(i for i in range(4) if code[i] != code[i + 1] and "-" not in code[i : i + 2])
    return code[:place] + code[place + 1] + code[place] + code[place + 2 :]


def code_cases() -> dict[str, Case]:
    bits = drawn("code", 16)
    code = encode_code(bits)
    folding = bytes(15) + b"\x21"
    beyond = (1 << 128) + 5
    wrong = ALPHABET[(ALPHABET.index(code[-6]) + 1) % 32]
    bare = code.replace("-", "")
    # Where the 26 symbols meet the check: a swap across the border.
    across = bare[:25] + bare[26] + bare[25] + bare[27]
    return {
        "code/good": good_code("as printed", code, bits),
        "code/zero": good_code("all bits zero", encode_code(bytes(16)), bytes(16)),
        "code/ones": good_code("all bits one", encode_code(b"\xff" * 16), b"\xff" * 16),
        "code/lower-case-and-spaces": good_code("as typed", code.lower().replace("-", " ") + " ", bits),
        "code/look-alikes": good_code(
            "o for 0, l and I for 1",
            encode_code(folding).replace("0", "o").replace("1", "l", 1).replace("1", "I"),
            folding,
        ),
        "code/wrong-symbol": bad_code("one symbol is wrong", code[:-6] + wrong + code[-5:]),
        "code/swapped": bad_code("two neighbours swapped", swapped(code)),
        "code/swapped-across": bad_code("the last symbol and the first check symbol swapped", across),
        "code/short": bad_code("27 symbols", code[:-1]),
        "code/long": bad_code("29 symbols", code + "0"),
        "code/empty": bad_code("no symbols", ""),
        "code/letter-u": bad_code("U is no symbol", "U" + code[1:]),
        "code/dotless-i": bad_code("U+0131, whose upper case is I", code[:-1] + "\u0131"),
        "code/other-hyphen": bad_code("U+2010 in place of U+002D", code.replace("-", "\u2010", 1)),
        "code/line-end": bad_code("a line feed at the end", code + "\n"),
        "code/beyond-128-bits": bad_code(
            "2^128 + 5 with a matching check", encode_symbols(beyond, 26) + encode_symbols(beyond % 1021, 2)
        ),
        "code/check-not-reduced": bad_code("check 1021 in place of 0", "0" * 26 + encode_symbols(1021, 2)),
    }


# Tracking codes.


def tracking_cases() -> dict[str, Case]:
    context, packed = drawn("tracking context", 64), drawn("tracking ciphertexts", 128)
    code = tracking_code(context, "town", GENERATOR, packed)
    given = {
        "context": context.hex(),
        "style_id": "town",
        "credential": GENERATOR.encoded.hex(),
        "ciphertexts": packed.hex(),
    }
    hashed = digest(Tag.TRACKING, context, b"town", GENERATOR.encoded, packed)

    def parsed(comment: str, text: str, expect: str = "ok", **more: Any) -> Case:
        return case("3.12", comment, {"text": text}, expect, **more)

    return {
        "tracking/made": case(
            "3.12", "first 120 bits", given, intermediate={"digest": hashed.hex()}, output={"code": code}
        ),
        "tracking/as-typed": parsed("typed", code.lower().replace("-", " "), output={"code": code}),
        "tracking/look-alikes": parsed(
            "o, i, l", "oOoOoOoOoOoO" + "iIlLiIlLiIlL", output={"code": "0000-0000-0000-1111-1111-1111"}
        ),
        "tracking/short": parsed("23 symbols", code[:-1], "EncodingError"),
        "tracking/long": parsed("25 symbols", code + "0", "EncodingError"),
        "tracking/letter-u": parsed("U is no symbol", code[:-1] + "U", "EncodingError"),
    }


# Proofs of possession.

SECRET, LINEAR = scalar("constant term"), scalar("linear term")
COMMITMENTS = (SECRET * GENERATOR, LINEAR * GENERATOR)
DEALER: dict[str, Any] = {
    "manifest_digest": drawn("manifest", 32),
    "trustees": 3,
    "threshold": 2,
    "trustee_index": 1,
    "coefficient_commitments": COMMITMENTS,
}
REISSUE: dict[str, Any] = {
    "manifest_digest": drawn("manifest", 32),
    "issuer_id": "registrar",
    "old_credential": scalar("old credential") * GENERATOR,
    "part": SECRET * GENERATOR,
}
RANDOMNESS = drawn("possession randomness", 32)


def hexed(value: Any) -> Any:
    match value:
        case bytes():
            return value.hex()
        case GroupElement():
            return value.encoded.hex()
        case tuple():
            return [hexed(item) for item in value]
        case _:
            return value


def possession(
    comment: str,
    kind: str,
    statement: dict[str, Any],
    proof: PossessionProof,
    expect: str = "ok",
    **more: Any,
) -> Case:
    given = {
        "kind": kind,
        **{name: hexed(value) for name, value in statement.items()},
        "commitment": proof.commitment.encoded.hex(),
        "response": proof.response.encoded.hex(),
    }
    return case("2.3" if kind == "dealer" else "2.13", comment, given, expect, **more)


def made(comment: str, kind: str, statement: dict[str, Any], proof: PossessionProof, tag: Tag) -> Case:
    if kind == "dealer":
        numbers = (statement["trustees"], statement["threshold"], statement["trustee_index"])
        packed = b"".join(element.encoded for element in statement["coefficient_commitments"])
        parts = (statement["manifest_digest"], *map(le64, numbers), packed)
    else:
        elements = (statement["old_credential"].encoded, statement["part"].encoded)
        parts = (statement["manifest_digest"], statement["issuer_id"].encode(), *elements)
    k = hash_to_scalar(Tag.POSSESSION_NONCE, SECRET.encoded, RANDOMNESS, tag.value, *parts)
    e = hash_to_scalar(tag, *parts, proof.commitment.encoded)
    return possession(
        comment,
        kind,
        statement,
        proof,
        prover={"secret": SECRET.encoded.hex(), "randomness": RANDOMNESS.hex()},
        intermediate={"k": k.encoded.hex(), "e": e.encoded.hex()},
    )


def possession_cases() -> dict[str, Case]:
    dealer = prove_dealer_possession(SECRET, RANDOMNESS, **DEALER)
    reissue = prove_reissue_possession(SECRET, RANDOMNESS, **REISSUE)
    one = Scalar.from_int(1)
    swapped_commitments = {"coefficient_commitments": COMMITMENTS[::-1]}

    def refused(comment: str, kind: str, changed: dict[str, Any], proof: PossessionProof) -> Case:
        statement = (DEALER if kind == "dealer" else REISSUE) | changed
        return possession(comment, kind, statement, proof, "ProofError")

    cases = {
        "dealer": made("trustee 1 of 3, threshold 2", "dealer", DEALER, dealer, Tag.POSSESSION),
        "reissue": made("one part", "reissue", REISSUE, reissue, Tag.REISSUE_POSSESSION),
        "dealer-other-manifest": refused(
            "another manifest", "dealer", {"manifest_digest": drawn("other manifest", 32)}, dealer
        ),
        "dealer-other-number": refused("4 trustees", "dealer", {"trustees": 4}, dealer),
        "dealer-other-index": refused("trustee 2", "dealer", {"trustee_index": 2}, dealer),
        "dealer-swapped": refused("commitments swapped", "dealer", swapped_commitments, dealer),
        "dealer-one-commitment": refused(
            "t − 1 commitments", "dealer", {"coefficient_commitments": COMMITMENTS[:1]}, dealer
        ),
        "dealer-other-commitment": refused(
            "K + B", "dealer", {}, PossessionProof(dealer.commitment + GENERATOR, dealer.response)
        ),
        "dealer-other-response": refused(
            "z + 1", "dealer", {}, PossessionProof(dealer.commitment, dealer.response + one)
        ),
        "dealer-with-reissue-proof": refused("a proof made for a reissue", "dealer", {}, reissue),
        "reissue-with-dealer-proof": refused("a proof made by a dealer", "reissue", {}, dealer),
        "reissue-other-issuer": refused("another issuer", "reissue", {"issuer_id": "identity"}, reissue),
        "reissue-other-credential": refused(
            "another old credential", "reissue", {"old_credential": GENERATOR}, reissue
        ),
        "reissue-other-part": refused("another part", "reissue", {"part": COMMITMENTS[1]}, reissue),
    }
    return {f"possession/{name}": content for name, content in cases.items()}


def cases() -> dict[str, Case]:
    return credential_cases() | code_cases() | tracking_cases() | possession_cases()


if __name__ == "__main__":
    write(cases())
