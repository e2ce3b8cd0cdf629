"""Roots, proofs and frontiers against known answers and against the recursive definition, all trees to 64."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board.errors import RecordError
from bulletin_board.log.merkle import (
    EMPTY_ROOT,
    Frontier,
    SubtreeLookup,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_hash,
    stored_consistency_proof,
    stored_inclusion_proof,
    stored_root_hash,
)
from tests.bulletin_board.log.sample_log import entry, leaves
from tests.reference import merkle_tree as reference
from tests.support.vectors import vectors

SMALL = range(65)


def ident(case: dict[str, Any]) -> str:
    return str(case["id"])


def lookup(leaf_hashes: tuple[bytes, ...]) -> SubtreeLookup:
    """A store of complete subtrees that refuses any other."""

    def subtree(level: int, index: int) -> bytes:
        lo, hi = index << level, (index + 1) << level
        assert 0 <= lo < hi <= len(leaf_hashes), "not a complete subtree"
        return root_hash(leaf_hashes[lo:hi])

    return subtree


def entries_of(given: dict[str, Any]) -> list[bytes]:
    if "entries" in given:
        return [bytes.fromhex(item) for item in given["entries"]]
    return [entry(i) for i in range(given["tree_size"])]


@pytest.mark.parametrize("case", vectors("tlog/leaf"), ids=ident)
def test_leaf_hash_vector(case: dict[str, Any]) -> None:
    given = case["input"]
    data = bytes.fromhex(given["entry"]) if "entry" in given else entry(given["index"])
    if "index" in given:
        assert data == entry(given["index"])
    assert leaf_hash(data).hex() == case["expect"]


@pytest.mark.parametrize("case", vectors("tlog/node"), ids=ident)
def test_node_hash_vector(case: dict[str, Any]) -> None:
    left, right = bytes.fromhex(case["input"]["left"]), bytes.fromhex(case["input"]["right"])
    assert node_hash(left, right).hex() == case["expect"]


@pytest.mark.parametrize("case", vectors("tlog/root"), ids=ident)
def test_root_vector(case: dict[str, Any]) -> None:
    leaf_hashes = [leaf_hash(data) for data in entries_of(case["input"])]
    assert root_hash(leaf_hashes).hex() == case["expect"]
    assert Frontier().extend(leaf_hashes).root_hash().hex() == case["expect"]


@pytest.mark.parametrize("case", vectors("tlog/inclusion"), ids=ident)
def test_inclusion_proof_vector(case: dict[str, Any]) -> None:
    index, tree_size = case["input"]["index"], case["input"]["tree_size"]
    assert [item.hex() for item in inclusion_proof(index, leaves(tree_size))] == case["expect"]


@pytest.mark.parametrize("case", vectors("tlog/consistency"), ids=ident)
def test_consistency_proof_vector(case: dict[str, Any]) -> None:
    old, new = case["input"]["old"], case["input"]["new"]
    assert [item.hex() for item in consistency_proof(old, new, leaves(new))] == case["expect"]


@pytest.mark.parametrize("tree_size", SMALL)
def test_roots_follow_the_definition(tree_size: int) -> None:
    leaf_hashes = leaves(64)[:tree_size]
    expected = reference.mth([reference.leaf(entry(i)) for i in range(tree_size)])
    assert root_hash(leaf_hashes) == expected
    assert stored_root_hash(tree_size, lookup(leaf_hashes)) == expected
    assert Frontier().extend(leaf_hashes).root_hash() == expected


@pytest.mark.parametrize("tree_size", SMALL)
def test_inclusion_proofs_follow_the_definition(tree_size: int) -> None:
    leaf_hashes = leaves(64)[:tree_size]
    for index in range(tree_size):
        expected = tuple(reference.path(index, list(leaf_hashes)))
        assert inclusion_proof(index, leaf_hashes) == expected
        assert stored_inclusion_proof(index, tree_size, lookup(leaf_hashes)) == expected


@pytest.mark.parametrize("new", SMALL)
def test_consistency_proofs_follow_the_definition(new: int) -> None:
    leaf_hashes = leaves(64)[:new]
    for old in range(1, new + 1):
        expected = tuple(reference.proof(old, list(leaf_hashes)))
        assert consistency_proof(old, new, leaf_hashes) == expected
        assert stored_consistency_proof(old, new, lookup(leaf_hashes)) == expected
    assert consistency_proof(0, new, leaf_hashes) == ()


def test_a_prefix_of_the_leaves_is_enough_for_an_older_consistency_proof() -> None:
    assert consistency_proof(3, 7, leaves(64)) == consistency_proof(3, 7, leaves(7))


def test_a_stored_proof_takes_few_look_ups() -> None:
    tree_size = 2**40 + 12345
    asked = []

    def subtree(level: int, index: int) -> bytes:
        assert (index + 1) << level <= tree_size
        asked.append((level, index))
        return leaf_hash(b"%d/%d" % (level, index))

    stored_inclusion_proof(987_654_321, tree_size, subtree)
    stored_consistency_proof(987_654_321, tree_size, subtree)
    assert len(asked) < 4 * 40


@pytest.mark.parametrize("index", [-1, 3, 4])
def test_no_inclusion_proof_outside_the_tree(index: int) -> None:
    with pytest.raises(ValueError, match="no index"):
        inclusion_proof(index, leaves(3))


@pytest.mark.parametrize(("old", "new"), [(-1, 2), (3, 2), (0, -1)])
def test_no_consistency_proof_between_falling_sizes(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="sizes"):
        consistency_proof(old, new, leaves(3))


def test_no_consistency_proof_to_a_size_without_leaves() -> None:
    with pytest.raises(ValueError, match="size 4, but 3 leaves"):
        consistency_proof(1, 4, leaves(3))


def test_no_root_of_a_negative_size() -> None:
    with pytest.raises(ValueError, match="tree size -1"):
        stored_root_hash(-1, lookup(()))


@pytest.mark.parametrize("tree_size", SMALL)
def test_appending_one_by_one_or_in_parts_gives_one_frontier(tree_size: int) -> None:
    leaf_hashes = leaves(64)[:tree_size]
    whole = Frontier().extend(leaf_hashes)
    single = Frontier()
    for item in leaf_hashes:
        single = single.append(item)
    assert single == whole
    assert Frontier.stored(tree_size, lookup(leaf_hashes)) == whole
    for cut in range(tree_size + 1):
        assert Frontier().extend(leaf_hashes[:cut]).extend(leaf_hashes[cut:]) == whole


def test_a_frontier_does_not_change_when_it_grows() -> None:
    before = Frontier().extend(leaves(7))
    before.append(leaf_hash(b"more"))
    assert before == Frontier().extend(leaves(7))


@pytest.mark.parametrize(
    ("tree_size", "hashes"),
    [(-1, ()), (2**63, (EMPTY_ROOT,)), (0, (EMPTY_ROOT,)), (1, ()), (3, (EMPTY_ROOT,)), (1, (b"short",))],
)
def test_a_frontier_has_one_hash_per_complete_subtree(tree_size: int, hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(RecordError):
        Frontier(tree_size, hashes)


@given(st.lists(st.binary(max_size=8), max_size=40), st.lists(st.binary(max_size=8), max_size=40))
def test_two_logs_share_a_root_only_if_they_are_one(left: list[bytes], right: list[bytes]) -> None:
    def root(log: list[bytes]) -> bytes:
        return root_hash([leaf_hash(item) for item in log])

    assert (root(left) == root(right)) is (left == right)
