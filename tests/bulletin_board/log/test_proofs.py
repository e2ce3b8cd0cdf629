"""Checking proofs: everything the definition makes is accepted, everything bent is refused."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board import errors
from bulletin_board.errors import LogProofError
from bulletin_board.log.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_hash,
)
from bulletin_board.log.proofs import verify_consistency, verify_inclusion
from tests.bulletin_board.log.sample_log import leaves
from tests.reference import merkle_tree as reference
from tests.support.vectors import vectors

OTHER = leaf_hash(b"a hash from elsewhere")


def ident(case: dict[str, Any]) -> str:
    return str(case["id"])


def flip(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


def bent(proof: Sequence[bytes]) -> list[list[bytes]]:
    """Every proof that differs from this one in one hash, or by one hash more or less."""
    items = list(proof)
    wrong = [[*items[:i], flip(items[i]), *items[i + 1 :]] for i in range(len(items))]
    wrong += [[*items[:i], *items[i + 1 :]] for i in range(len(items))]
    wrong += [[*items[:i], OTHER, *items[i:]] for i in range(len(items) + 1)]
    wrong += [[*items[:i], items[i], *items[i:]] for i in range(len(items))]
    wrong += [[*items[:i], items[i + 1], items[i], *items[i + 2 :]] for i in range(len(items) - 1)]
    return wrong


@pytest.mark.parametrize("case", vectors("tlog/inclusion"), ids=ident)
def test_inclusion_vector(case: dict[str, Any]) -> None:
    index, tree_size = case["input"]["index"], case["input"]["tree_size"]
    tree = leaves(tree_size)
    proof = [bytes.fromhex(item) for item in case["expect"]]
    verify_inclusion(index, tree_size, tree[index], proof, root_hash(tree))


@pytest.mark.parametrize("case", vectors("tlog/consistency"), ids=ident)
def test_consistency_vector(case: dict[str, Any]) -> None:
    old, new = case["input"]["old"], case["input"]["new"]
    proof = [bytes.fromhex(item) for item in case["expect"]]
    verify_consistency(old, root_hash(leaves(old)), new, root_hash(leaves(new)), proof)


@pytest.mark.parametrize("case", vectors("tlog/inclusion-refused"), ids=ident)
def test_refused_inclusion_vector(case: dict[str, Any]) -> None:
    given = case["input"]
    with pytest.raises(getattr(errors, case["expect"])):
        verify_inclusion(
            given["index"],
            given["tree_size"],
            bytes.fromhex(given["leaf_hash"]),
            [bytes.fromhex(item) for item in given["proof"]],
            bytes.fromhex(given["root"]),
        )


@pytest.mark.parametrize("case", vectors("tlog/consistency-refused"), ids=ident)
def test_refused_consistency_vector(case: dict[str, Any]) -> None:
    given = case["input"]
    with pytest.raises(getattr(errors, case["expect"])):
        verify_consistency(
            given["old_size"],
            bytes.fromhex(given["old_root"]),
            given["new_size"],
            bytes.fromhex(given["new_root"]),
            [bytes.fromhex(item) for item in given["proof"]],
        )


@pytest.mark.parametrize("tree_size", range(1, 65))
def test_every_inclusion_proof_to_64_is_accepted_for_its_leaf_only(tree_size: int) -> None:
    tree = list(leaves(64)[:tree_size])
    root = reference.mth(tree)
    for index in range(tree_size):
        proof = reference.path(index, tree)
        verify_inclusion(index, tree_size, tree[index], proof, root)
        for other in range(tree_size):
            if other != index:
                with pytest.raises(LogProofError):
                    verify_inclusion(other, tree_size, tree[index], proof, root)


@pytest.mark.parametrize("new", range(65))
def test_every_consistency_proof_to_64_is_accepted(new: int) -> None:
    tree = list(leaves(64)[:new])
    root = reference.mth(tree)
    for old in range(1, new + 1):
        verify_consistency(old, reference.mth(tree[:old]), new, root, reference.proof(old, tree))
    verify_consistency(0, EMPTY_ROOT, new, root, [])


@pytest.mark.parametrize("tree_size", range(1, 20))
def test_bent_inclusion_proofs_are_refused(tree_size: int) -> None:
    tree = leaves(64)[:tree_size]
    root = root_hash(tree)
    for index, leaf in enumerate(tree):
        proof = inclusion_proof(index, tree)
        for wrong in bent(proof):
            with pytest.raises(LogProofError):
                verify_inclusion(index, tree_size, leaf, wrong, root)
        with pytest.raises(LogProofError, match="another root"):
            verify_inclusion(index, tree_size, flip(leaf), proof, root)
        with pytest.raises(LogProofError, match="another root"):
            verify_inclusion(index, tree_size, leaf, proof, flip(root))


@pytest.mark.parametrize("new", range(2, 20))
def test_bent_consistency_proofs_are_refused(new: int) -> None:
    tree = leaves(64)[:new]
    new_root = root_hash(tree)
    for old in range(1, new):
        old_root = root_hash(tree[:old])
        proof = consistency_proof(old, new, tree)
        for wrong in bent(proof):
            with pytest.raises(LogProofError):
                verify_consistency(old, old_root, new, new_root, wrong)
        with pytest.raises(LogProofError, match="another"):
            verify_consistency(old, flip(old_root), new, new_root, proof)
        with pytest.raises(LogProofError, match="another new root"):
            verify_consistency(old, old_root, new, flip(new_root), proof)


@pytest.mark.parametrize("new", range(2, 14))
def test_no_proof_of_either_branch_joins_a_forked_log(new: int) -> None:
    """The old tree and the new one differ at one leaf that both have: a rewritten entry."""
    tree = leaves(64)[:new]
    for old in range(1, new + 1):
        for changed in range(old):
            forked = [*tree[:changed], OTHER, *tree[changed + 1 :]]
            for proof in (consistency_proof(old, new, tree), consistency_proof(old, new, forked)):
                with pytest.raises(LogProofError):
                    verify_consistency(old, root_hash(tree[:old]), new, root_hash(forked), proof)


def test_an_inner_node_is_not_a_leaf() -> None:
    """Without the prefixes, two leaves could be passed off as one entry."""
    tree = leaves(4)
    left = node_hash(tree[0], tree[1])
    verify_inclusion(0, 2, left, [node_hash(tree[2], tree[3])], root_hash(tree))  # the arithmetic holds
    assert leaf_hash(tree[0] + tree[1]) != left  # but no entry has that hash


def test_hashes_do_not_lend_each_other_bytes() -> None:
    """Node hashing only joins its two children, so their border is fixed by their length."""
    tree = leaves(2)
    root = root_hash(tree)
    verify_inclusion(0, 2, tree[0], [tree[1]], root)
    with pytest.raises(LogProofError, match="not 32 bytes"):
        verify_inclusion(0, 2, tree[0][:-1], [tree[0][-1:] + tree[1]], root)
    with pytest.raises(LogProofError, match="not 32 bytes"):
        verify_consistency(1, tree[0] + tree[1][:1], 2, root, [tree[1][1:]])


def test_shorter_and_longer_paths_are_named() -> None:
    tree = leaves(8)
    proof, root = inclusion_proof(5, tree), root_hash(tree)
    with pytest.raises(LogProofError, match="shorter than the path"):
        verify_inclusion(5, 8, tree[5], proof[:-1], root)
    with pytest.raises(LogProofError, match="longer than the path"):
        verify_inclusion(5, 8, tree[5], [*proof, OTHER], root)
    proof, old_root = consistency_proof(3, 8, tree), root_hash(tree[:3])
    with pytest.raises(LogProofError, match="shorter than the path"):
        verify_consistency(3, old_root, 8, root, proof[:-1])
    with pytest.raises(LogProofError, match="longer than the path"):
        verify_consistency(3, old_root, 8, root, [*proof, OTHER])
    with pytest.raises(LogProofError, match="empty"):
        verify_consistency(3, old_root, 8, root, [])


@given(
    st.integers(-2, 2**63),
    st.integers(-2, 2**63),
    st.lists(st.binary(min_size=31, max_size=32), max_size=70),
)
def test_hostile_proofs_raise_nothing_else(small: int, large: int, proof: list[bytes]) -> None:
    with pytest.raises(LogProofError):
        verify_inclusion(small, large, OTHER, proof, EMPTY_ROOT)
    with pytest.raises(LogProofError):
        verify_consistency(small, OTHER, large, EMPTY_ROOT, proof)


@given(st.data(), st.integers(1, 400))
def test_generator_and_verifier_agree_on_larger_trees(data: st.DataObject, new: int) -> None:
    tree = leaves(400)[:new]
    index, old = data.draw(st.integers(0, new - 1)), data.draw(st.integers(1, new))
    verify_inclusion(index, new, tree[index], inclusion_proof(index, tree), root_hash(tree))
    proof = consistency_proof(old, new, tree)
    verify_consistency(old, root_hash(tree[:old]), new, root_hash(tree), proof)
