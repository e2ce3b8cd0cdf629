"""Getting a ballot acknowledged: whatever happens on the way, the same bytes are sent again.

Spec: board.md §3.3, §3.4, §5.1, §5.2
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bulletin_board.errors import ExchangeError, RequestRefused
from bulletin_board.log.receipt import Receipt
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.manifest import Manifest

NOT_FOUND = "not-found"


class BallotPost(Protocol):
    """What delivery needs of a board: `BoardClient` has it, with receipts verified against what was sent."""

    def post_ballot(
        self, body: BallotBody, addenda: Mapping[bytes, bytes], manifest: Manifest
    ) -> Receipt | None: ...

    def ballot_receipt(self, body: BallotBody, manifest: Manifest) -> Receipt | None: ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """Brings ballots to one board.

    patience: seconds after which nobody knows what became of a ballot
    """

    board: BallotPost
    manifest: Manifest
    patience: float = 60
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def deliver(self, body: BallotBody, addenda: Mapping[bytes, bytes]) -> Receipt | None:
        """The receipt of a ballot, verified; None if it may be on the log and nobody says so in time.

        Raises:
            RequestRefused: the board says no, and signs that.
            BoardError: a receipt that does not prove what it should.
        """
        end = self.clock() + self.patience
        receipt = self._try(lambda: self.board.post_ballot(body, addenda, self.manifest))
        while receipt is None and self.clock() < end:
            self.sleep(self.manifest.beat / 1000)
            receipt = self._try(lambda: self._ask(body, addenda))
        return receipt

    def _ask(self, body: BallotBody, addenda: Mapping[bytes, bytes]) -> Receipt | None:
        try:
            return self.board.ballot_receipt(body, self.manifest)
        except RequestRefused as exc:
            if exc.code != NOT_FOUND:
                raise
        # It has not arrived, or it was refused later; sent again, it is taken or refused for a reason.
        return self.board.post_ballot(body, addenda, self.manifest)

    @staticmethod
    def _try(ask: Callable[[], Receipt | None]) -> Receipt | None:
        try:
            return ask()
        except RequestRefused:
            raise
        except ExchangeError:
            return None
