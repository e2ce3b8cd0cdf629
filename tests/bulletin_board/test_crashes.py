"""A board that breaks off anywhere in a beat: nothing is lost, nothing forks, receipts stay what they were."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log.merkle import root_hash
from bulletin_board.log.note import SignedNote
from bulletin_board.outcome import Acknowledged
from bulletin_board.sequencer import Sequencer
from bulletin_board.store.sql import SqlBoardStore, SqlTables
from bulletin_board.witness import WitnessAnswer
from tests.bulletin_board.live_board import LiveBoard, LiveWitness


class PowerCutError(Exception):
    """The power goes."""


class Fuse:
    """Blows at one step of many, and counts them."""

    def __init__(self, blows_at: int | None) -> None:
        self.blows_at = blows_at
        self.steps = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.blows_at:
            raise PowerCutError


class FusedStore:
    """The real store, with a fuse before, at the end of, and after every use of it."""

    def __init__(self, store: SqlBoardStore, fuse: Fuse) -> None:
        self._store = store
        self._fuse = fuse

    @contextmanager
    def snapshot(self) -> Iterator[SqlTables]:
        self._fuse.step()
        with self._store.snapshot() as tables:
            yield tables

    @contextmanager
    def transaction(self) -> Iterator[SqlTables]:
        self._fuse.step()
        with self._store.transaction() as tables:
            yield tables
            self._fuse.step()  # all written, not yet committed
        self._fuse.step()  # committed, and nobody knows


class FusedWitness:
    """A real witness; the board dies before asking it, or after it has answered."""

    def __init__(self, witness: LiveWitness, fuse: Fuse) -> None:
        self.name = witness.name
        self._witness = witness
        self._fuse = fuse

    def ask(self, body: bytes) -> WitnessAnswer:
        self._fuse.step()
        answer = self._witness.ask(body)
        self._fuse.step()
        return answer


def beat_with(board: LiveBoard, fuse: Fuse) -> None:
    """One beat of a fresh process."""
    witnesses = []
    for witness in board.witnesses:
        link = witness.link()
        link._ask = FusedWitness(witness, fuse).ask  # type: ignore[attr-defined] # cut the wire to lay it anew
        witnesses.append(link)
    sequencer = Sequencer(FusedStore(board.store, fuse), signer=board.signer, witnesses=witnesses)
    try:
        sequencer.start()
        board.now += 2
        sequencer.beat(board.now)
    finally:
        sequencer.close()


def steps_of_a_beat(board: LiveBoard) -> int:
    fuse = Fuse(None)
    board.submit(board.ballot(0))
    beat_with(board, fuse)
    return fuse.steps


def require_sound(board: LiveBoard) -> None:
    """Every kept checkpoint is of the one tree, and the entries stand there once each."""
    with board.store.snapshot() as tables:
        entries = tables.log.entries(0, tables.log.head().tree_size)
        kept = tables.log.checkpoints(0, tables.log.checkpoint_count())
    leaves = [entry.leaf_hash for entry in entries]
    assert len(set(leaves)) == len(leaves)
    for note in kept:
        checkpoint = Checkpoint.from_text(SignedNote.from_text(note.note.decode()).text)
        assert checkpoint.root_hash == root_hash(leaves[: checkpoint.tree_size])
    assert all(not witness.store.evidence for witness in board.witnesses)


def test_any_step_may_be_the_last(opened_board: LiveBoard, tmp_path: Path) -> None:
    (tmp_path / "count").mkdir()
    counting = opened_board.copy(tmp_path / "count")
    steps = steps_of_a_beat(counting)
    counting.close()
    assert steps > 20
    crashed = 0
    for blows_at in range(1, steps + 1):
        folder = tmp_path / str(blows_at)
        folder.mkdir()
        board = opened_board.copy(folder)
        hashes = [board.submit(board.ballot(place)) for place in range(2)]
        try:
            beat_with(board, Fuse(blows_at))
        except PowerCutError:
            crashed += 1
        promised = [board.sequencer.receipt(each) for each in hashes]
        board.restart()
        board.beat()
        outcomes = [board.sequencer.outcome(each) for each in hashes]
        assert all(isinstance(each, Acknowledged) for each in outcomes), blows_at
        for before, after in zip(promised, outcomes, strict=True):
            assert before is None or after == Acknowledged(before), blows_at
        require_sound(board)
        board.close()
    # A board that dies while a witness answers is not always noticed: the quorum may stand without it.
    assert crashed > steps / 2


@pytest.mark.parametrize("reachable", [0, 1, 2])
def test_a_head_that_few_witnesses_saw_is_the_one_that_all_see(voting: LiveBoard, reachable: int) -> None:
    for witness in voting.witnesses[reachable:]:
        witness.reachable = False
    hashed = voting.submit(voting.ballot(0))
    assert not voting.beat().published
    voting.restart()
    for witness in voting.witnesses:
        witness.reachable = True
    voting.submit(voting.ballot(1))
    assert voting.beat().published
    assert isinstance(voting.sequencer.outcome(hashed), Acknowledged)
    require_sound(voting)
