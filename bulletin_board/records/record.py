"""What every record body is: a frozen structure with named fields only, and the name of its type.

Spec: records.md §1.1, §1.6
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, ClassVar, dataclass_transform

from msgspec import Struct, StructMeta

from bulletin_board.errors import RecordError


@dataclass_transform(frozen_default=True, kw_only_default=True)
class _PartMeta(StructMeta):
    """Gives every structure of the records the same three properties, so that none can forget one."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> Any:
        return super().__new__(
            cls, name, bases, namespace, frozen=True, kw_only=True, forbid_unknown_fields=True, **options
        )


class Part(Struct, metaclass=_PartMeta):
    """An object inside a body."""


class Record(Part):
    """A body. `record_type` is the `type` of its envelope."""

    record_type: ClassVar[str]


def require_distinct(values: Iterable[object], *, subject: str) -> None:
    """Refuse a list that says something twice."""
    seen = set()
    for value in values:
        if value in seen:
            raise RecordError(f"{subject}: {value} stands twice")
        seen.add(value)


def require_ascending(values: Iterable[Any], *, subject: str) -> None:
    """Refuse a list that is not strictly ascending. Ids are ASCII, so their order is that of their bytes."""
    if any(not left < right for left, right in pairwise(values)):
        raise RecordError(f"{subject}: not strictly ascending")
