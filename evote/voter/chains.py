"""The ballots of each credential as the log has them, to hold the board's word against.

One follower serves all voters of a process: it reads the log once, and later only what is new, under
checkpoints that a quorum has cosigned and that continue each other.

Spec: board.md §1, §5.3; protocol.md §3.14
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

from bulletin_board.answers import BallotAnswer
from bulletin_board.errors import LogProofError, RecordError
from bulletin_board.folder import RecordFiles
from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log_reader import VerifiedLog
from bulletin_board.policy import BoardPolicy
from bulletin_board.records.ballot import NO_PREVIOUS, BallotBody
from bulletin_board.records.envelope import decode_record
from bulletin_board.records.manifest import Manifest
from verifier.record import is_ballot


@dataclass(frozen=True, slots=True)
class LoggedBallot:
    """A ballot on the log, valid or not."""

    index: int  # of the entry
    digest: bytes  # 64 bytes
    previous: bytes  # 64 bytes


@dataclass(slots=True)
class Chains:
    """A follower of one log; threads may share it."""

    files: RecordFiles
    manifest: Manifest
    _seen: Checkpoint | None = None
    _ballots: dict[bytes, list[LoggedBallot]] = field(default_factory=dict)  # by credential
    _lock: Lock = field(default_factory=Lock)

    def require_named(self, credential: bytes, named: Sequence[BallotAnswer]) -> None:
        """Check, before it is continued, that the chain which the board names stands on the log.

        Raises:
            LogProofError: a ballot is not there, is of another credential or other bytes, or does not follow
                the one before it.
            BoardError, crypto.errors.CryptoError: nobody vouches for the log, or it is not the one of before.
        """
        if not named:
            return
        logged = {ballot.index: ballot for ballot in self._ballots_of(credential, named[-1].index)}
        previous: bytes = NO_PREVIOUS
        for answer in named:
            ballot = logged.get(answer.index)
            if ballot is None or ballot.digest != answer.digest:
                raise LogProofError(f"credential: entry {answer.index} is not the ballot that the board says")
            if ballot.previous != previous:
                raise LogProofError(f"credential: ballot {answer.index} does not follow the one before")
            previous = ballot.digest

    def require_whole(self, credential: bytes, named: Sequence[BallotAnswer], cast: BallotAnswer) -> None:
        """Check, after a ballot was cast, that it continues all that the log has of its credential.

        Raises:
            LogProofError: a ballot was left out when the board named the chain, or the one cast is not there.
            BoardError, crypto.errors.CryptoError: as `require_named`.
        """
        expected = [(answer.index, bytes(answer.digest)) for answer in (*named, cast)]
        logged = self._ballots_of(credential, cast.index)
        if [(ballot.index, ballot.digest) for ballot in logged if ballot.index <= cast.index] != expected:
            raise LogProofError(
                f"credential: the log has other ballots up to entry {cast.index} than the board named;"
                " the one cast may not count"
            )

    def _ballots_of(self, credential: bytes, up_to: int) -> tuple[LoggedBallot, ...]:
        """What the log has of a credential, at least up to this index."""
        with self._lock:
            if self._seen is None or self._seen.tree_size <= up_to:
                self._read_on()
            if self._seen is None or self._seen.tree_size <= up_to:
                raise LogProofError(f"log: no published checkpoint covers entry {up_to}")
            return tuple(self._ballots.get(credential, ()))

    def _read_on(self) -> None:
        log = VerifiedLog.open(self.files, BoardPolicy.of(self.manifest))
        if self._seen is not None:
            log.require_continues(self._seen)
        # Taken over at the end: what breaks off halfway is read again.
        new: list[tuple[bytes, LoggedBallot]] = []
        for index, entry in log.entries(self._seen.tree_size if self._seen else 0):
            body = _ballot_in(entry)
            if body is not None:
                logged = LoggedBallot(index, bytes(body.digest), bytes(body.previous))
                new.append((bytes(body.credential), logged))
        for credential, ballot in new:
            self._ballots.setdefault(credential, []).append(ballot)
        self._seen = log.opened.checkpoint


def _ballot_in(entry: bytes) -> BallotBody | None:
    if not is_ballot(entry):
        return None
    try:
        body = decode_record(entry).body
    except RecordError:
        # It counts for nobody, whoever's it is meant to be.
        return None
    return body if isinstance(body, BallotBody) else None
