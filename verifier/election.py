"""The whole verification: the numbered checks in order, each on what those before it have established.

Spec: verification.md
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from bulletin_board.folder import RecordFiles
from bulletin_board.records.manifest import Manifest
from verifier.checks.check_01_log import LogView, check_log
from verifier.checks.check_02_manifest import check_manifest
from verifier.checks.check_03_order import OrderView, check_order
from verifier.checks.check_04_ceremony import CeremonyView, check_ceremony
from verifier.checks.check_05_roll import RollView, check_roll
from verifier.checks.check_06_ballots import BallotFacts, check_ballots_alone
from verifier.checks.check_07_chain import BoxView, check_box
from verifier.checks.check_08_aggregates import PostedAggregate, TallyView, check_aggregates
from verifier.checks.check_09_decryption import DecryptionView, check_decryption
from verifier.checks.check_10_counts import CountsView, check_counts
from verifier.checks.check_11_result import ContestOutcome, check_result
from verifier.checks.check_12_openings import check_openings
from verifier.checks.check_13_receipts import check_receipts
from verifier.errors import VerifierError
from verifier.journal import Journal
from verifier.parallel import InProcess, Workers
from verifier.record import Record
from verifier.report import Report
from verifier.voter_files import VoterFiles

LAST_CHECK_OF_RECORD = 11


@dataclass(frozen=True, slots=True)
class Pins:
    """What the verifying person knows from elsewhere.

    manifest_digest: as it was published, 32 bytes
    checkpoints:     signed notes that somebody kept
    """

    manifest_digest: bytes | None = None
    checkpoints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """How to verify; nothing here leaves a check out.

    strict:   ballots one by one, every equation by itself
    language: in which choices are named; the manifest's first by default
    workers:  who does the heavy part
    draw:     fresh random bytes, as many as it is asked for
    begin:    told the number of each check when it begins
    advance:  told how many ballots are checked, and how many there are
    """

    strict: bool = False
    language: str | None = None
    workers: Workers = field(default_factory=InProcess)
    draw: Callable[[int], bytes] = secrets.token_bytes
    begin: Callable[[int], None] = lambda _: None
    advance: Callable[[int, int], None] = lambda _done, _all: None


@dataclass(frozen=True, slots=True)
class ElectionView:
    """What the checks established of the election; None where a check did not get so far.

    All of it is recomputed, but it means something only beside the report: a fault may stand in it.
    """

    manifest: Manifest | None = None
    log: LogView | None = None
    order: OrderView | None = None
    ceremony: CeremonyView | None = None
    roll: RollView | None = None
    box: BoxView | None = None
    tally: TallyView | None = None
    decryption: DecryptionView | None = None
    counts: CountsView | None = None
    outcome: tuple[ContestOutcome, ...] | None = None


def verify_record(
    files: RecordFiles,
    *,
    pins: Pins | None = None,
    options: Options | None = None,
    brought: VoterFiles | None = None,
    until: int = LAST_CHECK_OF_RECORD,
) -> tuple[Report, ElectionView]:
    """Verify a record, whole or in the making.

    Args:
        files: the folder or archive.
        pins: what is known from elsewhere; what is not pinned is reported to be compared.
        options: how to verify.
        brought: openings and receipts of voters, for checks 12 and 13.
        until: the last check of the record to run; a trustee stops at 8 before it decrypts.

    Raises:
        UnreadableError: this is no record.
        NotCoveredError: it is one of another version.
    """
    record = Record.load(files)
    brought = brought or VoterFiles()
    numbers = [*range(1, until + 1)]
    if brought.openings:
        numbers.append(12)
    if brought.receipts or brought.unused:
        numbers.append(13)
    run = _Run(
        record, pins or Pins(), options or Options(), brought, {each: Journal(each) for each in numbers}
    )
    with suppress(_StopError):
        _verify(run)
    return Report(tuple(journal.report() for journal in run.journals.values())), run.view


class _SetUp(NamedTuple):
    """What checks 1 to 5 established."""

    manifest: Manifest
    log: LogView
    order: OrderView
    ceremony: CeremonyView
    roll: RollView


class _StopError(Exception):
    """No further check is to be run, or can be."""


@dataclass(slots=True)
class _Run:
    """One verification under way."""

    record: Record
    pins: Pins
    options: Options
    brought: VoterFiles
    journals: Mapping[int, Journal]
    begun: set[int] = field(default_factory=set)
    view: ElectionView = field(default_factory=ElectionView)

    @contextmanager
    def check(self, number: int) -> Iterator[Journal]:
        """The journal of a check while it runs.

        Raises:
            _StopError: it was not asked for, or it broke off.
        """
        journal = self.journals.get(number)
        if journal is None:
            raise _StopError
        self.begun.add(number)
        self.options.begin(number)
        try:
            yield journal
        except VerifierError:
            raise
        except Exception as exc:  # whatever breaks a check or a worker must end in a verdict
            journal.break_off(f"{type(exc).__name__}: {exc}")
            raise _StopError from exc

    def miss_from(self, first: int, reason: str) -> None:
        """Say of this check, and of every later one that has not begun, what it lacks."""
        for number, journal in self.journals.items():
            if number >= first and number not in self.begun:
                journal.miss("this check", reason)


def _verify(run: _Run) -> None:
    record, envelope, manifest = run.record, run.record.manifest_envelope, run.record.manifest
    if envelope is None or manifest is None:
        path = record.bundle_at(0).path
        run.miss_from(1, f"needs the manifest, and {path} is not in the record")
        return
    with run.check(1) as journal:
        log = check_log(record, manifest, run.pins.checkpoints, journal)
    run.view = replace(run.view, manifest=manifest, log=log)
    with run.check(2) as journal:
        check_manifest(envelope, manifest, run.pins.manifest_digest, journal)
    with run.check(3) as journal:
        order = check_order(record, manifest, journal)
    run.view = replace(run.view, order=order)
    with run.check(4) as journal:
        ceremony = check_ceremony(order, log, manifest, journal)
    run.view = replace(run.view, ceremony=ceremony)
    with run.check(5) as journal:
        roll = check_roll(record, order, log, ceremony, manifest, journal)
    run.view = replace(run.view, roll=roll)
    if ceremony is None or roll is None:
        run.miss_from(6, "needs the key and the roll of the election")
        return
    _verify_box(run, _SetUp(manifest, log, order, ceremony, roll))


def _verify_box(run: _Run, setup: _SetUp) -> None:
    record, (manifest, log, order, ceremony, roll), options = run.record, setup, run.options
    with run.check(6) as form:
        ballots = check_ballots_alone(
            record,
            order,
            ceremony,
            roll,
            manifest,
            form,
            workers=options.workers,
            strict=options.strict,
            draw=options.draw,
        )
        judged: list[BallotFacts] = []
        for facts in ballots:
            judged.append(facts)
            options.advance(len(judged), order.ballots)
    if form.lacking:
        # Whether a ballot that cannot be read is valid decides about those that follow it in its chain.
        run.miss_from(7, "needs every ballot")
        return
    # What other entries say of a ballot is named under check 6 too.
    with run.check(7) as chain:
        box = check_box(judged, order, log, roll, manifest, form, chain)
    run.view = replace(run.view, box=box)
    _verify_voters_files(run, setup, box)
    if box.counted is None or box.bounds.closed_at is None:
        run.miss_from(8, "needs the close")
        return
    with run.check(8) as journal:
        tally = check_aggregates(record, order, roll, box.counted, manifest, journal, workers=options.workers)
    run.view = replace(run.view, tally=tally)
    if tally.deciding is None:
        run.miss_from(9, "needs an aggregate")
        return
    _verify_tally(run, setup, tally.deciding, box.bounds.closed_at)


def _verify_voters_files(run: _Run, setup: _SetUp, box: BoxView) -> None:
    manifest, log, _, ceremony, roll = setup
    brought = run.brought
    if brought.openings:
        wanted = run.options.language
        language = wanted if wanted in manifest.languages else manifest.languages[0]
        with run.check(12) as journal:
            check_openings(brought.openings, box.codes, ceremony, roll, manifest, language, journal)
    if brought.receipts or brought.unused:
        with run.check(13) as journal:
            check_receipts(brought.receipts, brought.unused, log, roll, box, manifest, journal)


def _verify_tally(run: _Run, setup: _SetUp, deciding: PostedAggregate, closed_at: int) -> None:
    manifest, log, order, ceremony, roll = setup
    with run.check(9) as journal:
        decryption = check_decryption(
            run.record, order, log, ceremony, roll, deciding, closed_at, manifest, journal
        )
    run.view = replace(run.view, decryption=decryption)
    with run.check(10) as journal:
        counts = check_counts(order, deciding, decryption, manifest, journal)
    run.view = replace(run.view, counts=counts)
    with run.check(11) as journal:
        outcome = check_result(order, counts, deciding, decryption, roll, manifest, journal)
    run.view = replace(run.view, outcome=outcome)
