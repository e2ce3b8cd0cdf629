"""The tally's mathematics: vectors, all subsets of trustees, and releases that must not pass. N53–N58."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
import rbcl
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import errors
from crypto.decryption import (
    DecryptionProof,
    PartialDecryption,
    TallyStatement,
    combine,
    lagrange_coefficients,
    partially_decrypt,
    verify_partial_decryption,
)
from crypto.dlog import recover_counts
from crypto.elgamal import CiphertextArray, encrypt
from crypto.errors import DecryptionError, ProofError
from crypto.group import (
    GENERATOR,
    IDENTITY,
    ORDER,
    ElementArray,
    GroupElement,
    base_multiply,
    vartime_multiscalar,
)
from crypto.hashing import Tag, le64
from crypto.scalar import Scalar, hash_to_scalar
from crypto.sharing import (
    Polynomial,
    SecretShare,
    coefficient_commitments,
    combine_shares,
    deal,
    joint_key,
    verification_keys,
)
from tests.support.vectors import vectors

Release = tuple[PartialDecryption, DecryptionProof]


class Trustees:
    """n trustees after a ceremony with threshold t, and a tally for them."""

    def __init__(self, n: int, t: int, counts: tuple[int, ...] = (3, 0, 12)) -> None:
        self.threshold = t
        dealers = [
            Polynomial(i, tuple(Scalar.from_int(100 * i + j + 1) for j in range(t))) for i in range(1, n + 1)
        ]
        commitments = [coefficient_commitments(f) for f in dealers]
        self.shares = [combine_shares([deal(f, index) for f in dealers]) for index in range(1, n + 1)]
        self.keys = verification_keys(commitments)
        nonces = [Scalar.from_int(7 + number) for number in range(len(counts))]
        ciphertexts = encrypt(joint_key(commitments), [Scalar.from_int(count) for count in counts], nonces)
        self.statement = TallyStatement(bytes(64), 1, bytes([1]) * 64, ciphertexts)

    def release(self, trustee_index: int) -> Release:
        return partially_decrypt(self.shares[trustee_index - 1], self.statement, bytes([trustee_index]) * 32)

    def verify(self, release: Release) -> None:
        partial, proof = release
        verify_partial_decryption(partial, proof, self.statement, self.keys[partial.trustee_index - 1])


def challenge(
    trustees: Trustees,
    trustee_index: int,
    partials: ElementArray,
    commitments: ElementArray,
    *,
    bind_partials: bool = True,
) -> Scalar:
    """e of protocol.md §5.7, put together a second time; on request as it must not be, without the partials."""
    statement = trustees.statement
    packed = b"".join(
        c.encode() + (M.encoded if bind_partials else b"") + K.encoded
        for c, M, K in zip(statement.ciphertexts, partials, commitments[1:], strict=True)
    )
    return hash_to_scalar(
        Tag.DECRYPTION,
        statement.context,
        le64(statement.round_number),
        le64(trustee_index),
        trustees.keys[trustee_index - 1].encoded,
        statement.aggregate_digest,
        packed,
        commitments[0].encoded,
    )


def prove_over(trustees: Trustees, share: SecretShare, partials: ElementArray) -> Release:
    """An honest prover's moves over partials of any kind."""
    k = Scalar.from_int(4711)
    commitments = ElementArray.concat([base_multiply([k]), trustees.statement.ciphertexts.pads.scale(k)])
    e = challenge(trustees, share.trustee_index, partials, commitments)
    return PartialDecryption(share.trustee_index, partials), DecryptionProof(commitments, k + e * share.value)


# Vectors.


@pytest.mark.parametrize("case", vectors("partial-decryptions"), ids=lambda case: case["id"])
def test_partial_decryption_vector(case: dict[str, Any]) -> None:
    """N54, N58: another ciphertext, order, trustee or key; swapped, missing, changed or zero items."""
    given_ = case["input"]
    raw = {name: bytes.fromhex(value) for name, value in given_.items() if isinstance(value, str)}
    ciphertexts = CiphertextArray.decode(raw["ciphertexts"])
    statement = TallyStatement(raw["context"], given_["round"], raw["aggregate_digest"], ciphertexts)
    partial = PartialDecryption(given_["trustee"], ElementArray.decode(raw["partials"]))
    proof = DecryptionProof(ElementArray.decode(raw["commitments"]), Scalar.decode(raw["response"]))
    key = GroupElement.decode(raw["verification_key"])
    if case["expect"] == "ok":
        verify_partial_decryption(partial, proof, statement, key)
    else:
        named = f"partial decryption of trustee {given_['trustee']}: "
        with pytest.raises(getattr(errors, case["expect"]), match=named):
            verify_partial_decryption(partial, proof, statement, key)


@pytest.mark.parametrize("case", vectors("combination"), ids=lambda case: case["id"])
def test_combination_vector(case: dict[str, Any]) -> None:
    given_ = case["input"]
    partials = [
        PartialDecryption(row["trustee"], ElementArray.decode(bytes.fromhex(row["partials"])))
        for row in given_["partials"]
    ]
    datas = ElementArray.decode(bytes.fromhex(given_["datas"]))
    elements = combine(partials, datas, threshold=given_["threshold"])
    assert [element.encoded.hex() for element in elements] == case["intermediate"]["elements"]
    assert recover_counts(elements, [250] * len(datas)) == tuple(case["output"]["counts"])


@pytest.mark.parametrize("case", vectors("lagrange"), ids=lambda case: case["id"])
def test_lagrange_vector(case: dict[str, Any]) -> None:
    """N47, N56: index 0, an index twice, and indexes that nobody has."""
    indexes = case["input"]["trustees"]
    if case["expect"] == "ok":
        coefficients = [value.encoded.hex() for value in lagrange_coefficients(indexes)]
        assert coefficients == case["output"]["coefficients"]
    else:
        with pytest.raises(getattr(errors, case["expect"]), match="combination"):
            lagrange_coefficients(indexes)


# What holds.


@given(
    st.lists(st.integers(0, ORDER - 1), min_size=1, max_size=6),
    st.lists(st.integers(1, 32), min_size=6, max_size=6, unique=True),
)
def test_lagrange_interpolates_at_zero(coefficients: list[int], points: list[int]) -> None:
    values = [sum(c * point**j for j, c in enumerate(coefficients)) for point in points]
    weights = [weight.vartime_int() for weight in lagrange_coefficients(points)]
    assert sum(w * v for w, v in zip(weights, values, strict=True)) % ORDER == coefficients[0]


@pytest.mark.parametrize(("n", "t"), [(n, t) for n in range(1, 6) for t in range(1, n + 1)])
def test_every_t_trustees_read_the_same_counts_and_fewer_none(n: int, t: int) -> None:
    trustees = Trustees(n, t)
    releases = [trustees.release(index) for index in range(1, n + 1)]
    for release in releases:
        trustees.verify(release)
    datas = trustees.statement.ciphertexts.datas
    partials = [partial for partial, _ in releases]
    for subset in itertools.combinations(partials, t):
        assert recover_counts(combine(subset, datas, threshold=t), [20] * 3) == (3, 0, 12)
    for subset in itertools.combinations(partials, t - 1):
        with pytest.raises(DecryptionError, match=f"{t - 1} partial decryptions, the threshold is {t}"):
            combine(subset, datas, threshold=t)
        with pytest.raises(DecryptionError, match="element 0"):
            recover_counts(combine(subset, datas, threshold=t - 1), [20] * 3)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_counts_come_back(counts: list[int], random: Any) -> None:
    trustees = Trustees(4, 3, tuple(counts))
    releases = [trustees.release(index) for index in random.sample(range(1, 5), 3)]
    for release in releases:
        trustees.verify(release)
    elements = combine(
        [partial for partial, _ in releases], trustees.statement.ciphertexts.datas, threshold=3
    )
    assert recover_counts(elements, [50] * len(counts)) == tuple(counts)


def test_partials_are_those_of_a_second_library() -> None:
    trustees = Trustees(3, 2)
    partial, proof = trustees.release(2)
    x = trustees.shares[1].value.encoded
    expected = [
        rbcl.crypto_scalarmult_ristretto255(x, pad.encoded) for pad in trustees.statement.ciphertexts.pads
    ]
    assert [element.encoded for element in partial.partials] == expected
    # z·B − e·X = K
    e = challenge(trustees, 2, partial.partials, proof.commitments)
    left = rbcl.crypto_scalarmult_ristretto255_base(proof.response.encoded)
    right = rbcl.crypto_scalarmult_ristretto255(e.encoded, trustees.keys[1].encoded)
    assert rbcl.crypto_core_ristretto255_sub(left, right) == proof.commitments[0].encoded


# What must not pass.


@pytest.mark.parametrize("index", [0, 1, 2])
def test_failing_ciphertext_is_named(index: int) -> None:
    """A commitment that is off fails exactly its own equation once the proof is made over it."""
    trustees = Trustees(3, 2)
    statement, share = trustees.statement, trustees.shares[0]
    pads = statement.ciphertexts.pads
    # M is wrong at one place, everything else as an honest trustee would do it.
    wrong = ElementArray.of(
        pad_raised + GENERATOR if place == index else pad_raised
        for place, pad_raised in enumerate(pads.scale(share.value))
    )
    release = prove_over(trustees, share, wrong)
    with pytest.raises(ProofError, match=f"trustee 1: the equation of ciphertext {index} does not hold"):
        trustees.verify(release)


def test_hand_made_proof_over_the_right_partials_passes() -> None:
    """Else the tests around it would show nothing."""
    trustees = Trustees(3, 2)
    share = trustees.shares[0]
    trustees.verify(prove_over(trustees, share, trustees.statement.ciphertexts.pads.scale(share.value)))


def test_wrong_secret_fails_the_equation_of_the_key() -> None:
    trustees = Trustees(3, 2)
    other = SecretShare(1, trustees.shares[1].value)
    release = partially_decrypt(other, trustees.statement, bytes(32))
    with pytest.raises(ProofError, match="trustee 1: the equation of the verification key does not hold"):
        trustees.verify(release)


def test_partial_solved_for_after_the_challenge_fails() -> None:
    """N53: were M_c not hashed, M_c = (z·A_c − K_c)/e would prove any shift of a count."""
    trustees = Trustees(3, 2)
    share, pads = trustees.shares[0], trustees.statement.ciphertexts.pads
    honest = pads.scale(share.value)

    # The forger moves K_0 by B, takes a challenge that does not see M_0, and solves for M_0.
    k = Scalar.from_int(4711)
    first, *others = pads.scale(k)
    commitments = ElementArray.of([base_multiply([k])[0], first + GENERATOR, *others])
    e = challenge(trustees, 1, honest, commitments, bind_partials=False)
    z = k + e * share.value
    inverse = e.vartime_inverse().vartime_int()
    terms = ElementArray.of([pads[0], commitments[1]])
    solved = vartime_multiscalar([z.vartime_int() * inverse, -inverse], terms)
    forged = ElementArray.of([solved, *honest[1:]])

    # All equations hold under that challenge, and the first count would be another one.
    images = ElementArray.of([trustees.keys[0], *forged])
    bases = ElementArray.of([GENERATOR, *pads])
    assert bases.scale(z) == commitments + images.scale(e)
    assert solved != honest[0]
    with pytest.raises(ProofError, match="partial decryption of trustee 1: "):
        trustees.verify((PartialDecryption(1, forged), DecryptionProof(commitments, z)))


def test_errors_that_cancel_in_a_sum_are_found() -> None:
    """N24, N57: +B on one count and −B on the next leave every sum as it was."""
    trustees = Trustees(3, 2)
    partial, proof = trustees.release(1)
    first, second, third = partial.partials
    moved = replace(partial, partials=ElementArray.of([first + GENERATOR, second - GENERATOR, third]))
    with pytest.raises(ProofError):
        trustees.verify((moved, proof))
    with pytest.raises(ProofError, match="ciphertext 0"):
        trustees.verify(prove_over(trustees, trustees.shares[0], moved.partials))


def test_one_bad_release_is_left_out_and_the_counts_still_come() -> None:
    """N55."""
    trustees = Trustees(3, 2)
    bad, bad_proof = trustees.release(1)
    releases = [
        (replace(bad, partials=bad.partials[::-1]), bad_proof),
        trustees.release(2),
        trustees.release(3),
    ]
    good, refused = [], []
    for release in releases:
        try:
            trustees.verify(release)
        except ProofError:
            refused.append(release[0].trustee_index)
        else:
            good.append(release[0])
    assert refused == [1]
    assert recover_counts(combine(good, trustees.statement.ciphertexts.datas, threshold=2), [12] * 3) == (
        3,
        0,
        12,
    )


def test_combination_needs_t_different_trustees() -> None:
    """N56: fewer, more, and the same one twice."""
    trustees = Trustees(3, 2)
    one, two, three = (trustees.release(index)[0] for index in (1, 2, 3))
    datas = trustees.statement.ciphertexts.datas
    for wrong in ([], [one], [one, two, three]):
        with pytest.raises(DecryptionError, match="the threshold is 2"):
            combine(wrong, datas, threshold=2)
    with pytest.raises(DecryptionError, match="twice"):
        combine([one, one], datas, threshold=2)
    for index in (0, 33):
        with pytest.raises(DecryptionError, match="not in 1"):
            combine([one, replace(two, trustee_index=index)], datas, threshold=2)
    with pytest.raises(DecryptionError, match="another number of ciphertexts"):
        combine([one, replace(two, partials=two.partials[:-1])], datas, threshold=2)


def test_combination_does_not_depend_on_the_order_of_trustees() -> None:
    trustees = Trustees(5, 3)
    partials = [trustees.release(index)[0] for index in (4, 1, 3)]
    datas = trustees.statement.ciphertexts.datas
    results = {combine(order, datas, threshold=3) for order in itertools.permutations(partials)}
    assert len(results) == 1


def test_partials_of_a_wrong_trustee_give_no_count() -> None:
    """N47: a permuted index is a wrong Lagrange coefficient."""
    trustees = Trustees(3, 2)
    one, two = (trustees.release(index)[0] for index in (1, 2))
    swapped = [replace(one, trustee_index=2), replace(two, trustee_index=1)]
    with pytest.raises(DecryptionError, match="element 0"):
        recover_counts(combine(swapped, trustees.statement.ciphertexts.datas, threshold=2), [20] * 3)


# Nonces and shapes.


def test_nonce_changes_with_everything_it_is_made_from() -> None:
    """Two challenges under one nonce would give x_l away, even to whoever sets a machine's randomness back."""
    trustees = Trustees(2, 2)
    statement, share = trustees.statement, trustees.shares[0]
    reordered = CiphertextArray.of(list(statement.ciphertexts)[::-1])
    variants = [
        (share, statement, bytes(32)),
        (share, statement, bytes([1]) * 32),
        (trustees.shares[1], statement, bytes(32)),
        (share, replace(statement, context=bytes([9]) * 64), bytes(32)),
        (share, replace(statement, round_number=2), bytes(32)),
        (share, replace(statement, aggregate_digest=bytes([9]) * 64), bytes(32)),
        (share, replace(statement, ciphertexts=reordered), bytes(32)),
    ]
    commitments = [partially_decrypt(*variant)[1].commitments[0] for variant in variants]
    assert len(set(commitments)) == len(variants)
    assert partially_decrypt(*variants[0]) == partially_decrypt(*variants[0])


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_random_bytes_of_wrong_size_are_refused(size: int) -> None:
    trustees = Trustees(1, 1)
    with pytest.raises(ValueError, match="random bytes"):
        partially_decrypt(trustees.shares[0], trustees.statement, bytes(size))


@pytest.mark.parametrize(("context", "aggregate_digest"), [(bytes(63), bytes(64)), (bytes(64), bytes(32))])
def test_digests_of_wrong_size_are_refused(context: bytes, aggregate_digest: bytes) -> None:
    with pytest.raises(ValueError, match="64 bytes each"):
        TallyStatement(context, 1, aggregate_digest, CiphertextArray.of([]))


def test_identity_pad_decrypts() -> None:
    """Sums may have any pad; the trustee must not stumble over one."""
    trustees = Trustees(2, 2)
    lifted = CiphertextArray(ElementArray.of([IDENTITY, GENERATOR]))
    trustees.statement = replace(trustees.statement, ciphertexts=lifted)
    releases = [trustees.release(1), trustees.release(2)]
    for release in releases:
        trustees.verify(release)
    assert recover_counts(combine([p for p, _ in releases], lifted.datas, threshold=2), [1]) == (1,)
