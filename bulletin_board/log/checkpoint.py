"""A checkpoint: the head of the log, as the text that the log and its witnesses sign.

Spec: board.md §2.1; c2sp.org/tlog-checkpoint. Extension lines are refused: no witness vouches for them.
"""

from __future__ import annotations

from dataclasses import dataclass

from bulletin_board.errors import RecordError
from bulletin_board.log.note import NoteSigner, SignedNote, require_text
from bulletin_board.log.text import decode_hash, decode_number, encode_base64, require_hash, require_number


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log's tree head."""

    origin: str  # which log; never reused
    tree_size: int  # entries, ≥ 0
    root_hash: bytes  # 32 bytes

    def __post_init__(self) -> None:
        require_text(self.origin, subject="checkpoint origin")
        if not self.origin or "\n" in self.origin:
            raise RecordError("checkpoint origin: not one line")
        require_number(self.tree_size, subject="checkpoint size")
        require_hash(self.root_hash, subject="checkpoint root")

    @classmethod
    def from_text(cls, text: str) -> Checkpoint:
        """The checkpoint of a note text.

        Raises:
            RecordError: not exactly three lines, or one of them malformed.
        """
        lines = text.split("\n")
        if len(lines) != 4 or lines[3]:
            raise RecordError("checkpoint: not exactly three lines")
        size = decode_number(lines[1], subject="checkpoint size")
        return cls(lines[0], size, decode_hash(lines[2], subject="checkpoint root"))

    def to_text(self) -> str:
        """The note text."""
        return f"{self.origin}\n{self.tree_size}\n{encode_base64(self.root_hash)}\n"


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner) -> SignedNote:
    """The checkpoint with the log's signature; signing again gives the same bytes."""
    text = checkpoint.to_text()
    return SignedNote(text, (signer.sign(text),))
