"""Reporting units: where votes are counted, as a tree.

Spec: records.md §2.1, §2.2
"""

from collections.abc import Iterable

from bulletin_board.errors import RecordError
from bulletin_board.records.fields import Identifier, Localized
from bulletin_board.records.record import Part


class ReportingUnit(Part):
    id: Identifier
    parent: Identifier | None  # None for the root
    title: Localized


class UnitTree:
    """Parents, depths and ancestry of units."""

    __slots__ = ("_depths", "_parents", "root")

    def __init__(self, units: Iterable[tuple[str, str | None]]) -> None:
        """From (unit id, parent id), parents before children.

        Raises:
            RecordError: an id stands twice, a parent is not before its child, or there is not one root.
        """
        self._parents: dict[str, str | None] = {}
        self._depths: dict[str, int] = {}
        for unit, parent in units:
            if unit in self._parents:
                raise RecordError(f"unit {unit}: stands twice")
            if parent is not None and parent not in self._parents:
                raise RecordError(f"unit {unit}: its parent {parent} does not stand before it")
            if parent is None and self._parents:
                raise RecordError(f"unit {unit}: a second root")
            self._depths[unit] = 0 if parent is None else self._depths[parent] + 1
            self._parents[unit] = parent
        if not self._parents:
            raise RecordError("units: there is no root")
        self.root = next(iter(self._parents))

    def __contains__(self, unit: object) -> bool:
        return unit in self._parents

    def parent(self, unit: str) -> str | None:
        """The unit above; None above the root."""
        self._require(unit)
        return self._parents[unit]

    def depth(self, unit: str) -> int:
        """Steps down from the root, which has depth 0."""
        self._require(unit)
        return self._depths[unit]

    def path(self, unit: str) -> tuple[str, ...]:
        """The unit and everything above it, up to the root."""
        self._require(unit)
        path = [unit]
        while (parent := self._parents[path[-1]]) is not None:
            path.append(parent)
        return tuple(path)

    def is_within(self, unit: str, above: str) -> bool:
        """Whether `unit` is `above` or lies somewhere below it."""
        self._require(above)
        return above in self.path(unit)

    def _require(self, unit: str) -> None:
        if unit not in self._parents:
            raise RecordError(f"unit {unit}: not in the manifest")
