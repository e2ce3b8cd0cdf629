"""Copying a board's log into a folder, whole, so that it can be verified and kept.

Nothing is judged while copying; whoever reads the copy authenticates it.

Spec: board.md §4.1
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from bulletin_board.errors import ExchangeError, RecordError
from bulletin_board.log.addenda import MARKER_PATH, addendum_path, decode_entry
from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log.note import SignedNote
from bulletin_board.log.tile import (
    CHECKPOINT_PATH,
    TILE_WIDTH,
    Bundle,
    decode_bundle,
    new_bundles,
    tiles_for_size,
)
from bulletin_board.log_files import checkpoints_path

Read = Callable[[str], bytes]


def mirror_log(read: Read, kept_checkpoints: int, folder: Path) -> Checkpoint:
    """Copy everything up to the newest of the kept checkpoints.

    Args:
        read: gives the file of a path, or raises.
        kept_checkpoints: how many the board keeps, by its word; at least 1.
        folder: empty, or holding an earlier copy of the same log, which is added to.

    Returns:
        The checkpoint of the copy, unverified.

    Raises:
        ExchangeError: a list of checkpoints or a bundle that is none.
        BoardError: as `read`.
    """
    note = b""
    for bundle in new_bundles(0, kept_checkpoints):
        path = checkpoints_path(bundle)
        data = read(path)
        _keep(folder, path, data)
        note = _decode(data, bundle)[-1]
    checkpoint = _checkpoint(note)
    for tile in tiles_for_size(checkpoint.tree_size):
        _keep(folder, tile.path, read(tile.path))
    for bundle in new_bundles(0, checkpoint.tree_size):
        data = read(bundle.path)
        _keep(folder, bundle.path, data)
        for digest in _named(_decode(data, bundle)):
            path = addendum_path(digest)
            if not (folder / path).exists():
                _keep(folder, path, read(path))
    _keep(folder, MARKER_PATH, b"")
    _keep(folder, CHECKPOINT_PATH, note)
    return checkpoint


def _keep(folder: Path, path: str, data: bytes) -> None:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def _decode(data: bytes, bundle: Bundle) -> tuple[bytes, ...]:
    if not 1 <= bundle.width <= TILE_WIDTH:
        raise ExchangeError("board: keeps no checkpoint yet")
    try:
        return decode_bundle(data, bundle)
    except RecordError as exc:
        raise ExchangeError(f"{bundle.path}: {exc}") from exc


def _named(entries: tuple[bytes, ...]) -> Iterator[bytes]:
    for entry in entries:
        try:
            _, digests = decode_entry(entry)
        except RecordError:
            continue  # whoever verifies the copy says what is wrong with it
        yield from digests


def _checkpoint(note: bytes) -> Checkpoint:
    try:
        return Checkpoint.from_text(SignedNote.from_text(note.decode()).text)
    except (RecordError, UnicodeDecodeError) as exc:
        raise ExchangeError(f"board: its newest checkpoint cannot be read: {exc}") from exc
