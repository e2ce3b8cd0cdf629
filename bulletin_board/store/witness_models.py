"""The tables of one witness: what it cosigned last, per log, and what it holds against logs."""

from sqlalchemy import BigInteger, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bulletin_board.store.models import NAMING


class WitnessTable(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class WitnessedRow(WitnessTable):
    """The last checkpoint cosigned for one log; moved by compare-and-set only."""

    __tablename__ = "witnessed"

    origin: Mapped[str] = mapped_column(String(255), primary_key=True)
    tree_size: Mapped[int] = mapped_column(BigInteger)
    root_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    note: Mapped[str] = mapped_column(Text)


class EvidenceRow(WitnessTable):
    """Two notes of a log that were not shown to be one history. `digest` names the pair."""

    __tablename__ = "evidence"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    origin: Mapped[str] = mapped_column(String(255), index=True)
    known_note: Mapped[str] = mapped_column(Text)
    offered_note: Mapped[str] = mapped_column(Text)
