"""Which ballots count: one pass over the records of a closed election.

What the board counted is a proposal: every trustee and every verifier decides it again from the log.

Spec: protocol.md §5.1; records.md §4.3 to §4.6
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log.note import SignedNote
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.roll import RollRow
from bulletin_board.records.voting import Close, Notice, Reissue, Revocation
from crypto.credential import join_public
from crypto.group import GroupElement
from evote.errors import BoardStateError

WitnessedBy = Callable[[int], int | None]
"""From an entry's index, the earliest time by which a quorum had cosigned a tree with it (POSIX seconds)."""


@dataclass(frozen=True, slots=True)
class CountedBallot:
    """The last ballot of a credential that is effective at close."""

    entry_index: int
    row: RollRow
    body: BallotBody


@dataclass(frozen=True, slots=True)
class BallotBox:
    """The closed box."""

    close_index: int  # of the close entry
    counted: tuple[CountedBallot, ...]  # in the order of the log
    effective: tuple[RollRow, ...]  # rows of the credentials effective at close


def close_box(
    manifest: Manifest,
    rows: Iterable[RollRow],
    entries: Iterable[tuple[int, Record]],
    witnessed_by: WitnessedBy,
) -> BallotBox:
    """Count out the box.

    Args:
        manifest: of the election.
        rows: of the roll.
        entries: (index, body) of the log in order; the board admitted none that it had not checked.
        witnessed_by: dates the notices.

    Raises:
        BoardStateError: there is no close entry.
    """
    box = _OpenBox(manifest.schedule.closes_at, {credential_of(row): row for row in rows})
    for index, record in entries:
        if isinstance(record, Close):
            bound = Checkpoint.from_text(SignedNote.from_text(record.checkpoint).text).tree_size
            return box.closed(index, bound)
        box.take(index, record, witnessed_by)
    raise BoardStateError("board: the election is not closed yet")


def credential_of(row: RollRow) -> bytes:
    """S of a row, encoded."""
    return join_public([GroupElement.decode(part) for part in row.parts]).encoded


@dataclass(slots=True)
class _OpenBox:
    closes_at: int  # in force
    effective: dict[bytes, RollRow]
    ballots: dict[bytes, list[tuple[int, BallotBody]]] = field(default_factory=dict)
    suspended: bool = False
    annulled: bool = False

    def take(self, index: int, record: Record, witnessed_by: WitnessedBy) -> None:
        match record:
            case BallotBody():
                if not (self.suspended or self.annulled):
                    self.ballots.setdefault(bytes(record.credential), []).append((index, record))
            case Revocation():
                self.effective.pop(bytes(record.credential), None)
            case Reissue():
                self.effective.pop(bytes(record.old), None)
                self.effective[credential_of(record.row)] = record.row
            case Notice():
                time = witnessed_by(index)
                if time is not None and time <= self.closes_at:
                    self._heed(record)
            case _:
                pass

    def _heed(self, notice: Notice) -> None:
        match notice.kind:
            case "suspend":
                self.suspended = True
            case "resume":
                self.suspended = False
            case "annul":
                self.annulled = True
            case "extend" if notice.closes_at is not None:
                self.closes_at = max(self.closes_at, notice.closes_at)
            case _:
                pass

    def closed(self, close_index: int, bound: int) -> BallotBox:
        counted = []
        for credential, ballots in self.ballots.items():
            row = self.effective.get(credential)
            in_time = [ballot for ballot in ballots if ballot[0] < bound]
            if row is not None and in_time:
                index, body = in_time[-1]
                counted.append(CountedBallot(index, row, body))
        counted.sort(key=lambda ballot: ballot.entry_index)
        return BallotBox(close_index, tuple(counted), tuple(self.effective.values()))


def electorate_of(contest_id: str, box: BallotBox, manifest: Manifest) -> int:
    """E: how many effective credentials may vote in a contest. Spec: records.md §5.5"""
    has_contest: Mapping[str, bool] = {
        style.id: contest_id in style.contests for style in manifest.ballot_styles
    }
    return sum(has_contest[row.style] for row in box.effective)
