"""The queue in SQL: what waits for a beat, what was refused, and the addenda."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from bulletin_board.store.chunks import chunks
from bulletin_board.store.models import AddendumRow, PendingRow, RefusalRow, WantedRow
from bulletin_board.store.port import Refusal, Submission


class SubmissionRows:
    """Submissions as one database session sees them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def pending(self, limit: int) -> tuple[Submission, ...]:
        found = self._session.execute(
            select(PendingRow.leaf_hash, PendingRow.data, PendingRow.ballot_digest)
            .order_by(PendingRow.arrival)
            .limit(limit)
        )
        return tuple(Submission(row.leaf_hash, row.data, row.ballot_digest) for row in found)

    def pending_count(self) -> int:
        return self._session.scalar(select(func.count()).select_from(PendingRow)) or 0

    def is_pending(self, leaf_hash: bytes) -> bool:
        query = select(PendingRow.arrival).where(PendingRow.leaf_hash == leaf_hash)
        return self._session.scalar(query) is not None

    def is_ballot_pending(self, digest: bytes) -> bool:
        query = select(PendingRow.arrival).where(PendingRow.ballot_digest == digest)
        return self._session.scalar(query) is not None

    def refusal(self, leaf_hash: bytes) -> Refusal | None:
        row = self._session.execute(
            select(RefusalRow.code, RefusalRow.detail).where(RefusalRow.leaf_hash == leaf_hash)
        ).one_or_none()
        return Refusal(row.code, row.detail) if row else None

    def addendum(self, sha256: bytes) -> tuple[bytes, int | None] | None:
        row = self._session.execute(
            select(AddendumRow.data, AddendumRow.entry_index).where(AddendumRow.sha256 == sha256)
        ).one_or_none()
        return (row.data, row.entry_index) if row else None

    def addenda_below(self, entry_index: int) -> tuple[bytes, ...]:
        query = select(AddendumRow.sha256).where(AddendumRow.entry_index < entry_index)
        return tuple(self._session.scalars(query.order_by(AddendumRow.sha256)))

    def missing_addenda(self, names: Sequence[bytes]) -> tuple[bytes, ...]:
        kept: set[bytes] = set()
        for chunk in chunks(names):
            kept.update(
                self._session.scalars(select(AddendumRow.sha256).where(AddendumRow.sha256.in_(chunk)))
            )
        return tuple(name for name in names if name not in kept)

    def wanted_size(self, sha256: bytes) -> int | None:
        return self._session.scalar(select(WantedRow.size).where(WantedRow.sha256 == sha256))

    def add_pending(self, submission: Submission) -> None:
        self._session.execute(delete(RefusalRow).where(RefusalRow.leaf_hash == submission.leaf_hash))
        self._session.execute(
            insert(PendingRow).values(
                leaf_hash=submission.leaf_hash,
                data=submission.data,
                ballot_digest=submission.ballot_digest,
            )
        )

    def remove_pending(self, leaf_hashes: Sequence[bytes]) -> None:
        for chunk in chunks(leaf_hashes):
            self._session.execute(delete(PendingRow).where(PendingRow.leaf_hash.in_(chunk)))

    def refuse(self, refusals: Mapping[bytes, Refusal]) -> None:
        for chunk in chunks(list(refusals)):
            self._session.execute(delete(RefusalRow).where(RefusalRow.leaf_hash.in_(chunk)))
        rows = [
            {"leaf_hash": leaf_hash, "code": refusal.code, "detail": refusal.detail}
            for leaf_hash, refusal in refusals.items()
        ]
        if rows:
            self._session.execute(insert(RefusalRow), rows)

    def want_addenda(self, sizes: Mapping[bytes, int]) -> None:
        for sha256, size in sizes.items():
            self._session.execute(delete(WantedRow).where(WantedRow.sha256 == sha256))
            self._session.execute(insert(WantedRow).values(sha256=sha256, size=size))

    def keep_addendum(self, sha256: bytes, data: bytes) -> None:
        self._session.execute(delete(WantedRow).where(WantedRow.sha256 == sha256))
        if self.missing_addenda((sha256,)):
            self._session.execute(insert(AddendumRow).values(sha256=sha256, data=data, entry_index=None))

    def name_addenda(self, names: Sequence[bytes], *, entry_index: int) -> None:
        for chunk in chunks(names):
            self._session.execute(
                update(AddendumRow)
                .where(AddendumRow.sha256.in_(chunk), AddendumRow.entry_index.is_(None))
                .values(entry_index=entry_index)
            )
