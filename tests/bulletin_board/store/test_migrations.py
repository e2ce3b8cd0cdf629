"""Migrations make exactly the tables of the models, and can be taken back."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect

from bulletin_board.errors import StoreError
from bulletin_board.store.engine import WRITES, open_engine
from bulletin_board.store.migrate import BOARD, WITNESS, config, upgrade
from bulletin_board.store.models import Table
from bulletin_board.store.sql import SqlBoardStore
from bulletin_board.store.witness import SqlWitnessStore
from bulletin_board.store.witness_models import WitnessTable

DATABASES = [(BOARD, Table.metadata), (WITNESS, WitnessTable.metadata)]


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


@pytest.mark.parametrize(("database", "metadata"), DATABASES)
def test_migrations_make_the_models(tmp_path: Path, database: str, metadata: MetaData) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")
    upgrade(engine, database)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert tables(connection) == {*metadata.tables, "alembic_version"}
    engine.dispose()


@pytest.mark.parametrize(("database", "metadata"), DATABASES)
def test_migrations_down_and_up_again(tmp_path: Path, database: str, metadata: MetaData) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")
    for _ in range(2):
        upgrade(engine, database)
        upgrade(engine, database)  # nothing is left to do
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            command.downgrade(config(connection, database), "base")
            assert tables(connection) == {"alembic_version"}
    engine.dispose()


def test_sqlite_is_strict(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.connect() as connection:
        for pragma, value in {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}.items():
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    engine.dispose()


@pytest.mark.parametrize("kind", [SqlBoardStore, SqlWitnessStore])
@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all/x.db", "no such database"])
def test_unreachable_database(kind: type[SqlBoardStore] | type[SqlWitnessStore], url: str) -> None:
    with pytest.raises(StoreError, match="store: "):
        kind.open(url)
