"""Checked ballots: the seed shows every choice, and nothing else opens a ballot."""

from dataclasses import replace
from typing import Any

import pytest

from crypto.ballot_encryption import selection_nonces
from crypto.ballot_shape import BallotShape
from crypto.elgamal import CiphertextArray, encrypt
from crypto.errors import EncodingError, ProofError
from crypto.group import GENERATOR, Scalar
from crypto.opening import CheckedBallot, open_ballot
from crypto.tracking import tracking_code
from tests.support.ballots import CONTEXT, KEY, PAIR, YES_NO, bytes_for, contest, sample
from tests.support.cheating_prover import forge

BALLOT = sample()
ENCRYPTED = BALLOT.encrypted
CHECKED = CheckedBallot(
    PAIR, ENCRYPTED.credential, ENCRYPTED.seed, ENCRYPTED.ciphertexts, ENCRYPTED.tracking_code()
)


def test_opening_shows_the_choices() -> None:
    assert CHECKED.open(key=KEY, context=CONTEXT) == BALLOT.plaintext.selections
    assert "seed" not in repr(CHECKED)


def opened(**changes: Any) -> tuple[int, ...]:
    arguments: dict[str, Any] = {
        "key": KEY,
        "context": CONTEXT,
        "credential": ENCRYPTED.credential,
        "seed": ENCRYPTED.seed,
        "ciphertexts": ENCRYPTED.ciphertexts,
    } | changes
    return open_ballot(PAIR, **arguments)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("context", bytes_for("other", 64), "pad of selection 0"),
        ("credential", GENERATOR, "pad of selection 0"),
        ("seed", bytes_for("other"), "pad of selection 0"),
        ("key", GENERATOR, "selection 0 is neither 0 nor 1"),
    ],
)
def test_opening_is_bound_to(name: str, value: Any, reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        opened(**{name: value})


@pytest.mark.parametrize("place", range(7))
def test_every_half_is_checked(place: int) -> None:
    packed = ENCRYPTED.ciphertexts.encode()
    wrong = GENERATOR.encoded
    pad = CiphertextArray.decode(packed[: 64 * place] + wrong + packed[64 * place + 32 :])
    with pytest.raises(ProofError, match=f"pad of selection {place} does not come from the seed"):
        opened(ciphertexts=pad)
    data = CiphertextArray.decode(packed[: 64 * place + 32] + wrong + packed[64 * place + 64 :])
    with pytest.raises(ProofError, match=f"selection {place} is neither 0 nor 1"):
        opened(ciphertexts=data)


@pytest.mark.parametrize("message", [2, -1, 1000])
def test_other_messages_are_named(message: int) -> None:
    shape = BallotShape("one", (contest("c", (1,), 0, 1),))
    ballot = forge("opening", shape, (message,)).encrypted
    with pytest.raises(ProofError, match="selection 0 is neither 0 nor 1"):
        open_ballot(
            shape,
            key=KEY,
            context=CONTEXT,
            credential=ballot.credential,
            seed=ballot.seed,
            ciphertexts=ballot.ciphertexts,
        )


def test_a_ballot_of_other_choices_has_another_code() -> None:
    # A device that encrypted something else cannot open to what the voter chose: the code would differ.
    nonces = selection_nonces(ENCRYPTED.seed, shape=PAIR, context=CONTEXT, credential=ENCRYPTED.credential)
    other = encrypt(KEY, [Scalar.from_int(m) for m in (1, 0, 0, 1, 0, 1, 0)], nonces)
    assert tracking_code(CONTEXT, "pair", ENCRYPTED.credential, other.encode()) != CHECKED.tracking_code
    with pytest.raises(ProofError, match="tracking code belongs to another"):
        replace(CHECKED, ciphertexts=other).open(key=KEY, context=CONTEXT)


@pytest.mark.parametrize("shape", [YES_NO, replace(PAIR, contests=PAIR.contests[:1])])
def test_number_of_ciphertexts(shape: BallotShape) -> None:
    # N20
    with pytest.raises(EncodingError, match="7 ciphertexts for"):
        open_ballot(
            shape,
            key=KEY,
            context=CONTEXT,
            credential=ENCRYPTED.credential,
            seed=ENCRYPTED.seed,
            ciphertexts=ENCRYPTED.ciphertexts,
        )
