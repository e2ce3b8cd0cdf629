"""The board's database through SQLAlchemy: SQLite now, PostgreSQL on the same models and queries."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bulletin_board.store.electorate_rows import ElectorateRows
from bulletin_board.store.engine import WRITES, open_engine
from bulletin_board.store.failure import store_error
from bulletin_board.store.log_rows import LogRows
from bulletin_board.store.migrate import BOARD, upgrade
from bulletin_board.store.models import TreeRow
from bulletin_board.store.submission_rows import SubmissionRows


@dataclass(frozen=True, slots=True)
class SqlTables:
    """Everything of one board, seen and changed through one session."""

    log: LogRows
    submissions: SubmissionRows
    electorate: ElectorateRows
    session: Session

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of a transaction that, if it raises, is undone alone."""
        with self.session.begin_nested():
            yield


class SqlBoardStore:
    """One board in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{WRITES: True})

    @classmethod
    def open(cls, url: str) -> "SqlBoardStore":
        """The board at a database address; its tables are made, or brought up to date.

        Raises:
            StoreError: the database cannot be reached or migrated.
        """
        try:
            engine = open_engine(url)
            upgrade(engine, BOARD)
        except SQLAlchemyError as exc:
            raise store_error("board store", exc) from exc
        return cls(engine)

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    @contextmanager
    def snapshot(self) -> Iterator[SqlTables]:
        """Reading, in one state of the board."""
        with _session(self._engine) as session:
            yield _tables(session)

    @contextmanager
    def transaction(self) -> Iterator[SqlTables]:
        """Writing, one transaction at a time; durable when the block ends, undone if it raises."""
        with _session(self._writer) as session:
            # SQLite has locked the whole database by now. Elsewhere the log's head is the lock: whoever
            # writes takes it first.
            session.execute(select(TreeRow.name).with_for_update()).all()
            yield _tables(session)
            session.commit()


@contextmanager
def _session(engine: Engine) -> Iterator[Session]:
    try:
        with Session(engine) as session:
            yield session
    except SQLAlchemyError as exc:
        raise store_error("board store", exc) from exc


def _tables(session: Session) -> SqlTables:
    return SqlTables(LogRows(session), SubmissionRows(session), ElectorateRows(session), session)
