"""Encryption of a ballot: allowed choices only, nonces of their own, nothing secret in print."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.ballot_encryption import (
    PlaintextBallot,
    SelectionError,
    encrypt_ballot,
    new_seed,
    selection_nonce,
    selection_nonces,
)
from crypto.elgamal import encrypt
from crypto.group import GENERATOR, Scalar
from crypto.tracking import tracking_code
from tests.support.ballots import CONTEXT, KEY, PAIR, YES_NO, bytes_for, sample


@given(st.tuples(*[st.integers(0, 1)] * 7))
def test_choices_within_bounds_and_no_others(selections: tuple[int, ...]) -> None:
    mayor, council = sum(selections[:3]), sum(selections[3:]) + selections[6]
    if mayor <= 1 and 1 <= council <= 2:
        assert PlaintextBallot(PAIR, selections).selections == selections
    else:
        with pytest.raises(SelectionError, match="not within"):
            PlaintextBallot(PAIR, selections)


@pytest.mark.parametrize("selections", [(2, -1), (1, 2), (-1, 1), (1000, -999)])
def test_selections_are_bits(selections: tuple[int, ...]) -> None:
    # N21: the sums here are within bounds.
    with pytest.raises(SelectionError, match="contest question: a selection is neither 0 nor 1") as caught:
        PlaintextBallot(YES_NO, selections)
    assert caught.value.contest_id == "question"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_one_selection_for_each_option(count: int) -> None:
    # N20
    with pytest.raises(ValueError, match=f"{count} selections for 2 options"):
        PlaintextBallot(YES_NO, (0,) * count)


def test_ciphertexts_hold_the_selections() -> None:
    ballot = sample()
    messages = [Scalar.from_int(m) for m in ballot.plaintext.selections]
    assert ballot.encrypted.ciphertexts == encrypt(KEY, messages, ballot.encrypted.nonces)


def test_tracking_code_of_the_ciphertexts() -> None:
    encrypted = sample().encrypted
    packed = encrypted.ciphertexts.encode()
    assert encrypted.tracking_code() == tracking_code(CONTEXT, "pair", encrypted.credential, packed)


def test_seed_depends_on_secret_and_randomness() -> None:
    one, other = sample().secret, sample("another").secret
    seeds = {new_seed(s, bytes_for(r)) for s in (one, other) for r in ("a", "b")}
    assert len(seeds) == 4
    assert {len(seed) for seed in seeds} == {32}
    with pytest.raises(ValueError, match="31 bytes of randomness"):
        new_seed(one, bytes(31))


def test_nonces_are_distinct_and_bound_to_everything() -> None:
    # N10, N69
    base: dict[str, Any] = {
        "context": CONTEXT,
        "credential": KEY,
        "contest_id": "mayor",
        "option_id": "mayor-1",
    }
    nonces = {
        selection_nonce(bytes(32), **base),
        selection_nonce(bytes_for("seed"), **base),
        selection_nonce(bytes(32), **base | {"context": bytes(64)}),
        selection_nonce(bytes(32), **base | {"credential": GENERATOR}),
        selection_nonce(bytes(32), **base | {"contest_id": "council"}),
        selection_nonce(bytes(32), **base | {"option_id": "mayor-2"}),
        selection_nonce(bytes(32), **base | {"contest_id": "mayorm", "option_id": "ayor-1"}),
    }
    assert len(nonces) == 7
    own = sample().encrypted.nonces
    again = sample("another").encrypted.nonces
    assert len({*own, *again}) == 2 * PAIR.options


def test_seed_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="31 bytes, not 32"):
        selection_nonces(bytes(31), shape=PAIR, context=CONTEXT, credential=KEY)


def test_nothing_secret_prints() -> None:
    ballot = sample()
    assert "selections" not in repr(ballot.plaintext)
    assert "nonces" not in repr(ballot.encrypted)
    assert "seed" not in repr(ballot.encrypted)


def test_same_seed_same_ballot() -> None:
    ballot = sample()
    again = encrypt_ballot(
        ballot.plaintext,
        key=KEY,
        context=CONTEXT,
        credential=ballot.encrypted.credential,
        seed=ballot.encrypted.seed,
    )
    assert again == ballot.encrypted
