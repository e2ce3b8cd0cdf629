"""The Merkle tree of the log: hashing, roots, and making proofs. Checking proofs is `proofs.py`.

Spec: board.md §1.1; RFC 9162 §2.1 (the same tree as RFC 6962 §2.1).

A tree of n > 1 leaves splits at the largest power of two strictly below n. So every range that a
proof names falls into complete subtrees, which never change once their leaves are there: a store
keeps those and answers each proof with O(log n) look-ups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from bulletin_board.errors import RecordError
from bulletin_board.log.text import require_hash, require_number

EMPTY_ROOT = sha256(b"").digest()

# (level, index) → hash of the complete subtree over leaves [index·2^level, (index+1)·2^level).
SubtreeLookup = Callable[[int, int], bytes]

_LEAF = b"\x00"
_NODE = b"\x01"


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one entry; the prefix keeps entries and inner nodes apart."""
    return sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node over its two children."""
    return sha256(_NODE + left + right).digest()


def root_hash(leaf_hashes: Sequence[bytes]) -> bytes:
    """Root of the tree over these leaves, row by row.

    A last node without a neighbour moves up unchanged, which is the same tree as the recursive split.
    """
    row = list(leaf_hashes)
    if not row:
        return EMPTY_ROOT
    while len(row) > 1:
        pairs = zip(row[::2], row[1::2], strict=False)
        parents = [sha256(_NODE + left + right).digest() for left, right in pairs]
        if len(row) % 2:
            parents.append(row[-1])
        row = parents
    return row[0]


def inclusion_proof(index: int, leaf_hashes: Sequence[bytes]) -> tuple[bytes, ...]:
    """Siblings on the way from leaf `index` (0-based) to the root, the leaf's own sibling first."""
    return stored_inclusion_proof(index, len(leaf_hashes), _lookup_in(leaf_hashes))


def consistency_proof(old: int, new: int, leaf_hashes: Sequence[bytes]) -> tuple[bytes, ...]:
    """Proof that the first `old` leaves are a prefix of the first `new`; empty for old = 0 and old = new."""
    if new > len(leaf_hashes):
        raise ValueError(f"consistency proof: size {new}, but {len(leaf_hashes)} leaves are given")
    return stored_consistency_proof(old, new, _lookup_in(leaf_hashes))


def stored_root_hash(tree_size: int, subtree: SubtreeLookup) -> bytes:
    """Root of the tree of this size out of stored complete subtrees."""
    if tree_size < 0:
        raise ValueError(f"root hash: tree size {tree_size}")
    return _range_hash(0, tree_size, subtree) if tree_size else EMPTY_ROOT


def stored_inclusion_proof(index: int, tree_size: int, subtree: SubtreeLookup) -> tuple[bytes, ...]:
    """`inclusion_proof` out of stored complete subtrees."""
    if not 0 <= index < tree_size:
        raise ValueError(f"inclusion proof: no index {index} in a tree of size {tree_size}")
    return tuple(_range_hash(lo, hi, subtree) for lo, hi in _inclusion_ranges(index, tree_size))


def stored_consistency_proof(old: int, new: int, subtree: SubtreeLookup) -> tuple[bytes, ...]:
    """`consistency_proof` out of stored complete subtrees."""
    if not 0 <= old <= new:
        raise ValueError(f"consistency proof: sizes {old} and {new}")
    # The empty tree is a prefix of every tree; there is nothing to prove.
    ranges = _consistency_ranges(old, new) if old else []
    return tuple(_range_hash(lo, hi, subtree) for lo, hi in ranges)


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree: all that appending and its root need.

    tree_size: number of leaves
    hashes:    roots of the complete subtrees from left to right, one per 1 in binary `tree_size`
    """

    tree_size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        require_number(self.tree_size, subject="frontier size")
        if len(self.hashes) != self.tree_size.bit_count():
            raise RecordError(f"frontier: {len(self.hashes)} hashes at tree size {self.tree_size}")
        for item in self.hashes:
            require_hash(item, subject="frontier hash")

    @classmethod
    def stored(cls, tree_size: int, subtree: SubtreeLookup) -> Frontier:
        """The frontier of a stored tree."""
        return cls(tree_size, tuple(subtree(level, index) for level, index in _subtrees(0, tree_size)))

    def append(self, leaf_hash: bytes) -> Frontier:
        """The tree with one more leaf."""
        return self.extend((leaf_hash,))

    def extend(self, leaf_hashes: Iterable[bytes]) -> Frontier:
        """The tree with these leaves added in order; far cheaper than one `append` each."""
        size, edge = self.tree_size, list(self.hashes)
        for leaf in leaf_hashes:
            node = leaf
            # Each trailing 1 of the size is a complete subtree whose right neighbour is complete now.
            carry = size
            while carry & 1:
                node = sha256(_NODE + edge.pop() + node).digest()
                carry >>= 1
            edge.append(node)
            size += 1
        return Frontier(size, tuple(edge))

    def root_hash(self) -> bytes:
        """Root of the tree."""
        return _join(self.hashes) if self.hashes else EMPTY_ROOT


def _split(size: int) -> int:
    """Largest power of two strictly below `size` ≥ 2."""
    return 1 << ((size - 1).bit_length() - 1)


def _inclusion_ranges(index: int, tree_size: int) -> list[tuple[int, int]]:
    """Leaf ranges whose hashes are the inclusion proof, from the leaf upwards."""
    ranges = []
    lo, hi = 0, tree_size
    while hi - lo > 1:
        middle = lo + _split(hi - lo)
        if index < middle:
            ranges.append((middle, hi))
            hi = middle
        else:
            ranges.append((lo, middle))
            lo = middle
    return ranges[::-1]


def _consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """Leaf ranges whose hashes are the consistency proof, from the leaves upwards; 0 < old ≤ new."""
    ranges = []
    lo, hi = 0, new
    while hi != old:
        middle = lo + _split(hi - lo)
        if old <= middle:
            ranges.append((middle, hi))
            hi = middle
        else:
            ranges.append((lo, middle))
            lo = middle
    # At lo = 0 the last range is the whole old tree, whose root the reader has already.
    if lo:
        ranges.append((lo, hi))
    return ranges[::-1]


def _subtrees(lo: int, hi: int) -> Iterator[tuple[int, int]]:
    """(level, index) of the complete subtrees that make up leaves [lo, hi), from left to right.

    Every range of a proof begins at a multiple of the largest power of two it contains, and so
    does what is left of it after each step.
    """
    while lo < hi:
        level = (hi - lo).bit_length() - 1
        yield level, lo >> level
        lo += 1 << level


def _range_hash(lo: int, hi: int, subtree: SubtreeLookup) -> bytes:
    return _join([subtree(level, index) for level, index in _subtrees(lo, hi)])


def _join(hashes: Sequence[bytes]) -> bytes:
    """Root over complete subtrees of falling size; the smallest two meet first."""
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def _lookup_in(leaf_hashes: Sequence[bytes]) -> SubtreeLookup:
    return lambda level, index: root_hash(leaf_hashes[index << level : (index + 1) << level])
