"""What is told to the board: the right grant, and a count that is not posted too often."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from bulletin_board.errors import ExchangeError, RequestRefused
from bulletin_board.records.envelope import Envelope, verify_envelope
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.voting import Identified
from crypto.signing import record_message, verify_signature
from evote.errors import GrantError
from evote.identity.reporting import REPORT_BEATS, CountReporter, Granter
from tests.evote.kyrgyzstan import IDENTITY, manifest


@dataclass
class Board:
    """A board that writes down what it is told, or answers as it is told to."""

    refusal: str = ""
    down: bool = False
    grants: list[tuple[bytes, bytes]] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)

    def _answer(self) -> None:
        if self.down:
            raise ExchangeError("no answer")
        if self.refusal:
            raise RequestRefused(self.refusal, "", b"")

    def post_grant(self, credential: bytes, signature: bytes, manifest: Manifest) -> None:
        self._answer()
        self.grants.append((credential, signature))

    def post_entry(self, envelope: Envelope, addenda: Mapping[bytes, bytes], manifest: Manifest) -> None:
        self._answer()
        verify_envelope(envelope, manifest)
        assert isinstance(envelope.body, Identified)
        self.counts.append(envelope.body.count)


@dataclass
class Counter:
    identified: int = 0
    posted: int = 0

    def identified_count(self) -> int:
        return self.identified

    def posted_count(self) -> int:
        return self.posted

    def keep_posted_count(self, count: int) -> None:
        self.posted = count


def reporter(board: Board, counter: Counter, clock: Callable[[], float]) -> CountReporter:
    return CountReporter(manifest(), board, counter, clock, IDENTITY)


def test_grant_is_signed_for_this_credential_and_election() -> None:
    board = Board()
    Granter(manifest(), board, IDENTITY).grant(b"S" * 32)
    ((credential, signature),) = board.grants
    assert credential == b"S" * 32
    body = b'{"credential":"U1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1M"}'
    verify_signature(IDENTITY.public, record_message("grant", manifest().digest, body), signature)


@pytest.mark.parametrize("board", [Board(down=True), Board(refusal="unavailable")])
def test_grant_that_is_not_taken_is_an_error(board: Board) -> None:
    with pytest.raises(GrantError):
        Granter(manifest(), board, IDENTITY).grant(b"S" * 32)


def test_count_is_posted_when_it_grew_and_not_too_often() -> None:
    board, counter, now = Board(), Counter(), [1000.0]
    reports = reporter(board, counter, lambda: now[0])
    reports.step()
    assert board.counts == []
    for counter.identified in (1, 2, 3):
        reports.step()
    assert board.counts == [1]
    now[0] += REPORT_BEATS * manifest().beat / 1000 - 1
    reports.step()
    assert board.counts == [1]
    now[0] += 1
    reports.step()
    reports.step()
    assert board.counts == [1, 3]
    now[0] += 3600
    reports.step()
    assert board.counts == [1, 3]


def test_count_waits_for_the_opening_and_for_the_board() -> None:
    board, counter, now = Board(refusal="out-of-order"), Counter(identified=4), [0.0]
    reports = reporter(board, counter, lambda: now[0])
    reports.step()
    board.refusal, board.down = "", True
    now[0] += 3600
    with pytest.raises(ExchangeError):
        reports.step()
    board.down, board.refusal = False, "bad-signature"
    now[0] += 3600
    with pytest.raises(RequestRefused):
        reports.step()
    board.refusal = ""
    now[0] += 3600
    reports.step()
    assert (board.counts, counter.posted) == ([4], 4)


def test_count_is_posted_at_once_when_asked() -> None:
    board, counter = Board(), Counter(identified=4, posted=4)
    assert reporter(board, counter, lambda: 0).report() == 4
    assert board.counts == [4]
