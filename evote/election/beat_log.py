"""What goes wrong with the beats of a board, told to whoever runs it: each reason once, until it changes.

No line names a voter, a credential or a ballot: witnesses and databases are all that there is to tell of.
"""

from __future__ import annotations

import logging
from traceback import extract_tb

from bulletin_board.beat_loop import BeatLoop
from bulletin_board.errors import BoardError
from bulletin_board.sequencer import BeatReport

_LOG = logging.getLogger(__name__)


class BeatLog:
    """Listens to a beat loop, from whose thread `note` is called."""

    def __init__(self, beats: BeatLoop) -> None:
        self._beats = beats
        self._failure: str | None = None
        self._witnesses: dict[str, str] = {}  # witness → why it did not cosign when it was last asked

    def note(self) -> None:
        """Log what is new since the beat before."""
        self._note_failure(self._beats.last_failure)
        report = self._beats.last_report
        # A beat that publishes nothing asks no witness, and says nothing of any.
        if report and (report.published or report.failures):
            self._note_witnesses(report)

    def _note_failure(self, failure: Exception | None) -> None:
        reason = None if failure is None else _describe(failure)
        if reason is not None and reason != self._failure:
            _LOG.error("beat failed: %.300r", reason)
        self._failure = reason

    def _note_witnesses(self, report: BeatReport) -> None:
        reasons = {failure.witness: failure.reason for failure in report.failures}
        for witness, reason in reasons.items():
            if self._witnesses.get(witness) != reason:
                # Quoted: a part of it may be what the witness has answered.
                _LOG.warning("witness %s did not cosign: %.300r", witness, reason)
        self._witnesses = reasons


def _describe(failure: Exception) -> str:
    if isinstance(failure, BoardError):
        return str(failure)
    # Of a fault of our own, nobody knows what its message quotes.
    places = [f"{frame.name}:{frame.lineno}" for frame in extract_tb(failure.__traceback__)[-1:]]
    return " in ".join([type(failure).__name__, *places])
