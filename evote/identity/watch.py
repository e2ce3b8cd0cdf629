"""Watching the log for the persons of this service: a notice for every ballot, and credentials that ended.

The log is read under a checkpoint that a quorum has cosigned, and must continue what was read before. How far
it was read is noted after everything up to there is done; what a crash makes happen twice has the same name
twice.

Spec: board.md §1, §2; records.md §3
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bulletin_board.errors import RecordError
from bulletin_board.folder import RecordFiles
from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.envelope import Envelope, decode_record, verify_envelope
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.voting import Reissue, Revocation
from crypto.errors import CryptoError
from crypto.group import GroupElement
from crypto.tracking import tracking_code
from evote.election.public_log import PublicLog
from evote.errors import BoardStateError, MismatchError
from evote.identity.mails import notice_mail
from evote.identity.outbox import Mail
from evote.identity.person import LogProgress, Person
from evote.issuing.credential import IDENTITY, RollMember, issuer_place
from evote.issuing.reissue import verify_reissue

_LOG = logging.getLogger(__name__)


class Memory(Protocol):
    """What watching needs of `evote.db.identity`."""

    def progress(self) -> LogProgress | None: ...

    def keep_progress(self, progress: LogProgress) -> None: ...

    def person_of_credential(self, credential: bytes) -> Person | None: ...

    def member_in_force(self, credential: bytes) -> RollMember | None: ...

    def end_credential(
        self, old: bytes, *, replaced_by: RollMember | None = None, own_place: int = 0
    ) -> None: ...


@dataclass(slots=True)
class LogWatch:
    """One reader of one log; `step` is called every few beats.

    put: takes a mail for the outbox
    """

    manifest: Manifest
    files: RecordFiles
    memory: Memory
    put: Callable[[Mail], None]
    _context: bytes = b""  # ctx, once the roll is posted

    def step(self) -> int:
        """Read what is new; how many notices were written.

        Raises:
            BoardError: no answer, nobody vouches for the log, or it is not the one that was read before. All
                of the step is to be done again; no ballot is passed over for it.
        """
        log = PublicLog.open(self.files, self.manifest)
        checkpoint = log.log.opened.checkpoint
        known = self.memory.progress()
        if known:
            log.log.require_continues(Checkpoint(checkpoint.origin, known.tree_size, known.root_hash))
        self._context = self._context or _context_of(log)
        unread = log.log.entries(known.tree_size if known else 0)
        notices = sum([self._take(log, index, entry) for index, entry in unread])
        self.memory.keep_progress(LogProgress(checkpoint.tree_size, checkpoint.root_hash))
        return notices

    def _take(self, log: PublicLog, index: int, entry: bytes) -> bool:
        """Heed one entry; one that is not as it should be is for verifiers, and stops nobody's notice."""
        try:
            envelope = decode_record(entry)
            verify_envelope(envelope, self.manifest)
            if isinstance(envelope.body, BallotBody):
                return self._notify(log, index, envelope.body)
            self._heed(envelope)
        except (RecordError, CryptoError, MismatchError) as exc:
            # What could not be read for now is none of these, and ends the step.
            _LOG.warning("log: entry %d is passed over: %s", index, type(exc).__name__)
        return False

    def _notify(self, log: PublicLog, index: int, body: BallotBody) -> bool:
        person = self.memory.person_of_credential(bytes(body.credential))
        if person is None:
            return False
        if not self._context:
            raise RecordError(f"entry {index}: a ballot before the roll")
        code = tracking_code(
            self._context,
            body.style,
            GroupElement.decode(body.credential),
            body.ciphertexts.read(log.log.addendum),
        )
        self.put(notice_mail(self.manifest, person, entry_index=index, tracking_code=code))
        return True

    def _heed(self, envelope: Envelope) -> None:
        body = envelope.body
        if isinstance(body, Revocation):
            self.memory.end_credential(bytes(body.credential))
        elif isinstance(body, Reissue):
            old = self.memory.member_in_force(bytes(body.old))
            if old is not None:
                new = RollMember(
                    old.reference,
                    old.style,
                    old.node,
                    tuple(bytes(part) for part in body.row.parts),
                    verify_reissue(self.manifest, body, old),
                )
                place = issuer_place(self.manifest, IDENTITY)
                self.memory.end_credential(bytes(body.old), replaced_by=new, own_place=place)


def _context_of(log: PublicLog) -> bytes:
    """Ctx; nothing before the roll is posted, and no ballot can be either."""
    try:
        return log.parameters().context
    except BoardStateError:
        return b""
