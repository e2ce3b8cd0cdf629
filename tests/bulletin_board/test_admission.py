"""What the board refuses when it appends: attacks on eligibility, times, chains and pads, each with its code."""

import pytest
from msgspec.structs import replace

from bulletin_board.errors import AppendRefused
from bulletin_board.log.merkle import leaf_hash
from bulletin_board.outcome import Acknowledged
from bulletin_board.records.bulk import fold
from bulletin_board.records.fields import Bytes32
from bulletin_board.records.roll import IssuerPledge, RollRow, encode_roll
from bulletin_board.records.voting import Close, Notice, Open, Reissue, Revocation
from bulletin_board.standing import look_up
from bulletin_board.store.port import Refusal, Standing, Submission
from tests.bulletin_board.live_board import CIPHERTEXTS, SCHEDULE, LiveBoard, credential_of, voter
from tests.support import records
from tests.tools.vector_files import drawn

CLOSES = SCHEDULE.closes_at
BOUND = CLOSES + SCHEDULE.grace


def credential(board: LiveBoard, place: int) -> Bytes32:
    return Bytes32(credential_of(board.voters[place]))


def revocation(board: LiveBoard, place: int) -> Revocation:
    return Revocation(credential=credential(board, place), reason="deceased")


def reissue(board: LiveBoard, place: int, row: RollRow) -> Reissue:
    return Reissue(old=credential(board, place), row=row, proofs=(records.PROOF, records.PROOF))


# Ballots out of time (N31, N32).


def test_no_ballot_before_the_ceremony_is_over(board: LiveBoard) -> None:
    assert board.refusal(records.ballot()).code == "not-open"
    board.found()
    assert board.refusal(records.ballot()).code == "not-open"
    board.hold_ceremony()
    board.enrol([voter(place) for place in range(2)])
    board.now = SCHEDULE.opens_at + 10
    assert board.refusal(board.ballot(0)).code == "not-open"
    board.open()
    board.post(board.ballot(0))


def test_no_ballot_after_closes_at(voting: LiveBoard) -> None:
    voting.now = CLOSES
    with pytest.raises(AppendRefused, match="closed: voting closed at"):
        voting.submit(voting.ballot(0))


def test_what_was_sent_in_time_gets_in_while_the_grace_lasts(voting: LiveBoard) -> None:
    voting.now = CLOSES - 1
    hashed = voting.submit(voting.ballot(0))
    voting.now = BOUND - 4
    voting.beat()
    assert isinstance(voting.sequencer.outcome(hashed), Acknowledged)


def test_nothing_gets_in_when_the_grace_is_over(voting: LiveBoard) -> None:
    voting.now = CLOSES - 1
    hashed = voting.submit(voting.ballot(0))
    voting.now = BOUND - 3
    voting.beat()
    assert voting.sequencer.outcome(hashed) == Refusal("closed", f"voting closed at {CLOSES}")


def test_no_ballot_after_the_close(voting: LiveBoard) -> None:
    voting.close_voting()
    voting.now = CLOSES - 10  # a clock that is wrong does not help
    assert voting.refusal(voting.ballot(0)).code == "closed"


# Who may vote (N26, N27, C 23).


def test_no_ballot_of_a_stranger(voting: LiveBoard) -> None:
    voting.voters.append(voter("stranger"))
    assert voting.refusal(voting.ballot(-1)).code == "unknown-credential"


def test_no_ballot_of_a_revoked_credential(voting: LiveBoard) -> None:
    voting.post(revocation(voting, 1))
    assert voting.refusal(voting.ballot(1)).code == "revoked-credential"
    voting.post(voting.ballot(2))


def test_no_ballot_of_a_replaced_credential_but_of_the_new_one(voting: LiveBoard) -> None:
    first = voting.ballot(1)
    voting.post(first)
    voting.post(reissue(voting, 1, voter("new")))
    assert voting.refusal(voting.ballot(1, previous=first.digest)).code == "revoked-credential"
    voting.voters[1] = voter("new")
    assert voting.refusal(voting.ballot(1, previous=first.digest)).code == "stale-previous"
    voting.post(voting.ballot(1))


def test_no_ballot_in_another_style_or_election(voting: LiveBoard) -> None:
    assert voting.refusal(voting.ballot(0, style="village")).code == "wrong-style"
    assert voting.refusal(voting.ballot(0, election_id="sample-2028")).code == "wrong-election"


# The chain (N29) and pads (N15, N16, N69).


def test_an_old_ballot_does_not_come_after_a_newer_one(voting: LiveBoard) -> None:
    first = voting.ballot(0)
    second = voting.ballot(0, previous=first.digest)
    voting.post(first)
    voting.post(second)
    for stale in (
        voting.ballot(0),
        voting.ballot(0, previous=first.digest),
        voting.ballot(0, previous=b"?" * 64),
    ):
        assert voting.refusal(stale).code == "stale-previous"
    voting.post(voting.ballot(0, previous=second.digest))


def test_a_copied_pad_is_refused(voting: LiveBoard) -> None:
    original = drawn("an original ballot", 64 * CIPHERTEXTS)
    voting.post(voting.ballot(0, ciphertexts=original))
    copied = original[64 * 3 : 64 * 3 + 32] + drawn("re-randomised data", 32)
    others = drawn("other ciphertexts", 64 * (CIPHERTEXTS - 1))
    for ciphertexts in (original, others + copied):
        assert voting.refusal(voting.ballot(1, ciphertexts=ciphertexts)).code == "repeated-pad"


def test_of_two_ballots_of_one_beat_with_one_pad_one_is_refused(voting: LiveBoard) -> None:
    same = drawn("same", 64 * CIPHERTEXTS)
    hashes = [voting.submit(voting.ballot(place, ciphertexts=same)) for place in (0, 1)]
    assert voting.beat().appended == 1
    refused = [each for each in map(voting.sequencer.outcome, hashes) if isinstance(each, Refusal)]
    assert [each.code for each in refused] == ["repeated-pad"]


def test_a_pad_twice_in_one_ballot(voting: LiveBoard) -> None:
    once = drawn("once", 64)
    assert voting.refusal(voting.ballot(0, ciphertexts=once + drawn("x", 64) + once)).code == "repeated-pad"


@pytest.mark.parametrize("size", [1, 63, 65])
def test_ciphertexts_of_no_whole_number(voting: LiveBoard, size: int) -> None:
    assert voting.refusal(voting.ballot(0, ciphertexts=drawn("x", size))).code == "malformed"


def test_a_refused_ballot_spends_no_pad(voting: LiveBoard) -> None:
    ciphertexts = drawn("kept for a second try", 64 * CIPHERTEXTS)
    assert (
        voting.refusal(voting.ballot(0, previous=b"?" * 64, ciphertexts=ciphertexts)).code == "stale-previous"
    )
    voting.post(voting.ballot(0, ciphertexts=ciphertexts))


def test_a_ballot_with_addenda(voting: LiveBoard) -> None:
    large = voting.ballot(0, ciphertexts=drawn("large", 64 * 800))
    body, addenda = fold(large)
    assert len(addenda) == 2
    voting.post(body, addenda=addenda.values())
    again, addenda = fold(voting.ballot(1, ciphertexts=drawn("large", 64 * 800)))
    assert voting.refusal(again, addenda.values()).code == "repeated-pad"


def test_a_flood_of_one_credential_does_not_fill_the_queue(voting: LiveBoard) -> None:
    flood = [voting.submit(voting.ballot(0)) for _ in range(50)]
    other = voting.submit(voting.ballot(1))
    report = voting.beat()
    assert (report.appended, report.refused) == (2, 49)
    assert isinstance(voting.sequencer.outcome(flood[0]), Acknowledged)
    assert isinstance(voting.sequencer.outcome(other), Acknowledged)


def test_a_long_chain_of_one_credential_does_not_fill_the_queue(voting: LiveBoard) -> None:
    chain = [voting.ballot(0)]
    while len(chain) < 9:
        chain.append(voting.ballot(0, previous=chain[-1].digest))
    hashes = [voting.submit(ballot) for ballot in chain]
    report = voting.beat()
    assert (report.appended, report.refused) == (1, 4)
    codes = {each.code for each in map(voting.sequencer.outcome, hashes) if isinstance(each, Refusal)}
    assert codes == {"unavailable", "stale-previous"}
    assert [voting.beat().appended for _ in range(5)] == [1, 1, 1, 1, 0]


def test_a_bad_ballot_does_not_hold_up_a_good_one_of_its_credential(voting: LiveBoard) -> None:
    bad = voting.submit(voting.ballot(0, previous=b"?" * 64))
    good = voting.submit(voting.ballot(0))
    assert voting.beat().appended == 1
    assert isinstance(voting.sequencer.outcome(bad), Refusal)
    assert isinstance(voting.sequencer.outcome(good), Acknowledged)


# The roll (N27, N28).


def enrolling(board: LiveBoard) -> None:
    board.found()
    board.hold_ceremony()
    board.post(*(IssuerPledge(issuer=name, digest=records.b64(name)) for name in records.ISSUERS))


def _in_order(*rows: RollRow) -> list[RollRow]:
    return sorted(rows, key=credential_of)


A, B, C = _in_order(*(voter(place) for place in "abc"))
ROLLS: dict[str, tuple[list[RollRow], str]] = {
    "descending": ([B, A], "not above the one before"),
    "the same row twice": ([A, A], "not above the one before"),
    "a part of another row": (
        _in_order(A, RollRow(parts=(A.parts[0], B.parts[1]), style="city", unit="north-1")),
        "has a part that another row has",
    ),
    "one part only": ([RollRow(parts=A.parts[:1], style="city", unit="north-1")], "1 parts for 2 issuers"),
    "no element": (
        [RollRow(parts=(Bytes32(b"\xff" * 32), A.parts[1]), style="city", unit="north-1")],
        "not a canonical",
    ),
    "the identity": (
        [RollRow(parts=(Bytes32(bytes(32)), A.parts[1]), style="city", unit="north-1")],
        "the identity",
    ),
    "an unknown style": ([replace(A, style="moon")], "ballot style moon"),
    "an unknown unit": ([replace(A, unit="moon")], "unit moon"),
}


@pytest.mark.parametrize("name", ROLLS)
def test_a_wrong_roll_is_refused_and_leaves_nothing(board: LiveBoard, name: str) -> None:
    rows, detail = ROLLS[name]
    enrolling(board)
    roll, addenda = encode_roll(rows)
    refusal = board.refusal(roll, addenda.values())
    assert refusal.code == "malformed"
    assert detail in refusal.detail
    good, addenda = encode_roll([A, B, C])
    board.post(good, addenda=addenda.values())


def test_a_roll_that_is_not_its_rows(board: LiveBoard) -> None:
    enrolling(board)
    roll, addenda = encode_roll([A, B])
    assert "root" in board.refusal(replace(roll, root=records.b32("x")), addenda.values()).detail


def test_the_roll_does_not_change_after_opening(voting: LiveBoard) -> None:
    roll, addenda = encode_roll([A, B, C])
    assert voting.refusal(roll, addenda.values()).code == "out-of-order"


# Revocations and reissues.


def test_a_credential_ends_once(voting: LiveBoard) -> None:
    voting.post(revocation(voting, 0))
    assert voting.refusal(Revocation(credential=credential(voting, 0), reason="lost-right")).code == (
        "revoked-credential"
    )
    assert voting.refusal(reissue(voting, 0, voter("new"))).code == "revoked-credential"
    voting.post(reissue(voting, 1, voter("new")))
    assert voting.refusal(revocation(voting, 1)).code == "revoked-credential"
    assert voting.refusal(reissue(voting, 1, voter("newer"))).code == "revoked-credential"


def test_of_two_revocations_in_one_beat_one_is_refused(voting: LiveBoard) -> None:
    voting.submit(revocation(voting, 0))
    voting.submit(Revocation(credential=credential(voting, 0), reason="lost-right"))
    report = voting.beat()
    assert (report.appended, report.refused) == (1, 1)


def test_nobody_ends_an_unknown_credential(voting: LiveBoard) -> None:
    unknown = Revocation(credential=records.b32("unknown"), reason="deceased")
    assert voting.refusal(unknown).code == "unknown-credential"
    body = Reissue(old=records.b32("unknown"), row=voter("new"), proofs=(records.PROOF, records.PROOF))
    assert voting.refusal(body).code == "unknown-credential"


def test_a_reissue_uses_nothing_that_was_used(voting: LiveBoard) -> None:
    new = voter("new")
    old = voting.voters[1]
    same = replace(new, parts=(new.parts[0], new.parts[0]))
    for row in (replace(new, parts=(new.parts[0], old.parts[1])), old, same):
        assert "used before" in voting.refusal(reissue(voting, 0, row)).detail
    for row in (replace(new, style="village"), replace(new, unit="south-1")):
        assert "another style or unit" in voting.refusal(reissue(voting, 0, row)).detail
    voting.post(reissue(voting, 0, new))
    assert (
        "used before" in voting.refusal(reissue(voting, 2, replace(voter("x"), parts=new.parts[::-1]))).detail
    )


def test_standing_is_shown_as_published(voting: LiveBoard) -> None:
    ballot = voting.ballot(0)
    voting.post(ballot)
    for witness in voting.witnesses:
        witness.reachable = False
    voting.submit(revocation(voting, 0))
    voting.submit(voting.ballot(1))
    voting.beat()
    shown = look_up(voting.store, credential(voting, 0))
    assert shown
    assert (shown.standing, [each.digest for each in shown.ballots]) == (Standing.EFFECTIVE, [ballot.digest])
    other = look_up(voting.store, credential(voting, 1))
    assert other
    assert other.ballots == ()
    for witness in voting.witnesses:
        witness.reachable = True
    voting.beat()
    shown = look_up(voting.store, credential(voting, 0))
    assert shown
    assert shown.standing is Standing.REVOKED


# Opening and close.


def opening(board: LiveBoard) -> None:
    board.found()
    board.hold_ceremony()
    board.enrol([voter(place) for place in range(2)])


def test_voting_opens_with_a_checkpoint_of_its_time(board: LiveBoard) -> None:
    opening(board)
    early = board.note()
    assert "not cosigned since" in board.refusal(Open(checkpoint=early)).detail
    board.now = SCHEDULE.opens_at
    for witness in board.witnesses[2:]:
        witness.clock_error = -100
    board.beat()
    assert "not cosigned since" in board.refusal(Open(checkpoint=board.note())).detail
    for witness in board.witnesses[2:]:
        witness.clock_error = 0
    board.submit(records.notice("incident", "Саат оңдолду"))
    board.beat()
    board.post(Open(checkpoint=board.note()))


def test_voting_opens_on_this_log_only(board: LiveBoard) -> None:
    opening(board)
    board.now = SCHEDULE.opens_at
    board.beat()
    note = board.note()
    head, _, lines = note.partition("\n\n")
    first = "\n".join(lines.splitlines()[:1]) + "\n"
    for foreign in (f"{head}\n\n{first}", note.replace("sample-2027\n", "sample-2028\n", 1)):
        assert "none that this board has published" in board.refusal(Open(checkpoint=foreign)).detail
    assert board.refusal(Open(checkpoint="no note")).code == "malformed"
    board.post(Open(checkpoint=note))


def test_voting_opens_after_the_roll(board: LiveBoard) -> None:
    board.found()
    board.hold_ceremony()
    board.now = SCHEDULE.opens_at
    board.beat()
    before_roll = board.note()
    board.enrol([voter(place) for place in range(2)])
    assert "does not cover the roll" in board.refusal(Open(checkpoint=before_roll)).detail
    board.post(Open(checkpoint=board.note()))


def test_the_close_embeds_the_last_checkpoint_in_time(voting: LiveBoard) -> None:
    earlier = voting.note()
    voting.post(voting.ballot(0))
    voting.now = BOUND - 4
    voting.beat()
    last = voting.note()
    voting.now = BOUND - 2
    assert f"not before {BOUND}" in voting.refusal(Close(checkpoint=last)).detail
    voting.post(records.notice("incident", "Кеч"))
    assert "the last in time" in voting.refusal(Close(checkpoint=earlier)).detail
    assert "the last in time" in voting.refusal(Close(checkpoint=voting.note())).detail
    voting.post(Close(checkpoint=last))


# Notices.


def notices_too_late() -> list[Notice]:
    kinds = ("suspend", "resume", "annul")
    return [records.notice(kind, "Кеч") for kind in kinds] + [
        records.notice("extend", "Кеч", closes_at=CLOSES + 999)
    ]


def test_a_decision_that_comes_too_late_is_refused(voting: LiveBoard) -> None:
    voting.now = CLOSES
    for notice in notices_too_late():
        assert "voting closed at" in voting.refusal(notice).detail
    voting.post(records.notice("incident", "Кеч"))


def test_suspended_and_resumed(voting: LiveBoard) -> None:
    voting.post(records.notice("suspend", "Токтотулду"))
    assert voting.refusal(voting.ballot(0)).code == "not-open"
    voting.post(records.notice("resume", "Улантылды"))
    voting.post(voting.ballot(0))


def test_annulled(voting: LiveBoard) -> None:
    voting.post(records.notice("annul", "Жокко чыгарылды"))
    assert voting.refusal(voting.ballot(0)).code == "closed"


def test_extended(voting: LiveBoard) -> None:
    for closes_at in (CLOSES - 1, CLOSES):
        notice = records.notice("extend", "Узартылды", closes_at=closes_at)
        assert "closes at" in voting.refusal(notice).detail
    voting.post(records.notice("extend", "Узартылды", closes_at=CLOSES + 600))
    voting.now = CLOSES + 500
    voting.post(voting.ballot(0))
    voting.now = BOUND + 1
    note = voting.note()
    assert f"not before {BOUND + 600}" in voting.refusal(Close(checkpoint=note)).detail


def test_a_suspension_that_the_quorum_saw_too_late_stops_nobody(voting: LiveBoard) -> None:
    voting.now = CLOSES - 3
    for witness in voting.witnesses:
        witness.clock_error = 10
    voting.submit(records.notice("suspend", "Токтотулду"))
    hashed = voting.submit(voting.ballot(0))
    voting.beat()
    voting.beat()
    assert isinstance(voting.sequencer.outcome(hashed), Acknowledged)


# Whatever else.


def test_addenda_must_be_there(voting: LiveBoard) -> None:
    """Only a program of ours could let such a submission wait; the log does not take it all the same."""
    roll, _ = encode_roll([A, B])
    body, _ = fold(voting.ballot(0, ciphertexts=drawn("large", 64 * 800)))
    for posted, code in ((roll, "out-of-order"), (body, "malformed")):
        entry = voting.entry(posted)
        with voting.store.transaction() as tables:
            tables.submissions.add_pending(Submission(leaf_hash(entry), entry))
        voting.beat()
        refusal = voting.sequencer.outcome(leaf_hash(entry))
        assert isinstance(refusal, Refusal)
        assert refusal.code == code


def test_a_pending_row_that_is_no_record_is_refused(voting: LiveBoard) -> None:
    with voting.store.transaction() as tables:
        tables.submissions.add_pending(Submission(bytes(32), b"not a record"))
    assert voting.beat().refused == 1
    refusal = voting.sequencer.outcome(bytes(32))
    assert isinstance(refusal, Refusal)
    assert refusal.code == "malformed"
