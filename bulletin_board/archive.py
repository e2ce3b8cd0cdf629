"""A published record as one file: an uncompressed or gzipped tar.

Written for hostile archives. Only plain files and folders of the ustar layout are taken; extended headers,
links, devices, absolute or climbing paths and names that come twice are refused. A gzipped archive is
unpacked once into an unnamed temporary file, and never to more than a hundred times its size.

Spec: board.md §4.1
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Self

from bulletin_board.errors import ArchiveError, MissingFile
from bulletin_board.folder import MAX_FILE_BYTES, MAX_FILES, require_path

MAX_RATIO = 100  # records are ciphertexts in base64: two to three is usual
FREE_BYTES = 64 << 20  # below this no ratio is asked

_BLOCK = 512
_CHUNK = 1 << 20
_GZIP_MAGIC = b"\x1f\x8b"
_FILE, _OLD_FILE, _FOLDER = b"0", b"\0", b"5"


@dataclass(frozen=True, slots=True)
class _Member:
    offset: int  # of the content
    size: int


class ArchiveFiles:
    """A record in a tar archive, open until `close`."""

    def __init__(self, archive: Path) -> None:
        """
        Raises:
            ArchiveError: not a file, not a tar that is taken here, or damaged.
        """
        try:
            self._file = _uncompressed(archive)
        except (OSError, EOFError, zlib.error) as exc:
            raise ArchiveError(f"{archive}: {exc}") from exc
        try:
            self._members = dict(_members(self._file))
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def paths(self) -> Iterator[str]:
        """Every file, in the order of the archive."""
        return iter(self._members)

    def read(self, path: str) -> bytes:
        """The content of a file."""
        member = self._members.get(path)
        if member is None:
            raise MissingFile(path)
        # Threads and forked processes share the position in the file, so it is left alone.
        return os.pread(self._file.fileno(), member.size, member.offset)


def _uncompressed(archive: Path) -> IO[bytes]:
    file = archive.open("rb")
    try:
        zipped = file.read(2) == _GZIP_MAGIC
        file.seek(0)
        if not zipped:
            return file
        limit = FREE_BYTES + MAX_RATIO * archive.stat().st_size
    except BaseException:
        file.close()
        raise
    plain = TemporaryFile()  # noqa: SIM115 -- it stays open for the life of the archive
    try:
        with file:
            _unzip(file, plain, limit)
    except BaseException:
        plain.close()
        raise
    return plain


def _unzip(file: IO[bytes], plain: IO[bytes], limit: int) -> None:
    with gzip.GzipFile(fileobj=file) as unzipped:
        while chunk := unzipped.read(_CHUNK):
            if plain.tell() + len(chunk) > limit:
                raise ArchiveError(f"archive: unpacks to more than {MAX_RATIO} times its size")
            plain.write(chunk)
    plain.flush()


def _members(file: IO[bytes]) -> Iterator[tuple[str, _Member]]:
    """The files of a tar by their headers; two blocks of zeros end it, and nothing but zeros may follow."""
    end = file.seek(0, 2)
    seen: set[str] = set()
    at = 0
    while True:
        file.seek(at)
        header = file.read(_BLOCK)
        if len(header) < _BLOCK:
            raise ArchiveError("archive: ends without its end mark")
        if header == bytes(_BLOCK):
            break
        path, size, folder = _read_header(header)
        at += _BLOCK
        if not folder:
            if path in seen:
                raise ArchiveError(f"archive: {path} comes twice")
            if size > MAX_FILE_BYTES or at + size > end or len(seen) >= MAX_FILES:
                raise ArchiveError(f"archive: {path} is too large or cut short, or one file too many")
            seen.add(path)
            yield path, _Member(at, size)
        at += -(-size // _BLOCK) * _BLOCK
    _require_zeros(file)


def _read_header(header: bytes) -> tuple[str, int, bool]:
    """(path, size, whether a folder) of one member."""
    checksum = sum(header[:148]) + 8 * ord(" ") + sum(header[156:])
    if _octal(header[148:156]) != checksum or not header[257:262] == b"ustar":
        raise ArchiveError("archive: not a tar of the ustar layout")
    kind = header[156:157]
    if kind not in (_FILE, _OLD_FILE, _FOLDER):
        raise ArchiveError(f"archive: a member of type {kind!r}; make it with `tar --format=ustar`")
    name = _text(header[:100])
    # GNU tar writes two spaces after the magic and keeps times where ustar has the prefix.
    prefix = _text(header[345:500]) if header[262:263] == b"\0" else ""
    path = f"{prefix}/{name}" if prefix else name
    folder = kind == _FOLDER
    size = 0 if folder else _octal(header[124:136])
    path = path.removeprefix("./")
    if folder:
        path = path.removesuffix("/")
    if not (folder and path in ("", ".")):
        require_path(path)
    return path, size, folder


def _octal(field: bytes) -> int:
    digits = field.strip(b" \0")
    if not digits.isdigit() or not set(digits) <= set(b"01234567"):
        raise ArchiveError("archive: a number in a header is not octal")
    return int(digits, 8)


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("ascii", "replace")


def _require_zeros(file: IO[bytes]) -> None:
    while chunk := file.read(_CHUNK):
        if chunk.count(0) != len(chunk):
            raise ArchiveError("archive: something follows its end mark")
