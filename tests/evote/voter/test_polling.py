"""What a voter's program believes about an election and about a row of the roll."""

from functools import cache

import pytest
from msgspec.structs import replace

from bulletin_board.answers import CredentialAnswer, RowAnswer
from bulletin_board.errors import LogProofError, MissingFile, RecordError
from bulletin_board.log.merkle import inclusion_proof, leaf_hash
from bulletin_board.records.canonical import jcs
from bulletin_board.records.fields import Bytes32
from bulletin_board.records.roll import RollRow, row_leaf
from bulletin_board.records.voting import Reissue
from evote.election.ballot_box import credential_of
from evote.election.public_log import PublicLog
from evote.errors import BoardStateError, VoterError
from evote.voter.polling import PollingPlace
from tests.support.election import World, build_election
from tests.support.small_board import MemoryFiles


@cache
def world() -> World:
    return build_election(until="voting")


def enter(other: World | None = None) -> PollingPlace:
    at = other or world()
    return PollingPlace.enter(MemoryFiles(at.board.files()), at.manifest.digest)


def rows() -> list[RollRow]:
    place = enter()
    public = PublicLog.open(place.files, place.parameters.manifest)
    return list(public.rows(place.parameters.roll))


def answer(place: int, *, text: str | None = None, index: int | None = None) -> CredentialAnswer:
    every = rows()
    proof = inclusion_proof(place, [leaf_hash(row_leaf(row)) for row in every])
    return CredentialAnswer(
        credential=Bytes32(credential_of(every[place])),
        standing="effective",
        ballots=(),
        row=RowAnswer(
            index=place if index is None else index,
            text=text or jcs(every[place]).decode(),
            proof=tuple(map(Bytes32, proof)),
        ),
        tree_size=world().board.checkpoint().tree_size,
    )


def reissued() -> RollRow:
    place = enter()
    (row,) = (
        body.row
        for _, body in PublicLog.open(place.files, place.parameters.manifest).records()
        if isinstance(body, Reissue)
    )
    return row


def later(row: RollRow) -> CredentialAnswer:
    proved = RowAnswer(index=None, text=jcs(row).decode(), proof=())
    return replace(answer(0), credential=Bytes32(credential_of(row)), row=proved)


def test_every_row_of_the_roll_is_believed() -> None:
    place = enter()
    for index, row in enumerate(rows()):
        assert place.row_of(answer(index)) == row


def test_row_of_somebody_else_is_not() -> None:
    with pytest.raises(VoterError, match="row of another one"):
        enter().row_of(replace(answer(0), credential=answer(1).credential))


def test_row_that_is_not_on_the_roll_is_not() -> None:
    moved = replace(rows()[0], unit="south-2")
    with pytest.raises(LogProofError):
        enter().row_of(answer(0, text=jcs(moved).decode()))
    with pytest.raises(LogProofError):
        enter().row_of(answer(0, index=1))
    with pytest.raises(RecordError, match="canonical"):
        enter().row_of(answer(0, text=jcs(rows()[0]).decode() + " "))


def test_row_of_a_reissue_is_believed_when_it_is_on_the_log() -> None:
    row = reissued()
    assert enter().row_of(later(row)) == row
    for other in (replace(row, unit="north-1"), rows()[0]):
        with pytest.raises(VoterError, match="neither on the roll nor on the log"):
            enter().row_of(later(other))


def test_another_election_is_not_entered() -> None:
    files = MemoryFiles(world().board.files())
    with pytest.raises(RecordError, match="pinned"):
        PollingPlace.enter(files, bytes(32))
    with pytest.raises(MissingFile):
        PollingPlace.enter(MemoryFiles({}), world().manifest.digest)


def test_nobody_enters_before_the_roll() -> None:
    with pytest.raises(BoardStateError, match="not complete"):
        enter(build_election(until="ceremony"))


def test_trustees_who_confirmed_other_keys_are_noticed() -> None:
    from bulletin_board.records.ceremony import Confirm
    from tests.support.records import b64

    def change(body: Confirm, _: World) -> Confirm:
        return replace(body, base=b64("another"))

    with pytest.raises(BoardStateError, match="confirmed other keys"):
        enter(build_election(bend={"confirm 2": change}, until="roll"))
