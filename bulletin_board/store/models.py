"""The tables of one board: the log, the queue before it, and what admission must look up fast.

Tiles, credentials, ballots and pads could be rebuilt from entries and addenda; they are kept because a beat
has to decide within milliseconds. Only what SQLite and PostgreSQL share is used. Indexes of the log are
assigned by the sequencer, never by the database: a sequence of a database leaves gaps.
"""

from typing import Final

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, MetaData, SmallInteger, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class TreeRow(Table):
    """Head of a Merkle tree: the log's, moved by compare-and-set only, and the roll's, written once."""

    __tablename__ = "trees"

    name: Mapped[str] = mapped_column(String(8), primary_key=True)
    tree_size: Mapped[int]
    root_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class TileRow(Table):
    """Up to 256 hashes of one level. A partial tile of width W is the first W of them, so none is stored."""

    __tablename__ = "tiles"

    tree: Mapped[str] = mapped_column(String(8), ForeignKey("trees.name"), primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    tile_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary(8192))


class EntryRow(Table):
    __tablename__ = "entries"
    __table_args__ = (Index(None, "entry_type", "entry_index"),)

    entry_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_type: Mapped[str] = mapped_column(String(32))
    data: Mapped[bytes] = mapped_column(LargeBinary)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)


class CheckpointRow(Table):
    """A published note, byte for byte; times in POSIX seconds."""

    __tablename__ = "checkpoints"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tree_size: Mapped[int] = mapped_column(index=True)
    quorum_by: Mapped[int] = mapped_column(BigInteger)
    quorum_since: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[bytes] = mapped_column(LargeBinary)


class AddendumRow(Table):
    """Bulk of an entry. `entry_index` is the first entry that names it, none while that is pending."""

    __tablename__ = "addenda"

    sha256: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    entry_index: Mapped[int | None] = mapped_column(ForeignKey("entries.entry_index"), index=True)


class WantedRow(Table):
    """An addendum that a signed entry has announced and nobody has brought yet."""

    __tablename__ = "wanted_addenda"

    sha256: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)


class PendingRow(Table):
    """A submission that waits for a beat. `arrival` orders; gaps in it mean nothing."""

    __tablename__ = "pending"

    arrival: Mapped[int] = mapped_column(primary_key=True)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    ballot_digest: Mapped[bytes | None] = mapped_column(LargeBinary(64), index=True)


class RefusalRow(Table):
    """Why a submission is not on the log, or is on it too late to count."""

    __tablename__ = "refusals"

    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(Text)


class CredentialRow(Table):
    """One credential of the roll (`row_index` is its leaf) or of a reissue (none)."""

    __tablename__ = "credentials"

    credential: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.entry_index"))
    row_index: Mapped[int | None]
    style: Mapped[str] = mapped_column(String(64))
    unit: Mapped[str] = mapped_column(String(64))
    row_text: Mapped[str] = mapped_column(Text)
    standing: Mapped[str] = mapped_column(String(16))
    since_index: Mapped[int | None] = mapped_column(ForeignKey("entries.entry_index"))


class PartRow(Table):
    """A credential part that some row of this log has used; none may be used again."""

    __tablename__ = "credential_parts"

    part: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)


class BallotRow(Table):
    __tablename__ = "ballots"
    __table_args__ = (Index(None, "credential", "entry_index"),)

    entry_index: Mapped[int] = mapped_column(
        ForeignKey("entries.entry_index"), primary_key=True, autoincrement=False
    )
    credential: Mapped[bytes] = mapped_column(LargeBinary(32), ForeignKey("credentials.credential"))
    digest: Mapped[bytes] = mapped_column(LargeBinary(64), unique=True)


class PadRow(Table):
    """First half of every ciphertext on the log: a pad seen twice is a copied or broken encryption."""

    __tablename__ = "pads"

    pad: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
