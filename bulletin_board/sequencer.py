"""The sequencer: the one writer of the log. Once per beat it gives submissions their places and publishes.

The order of a beat is what makes it survive a crash: one transaction with entries, tiles and head; commit;
sign; cosign; keep the note; only then is anything acknowledged. Whatever breaks off in between is taken up by
the next beat: what was committed is signed again, to the same bytes, and nothing more is appended before it
is published.

Spec: board.md §3
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock

from bulletin_board.account import Account, read_account
from bulletin_board.batch import Batch, append_batch
from bulletin_board.cosigning import CosignatureSource, CosigningFailure, WitnessPool
from bulletin_board.errors import ReadOnlyError
from bulletin_board.log.note import NoteSigner
from bulletin_board.log.receipt import Receipt
from bulletin_board.outcome import Outcome, outcome, receipt
from bulletin_board.publication import Publication, Publisher, refresh_due
from bulletin_board.startup import check_log
from bulletin_board.store.port import BoardStore
from bulletin_board.submission import SubmissionDesk

_NOTHING = Batch(0, 0)


@dataclass(frozen=True, slots=True)
class BeatReport:
    """What one beat did.

    tree_size:      durable entries afterwards
    published_size: entries under a checkpoint with a quorum afterwards; what lies between waits for a quorum
    appended:       entries that this beat added
    refused:        submissions that this beat refused
    published:      whether this beat published a checkpoint
    failures:       witnesses that did not cosign
    """

    tree_size: int
    published_size: int
    appended: int
    refused: int
    published: bool
    failures: tuple[CosigningFailure, ...]


class Sequencer:
    """One board that is being written. Of two for one store, the slower one loses every race for the head."""

    def __init__(
        self, store: BoardStore, *, signer: NoteSigner, witnesses: Sequence[CosignatureSource]
    ) -> None:
        """
        Args:
            store: the board's.
            signer: the board's key, its name the origin.
            witnesses: those of the manifest that can be asked.
        """
        self._store = store
        self._log_key = signer.key
        self._pool = WitnessPool(witnesses)
        self._publisher = Publisher(store, signer, self._pool)
        self._desk = SubmissionDesk(store)
        self._read_only: str | None = "the log was not checked yet"
        self._caught_up = False
        self._idle_beats = 0
        self._beating = Lock()

    def start(self) -> None:
        """Check the store against itself; nothing can be submitted or appended before.

        Raises:
            ReadOnlyError: it contradicts itself, and stays read-only.
        """
        try:
            with self._store.snapshot() as tables:
                check_log(tables.log)
        except ReadOnlyError as exc:
            self._read_only = str(exc)
            raise
        self._read_only = None

    def close(self) -> None:
        """Let go of the threads that ask witnesses. The store stays open."""
        self._pool.close()

    @property
    def desk(self) -> SubmissionDesk:
        """Where entries are handed in."""
        return self._desk

    def submit(self, entry: bytes, addenda: Iterable[bytes] = (), *, now: int) -> bytes:
        """As `SubmissionDesk.submit`.

        Raises:
            ReadOnlyError: nothing can be appended.
        """
        self._require_writable()
        return self._desk.submit(entry, addenda, now=now)

    def outcome(self, leaf_hash: bytes) -> Outcome | None:
        """What has become of an entry; None if it was never submitted."""
        return outcome(self._store, leaf_hash)

    def receipt(self, leaf_hash: bytes) -> Receipt | None:
        """The receipt of an entry, always the same; None before it is published."""
        return receipt(self._store, leaf_hash)

    def beat(self, now: int) -> BeatReport:
        """Append what waits, and publish.

        Args:
            now: POSIX seconds.

        Raises:
            ReadOnlyError: nothing can be appended; so it stays until the store was repaired and checked.
            StoreError: the database failed; the next beat tries again.
        """
        with self._beating:
            self._require_writable()
            try:
                return self._beat(now)
            except ReadOnlyError as exc:
                self._read_only = str(exc)
                raise

    def _beat(self, now: int) -> BeatReport:
        account = self._desk.account()
        publication = Publication(None, ())
        if account.tree_size and not (self._caught_up and account.tree_size == account.published_size):
            # What an earlier beat left behind; or, after a start, whether a quorum knows no larger log.
            publication = self._publish(account, now)
            if publication.kept is None:
                return self._report(_NOTHING, publication)
        self._caught_up = True
        batch = self._append(now)
        if batch.appended or self._refresh_due(now):
            publication = self._publish(self._desk.account(), now)
        return self._report(batch, publication)

    def _append(self, now: int) -> Batch:
        with self._store.transaction() as tables:
            account = read_account(tables.log, self._desk.account())
            return append_batch(tables, account, log_key=self._log_key, now=now)

    def _publish(self, account: Account, now: int) -> Publication:
        if account.state.manifest is None:
            raise ReadOnlyError("log: it does not begin with a manifest")
        publication = self._publisher.publish(account, account.state.manifest, now=now)
        if publication.kept:
            self._idle_beats = 0
        return publication

    def _refresh_due(self, now: int) -> bool:
        self._idle_beats += 1
        with self._store.snapshot() as tables:
            newest = tables.log.newest_checkpoint()
        account = self._desk.account()
        return newest is not None and refresh_due(newest, account, idle_beats=self._idle_beats, now=now)

    def _report(self, batch: Batch, publication: Publication) -> BeatReport:
        account = self._desk.account()
        return BeatReport(
            tree_size=account.tree_size,
            published_size=account.published_size,
            appended=batch.appended,
            refused=batch.refused,
            published=publication.kept is not None,
            failures=publication.failures,
        )

    def _require_writable(self) -> None:
        if self._read_only is not None:
            raise ReadOnlyError(f"board: read-only, because {self._read_only}")
