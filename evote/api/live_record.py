"""The record of a running board, in the shape of a published one."""

from collections.abc import Iterator
from dataclasses import dataclass

from bulletin_board.errors import MissingFile
from bulletin_board.serving import read_path
from bulletin_board.store.port import BoardStore


@dataclass(frozen=True, slots=True)
class LiveRecord:
    """Files as the newest published checkpoint has them."""

    store: BoardStore

    def paths(self) -> Iterator[str] | None:
        """Nobody needs them of a log that grows."""
        return None

    def read(self, path: str) -> bytes:
        """The content of a file.

        Raises:
            MissingFile: the log does not have it, or not yet.
        """
        file = read_path(self.store, path)
        if file is None:
            raise MissingFile(path)
        return file.content

    def checkpoint_count(self) -> int:
        """How many checkpoints are kept."""
        with self.store.snapshot() as tables:
            return tables.log.checkpoint_count()
