"""Credentials and ballots in SQL."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.orm import Session

from bulletin_board.store.chunks import chunks
from bulletin_board.store.models import BallotRow, CredentialRow, PadRow, PartRow
from bulletin_board.store.port import LoggedBallot, RegisteredCredential, Standing

_CREDENTIAL = (
    CredentialRow.credential,
    CredentialRow.entry_index,
    CredentialRow.row_index,
    CredentialRow.style,
    CredentialRow.unit,
    CredentialRow.row_text,
    CredentialRow.standing,
    CredentialRow.since_index,
)
_BALLOT = (BallotRow.entry_index, BallotRow.credential, BallotRow.digest)


class ElectorateRows:
    """The electorate as one database session sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def credential(self, credential: bytes) -> RegisteredCredential | None:
        return self.credentials((credential,)).get(credential)

    def credentials(self, credentials: Collection[bytes]) -> Mapping[bytes, RegisteredCredential]:
        found: dict[bytes, RegisteredCredential] = {}
        for chunk in chunks(credentials):
            query = select(*_CREDENTIAL).where(CredentialRow.credential.in_(chunk))
            found |= {row.credential: _credential(row) for row in self._session.execute(query)}
        return found

    def ballots_of(self, credential: bytes) -> tuple[LoggedBallot, ...]:
        found = self._session.execute(
            select(*_BALLOT).where(BallotRow.credential == credential).order_by(BallotRow.entry_index)
        )
        return tuple(_ballot(row) for row in found)

    def chain_heads(self, credentials: Collection[bytes]) -> Mapping[bytes, bytes]:
        heads: dict[bytes, bytes] = {}
        for chunk in chunks(credentials):
            last = (
                select(func.max(BallotRow.entry_index))
                .where(BallotRow.credential.in_(chunk))
                .group_by(BallotRow.credential)
            )
            query = select(BallotRow.credential, BallotRow.digest).where(BallotRow.entry_index.in_(last))
            heads |= {row.credential: row.digest for row in self._session.execute(query)}
        return heads

    def ballot(self, digest: bytes) -> LoggedBallot | None:
        row = self._session.execute(select(*_BALLOT).where(BallotRow.digest == digest)).one_or_none()
        return _ballot(row) if row else None

    def ballot_count(self, below: int) -> int:
        query = select(func.count()).select_from(BallotRow).where(BallotRow.entry_index < below)
        return self._session.scalar(query) or 0

    def seen_pads(self, pads: Collection[bytes]) -> frozenset[bytes]:
        seen: set[bytes] = set()
        for chunk in chunks(pads):
            seen.update(self._session.scalars(select(PadRow.pad).where(PadRow.pad.in_(chunk))))
        return frozenset(seen)

    def used_parts(self, parts: Collection[bytes]) -> frozenset[bytes]:
        used: set[bytes] = set()
        for chunk in chunks(parts):
            used.update(self._session.scalars(select(PartRow.part).where(PartRow.part.in_(chunk))))
        return frozenset(used)

    def register(self, credentials: Iterable[RegisteredCredential]) -> None:
        for chunk in chunks(credentials):
            self._session.execute(insert(CredentialRow), [_values(item) for item in chunk])
            self._session.execute(insert(PartRow), [{"part": part} for item in chunk for part in item.parts])

    def end_credential(self, credential: bytes, standing: Standing, *, since_index: int) -> None:
        self._session.execute(
            update(CredentialRow)
            .where(CredentialRow.credential == credential)
            .values(standing=standing, since_index=since_index)
        )

    def add_ballots(self, ballots: Sequence[LoggedBallot], pads: Collection[bytes]) -> None:
        if not ballots:
            return
        self._session.execute(
            insert(BallotRow),
            [
                {"entry_index": item.entry_index, "credential": item.credential, "digest": item.digest}
                for item in ballots
            ],
        )
        self._session.execute(insert(PadRow), [{"pad": pad} for pad in pads])


def _values(item: RegisteredCredential) -> dict[str, Any]:
    return {
        "credential": item.credential,
        "entry_index": item.entry_index,
        "row_index": item.row_index,
        "style": item.style,
        "unit": item.unit,
        "row_text": item.row_text,
        "standing": item.standing,
        "since_index": item.since_index,
    }


def _credential(
    row: Row[bytes, int, int | None, str, str, str, str, int | None],
) -> RegisteredCredential:
    return RegisteredCredential(
        credential=row.credential,
        entry_index=row.entry_index,
        row_index=row.row_index,
        style=row.style,
        unit=row.unit,
        row_text=row.row_text,
        standing=Standing(row.standing),
        since_index=row.since_index,
    )


def _ballot(row: Row[int, bytes, bytes]) -> LoggedBallot:
    return LoggedBallot(row.entry_index, row.credential, row.digest)
