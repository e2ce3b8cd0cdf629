"""What the plain pages show, read off the files of a record as they are published.

The same code serves a running board and a folder on a disk. It verifies nothing but that the numbers of a
result add up; the pages say so, and say who verifies.

Spec: board.md §2.3, §4; records.md §5
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Protocol

import msgspec

from bulletin_board.errors import BoardError, MissingFile, RecordError
from bulletin_board.folder import RecordFiles
from bulletin_board.log.addenda import decode_entry
from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log.cosignature import Cosignature
from bulletin_board.log.merkle import leaf_hash
from bulletin_board.log.note import SignedNote
from bulletin_board.log.text import decode_utf8
from bulletin_board.log.tile import TILE_WIDTH, decode_bundle
from bulletin_board.log_files import bundle_at, checkpoints_path, read_bundle, read_newest_note
from bulletin_board.policy import BoardPolicy
from bulletin_board.records.envelope import decode_record
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.tally import Aggregate, Result, ResultCell
from bulletin_board.records.voting import Notice

_SHOWN = (Notice, Aggregate, Result)  # what the first page needs of the log, besides the manifest


class RecordSource(RecordFiles, Protocol):
    """A record whose newest part may be growing."""

    def checkpoint_count(self) -> int:
        """How many checkpoints are kept."""
        ...


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry in the list."""

    index: int
    type: str
    leaf_hash: str  # hex
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class CheckpointLine:
    """One kept checkpoint in the list; no cosignatures where it is not vouched for by a quorum."""

    sequence: int
    tree_size: int
    root_hash: str  # hex
    cosignatures: tuple[Cosignature, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The record in short. `notices` are (index of the entry, notice), oldest first."""

    manifest: Manifest
    newest: CheckpointLine
    types: Counter[str]
    notices: tuple[tuple[int, Notice], ...]
    aggregate: Aggregate | None
    result: Result | None


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What was read of the first `size` entries."""

    size: int = 0
    types: Counter[str] = field(default_factory=Counter)
    notices: tuple[tuple[int, Notice], ...] = ()
    aggregate: Aggregate | None = None
    result: Result | None = None


class _Typed(msgspec.Struct):
    type: str


class RecordView:
    """A record to be looked at. Reads every entry once, and what is added later when it is asked again."""

    def __init__(self, source: RecordSource) -> None:
        self._source = source
        self._manifest: Manifest | None = None
        self._gathered = _Gathered()
        self._gathering = Lock()

    @property
    def source(self) -> RecordSource:
        return self._source

    def manifest(self) -> Manifest:
        """Entry 0.

        Raises:
            MissingFile: nothing is published yet.
            RecordError: the log begins with something else.
        """
        if self._manifest is None:
            body = decode_record(self.entry(0)).body
            if not isinstance(body, Manifest):
                raise RecordError("log: it does not begin with a manifest")
            self._manifest = body
        return self._manifest

    def tree_size(self) -> int:
        """Entries under the newest checkpoint."""
        return read_newest_note(self._source)[1].tree_size

    def overview(self) -> Overview:
        """Everything for the first page."""
        manifest = self.manifest()
        newest = self._line(self._source.checkpoint_count() - 1, read_newest_note(self._source)[0])
        with self._gathering:
            if newest.tree_size < self._gathered.size:
                self._gathered = _Gathered()
            for index, entry in self._entries(self._gathered.size, newest.tree_size):
                self._gathered = _with(self._gathered, index, entry)
            known = self._gathered
        return Overview(manifest, newest, Counter(known.types), known.notices, known.aggregate, known.result)

    def entry(self, index: int) -> bytes:
        """The bytes of one entry.

        Raises:
            MissingFile: the log is not that long.
        """
        size = self.tree_size()
        if not 0 <= index < size:
            raise MissingFile(f"entry {index}")
        return next(entry for _, entry in self._entries(index, index + 1))

    def entry_lines(self, start: int, end: int) -> tuple[EntryLine, ...]:
        """Entries [start, end) of the list."""
        return tuple(
            EntryLine(index, entry_type(entry), leaf_hash(entry).hex(), len(entry))
            for index, entry in self._entries(start, end)
        )

    def checkpoint_lines(self, start: int, end: int) -> tuple[CheckpointLine, ...]:
        """Kept checkpoints [start, end) of the list, which lie in one bundle."""
        index = start // TILE_WIDTH
        bundle = bundle_at(index, self._source.checkpoint_count())
        notes = decode_bundle(self._source.read(checkpoints_path(bundle)), bundle)
        chosen = list(enumerate(notes, start=bundle.start))[start - bundle.start : end - bundle.start]
        return tuple(
            self._line(sequence, decode_utf8(note, subject="checkpoint")) for sequence, note in chosen
        )

    def _line(self, sequence: int, note_text: str) -> CheckpointLine:
        checkpoint = Checkpoint.from_text(SignedNote.from_text(note_text).text)
        try:
            cosignatures = BoardPolicy.of(self.manifest()).open(note_text).cosignatures
        except BoardError:
            cosignatures = ()
        return CheckpointLine(sequence, checkpoint.tree_size, checkpoint.root_hash.hex(), cosignatures)

    def _entries(self, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        size = self.tree_size()
        for index in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
            bundle = bundle_at(index, size)
            for place, entry in enumerate(read_bundle(self._source, bundle), start=bundle.start):
                if start <= place < end:
                    yield place, entry


def entry_type(entry: bytes) -> str:
    """The type of an entry, the rest of which is not looked at."""
    try:
        return msgspec.json.decode(decode_entry(entry)[0], type=_Typed).type
    except (RecordError, msgspec.DecodeError, UnicodeDecodeError):
        return "?"  # an entry that cannot be read stands in the list all the same


def adds_up(result: Result, aggregate: Aggregate, manifest: Manifest) -> bool:
    """Whether the numbers of a result can be those of its aggregate. Spec: protocol.md §5.9, §5.10"""
    try:
        return _adds_up(result, aggregate, manifest)
    except RecordError:  # a contest that is not in the manifest
        return False


def _adds_up(result: Result, aggregate: Aggregate, manifest: Manifest) -> bool:
    places = [(cell.contest, cell.node, cell.members) for cell in aggregate.cells]
    if [(cell.contest, cell.node, cell.members) for cell in result.cells] != places:
        return False
    if [each.contest for each in result.contests] != [contest.id for contest in manifest.contests]:
        return False
    cells = zip(aggregate.cells, result.cells, strict=True)
    return all(_possible(counted, cell.ballots, manifest) for cell, counted in cells) and all(
        each.totals == _sums(each.contest, result, manifest)
        and set(each.outcome.options) <= {option.id for option in manifest.contest(each.contest).options}
        for each in result.contests
    )


def _possible(counted: ResultCell, ballots: int, manifest: Manifest) -> bool:
    contest = manifest.contest(counted.contest)
    if len(counted.counts) != len(contest.options) or max(counted.counts) > ballots:
        return False
    weighted = sum(
        option.weight * count for option, count in zip(contest.options, counted.counts, strict=True)
    )
    return contest.minimum * ballots <= weighted <= contest.maximum * ballots


def _sums(contest_id: str, result: Result, manifest: Manifest) -> tuple[int, ...]:
    own = [cell.counts for cell in result.cells if cell.contest == contest_id]
    return (
        tuple(map(sum, zip(*own, strict=True))) if own else (0,) * len(manifest.contest(contest_id).options)
    )


def _with(known: _Gathered, index: int, entry: bytes) -> _Gathered:
    kind = entry_type(entry)
    known.types[kind] += 1
    known = replace(known, size=index + 1)
    if kind not in {shown.record_type for shown in _SHOWN}:
        return known
    match decode_record(entry).body:
        case Notice() as notice:
            return replace(known, notices=(*known.notices, (index, notice)))
        case Aggregate() as aggregate:
            return replace(known, aggregate=aggregate)
        case Result() as result:
            return replace(known, result=result)
        case _:
            return known
