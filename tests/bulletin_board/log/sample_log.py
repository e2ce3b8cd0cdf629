"""The log of the known answers: its entries, keys and trees, made again from their description."""

from functools import cache
from hashlib import sha256

from bulletin_board.log.checkpoint import Checkpoint, sign_checkpoint
from bulletin_board.log.cosignature import Cosigner
from bulletin_board.log.merkle import leaf_hash, root_hash
from bulletin_board.log.note import NoteSigner, SignedNote
from crypto.signing import SigningKey

ORIGIN = "log.test/board"
LOG = NoteSigner(ORIGIN, SigningKey(sha256(b"log test key").digest()))
WITNESS = Cosigner("witness.test/py", SigningKey(sha256(b"witness test key").digest()))
OTHER_WITNESS = Cosigner("witness.test/other", SigningKey(sha256(b"another witness test key").digest()))
TIME = 1_700_000_000


def entry(index: int) -> bytes:
    return b"entry %d " % index + bytes([index % 251]) * (index % 97)


@cache
def leaves(tree_size: int) -> tuple[bytes, ...]:
    return tuple(leaf_hash(entry(i)) for i in range(tree_size))


@cache
def checkpoint(tree_size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, tree_size, root_hash(leaves(tree_size)))


def signed(tree_size: int) -> SignedNote:
    return sign_checkpoint(checkpoint(tree_size), LOG)


def cosigned(tree_size: int, *witnesses: Cosigner, time: int = TIME) -> SignedNote:
    note = signed(tree_size)
    lines = (witness.cosign(note.text, time=time) for witness in witnesses)
    return SignedNote(note.text, (*note.signatures, *lines))
