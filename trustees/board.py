"""The board as a trustee sees it: read whole, verified, and nothing of it used before.

A board is an address, or a folder or archive with its record; a trustee whose machine has no network works
from the latter alone. What is read over the network is copied first and then verified like any other record.

Spec: verification.md; board.md §4.1
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from bulletin_board.archive import ArchiveFiles
from bulletin_board.client import BoardClient
from bulletin_board.errors import BoardError, ExchangeError
from bulletin_board.folder import FolderFiles, RecordFiles
from bulletin_board.mirror import mirror_log
from bulletin_board.records.manifest import Manifest
from trustees.ceremony_log import CeremonyLog
from trustees.errors import BoardFaultError
from trustees.fingerprint import grouped
from verifier.checks.check_01_log import LogView
from verifier.checks.check_03_order import OrderView
from verifier.election import ElectionView, Options, Pins, verify_record
from verifier.errors import VerifierError
from verifier.parallel import InProcess, Processes, Workers
from verifier.record import Record
from verifier.report import CheckReport, Finding, Report, Severity

CEREMONY_CHECKS = 5  # the last check that a step of the ceremony runs
TALLY_CHECKS = 8

_ADDRESSES = ("http://", "https://")
_MOST_MIRRORED = 64 << 30  # bytes; what a hostile board may put on our disk
_SHORT_LOG = 2_000  # entries
_READING_CHECKS = frozenset({1, 2, 3})  # a gap here hides what others have posted


class Watch(Protocol):
    """Whoever waits for a verification."""

    def begin(self, check: int) -> None:
        """A check begins."""
        ...

    def advance(self, done: int, expected: int) -> None:
        """So many ballots of so many are checked."""
        ...


@dataclass(frozen=True, slots=True)
class Board:
    """A verified log. Whoever builds on it calls `require_sound` first."""

    manifest: Manifest
    log: LogView
    order: OrderView
    report: Report
    view: ElectionView

    @property
    def ceremony(self) -> CeremonyLog:
        return CeremonyLog(self.manifest, self.order, self.log)

    @property
    def exclusions(self) -> tuple[str, ...]:
        """Ballots that do not count because they are not valid, one line each."""
        excluded = (each for each in self.report.findings if each.severity is Severity.EXCLUSION)
        return tuple(_told(finding) for finding in excluded if finding.fails)

    def require_sound(self, *, apart_from: Collection[str] = ()) -> None:
        """Refuse to build on a log with a fault, or with entries that could not be read.

        Args:
            apart_from: rules, as numbered in verification.md, whose findings the step deals with itself.

        Raises:
            BoardFaultError: with the findings.
        """
        _require_no_faults(self.report, apart_from)
        self.require_whole(_READING_CHECKS)

    def require_whole(self, checks: Collection[int]) -> None:
        """Refuse when a check lacks something that it needs.

        Raises:
            BoardFaultError: naming the first thing.
        """
        for gap in self.report.gaps:
            if gap.check in checks:
                raise BoardFaultError("log-incomplete", reason=f"{gap.subject}: {gap.reason}")


def is_address(board: str) -> bool:
    """Whether a board is reached over the network."""
    return board.startswith(_ADDRESSES)


def open_board(
    board: str,
    manifest_digest: bytes,
    *,
    until: int,
    watch: Watch | None = None,
    workers: Workers | None = None,
) -> Board:
    """Read and verify a log.

    Args:
        board: an address, or the path of a folder or archive.
        manifest_digest: as it was published, 32 bytes.
        until: the last check to run.
        watch: told how far it is.
        workers: who does the heavy part; by default every processor, when there are many ballots to verify.

    Raises:
        BoardFaultError: it cannot be read, or is of another election than the pinned one.
    """
    try:
        with _open_files(board) as files:
            report, view = verify_record(
                files,
                pins=Pins(manifest_digest=manifest_digest),
                options=_options(watch, workers or _workers(files, until)),
                until=until,
            )
    except (BoardError, VerifierError) as exc:
        raise BoardFaultError("log-unreadable", reason=str(exc)) from exc
    if view.manifest is not None and view.manifest.digest != manifest_digest:
        raise BoardFaultError("other-manifest", digest=grouped(view.manifest.digest))
    if view.manifest is None or view.log is None or view.order is None:
        # Nothing can be built on it, and the report says why.
        _require_no_faults(report, ())
        gap = report.gaps[0]
        raise BoardFaultError("log-incomplete", reason=f"{gap.subject}: {gap.reason}")
    return Board(view.manifest, view.log, view.order, report, view)


@contextmanager
def _open_files(board: str) -> Iterator[RecordFiles]:
    """
    Raises:
        BoardError: neither an address that answers nor a folder nor an archive.
    """
    if is_address(board):
        with TemporaryDirectory(prefix="evote-trustee-") as name:
            with BoardClient(board) as client:
                mirror_log(
                    _Bounded(client.read, _MOST_MIRRORED).read, client.status().checkpoints, Path(name)
                )
            yield FolderFiles(Path(name))
    elif Path(board).is_dir():
        yield FolderFiles(Path(board))
    else:
        with ArchiveFiles(Path(board)) as files:
            yield files


def _options(watch: Watch | None, workers: Workers) -> Options:
    if watch is None:
        return Options(workers=workers)
    return Options(workers=workers, begin=watch.begin, advance=watch.advance)


def _workers(files: RecordFiles, until: int) -> Workers:
    # Starting processes takes longer than reading a short log.
    many = until >= TALLY_CHECKS and Record.load(files).tree_size > _SHORT_LOG
    return Processes(os.cpu_count() or 1) if many else InProcess()


@dataclass(slots=True)
class _Bounded:
    """Reads until so much has come."""

    source: Callable[[str], bytes]
    left: int

    def read(self, path: str) -> bytes:
        content = self.source(path)
        self.left -= len(content)
        if self.left < 0:
            raise ExchangeError(f"{path}: the log is larger than {_MOST_MIRRORED} bytes")
        return content


def _require_no_faults(report: Report, apart_from: Collection[str]) -> None:
    lines = [line for check in report.checks for line in _faults(check, apart_from)]
    if lines:
        raise BoardFaultError("log-faults", tuple(lines))


def _faults(check: CheckReport, apart_from: Collection[str]) -> Iterator[str]:
    """What fails a check, apart from excluded ballots: these are the board's shame, but stop nothing."""
    for finding in check.findings:
        if finding.severity is Severity.FAULT and finding.rule not in apart_from:
            yield _told(finding)
    for count in check.counts:
        if count.ran < count.expected:
            yield f"{check.number} {count.noun}: {count.ran} instead of {count.expected}"


def _told(finding: Finding) -> str:
    return f"{finding.rule} {finding.subject}: {finding.reason}"
