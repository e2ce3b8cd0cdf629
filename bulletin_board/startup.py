"""The check before a board writes: its entries lead to its head, and its head to what it has published.

Restoring an old backup, or a damaged file, is how a log comes to contradict itself. Spec: board.md §3.5
"""

from bulletin_board.errors import ReadOnlyError
from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log.merkle import Frontier, leaf_hash
from bulletin_board.log.note import SignedNote
from bulletin_board.log.tile import Tile, grow_tiles
from bulletin_board.store.port import LogReader

_STEP = 4096  # entries in memory at a time


def check_log(log: LogReader) -> None:
    """Recompute every leaf hash, every tile and the root.

    Raises:
        ReadOnlyError: the store contradicts itself.
    """
    head = log.head()
    leaves = _leaf_hashes(log, head.tree_size)
    if Frontier().extend(leaves).root_hash() != head.root_hash:
        raise ReadOnlyError(f"log: its entries do not lead to its head of size {head.tree_size}")
    for tile, hashes in grow_tiles(0, leaves, _no_tile):
        if log.tile(tile) != hashes:
            raise ReadOnlyError(f"log: {tile.path} is not that of its entries")
    newest = log.newest_checkpoint()
    if newest is None:
        return
    published = Checkpoint.from_text(SignedNote.from_text(newest.note.decode()).text)
    if published.tree_size > head.tree_size:
        raise ReadOnlyError(f"log: {head.tree_size} entries, but {published.tree_size} were published")
    if Frontier().extend(leaves[: published.tree_size]).root_hash() != published.root_hash:
        raise ReadOnlyError(f"log: its entries do not lead to the checkpoint of size {published.tree_size}")


def _leaf_hashes(log: LogReader, tree_size: int) -> list[bytes]:
    leaves: list[bytes] = []
    for start in range(0, tree_size, _STEP):
        for entry in log.entries(start, min(start + _STEP, tree_size)):
            if leaf_hash(entry.data) != entry.leaf_hash:
                raise ReadOnlyError(f"log: entry {entry.entry_index} does not have its own hash")
            leaves.append(entry.leaf_hash)
    return leaves


def _no_tile(tile: Tile) -> bytes:
    raise ValueError(f"{tile.path}: an empty tree has no tiles")
