"""The log of an election as officials and voters read it: under a checkpoint that a quorum has cosigned, and
signed by whoever must have signed.

Spec: board.md §1, §2; records.md §1.7
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from bulletin_board.folder import RecordFiles
from bulletin_board.log_reader import VerifiedLog
from bulletin_board.policy import BoardPolicy
from bulletin_board.records.envelope import verify_envelope
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.roll import Roll, RollRow, decode_roll
from evote.election.kept_checkpoints import KeptCheckpoints
from evote.election.parameters import ElectionParameters, gather_parameters
from evote.errors import BoardStateError


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

    def records(self) -> Iterator[tuple[int, Record]]:
        """(index, body) of every entry; the signatures of each are verified, the proofs of ballots are not.

        Raises:
            RecordError: an entry that is no record, or not signed by who must.
            crypto.errors.SignatureError: a signature does not hold.
        """
        for index, envelope in self.log.records():
            verify_envelope(envelope, self.manifest)
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
