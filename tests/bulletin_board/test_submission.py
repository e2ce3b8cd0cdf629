"""The desk: addenda that are announced and brought, and what a board knows at any time."""

import pytest

from bulletin_board.errors import AddendaWanted, AppendRefused
from bulletin_board.log.addenda import addendum_digest
from bulletin_board.outcome import Acknowledged, Waiting, ballot_outcome
from bulletin_board.phases import Phase
from bulletin_board.records.roll import IssuerPledge, Roll, encode_roll
from bulletin_board.records.voting import Identified
from tests.bulletin_board.live_board import LiveBoard, credential_of, voter
from tests.support import records


@pytest.fixture
def enrolling(board: LiveBoard) -> tuple[LiveBoard, Roll, dict[bytes, bytes]]:
    """A board that waits for its roll, the roll, and its addendum."""
    board.found()
    board.hold_ceremony()
    board.post(*(IssuerPledge(issuer=name, digest=records.b64(name)) for name in records.ISSUERS))
    roll, addenda = encode_roll(sorted((voter(place) for place in range(3)), key=credential_of))
    return board, roll, addenda


def test_addenda_are_announced_then_brought(
    enrolling: tuple[LiveBoard, Roll, dict[bytes, bytes]],
) -> None:
    board, roll, addenda = enrolling
    ((name, data),) = addenda.items()
    desk = board.sequencer.desk
    with pytest.raises(AppendRefused, match="not-found"):
        desk.keep_addendum(name, data)
    with pytest.raises(AddendaWanted) as caught:
        board.submit(roll)
    assert caught.value.sizes == {name: len(data)}
    for wrong in (data[:-1], data + b"\0", bytes(len(data))):
        with pytest.raises(AppendRefused, match="malformed"):
            desk.keep_addendum(name, wrong)
    desk.keep_addendum(name, data)
    desk.keep_addendum(name, data)
    board.post(roll)
    with board.store.snapshot() as tables:
        assert tables.submissions.addendum(name) == (data, 15)
        assert tables.submissions.wanted_size(name) is None


def test_an_addendum_that_no_entry_names_is_refused(
    enrolling: tuple[LiveBoard, Roll, dict[bytes, bytes]],
) -> None:
    board, roll, addenda = enrolling
    for extra in (b"something else", next(iter(addenda.values())) + b"\0"):
        with pytest.raises(AppendRefused, match="not one that the entry names"):
            board.submit(roll, [*addenda.values(), extra])
    with board.store.snapshot() as tables:
        assert tables.submissions.pending_count() == 0
        assert tables.submissions.addendum(addendum_digest(b"something else")) is None


def test_the_account_follows_the_log(voting: LiveBoard) -> None:
    desk = voting.sequencer.desk
    account = desk.account()
    assert account.state.phase is Phase.VOTING
    assert account.tree_size == account.published_size == 17
    voting.post(Identified(count=5))
    assert desk.account().tree_size == 18


def test_ballots_are_found_by_their_digest(voting: LiveBoard) -> None:
    ballot = voting.ballot(0)
    assert ballot_outcome(voting.store, ballot.digest) is None
    hashed = voting.submit(ballot)
    assert ballot_outcome(voting.store, ballot.digest) == Waiting()
    voting.beat()
    outcome = ballot_outcome(voting.store, ballot.digest)
    assert outcome == voting.sequencer.outcome(hashed)
    assert isinstance(outcome, Acknowledged)
    stale = voting.ballot(0)
    assert voting.refusal(stale).code == "stale-previous"
    assert ballot_outcome(voting.store, stale.digest) is None
