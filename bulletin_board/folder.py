"""A published record as it lies on a disk: a folder of files.

`RecordFiles` is what every reader of a record asks for; `archive.py` reads one out of a tar, `client.py` over
HTTP. Whoever made the files may be hostile: no path leads out of the record, no link is followed, no file is
read beyond a bound.

Spec: board.md §4.1
"""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from bulletin_board.errors import ArchiveError, MissingFile

MAX_FILE_BYTES = 64 << 20  # a full bundle has at most 17 MB; addenda are larger
MAX_FILES = 4_000_000

_STEP = r"(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._-]{1,80}"
_PATH = re.compile(rf"{_STEP}(?:/{_STEP}){{0,15}}", re.ASCII)


class RecordFiles(Protocol):
    """The files of a published record, wherever they are."""

    def paths(self) -> Iterator[str] | None:
        """Every file by its path, each once; None where files can be read but not listed."""
        ...

    def read(self, path: str) -> bytes:
        """The content of a file.

        Raises:
            MissingFile: the record does not have it.
            ArchiveError: it cannot be read within bounds.
        """
        ...


class FolderFiles:
    """A record in a folder."""

    def __init__(self, root: Path) -> None:
        """
        Raises:
            ArchiveError: there is no such folder.
        """
        if not root.is_dir():
            raise ArchiveError(f"{root}: not a folder")
        self._root = root

    def paths(self) -> Iterator[str]:
        """Every file below the folder, in no certain order.

        Raises:
            ArchiveError: a link or a special file, a name that no record has, or too many files.
        """
        pending, found = [""], 0
        while pending:
            prefix = pending.pop()
            try:
                items = sorted(os.scandir(self._root / prefix), key=lambda item: item.name)
            except OSError as exc:
                raise ArchiveError(f"{self._root / prefix}: {exc.strerror}") from exc
            for item in items:
                path = f"{prefix}{item.name}"
                require_path(path)
                if item.is_dir(follow_symlinks=False):
                    pending.append(f"{path}/")
                elif item.is_file(follow_symlinks=False):
                    found += 1
                    if found > MAX_FILES:
                        raise ArchiveError(f"{self._root}: more than {MAX_FILES} files")
                    yield path
                else:
                    raise ArchiveError(f"{path}: a link or special file")

    def read(self, path: str) -> bytes:
        """The content of a file."""
        require_path(path)
        try:
            descriptor = self._open(path)
        except (FileNotFoundError, NotADirectoryError) as exc:
            raise MissingFile(path) from exc
        except OSError as exc:
            raise ArchiveError(f"{path}: {exc.strerror}") from exc
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise MissingFile(path)
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise ArchiveError(f"{path}: over {MAX_FILE_BYTES} bytes")
        return content

    def _open(self, path: str) -> int:
        """Open step by step, so that no part of the way is a link. A pipe must not make us wait either."""
        *folders, name = path.split("/")
        at = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for folder in folders:
                inner = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
                os.close(at)
                at = inner
            return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
        finally:
            os.close(at)


def require_path(path: str) -> None:
    """Refuse a path that no file of a record has: one that leads out of it, above all.

    Raises:
        ArchiveError: absolute, with `..` or an unusual character, or too long.
    """
    if not _PATH.fullmatch(path):
        raise ArchiveError(f"{path[:80]!r}: not a path in a record")
