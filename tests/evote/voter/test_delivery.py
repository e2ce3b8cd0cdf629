"""A ballot is brought again with the same bytes, however the line breaks."""

from collections.abc import Callable, Mapping

import pytest

from bulletin_board.errors import ExchangeError, NoteError, RequestRefused
from bulletin_board.log.receipt import Receipt
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.manifest import Manifest
from evote.voter.delivery import Delivery
from tests.support import records
from tests.support.election import build_election

BODY = records.ballot()
RECEIPT = build_election(until="voting").board.receipt(3, None)


def refusal(code: str) -> RequestRefused:
    return RequestRefused(code, "no", b"")


class BrokenLine:
    """A line to a board on which each request meets what the script says; a fault stands for lost answers."""

    def __init__(self, *script: tuple[str, Receipt | Exception | None]) -> None:
        self.script = list(script)
        self.sent: list[tuple[str, BallotBody]] = []

    def _next(self, what: str, body: BallotBody) -> Receipt | None:
        expected, outcome = self.script.pop(0)
        assert expected == what
        self.sent.append((what, body))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def post_ballot(
        self, body: BallotBody, addenda: Mapping[bytes, bytes], manifest: Manifest
    ) -> Receipt | None:
        return self._next("post", body)

    def ballot_receipt(self, body: BallotBody, manifest: Manifest) -> Receipt | None:
        return self._next("ask", body)


def deliver(
    line: BrokenLine, *, patience: float = 100, clock: Callable[[], float] | None = None
) -> Receipt | None:
    slept: list[float] = [0]
    delivery = Delivery(
        line, records.MANIFEST, patience=patience, clock=clock or (lambda: sum(slept)), sleep=slept.append
    )
    try:
        return delivery.deliver(BODY, {})
    finally:
        assert line.script == []
        assert {id(body) for _, body in line.sent} == {id(BODY)}
        assert set(slept) <= {0, records.MANIFEST.beat / 1000}


def test_first_answer_is_taken() -> None:
    assert deliver(BrokenLine(("post", RECEIPT))) == RECEIPT


def test_what_waits_is_asked_for() -> None:
    assert deliver(BrokenLine(("post", None), ("ask", None), ("ask", RECEIPT))) == RECEIPT


def test_lost_answer_is_asked_for() -> None:
    lost = ExchangeError("no answer")
    assert deliver(BrokenLine(("post", lost), ("ask", lost), ("ask", RECEIPT))) == RECEIPT


def test_what_has_not_arrived_is_sent_again() -> None:
    line = BrokenLine(("post", ExchangeError("no answer")), ("ask", refusal("not-found")), ("post", RECEIPT))
    assert deliver(line) == RECEIPT


def test_refusal_ends_it() -> None:
    with pytest.raises(RequestRefused, match="closed"):
        deliver(BrokenLine(("post", refusal("closed"))))
    with pytest.raises(RequestRefused, match="unavailable"):
        deliver(BrokenLine(("post", None), ("ask", refusal("unavailable"))))
    with pytest.raises(RequestRefused, match="stale-previous"):
        deliver(
            BrokenLine(("post", None), ("ask", refusal("not-found")), ("post", refusal("stale-previous")))
        )


def test_bad_receipt_is_no_receipt() -> None:
    with pytest.raises(NoteError):
        deliver(BrokenLine(("post", None), ("ask", NoteError("receipt: of another log"))))


def test_patience_ends() -> None:
    beat = records.MANIFEST.beat / 1000
    assert deliver(BrokenLine(("post", None), ("ask", None), ("ask", None)), patience=2 * beat) is None
