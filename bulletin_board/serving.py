"""What a board serves under each path of its log, and what a published folder of it holds: the same bytes.

Spec: board.md §1.2, §1.3, §2.3, §4, §5
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bulletin_board.errors import RecordError
from bulletin_board.log.addenda import MARKER_PATH, addendum_path
from bulletin_board.log.tile import (
    CHECKPOINT_PATH,
    TILE_HEIGHT,
    TILE_WIDTH,
    Bundle,
    Tile,
    encode_bundle,
    new_bundles,
    tiles_for_size,
)
from bulletin_board.log_files import checkpoints_path
from bulletin_board.store.port import BoardSnapshot, BoardStore, KeptCheckpoint

TEXT = "text/plain; charset=utf-8"
OCTETS = "application/octet-stream"

_ENTRIES = "tile/entries/"
_CHECKPOINTS = "checkpoints/"
_ADDENDUM = re.compile(r"addenda/[0-9a-f]{2}/[0-9a-f]{2}/([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file of the log. `immutable`: whoever has it need never ask again."""

    content: bytes
    immutable: bool = True
    content_type: str = OCTETS


@dataclass(frozen=True, slots=True)
class LogCut:
    """The log up to one kept checkpoint: everything that may be shown when that is the newest."""

    newest: KeptCheckpoint

    @classmethod
    def at(cls, tables: BoardSnapshot, tree_size: int | None = None) -> LogCut | None:
        """The cut at the newest checkpoint, or at the last one of a size; None if there is no such."""
        log = tables.log
        kept = log.newest_checkpoint() if tree_size is None else log.checkpoint_of_size(tree_size)
        return cls(kept) if kept else None

    def paths(self, tables: BoardSnapshot) -> Iterator[str]:
        """Every path of the published folder, each once. Spec: board.md §4.1"""
        yield CHECKPOINT_PATH
        yield MARKER_PATH
        for bundle in new_bundles(0, self.newest.sequence + 1):
            yield checkpoints_path(bundle)
        for tile in tiles_for_size(self.newest.tree_size):
            yield tile.path
        for bundle in new_bundles(0, self.newest.tree_size):
            yield bundle.path
        for name in tables.submissions.addenda_below(self.newest.tree_size):
            yield addendum_path(name)

    def read(self, tables: BoardSnapshot, path: str) -> LogFile | None:
        """The file at a path; None for whatever this log does not have, however it is spelled."""
        if path == CHECKPOINT_PATH:
            return LogFile(self.newest.note, immutable=False, content_type=TEXT)
        if path == MARKER_PATH:
            return LogFile(b"")
        try:
            content = self._content(tables, path)
        except RecordError:  # no canonical path of anything
            content = None
        return None if content is None else LogFile(content)

    def _content(self, tables: BoardSnapshot, path: str) -> bytes | None:
        if path.startswith(_CHECKPOINTS):
            return self._checkpoints(tables, Bundle.from_path(_ENTRIES + path.removeprefix(_CHECKPOINTS)))
        if path.startswith(_ENTRIES):
            return self._entries(tables, Bundle.from_path(path))
        if path.startswith("addenda/"):
            return self._addendum(tables, path)
        tile = Tile.from_path(path)
        row_size = self.newest.tree_size >> (TILE_HEIGHT * tile.level)
        return tables.log.tile(tile) if _end(tile) <= row_size else None

    def _entries(self, tables: BoardSnapshot, bundle: Bundle) -> bytes | None:
        if _end(bundle) > self.newest.tree_size:
            return None
        return encode_bundle([entry.data for entry in tables.log.entries(bundle.start, _end(bundle))])

    def _checkpoints(self, tables: BoardSnapshot, bundle: Bundle) -> bytes | None:
        if _end(bundle) > self.newest.sequence + 1:
            return None
        return encode_bundle([kept.note for kept in tables.log.checkpoints(bundle.start, _end(bundle))])

    def _addendum(self, tables: BoardSnapshot, path: str) -> bytes | None:
        match = _ADDENDUM.fullmatch(path)
        if not match or addendum_path(digest := bytes.fromhex(match[1])) != path:
            return None
        found = tables.submissions.addendum(digest)
        if found is None or found[1] is None or found[1] >= self.newest.tree_size:
            return None
        return found[0]


def read_path(store: BoardStore, path: str) -> LogFile | None:
    """The file of the log at a path relative to its prefix; None where a plain 404 is the answer.

    Partial tiles and bundles are there for every size up to the newest published one.
    """
    with store.snapshot() as tables:
        cut = LogCut.at(tables)
        if cut is None:
            return LogFile(b"") if path == MARKER_PATH else None
        return cut.read(tables, path)


def _end(item: Tile | Bundle) -> int:
    """One past the last place that a tile or bundle takes in its row."""
    return item.index * TILE_WIDTH + item.width
