"""A receipt: the offline proof that an entry stands in a log which witnesses have seen.

Spec: board.md §6.1; c2sp.org/tlog-proof, version 1. Other people's tools read it.

    c2sp.org/tlog-proof@v1
    extra <base64>                  (optional, vouched for by nobody)
    index <decimal>
    <base64 hash>                   (the inclusion proof, the leaf's sibling first)
    <blank line>
    <the checkpoint's signed note>
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bulletin_board.errors import NoteError, RecordError
from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log.cosignature import CosignedCheckpoint, open_checkpoint
from bulletin_board.log.merkle import leaf_hash
from bulletin_board.log.note import NoteKey, SignedNote
from bulletin_board.log.proofs import verify_inclusion
from bulletin_board.log.text import (
    decode_base64,
    decode_hash_lines,
    decode_number,
    encode_base64,
    encode_hash_lines,
    require_number,
    require_proof,
)

_HEADER = "c2sp.org/tlog-proof@v1"
_EXTRA = "extra "
_INDEX = "index "


@dataclass(frozen=True, slots=True)
class Receipt:
    """The parts of a `.tlog-proof` file, unverified.

    index:     of the entry in the log, 0-based
    proof:     inclusion proof in the tree of the checkpoint
    note_text: the checkpoint with its signatures, as text
    extra:     bytes that nothing authenticates; None where the line is missing
    """

    index: int
    proof: tuple[bytes, ...]
    note_text: str
    extra: bytes | None = None

    def __post_init__(self) -> None:
        require_number(self.index, subject="receipt index")
        require_proof(self.proof, subject="receipt")
        if self.extra == b"":
            raise RecordError("receipt: an empty extra line")
        Checkpoint.from_text(SignedNote.from_text(self.note_text).text)

    @classmethod
    def from_text(cls, text: str) -> Receipt:
        """The receipt that is written exactly so.

        Raises:
            RecordError: any line missing, malformed or out of place.
        """
        head, _, note_text = text.partition("\n\n")
        lines = head.split("\n")
        if lines.pop(0) != _HEADER:
            raise RecordError("receipt: unknown first line")
        extra = None
        if lines and lines[0].startswith(_EXTRA):
            extra = decode_base64(lines.pop(0).removeprefix(_EXTRA), subject="receipt extra")
        if not lines or not lines[0].startswith(_INDEX):
            raise RecordError("receipt: no index line")
        index = decode_number(lines.pop(0).removeprefix(_INDEX), subject="receipt index")
        return cls(index, decode_hash_lines(lines, subject="receipt"), note_text, extra)

    def to_text(self) -> str:
        """The content of the file."""
        extra = "" if self.extra is None else f"{_EXTRA}{encode_base64(self.extra)}\n"
        proof = encode_hash_lines(self.proof)
        return f"{_HEADER}\n{extra}{_INDEX}{self.index}\n{proof}\n{self.note_text}"


def verify_receipt(
    receipt: Receipt,
    entry: bytes,
    *,
    log_key: NoteKey,
    witness_keys: Sequence[NoteKey],
    quorum: int,
    origin: str,
) -> CosignedCheckpoint:
    """Check that exactly this entry stands at the receipt's index of the log.

    Args:
        receipt: as handed to the voter.
        entry: the bytes of the log entry, from what the reader holds; never from `extra`.
        log_key: as for `open_checkpoint`.
        witness_keys: as for `open_checkpoint`.
        quorum: as for `open_checkpoint`.
        origin: of the log in which the entry is expected.

    Raises:
        RecordError, NoteError, QuorumError: as `open_checkpoint`.
        LogProofError: the entry is not at this index in the tree of the checkpoint.
    """
    opened = open_checkpoint(receipt.note_text, log_key=log_key, witness_keys=witness_keys, quorum=quorum)
    checkpoint = opened.checkpoint
    if checkpoint.origin != origin:
        raise NoteError(f"receipt: of another log than {origin}")
    verify_inclusion(
        receipt.index, checkpoint.tree_size, leaf_hash(entry), receipt.proof, checkpoint.root_hash
    )
    return opened
