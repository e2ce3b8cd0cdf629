"""Beats: order, idempotence, quorum, refresh, and the start-up check."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bulletin_board.errors import HeadMovedError, ReadOnlyError, RecordError
from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log.merkle import leaf_hash
from bulletin_board.log.note import SignedNote, cosignature_time
from bulletin_board.log.receipt import verify_receipt
from bulletin_board.outcome import TOO_LATE, Acknowledged, Waiting
from bulletin_board.policy import BoardPolicy
from bulletin_board.publication import MAX_AHEAD, REFRESH_BEATS
from bulletin_board.records.fields import Bytes32
from bulletin_board.records.voting import Close, Identified, Open, Revocation
from bulletin_board.sequencer import Sequencer
from bulletin_board.store.port import LoggedEntry, Refusal
from tests.bulletin_board.live_board import SCHEDULE, LiveBoard, credential_of, pledge
from tests.bulletin_board.memory_witness_store import MemoryWitnessStore
from tests.support import records


def logged(board: LiveBoard) -> tuple[LoggedEntry, ...]:
    with board.store.snapshot() as tables:
        return tables.log.entries(0, tables.log.head().tree_size)


def checkpoint_count(board: LiveBoard) -> int:
    with board.store.snapshot() as tables:
        return tables.log.checkpoint_count()


def test_an_empty_board_beats_quietly(board: LiveBoard) -> None:
    report = board.beat()
    assert (report.tree_size, report.published, report.failures) == (0, False, ())
    assert all(witness.asked == 0 for witness in board.witnesses)


def test_an_entry_is_acknowledged_under_a_quorum(board: LiveBoard) -> None:
    hashed = board.submit(board.manifest)
    assert board.sequencer.outcome(hashed) == Waiting()
    assert board.sequencer.receipt(hashed) is None
    report = board.beat()
    assert (report.tree_size, report.published_size, report.appended) == (1, 1, 1)
    outcome = board.sequencer.outcome(hashed)
    assert isinstance(outcome, Acknowledged)
    policy = BoardPolicy.of(board.manifest)
    opened = verify_receipt(
        outcome.receipt,
        board.entry(board.manifest),
        log_key=policy.log_key,
        witness_keys=policy.witness_keys,
        quorum=policy.quorum,
        origin=policy.log_key.name,
    )
    assert [each.witness for each in opened.cosignatures] == [each.name for each in board.manifest.witnesses]
    assert opened.unknown_lines == ()
    assert outcome.receipt.extra is None


def test_a_ballots_receipt_carries_its_digest(voting: LiveBoard) -> None:
    ballot = voting.ballot(0)
    (hashed,) = voting.post(ballot)
    receipt = voting.sequencer.receipt(hashed)
    assert receipt
    assert receipt.extra == ballot.digest


def test_unknown_entries_have_no_outcome(board: LiveBoard) -> None:
    assert board.sequencer.outcome(bytes(32)) is None
    assert board.sequencer.receipt(bytes(32)) is None


def test_what_does_not_decode_is_never_taken(board: LiveBoard) -> None:
    for entry in (b"", b"{}\0", board.entry(board.manifest)[:-1], board.entry(board.manifest) + b"\0"):
        with pytest.raises(RecordError):
            board.sequencer.submit(entry, now=board.now)


def test_the_same_entry_again_gets_the_same_receipt(voting: LiveBoard) -> None:
    ballot = voting.ballot(0)
    hashed = voting.submit(ballot)
    assert voting.submit(ballot) == hashed
    assert voting.beat().appended == 1
    first = voting.sequencer.receipt(hashed)
    assert first
    voting.post(voting.ballot(1), voting.ballot(0, previous=ballot.digest))
    voting.now = SCHEDULE.closes_at + 5
    assert voting.submit(ballot) == hashed, "even after the close"
    assert voting.beat().appended == 0
    assert voting.sequencer.receipt(hashed) == first


def test_order_within_a_beat(voting: LiveBoard) -> None:
    voting.submit(voting.ballot(0))
    voting.submit(Identified(count=3))
    voting.submit(voting.ballot(1))
    voting.submit(Identified(count=2))
    voting.submit(voting.ballot(2))
    size = len(logged(voting))
    report = voting.beat()
    # The second count is smaller than the first, which came before it.
    assert (report.appended, report.refused) == (4, 1)
    fresh = logged(voting)[size:]
    assert [entry.entry_type for entry in fresh] == ["identified", "ballot", "ballot", "ballot"]
    hashes = [entry.leaf_hash for entry in fresh[1:]]
    assert hashes == sorted(hashes)


def test_two_ballots_of_one_credential_take_two_beats(voting: LiveBoard) -> None:
    first = voting.ballot(0)
    second = voting.ballot(0, previous=first.digest)
    hashes = [voting.submit(first), voting.submit(second)]
    assert voting.beat().appended == 1
    assert isinstance(voting.sequencer.outcome(hashes[0]), Acknowledged)
    assert voting.sequencer.outcome(hashes[1]) == Waiting()
    assert voting.beat().appended == 1
    assert isinstance(voting.sequencer.outcome(hashes[1]), Acknowledged)


def test_of_two_ballots_with_one_previous_the_second_is_stale(voting: LiveBoard) -> None:
    hashes = [voting.submit(voting.ballot(0)) for _ in range(2)]
    voting.beat()
    voting.beat()
    assert isinstance(voting.sequencer.outcome(hashes[0]), Acknowledged)
    refusal = voting.sequencer.outcome(hashes[1])
    assert isinstance(refusal, Refusal)
    assert refusal.code == "stale-previous"


def test_what_was_refused_may_be_submitted_again(board: LiveBoard) -> None:
    board.found()
    for kind in (1, 2):
        board.submit(pledge(kind))
    early = records.sample(Open)
    assert board.refusal(early).code == "out-of-order"
    assert board.refusal(early).code == "out-of-order"
    third = board.submit(pledge(3))
    board.beat()
    assert isinstance(board.sequencer.outcome(third), Acknowledged)


def test_without_a_quorum_nothing_is_published(voting: LiveBoard) -> None:
    size, note = len(logged(voting)), voting.note()
    for witness in voting.witnesses[:2]:
        witness.reachable = False
    hashed = voting.submit(voting.ballot(0))
    report = voting.beat()
    assert (report.appended, report.tree_size, report.published_size) == (1, size + 1, size)
    assert not report.published
    assert {failure.witness for failure in report.failures} == {each.name for each in voting.witnesses[:2]}
    assert all("cut off" in failure.reason for failure in report.failures)
    assert voting.note() == note
    assert voting.sequencer.outcome(hashed) == Waiting()
    # Nothing is added meanwhile: a checkpoint brings the entries of one beat.
    later = voting.submit(voting.ballot(1))
    assert voting.beat().tree_size == size + 1
    voting.witnesses[0].reachable = True
    report = voting.beat()
    assert (report.tree_size, report.published_size, report.appended) == (size + 2, size + 2, 1)
    outcomes = [voting.sequencer.outcome(each) for each in (hashed, later)]
    assert all(isinstance(each, Acknowledged) for each in outcomes)
    with voting.store.snapshot() as tables:
        sizes = [kept.tree_size for kept in tables.log.checkpoints(0, tables.log.checkpoint_count())]
    assert sizes[-2:] == [size + 1, size + 2]


def test_signatures_stand_in_manifest_order(voting: LiveBoard) -> None:
    voting.witnesses[1].reachable = False
    voting.post(voting.ballot(0))
    names = [line.name for line in SignedNote.from_text(voting.note()).signatures]
    witnesses = [witness.name for witness in voting.witnesses]
    assert names == [voting.manifest.board.origin, witnesses[0], witnesses[2], witnesses[3]]


def test_a_witness_whose_clock_goes_back_is_left_out(voting: LiveBoard) -> None:
    voting.post(voting.ballot(0))
    # One that was set up anew does not know itself that it went back.
    voting.witnesses[3].clock_error = -3_600
    voting.witnesses[3].store = MemoryWitnessStore()
    voting.submit(voting.ballot(1))
    report = voting.beat()
    assert report.published
    assert [(each.witness, each.reason) for each in report.failures] == [
        (voting.witnesses[3].name, "its clock went back")
    ]
    voting.restart()
    assert "its clock went back" in voting.beat().failures[0].reason, "the times are read off the record"


def test_no_refresh_while_nothing_calls_for_one(voting: LiveBoard) -> None:
    voting.post(voting.ballot(0))
    count = checkpoint_count(voting)
    for _ in range(REFRESH_BEATS - 1):
        assert not voting.beat().published
    assert voting.beat().published
    assert not voting.beat().published
    assert checkpoint_count(voting) == count + 1


def test_refresh_when_opens_at_has_passed(board: LiveBoard) -> None:
    board.found()
    board.now = SCHEDULE.opens_at - 6
    assert [board.beat().published for _ in range(5)] == [False, False, True, False, False]
    times = [cosignature_time(each.signature) for each in SignedNote.from_text(board.note()).signatures[1:]]
    assert times == [SCHEDULE.opens_at] * 4


def test_refresh_before_the_grace_ends(voting: LiveBoard) -> None:
    voting.post(voting.ballot(0))
    bound = SCHEDULE.closes_at + SCHEDULE.grace
    voting.now = bound - 8
    assert [voting.beat().published for _ in range(5)] == [False, True, False, False, False]
    voting.post(Close(checkpoint=voting.note()))


def test_the_close_stays_the_close_while_witness_clocks_are_slow(voting: LiveBoard) -> None:
    bound = SCHEDULE.closes_at + SCHEDULE.grace
    voting.now = bound - 2
    for witness in voting.witnesses[:3]:
        witness.clock_error = -5
    voting.beat(0)
    close = Close(checkpoint=voting.note())
    voting.now = bound
    hashed = voting.submit(close)
    reports = [voting.beat() for _ in range(3)]
    assert [report.published for report in reports] == [False, False, True]
    assert "clocks" in reports[0].failures[-1].reason
    assert isinstance(voting.sequencer.outcome(hashed), Acknowledged)


def test_ballots_that_were_witnessed_too_late_are_not_acknowledged(voting: LiveBoard) -> None:
    voting.now = SCHEDULE.closes_at - 2
    hashed = voting.submit(voting.ballot(0))
    for witness in voting.witnesses:
        witness.reachable = False
    assert voting.beat().appended == 1
    voting.now = SCHEDULE.closes_at + SCHEDULE.grace
    for witness in voting.witnesses:
        witness.reachable = True
    assert voting.beat(1).published
    refusal = voting.sequencer.outcome(hashed)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "closed"


FAR_AHEAD = 10**9  # seconds


def test_a_witness_whose_clock_is_far_ahead_is_left_out(voting: LiveBoard) -> None:
    voting.witnesses[1].clock_error = FAR_AHEAD
    voting.witnesses[2].clock_error = MAX_AHEAD
    hashed = voting.submit(voting.ballot(0))
    report = voting.beat()
    assert [(each.witness, each.reason) for each in report.failures] == [
        (voting.witnesses[1].name, "its clock is ahead")
    ]
    names = [line.name for line in SignedNote.from_text(voting.note()).signatures[1:]]
    assert names == [voting.witnesses[place].name for place in (0, 2, 3)]
    assert isinstance(voting.sequencer.outcome(hashed), Acknowledged)


def test_no_ballot_is_late_because_a_witness_is_ahead(voting: LiveBoard) -> None:
    """Without it there is no quorum: the ballot waits for one, and is not refused."""
    voting.witnesses[0].reachable = voting.witnesses[1].reachable = False
    voting.witnesses[2].clock_error = FAR_AHEAD
    hashed = voting.submit(voting.ballot(0))
    assert not voting.beat().published
    assert isinstance(voting.sequencer.outcome(hashed), Waiting)
    voting.witnesses[0].reachable = voting.witnesses[1].reachable = True
    assert voting.beat().published
    assert isinstance(voting.sequencer.outcome(hashed), Acknowledged)


def test_a_ballot_that_was_in_time_after_all_has_its_receipt(voting: LiveBoard) -> None:
    (hashed,) = voting.post(voting.ballot(0))
    late = voting.entry(voting.ballot(1))
    with voting.store.transaction() as tables:
        tables.submissions.refuse({hashed: TOO_LATE, leaf_hash(late): TOO_LATE})
    assert isinstance(voting.sequencer.outcome(hashed), Acknowledged)
    assert voting.sequencer.outcome(leaf_hash(late)) == TOO_LATE, "it is not even on the log"


def test_ballots_wait_while_a_notice_is_new(voting: LiveBoard) -> None:
    ballot = voting.submit(voting.ballot(0))
    voting.submit(records.notice("incident", "Жарык өчтү"))
    assert voting.beat().appended == 1
    assert voting.sequencer.outcome(ballot) == Waiting()
    assert voting.beat().appended == 1


def test_a_revocation_beats_a_ballot_of_the_same_beat(voting: LiveBoard) -> None:
    credential = Bytes32(credential_of(voting.voters[0]))
    ballot = voting.submit(voting.ballot(0))
    voting.submit(Revocation(credential=credential, reason="voted-on-paper"))
    voting.beat()
    refusal = voting.sequencer.outcome(ballot)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "revoked-credential"


def test_a_manifest_of_another_board_is_refused(board: LiveBoard) -> None:
    plain = records.manifest_json()
    plain["board"]["origin"] = "elsewhere.example/sample-2027"
    assert board.refusal(records.manifest_of(plain)).code == "wrong-election"


def test_nothing_happens_before_start(board: LiveBoard) -> None:
    idle = Sequencer(board.store, signer=board.signer, witnesses=[])
    with pytest.raises(ReadOnlyError, match="not checked yet"):
        idle.beat(board.now)
    with pytest.raises(ReadOnlyError):
        idle.submit(board.entry(board.manifest), now=board.now)
    idle.close()


def test_of_two_sequencers_none_forks_the_log(voting: LiveBoard) -> None:
    links = [witness.link() for witness in voting.witnesses]
    rival = Sequencer(voting.store, signer=voting.signer, witnesses=links)
    rival.start()
    rival.beat(voting.now)
    for place, sequencer in enumerate((voting.sequencer, rival, voting.sequencer)):
        voting.submit(voting.ballot(place))
        voting.now += 2
        assert sequencer.beat(voting.now).appended == 1
    rival.close()
    voting.restart()


def test_a_moved_head_is_an_error_and_not_a_fork(voting: LiveBoard) -> None:
    with pytest.raises(HeadMovedError), voting.store.transaction() as tables:
        head = tables.log.head()
        tables.log.move_head(replace(head, tree_size=head.tree_size - 1), head)


TAMPERINGS = {
    "entry": ("update entries set data = x'00' where entry_index = 3", "entry 3 does not have its own hash"),
    "leaf": ("update entries set leaf_hash = zeroblob(32) where entry_index = 3", "entry 3"),
    "root": ("update trees set root_hash = zeroblob(32) where name = 'log'", "do not lead to its head"),
    "tile": ("update tiles set hashes = zeroblob(544) where tree = 'log'", "is not that of its entries"),
    "restored backup": (
        "delete from entries where entry_index = 16; update trees set tree_size = 16 where name = 'log'",
        "do not lead to its head",
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_store_that_contradicts_itself_is_read_only(
    opened_board: LiveBoard, tmp_path: Path, name: str
) -> None:
    statements, reason = TAMPERINGS[name]
    live = opened_board.copy(tmp_path)
    engine = create_engine(live.url)
    with engine.begin() as connection:
        for statement in statements.split(";"):
            connection.execute(text(statement))
    engine.dispose()
    idle = Sequencer(live.store, signer=live.signer, witnesses=[])
    with pytest.raises(ReadOnlyError, match=reason):
        idle.start()
    with pytest.raises(ReadOnlyError, match=reason):
        idle.beat(live.now)
    idle.close()
    live.close()


def test_tiles_that_rot_while_running_stop_the_board(voting: LiveBoard) -> None:
    engine = create_engine(voting.url)
    with engine.begin() as connection:
        connection.execute(text("update tiles set hashes = zeroblob(544) where tree = 'log'"))
    engine.dispose()
    voting.submit(voting.ballot(0))
    with pytest.raises(ReadOnlyError, match="tiles contradict"):
        voting.beat()
    with pytest.raises(ReadOnlyError, match="tiles contradict"):
        voting.submit(voting.ballot(1))


def test_a_restored_backup_never_forks_the_log(opened_board: LiveBoard, tmp_path: Path) -> None:
    (tmp_path / "now").mkdir()
    (tmp_path / "backup").mkdir()
    live = opened_board.copy(tmp_path / "now")
    live.post(live.ballot(0), live.ballot(1))
    live.close()
    restored = opened_board.copy(tmp_path / "backup")
    for witness, other in zip(restored.witnesses, live.witnesses, strict=True):
        witness.store = other.store
    hashed = restored.submit(restored.ballot(2))
    report = restored.beat()
    assert (report.appended, report.published) == (0, False)
    assert all("beyond our" in failure.reason for failure in report.failures)
    assert restored.sequencer.outcome(hashed) == Waiting()
    assert all(not witness.store.evidence for witness in restored.witnesses)
    restored.close()


def test_a_large_log_keeps_its_tiles(voting: LiveBoard) -> None:
    for _ in range(4):
        for _ in range(70):
            voting.submit(records.notice("incident", f"№ {next(voting.draws)}"))
        voting.beat()
    entries = logged(voting)
    assert len(entries) > 256
    assert [leaf_hash(entry.data) for entry in entries] == [entry.leaf_hash for entry in entries]
    voting.restart()
    note = Checkpoint.from_text(SignedNote.from_text(voting.note()).text)
    assert note.tree_size == len(entries)
