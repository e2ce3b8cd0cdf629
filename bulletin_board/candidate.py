"""A submission that has been decoded: what stands before admission."""

from __future__ import annotations

from dataclasses import dataclass

from bulletin_board.log.merkle import leaf_hash
from bulletin_board.records.bulk import AddendumRef, BulkRecord
from bulletin_board.records.envelope import decode_record
from bulletin_board.records.record import Record
from bulletin_board.records.roll import Roll
from bulletin_board.store.port import LoggedEntry


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may become one of the log. Its signatures and proofs are not looked at here."""

    data: bytes
    leaf_hash: bytes
    body: Record
    addenda: tuple[AddendumRef, ...]

    @classmethod
    def decode(cls, entry: bytes) -> Candidate:
        """The candidate of exactly these bytes.

        Raises:
            RecordError: they are no record in its one form.
        """
        body = decode_record(entry).body
        addenda = body.addenda() if isinstance(body, BulkRecord | Roll) else ()
        return cls(entry, leaf_hash(entry), body, addenda)

    def logged(self, entry_index: int) -> LoggedEntry:
        """The row of the log that it becomes."""
        return LoggedEntry(entry_index, self.body.record_type, self.data, self.leaf_hash)
