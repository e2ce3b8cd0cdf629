"""The tables of the registrar: who the voters are, and the public halves of their credentials.

No secret part is ever here: it exists in the letter only.
"""

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from evote.db.database import ElectionColumns, naming


class RegistrarTable(DeclarativeBase):
    metadata = naming()


class ElectionRow(ElectionColumns, RegistrarTable):
    pass


class VoterRow(RegistrarTable):
    __tablename__ = "voters"

    reference: Mapped[str] = mapped_column(String(32), primary_key=True)
    personal_number: Mapped[str] = mapped_column(String(32), unique=True)
    surname: Mapped[str] = mapped_column(Text)
    given_name: Mapped[str] = mapped_column(Text)
    patronymic: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(64))
    email: Mapped[str] = mapped_column(Text)
    postal_address: Mapped[str] = mapped_column(Text)
    style: Mapped[str] = mapped_column(String(64))
    unit: Mapped[str] = mapped_column(String(64))


class PartRow(RegistrarTable):
    """S_j of a letter. A voter has one that was pledged, before the roll, and one more for every reissue."""

    __tablename__ = "parts"
    __table_args__ = (
        Index("ix_parts_pledged_reference", "reference", unique=True, sqlite_where=text("pledged")),
    )

    part: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    reference: Mapped[str] = mapped_column(ForeignKey("voters.reference"), index=True)
    pledged: Mapped[bool]


class MemberRow(RegistrarTable):
    """A voter's row of the roll, or of a reissue. `parts`: of all issuers in manifest order, packed."""

    __tablename__ = "members"

    credential: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    own_part: Mapped[bytes] = mapped_column(LargeBinary(32), ForeignKey("parts.part"), unique=True)
    parts: Mapped[bytes] = mapped_column(LargeBinary)
    node: Mapped[str] = mapped_column(String(64))
