"""The key ceremony's mathematics: vectors, all subsets, and what dealers may not do. N42–N49."""

import itertools
from typing import Any

import pytest
import rbcl
from hypothesis import given
from hypothesis import strategies as st

from crypto import errors
from crypto.decryption import lagrange_coefficients
from crypto.errors import DealerError, EncodingError, ProofError
from crypto.group import GENERATOR, IDENTITY, ORDER, ElementArray, GroupElement, base_multiply
from crypto.possession import PossessionProof, prove_dealer_possession, verify_dealer_possession
from crypto.scalar import Scalar
from crypto.sharing import (
    DealtShare,
    Polynomial,
    SecretShare,
    coefficient_commitments,
    combine_shares,
    deal,
    joint_key,
    parse_share_plaintext,
    require_commitments,
    share_plaintext,
    vartime_evaluate_commitments,
    verification_keys,
    verify_dealt_share,
)
from tests.support.vectors import vectors

ZERO = Scalar.from_int(0)
MANIFEST_DIGEST = bytes(range(32))


def polynomial(dealer: int, *coefficients: int) -> Polynomial:
    return Polynomial(dealer, tuple(Scalar.from_int(value) for value in coefficients))


def ceremony(n: int, t: int) -> list[Polynomial]:
    return [polynomial(i, *(1000 * i + 7 * j + 1 for j in range(t))) for i in range(1, n + 1)]


def secret_shares(dealers: list[Polynomial]) -> list[SecretShare]:
    return [combine_shares([deal(f, index) for f in dealers]) for index in range(1, len(dealers) + 1)]


def value_at(coefficients: tuple[int, ...], point: int) -> int:
    total: int = sum(c * point**j for j, c in enumerate(coefficients))
    return total % ORDER


def unhex(values: list[str]) -> bytes:
    return bytes.fromhex("".join(values))


# Vectors.


@pytest.mark.parametrize("case", vectors("sharing"), ids=lambda case: case["id"])
def test_sharing_vector(case: dict[str, Any]) -> None:
    dealers = [
        Polynomial(i, tuple(Scalar.decode(bytes.fromhex(f)) for f in row))
        for i, row in enumerate(case["input"]["coefficients"], start=1)
    ]
    commitments = [coefficient_commitments(f) for f in dealers]
    assert [vector.encode() for vector in commitments] == [
        unhex(row) for row in case["intermediate"]["coefficient_commitments"]
    ]
    for f, vector, row in zip(dealers, commitments, case["intermediate"]["dealt_shares"], strict=True):
        require_commitments(vector, dealer=f.dealer, threshold=case["input"]["threshold"])
        for recipient, expected in enumerate(row, start=1):
            dealt = deal(f, recipient)
            assert dealt.value.encoded.hex() == expected
            verify_dealt_share(dealt, vector)
    output = case["output"]
    assert joint_key(commitments).encoded.hex() == output["joint_key"]
    assert [share.value.encoded.hex() for share in secret_shares(dealers)] == output["secret_shares"]
    assert [key.encoded.hex() for key in verification_keys(commitments)] == output["verification_keys"]


@pytest.mark.parametrize("case", vectors("dealt-shares"), ids=lambda case: case["id"])
def test_dealt_share_vector(case: dict[str, Any]) -> None:
    """N45: a share that is inconsistent with the published coefficients names its dealer."""
    given_ = case["input"]
    dealt = DealtShare(given_["dealer"], given_["recipient"], Scalar.decode(bytes.fromhex(given_["value"])))
    commitments = ElementArray.decode(unhex(given_["coefficient_commitments"]))
    if case["expect"] == "ok":
        verify_dealt_share(dealt, commitments)
    else:
        with pytest.raises(DealerError, match=r"\(trustee 1\)") as caught:
            verify_dealt_share(dealt, commitments)
        assert caught.value.culprit == 1


@pytest.mark.parametrize("case", vectors("share-plaintexts"), ids=lambda case: case["id"])
def test_share_plaintext_vector(case: dict[str, Any]) -> None:
    """N47, N49: the box of another election, from another dealer or for another trustee is the dealer's fault."""
    given_ = case["input"]
    plaintext, manifest_digest = bytes.fromhex(given_["plaintext"]), bytes.fromhex(given_["manifest_digest"])
    context = {
        "manifest_digest": manifest_digest,
        "dealer": given_["dealer"],
        "recipient": given_["recipient"],
    }
    if case["expect"] == "ok":
        dealt = parse_share_plaintext(plaintext, **context)
        assert dealt.value.encoded.hex() == case["output"]["value"]
        assert share_plaintext(dealt, manifest_digest) == plaintext
    else:
        with pytest.raises(getattr(errors, case["expect"])) as caught:
            parse_share_plaintext(plaintext, **context)
        assert caught.value.culprit == given_["dealer"]


@pytest.mark.parametrize("size", [0, 79, 81])
def test_share_plaintext_of_wrong_size_is_said_as_such(size: int) -> None:
    with pytest.raises(DealerError, match=f"{size} bytes, not 80"):
        parse_share_plaintext(bytes(size), manifest_digest=MANIFEST_DIGEST, dealer=1, recipient=2)


# Against a second implementation and against plain integers.

coefficient_lists = st.lists(st.integers(1, ORDER - 1), min_size=1, max_size=5).map(tuple)
indexes = st.integers(1, 32)


@given(coefficient_lists, indexes)
def test_dealt_shares_are_values_of_the_polynomial(coefficients: tuple[int, ...], recipient: int) -> None:
    f = polynomial(1, *coefficients)
    dealt = deal(f, recipient)
    assert dealt.value == Scalar.from_int(value_at(coefficients, recipient))
    commitments = coefficient_commitments(f)
    assert vartime_evaluate_commitments(commitments, recipient).encoded == (
        rbcl.crypto_scalarmult_ristretto255_base_allow_scalar_zero(dealt.value.encoded)
    )
    verify_dealt_share(dealt, commitments)


@given(coefficient_lists)
def test_commitments_are_those_of_a_second_library(coefficients: tuple[int, ...]) -> None:
    f = polynomial(1, *coefficients)
    expected = b"".join(rbcl.crypto_scalarmult_ristretto255_base(c.encoded) for c in f.coefficients)
    assert coefficient_commitments(f).encode() == expected


@given(st.integers(1, ORDER - 1), indexes, indexes, st.binary(min_size=32, max_size=32))
def test_share_plaintext_round_trip(value: int, dealer: int, recipient: int, manifest_digest: bytes) -> None:
    dealt = DealtShare(dealer, recipient, Scalar.from_int(value))
    plaintext = share_plaintext(dealt, manifest_digest)
    context = {"dealer": dealer, "recipient": recipient}
    assert parse_share_plaintext(plaintext, manifest_digest=manifest_digest, **context) == dealt


@pytest.mark.parametrize(("n", "t"), [(n, t) for n in range(1, 6) for t in range(1, n + 1)])
def test_exactly_t_shares_give_the_joint_secret(n: int, t: int) -> None:
    """All subsets of every size: those of t and more interpolate to f(0), those of t − 1 and fewer do not."""
    dealers = ceremony(n, t)
    secret = sum(1000 * i + 1 for i in range(1, n + 1))
    shares = secret_shares(dealers)
    assert (
        joint_key([coefficient_commitments(f) for f in dealers])
        == base_multiply([Scalar.from_int(secret)])[0]
    )
    for size in range(1, n + 1):
        for subset in itertools.combinations(shares, size):
            total = ZERO
            for coefficient, share in zip(
                lagrange_coefficients([share.trustee_index for share in subset]), subset, strict=True
            ):
                total = total + coefficient * share.value
            assert (total == Scalar.from_int(secret)) == (size >= t)


@pytest.mark.parametrize(("n", "t"), [(n, t) for n in range(1, 6) for t in range(1, n + 1)])
def test_verification_keys_belong_to_the_secret_shares(n: int, t: int) -> None:
    dealers = ceremony(n, t)
    keys = verification_keys([coefficient_commitments(f) for f in dealers])
    assert keys == tuple(base_multiply([share.value for share in secret_shares(dealers)]))


# What a dealer may not do.


@pytest.mark.parametrize("length", [0, 1, 3])
def test_commitments_of_another_length_are_refused(length: int) -> None:
    """N46: one more raises the threshold, one fewer lowers it."""
    vector = coefficient_commitments(polynomial(2, 5, 6, 7))[:length]
    with pytest.raises(DealerError, match=f"{length} of them for a threshold of 2") as caught:
        require_commitments(vector, dealer=2, threshold=2)
    assert caught.value.culprit == 2


def test_constant_term_must_not_be_the_identity() -> None:
    """N46; a later coefficient may be, as nobody's secret rests on it alone."""
    with pytest.raises(DealerError, match="constant term is the identity") as caught:
        require_commitments(ElementArray.of([IDENTITY, GENERATOR]), dealer=3, threshold=2)
    assert caught.value.culprit == 3
    require_commitments(ElementArray.of([GENERATOR, IDENTITY]), dealer=3, threshold=2)


def test_rogue_key_would_be_the_attackers_alone_and_has_no_proof() -> None:
    """N43: C_30 = s·B − C_10 − C_20 makes h = s·B; only a proof of possession stands against it. N42."""
    honest = [coefficient_commitments(polynomial(i, 10 + i, 20 + i)) for i in (1, 2)]
    s = Scalar.from_int(99)
    mine = base_multiply([s])[0] - honest[0][0] - honest[1][0]
    rogue = ElementArray.of([mine, GENERATOR])
    require_commitments(rogue, dealer=3, threshold=2)
    assert joint_key([*honest, rogue]) == base_multiply([s])[0]

    def verify(proof: PossessionProof) -> None:
        verify_dealer_possession(
            proof,
            manifest_digest=MANIFEST_DIGEST,
            trustees=3,
            threshold=2,
            trustee_index=3,
            coefficient_commitments=list(rogue),
        )

    proof = prove_dealer_possession(
        s,  # all that the attacker knows; the logarithm of its constant term it does not
        bytes(32),
        manifest_digest=MANIFEST_DIGEST,
        trustees=3,
        threshold=2,
        trustee_index=3,
        coefficient_commitments=list(rogue),
    )
    for attempt in (proof, PossessionProof(honest[0][0], s)):
        with pytest.raises(ProofError):
            verify(attempt)


def test_joint_key_must_not_be_the_identity() -> None:
    """N5, N43: two dealers whose constant terms cancel out."""
    one, two = polynomial(1, 5, 1), polynomial(2, -5, 1)
    with pytest.raises(EncodingError, match="joint key: the identity"):
        joint_key([coefficient_commitments(one), coefficient_commitments(two)])


def test_verification_key_must_not_be_the_identity() -> None:
    """N5: dealers who together gave trustee 2 the share zero."""
    one, two = polynomial(1, 5, 1), polynomial(2, -11, 2)
    commitments = [coefficient_commitments(one), coefficient_commitments(two)]
    with pytest.raises(EncodingError, match="verification key of trustee 2: the identity"):
        verification_keys(commitments)
    with pytest.raises(ValueError, match="secret share: zero"):
        combine_shares([deal(one, 2), deal(two, 2)])


def test_public_sums_need_all_vectors_of_one_length() -> None:
    one, two = coefficient_commitments(polynomial(1, 5)), coefficient_commitments(polynomial(2, 5, 6))
    for use in (joint_key, verification_keys):
        with pytest.raises(ValueError, match="different lengths, or none"):
            use([one, two])
        with pytest.raises(ValueError, match="different lengths, or none"):
            use([])


def test_joint_key_depends_on_every_dealer() -> None:
    """N48."""
    vectors_ = [coefficient_commitments(f) for f in ceremony(3, 2)]
    keys = {
        joint_key(list(subset)) for size in (1, 2, 3) for subset in itertools.combinations(vectors_, size)
    }
    assert len(keys) == 7
    assert joint_key(vectors_) == vectors_[0][0] + vectors_[1][0] + vectors_[2][0]


# What our own code may not do.


@pytest.mark.parametrize("index", [-1, 0, 33, ORDER, ORDER + 1])
def test_trustee_indexes_are_1_to_32(index: int) -> None:
    """N47: at 0 a polynomial gives its secret, and indexes modulo ℓ would be two for one trustee."""
    f = polynomial(1, 5, 6)
    for use in (
        lambda: deal(f, index),
        lambda: vartime_evaluate_commitments(coefficient_commitments(f), index),
        lambda: Polynomial(index, f.coefficients),
        lambda: DealtShare(index, 1, ZERO),
        lambda: DealtShare(1, index, ZERO),
        lambda: SecretShare(index, Scalar.from_int(1)),
    ):
        with pytest.raises(ValueError, match="trustee index"):
            use()


def test_secret_share_needs_one_dealt_share_from_each() -> None:
    dealers = ceremony(3, 2)
    mine = [deal(f, 2) for f in dealers]
    assert combine_shares(mine[::-1]) == combine_shares(mine)
    for wrong in (mine[1:], [*mine, mine[0]], [mine[0], mine[0], mine[2]]):
        with pytest.raises(ValueError, match="not one dealt share from each"):
            combine_shares(wrong)
    for wrong in ([], [*mine[:2], deal(dealers[2], 3)]):
        with pytest.raises(ValueError, match="dealt shares for"):
            combine_shares(wrong)


def test_polynomial_comes_from_64_bytes_for_each_coefficient() -> None:
    randomness = bytes(range(64)) + bytes([255]) * 64
    f = Polynomial.from_random_bytes(2, randomness)
    assert f.coefficients == (Scalar.random(randomness[:64]), Scalar.random(randomness[64:]))
    assert f.dealer == 2
    with pytest.raises(ValueError, match="64 bytes for each"):
        Polynomial.from_random_bytes(2, randomness[:-1])
    with pytest.raises(ValueError, match="0 coefficients"):
        Polynomial.from_random_bytes(2, b"")
    with pytest.raises(ValueError, match="33 coefficients"):
        polynomial(1, *range(1, 34))


def test_zero_coefficient_is_to_be_redrawn() -> None:
    for coefficients in [(0, 1), (1, 0)]:
        with pytest.raises(ValueError, match="coefficient is zero"):
            polynomial(1, *coefficients)


def test_secrets_are_not_shown() -> None:
    f = polynomial(1, 5, 6)
    assert repr(f) == "Polynomial(dealer=1)"
    assert repr(deal(f, 2)) == "DealtShare(dealer=1, recipient=2)"
    assert repr(SecretShare(2, Scalar.from_int(17))) == "SecretShare(trustee_index=2)"


def test_commitment_sums_are_group_elements_of_the_reference() -> None:
    (case,) = (case for case in vectors("sharing") if case["id"] == "2-of-3")
    rows = case["intermediate"]["coefficient_commitments"]
    total = bytes(32)
    for row in rows:
        total = rbcl.crypto_core_ristretto255_add(total, bytes.fromhex(row[0]))
    assert GroupElement.decode(total).encoded.hex() == case["output"]["joint_key"]
