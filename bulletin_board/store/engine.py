"""Connections to the databases of this package: SQLite made strict, anything else as it comes.

SQLite runs in WAL mode, so readers never wait, with every commit flushed to disk, and takes its write lock
at the start of a writing transaction: two writers then wait for each other instead of failing half-way.
"""

from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

WRITES = "writes"  # execution option of connections that will write
_LOCK_WAIT_MS = 60_000  # a roll of a million rows takes its time


def open_engine(url: str) -> Engine:
    """An engine for a database address such as `sqlite:////var/lib/board.db`."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: SqliteConnection, _record: Any) -> None:
    # Left alone, the driver would begin transactions by its own rules, and too late.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {_LOCK_WAIT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
