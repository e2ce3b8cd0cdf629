"""The voter's cryptography: what is sealed opens to the choices, and what is cast holds."""

import secrets
from functools import cache

import pytest

from bulletin_board.records.ballot import NO_PREVIOUS, BallotBody
from bulletin_board.records.bulk import Bulk
from bulletin_board.records.roll import RollRow
from crypto.ballot_batch import BallotItem, check_ballots
from crypto.ballot_encryption import SelectionError
from crypto.ballot_proof import BallotProof
from crypto.ballot_statement import BallotStatement
from crypto.elgamal import CiphertextArray
from crypto.tracking import tracking_code
from evote.election.ballot_box import credential_of
from evote.election.parameters import ElectionParameters
from evote.election.public_log import PublicLog
from evote.errors import VoterError
from evote.voter.booth import SealedVote, VotingRight, choose, join_right, seal_vote
from tests.support.ballots import bytes_for
from tests.support.election import VOTERS, build_election
from tests.support.sample_manifest import ISSUERS
from tests.support.small_board import MemoryFiles

CHOICES = {"president": ["bakyt"], "council": ["list-a", "list-c"], "bridge": ["yes"]}
SELECTIONS = (0, 1, 0, 1, 0, 1, 0, 1, 0)


@cache
def public() -> PublicLog:
    world = build_election(until="roll")
    return PublicLog.open(MemoryFiles(world.board.files()), world.manifest)


@cache
def parameters() -> ElectionParameters:
    return public().parameters()


def bits_of(voter: str) -> dict[str, bytes]:
    return {issuer: bytes_for(f"{issuer} {voter}", 16) for issuer in ISSUERS}


def row_of(voter: str) -> RollRow:
    """The row that this voter's parts open; there is exactly one."""
    found = []
    for row in public().rows(parameters().roll):
        try:
            join_right(parameters(), bits_of(voter), row)
        except VoterError:
            continue
        found.append(row)
    (row,) = found
    return row


def right(voter: str = "v0") -> VotingRight:
    return join_right(parameters(), bits_of(voter), row_of(voter))


def seal(choices: dict[str, list[str]] | None = None) -> SealedVote:
    return seal_vote(parameters(), right(), CHOICES if choices is None else choices, secrets.token_bytes)


def item(body: BallotBody) -> BallotItem:
    shape = parameters().manifest.shape(body.style)
    assert isinstance(body.ciphertexts.form, bytes)
    assert isinstance(body.proof.form, bytes)
    ciphertexts = CiphertextArray.decode(body.ciphertexts.form)
    statement = BallotStatement(
        parameters().context, shape, parameters().key, right().credential, body.previous, ciphertexts
    )
    return BallotItem(statement, BallotProof.decode(body.proof.form, shape))


def test_joined_credential_is_the_one_of_the_row() -> None:
    joined = right()
    assert joined.credential.encoded == credential_of(joined.row)
    assert (joined.row.style, joined.row.unit) == VOTERS["v0"]
    assert "secret" not in repr(joined)


@pytest.mark.parametrize("issuer", list(ISSUERS))
def test_wrong_part_names_its_issuer(issuer: str) -> None:
    row = row_of("v0")
    with pytest.raises(VoterError, match=f"part from {issuer} does not belong"):
        join_right(parameters(), bits_of("v0") | {issuer: bytes(16)}, row)
    with pytest.raises(VoterError, match=f"no part from {issuer}"):
        join_right(parameters(), {key: bits for key, bits in bits_of("v0").items() if key != issuer}, row)


def test_parts_cannot_change_places() -> None:
    first, second = ISSUERS
    bits = bits_of("v0")
    with pytest.raises(VoterError):
        join_right(parameters(), {first: bits[second], second: bits[first]}, row_of("v0"))


def test_checked_vote_opens_to_the_choices() -> None:
    sealed = seal()
    checked = sealed.check()
    assert checked.tracking_code == sealed.tracking_code
    assert checked.open(key=parameters().key, context=parameters().context) == SELECTIONS


def test_cast_vote_holds_and_bears_the_tracking_code_that_was_shown() -> None:
    sealed = seal()
    body, addenda = sealed.cast(NO_PREVIOUS, secrets.token_bytes)
    assert addenda == {}
    assert (body.election_id, body.style) == (parameters().manifest.election_id, "city")
    assert isinstance(body.ciphertexts.form, bytes)
    code = tracking_code(parameters().context, body.style, right().credential, body.ciphertexts.form)
    assert code == sealed.tracking_code
    assert check_ballots([item(body)], secrets.token_bytes(32)).invalid == ()


def test_same_ciphertexts_take_a_new_proof_for_another_previous() -> None:
    sealed = seal()
    first, _ = sealed.cast(NO_PREVIOUS, secrets.token_bytes)
    second, _ = sealed.cast(first.digest, secrets.token_bytes)
    assert first.ciphertexts == second.ciphertexts
    assert first.proof != second.proof
    assert check_ballots([item(first), item(second)], secrets.token_bytes(32)).invalid == ()


def test_checked_vote_is_never_cast() -> None:
    sealed = seal()
    assert sealed.check() == sealed.check()
    with pytest.raises(RuntimeError, match="was checked"):
        sealed.cast(NO_PREVIOUS, secrets.token_bytes)


def test_cast_vote_is_never_opened() -> None:
    sealed = seal()
    sealed.cast(NO_PREVIOUS, secrets.token_bytes)
    with pytest.raises(RuntimeError, match="was cast"):
        sealed.check()


def test_every_sealing_is_fresh() -> None:
    one, two = seal(), seal()
    assert one.encrypted.seed != two.encrypted.seed
    assert one.tracking_code != two.tracking_code
    assert "seed" not in repr(one)


def test_choices_become_selections_in_ballot_order() -> None:
    shape = parameters().manifest.shape("city")
    assert choose(shape, CHOICES).selections == SELECTIONS
    abstaining = {"president": ["aida"], "bridge": ["no"]}
    assert choose(shape, abstaining).selections == (1, 0, 0, 0, 0, 0, 0, 0, 1)


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ({"mayor": ["aida"]}, "contest mayor: not on this ballot"),
        ({"president": ["nobody"]}, "contest president: .* nobody"),
    ],
)
def test_unknown_choices_are_refused(choices: dict[str, list[str]], reason: str) -> None:
    with pytest.raises(VoterError, match=reason):
        seal(choices)


@pytest.mark.parametrize(
    "change",
    [
        {"president": []},
        {"president": ["aida", "bakyt"]},
        {"council": ["list-a", "list-b", "list-c"]},
        {"council": ["list-a", "nobody"]},
    ],
)
def test_choices_out_of_bounds_are_refused(change: dict[str, list[str]]) -> None:
    with pytest.raises(SelectionError, match=next(iter(change))):
        seal(CHOICES | change)


def test_a_changed_ballot_does_not_hold() -> None:
    body, _ = seal().cast(NO_PREVIOUS, secrets.token_bytes)
    packed = body.ciphertexts.form
    assert isinstance(packed, bytes)
    from msgspec.structs import replace

    swapped = replace(body, ciphertexts=Bulk(packed[64:128] + packed[:64] + packed[128:]))
    assert len(check_ballots([item(swapped)], secrets.token_bytes(32)).invalid) == 1
