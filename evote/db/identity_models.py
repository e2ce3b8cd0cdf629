"""The tables of the identity service: how to reach a person, and the sealed part that is handed to her.

No name, no address, no letter's code. Secret parts are sealed and one-time codes hashed, both under keys that
are not in the database.
"""

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from evote.db.database import ElectionColumns, naming


class IdentityTable(DeclarativeBase):
    metadata = naming()


class ElectionRow(ElectionColumns, IdentityTable):
    pass


class PersonRow(IdentityTable):
    __tablename__ = "persons"

    reference: Mapped[str] = mapped_column(String(32), primary_key=True)
    personal_number: Mapped[str] = mapped_column(String(32), unique=True)
    email: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(64))
    style: Mapped[str] = mapped_column(String(64))
    unit: Mapped[str] = mapped_column(String(64))
    identified: Mapped[bool] = mapped_column(default=False)


class PartRow(IdentityTable):
    """A person has one that was pledged, before the roll, and one more for every reissue.

    `credential` is the whole S that the part belongs to, `parts` are those of all issuers in manifest order,
    packed, and `node` is the unit of the row: all empty until the parts are joined.
    """

    __tablename__ = "parts"

    part: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    reference: Mapped[str] = mapped_column(ForeignKey("persons.reference"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    credential: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    parts: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    node: Mapped[str] = mapped_column(String(64), default="")
    pledged: Mapped[bool]
    standing: Mapped[str] = mapped_column(String(16))


class SessionRow(IdentityTable):
    """One attempt to identify. Sessions of unknown persons are kept alike: `reference` is then empty."""

    __tablename__ = "sessions"
    # Numbers name files that may still be in the outbox, so none is given twice.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 SQLAlchemy reads it as it is

    number: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    subject: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    reference: Mapped[str] = mapped_column(String(32))
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    opened_at: Mapped[int] = mapped_column(BigInteger, index=True)
    tries: Mapped[int]
    used: Mapped[bool]


class ProgressRow(IdentityTable):
    """How far the log was read, and the last count of identified persons that was posted."""

    __tablename__ = "progress"

    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tree_size: Mapped[int]
    root_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    posted_count: Mapped[int]
