"""The thread that beats: it begins, goes on through failures, lets others wait, and ends."""

from collections.abc import Iterator
from threading import Event, Thread

import pytest
from sqlalchemy import create_engine, text

from bulletin_board.beat_loop import BeatLoop
from bulletin_board.errors import ReadOnlyError
from bulletin_board.outcome import Acknowledged
from tests.bulletin_board.live_board import LiveBoard

BEAT = 30


@pytest.fixture
def loop(voting: LiveBoard) -> Iterator[BeatLoop]:
    beating = BeatLoop(voting.sequencer, beat_ms=BEAT, clock=lambda: voting.now + 0.9)
    beating.start()
    yield beating
    beating.stop()


def test_what_is_submitted_is_acknowledged_by_the_next_beat(voting: LiveBoard, loop: BeatLoop) -> None:
    for place in range(3):
        hashed = voting.submit(voting.ballot(place))
        assert loop.wait_for_next_beat(10)
        assert isinstance(voting.sequencer.outcome(hashed), Acknowledged)
    report = loop.last_report
    assert report
    assert report.published_size == 20
    assert loop.last_failure is None


def test_listeners_are_called(voting: LiveBoard) -> None:
    loop = BeatLoop(voting.sequencer, beat_ms=BEAT, clock=lambda: voting.now)
    heard = Event()
    loop.add_listener(heard.set)
    loop.start()
    assert heard.wait(10)
    loop.stop()


def test_nobody_waits_for_a_loop_that_has_stopped(voting: LiveBoard) -> None:
    loop = BeatLoop(voting.sequencer, beat_ms=60_000, clock=lambda: voting.now)
    loop.start()
    loop.wait_for_next_beat(0)
    answers: list[bool] = []
    waiting = Thread(target=lambda: answers.append(loop.wait_for_next_beat(60)))
    waiting.start()
    loop.stop()
    waiting.join(10)
    assert answers in ([True], [False])
    assert not loop.wait_for_next_beat(60)


def test_patience_ends(voting: LiveBoard) -> None:
    loop = BeatLoop(voting.sequencer, beat_ms=BEAT, clock=lambda: voting.now)
    assert not loop.wait_for_next_beat(0.01), "it has not begun"


def test_a_failure_is_kept_and_the_loop_goes_on(voting: LiveBoard, loop: BeatLoop) -> None:
    assert loop.wait_for_next_beat(10)
    assert loop.alive
    engine = create_engine(voting.url)
    with engine.begin() as connection:
        connection.execute(text("update tiles set hashes = zeroblob(544) where tree = 'log'"))
    engine.dispose()
    voting.submit(voting.ballot(0))
    for _ in range(2):
        assert loop.wait_for_next_beat(10)
    assert isinstance(loop.last_failure, ReadOnlyError)
    assert loop.alive
    loop.stop()
    assert not loop.alive


def test_missed_beats_are_dropped(voting: LiveBoard) -> None:
    counted: list[int] = []
    hold = Event()

    def clock() -> float:
        counted.append(1)
        if len(counted) == 1:
            hold.wait(10)
        return voting.now

    loop = BeatLoop(voting.sequencer, beat_ms=50, clock=clock)
    loop.start()
    Event().wait(0.4)
    hold.set()
    Event().wait(0.12)
    loop.stop()
    assert 1 < len(counted) < 7, "eight beats were missed, and not made up for"


def test_a_fault_of_our_own_is_one_failed_beat(voting: LiveBoard) -> None:
    times = iter([float("nan")])

    def clock() -> float:
        return next(times, voting.now)

    loop = BeatLoop(voting.sequencer, beat_ms=BEAT, clock=clock)
    seen: list[Exception | None] = []
    loop.add_listener(lambda: seen.append(loop.last_failure))
    loop.start()
    for _ in range(2):
        assert loop.wait_for_next_beat(10)
    loop.stop()
    assert isinstance(seen[0], ValueError)
    assert seen[1] is None, "the next beat went through"


def test_a_listener_at_fault_ends_nothing(voting: LiveBoard) -> None:
    heard = Event()

    def faulty() -> None:
        raise ZeroDivisionError

    loop = BeatLoop(voting.sequencer, beat_ms=BEAT, clock=lambda: voting.now)
    loop.add_listener(faulty)
    loop.add_listener(heard.set)
    loop.start()
    assert heard.wait(10)
    heard.clear()
    assert heard.wait(10)
    loop.stop()
    assert isinstance(loop.last_failure, ZeroDivisionError)
