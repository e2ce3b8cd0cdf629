"""The one table that the voting server keeps beside the board: credentials whose holders were identified.

No person, no time and no order of arrival can be read from it.
"""

from sqlalchemy import LargeBinary
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from evote.db.database import ElectionColumns, naming


class GrantsTable(DeclarativeBase):
    metadata = naming()


class ElectionRow(ElectionColumns, GrantsTable):
    pass


class GrantRow(GrantsTable):
    __tablename__ = "grants"
    # The rows lie in the order of their keys; a row number would tell who was identified first.
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 SQLAlchemy reads it as it is

    credential: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
