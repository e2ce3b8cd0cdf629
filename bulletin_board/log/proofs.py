"""Checking Merkle proofs, written from the RFC's iterative rules and not from the code that makes them.

Spec: RFC 9162 §2.1.3.2 (inclusion), §2.1.4.2 (consistency). Proofs run from the leaves upwards.
"""

from collections.abc import Sequence

from bulletin_board.errors import LogProofError
from bulletin_board.log.merkle import EMPTY_ROOT, node_hash
from bulletin_board.log.text import HASH_BYTES


def verify_inclusion(
    index: int, tree_size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf stands at `index` (0-based) in the tree of this size and root.

    Raises:
        LogProofError: it does not, or an argument is not a hash or not inside the tree.
    """
    if not 0 <= index < tree_size:
        raise LogProofError(f"inclusion proof: no index {index} in a tree of size {tree_size}")
    _require_hashes("inclusion proof", leaf_hash, *proof, root)
    place, last = index, tree_size - 1
    node = leaf_hash
    for sibling in proof:
        if last == 0:
            raise LogProofError("inclusion proof: longer than the path")
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            # A last node without a neighbour moves up until it is a right child.
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise LogProofError("inclusion proof: shorter than the path")
    if node != root:
        raise LogProofError("inclusion proof: leads to another root")


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree of the old size and root is a prefix of the tree of the new size and root.

    From the empty tree, and from a tree to itself, only the empty proof is accepted.

    Raises:
        LogProofError: it is not, or the sizes fall, or an argument is not a hash.
    """
    if not 0 <= old_size <= new_size:
        raise LogProofError(f"consistency proof: sizes {old_size} and {new_size}")
    _require_hashes("consistency proof", old_root, new_root, *proof)
    for size, root in ((old_size, old_root), (new_size, new_root)):
        if size == 0 and root != EMPTY_ROOT:
            raise LogProofError("consistency proof: the empty tree has another root")
    if old_size in (0, new_size):
        if proof:
            raise LogProofError("consistency proof: nothing to prove, but it is not empty")
        if old_size == new_size and old_root != new_root:
            raise LogProofError(f"consistency proof: two roots for size {old_size}")
        return
    old, new = _consistency_roots(old_size, old_root, new_size, proof)
    if old != old_root:
        raise LogProofError("consistency proof: leads to another old root")
    if new != new_root:
        raise LogProofError("consistency proof: leads to another new root")


def _consistency_roots(
    old_size: int, old_root: bytes, new_size: int, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Both roots as this proof derives them, for 0 < old_size < new_size."""
    # An old tree of 2^k leaves is itself a node of the new tree, so the proof leaves it out.
    path = [old_root, *proof] if old_size.bit_count() == 1 else list(proof)
    if not path:
        raise LogProofError("consistency proof: empty")
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise LogProofError("consistency proof: longer than the path")
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise LogProofError("consistency proof: shorter than the path")
    return old, new


def _require_hashes(subject: str, *hashes: bytes) -> None:
    if any(len(item) != HASH_BYTES for item in hashes):
        raise LogProofError(f"{subject}: an item is not {HASH_BYTES} bytes")
