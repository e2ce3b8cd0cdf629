"""The clock of a board: a thread that beats the sequencer, and lets others wait for what a beat brings."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Event, Thread
from time import monotonic

from bulletin_board.sequencer import BeatReport, Sequencer

Listener = Callable[[], None]


class BeatLoop:
    """Beats at a fixed interval from `start` to `stop`. A beat that takes too long drops those it missed."""

    def __init__(self, sequencer: Sequencer, *, beat_ms: int, clock: Callable[[], float]) -> None:
        """
        Args:
            sequencer: it was started.
            beat_ms: milliseconds between beats, as the manifest says.
            clock: POSIX seconds, such as `time.time`.
        """
        self._sequencer = sequencer
        self._interval = beat_ms / 1000
        self._clock = clock
        self._stopping = Event()
        self._beaten = Condition()
        self._running = False
        self._count = 0
        self._report: BeatReport | None = None
        self._failure: Exception | None = None
        self._listeners: list[Listener] = []
        self._thread = Thread(target=self._run, name="beat", daemon=True)

    def start(self) -> None:
        """Begin to beat, the first time at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the beat that runs; everybody who waits is let go."""
        self._stopping.set()
        self._thread.join()
        with self._beaten:
            self._beaten.notify_all()

    @property
    def alive(self) -> bool:
        """Whether it beats; only `stop` ends that."""
        return self._thread.is_alive()

    @property
    def last_report(self) -> BeatReport | None:
        """What the last beat that went through did."""
        return self._report

    @property
    def last_failure(self) -> Exception | None:
        """Why the last beat did not go through; None if it did. Not a `BoardError`: a fault of our own."""
        return self._failure

    def add_listener(self, listener: Listener) -> None:
        """Have something called after every beat, from the thread of the loop; it must not block or raise."""
        self._listeners.append(listener)

    def wait_for_next_beat(self, timeout: float) -> bool:
        """Wait until a beat that begins from now on has ended; whether there was one in `timeout` seconds."""
        with self._beaten:
            # The beat that runs may have begun before what the caller has just submitted.
            target = self._count + (2 if self._running else 1)
            self._beaten.wait_for(lambda: self._count >= target or self._stopping.is_set(), timeout)
            return self._count >= target

    def _run(self) -> None:
        due = monotonic()
        while not self._stopping.wait(max(0.0, due - monotonic())):
            self._beat()
            missed = max(0.0, monotonic() - due) // self._interval
            due += (missed + 1) * self._interval

    def _beat(self) -> None:
        with self._beaten:
            self._running = True
        try:
            self._report = self._sequencer.beat(int(self._clock()))
            self._failure = None
        except Exception as exc:  # noqa: BLE001 -- whatever it is, a board that stops beating is worse
            # The next beat tries again. Whoever watches the board sees it here.
            self._failure = exc
        finally:
            with self._beaten:
                self._running = False
                self._count += 1
                self._beaten.notify_all()
        for listener in self._listeners:
            try:
                listener()
            except Exception as exc:  # noqa: BLE001 -- a listener at fault must not end the beats either
                self._failure = exc
