"""Whose word counts on one board: the keys of the log and its witnesses, as the manifest names them.

Spec: board.md §2.1, §2.2
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bulletin_board.log.cosignature import Cosignature, CosignedCheckpoint, open_checkpoint
from bulletin_board.log.note import KeyType, NoteKey
from bulletin_board.records.manifest import Manifest


@dataclass(frozen=True, slots=True)
class BoardPolicy:
    """Which signatures a checkpoint of this board needs.

    log_key:      the board's; its name is the origin
    witness_keys: in manifest order
    quorum:       how many of the witnesses
    """

    log_key: NoteKey
    witness_keys: tuple[NoteKey, ...]
    quorum: int

    @classmethod
    def of(cls, manifest: Manifest) -> BoardPolicy:
        """The policy that a manifest lays down."""
        return cls(
            NoteKey(manifest.board.origin, KeyType.ED25519, manifest.board.key),
            tuple(NoteKey(each.name, KeyType.COSIGNATURE, each.key) for each in manifest.witnesses),
            manifest.witness_quorum,
        )

    def open(self, note_text: str) -> CosignedCheckpoint:
        """The checkpoint of a note that the board signed and a quorum cosigned.

        Raises:
            RecordError, NoteError, QuorumError: as `open_checkpoint`.
        """
        return open_checkpoint(
            note_text, log_key=self.log_key, witness_keys=self.witness_keys, quorum=self.quorum
        )

    def quorum_by(self, cosignatures: Iterable[Cosignature]) -> int:
        """The earliest time by which a quorum of these had cosigned, POSIX seconds."""
        return sorted(each.time for each in cosignatures)[self.quorum - 1]

    def quorum_since(self, cosignatures: Iterable[Cosignature]) -> int:
        """The latest time at or after which a quorum of these cosigned, POSIX seconds."""
        return sorted(each.time for each in cosignatures)[-self.quorum]
