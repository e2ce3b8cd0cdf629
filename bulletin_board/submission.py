"""The desk where entries are handed in; there they wait, in the store, for the next beat.

Signatures and proofs were verified before; what depends on the log is decided when an entry is appended.

Spec: board.md §3.4, §5.4
"""

from collections.abc import Iterable, Mapping

from bulletin_board.account import EMPTY, Account, read_account
from bulletin_board.candidate import Candidate
from bulletin_board.errors import AddendaWanted, AppendRefused
from bulletin_board.log.addenda import addendum_digest
from bulletin_board.records.ballot import BallotBody
from bulletin_board.store.port import BoardSnapshot, BoardStore, Submission


class SubmissionDesk:
    """Takes submissions for one board. Any number of desks may stand before one sequencer."""

    def __init__(self, store: BoardStore) -> None:
        self._store = store
        self._account = EMPTY

    def account(self) -> Account:
        """How far the election has come, as the log has it now."""
        with self._store.snapshot() as tables:
            return self._read_account(tables)

    def submit(self, entry: bytes, addenda: Iterable[bytes] = (), *, now: int) -> bytes:
        """Let an entry wait for a beat; again, while it waits or once it is on the log, changes nothing.

        Args:
            entry: as `encode_record` writes it.
            addenda: those of its addenda that come along; others may lie in the store already.
            now: POSIX seconds.

        Returns:
            The entry's leaf hash, under which its outcome is found.

        Raises:
            RecordError: no record in its one form.
            AddendaWanted: some addenda are missing; from now on they are accepted.
            AppendRefused: a ballot after closes_at, or an addendum that the entry does not name.
        """
        candidate = Candidate.decode(entry)
        with self._store.snapshot() as tables:
            if _known(tables, candidate.leaf_hash):
                return candidate.leaf_hash
            if isinstance(candidate.body, BallotBody):
                self._require_before_close(tables, now)
        sizes = {bytes(ref.sha256): ref.size for ref in candidate.addenda}
        missing = self._keep(candidate, sizes, _named(addenda, sizes))
        if missing:
            raise AddendaWanted({name: sizes[name] for name in missing})
        return candidate.leaf_hash

    def keep_addendum(self, sha256: bytes, data: bytes) -> None:
        """Take an addendum that an entry has announced; again changes nothing.

        Raises:
            AppendRefused: nobody wants it, or its bytes are others than announced.
        """
        with self._store.transaction() as tables:
            if not tables.submissions.missing_addenda((sha256,)):
                return
            size = tables.submissions.wanted_size(sha256)
            if size is None:
                raise AppendRefused("not-found", "no entry has announced this addendum")
            if len(data) != size or addendum_digest(data) != sha256:
                raise AppendRefused("malformed", "the bytes are not those that the entry names")
            tables.submissions.keep_addendum(sha256, data)

    def _keep(
        self, candidate: Candidate, sizes: Mapping[bytes, int], brought: Mapping[bytes, bytes]
    ) -> tuple[bytes, ...]:
        """Write a submission down, unless addenda are missing: those are wanted now."""
        with self._store.transaction() as tables:
            if _known(tables, candidate.leaf_hash):
                return ()
            for name, addendum in brought.items():
                tables.submissions.keep_addendum(name, addendum)
            missing = tables.submissions.missing_addenda(list(sizes))
            if missing:
                tables.submissions.want_addenda({name: sizes[name] for name in missing})
            else:
                digest = candidate.body.digest if isinstance(candidate.body, BallotBody) else None
                tables.submissions.add_pending(Submission(candidate.leaf_hash, candidate.data, digest))
        return missing

    def _require_before_close(self, tables: BoardSnapshot, now: int) -> None:
        """Clients are turned away from closes_at on; the grace is for what was sent before."""
        in_force = self._read_account(tables).in_force
        if in_force is not None and now >= in_force.closes_at:
            raise AppendRefused("closed", f"voting closed at {in_force.closes_at}")

    def _read_account(self, tables: BoardSnapshot) -> Account:
        # Two threads may both read on from the same account; either result is right.
        self._account = read_account(tables.log, self._account)
        return self._account


def _named(addenda: Iterable[bytes], sizes: Mapping[bytes, int]) -> dict[bytes, bytes]:
    brought = {addendum_digest(addendum): addendum for addendum in addenda}
    for name, addendum in brought.items():
        if sizes.get(name) != len(addendum):
            raise AppendRefused("malformed", f"addendum {name.hex()[:16]}: not one that the entry names")
    return brought


def _known(tables: BoardSnapshot, leaf_hash: bytes) -> bool:
    return tables.log.index_of(leaf_hash) is not None or tables.submissions.is_pending(leaf_hash)
