"""The three small databases of the people's programs, each a SQLite file of its own.

    registrar   names and addresses, public credential parts
    identity    personal numbers and e-mail addresses, sealed credential parts, one-time codes as hashes
    grants      which credentials may cast, and nothing else

They lie on different machines. Migrations: one folder per database in `migrations/`, one environment for all.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, LargeBinary, MetaData, insert, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from bulletin_board.durable_file import PRIVATE
from bulletin_board.store.engine import WRITES, open_engine
from evote.errors import DatabaseError

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

_MIGRATIONS = Path(__file__).parent / "migrations"
_DRIVER = re.compile(r"^\([^)]*\) ")  # how SQLAlchemy introduces what the driver said
_ONLY = 1  # primary key of tables with one row


class Kind(StrEnum):
    REGISTRAR = "registrar"
    IDENTITY = "identity"
    GRANTS = "grants"


class ElectionColumns:
    """The one election that a database belongs to."""

    __tablename__ = "election"

    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    manifest_digest: Mapped[bytes] = mapped_column(LargeBinary(32))


def naming() -> MetaData:
    """Metadata for one database; the names of constraints are the same wherever it is made."""
    return MetaData(naming_convention=NAMING)


class Database:
    """One open database of one election."""

    def __init__(self, engine: Engine, kind: Kind) -> None:
        self._reader = engine
        self._writer = engine.execution_options(**{WRITES: True})
        self._kind = kind

    @classmethod
    def open(
        cls, path: Path, kind: Kind, election: type[ElectionColumns], manifest_digest: bytes
    ) -> "Database":
        """The database in a file; it is made on first use and brought up to date at every one.

        Args:
            path: of the file; its folder exists.
            kind: which of the three.
            election: the table of that database with `ElectionColumns`.
            manifest_digest: of the election; a new database belongs to it from now on.

        Raises:
            DatabaseError: not a database, one of another kind or election, or of a later version.
        """
        database = cls(open_engine(f"sqlite:///{path.absolute()}"), kind)
        try:
            # What SQLite puts beside the file has the same permissions.
            path.touch(mode=PRIVATE)
            _upgrade(database._writer, kind)
        except (SQLAlchemyError, CommandError, OSError) as exc:
            raise _error(kind, exc) from exc
        database._bind(election, manifest_digest)
        return database

    def close(self) -> None:
        """Give back all connections."""
        self._reader.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database."""
        with self._session(self._reader) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are durable when it ends, or undone when it raises; one at a time."""
        with self._session(self._writer) as session, session.begin():
            yield session

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        try:
            with Session(engine) as session:
                yield session
        except SQLAlchemyError as exc:
            raise _error(self._kind, exc) from exc

    def _bind(self, election: type[ElectionColumns], manifest_digest: bytes) -> None:
        with self.writing() as session:
            known = session.scalar(select(election.manifest_digest))
            if known is None:
                session.execute(insert(election).values(row=_ONLY, manifest_digest=manifest_digest))
            elif known != manifest_digest:
                raise DatabaseError(f"{self._kind} database: it belongs to another election")


def migration_settings(connection: Connection, kind: Kind) -> Config:
    """Alembic's settings for one of the databases, on a connection that is already open."""
    settings = Config(attributes={"connection": connection, "version_table": _version_table(kind)})
    settings.set_main_option("script_location", str(_MIGRATIONS))
    settings.set_main_option("path_separator", "newline")
    settings.set_main_option("version_locations", str(_MIGRATIONS / kind))
    return settings


def _upgrade(engine: Engine, kind: Kind) -> None:
    with engine.begin() as connection:
        tables = inspect(connection).get_table_names()
        if tables and _version_table(kind) not in tables:
            raise DatabaseError(f"{kind} database: the file is a database of another program")
        command.upgrade(migration_settings(connection, kind), "head")


def _version_table(kind: Kind) -> str:
    return f"{kind}_version"


def _error(kind: Kind, exc: Exception) -> DatabaseError:
    # What follows the first line are statements and values: names and numbers of people.
    first_line = str(exc).partition("\n")[0]
    return DatabaseError(f"{kind} database: {_DRIVER.sub('', first_line)}")
