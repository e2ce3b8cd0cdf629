"""A published record in the browser: its files as any static host would serve them, and the plain pages.

Spec: board.md §4
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from bulletin_board.archive import ArchiveFiles
from bulletin_board.errors import ArchiveError, MissingFile
from bulletin_board.folder import FolderFiles, RecordFiles
from bulletin_board.log.tile import CHECKPOINT_PATH
from bulletin_board.log_files import read_kept_notes
from bulletin_board.serving import TEXT, LogFile
from evote.api.pages import page_routes
from evote.api.record_files import record_file_routes


class PublishedRecord:
    """The files of a record that does not change any more."""

    def __init__(self, files: RecordFiles) -> None:
        self._files = files
        self._checkpoints = len(read_kept_notes(files))
        self.paths = files.paths
        self.read = files.read

    def checkpoint_count(self) -> int:
        """How many checkpoints are kept."""
        return self._checkpoints

    def log_file(self, path: str) -> LogFile | None:
        """A file with how it is to be sent."""
        try:
            content = self._files.read(path)
        except (MissingFile, ArchiveError):
            return None
        if path == CHECKPOINT_PATH:
            return LogFile(content, immutable=False, content_type=TEXT)
        return LogFile(content)


@contextmanager
def record_at(path: Path) -> Iterator[RecordFiles]:
    """The files of a record, whichever form it has, while the block runs.

    Raises:
        ArchiveError: neither a folder nor an archive.
    """
    if path.is_dir():
        yield FolderFiles(path)
        return
    with ArchiveFiles(path) as files:
        yield files


def create_show_app(files: RecordFiles) -> FastAPI:
    """The app of one record, which answers nothing but GET.

    Raises:
        BoardError: the list of checkpoints cannot be read.
    """
    record = PublishedRecord(files)
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "HEAD"])
    app.include_router(record_file_routes(record.log_file))
    app.include_router(page_routes(record))
    return app
