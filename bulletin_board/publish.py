"""Writing the published record: a folder that any static host can serve, or one archive of it.

A folder or archive is there in full or not at all. The same cut of the same log gives the same bytes.

Spec: board.md §4
"""

import gzip
import io
import os
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp
from typing import IO

from bulletin_board.durable_file import PUBLIC, sync_folder
from bulletin_board.errors import StoreError
from bulletin_board.fresh_folder import fresh_folder
from bulletin_board.serving import LogCut
from bulletin_board.store.port import BoardStore

Progress = Callable[[int, int], None]  # files written, files in all
ReadFile = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Published:
    """What was written."""

    tree_size: int
    files: int


def publish_folder(
    store: BoardStore, folder: Path, *, tree_size: int | None = None, progress: Progress | None = None
) -> Published:
    """Write the record into a folder, in place of an earlier record there.

    Args:
        store: the board's.
        folder: the folder to make; its parent exists.
        tree_size: of the kept checkpoint to publish; the newest by default.
        progress: is told after every file.

    Raises:
        StoreError: nothing was published, or no checkpoint of this size.
        ArchiveError: the folder is there and holds something else than a record.
    """
    with fresh_folder(folder) as fresh:
        return _write_folder(store, fresh, tree_size, progress)


def publish_archive(
    store: BoardStore, archive: Path, *, tree_size: int | None = None, progress: Progress | None = None
) -> Published:
    """Write the record as a tar archive, gzipped if its name ends in `gz`, in place of an earlier one.

    Args:
        store: the board's.
        archive: the file to make; its folder exists.
        tree_size: as for `publish_folder`.
        progress: as for `publish_folder`.

    Raises:
        StoreError: nothing was published, or no checkpoint of this size.
    """
    descriptor, name = mkstemp(dir=archive.parent, prefix=f".{archive.name}.")
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            published = _write_archive(store, file, tree_size, progress, zipped=archive.name.endswith("gz"))
            file.flush()
            os.fsync(descriptor)
        fresh.chmod(PUBLIC)
        fresh.replace(archive)
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(archive.parent)
    return published


def record_files(store: BoardStore, tree_size: int | None = None) -> tuple[tuple[str, ...], ReadFile, int]:
    """The paths of a published record, how to read each, and the size of its log.

    Raises:
        StoreError: nothing was published, or no checkpoint of this size.
    """
    with store.snapshot() as tables:
        cut = LogCut.at(tables, tree_size)
        if cut is None:
            which = "" if tree_size is None else f" of size {tree_size}"
            raise StoreError(f"record: no checkpoint{which} was published")
        paths = tuple(cut.paths(tables))

    def read(path: str) -> bytes:
        # One short snapshot each: what lies below a checkpoint never changes.
        with store.snapshot() as tables:
            file = cut.read(tables, path)
        if file is None:
            raise StoreError(f"record: {path} is not in the store")
        return file.content

    return paths, read, cut.newest.tree_size


def _write_folder(
    store: BoardStore, folder: Path, tree_size: int | None, progress: Progress | None
) -> Published:
    paths, read, size = record_files(store, tree_size)
    for done, path in enumerate(paths, start=1):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(read(path))
        if progress:
            progress(done, len(paths))
    return Published(size, len(paths))


def _write_archive(
    store: BoardStore, file: IO[bytes], tree_size: int | None, progress: Progress | None, *, zipped: bool
) -> Published:
    if not zipped:
        return _write_tar(store, file, tree_size, progress)
    # No name and no time in the header: equal records, equal bytes.
    with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as zipping:
        return _write_tar(store, zipping, tree_size, progress)


def _write_tar(
    store: BoardStore, file: IO[bytes] | gzip.GzipFile, tree_size: int | None, progress: Progress | None
) -> Published:
    paths, read, size = record_files(store, tree_size)
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for done, path in enumerate(paths, start=1):
            content = read(path)
            member = tarfile.TarInfo(path)  # neither owner nor time
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
            if progress:
                progress(done, len(paths))
    return Published(size, len(paths))
