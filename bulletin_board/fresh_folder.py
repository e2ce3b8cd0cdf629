"""Filling a folder with a record so that it is there in full or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from bulletin_board.durable_file import sync_folder
from bulletin_board.errors import ArchiveError
from bulletin_board.log.addenda import MARKER_PATH
from bulletin_board.log.tile import CHECKPOINT_PATH


@contextmanager
def fresh_folder(folder: Path) -> Iterator[Path]:
    """A folder to fill, which takes the place of `folder` when the block ends well.

    Args:
        folder: its parent exists. An earlier record there is replaced.

    Raises:
        ArchiveError: the folder is there and holds something else than a record.
    """
    if folder.exists() and not _is_record(folder):
        raise ArchiveError(f"{folder}: exists, and is not a record")
    fresh = Path(mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        fresh.chmod(0o755)
        yield fresh
        _put_in_place(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    sync_folder(folder.parent)


def _put_in_place(fresh: Path, folder: Path) -> None:
    if not folder.exists():
        fresh.rename(folder)
        return
    # No rename takes the place of a folder with files, so the old one steps aside first.
    old = fresh.with_name(f"{fresh.name}.old")
    folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old)


def _is_record(folder: Path) -> bool:
    return all((folder / name).is_file() for name in (CHECKPOINT_PATH, MARKER_PATH))
