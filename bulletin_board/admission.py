"""Whether an entry other than a ballot may be appended now, decided inside the transaction that appends it.

What needs no log is checked before an entry is submitted: signatures, proofs, texts. Here is what only the
log can answer. A refusal carries one of the codes of board.md §5.7.

Spec: board.md §3.1; records.md §2.6, §3, §4
"""

from __future__ import annotations

from dataclasses import dataclass

from bulletin_board.candidate import Candidate
from bulletin_board.errors import AppendRefused, RecordError
from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log.note import NoteKey, SignedNote
from bulletin_board.notices import InForce
from bulletin_board.phases import BoardState
from bulletin_board.policy import BoardPolicy
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.roll import Roll
from bulletin_board.records.voting import Close, Notice, Open, Reissue, Revocation
from bulletin_board.registration import register_roll, reissue, revoke
from bulletin_board.store.port import BoardTransaction, KeptCheckpoint

WITNESSING = 10
"""Seconds before the close from which decisions are refused: they could not be dated in time any more."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The gate for entries other than ballots, in one beat.

    log_key:        of this board
    published_size: of the newest checkpoint with a quorum
    in_force:       None while there is no manifest
    now:            POSIX seconds
    """

    tables: BoardTransaction
    log_key: NoteKey
    published_size: int
    in_force: InForce | None
    now: int

    def admit(self, candidate: Candidate, entry_index: int, state: BoardState) -> BoardState:
        """Write an entry down, with everything it changes, and give the state after it.

        The caller undoes what was written if this raises.

        Raises:
            AppendRefused: it may not come now.
        """
        body = candidate.body
        state.require_admissible(body, published_size=self.published_size)
        names = [bytes(ref.sha256) for ref in candidate.addenda]
        missing = self.tables.submissions.missing_addenda(names)
        if missing:
            raise AppendRefused("malformed", f"{len(missing)} of its addenda are missing")
        # First of all, because everything else refers to it.
        self.tables.log.add_entries([candidate.logged(entry_index)])
        self.tables.submissions.name_addenda(names, entry_index=entry_index)
        try:
            self._take_effect(body, entry_index, state)
        except RecordError as exc:
            raise AppendRefused("malformed", str(exc)) from exc
        return state.after(body, entry_index)

    def read_addendum(self, sha256: bytes) -> bytes:
        """An addendum out of the store, by its digest.

        Raises:
            RecordError: nobody has brought it.
        """
        found = self.tables.submissions.addendum(sha256)
        if found is None:
            raise RecordError(f"addendum {sha256.hex()[:16]}: missing")
        return found[0]

    def _take_effect(self, body: Record, entry_index: int, state: BoardState) -> None:
        if isinstance(body, Manifest):
            self._require_own(body)
        if state.manifest is None or self.in_force is None:
            return
        match body:
            case Roll():
                register_roll(
                    body,
                    entry_index,
                    manifest=state.manifest,
                    tables=self.tables,
                    read_addendum=self.read_addendum,
                )
            case Revocation():
                revoke(body, entry_index, tables=self.tables)
            case Reissue():
                reissue(body, entry_index, manifest=state.manifest, tables=self.tables)
            case Notice():
                self._require_in_time(body, self.in_force)
            case Open():
                self._require_opening(body, state, state.manifest)
            case Close():
                self._require_closing(body, state.manifest, self.in_force)

    def _require_own(self, manifest: Manifest) -> None:
        if BoardPolicy.of(manifest).log_key != self.log_key:
            raise AppendRefused(
                "wrong-election", f"the manifest is for another board than {self.log_key.name}"
            )

    def _require_in_time(self, notice: Notice, in_force: InForce) -> None:
        """A decision that comes too late to be valid is refused, so that nobody relies on it."""
        if notice.kind == "incident":
            return
        if self.now > in_force.closes_at - WITNESSING:
            raise AppendRefused("out-of-order", f"notice: voting closed at {in_force.closes_at}")
        if notice.closes_at is not None and notice.closes_at <= in_force.closes_at:
            raise AppendRefused("out-of-order", f"notice: voting closes at {in_force.closes_at} already")

    def _require_opening(self, body: Open, state: BoardState, manifest: Manifest) -> None:
        kept = self._kept(body.checkpoint)
        roll, opens_at = state.index_of(Roll), manifest.schedule.opens_at
        if roll is None or kept.tree_size <= roll:
            raise AppendRefused("out-of-order", "open: its checkpoint does not cover the roll")
        if kept.quorum_since < opens_at:
            raise AppendRefused("out-of-order", f"open: its checkpoint was not cosigned since {opens_at}")

    def _require_closing(self, body: Close, manifest: Manifest, in_force: InForce) -> None:
        bound = in_force.closes_at + manifest.schedule.grace
        if self.now <= bound:
            raise AppendRefused("out-of-order", f"close: not before {bound}")
        kept = self._kept(body.checkpoint)
        largest = self.tables.log.largest_witnessed_by(bound)
        size = largest.tree_size if largest else 0
        if kept.quorum_by > bound or kept.tree_size != size:
            raise AppendRefused("out-of-order", f"close: not the checkpoint of size {size}, the last in time")

    def _kept(self, note_text: str) -> KeptCheckpoint:
        """The kept checkpoint with exactly this note, which was verified when it was kept."""
        tree_size = Checkpoint.from_text(SignedNote.from_text(note_text).text).tree_size
        kept = self.tables.log.find_checkpoint(tree_size, note_text.encode())
        if kept is None:
            raise AppendRefused("out-of-order", "its checkpoint is none that this board has published")
        return kept
