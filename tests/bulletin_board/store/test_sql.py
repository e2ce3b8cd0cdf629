"""The contract of `BoardStore`, kept by the SQL store: transactions, snapshots, and every look-up."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from bulletin_board.errors import HeadMovedError, StoreError
from bulletin_board.log.merkle import EMPTY_ROOT, leaf_hash, root_hash
from bulletin_board.log.tile import Tile
from bulletin_board.store.port import (
    BoardStore,
    KeptCheckpoint,
    LoggedBallot,
    LoggedEntry,
    Refusal,
    RegisteredCredential,
    Standing,
    Submission,
    Tree,
    TreeHead,
)
from bulletin_board.store.sql import SqlBoardStore
from tests.tools.vector_files import drawn


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlBoardStore]:
    opened = SqlBoardStore.open(f"sqlite:///{tmp_path / 'board.db'}")
    yield opened
    opened.close()


def entry(index: int, kind: str = "notice") -> LoggedEntry:
    data = drawn(f"entry {index}", 40)
    return LoggedEntry(index, kind, data, leaf_hash(data))


def head(size: int) -> TreeHead:
    return TreeHead(size, root_hash([entry(index).leaf_hash for index in range(size)]))


def fill(store: BoardStore, size: int, kind: str = "notice") -> None:
    with store.transaction() as tables:
        tables.log.add_entries([entry(index, kind) for index in range(size)])
        tables.log.move_head(head(0), head(size))


def kept(sequence: int, size: int, by: int, note: bytes = b"note") -> KeptCheckpoint:
    return KeptCheckpoint(sequence, size, by, by - 1, note + b" %d" % sequence)


def registered(label: str, index: int = 0) -> RegisteredCredential:
    parts = (drawn(f"{label} a", 32), drawn(f"{label} b", 32))
    return RegisteredCredential(drawn(label, 32), index, 7, "city", "north", "{}", parts)


def test_a_new_board_is_empty(store: SqlBoardStore) -> None:
    with store.snapshot() as tables:
        assert tables.log.head() == TreeHead(0, EMPTY_ROOT)
        assert tables.log.head(Tree.ROLL) == TreeHead(0, EMPTY_ROOT)
        assert tables.log.newest_checkpoint() is None
        assert tables.log.checkpoint_count() == 0
        assert tables.log.entries(0, 0) == ()
        assert tables.log.last_entry_of("notice") is None
        assert tables.submissions.pending(10) == ()


def test_entries_and_head(store: SqlBoardStore) -> None:
    fill(store, 5)
    with store.snapshot() as tables:
        assert tables.log.head() == head(5)
        assert tables.log.entries(1, 4) == (entry(1), entry(2), entry(3))
        assert tables.log.index_of(entry(3).leaf_hash) == 3
        assert tables.log.index_of(bytes(32)) is None
        assert list(tables.log.entries_of({"notice"}, start=3)) == [entry(3), entry(4)]
        assert list(tables.log.entries_of({"ballot"})) == []
        assert tables.log.last_entry_of("notice") == entry(4)
        with pytest.raises(StoreError, match=r"entries 4\.\.7: 1 in the store"):
            tables.log.entries(4, 7)


@pytest.mark.parametrize("old", [TreeHead(4, bytes(32)), TreeHead(5, bytes(32)), TreeHead(0, EMPTY_ROOT)])
def test_the_head_moves_by_compare_and_set(store: SqlBoardStore, old: TreeHead) -> None:
    fill(store, 5)
    with pytest.raises(HeadMovedError, match="no longer at size"), store.transaction() as tables:
        tables.log.add_entries([entry(5)])
        tables.log.move_head(old, TreeHead(6, bytes(32)))
    with store.snapshot() as tables:
        assert tables.log.head() == head(5)
        assert tables.log.index_of(entry(5).leaf_hash) is None


def test_an_index_and_an_entry_are_taken_once(store: SqlBoardStore) -> None:
    fill(store, 2)
    for twice in (entry(1), LoggedEntry(2, "notice", b"", entry(1).leaf_hash)):
        with pytest.raises(StoreError, match="UNIQUE"), store.transaction() as tables:
            tables.log.add_entries([twice])


def test_tiles_grow(store: SqlBoardStore) -> None:
    first, second = drawn("hash 0", 32), drawn("hash 1", 32)
    with store.transaction() as tables:
        tables.log.keep_tiles([(Tile(0, 0, 1), first)])
        tables.log.keep_tiles([(Tile(0, 0, 2), first + second), (Tile(1, 3), bytes(8192))])
    with store.snapshot() as tables:
        assert tables.log.tile(Tile(0, 0, 1)) == first
        assert tables.log.tile(Tile(0, 0, 2)) == first + second
        for missing in (Tile(0, 0, 3), Tile(0, 1, 1)):
            with pytest.raises(StoreError, match="not in the store"):
                tables.log.tile(missing)
        with pytest.raises(StoreError, match="roll tile/0/000"):
            tables.log.tile(Tile(0, 0, 1), Tree.ROLL)


def test_the_roll_has_a_tree_of_its_own(store: SqlBoardStore) -> None:
    with store.transaction() as tables:
        tables.log.keep_roll_head(TreeHead(9, bytes(32)))
        tables.log.keep_tiles([(Tile(0, 0, 9), bytes(288))], Tree.ROLL)
    with store.snapshot() as tables:
        assert tables.log.head(Tree.ROLL) == TreeHead(9, bytes(32))
        assert tables.log.head().tree_size == 0
        assert tables.log.tile(Tile(0, 0, 4), Tree.ROLL) == bytes(128)
    with pytest.raises(StoreError), store.transaction() as tables:
        tables.log.keep_roll_head(TreeHead(9, bytes(32)))


def test_checkpoints(store: SqlBoardStore) -> None:
    notes = [kept(0, 3, 100), kept(1, 5, 130), kept(2, 5, 120), kept(3, 9, 125)]
    with store.transaction() as tables:
        for note in notes:
            tables.log.keep_checkpoint(note)
    with store.snapshot() as tables:
        log = tables.log
        assert log.checkpoint_count() == 4
        assert log.checkpoints(1, 3) == tuple(notes[1:3])
        assert log.newest_checkpoint() == notes[3]
        assert [log.checkpoint_of_size(size) for size in (3, 4, 5)] == [notes[0], None, notes[2]]
        assert [log.checkpoint_covering(index) for index in (0, 3, 4, 8)] == [
            notes[0],
            notes[1],
            notes[1],
            notes[3],
        ]
        assert log.checkpoint_covering(9) is None
        assert [log.witnessed_by(index) for index in (2, 3, 8, 9)] == [100, 120, 125, None]
        assert [log.largest_witnessed_by(time) for time in (99, 100, 121, 125, 999)] == [
            None,
            notes[0],
            notes[2],
            notes[3],
            notes[3],
        ]
        assert log.find_checkpoint(5, notes[1].note) == notes[1]
        assert log.find_checkpoint(9, notes[1].note) is None
        with pytest.raises(StoreError, match=r"checkpoints 3\.\.5"):
            log.checkpoints(3, 5)


@pytest.mark.parametrize("wrong", [kept(0, 9, 1), kept(2, 9, 1), kept(1, 4, 1)])
def test_checkpoints_follow_one_another(store: SqlBoardStore, wrong: KeptCheckpoint) -> None:
    with store.transaction() as tables:
        tables.log.keep_checkpoint(kept(0, 5, 1))
    with pytest.raises(StoreError, match="expected 1, of size 5 or more"), store.transaction() as tables:
        tables.log.keep_checkpoint(wrong)


def test_the_queue_keeps_the_order_of_arrival(store: SqlBoardStore) -> None:
    submissions = [Submission(drawn(f"{place}", 32), b"entry", drawn(f"{place}", 64)) for place in range(3)]
    with store.transaction() as tables:
        for submission in submissions:
            tables.submissions.add_pending(submission)
    with store.transaction() as tables:
        assert tables.submissions.pending(2) == tuple(submissions[:2])
        assert tables.submissions.pending_count() == 3
        assert tables.submissions.is_pending(submissions[1].leaf_hash)
        assert tables.submissions.is_ballot_pending(drawn("2", 64))
        tables.submissions.remove_pending([submissions[0].leaf_hash, bytes(32)])
        assert tables.submissions.pending(9) == tuple(submissions[1:])
        assert not tables.submissions.is_pending(submissions[0].leaf_hash)
        assert not tables.submissions.is_ballot_pending(drawn("0", 64))
    with pytest.raises(StoreError, match="UNIQUE"), store.transaction() as tables:
        tables.submissions.add_pending(submissions[2])


def test_refusals_are_replaced_and_forgotten(store: SqlBoardStore) -> None:
    name = drawn("refused", 32)
    with store.transaction() as tables:
        tables.submissions.refuse({name: Refusal("not-open", "early"), bytes(32): Refusal("closed", "")})
        tables.submissions.refuse({name: Refusal("closed", "late")})
        tables.submissions.refuse({})
        assert tables.submissions.refusal(name) == Refusal("closed", "late")
        tables.submissions.add_pending(Submission(name, b"again"))
        assert tables.submissions.refusal(name) is None
        assert tables.submissions.refusal(bytes(32)) == Refusal("closed", "")


def test_addenda(store: SqlBoardStore) -> None:
    fill(store, 3)
    names = [drawn(f"addendum {place}", 32) for place in range(1_201)]
    with store.transaction() as tables:
        queue = tables.submissions
        queue.want_addenda({names[0]: 5, names[1]: 6})
        queue.want_addenda({names[1]: 7})
        assert [queue.wanted_size(name) for name in names[:3]] == [5, 7, None]
        for name in names[:1_200]:
            queue.keep_addendum(name, name[:5])
        queue.keep_addendum(names[0], b"other")
        assert queue.wanted_size(names[0]) is None
        assert queue.missing_addenda([names[1_200], names[3]]) == (names[1_200],)
        queue.name_addenda(names[:2], entry_index=2)
        queue.name_addenda(names[1:3], entry_index=1)
    with store.snapshot() as tables:
        queue = tables.submissions
        assert queue.addendum(names[0]) == (names[0][:5], 2)
        assert queue.addendum(names[1]) == (names[1][:5], 2), "the first entry that names it"
        assert queue.addendum(names[3]) == (names[3][:5], None)
        assert queue.addendum(names[1_200]) is None
        assert queue.addenda_below(2) == (names[2],)
        assert queue.addenda_below(3) == tuple(sorted(names[:3]))


def test_credentials(store: SqlBoardStore) -> None:
    fill(store, 2)
    rows = [registered(f"voter {place}") for place in range(700)]
    with store.transaction() as tables:
        tables.electorate.register(rows)
        tables.electorate.end_credential(rows[3].credential, Standing.REVOKED, since_index=1)
    with store.snapshot() as tables:
        electorate = tables.electorate
        found = electorate.credential(rows[0].credential)
        assert found
        assert (found.style, found.unit, found.row_index, found.standing, found.since_index) == (
            "city",
            "north",
            7,
            Standing.EFFECTIVE,
            None,
        )
        revoked = electorate.credential(rows[3].credential)
        assert revoked
        assert (revoked.standing, revoked.since_index) == (Standing.REVOKED, 1)
        assert electorate.credential(bytes(32)) is None
        assert len(electorate.credentials([row.credential for row in rows])) == 700
        assert electorate.used_parts([rows[9].parts[1], bytes(32)]) == {rows[9].parts[1]}
    with pytest.raises(StoreError, match="UNIQUE"), store.transaction() as tables:
        tables.electorate.register([registered("voter 5")])


def test_ballots_and_pads(store: SqlBoardStore) -> None:
    fill(store, 4)
    voter, other = registered("voter"), registered("other")
    ballots = [
        LoggedBallot(index, who.credential, drawn(f"digest {index}", 64))
        for index, who in ((1, voter), (2, other), (3, voter))
    ]
    pads = [drawn(f"pad {place}", 32) for place in range(1_001)]
    with store.transaction() as tables:
        tables.electorate.register([voter, other])
        tables.electorate.add_ballots(ballots, pads[:1_000])
        tables.electorate.add_ballots([], [])
    with store.snapshot() as tables:
        electorate = tables.electorate
        assert electorate.ballots_of(voter.credential) == (ballots[0], ballots[2])
        assert electorate.chain_heads([voter.credential, other.credential, bytes(32)]) == {
            voter.credential: ballots[2].digest,
            other.credential: ballots[1].digest,
        }
        assert electorate.ballot(ballots[1].digest) == ballots[1]
        assert electorate.ballot(bytes(64)) is None
        assert [electorate.ballot_count(below) for below in (1, 2, 4)] == [0, 1, 3]
        assert electorate.seen_pads(pads) == set(pads[:1_000])
    with pytest.raises(StoreError, match="UNIQUE"), store.transaction() as tables:
        tables.electorate.add_ballots(
            [LoggedBallot(0, voter.credential, drawn("digest 0", 64))], [pads[1_000], pads[0]]
        )


def test_references_must_exist(store: SqlBoardStore) -> None:
    with pytest.raises(StoreError, match="FOREIGN KEY"), store.transaction() as tables:
        tables.electorate.register([registered("voter", index=0)])


def test_a_transaction_that_raises_leaves_nothing(store: SqlBoardStore) -> None:
    with pytest.raises(KeyError), store.transaction() as tables:
        tables.submissions.add_pending(Submission(bytes(32), b""))
        raise KeyError
    with store.snapshot() as tables:
        assert tables.submissions.pending_count() == 0


def test_an_attempt_that_raises_is_undone_alone(store: SqlBoardStore) -> None:
    with store.transaction() as tables:
        tables.submissions.add_pending(Submission(bytes(32), b"before"))
        with pytest.raises(KeyError), tables.attempt():
            tables.submissions.add_pending(Submission(drawn("x", 32), b"inside"))
            raise KeyError
        with tables.attempt():
            tables.submissions.add_pending(Submission(drawn("y", 32), b"after"))
    with store.snapshot() as tables:
        assert [each.data for each in tables.submissions.pending(9)] == [b"before", b"after"]


def test_a_snapshot_sees_one_state(store: SqlBoardStore) -> None:
    with store.snapshot() as before:
        assert before.log.head().tree_size == 0
        fill(store, 3)
        assert before.log.head().tree_size == 0
        with store.snapshot() as after:
            assert after.log.head().tree_size == 3


def test_a_snapshot_writes_nothing(store: SqlBoardStore) -> None:
    with store.snapshot() as tables:
        tables.submissions.add_pending(Submission(bytes(32), b""))
    with store.snapshot() as tables:
        assert tables.submissions.pending_count() == 0


def test_writers_wait_for_each_other(store: SqlBoardStore) -> None:
    inside, order = Event(), []

    def second() -> None:
        inside.wait()
        with store.transaction() as tables:
            order.append(tables.submissions.pending_count())

    thread = Thread(target=second)
    thread.start()
    with store.transaction() as tables:
        inside.set()
        thread.join(0.05)
        assert thread.is_alive()
        assert not order
        tables.submissions.add_pending(Submission(bytes(32), b""))
    thread.join()
    assert order == [1]


def test_failures_of_the_database_are_ours(store: SqlBoardStore) -> None:
    with pytest.raises(StoreError) as caught, store.transaction() as tables:
        tables.electorate.register([registered("a secret of nobody")])
    assert "\n" not in str(caught.value), "statements and values stay out of messages"
