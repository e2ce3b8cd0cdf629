"""Receipts that this record contradicts, and credentials that were used after all."""

from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log.merkle import inclusion_proof, leaf_hash, root_hash
from bulletin_board.log.note import SignedNote
from bulletin_board.log.receipt import Receipt
from bulletin_board.records.fields import encode_base64url
from bulletin_board.records.record import Record
from bulletin_board.records.voting import Close
from crypto.group import GENERATOR
from tests.support.ballots import bytes_for
from tests.support.election import EXTENDED, World, build_election, decode_ballot
from tests.support.sample_manifest import ORIGIN
from tests.support.small_board import MemoryFiles
from tests.tamper.cases.check_01_log import resigned
from tests.tamper.harness import Tampered, tampered
from verifier.voter_files import VoterFile, VoterFiles


def receipt_of(world: World, step: str) -> Receipt:
    """An honest receipt."""
    index = world.index[step]
    return world.board.receipt(index, decode_ballot(world.board.entries[index]).digest)


def brings(world: World, receipt: Receipt | bytes) -> Tampered:
    content = receipt if isinstance(receipt, bytes) else receipt.to_text().encode()
    files = MemoryFiles(world.board.files())
    return Tampered(files, brought=VoterFiles(receipts=(VoterFile("receipt.tlog-proof", content),)))


def brings_unused(credential: str) -> Tampered:
    files = MemoryFiles(build_election().board.files())
    return Tampered(files, brought=VoterFiles(unused=(credential,)))


@tampered("13.1", "another root at size .*: the board signed what this record contradicts")
def vanished_ballot() -> Tampered:
    """N35, N41: the board gave a receipt for a ballot that is not on the log."""
    world = build_election()
    leaves = [*world.board.leaves[:20], leaf_hash(b"the voter's ballot"), *world.board.leaves[21:30]]
    fork = resigned(Checkpoint(ORIGIN, len(leaves), root_hash(leaves)).to_text(), time=world.board.now)
    return brings(world, Receipt(20, inclusion_proof(20, leaves), fork.decode()))


@tampered("13.1", "inclusion proof: leads to another root")
def receipt_for_another_place() -> Tampered:
    """N72: the receipt of another voter's ballot."""
    world = build_election()
    other = receipt_of(world, "ballot 2")
    return brings(world, Receipt(other.index + 1, other.proof, other.note_text))


@tampered("13.1", "inclusion proof: leads to another root")
def receipt_of_a_longer_fork() -> Tampered:
    """N36: a receipt under a checkpoint larger than the record, over another ballot."""
    world = build_election()
    leaves = [*world.board.leaves[:20], leaf_hash(b"the voter's ballot"), *world.board.leaves[21:], bytes(32)]
    fork = resigned(Checkpoint(ORIGIN, len(leaves), root_hash(leaves)).to_text(), time=world.board.now)
    return brings(world, Receipt(20, inclusion_proof(20, leaves), fork.decode()))


@tampered("13.1", "it names another ballot than entry")
def receipt_of_another_digest() -> Tampered:
    """The receipt carries another ballot's digest."""
    world = build_election()
    honest = receipt_of(world, "ballot 2")
    return brings(world, Receipt(honest.index, honest.proof, honest.note_text, bytes_for("digest", 64)))


@tampered("13.1", "is no ballot that stands in its place")
def receipt_of_no_ballot() -> Tampered:
    """A receipt for the roll."""
    world = build_election()
    return brings(world, world.board.receipt(world.index["roll"], None))


@tampered("13.1", "checkpoint: 2 cosignatures, 3 are needed")
def receipt_without_quorum() -> Tampered:
    """N41: the board acknowledged before a quorum had seen the ballot."""
    world = build_election()
    note = world.board.note(witnesses=(0, 1))
    return brings(world, world.board.receipt(world.index["ballot 2"], None, note))


@tampered("13.1", "not signed")
def receipt_of_another_board() -> Tampered:
    """A receipt without the board's signature."""
    world = build_election()
    honest = world.board.note()
    note = SignedNote(honest.text, honest.signatures[1:])
    return brings(world, world.board.receipt(world.index["ballot 2"], None, note))


@tampered("13.1", "receipt.tlog-proof: receipt")
def no_receipt() -> Tampered:
    """A file that is something else."""
    return brings(build_election(), b"Dear voter,\n")


@tampered("13.1", "receipt: not text")
def receipt_in_bytes() -> Tampered:
    """A file that is no text."""
    return brings(build_election(), b"\xff\xfe")


@tampered("13.1", "cosigned in time at size .*, but close embeds size")
def acknowledged_and_left_out() -> Tampered:
    """N31, N41: a ballot was acknowledged in time; the board hides that and closes before it."""

    def close_early(_: Record, world: World) -> Record:
        del world.board.kept[-3:-1]  # both in time, of the size that should have been embedded
        earlier = world.board.kept[-2]
        world.size_in_time = int(earlier.split(b"\n")[1])
        return Close(checkpoint=earlier.decode())

    world = build_election(bend={"close": close_early})
    index = world.index["ballot 14"]
    return brings(world, world.board.receipt(index, None, world.board.note(index + 1, now=EXTENDED)))


@tampered("13.3", "not canonical base64url|not base64url")
def no_credential() -> Tampered:
    """Something that is no credential."""
    return brings_unused("credential?")


@tampered("13.3", "not on the roll")
def unknown_credential() -> Tampered:
    """A credential that nobody was given."""
    return brings_unused(encode_base64url(GENERATOR.encoded))


@tampered("13.3", "it was used: ballot entries")
def used_credential() -> Tampered:
    """N26: somebody voted for a voter who stayed away."""
    return brings_unused(encode_base64url(build_election().secret("v4").public().encoded))
