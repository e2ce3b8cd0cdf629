"""Bringing a database to the newest form of its tables, at every start.

Migrations live in `migrations/`: one folder per database, one environment for all.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from bulletin_board.store.engine import WRITES

BOARD: Final = "board"
WITNESS: Final = "witness"

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, database: str) -> None:
    """Run the migrations that a database has not seen yet, all or none.

    Args:
        engine: connects to it.
        database: `BOARD` or `WITNESS`.
    """
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        command.upgrade(config(connection, database), "head")


def config(connection: Connection, database: str) -> Config:
    """Alembic's settings for one of the databases, on a connection that is already open."""
    settings = Config(attributes={"connection": connection})
    settings.set_main_option("script_location", str(_MIGRATIONS))
    settings.set_main_option("path_separator", "newline")
    settings.set_main_option("version_locations", str(_MIGRATIONS / database))
    return settings
