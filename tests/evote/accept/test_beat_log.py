"""What goes wrong with the beats is logged: each reason once, and again only when it is another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bulletin_board.beat_loop import BeatLoop
from bulletin_board.errors import ReadOnlyError
from evote.election.beat_log import BeatLog
from tests.bulletin_board.live_board import LiveBoard

NAME = "evote.election.beat_log"


@pytest.fixture
def board(tmp_path: Path) -> Iterator[LiveBoard]:
    live = LiveBoard(tmp_path)
    live.found()
    yield live
    live.close()


class Beats(BeatLoop):
    """The real loop, beaten by hand."""

    def __init__(self, board: LiveBoard) -> None:
        super().__init__(board.sequencer, beat_ms=1_000, clock=self.clock)
        self.board = board
        self.fault: Exception | None = None

    def clock(self) -> float:
        if self.fault:
            raise self.fault
        return self.board.now

    def publish(self) -> None:
        for _ in range(61):  # after an hour of beats the checkpoint is refreshed
            self.board.now += 1
            self._beat()


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    found = [record.getMessage() for record in caplog.records if record.name == NAME]
    caplog.clear()
    return found


def test_witnesses(board: LiveBoard, caplog: pytest.LogCaptureFixture) -> None:
    beats = Beats(board)
    beats.add_listener(BeatLog(beats).note)
    beats.publish()
    assert messages(caplog) == []
    witness = board.witnesses[0]
    witness.reachable = False
    beats.publish()
    beats.publish()
    (line,) = messages(caplog)
    assert witness.name in line
    assert "cut off" in line
    witness.reachable, witness.clock_error = True, 10**9
    beats.publish()
    (line,) = messages(caplog)
    assert "its clock is ahead" in line


def test_failures(board: LiveBoard, caplog: pytest.LogCaptureFixture) -> None:
    beats = Beats(board)
    beats.add_listener(BeatLog(beats).note)
    beats.fault = ReadOnlyError("board: read-only")
    for _ in range(3):
        beats._beat()
    assert messages(caplog) == ["beat failed: 'board: read-only'"]
    beats.fault = ValueError("a name and an address")
    for _ in range(3):
        beats._beat()
    (line,) = messages(caplog)
    assert "ValueError in clock:" in line
    assert "address" not in line, "nobody knows what the message of a fault quotes"
    beats.fault = None
    beats._beat()
    assert messages(caplog) == []
    beats.fault = ReadOnlyError("board: read-only")
    beats._beat()
    assert len(messages(caplog)) == 1
