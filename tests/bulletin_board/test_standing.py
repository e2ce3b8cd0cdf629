"""What a voter's client is told about its credential, and that its row is on the roll."""

import pytest

from bulletin_board.log.merkle import leaf_hash
from bulletin_board.log.proofs import verify_inclusion
from bulletin_board.records.canonical import jcs
from bulletin_board.records.fields import Bytes32
from bulletin_board.records.roll import roll_root
from bulletin_board.records.voting import Reissue
from bulletin_board.standing import look_up
from bulletin_board.store.port import Standing
from tests.bulletin_board.live_board import LiveBoard, credential_of, voter
from tests.support import records


@pytest.mark.parametrize("voters", [1, 4, 300])
def test_every_row_is_proven_to_be_on_the_roll(board: LiveBoard, voters: int) -> None:
    board.found()
    board.hold_ceremony()
    board.enrol([voter(place) for place in range(voters)])
    root = roll_root(board.voters)
    for index, row in list(enumerate(board.voters))[:: -(-voters // 20)]:
        view = look_up(board.store, credential_of(row))
        assert view
        assert (view.row_index, view.row_text) == (index, jcs(row).decode())
        assert (view.standing, view.ballots, view.tree_size) == (Standing.EFFECTIVE, (), 16)
        verify_inclusion(index, voters, leaf_hash(view.row_text.encode()), view.row_proof, root)


def test_nobody_is_unknown_and_known(voting: LiveBoard, board: LiveBoard) -> None:
    assert look_up(voting.store, bytes(32)) is None
    assert look_up(board.store, credential_of(voting.voters[0])) is None


def test_ballots_oldest_first(voting: LiveBoard) -> None:
    first = voting.ballot(0)
    second = voting.ballot(0, previous=first.digest)
    voting.post(first)
    voting.post(second)
    view = look_up(voting.store, credential_of(voting.voters[0]))
    assert view
    assert [each.digest for each in view.ballots] == [first.digest, second.digest]
    assert [each.entry_index for each in view.ballots] == [17, 18]


def test_a_reissued_row_stands_in_no_tree(voting: LiveBoard) -> None:
    old, new = voting.voters[0], voter("new")
    body = Reissue(old=Bytes32(credential_of(old)), row=new, proofs=(records.PROOF, records.PROOF))
    for witness in voting.witnesses:
        witness.reachable = False
    voting.submit(body)
    voting.beat()
    assert look_up(voting.store, credential_of(new)) is None, "not published yet"
    for witness in voting.witnesses:
        witness.reachable = True
    voting.beat()
    view = look_up(voting.store, credential_of(new))
    assert view
    assert (view.row_index, view.row_proof, view.row_text) == (None, (), jcs(new).decode())
    replaced = look_up(voting.store, credential_of(old))
    assert replaced
    assert replaced.standing is Standing.REPLACED
