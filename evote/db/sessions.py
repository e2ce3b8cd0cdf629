"""Attempts to identify: who may still try which one-time code."""

from dataclasses import asdict
from hmac import compare_digest

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from evote.db.database import Database
from evote.db.identity_models import SessionRow
from evote.identity.person import OpenedSession


class SessionStore:
    """Sessions in the identity service's database. Every answer is one transaction, so no race wins a try."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open_session(self, session: OpenedSession, *, since: int, limit: int) -> int | None:
        """Note a session and return its number, or None when the person has had enough of them.

        Args:
            session: the new one.
            since: sessions opened before this (POSIX seconds) are forgotten.
            limit: how many a person may have had since then.
        """
        with self._database.writing() as transaction:
            _forget(transaction, since)
            count = select(func.count()).where(SessionRow.subject == session.subject)
            if (transaction.scalar(count) or 0) >= limit:
                return None
            values = asdict(session) | {"tries": 0, "used": False}
            done = transaction.execute(insert(SessionRow).values(values).returning(SessionRow.number))
            return done.scalar_one()

    def try_code(
        self, token_digest: bytes, code_digest: bytes, *, opened_since: int, max_tries: int
    ) -> str | None:
        """Use up one try; the reference of the person if the code was right, which ends the session.

        Args:
            token_digest: names the session.
            code_digest: of what was typed.
            opened_since: sessions opened before this (POSIX seconds) are over.
            max_tries: for one session.
        """
        with self._database.writing() as transaction:
            row = transaction.scalar(select(SessionRow).where(SessionRow.token_digest == token_digest))
            if row is None or row.used or row.tries >= max_tries or row.opened_at < opened_since:
                return None
            row.tries += 1
            if not compare_digest(row.code_digest, code_digest):
                return None
            row.used = True
            # Nobody was sent the code of a session without a person.
            return row.reference or None

    def forget(self, *, before: int) -> None:
        """Delete the sessions that were opened before a moment (POSIX seconds)."""
        with self._database.writing() as transaction:
            _forget(transaction, before)

    def give_back(self, token_digest: bytes) -> None:
        """Let the same code be used again: it was right, and we failed to keep our side."""
        with self._database.writing() as transaction:
            row = transaction.scalar(select(SessionRow).where(SessionRow.token_digest == token_digest))
            if row is not None:
                row.used = False
                row.tries -= 1


def _forget(transaction: Session, before: int) -> None:
    transaction.execute(delete(SessionRow).where(SessionRow.opened_at < before))
