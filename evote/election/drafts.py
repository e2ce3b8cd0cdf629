"""Decisions of the authorities, drawn up from the log for them to sign: opening, close, notices.

Spec: records.md §2.6, §3.4, §3.6, §4.3 to §4.5
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from bulletin_board.errors import RecordError
from bulletin_board.folder import RecordFiles
from bulletin_board.notices import InForce, decisions_in_force
from bulletin_board.phases import IndexedNotice
from bulletin_board.policy import BoardPolicy
from bulletin_board.records.fields import Localized
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.roll import Roll
from bulletin_board.records.voting import Close, Notice, Open
from evote.election.kept_checkpoints import KeptCheckpoints
from evote.election.public_log import PublicLog
from evote.errors import BoardStateError

Clock = Callable[[], float]
Sleep = Callable[[float], None]
NoticeKind = Literal["suspend", "resume", "extend", "incident", "annul"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long to wait for the board, and by which clock. Times in seconds."""

    patience: float
    clock: Clock = time.time
    sleep: Sleep = time.sleep


def draft_open(files: RecordFiles, manifest: Manifest, waiting: Waiting) -> Open:
    """The opening, around the newest checkpoint, as soon as a quorum has cosigned it since `opens_at`.

    Raises:
        BoardStateError: there is no roll, or patience was not enough.
    """
    opens_at = manifest.schedule.opens_at
    end = waiting.clock() + waiting.patience
    while True:
        public = PublicLog.open(files, manifest)
        # Raises where there is none. What is opened is the election with exactly this roll.
        public.last(Roll)
        policy, opened = BoardPolicy.of(manifest), public.log.opened
        if policy.quorum_since(opened.cosignatures) >= opens_at:
            return Open(checkpoint=opened.note.to_text())
        if waiting.clock() >= end:
            raise BoardStateError(f"board: no checkpoint cosigned at or after {opens_at} yet")
        waiting.sleep(manifest.beat / 1000)


def draft_close(files: RecordFiles, manifest: Manifest, clock: Clock) -> Close:
    """The close, around the largest checkpoint that a quorum cosigned in time.

    Raises:
        BoardStateError: it is too early, or there is no such checkpoint.
    """
    public = PublicLog.open(files, manifest)
    kept = public.kept_checkpoints()
    closes_at = _in_force(public, kept).closes_at
    bound = closes_at + manifest.schedule.grace
    if clock() <= bound:
        raise BoardStateError(
            f"board: voting closes at {closes_at}, the grace of {manifest.schedule.grace} s is not over"
        )
    in_time = next((dated for dated in kept.newest_first() if dated.quorum_by <= bound), None)
    if in_time is None:
        raise BoardStateError(f"board: no checkpoint was cosigned by {bound}")
    return Close(checkpoint=in_time.note_text)


def draft_notice(
    manifest: Manifest, kind: NoticeKind, texts: Mapping[str, str], closes_at: int | None
) -> Notice:
    """A notice in the languages of the election.

    Raises:
        RecordError: a language is missing or superfluous, text of other characters, a new close where none
            is due.
    """
    notice = Notice(kind=kind, closes_at=closes_at, text=Localized(texts))
    notice.text.require_languages(manifest.languages, subject="notice: text")
    if closes_at is not None and closes_at <= manifest.schedule.closes_at:
        raise RecordError(f"notice: voting closes at {manifest.schedule.closes_at} already")
    return notice


def _in_force(public: PublicLog, kept: KeptCheckpoints) -> InForce:
    notices = [IndexedNotice(index, body) for index, body in public.records() if isinstance(body, Notice)]
    return decisions_in_force(notices, public.manifest.schedule, kept.witnessed_by)
