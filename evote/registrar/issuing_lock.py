"""One run at a time writes letters: of two at once, one would put its letters over those of the other, whose
parts are noted.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bulletin_board.durable_file import PRIVATE
from evote.errors import RegistrarError


@contextmanager
def issuing_lock(db: Path) -> Iterator[None]:
    """Keep every other run that writes letters away; the lock goes with the process, however it ends.

    Args:
        db: the registrar's database; the lock is a file beside it.

    Raises:
        RegistrarError: another run is at it, or the lock cannot be made there.
    """
    try:
        file = os.fdopen(os.open(lock_path(db), os.O_RDWR | os.O_CREAT, PRIVATE), "rb")
    except OSError as exc:
        raise RegistrarError(f"letters: no lock beside {db}: {exc.strerror}") from exc
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise RegistrarError("letters: another run is issuing letters; wait until it has ended") from exc
        yield


def lock_path(db: Path) -> Path:
    return db.with_name(f"{db.name}.issuing-lock")
