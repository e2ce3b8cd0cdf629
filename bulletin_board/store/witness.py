"""A witness's memory in a small database of its own: `WitnessStore` of `bulletin_board/witness.py`.

Spec: board.md §2.5
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bulletin_board.store.engine import WRITES, open_engine
from bulletin_board.store.failure import store_error
from bulletin_board.store.migrate import WITNESS, upgrade
from bulletin_board.store.witness_models import EvidenceRow, WitnessedRow
from bulletin_board.witness import ForkEvidence, WitnessedCheckpoint


class SqlWitnessStore:
    """What one witness must not forget."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{WRITES: True})

    @classmethod
    def open(cls, url: str) -> "SqlWitnessStore":
        """The memory at a database address; its tables are made, or brought up to date.

        Raises:
            StoreError: the database cannot be reached or migrated.
        """
        try:
            engine = open_engine(url)
            upgrade(engine, WITNESS)
        except SQLAlchemyError as exc:
            raise store_error("witness store", exc) from exc
        return cls(engine)

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def latest(self, origin: str) -> WitnessedCheckpoint | None:
        """The last checkpoint cosigned for this log, or None before the first."""
        with _session(self._engine) as session:
            row = session.execute(
                select(WitnessedRow.tree_size, WitnessedRow.root_hash, WitnessedRow.note).where(
                    WitnessedRow.origin == origin
                )
            ).one_or_none()
        return WitnessedCheckpoint(row.tree_size, row.root_hash, row.note) if row else None

    def advance(self, origin: str, *, old_size: int, new: WitnessedCheckpoint) -> bool:
        """Replace the last checkpoint in one atomic step, if its size still is `old_size` (0: there is none).

        Returns whether it did.
        """
        with _session(self._writer) as session:
            known = session.scalar(
                select(WitnessedRow.tree_size).where(WitnessedRow.origin == origin).with_for_update()
            )
            if (known or 0) != old_size:
                return False
            values = {"tree_size": new.tree_size, "root_hash": new.root_hash, "note": new.note_text}
            if known is None:
                session.execute(insert(WitnessedRow).values(origin=origin, **values))
            else:
                session.execute(update(WitnessedRow).where(WitnessedRow.origin == origin).values(**values))
            session.commit()
        return True

    def keep_evidence(self, evidence: ForkEvidence) -> None:
        """Keep both notes for good; the same evidence again changes nothing."""
        digest = sha256(f"{evidence.known_note}\0{evidence.offered_note}".encode()).digest()
        with _session(self._writer) as session:
            if session.get(EvidenceRow, digest) is None:
                session.add(
                    EvidenceRow(
                        digest=digest,
                        origin=evidence.origin,
                        known_note=evidence.known_note,
                        offered_note=evidence.offered_note,
                    )
                )
            session.commit()

    def evidence(self, origin: str) -> tuple[ForkEvidence, ...]:
        """Everything that is held against one log."""
        with _session(self._engine) as session:
            found = session.scalars(
                select(EvidenceRow).where(EvidenceRow.origin == origin).order_by(EvidenceRow.digest)
            )
            return tuple(ForkEvidence(row.origin, row.known_note, row.offered_note) for row in found)


@contextmanager
def _session(engine: Engine) -> Iterator[Session]:
    try:
        with Session(engine) as session:
            yield session
    except SQLAlchemyError as exc:
        raise store_error("witness store", exc) from exc
