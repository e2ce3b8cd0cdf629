"""From when to when ballots count: opening, notices, and the close with the checkpoint that it embeds.

Part of check 7. Entries carry no time; the cosignatures of kept checkpoints date them.

Spec: verification.md §7.2, §7.3; records.md §2.6, §3.4, §3.6, §4.3 to §4.6
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bulletin_board.errors import BoardError, RecordError
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.voting import Close, Notice, Open
from verifier.checks.check_01_log import LogView, Published, open_published
from verifier.checks.check_03_order import OrderView, Posted
from verifier.journal import Journal


@dataclass(frozen=True, slots=True)
class Bounds:
    """What dates and notices say about which ballots count.

    closes_at: the close in force, POSIX seconds
    deadline:  closes_at and grace
    m:         ballots at this index and after do not count; None where there is no close yet
    closed_at: entry_index of close; None likewise
    excluded:  index ranges whose ballots do not count by a notice
    """

    closes_at: int
    deadline: int
    m: int | None
    closed_at: int | None
    excluded: tuple[range, ...]

    def excluded_by_notice(self, index: int) -> bool:
        return any(index in each for each in self.excluded)


def check_bounds(order: OrderView, log: LogView, manifest: Manifest, journal: Journal) -> Bounds:
    """Run rules 7.2 and 7.3."""
    closes_at, excluded = _follow_notices(order.all_of(Notice), order.read, log, manifest, journal)
    deadline = closes_at + manifest.schedule.grace
    _check_open(order.one_of(Open), log, manifest, journal)
    close = order.one_of(Close)
    if close is None:
        journal.miss("close", "not in the record")
        return Bounds(closes_at, deadline, None, None, excluded)
    m = _check_close(close, deadline, log, manifest, journal)
    return Bounds(closes_at, deadline, m, close.index, excluded)


def _follow_notices(
    notices: Sequence[Posted[Notice]], end: int, log: LogView, manifest: Manifest, journal: Journal
) -> tuple[int, tuple[range, ...]]:
    """The close in force at the end, and what is excluded."""
    closes_at = manifest.schedule.closes_at
    excluded: list[range] = []
    suspended_at: int | None = None
    for posted in notices:
        notice, index = posted.body, posted.index
        journal.ran("notices")
        if notice.kind == "incident":
            continue
        subject = f"entry {index}, notice of {notice.kind}"
        if not _in_time(index, closes_at, log, manifest):
            # A board that hides the checkpoints which date a decision must not undo it in silence.
            journal.warn(
                3, subject, "no effect: no kept checkpoint that covers it was cosigned before the close"
            )
            journal.miss(subject, "whether it came before the close cannot be seen from the kept checkpoints")
        elif notice.closes_at is not None:
            if notice.closes_at > closes_at:
                closes_at = notice.closes_at
                journal.note(f"{subject}: voting closes at {closes_at} (POSIX seconds)")
            else:
                journal.warn(3, subject, "no effect: it names no later close")
        elif notice.kind == "annul":
            excluded.append(range(index, end))
            journal.note(f"{subject}: no ballot after it counts; the authorities annulled the voting")
        elif notice.kind == "suspend":
            suspended_at = index if suspended_at is None else suspended_at
            journal.note(f"{subject}: no ballot counts from here until voting resumes")
        elif suspended_at is not None:
            excluded.append(range(suspended_at, index))
            suspended_at = None
    if suspended_at is not None:
        excluded.append(range(suspended_at, end))
    return closes_at, tuple(excluded)


def _in_time(index: int, closes_at: int, log: LogView, manifest: Manifest) -> bool:
    quorum = manifest.witness_quorum
    return not log.dated or any(
        each.size > index and each.since(quorum) <= closes_at for each in log.published
    )


def _check_open(posted: Posted[Open] | None, log: LogView, manifest: Manifest, journal: Journal) -> None:
    if posted is None:
        journal.miss("open", "not in the record")
        return
    subject = f"entry {posted.index}, open"
    journal.ran("open and close")
    try:
        embedded = _embedded(posted, log, manifest)
    except BoardError as exc:
        journal.fault(2, subject, exc)
        return
    if embedded.until(manifest.witness_quorum) < manifest.schedule.opens_at:
        journal.fault(2, subject, "its checkpoint was not cosigned at or after the time of opening")


def _check_close(
    posted: Posted[Close], deadline: int, log: LogView, manifest: Manifest, journal: Journal
) -> int | None:
    """m, even where it is wrong: then that is said, and the rest judged by what was embedded."""
    subject, quorum = f"entry {posted.index}, close", manifest.witness_quorum
    journal.ran("open and close")
    try:
        embedded = _embedded(posted, log, manifest)
    except BoardError as exc:
        journal.fault(2, subject, exc)
        return None
    if not log.dated:
        journal.miss("kept checkpoints", "not all are in the record, so that what came in time is not known")
        return embedded.size
    if embedded.since(quorum) > deadline:
        journal.fault(2, subject, "its checkpoint has no quorum of cosignatures in time")
    in_time = [each.size for each in log.published if each.since(quorum) <= deadline]
    if max(in_time, default=0) > embedded.size:
        journal.fault(
            2, subject, f"it embeds size {embedded.size}, but size {max(in_time)} was cosigned in time"
        )
    return embedded.size


def _embedded(posted: Posted[Open] | Posted[Close], log: LogView, manifest: Manifest) -> Published:
    """The checkpoint inside an entry, if it is one of this log before the entry.

    Raises:
        BoardError: it is not.
    """
    embedded = Published.of(open_published(posted.body.checkpoint, manifest))
    if embedded.size > posted.index:
        raise RecordError(f"its checkpoint of size {embedded.size} covers the entry itself")
    if not log.has(embedded.size, embedded.root):
        raise RecordError(f"its checkpoint of size {embedded.size} is of another log")
    return embedded
