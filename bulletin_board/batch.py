"""The append: the one transaction in which submissions become entries of the log.

Spec: board.md §3.1, §3.2
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bulletin_board.account import Account
from bulletin_board.admission import Admission
from bulletin_board.ballot_admission import BallotDecisions, BallotGate
from bulletin_board.candidate import Candidate
from bulletin_board.errors import AppendRefused, ReadOnlyError, RecordError
from bulletin_board.log.merkle import Frontier
from bulletin_board.log.note import NoteKey
from bulletin_board.log.tile import grow_tiles, subtrees_in_tiles
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.voting import Notice
from bulletin_board.store.port import (
    BoardTransaction,
    LoggedBallot,
    LogReader,
    Refusal,
    Submission,
    TreeHead,
)

MAX_BATCH = 4096  # submissions that one beat looks at; the rest waits for the next


@dataclass(frozen=True, slots=True)
class Batch:
    """What a beat has appended and refused."""

    appended: int
    refused: int


def append_batch(tables: BoardTransaction, account: Account, *, log_key: NoteKey, now: int) -> Batch:
    """Decide on what waits, and write it to the log.

    Args:
        tables: an open transaction, which the caller ends.
        account: of the log as it is, everything on it published.
        log_key: of this board.
        now: POSIX seconds.

    Raises:
        ReadOnlyError: the tiles contradict the head.
        HeadMovedError: another writer was faster.
    """
    if account.tree_size != account.published_size:
        raise RuntimeError("append: the log has entries that are not published yet")
    submissions = tables.submissions.pending(MAX_BATCH)
    if not submissions:
        return Batch(0, 0)
    return _Append(tables, account, log_key, now).run(submissions)


def stored_frontier(log: LogReader, head: TreeHead) -> Frontier:
    """The right edge of the stored tree.

    Raises:
        ReadOnlyError: the tiles contradict the head.
    """
    frontier = Frontier.stored(head.tree_size, subtrees_in_tiles(log.tile, head.tree_size))
    if frontier.root_hash() != head.root_hash:
        raise ReadOnlyError(f"log: its tiles contradict its head of size {head.tree_size}")
    return frontier


class _Append:
    """One transaction's work, in its order."""

    def __init__(self, tables: BoardTransaction, account: Account, log_key: NoteKey, now: int) -> None:
        self._tables = tables
        self._account = account
        self._gate = Admission(tables, log_key, account.published_size, account.in_force, now)
        self._state = account.state
        self._appended: list[Candidate] = []
        self._refused: dict[bytes, Refusal] = {}

    def run(self, submissions: Sequence[Submission]) -> Batch:
        head = self._tables.log.head()
        frontier = stored_frontier(self._tables.log, head)
        candidates = self._decode(submissions)
        ballots = [each for each in candidates if isinstance(each.body, BallotBody)]
        for candidate in candidates:
            if not isinstance(candidate.body, BallotBody):
                self._append_other(candidate)
        # Whether a new notice is in force shows only when it is published; until then ballots wait.
        if not any(isinstance(each.body, Notice) for each in self._appended):
            self._append_ballots(ballots)
        leaves = [candidate.leaf_hash for candidate in self._appended]
        if leaves:
            grown = frontier.extend(leaves)
            tiles = list(grow_tiles(head.tree_size, leaves, self._tables.log.tile))
            self._tables.log.keep_tiles(tiles)
            self._tables.log.move_head(head, TreeHead(grown.tree_size, grown.root_hash()))
        self._tables.submissions.refuse(self._refused)
        self._tables.submissions.remove_pending([*leaves, *self._refused])
        return Batch(len(leaves), len(self._refused))

    def _decode(self, submissions: Sequence[Submission]) -> list[Candidate]:
        candidates = []
        for submission in submissions:
            try:
                candidates.append(Candidate.decode(submission.data))
            except RecordError as exc:
                self._refused[submission.leaf_hash] = Refusal("malformed", str(exc))
        return candidates

    def _append_other(self, candidate: Candidate) -> None:
        entry_index = self._next_index()
        try:
            with self._tables.attempt():
                self._state = self._gate.admit(candidate, entry_index, self._state)
        except AppendRefused as exc:
            self._refused[candidate.leaf_hash] = Refusal(exc.code, exc.detail)
        else:
            self._appended.append(candidate)

    def _append_ballots(self, candidates: Sequence[Candidate]) -> None:
        if not candidates:
            return
        decisions = self._decide(candidates)
        self._refused |= decisions.refused
        first = self._next_index()
        placed = list(enumerate(decisions.admitted, start=first))
        self._appended += [ballot.candidate for _, ballot in placed]
        tables = self._tables
        tables.log.add_entries([ballot.candidate.logged(index) for index, ballot in placed])
        tables.electorate.add_ballots(
            [LoggedBallot(index, ballot.body.credential, ballot.digest) for index, ballot in placed],
            [pad for _, ballot in placed for pad in ballot.pads],
        )
        for index, ballot in placed:
            names = [bytes(ref.sha256) for ref in ballot.candidate.addenda]
            tables.submissions.name_addenda(names, entry_index=index)

    def _decide(self, candidates: Sequence[Candidate]) -> BallotDecisions:
        manifest, in_force = self._state.manifest, self._account.in_force
        if manifest is None or in_force is None:
            closed = Refusal("not-open", "voting has not been opened")
            return BallotDecisions((), {candidate.leaf_hash: closed for candidate in candidates})
        gate = BallotGate(
            manifest=manifest,
            state=self._state,
            in_force=in_force,
            now=self._gate.now,
            electorate=self._tables.electorate,
            read_addendum=self._gate.read_addendum,
        )
        return gate.decide(candidates)

    def _next_index(self) -> int:
        return self._account.tree_size + len(self._appended)
