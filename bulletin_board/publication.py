"""Publishing a head: sign, gather cosignatures, keep the note. Nothing counts as published without a quorum.

Spec: board.md §2.1 to §2.4, §3.3
"""

from __future__ import annotations

from dataclasses import dataclass

from bulletin_board.account import Account
from bulletin_board.cosigning import Cosigning, CosigningFailure, SignedCheckpoint, WitnessPool
from bulletin_board.log.checkpoint import Checkpoint, sign_checkpoint
from bulletin_board.log.merkle import stored_consistency_proof
from bulletin_board.log.note import NoteSignature, NoteSigner, SignedNote, cosignature_time
from bulletin_board.log.tile import subtrees_in_tiles
from bulletin_board.outcome import TOO_LATE
from bulletin_board.policy import BoardPolicy
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.voting import Close
from bulletin_board.store.port import BoardStore, KeptCheckpoint

REFRESH_BEATS = 60
MAX_AHEAD = 60
"""Seconds by which the clock of a witness may be ahead of the board's."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What came of publishing a head; `kept` is None while there is no quorum."""

    kept: KeptCheckpoint | None
    failures: tuple[CosigningFailure, ...]


class Publisher:
    """The board's signature and its witnesses."""

    def __init__(self, store: BoardStore, signer: NoteSigner, pool: WitnessPool) -> None:
        self._store = store
        self._signer = signer
        self._pool = pool
        self._last_times: dict[str, int] | None = None  # witness → time of its newest kept cosignature

    def publish(self, account: Account, manifest: Manifest, *, now: int) -> Publication:
        """Have the durable head cosigned and keep the note, if a quorum can be had now.

        Args:
            account: of the log.
            manifest: entry 0.
            now: POSIX seconds, by the board's clock.
        """
        policy = BoardPolicy.of(manifest)
        with self._store.snapshot() as tables:
            head, count = tables.log.head(), tables.log.checkpoint_count()
        signed = self._sign(Checkpoint(self._signer.name, head.tree_size, head.root_hash))
        cosigning = self._forward(self._pool.collect(signed, quorum=policy.quorum), now)
        by_name = {line.name: line for line in cosigning.lines}
        ordered = [by_name[key.name] for key in policy.witness_keys if key.name in by_name]
        if len(ordered) < policy.quorum:
            return Publication(None, cosigning.failures)
        note_text = SignedNote(signed.note.text, (*signed.note.signatures, *ordered)).to_text()
        cosignatures = policy.open(note_text).cosignatures
        kept = KeptCheckpoint(
            count,
            head.tree_size,
            policy.quorum_by(cosignatures),
            policy.quorum_since(cosignatures),
            note_text.encode(),
        )
        if _would_move_the_close(kept, account, manifest):
            slow = CosigningFailure("witnesses", "their clocks have not reached the end of the grace")
            return Publication(None, (*cosigning.failures, slow))
        self._keep(kept, account, manifest)
        self._times().update((each.witness, each.time) for each in cosignatures)
        return Publication(kept, cosigning.failures)

    def _sign(self, checkpoint: Checkpoint) -> SignedCheckpoint:
        def prove(old_size: int) -> tuple[bytes, ...]:
            with self._store.snapshot() as tables:
                subtree = subtrees_in_tiles(tables.log.tile, checkpoint.tree_size)
                return stored_consistency_proof(old_size, checkpoint.tree_size, subtree)

        return SignedCheckpoint(checkpoint, sign_checkpoint(checkpoint, self._signer), prove)

    def _forward(self, cosigning: Cosigning, now: int) -> Cosigning:
        """Without those whose clock went back, or is far ahead.

        The times of one witness may not fall on the record, and one that is ahead would make a ballot in
        time look late.
        """
        times = self._times()
        kept: list[NoteSignature] = []
        failures = list(cosigning.failures)
        for line in cosigning.lines:
            time = cosignature_time(line.signature)
            if time > now + MAX_AHEAD:
                failures.append(CosigningFailure(line.name, "its clock is ahead"))
            elif time < times.get(line.name, 0):
                failures.append(CosigningFailure(line.name, "its clock went back"))
            else:
                kept.append(line)
        return Cosigning(tuple(kept), tuple(failures))

    def _keep(self, kept: KeptCheckpoint, account: Account, manifest: Manifest) -> None:
        with self._store.transaction() as tables:
            tables.log.keep_checkpoint(kept)
            if account.in_force and kept.quorum_by > account.in_force.closes_at + manifest.schedule.grace:
                fresh = tables.log.entries(account.published_size, kept.tree_size)
                ballots = [entry for entry in fresh if entry.entry_type == BallotBody.record_type]
                tables.submissions.refuse({entry.leaf_hash: TOO_LATE for entry in ballots})

    def _times(self) -> dict[str, int]:
        if self._last_times is None:
            self._last_times = {}
            with self._store.snapshot() as tables:
                for kept in tables.log.checkpoints(0, tables.log.checkpoint_count()):
                    self._last_times |= _times_of(kept)
        return self._last_times


def refresh_due(newest: KeptCheckpoint, account: Account, *, idle_beats: int, now: int) -> bool:
    """Whether the newest checkpoint is to be cosigned again although nothing was added. Spec: board.md §2.4

    Args:
        newest: the checkpoint.
        account: of the log that it heads.
        idle_beats: beats since something was published.
        now: POSIX seconds.
    """
    manifest, in_force = account.state.manifest, account.in_force
    if manifest is None or in_force is None:
        return False
    bound = in_force.closes_at + manifest.schedule.grace
    shortly_before = bound - max(1, -(-2 * manifest.beat // 1000))
    return (
        idle_beats >= REFRESH_BEATS
        or newest.quorum_since < manifest.schedule.opens_at <= now
        or newest.quorum_by < shortly_before <= now <= bound
    )


def _would_move_the_close(kept: KeptCheckpoint, account: Account, manifest: Manifest) -> bool:
    """Whether a checkpoint beyond the close would look as if it had come in time. Spec: records.md §4.5"""
    closed = account.state.index_of(Close)
    if closed is None or account.in_force is None or kept.tree_size <= closed:
        return False
    return kept.quorum_by <= account.in_force.closes_at + manifest.schedule.grace


def _times_of(kept: KeptCheckpoint) -> dict[str, int]:
    """Witness → time, of a note that was verified when it was kept."""
    lines = SignedNote.from_text(kept.note.decode()).signatures[1:]
    return {line.name: cosignature_time(line.signature) for line in lines}
