"""Large fields: inline while the entry is small enough, else beside the log as addenda.

One rule decides, for all such fields of a body at once, from sizes alone; so nobody can post one body in two
forms. A body stays as it is posted: signatures and digests are over that form. `Bulk.read` gives the bytes in
either.

Spec: records.md §1.8, §1.9
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, ClassVar, Self, TypeVar

from msgspec.structs import replace

from bulletin_board.errors import RecordError
from bulletin_board.log.addenda import MAX_ENTRY_BYTES
from bulletin_board.records.canonical import JsonValue, jcs
from bulletin_board.records.fields import MAX_INTEGER, Bytes32, Count, decode_base64url, encode_base64url
from bulletin_board.records.record import Part, Record

ReadAddendum = Callable[[bytes], bytes]  # SHA-256 → the bytes of that digest


class AddendumRef(Part):
    """The name of bytes that stand beside the log."""

    sha256: Bytes32
    size: Count

    @classmethod
    def of(cls, data: bytes) -> "AddendumRef":
        return cls(sha256=Bytes32(sha256(data).digest()), size=len(data))

    def read(self, read_addendum: ReadAddendum) -> bytes:
        """The bytes, checked against this name.

        Raises:
            RecordError: other bytes came back.
        """
        data = read_addendum(self.sha256)
        if len(data) != self.size or sha256(data).digest() != self.sha256:
            raise RecordError(f"addendum {self.sha256.hex()[:16]}: other bytes than the record names")
        return data


class Bulk(JsonValue):
    """A field that is either its bytes or the name of an addendum with them."""

    __slots__ = ("form",)
    form: bytes | AddendumRef

    def __init__(self, form: bytes | AddendumRef) -> None:
        self.form = form

    @classmethod
    def from_json(cls, value: Any) -> Self:
        if isinstance(value, str):
            return cls(decode_base64url(value))
        if isinstance(value, dict) and value.keys() == {"sha256", "size"}:
            size = value["size"]
            if type(size) is int and 0 <= size <= MAX_INTEGER:
                return cls(AddendumRef(sha256=Bytes32.from_json(value["sha256"]), size=size))
        raise ValueError("neither base64url nor the name and size of an addendum")

    def to_json(self) -> Any:
        if isinstance(self.form, AddendumRef):
            return {"sha256": self.form.sha256.to_json(), "size": self.form.size}
        return encode_base64url(self.form)

    @property
    def size(self) -> int:
        """How many bytes the field stands for."""
        return self.form.size if isinstance(self.form, AddendumRef) else len(self.form)

    def read(self, read_addendum: ReadAddendum) -> bytes:
        """The bytes of the field, from here or from the addendum.

        Raises:
            RecordError: the addendum is not what the record names.
        """
        return self.form.read(read_addendum) if isinstance(self.form, AddendumRef) else self.form

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bulk) and self.form == other.form

    def __hash__(self) -> int:
        return hash(self.form)

    def __repr__(self) -> str:
        return f"Bulk({self.form!r})" if isinstance(self.form, AddendumRef) else f"Bulk({self.size} bytes)"


class BulkRecord(Record):
    """A body with bulk fields. `signature_count` is needed to know how large its entry will be."""

    bulk_fields: ClassVar[tuple[str, ...]]  # in the order of the canonical form
    signature_count: ClassVar[int]

    def bulks(self) -> tuple[Bulk, ...]:
        return tuple(getattr(self, name) for name in self.bulk_fields)

    def addenda(self) -> tuple[AddendumRef, ...]:
        """The addenda that the body names, in field order.

        Raises:
            RecordError: some bulk fields are inline and some are not.
        """
        refs = tuple(bulk.form for bulk in self.bulks() if isinstance(bulk.form, AddendumRef))
        if refs and len(refs) < len(self.bulk_fields):
            raise RecordError(f"{self.record_type}: bulk fields in two forms")
        return refs


B = TypeVar("B", bound=BulkRecord)


def fold(body: B) -> tuple[B, Mapping[bytes, bytes]]:
    """The body as it is posted, and the addenda that must stand beside the log before it: SHA-256 → bytes.

    Args:
        body: with every bulk field inline.
    """
    inline = {name: bulk.form for name, bulk in zip(body.bulk_fields, body.bulks(), strict=True)}
    if any(isinstance(form, AddendumRef) for form in inline.values()):
        raise ValueError(f"{body.record_type}: folded already")
    if inline_entry_size(body, signature_count=body.signature_count) <= MAX_ENTRY_BYTES:
        return body, {}
    data = {name: form for name, form in inline.items() if isinstance(form, bytes)}
    folded = replace(body, **{name: Bulk(AddendumRef.of(form)) for name, form in data.items()})
    return folded, {sha256(form).digest(): form for form in data.values()}


def inline_entry_size(body: BulkRecord, *, signature_count: int) -> int:
    """How many bytes the entry would have with every bulk field inline, whichever form the body has."""
    envelope = {
        "body": body,
        "signatures": [{"key": Bytes32(bytes(32)), "signature": "A" * 86}] * signature_count,
        "type": body.record_type,
    }
    size = len(jcs(envelope)) + 1
    for bulk in body.bulks():
        if isinstance(bulk.form, AddendumRef):
            size += _inline_json_size(bulk.size) - len(jcs(bulk))
    return size


def require_one_form(body: BulkRecord, *, signature_count: int) -> None:
    """Refuse addenda for what would fit inline. That too much stands inline shows in the entry's own size.

    Raises:
        RecordError: the other form is the one to post.
    """
    if body.addenda() and inline_entry_size(body, signature_count=signature_count) <= MAX_ENTRY_BYTES:
        raise RecordError(f"{body.record_type}: bulk fields stand in addenda although they fit the entry")


def _inline_json_size(size: int) -> int:
    """Of base64url in quotes: four symbols for three bytes, and no padding."""
    return 2 + (4 * size + 2) // 3
