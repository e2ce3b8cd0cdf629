"""The three databases: each of one program and one election, and each migrated to exactly its models."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.orm import DeclarativeBase

from bulletin_board.store.engine import WRITES, open_engine
from evote.db import grants_models, identity_models, registrar_models
from evote.db.database import Database, Kind, migration_settings
from evote.db.grants import GrantStore
from evote.db.identity import IdentityStore
from evote.db.registrar import RegistrarStore
from evote.errors import DatabaseError

DIGEST = bytes(range(32))
OTHER = bytes(32)

KINDS: list[tuple[Kind, Callable[..., Any], type[DeclarativeBase]]] = [
    (Kind.REGISTRAR, RegistrarStore.open, registrar_models.RegistrarTable),
    (Kind.IDENTITY, IdentityStore.open, identity_models.IdentityTable),
    (Kind.GRANTS, GrantStore.open, grants_models.GrantsTable),
]
each_kind = pytest.mark.parametrize(("kind", "open_store", "base"), KINDS, ids=[kind for kind, _, _ in KINDS])


@each_kind
def test_migrations_lead_to_the_models(
    tmp_path: Path, kind: Kind, open_store: Callable[..., Any], base: type[DeclarativeBase]
) -> None:
    open_store(tmp_path / "f.db", DIGEST).close()
    engine = open_engine(f"sqlite:///{tmp_path}/f.db")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": f"{kind}_version"})
        assert compare_metadata(context, base.metadata) == []
    engine.dispose()


@each_kind
def test_migrations_run_down_again(
    tmp_path: Path, kind: Kind, open_store: Callable[..., Any], base: type[DeclarativeBase]
) -> None:
    open_store(tmp_path / "f.db", DIGEST).close()
    engine = open_engine(f"sqlite:///{tmp_path}/f.db")
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        command.downgrade(migration_settings(connection, kind), "base")
    assert inspect(engine).get_table_names() == [f"{kind}_version"]
    engine.dispose()


@each_kind
def test_database_belongs_to_one_election(
    tmp_path: Path, kind: Kind, open_store: Callable[..., Any], base: type[DeclarativeBase]
) -> None:
    open_store(tmp_path / "f.db", DIGEST).close()
    open_store(tmp_path / "f.db", DIGEST).close()
    with pytest.raises(DatabaseError, match=f"{kind} database: it belongs to another election"):
        open_store(tmp_path / "f.db", OTHER)


@each_kind
def test_file_of_another_program_is_refused(
    tmp_path: Path, kind: Kind, open_store: Callable[..., Any], base: type[DeclarativeBase]
) -> None:
    other = KINDS[(list(Kind).index(kind) + 1) % 3][1]
    other(tmp_path / "f.db", DIGEST).close()
    with pytest.raises(DatabaseError, match="another program"):
        open_store(tmp_path / "f.db", DIGEST)
    (tmp_path / "text").write_bytes(b"not a database at all" * 100)
    with pytest.raises(DatabaseError, match="not a database"):
        open_store(tmp_path / "text", DIGEST)


@each_kind
def test_file_of_a_later_version_is_refused(
    tmp_path: Path, kind: Kind, open_store: Callable[..., Any], base: type[DeclarativeBase]
) -> None:
    open_store(tmp_path / "f.db", DIGEST).close()
    engine = open_engine(f"sqlite:///{tmp_path}/f.db")
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        connection.execute(text(f"UPDATE {kind}_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(DatabaseError, match="9999"):
        open_store(tmp_path / "f.db", DIGEST)


def test_a_failure_is_told_without_values(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "f.db", Kind.GRANTS, grants_models.ElectionRow, DIGEST)
    with pytest.raises(DatabaseError) as caught, database.writing() as session:
        session.execute(text("INSERT INTO grants VALUES ('secret', NULL)"))
    assert "NOT NULL" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    database.close()


def test_what_raises_is_undone(tmp_path: Path) -> None:
    store = GrantStore.open(tmp_path / "f.db", DIGEST)
    database = Database.open(tmp_path / "f.db", Kind.GRANTS, grants_models.ElectionRow, DIGEST)
    with pytest.raises(ZeroDivisionError), database.writing() as session:
        session.add(grants_models.GrantRow(credential=b"\1" * 32, signature=bytes(64)))
        session.flush()
        raise ZeroDivisionError
    assert not store.holds(b"\1" * 32)
    database.close()
    store.close()


def test_grants_are_kept_once(tmp_path: Path) -> None:
    store = GrantStore.open(tmp_path / "f.db", DIGEST)
    assert not store.holds(b"\1" * 32)
    store.keep(b"\1" * 32, b"\2" * 64)
    store.keep(b"\1" * 32, b"\3" * 64)
    assert store.holds(b"\1" * 32)
    store.close()


def test_grants_tell_neither_person_nor_time() -> None:
    columns = {
        column.name for table in grants_models.GrantsTable.metadata.tables.values() for column in table.c
    }
    assert columns == {"row", "manifest_digest", "credential", "signature"}
    table = grants_models.GrantsTable.metadata.tables["grants"]
    assert table.dialect_options["sqlite"]["with_rowid"] is False


def test_no_database_has_a_place_for_a_secret_in_clear() -> None:
    names = {
        f"{kind}.{table.name}.{column.name}"
        for kind, _, base in KINDS
        for table in base.metadata.tables.values()
        for column in table.c
    }
    assert not [name for name in names if any(word in name for word in ("secret", "bits", "passphrase"))]
    # The registrar knows names and no codes; the identity service no names, and codes only hashed.
    assert "registrar.voters.surname" in names
    assert not [
        name for name in names if name.startswith("identity") and ("name" in name or "address" in name)
    ]
    assert {name for name in names if "code" in name} == {"identity.sessions.code_digest"}
