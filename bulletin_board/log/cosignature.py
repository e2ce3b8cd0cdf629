"""Cosignatures: what a witness says about a checkpoint, and opening a checkpoint under a quorum of them.

Spec: board.md §2.2; c2sp.org/tlog-cosignature, Ed25519 `cosignature/v1`. A cosignature says: at this
time the tree of this checkpoint was the largest that I have seen of this log, and it continues every
earlier one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bulletin_board.errors import NoteError, QuorumError, RecordError
from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log.merkle import EMPTY_ROOT
from bulletin_board.log.note import (
    TIME_BYTES,
    KeyType,
    NoteKey,
    NoteSignature,
    SignedNote,
    cosignature_message,
    cosignature_time,
    require_key_name,
    verify_note,
)
from bulletin_board.log.text import require_number
from crypto.signing import SigningKey


class Cosignature(NamedTuple):
    """A verified cosignature: who, and when."""

    witness: str  # key name
    time: int  # POSIX seconds


@dataclass(frozen=True, slots=True)
class CosignedCheckpoint:
    """A checkpoint that the log signed and a quorum cosigned. Only `open_checkpoint` makes one.

    checkpoint:    what was signed
    note:          the note it came from, unknown lines included
    cosignatures:  in the note's order, one per witness
    unknown_lines: lines by none of the expected keys; a finding where a published record keeps one
    """

    checkpoint: Checkpoint
    note: SignedNote
    cosignatures: tuple[Cosignature, ...]
    unknown_lines: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True)
class Cosigner:
    """The secret key of a witness. One key per witness: the message does not name who cosigns."""

    name: str
    signing_key: SigningKey

    def __post_init__(self) -> None:
        require_key_name(self.name)

    @property
    def key(self) -> NoteKey:
        """The public half."""
        return NoteKey(self.name, KeyType.COSIGNATURE, self.signing_key.public)

    def cosign(self, checkpoint_text: str, *, time: int) -> NoteSignature:
        """The line of this witness under a checkpoint, at `time` in POSIX seconds."""
        require_number(time, subject="cosignature time")
        signature = self.signing_key.sign(cosignature_message(checkpoint_text, time))
        return NoteSignature(self.name, self.key.key_id, time.to_bytes(TIME_BYTES, "big") + signature)


def verify_cosignature(checkpoint_text: str, line: NoteSignature, witness_key: NoteKey) -> Cosignature:
    """Check that a line is this witness's under this checkpoint.

    Raises:
        NoteError: the line is another key's, or does not verify.
    """
    require_key_type(witness_key, KeyType.COSIGNATURE)
    if (line.name, line.key_id) != (witness_key.name, witness_key.key_id):
        raise NoteError(f"cosignature: not by {witness_key.name}")
    witness_key.verify_signature(checkpoint_text, line.signature)
    return Cosignature(line.name, cosignature_time(line.signature))


def open_checkpoint(
    note_text: str, *, log_key: NoteKey, witness_keys: Sequence[NoteKey], quorum: int
) -> CosignedCheckpoint:
    """The checkpoint of a signed note, if the log and enough witnesses vouch for it.

    Args:
        note_text: the note as published or received.
        log_key: of type 0x01; its name is the origin of the log.
        witness_keys: of type 0x04, distinct.
        quorum: how many of these witnesses must have cosigned; 0 asks for the log's signature only.

    Raises:
        RecordError: not a note, not a checkpoint, or an empty tree with another root.
        NoteError: not signed by the log, a bad signature of an expected key, or another origin.
        QuorumError: fewer cosignatures than the quorum, or a witness key that would count twice.
    """
    require_key_type(log_key, KeyType.ED25519)
    for key in witness_keys:
        require_key_type(key, KeyType.COSIGNATURE)
    if len({key.public_key for key in witness_keys}) != len(witness_keys):
        raise QuorumError("checkpoint: one witness key stands twice in the policy")
    note = SignedNote.from_text(note_text)
    checkpoint = Checkpoint.from_text(note.text)
    if checkpoint.tree_size == 0 and checkpoint.root_hash != EMPTY_ROOT:
        raise RecordError("checkpoint: an empty tree with another root")
    verified = verify_note(note, (log_key, *witness_keys))
    if log_key not in dict(verified):
        raise NoteError(f"checkpoint: not signed by the log {log_key.name}")
    if checkpoint.origin != log_key.name:
        raise NoteError(f"checkpoint: of another log than {log_key.name}")
    cosignatures = tuple(
        Cosignature(key.name, cosignature_time(line.signature)) for key, line in verified if key != log_key
    )
    if len(cosignatures) < quorum:
        raise QuorumError(f"checkpoint: {len(cosignatures)} cosignatures, {quorum} are needed")
    known_lines = {line for _, line in verified}
    unknown_lines = tuple(line for line in note.signatures if line not in known_lines)
    return CosignedCheckpoint(checkpoint, note, cosignatures, unknown_lines)


def require_key_type(key: NoteKey, key_type: KeyType) -> None:
    """Refuse a key that signs something else than is expected of it."""
    if key.key_type is not key_type:
        raise NoteError(f"note key {key.name}: not of type 0x{key_type:02x}")
