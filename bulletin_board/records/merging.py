"""The merging rule: how units with few ballots are counted together, so that no count shows a vote.

The registrar coarsens the roll with it and the board makes its cells with it. The verifier decides again by
an implementation of its own: a fault here must not excuse itself there.

Spec: protocol.md §5.2, §2.12
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from bulletin_board.errors import RecordError
from bulletin_board.records.units import UnitTree


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """Units that are counted as one."""

    node: str  # where the group stands in the tree: the unit it is shown under
    members: tuple[str, ...]  # unit ids, ascending
    size: int  # ballots, or voters of the roll

    @property
    def id(self) -> str:
        """The lowest member."""
        return self.members[0]


def merge_groups(
    sizes: Mapping[str, int],
    units: UnitTree,
    min_size: int,
) -> tuple[tuple[UnitGroup, ...], tuple[UnitGroup, ...]]:
    """(groups, withheld): disjoint groups of all units that are not empty, each list by lowest member.

    Args:
        sizes: unit id → ballots of its own; units that are missing or 0 are empty and in no group.
        units: the tree of the manifest.
        min_size: the smallest group that may be counted, at least 1.

    Returns: groups of at least `min_size` and nothing withheld; or no groups, and one that holds everything.

    Raises:
        RecordError: a unit is not in the tree, a size is negative, or `min_size` is not positive.
    """
    if min_size < 1:
        raise RecordError(f"merging: a smallest size of {min_size}")
    pool = _Pool(units, min_size)
    for unit, size in sizes.items():
        if size < 0 or unit not in units:
            raise RecordError(f"merging: {size} ballots of unit {unit}")
        if size:
            pool.add(UnitGroup(unit, (unit,), size))
    while (taken := pool.take_small()) is not None:
        other = pool.take_smallest(taken.node)
        parent = units.parent(taken.node)
        if other is not None:
            members = tuple(sorted(taken.members + other.members))
            pool.add(UnitGroup(taken.node, members, taken.size + other.size))
        elif parent is not None:
            pool.add(UnitGroup(parent, taken.members, taken.size))
        else:
            # Everything is below the root, so nothing else is left.
            return (), (taken,)
    return pool.groups(), ()


class _Pool:
    """The groups there are, in the two orders in which the rule takes them.

    A group that was taken stays in the heaps and is passed over there.
    """

    def __init__(self, units: UnitTree, min_size: int) -> None:
        self._units = units
        self._min_size = min_size
        self._present: dict[int, UnitGroup] = {}
        self._small: list[tuple[int, int, str, int]] = []  # (−depth, size, id, number)
        self._below: dict[str, list[tuple[int, str, int]]] = {}  # node → (size, id, number) at it or below
        self._numbers = count()

    def add(self, group: UnitGroup) -> None:
        number = next(self._numbers)
        self._present[number] = group
        for node in self._units.path(group.node):
            heappush(self._below.setdefault(node, []), (group.size, group.id, number))
        if group.size < self._min_size:
            depth = self._units.depth(group.node)
            heappush(self._small, (-depth, group.size, group.id, number))

    def take_small(self) -> UnitGroup | None:
        """The next group that is too small: the deepest, then smallest, then that of the lowest id."""
        while self._small:
            *_, number = heappop(self._small)
            if number in self._present:
                return self._present.pop(number)
        return None

    def take_smallest(self, node: str) -> UnitGroup | None:
        """The smallest group at a node or below it, then that of the lowest id."""
        heap = self._below[node]
        while heap:
            *_, number = heappop(heap)
            if number in self._present:
                return self._present.pop(number)
        return None

    def groups(self) -> tuple[UnitGroup, ...]:
        return tuple(sorted(self._present.values(), key=lambda group: group.id))
