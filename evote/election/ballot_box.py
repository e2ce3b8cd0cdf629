"""Which ballots count: what the verifier makes of a copy of the log, so that the board goes by the same
standard as everybody who checks it.

An invalid or unreadable ballot is left out, and stops nothing; a fault of the set-up or of the times does.

Spec: protocol.md §5.1; records.md §4.3 to §4.7
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass

from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.roll import RollRow
from crypto.credential import join_public
from crypto.group import GroupElement
from evote.election.public_log import PublicLog
from evote.errors import BoardStateError
from verifier.election import ElectionView, Options, Pins, verify_record
from verifier.errors import VerifierError
from verifier.parallel import InProcess, Processes
from verifier.report import Severity
from verifier.standings import Place

_ROLL_CHECK = 5  # the last of the set-up
_BOX_CHECK = 7
_SHORT_LOG = 2_000  # entries; starting processes takes longer than reading these


@dataclass(frozen=True, slots=True)
class CountedBallot:
    """The last valid ballot in time of a credential that is effective at close."""

    entry_index: int
    style: str
    unit: str
    body: BallotBody


def count_ballots(public: PublicLog) -> tuple[CountedBallot, ...]:
    """Count out the closed box, in the order of the log.

    Args:
        public: the log, over files that can be listed: `PublicLog.copied`.

    Raises:
        BoardStateError: there is no close entry, or a fault that is not only of single ballots.
    """
    view, missing = _verify(public, until=_BOX_CHECK)
    if view.box is None:
        raise BoardStateError(f"board: {missing}")
    if view.box.counted is None:
        raise BoardStateError("board: the election is not closed yet")
    counted = {ballot.index: ballot for ballot in view.box.counted}
    return tuple(
        CountedBallot(index, counted[index].style, counted[index].unit, body)
        for index, body in public.records()
        if index in counted and isinstance(body, BallotBody)
    )


def effective_places(public: PublicLog) -> tuple[Place, ...]:
    """(style, unit) of every credential that is effective at close.

    Raises:
        BoardStateError: a fault of the set-up.
    """
    view, missing = _verify(public, until=_ROLL_CHECK)
    if view.roll is None:
        raise BoardStateError(f"board: {missing}")
    return tuple(place for _, place in view.roll.standings.effective())


def electorate_of(contest_id: str, effective: Iterable[Place], manifest: Manifest) -> int:
    """E: how many effective credentials may vote in a contest. Spec: records.md §5.5"""
    has_contest = {style.id: contest_id in style.contests for style in manifest.ballot_styles}
    return sum(has_contest[style] for style, _ in effective)


def credential_of(row: RollRow) -> bytes:
    """S of a row, encoded."""
    return join_public([GroupElement.decode(part) for part in row.parts]).encoded


def _verify(public: PublicLog, *, until: int) -> tuple[ElectionView, str]:
    """What the checks establish, and what they lack first.

    Raises:
        BoardStateError: the log cannot be verified, or something but single ballots is wrong with it.
    """
    many = until > _ROLL_CHECK and public.log.tree_size > _SHORT_LOG
    workers = Processes(os.cpu_count() or 1) if many else InProcess()
    try:
        report, view = verify_record(
            public.files,
            pins=Pins(manifest_digest=public.manifest.digest),
            options=Options(workers=workers),
            until=until,
        )
    except VerifierError as exc:
        raise BoardStateError(f"board: {exc}") from exc
    for finding in report.findings:
        if finding.severity is Severity.FAULT:
            raise BoardStateError(f"board: {finding.rule} {finding.subject}: {finding.reason}")
    gaps = [f"{gap.subject}: {gap.reason}" for gap in report.gaps]
    if any(gap.check <= _ROLL_CHECK for gap in report.gaps):
        raise BoardStateError(f"board: {gaps[0]}")
    return view, gaps[0] if gaps else ""
