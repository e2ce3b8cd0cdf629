"""Which units' ballots of one contest are decrypted together, so that no published count is too small.

Spec: protocol.md §5.2
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """Units whose ballots of one contest are counted together."""

    node: str  # unit id: where in the tree of units the group stands
    members: tuple[str, ...]  # unit ids, ascending
    size: int  # ballots

    @property
    def id(self) -> str:
        """The lowest member; ids are ASCII, so their order as text is that of their bytes."""
        return self.members[0]


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome of merging: what is decrypted, and what never is. Both ascend by lowest member."""

    cells: tuple[Group, ...]
    withheld: tuple[Group, ...]


def merge_units(sizes: Mapping[str, int], parents: Mapping[str, str | None], minimum: int) -> Merged:
    """Merge the units of one contest until no group is below the minimum.

    Args:
        sizes: ballots by unit id; units with none may be left out.
        parents: parent by unit id, None for the root.
        minimum: min_unit_size of the manifest.
    """
    paths = {unit: _path(unit, parents) for unit in parents}
    groups = {unit: Group(unit, (unit,), size) for unit, size in sizes.items() if size}
    small = {group_id for group_id, group in groups.items() if group.size < minimum}
    withheld: list[Group] = []
    while small:
        # Deepest first; then the smallest; then the lowest id.
        taken = groups.pop(
            min(small, key=lambda each: (-len(paths[groups[each].node]), groups[each].size, each))
        )
        small.discard(taken.id)
        below = [group for group in groups.values() if taken.node in paths[group.node]]
        if below:
            partner = groups.pop(min(below, key=lambda group: (group.size, group.id)).id)
            small.discard(partner.id)
            members = tuple(sorted(taken.members + partner.members))
            changed = Group(taken.node, members, taken.size + partner.size)
        else:
            parent = parents[taken.node]
            if parent is None:
                withheld.append(taken)
                continue
            changed = Group(parent, taken.members, taken.size)
        groups[changed.id] = changed
        if changed.size < minimum:
            small.add(changed.id)
    return Merged(_ascending(groups.values()), _ascending(withheld))


def _path(unit: str, parents: Mapping[str, str | None]) -> frozenset[str]:
    """The unit and everything above it; as many as it is deep."""
    path = {unit}
    above = parents[unit]
    while above is not None:
        path.add(above)
        above = parents[above]
    return frozenset(path)


def _ascending(groups: Iterable[Group]) -> tuple[Group, ...]:
    return tuple(sorted(groups, key=lambda group: group.id))
