"""What a board has published so far: its list of cosigned checkpoints, which dates the record.

Spec: board.md §2.3; records.md §4.4, §4.5
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bulletin_board.errors import LogProofError
from bulletin_board.folder import RecordFiles
from bulletin_board.log.text import decode_utf8
from bulletin_board.log_files import read_kept_notes
from bulletin_board.log_reader import VerifiedLog
from bulletin_board.policy import BoardPolicy


@dataclass(frozen=True, slots=True)
class DatedCheckpoint:
    """A kept checkpoint, its signatures verified, and its place in time (POSIX seconds)."""

    note_text: str
    tree_size: int
    quorum_by: int  # the earliest time by which a quorum had cosigned
    quorum_since: int  # the latest time at or after which a quorum cosigned


class KeptCheckpoints:
    """The list. Everything it gives is of the log at hand, and was verified."""

    def __init__(self, files: RecordFiles, policy: BoardPolicy, log: VerifiedLog) -> None:
        """
        Args:
            files: of the record; they are read when something is asked for.
            policy: whose signatures count.
            log: what the checkpoints must be of.
        """
        self._files = files
        self._policy = policy
        self._log = log

    def newest_first(self) -> Iterator[DatedCheckpoint]:
        """From the newest back to the first. Those that are newer than the log at hand are left out.

        Raises:
            BoardError: one that nobody vouches for, or that is of another log.
        """
        for note in reversed(self._notes):
            dated = self._open(decode_utf8(note, subject="kept checkpoint"))
            if dated:
                yield dated

    def witnessed_by(self, entry_index: int) -> int | None:
        """The earliest time by which a quorum had seen an entry; None if it has not yet."""
        sizes, times = self._earliest
        place = bisect_right(sizes, entry_index)
        return times[place] if place < len(times) else None

    @cached_property
    def _notes(self) -> list[bytes]:
        return read_kept_notes(self._files)

    @cached_property
    def _earliest(self) -> tuple[list[int], list[int]]:
        """Sizes, ascending, and for each the earliest time by which a quorum had seen so many entries."""
        sizes: list[int] = []
        times: list[int] = []
        for dated in self.newest_first():
            sizes.append(dated.tree_size)
            times.append(min(dated.quorum_by, times[-1]) if times else dated.quorum_by)
        return sizes[::-1], times[::-1]

    def _open(self, note_text: str) -> DatedCheckpoint | None:
        opened = self._policy.open(note_text)
        checkpoint = opened.checkpoint
        if checkpoint.tree_size > self._log.tree_size:
            return None
        if self._log.root_at(checkpoint.tree_size) != checkpoint.root_hash:
            raise LogProofError(f"checkpoint of size {checkpoint.tree_size}: of another log than its newest")
        return DatedCheckpoint(
            note_text,
            checkpoint.tree_size,
            self._policy.quorum_by(opened.cosignatures),
            self._policy.quorum_since(opened.cosignatures),
        )
