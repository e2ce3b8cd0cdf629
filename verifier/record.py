"""The record as it was given: its files, its size, its manifest, and its entries one after the other.

Nothing is judged here. What is absent is a `MissingFile`, what is there and wrong a `RecordError`, so that
the checks can tell a broken copy from a false record.

Spec: board.md §4, verification.md §0
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from bulletin_board.errors import ArchiveError, MissingFile, RecordError, VersionError
from bulletin_board.folder import RecordFiles
from bulletin_board.log.addenda import addendum_path
from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log.note import SignedNote
from bulletin_board.log.tile import CHECKPOINT_PATH, TILE_WIDTH, Bundle, decode_bundle
from bulletin_board.records.envelope import Envelope, decode_record
from bulletin_board.records.manifest import Manifest
from verifier.errors import NotCoveredError, UnreadableError

_BALLOT_MARK = b',"type":"ballot"}'


@dataclass(frozen=True)
class Record:
    """A record whose newest checkpoint could be parsed, and whose manifest could be if it is there."""

    files: RecordFiles
    paths: frozenset[str]
    note_text: str  # of `checkpoint`
    checkpoint: Checkpoint  # unverified
    manifest_envelope: Envelope | None  # None: its bundle is missing

    @classmethod
    def load(cls, files: RecordFiles) -> Record:
        """Look at a record far enough to know that it is one.

        Raises:
            UnreadableError: no checkpoint, or no manifest where its bundle is there.
            NotCoveredError: a manifest of another version.
        """
        paths = _list(files)
        if CHECKPOINT_PATH not in paths:
            raise UnreadableError("no file named checkpoint: this is not the folder of a published record")
        try:
            note_text = _read(files, CHECKPOINT_PATH).decode()
            checkpoint = Checkpoint.from_text(SignedNote.from_text(note_text).text)
        except (RecordError, UnicodeDecodeError) as exc:
            raise UnreadableError(f"checkpoint: cannot be read: {exc}") from exc
        if not checkpoint.tree_size:
            raise UnreadableError("checkpoint: of an empty log, which has no manifest")
        record = cls(files, paths, note_text, checkpoint, None)
        return cls(files, paths, note_text, checkpoint, record._decode_manifest())

    @property
    def tree_size(self) -> int:
        return self.checkpoint.tree_size

    @property
    def manifest(self) -> Manifest | None:
        if self.manifest_envelope is None:
            return None
        body = self.manifest_envelope.body
        return body if isinstance(body, Manifest) else None

    def read(self, path: str) -> bytes:
        """The content of a file.

        Raises:
            MissingFile: there is none.
            UnreadableError: it is nothing that a record may hold.
        """
        if path not in self.paths:
            raise MissingFile(path)
        return _read(self.files, path)

    def addendum(self, digest: bytes) -> bytes:
        """What stands beside the log under this SHA-256.

        Raises:
            MissingFile: it is not there, or other bytes in its place, which check 1 names.
        """
        path = addendum_path(digest)
        data = self.read(path)
        if sha256(data).digest() != digest:
            raise MissingFile(path)
        return data

    def bundle_at(self, index: int) -> Bundle:
        """The coordinates of a bundle in a tree of the record's size."""
        return Bundle(index, min(TILE_WIDTH, self.tree_size - index * TILE_WIDTH))

    def read_bundle(self, bundle: Bundle) -> tuple[bytes, ...]:
        """The entries of one bundle.

        Raises:
            MissingFile: it is not there.
            RecordError: it does not hold so many entries and nothing else.
        """
        return decode_bundle(self.read(bundle.path), bundle)

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
        """(entry_index, entry) from `start` to before `end`, up to the first that cannot be read."""
        end = self.tree_size if end is None else min(end, self.tree_size)
        for number in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
            bundle = self.bundle_at(number)
            try:
                entries = self.read_bundle(bundle)
            except (MissingFile, RecordError):
                return
            for index, entry in enumerate(entries, start=bundle.start):
                if start <= index < end:
                    yield index, entry

    def _decode_manifest(self) -> Envelope | None:
        try:
            entry = self.read_bundle(self.bundle_at(0))[0]
            envelope = decode_record(entry)
        except MissingFile:
            return None
        except VersionError as exc:
            raise NotCoveredError(str(exc)) from exc
        except RecordError as exc:
            raise UnreadableError(f"entry 0: no manifest: {exc}") from exc
        if not isinstance(envelope.body, Manifest):
            raise UnreadableError(f"entry 0: no manifest but {envelope.type}")
        return envelope


def _list(files: RecordFiles) -> frozenset[str]:
    try:
        paths = files.paths()
        if paths is None:
            raise UnreadableError("the files cannot be listed: download the record first")
        return frozenset(paths)
    except ArchiveError as exc:
        raise UnreadableError(str(exc)) from exc


def _read(files: RecordFiles, path: str) -> bytes:
    try:
        return files.read(path)
    except ArchiveError as exc:
        raise UnreadableError(str(exc)) from exc


def is_ballot(entry: bytes) -> bool:
    """Whether an entry is a ballot, however bad.

    In a canonical record these bytes stand only at the end of a ballot's envelope: inside a JSON string the
    quotes would be escaped. Spec: verification.md §3.1
    """
    return _BALLOT_MARK in entry
