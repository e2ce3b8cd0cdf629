"""What the identity service tells the board: grants, and how many persons it has identified.

Spec: board.md §5.5; records.md §3.5
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bulletin_board.errors import BoardError, RequestRefused
from bulletin_board.records.canonical import jcs
from bulletin_board.records.envelope import Envelope, sign_body
from bulletin_board.records.fields import encode_base64url
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.voting import Identified
from crypto.signing import SigningKey, record_message
from evote.election.accept_entry import GRANT
from evote.errors import GrantError

REPORT_BEATS = 30  # at most one report in so many beats


class GrantBoard(Protocol):
    """What granting needs of a board: `BoardClient` has it."""

    def post_grant(self, credential: bytes, signature: bytes, manifest: Manifest) -> None: ...


class EntryBoard(Protocol):
    """What reporting needs of a board: `BoardClient` has it."""

    def post_entry(
        self, envelope: Envelope, addenda: Mapping[bytes, bytes], manifest: Manifest
    ) -> object: ...


class Counter(Protocol):
    """What reporting needs of `evote.db.identity`."""

    def identified_count(self) -> int: ...

    def posted_count(self) -> int: ...

    def keep_posted_count(self, count: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Granter:
    """Signs grants and brings them to the voting server."""

    manifest: Manifest
    board: GrantBoard
    key: SigningKey = field(repr=False)  # the identity service's

    def grant(self, credential: bytes) -> None:
        """Tell the voting server that the holder of a credential was identified; again does no harm.

        Raises:
            GrantError: it did not take the grant.
        """
        content = jcs({"credential": encode_base64url(credential)})
        signature = self.key.sign(record_message(GRANT, self.manifest.digest, content))
        try:
            self.board.post_grant(credential, signature, self.manifest)
        except BoardError as exc:
            raise GrantError(f"voting server: {exc}") from exc


@dataclass(slots=True)
class CountReporter:
    """Posts the number of identified persons when it has grown, and not too often.

    clock: seconds, of any origin
    """

    manifest: Manifest
    board: EntryBoard
    counter: Counter
    clock: Callable[[], float]
    key: SigningKey = field(repr=False)  # the identity service's
    _next_at: float = 0

    def step(self) -> None:
        """Post the count if it is due.

        Raises:
            BoardError: the board could not be reached.
        """
        if self.clock() < self._next_at or self.counter.identified_count() == self.counter.posted_count():
            return
        self._next_at = self.clock() + REPORT_BEATS * self.manifest.beat / 1000
        try:
            self.report()
        except RequestRefused as exc:
            # Persons may identify before voting opens; the count is posted when it has opened.
            if exc.code not in {"out-of-order", "not-open", "closed"}:
                raise

    def report(self) -> int:
        """Post the count as it is now, and return it.

        Raises:
            RequestRefused: the board takes no count now, or has a higher one.
            BoardError: it could not be reached.
        """
        count = self.counter.identified_count()
        envelope = sign_body("identified", Identified(count=count), self.manifest.digest, [self.key])
        self.board.post_entry(envelope, {}, self.manifest)
        self.counter.keep_posted_count(count)
        return count
