"""Openings of checked ballots that do not open, or of ballots that were cast."""

from collections.abc import Callable

from msgspec.structs import replace

from bulletin_board.records.fields import Base64Bytes, Bytes32
from bulletin_board.records.openings import CheckedBallotOpening, encode_opening
from crypto.group import GENERATOR
from tests.support.ballots import bytes_for
from tests.support.election import CASTS, World, build_election, make_ballot, opening_of
from tests.support.small_board import MemoryFiles
from tests.tamper.harness import Tampered, tampered
from verifier.voter_files import VoterFile, VoterFiles


def checked(world: World) -> CheckedBallotOpening:
    """A ballot that a voter checked and never cast."""
    board, heads = list(world.board.entries), dict(world.heads)
    make_ballot(world, "checked", "v6", CASTS[0].selections)
    assert world.board.entries == board
    assert world.heads == heads
    return opening_of(world, "checked")


def opening(change: Callable[[CheckedBallotOpening], CheckedBallotOpening]) -> Tampered:
    world = build_election()
    content = encode_opening(change(checked(world)))
    return Tampered(
        MemoryFiles(world.board.files()), brought=VoterFiles(openings=(VoterFile("opening.json", content),))
    )


@tampered("12.1", "opening.json: opening: selection 0 is neither 0 nor 1|does not come from the seed")
def other_seed() -> Tampered:
    """A seed that does not open the ballot."""
    return opening(lambda body: replace(body, seed=Bytes32(bytes_for("other seed"))))


@tampered("12.1", "the tracking code belongs to another ballot")
def other_code() -> Tampered:
    """N72: the code that the voter was shown is another ballot's."""
    return opening(lambda body: replace(body, tracking_code="0000-0000-0000-0000-0000-0000"))


@tampered("12.1", "the tracking code belongs to another ballot|neither 0 nor 1")
def other_choice() -> Tampered:
    """N12: a ciphertext is changed, so that another choice comes out."""

    def change(body: CheckedBallotOpening) -> CheckedBallotOpening:
        data = bytes(body.ciphertexts)
        return replace(body, ciphertexts=Base64Bytes(data[:32] + GENERATOR.encoded + data[64:]))

    return opening(change)


@tampered("12.1", "of another election")
def other_election() -> Tampered:
    """N14: an opening from another election."""
    return opening(lambda body: replace(body, election_id="sample-2026"))


@tampered("12.1", "ballot style province")
def unknown_style() -> Tampered:
    """An opening of a style that the manifest does not have."""
    return opening(lambda body: replace(body, style="province"))


@tampered("12.1", "opening.json: opening")
def no_opening() -> Tampered:
    """A file that is something else."""
    files = MemoryFiles(build_election().board.files())
    return Tampered(files, brought=VoterFiles(openings=(VoterFile("opening.json", b"{}"),)))


@tampered("12.2", "was cast: it is entry")
def cast_after_the_check() -> Tampered:
    """N33: a ballot that was opened is on the log."""
    world = build_election()
    content = encode_opening(opening_of(world, "ballot 2"))
    files = MemoryFiles(world.board.files())
    return Tampered(files, brought=VoterFiles(openings=(VoterFile("opening.json", content),)))
