"""The election as one voter's program knows it: all of it from the log, nothing by the server's word.

Spec: board.md §5.3; protocol.md §2.11, §2.13
"""

from dataclasses import dataclass
from typing import Self

from bulletin_board.answers import CredentialAnswer
from bulletin_board.folder import RecordFiles
from bulletin_board.log.merkle import leaf_hash
from bulletin_board.log.proofs import verify_inclusion
from bulletin_board.log_reader import read_manifest
from bulletin_board.records.canonical import decode_json
from bulletin_board.records.roll import MAX_ROW_BYTES, RollRow, row_leaf
from bulletin_board.records.voting import Reissue
from evote.election.ballot_box import credential_of
from evote.election.parameters import ElectionParameters
from evote.election.public_log import PublicLog
from evote.errors import VoterError
from evote.voter.chains import Chains


@dataclass(frozen=True, slots=True)
class PollingPlace:
    """Where a voter votes: the parameters of the pinned election, and its log to look things up in."""

    files: RecordFiles
    parameters: ElectionParameters
    chains: Chains

    @classmethod
    def enter(cls, files: RecordFiles, manifest_digest: bytes) -> Self:
        """Pin the manifest and gather what ballots are bound to.

        Raises:
            RecordError: the log does not begin with the pinned manifest.
            BoardStateError: the roll is not posted yet.
            BoardError, crypto.errors.CryptoError: nobody vouches for the log, or it is not in order.
        """
        manifest = read_manifest(files, manifest_digest)
        parameters = PublicLog.open(files, manifest).parameters()
        return cls(files, parameters, Chains(files, manifest))

    def row_of(self, answer: CredentialAnswer) -> RollRow:
        """The row that the board gives for a credential, once it is proved.

        Raises:
            BoardError: it is not in canonical form, or not on the roll.
            VoterError: a reissue that is not on the log, or the row of somebody else.
        """
        row = decode_json(answer.row.text.encode(), RollRow, limit=MAX_ROW_BYTES, subject="roll row")
        if answer.row.index is None:
            self._require_reissued(row)
        else:
            roll = self.parameters.roll
            leaf = leaf_hash(row_leaf(row))
            verify_inclusion(answer.row.index, roll.length, leaf, answer.row.proof, roll.root)
        if credential_of(row) != answer.credential:
            raise VoterError("credential: the board gives the row of another one")
        return row

    def _require_reissued(self, row: RollRow) -> None:
        """A row that came later stands in no tree but the log itself."""
        records = PublicLog.open(self.files, self.parameters.manifest).records()
        if not any(isinstance(body, Reissue) and body.row == row for _, body in records):
            raise VoterError("credential: the board gives a row that is neither on the roll nor on the log")
