"""What has become of a submission, and the receipt for it.

Spec: board.md §3.3, §3.4, §6.1
"""

from dataclasses import dataclass

from bulletin_board.account import read_account
from bulletin_board.candidate import Candidate
from bulletin_board.log.merkle import stored_inclusion_proof
from bulletin_board.log.receipt import Receipt
from bulletin_board.log.tile import subtrees_in_tiles
from bulletin_board.records.ballot import BallotBody
from bulletin_board.store.port import BoardSnapshot, BoardStore, Refusal

TOO_LATE = Refusal("closed", "on the log, but witnessed too late to count")
"""Of a ballot, unless witnesses or a later notice show that it was in time after all."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Durable and under a checkpoint with a quorum."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Waiting:
    """For a beat, or for a quorum."""


Outcome = Acknowledged | Refusal | Waiting


def outcome(store: BoardStore, leaf_hash: bytes) -> Outcome | None:
    """What has become of an entry; None if it was never submitted."""
    with store.snapshot() as tables:
        return _outcome(tables, leaf_hash)


def receipt(store: BoardStore, leaf_hash: bytes) -> Receipt | None:
    """The receipt of an entry, always the same; None before it is published."""
    with store.snapshot() as tables:
        return _receipt(tables, leaf_hash)


def ballot_outcome(store: BoardStore, digest: bytes) -> Outcome | None:
    """What has become of a ballot, by its ballot digest. Refused ballots are not found by it."""
    with store.snapshot() as tables:
        if tables.submissions.is_ballot_pending(digest):
            return Waiting()
        ballot = tables.electorate.ballot(digest)
        if ballot is None:
            return None
        (entry,) = tables.log.entries(ballot.entry_index, ballot.entry_index + 1)
        return _outcome(tables, entry.leaf_hash)


def _outcome(tables: BoardSnapshot, leaf_hash: bytes) -> Outcome | None:
    refusal = tables.submissions.refusal(leaf_hash)
    if refusal and not (refusal == TOO_LATE and _witnessed_in_time(tables, leaf_hash)):
        return refusal
    published = _receipt(tables, leaf_hash)
    if published:
        return Acknowledged(published)
    on_log = tables.log.index_of(leaf_hash) is not None
    return Waiting() if on_log or tables.submissions.is_pending(leaf_hash) else None


def _witnessed_in_time(tables: BoardSnapshot, leaf_hash: bytes) -> bool:
    index = tables.log.index_of(leaf_hash)
    witnessed = None if index is None else tables.log.witnessed_by(index)
    account = read_account(tables.log)
    if witnessed is None or account.state.manifest is None or account.in_force is None:
        return False
    return witnessed <= account.in_force.closes_at + account.state.manifest.schedule.grace


def _receipt(tables: BoardSnapshot, leaf_hash: bytes) -> Receipt | None:
    index = tables.log.index_of(leaf_hash)
    kept = None if index is None else tables.log.checkpoint_covering(index)
    if index is None or kept is None:
        return None
    proof = stored_inclusion_proof(index, kept.tree_size, subtrees_in_tiles(tables.log.tile, kept.tree_size))
    (entry,) = tables.log.entries(index, index + 1)
    body = Candidate.decode(entry.data).body
    extra = body.digest if isinstance(body, BallotBody) else None
    return Receipt(index, proof, kept.note.decode(), extra)
