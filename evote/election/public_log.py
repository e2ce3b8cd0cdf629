"""The log of an election as officials and voters read it: under a checkpoint that a quorum has cosigned, and
signed by whoever must have signed.

Spec: board.md §1, §2; records.md §1.7
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from bulletin_board.client import BoardClient
from bulletin_board.errors import BoardError, RecordError
from bulletin_board.folder import FolderFiles, RecordFiles
from bulletin_board.log_reader import VerifiedLog
from bulletin_board.mirror import mirror_log
from bulletin_board.policy import BoardPolicy
from bulletin_board.records.envelope import decode_record, verify_envelope
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.roll import Roll, RollRow, decode_roll
from crypto.errors import CryptoError
from evote.election.kept_checkpoints import KeptCheckpoints
from evote.election.parameters import ElectionParameters, gather_parameters
from evote.errors import BoardStateError
from verifier.record import is_ballot


@dataclass(frozen=True, slots=True)
class PublicLog:
    """A log up to one checkpoint."""

    manifest: Manifest  # pinned
    files: RecordFiles
    log: VerifiedLog

    @classmethod
    def open(cls, files: RecordFiles, manifest: Manifest) -> Self:
        """The log as its newest checkpoint has it.

        Raises:
            BoardError: nobody vouches for it, or its tiles do not lead to it.
        """
        return cls(manifest, files, VerifiedLog.open(files, BoardPolicy.of(manifest)))

    @classmethod
    @contextmanager
    def copied(cls, board: BoardClient, manifest: Manifest) -> Iterator[Self]:
        """A board's log in a folder of its own while it is worked with, so that it can be verified whole.

        Raises:
            BoardError: the board does not give it, or as `open`.
        """
        with TemporaryDirectory(prefix="evote-board-") as name:
            mirror_log(board.read, board.status().checkpoints, Path(name))
            yield cls.open(FolderFiles(Path(name)), manifest)

    def records(self) -> Iterator[tuple[int, Record]]:
        """(index, body) of every entry; the signatures of each are verified, the proofs of ballots are not.

        A ballot that cannot be read is passed over: it counts for nobody. Spec: records.md §4.7

        Raises:
            RecordError: another entry that is no record, or not signed by who must.
            crypto.errors.SignatureError: a signature does not hold.
        """
        for index, entry in self.log.entries():
            try:
                envelope = decode_record(entry)
                verify_envelope(envelope, self.manifest)
            except (BoardError, CryptoError) as exc:
                if is_ballot(entry):
                    continue
                if isinstance(exc, RecordError):
                    raise RecordError(f"entry {index}: {exc}") from exc
                raise
            yield index, envelope.body

    def parameters(self) -> ElectionParameters:
        """What ballots are bound to. Reads no further than the roll.

        Raises:
            BoardStateError: the ceremony or the roll is not complete.
        """
        return gather_parameters(self.manifest, self._setting_up())

    def rows(self, roll: Roll) -> Iterator[RollRow]:
        """The rows of the roll, authenticated by its root."""
        return decode_roll(roll, self.log.addendum)

    def kept_checkpoints(self) -> KeptCheckpoints:
        """The board's list of what it published."""
        return KeptCheckpoints(self.files, BoardPolicy.of(self.manifest), self.log)

    def last(self, *kinds: type[Record]) -> Record:
        """The newest entry of some types.

        Raises:
            BoardStateError: there is none.
        """
        found = [body for _, body in self.records() if isinstance(body, kinds)]
        if not found:
            raise BoardStateError(f"board: there is no {' or '.join(kind.record_type for kind in kinds)} yet")
        return found[-1]

    def _setting_up(self) -> Iterator[Record]:
        for _, body in self.records():
            yield body
            if isinstance(body, Roll):
                return
