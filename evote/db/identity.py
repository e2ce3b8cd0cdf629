"""The identity service's memory: persons, their sealed parts, and how far it has read the log."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from pathlib import Path

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from evote.db.database import Database, Kind
from evote.db.identity_models import ElectionRow, PartRow, PersonRow, ProgressRow
from evote.errors import IdentityError
from evote.identity.person import KeptPart, LogProgress, Person
from evote.issuing.credential import RollMember, Standing, split_parts

_PERSON_FIELDS = tuple(each.name for each in fields(Person))
_ONLY = 1  # primary key of the one row of progress


class IdentityStore:
    """All that the identity service keeps about one election; one-time codes are in `SessionStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, path: Path, manifest_digest: bytes) -> "IdentityStore":
        """The memory in a file.

        Raises:
            DatabaseError: the file is of another program or election.
        """
        return cls(open_identity_database(path, manifest_digest))

    def close(self) -> None:
        self._database.close()

    def persons(self) -> tuple[Person, ...]:
        """Everybody, ascending by reference."""
        with self._database.reading() as session:
            return tuple(map(_person, session.scalars(select(PersonRow).order_by(PersonRow.reference))))

    def person(self, reference: str) -> Person:
        """One person.

        Raises:
            IdentityError: nobody has this reference.
        """
        with self._database.reading() as session:
            row = session.get(PersonRow, reference)
            if row is None:
                raise IdentityError(f"person {reference}: not handed over")
            return _person(row)

    def person_of_number(self, personal_number: str) -> Person | None:
        """Whose personal number this is, if anybody's."""
        with self._database.reading() as session:
            row = session.scalar(select(PersonRow).where(PersonRow.personal_number == personal_number))
            return _person(row) if row else None

    def replace_persons(self, persons: Iterable[Person]) -> None:
        """Put a handover in place of the one before.

        Raises:
            IdentityError: parts were drawn, so it is fixed.
        """
        with self._database.writing() as session:
            if session.scalar(select(func.count()).select_from(PartRow)):
                raise IdentityError("handover: parts were issued, the list is fixed")
            session.execute(delete(PersonRow))
            session.execute(insert(PersonRow), [asdict(person) | {"identified": False} for person in persons])

    def references_without_part(self) -> tuple[str, ...]:
        """Those for whom a part is still to be drawn, ascending."""
        with self._database.reading() as session:
            waiting = select(PersonRow.reference).where(PersonRow.reference.not_in(select(PartRow.reference)))
            return tuple(session.scalars(waiting.order_by(PersonRow.reference)))

    def keep_parts(self, parts: Sequence[KeptPart]) -> None:
        """Note newly drawn parts, before the roll."""
        with self._database.writing() as session:
            pledged = {"pledged": True, "standing": Standing.ISSUED, "parts": b"", "node": ""}
            session.execute(insert(PartRow), [asdict(part) | pledged for part in parts])

    def issued_parts(self) -> dict[str, bytes]:
        """Reference → S_j as it was pledged, of everybody."""
        with self._database.reading() as session:
            pledged = select(PartRow.reference, PartRow.part).where(PartRow.pledged)
            return {row.reference: row.part for row in session.execute(pledged)}

    def join_members(self, members: Sequence[RollMember], *, own_place: int) -> None:
        """Note the roll that was signed: which whole credential each part belongs to, and where.

        What has happened to a credential since stays as it is: parts that were joined before are left alone.

        Args:
            members: of the whole roll.
            own_place: of this issuer's part among `parts`.
        """
        with self._database.writing() as session:
            for member in members:
                _join(session, member, own_place, Standing.ISSUED)

    def prepare_part(self, part: KeptPart) -> None:
        """Note a part for a reissue that may or may not be posted."""
        with self._database.writing() as session:
            prepared = {"pledged": False, "standing": Standing.PREPARED, "parts": b"", "node": ""}
            session.execute(insert(PartRow).values(asdict(part) | prepared))

    def part(self, public_part: bytes) -> tuple[KeptPart, Standing] | None:
        """What is known of a part."""
        with self._database.reading() as session:
            row = session.get(PartRow, public_part)
            return (_kept(row), Standing(row.standing)) if row else None

    def is_joined(self) -> bool:
        """Whether the roll was signed, so that parts belong to credentials."""
        with self._database.reading() as session:
            return (
                session.scalar(select(PartRow.part).where(PartRow.credential.is_not(None)).limit(1))
                is not None
            )

    def current_part(self, reference: str) -> KeptPart | None:
        """The part whose credential is in force, if there is one."""
        with self._database.reading() as session:
            current = select(PartRow).where(
                PartRow.reference == reference, PartRow.standing == Standing.EFFECTIVE
            )
            row = session.scalar(current)
            return _kept(row) if row else None

    def person_of_credential(self, credential: bytes) -> Person | None:
        """Whose credential this is or was, if anybody's."""
        with self._database.reading() as session:
            owner = (
                select(PersonRow)
                .join(PartRow, PartRow.reference == PersonRow.reference)
                .where(PartRow.credential == credential)
            )
            row = session.scalar(owner)
            return _person(row) if row else None

    def member_in_force(self, credential: bytes) -> RollMember | None:
        """The row of a credential, if it is in force."""
        with self._database.reading() as session:
            found = session.execute(
                select(PartRow, PersonRow)
                .join(PersonRow, PartRow.reference == PersonRow.reference)
                .where(PartRow.credential == credential, PartRow.standing == Standing.EFFECTIVE)
            ).one_or_none()
            return _member(*found) if found else None

    def end_credential(
        self, old: bytes, *, replaced_by: RollMember | None = None, own_place: int = 0
    ) -> None:
        """Take over what the log says: a credential was revoked, or replaced.

        Args:
            old: the credential that ended.
            replaced_by: the new row, of a reissue.
            own_place: of this issuer's part among its parts.
        """
        with self._database.writing() as session:
            ended = update(PartRow).where(PartRow.credential == old).values(standing=Standing.ENDED)
            session.execute(ended)
            if replaced_by:
                _join(session, replaced_by, own_place, Standing.PREPARED)

    def mark_identified(self, reference: str) -> None:
        """Note that this person was identified at least once."""
        with self._database.writing() as session:
            session.execute(update(PersonRow).where(PersonRow.reference == reference).values(identified=True))

    def identified_count(self) -> int:
        """How many distinct persons were identified so far."""
        with self._database.reading() as session:
            return session.scalar(select(func.count()).where(PersonRow.identified)) or 0

    def progress(self) -> LogProgress | None:
        """Up to where the log was read; None before the first time."""
        with self._database.reading() as session:
            row = session.get(ProgressRow, _ONLY)
            return LogProgress(row.tree_size, row.root_hash) if row and row.tree_size else None

    def keep_progress(self, progress: LogProgress) -> None:
        """Note up to where the log was read; never backwards."""
        with self._database.writing() as session:
            known = _progress_row(session)
            if known.tree_size < progress.tree_size:
                known.tree_size, known.root_hash = progress.tree_size, progress.root_hash

    def posted_count(self) -> int:
        """The count of the last `identified` entry that was posted."""
        with self._database.reading() as session:
            return session.scalar(select(ProgressRow.posted_count)) or 0

    def keep_posted_count(self, count: int) -> None:
        """Note an `identified` entry that the board has acknowledged."""
        with self._database.writing() as session:
            _progress_row(session).posted_count = count


def open_identity_database(path: Path, manifest_digest: bytes) -> Database:
    """The database that `IdentityStore` and `SessionStore` share.

    Raises:
        DatabaseError: the file is of another program or election.
    """
    return Database.open(path, Kind.IDENTITY, ElectionRow, manifest_digest)


def _progress_row(session: Session) -> ProgressRow:
    row = session.get(ProgressRow, _ONLY)
    if row is None:
        row = ProgressRow(row=_ONLY, tree_size=0, root_hash=b"", posted_count=0)
        session.add(row)
    return row


def _join(session: Session, member: RollMember, own_place: int, standing: Standing) -> None:
    """Put a part in force, from the standing that it must have."""
    session.execute(
        update(PartRow)
        .where(
            PartRow.part == member.parts[own_place],
            PartRow.reference == member.reference,
            PartRow.standing == standing,
        )
        .values(
            credential=member.credential,
            parts=b"".join(member.parts),
            node=member.node,
            standing=Standing.EFFECTIVE,
        )
    )


def _member(row: PartRow, person: PersonRow) -> RollMember:
    if row.credential is None:
        raise IdentityError(f"person {row.reference}: has no credential yet")
    return RollMember(row.reference, person.style, row.node, split_parts(row.parts), row.credential)


def _person(row: PersonRow) -> Person:
    return Person(**{name: getattr(row, name) for name in _PERSON_FIELDS})


def _kept(row: PartRow) -> KeptPart:
    return KeptPart(row.reference, row.part, row.sealed, row.credential)
