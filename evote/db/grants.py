"""The voting server's memory of whom the identity service has vouched for. Spec: board.md §5.5"""

from pathlib import Path

from sqlalchemy import insert, select

from evote.db.database import Database, Kind
from evote.db.grants_models import ElectionRow, GrantRow


class GrantStore:
    """Credentials that may cast, with the signature that says so."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, path: Path, manifest_digest: bytes) -> "GrantStore":
        """The memory in a file.

        Raises:
            DatabaseError: the file is of another program or election.
        """
        return cls(Database.open(path, Kind.GRANTS, ElectionRow, manifest_digest))

    def close(self) -> None:
        self._database.close()

    def keep(self, credential: bytes, signature: bytes) -> None:
        """Note a grant whose signature was verified; again changes nothing."""
        with self._database.writing() as session:
            if session.get(GrantRow, credential) is None:
                session.execute(insert(GrantRow).values(credential=credential, signature=signature))

    def holds(self, credential: bytes) -> bool:
        """Whether the holder of this credential was identified."""
        with self._database.reading() as session:
            return (
                session.scalar(select(GrantRow.credential).where(GrantRow.credential == credential))
                is not None
            )
