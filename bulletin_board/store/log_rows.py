"""The log in SQL: entries, tiles, heads, kept checkpoints."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import CursorResult, Row, Select, func, insert, select, update
from sqlalchemy.orm import Session

from bulletin_board.errors import HeadMovedError, StoreError
from bulletin_board.log.merkle import EMPTY_ROOT
from bulletin_board.log.text import HASH_BYTES
from bulletin_board.log.tile import Tile
from bulletin_board.store.models import CheckpointRow, EntryRow, TileRow, TreeRow
from bulletin_board.store.port import KeptCheckpoint, LoggedEntry, Tree, TreeHead

_ENTRY = (EntryRow.entry_index, EntryRow.entry_type, EntryRow.data, EntryRow.leaf_hash)
_CHECKPOINT = (
    CheckpointRow.sequence,
    CheckpointRow.tree_size,
    CheckpointRow.quorum_by,
    CheckpointRow.quorum_since,
    CheckpointRow.note,
)


class LogRows:
    """The log as one database session sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def head(self, tree: Tree = Tree.LOG) -> TreeHead:
        row = self._session.execute(
            select(TreeRow.tree_size, TreeRow.root_hash).where(TreeRow.name == tree)
        ).one_or_none()
        return TreeHead(row.tree_size, row.root_hash) if row else TreeHead(0, EMPTY_ROOT)

    def tile(self, tile: Tile, tree: Tree = Tree.LOG) -> bytes:
        hashes = self._session.scalar(
            select(TileRow.hashes).where(
                TileRow.tree == tree, TileRow.level == tile.level, TileRow.tile_index == tile.index
            )
        )
        size = tile.width * HASH_BYTES
        if hashes is None or len(hashes) < size:
            raise StoreError(f"{tree} {tile.path}: not in the store")
        return hashes[:size]

    def entries(self, start: int, end: int) -> tuple[LoggedEntry, ...]:
        found = self._session.execute(
            select(*_ENTRY)
            .where(EntryRow.entry_index >= start, EntryRow.entry_index < end)
            .order_by(EntryRow.entry_index)
        ).all()
        if [row.entry_index for row in found] != list(range(start, end)):
            raise StoreError(f"entries {start}..{end}: {len(found)} in the store")
        return tuple(_entry(row) for row in found)

    def entries_of(self, entry_types: Collection[str], *, start: int = 0) -> Iterator[LoggedEntry]:
        found = self._session.execute(
            select(*_ENTRY)
            .where(EntryRow.entry_type.in_(entry_types), EntryRow.entry_index >= start)
            .order_by(EntryRow.entry_index)
        )
        return (_entry(row) for row in found)

    def last_entry_of(self, entry_type: str) -> LoggedEntry | None:
        row = self._session.execute(
            select(*_ENTRY)
            .where(EntryRow.entry_type == entry_type)
            .order_by(EntryRow.entry_index.desc())
            .limit(1)
        ).one_or_none()
        return _entry(row) if row else None

    def index_of(self, leaf_hash: bytes) -> int | None:
        return self._session.scalar(select(EntryRow.entry_index).where(EntryRow.leaf_hash == leaf_hash))

    def checkpoint_count(self) -> int:
        last = self._session.scalar(select(func.max(CheckpointRow.sequence)))
        return 0 if last is None else last + 1

    def checkpoints(self, start: int, end: int) -> tuple[KeptCheckpoint, ...]:
        found = self._session.execute(
            select(*_CHECKPOINT)
            .where(CheckpointRow.sequence >= start, CheckpointRow.sequence < end)
            .order_by(CheckpointRow.sequence)
        ).all()
        if [row.sequence for row in found] != list(range(start, end)):
            raise StoreError(f"checkpoints {start}..{end}: {len(found)} in the store")
        return tuple(_checkpoint(row) for row in found)

    def newest_checkpoint(self) -> KeptCheckpoint | None:
        return self._one_checkpoint(select(*_CHECKPOINT).order_by(CheckpointRow.sequence.desc()))

    def checkpoint_of_size(self, tree_size: int) -> KeptCheckpoint | None:
        return self._one_checkpoint(
            select(*_CHECKPOINT)
            .where(CheckpointRow.tree_size == tree_size)
            .order_by(CheckpointRow.sequence.desc())
        )

    def find_checkpoint(self, tree_size: int, note: bytes) -> KeptCheckpoint | None:
        return self._one_checkpoint(
            select(*_CHECKPOINT)
            .where(CheckpointRow.tree_size == tree_size, CheckpointRow.note == note)
            .order_by(CheckpointRow.sequence)
        )

    def checkpoint_covering(self, entry_index: int) -> KeptCheckpoint | None:
        return self._one_checkpoint(
            select(*_CHECKPOINT)
            .where(CheckpointRow.tree_size > entry_index)
            .order_by(CheckpointRow.tree_size, CheckpointRow.sequence)
        )

    def witnessed_by(self, entry_index: int) -> int | None:
        return self._session.scalar(
            select(func.min(CheckpointRow.quorum_by)).where(CheckpointRow.tree_size > entry_index)
        )

    def largest_witnessed_by(self, time: int) -> KeptCheckpoint | None:
        return self._one_checkpoint(
            select(*_CHECKPOINT)
            .where(CheckpointRow.quorum_by <= time)
            .order_by(CheckpointRow.sequence.desc())
        )

    def add_entries(self, entries: Sequence[LoggedEntry]) -> None:
        rows = [
            {
                "entry_index": entry.entry_index,
                "entry_type": entry.entry_type,
                "data": entry.data,
                "leaf_hash": entry.leaf_hash,
            }
            for entry in entries
        ]
        if rows:
            self._session.execute(insert(EntryRow), rows)

    def move_head(self, old: TreeHead, new: TreeHead) -> None:
        moved = self._session.execute(
            update(TreeRow)
            .where(
                TreeRow.name == Tree.LOG,
                TreeRow.tree_size == old.tree_size,
                TreeRow.root_hash == old.root_hash,
            )
            .values(tree_size=new.tree_size, root_hash=new.root_hash)
        )
        if not _changed(moved):
            raise HeadMovedError(f"log: the head is no longer at size {old.tree_size}")

    def keep_tiles(self, tiles: Iterable[tuple[Tile, bytes]], tree: Tree = Tree.LOG) -> None:
        fresh = []
        for tile, hashes in tiles:
            place = (
                TileRow.tree == tree,
                TileRow.level == tile.level,
                TileRow.tile_index == tile.index,
            )
            if not _changed(self._session.execute(update(TileRow).where(*place).values(hashes=hashes))):
                fresh.append({"tree": tree, "level": tile.level, "tile_index": tile.index, "hashes": hashes})
        if fresh:
            self._session.execute(insert(TileRow), fresh)

    def keep_roll_head(self, head: TreeHead) -> None:
        self._session.execute(
            insert(TreeRow).values(name=Tree.ROLL, tree_size=head.tree_size, root_hash=head.root_hash)
        )

    def keep_checkpoint(self, checkpoint: KeptCheckpoint) -> None:
        newest = self.newest_checkpoint()
        expected, least = (newest.sequence + 1, newest.tree_size) if newest else (0, 0)
        if checkpoint.sequence != expected or checkpoint.tree_size < least:
            raise StoreError(
                f"checkpoint {checkpoint.sequence} of size {checkpoint.tree_size}: "
                f"expected {expected}, of size {least} or more"
            )
        self._session.execute(
            insert(CheckpointRow).values(
                sequence=checkpoint.sequence,
                tree_size=checkpoint.tree_size,
                quorum_by=checkpoint.quorum_by,
                quorum_since=checkpoint.quorum_since,
                note=checkpoint.note,
            )
        )

    def _one_checkpoint(self, query: Select[int, int, int, int, bytes]) -> KeptCheckpoint | None:
        row = self._session.execute(query.limit(1)).one_or_none()
        return _checkpoint(row) if row else None


def _changed(result: Any) -> bool:
    return isinstance(result, CursorResult) and result.rowcount > 0


def _entry(row: Row[int, str, bytes, bytes]) -> LoggedEntry:
    return LoggedEntry(row.entry_index, row.entry_type, row.data, row.leaf_hash)


def _checkpoint(row: Row[int, int, int, int, bytes]) -> KeptCheckpoint:
    return KeptCheckpoint(row.sequence, row.tree_size, row.quorum_by, row.quorum_since, row.note)
