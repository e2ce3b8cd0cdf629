"""The digests of the set-up: their vectors, and that every input counts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.ceremony import (
    election_base,
    election_context,
    issuer_pledge_digest,
    pledge_digest,
    transcript_digest,
)
from crypto.group import GENERATOR, IDENTITY, ElementArray, GroupElement
from tests.support.vectors import vectors

A, B = bytes(32), bytes([1]) * 32


def run(case: dict[str, Any]) -> bytes:
    given_ = case["input"]
    raw = {
        name: bytes.fromhex(value)
        for name, value in given_.items()
        if name.endswith(("digest", "root", "base"))
    }
    match case["id"]:
        case "pledge":
            return pledge_digest(raw["manifest_digest"], given_["trustee"], bytes.fromhex(given_["body"]))
        case "transcript":
            return transcript_digest([bytes.fromhex(leaf) for leaf in given_["leaf_hashes"]])
        case "base":
            key = GroupElement.decode(bytes.fromhex(given_["joint_key"]))
            dealers = [
                ElementArray.decode(bytes.fromhex("".join(vector)))
                for vector in given_["coefficient_commitments"]
            ]
            return election_base(raw["manifest_digest"], key, dealers)
        case "context":
            return election_context(raw["base"], raw["roll_root"])
        case _:
            parts = [bytes.fromhex(part) for part in given_["parts"]]
            return issuer_pledge_digest(raw["manifest_digest"], given_["issuer"], parts)


@pytest.mark.parametrize("case", vectors("ceremony"), ids=lambda case: case["id"])
def test_ceremony_vector(case: dict[str, Any]) -> None:
    assert run(case).hex() == case["output"]["digest"]


def test_pledge_is_bound_to_election_trustee_and_body() -> None:
    """N49: what was pledged in one ceremony is no pledge in another."""
    pledges = {
        pledge_digest(A, 1, b"{}"),
        pledge_digest(B, 1, b"{}"),
        pledge_digest(A, 2, b"{}"),
        pledge_digest(A, 1, b"[]"),
    }
    assert len(pledges) == 4


def test_transcript_depends_on_every_leaf_and_their_order() -> None:
    transcripts = {transcript_digest(leaves) for leaves in ([], [A], [A, B], [B, A], [A, A], [A, B, A])}
    assert len(transcripts) == 6


def test_base_is_bound_to_election_key_and_all_commitments() -> None:
    """N49: the same keys in another election, or shared out in another way, give another base."""
    one, two = ElementArray.of([GENERATOR]), ElementArray.of([GENERATOR + GENERATOR])
    bases = {
        election_base(A, GENERATOR, [one, two]),
        election_base(B, GENERATOR, [one, two]),
        election_base(A, IDENTITY, [one, two]),
        election_base(A, GENERATOR, [two, one]),
        election_base(A, GENERATOR, [one]),
    }
    assert len(bases) == 5


def test_context_is_bound_to_base_and_roll() -> None:
    """N28: another roll is another election."""
    assert len({election_context(A + A, A), election_context(B + A, A), election_context(A + A, B)}) == 3


@given(st.lists(st.binary(min_size=32, max_size=32)), st.randoms())
def test_issuer_pledge_does_not_tell_the_order_of_parts(parts: list[bytes], random: Any) -> None:
    shuffled = parts.copy()
    random.shuffle(shuffled)
    assert issuer_pledge_digest(A, "registrar", parts) == issuer_pledge_digest(A, "registrar", shuffled)


def test_issuer_pledge_is_bound_to_election_issuer_and_every_part() -> None:
    pledges = {
        issuer_pledge_digest(A, "registrar", [A, B]),
        issuer_pledge_digest(B, "registrar", [A, B]),
        issuer_pledge_digest(A, "identity", [A, B]),
        issuer_pledge_digest(A, "registrar", [A]),
        issuer_pledge_digest(A, "registrar", [A, B, B]),
    }
    assert len(pledges) == 5


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_hashes_and_parts_of_wrong_size_are_refused(size: int) -> None:
    """Packed items have no borders of their own, so their sizes must be fixed. N10"""
    with pytest.raises(ValueError, match="32 bytes"):
        transcript_digest([A, bytes(size)])
    with pytest.raises(ValueError, match="32 bytes"):
        issuer_pledge_digest(A, "registrar", [A, bytes(size)])
    with pytest.raises(ValueError, match="32 bytes"):
        election_context(A + A, bytes(size))
