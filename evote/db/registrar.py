"""The registrar's memory: voters, the public half of their letters' codes, and their places on the roll."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path

from sqlalchemy import delete, func, insert, not_, select

from evote.db.database import Database, Kind
from evote.db.registrar_models import ElectionRow, MemberRow, PartRow, VoterRow
from evote.errors import RegistrarError
from evote.issuing.credential import RollMember, split_parts
from evote.registrar.voter import Voter

_VOTER_FIELDS = tuple(each.name for each in fields(Voter))


class RegistrarStore:
    """All that the registrar keeps about one election."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, path: Path, manifest_digest: bytes) -> "RegistrarStore":
        """The memory in a file.

        Raises:
            DatabaseError: the file is not the registrar's, or of another election.
        """
        return cls(Database.open(path, Kind.REGISTRAR, ElectionRow, manifest_digest))

    def close(self) -> None:
        self._database.close()

    def voters(self) -> tuple[Voter, ...]:
        """Everybody on the list, ascending by reference."""
        with self._database.reading() as session:
            return tuple(map(_voter, session.scalars(select(VoterRow).order_by(VoterRow.reference))))

    def voter(self, reference: str) -> Voter:
        """One voter.

        Raises:
            RegistrarError: nobody has this reference.
        """
        with self._database.reading() as session:
            row = session.get(VoterRow, reference)
            if row is None:
                raise RegistrarError(f"voter {reference}: not on the list")
            return _voter(row)

    def replace_voters(self, voters: Iterable[Voter]) -> None:
        """Put a list in place of the one before.

        Raises:
            RegistrarError: letters were written, so the list is fixed.
        """
        with self._database.writing() as session:
            if session.scalar(select(func.count()).select_from(PartRow)):
                raise RegistrarError("voter list: letters were issued, the list is fixed")
            session.execute(delete(VoterRow))
            session.execute(insert(VoterRow), [asdict(voter) for voter in voters])

    def voters_without_part(self) -> tuple[Voter, ...]:
        """Those whose letters are still to be written, ascending by reference."""
        with self._database.reading() as session:
            waiting = (
                select(VoterRow)
                .where(VoterRow.reference.not_in(select(PartRow.reference)))
                .order_by(VoterRow.reference)
            )
            return tuple(map(_voter, session.scalars(waiting)))

    def keep_parts(self, parts: Mapping[str, bytes]) -> None:
        """Note the public parts (by reference) of letters that lie on the disk."""
        with self._database.writing() as session:
            session.execute(
                insert(PartRow),
                [
                    {"part": part, "reference": reference, "pledged": True}
                    for reference, part in parts.items()
                ],
            )

    def issued_parts(self) -> dict[str, bytes]:
        """Reference → S_j as it was pledged, of everybody."""
        with self._database.reading() as session:
            issued = select(PartRow.reference, PartRow.part).where(PartRow.pledged)
            return {row.reference: row.part for row in session.execute(issued)}

    def keep_members(self, members: Sequence[RollMember], *, own_place: int) -> None:
        """Note the roll that was made; made again, it takes the place of the one before.

        Args:
            members: of the whole roll.
            own_place: of this issuer's part among `parts`.

        Raises:
            RegistrarError: codes were reissued since.
        """
        with self._database.writing() as session:
            if session.scalar(select(func.count()).where(not_(PartRow.pledged))):
                raise RegistrarError("roll: codes were reissued, so it is fixed")
            session.execute(delete(MemberRow))
            session.execute(insert(MemberRow), [_member_values(member, own_place) for member in members])

    def members_of(self, reference: str) -> tuple[RollMember, ...]:
        """A voter's rows: that of the roll first, then those of reissues, posted or not."""
        with self._database.reading() as session:
            found = session.execute(
                select(MemberRow, VoterRow)
                .join(PartRow, MemberRow.own_part == PartRow.part)
                .join(VoterRow, PartRow.reference == VoterRow.reference)
                .where(PartRow.reference == reference)
                .order_by(PartRow.pledged.desc(), MemberRow.credential)
            )
            return tuple(_member(row, voter) for row, voter in found)

    def keep_reissue(self, member: RollMember, *, own_place: int) -> None:
        """Note a row that replaces a voter's credential once it is posted."""
        with self._database.writing() as session:
            session.add(PartRow(part=member.parts[own_place], reference=member.reference, pledged=False))
            session.flush()
            session.execute(insert(MemberRow), [_member_values(member, own_place)])


def _voter(row: VoterRow) -> Voter:
    return Voter(**{name: getattr(row, name) for name in _VOTER_FIELDS})


def _member_values(member: RollMember, own_place: int) -> dict[str, object]:
    return {
        "credential": member.credential,
        "own_part": member.parts[own_place],
        "parts": b"".join(member.parts),
        "node": member.node,
    }


def _member(row: MemberRow, voter: VoterRow) -> RollMember:
    return RollMember(voter.reference, voter.style, row.node, split_parts(row.parts), row.credential)
