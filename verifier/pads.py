"""Finding the pads that stand on the log more than once, among all of them, in little memory.

A repeated pad betrays a copied or badly made ballot. There are millions of pads and almost never a repeated
one: so the repeated ones are found first, and only the ballots that hold one are looked at again.

Spec: protocol.md §3.14
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

_PAD = 32
_INDEX = 6  # bytes of an entry index; 2^48 entries are more than any log will hold
_ITEM = _PAD + _INDEX


@dataclass(slots=True)
class PadCollector:
    """All pads with their ballots, in buckets by one byte, each of which is small enough to be sorted."""

    _buckets: defaultdict[int, bytearray] = field(default_factory=lambda: defaultdict(bytearray))

    def add(self, entry_index: int, pads: bytes) -> None:
        """Remember the pads of one ballot, 32 bytes each."""
        place = entry_index.to_bytes(_INDEX, "big")
        for start in range(0, len(pads), _PAD):
            self._buckets[pads[start + 1]] += pads[start : start + _PAD] + place

    def repeated(self) -> dict[int, set[bytes]]:
        """Entry index → its pads that stand more than once."""
        found: dict[int, set[bytes]] = {}
        for bucket in self._buckets.values():
            items = sorted(bytes(bucket[start : start + _ITEM]) for start in range(0, len(bucket), _ITEM))
            for left, right in pairwise(items):
                if left[:_PAD] == right[:_PAD]:
                    for item in (left, right):
                        found.setdefault(int.from_bytes(item[_PAD:], "big"), set()).add(item[:_PAD])
        return found
