"""Bringing signed records to the board, from files or from here, until they are acknowledged.

Spec: board.md §3.3, §3.4, §5.4
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from bulletin_board.envelope_file import read_addenda, read_envelope
from bulletin_board.errors import ExchangeError, RequestRefused
from bulletin_board.log.receipt import Receipt
from bulletin_board.records.envelope import Envelope, verify_envelope
from bulletin_board.records.manifest import Manifest

_PAUSE = 0.5  # seconds

Sleep = Callable[[float], None]


class Post(Protocol):
    """What posting needs of a board: `BoardClient` has it."""

    def post_entry(self, envelope: Envelope, addenda: Mapping[bytes, bytes], manifest: Manifest) -> Receipt:
        """Bring a record; its receipt, verified against what was sent."""
        ...


def post_file(board: Post, path: Path, manifest: Manifest, *, attempts: int = 20) -> Receipt:
    """Bring the record of a file.

    Raises:
        RecordError: the file cannot be read, or is not signed by exactly those who must.
        crypto.errors.SignatureError: a signature does not hold.
        BoardError: as `post_record`.
    """
    envelope = read_envelope(path)
    # What is not complete is told here, where it can be mended.
    verify_envelope(envelope, manifest)
    return post_record(board, envelope, read_addenda(path, envelope.body), manifest, attempts=attempts)


def post_record(
    board: Post,
    envelope: Envelope,
    addenda: Mapping[bytes, bytes],
    manifest: Manifest,
    *,
    attempts: int = 20,
    sleep: Sleep = time.sleep,
) -> Receipt:
    """Bring a record, again while the board is slow to answer: the same entry gets the same receipt.

    Raises:
        RequestRefused: the board says no, and signs that.
        BoardError: no answer after so many attempts, or a receipt that proves something else.
    """
    for _ in range(attempts - 1):
        try:
            return board.post_entry(envelope, addenda, manifest)
        except RequestRefused:
            raise
        except ExchangeError:
            sleep(_PAUSE)
    return board.post_entry(envelope, addenda, manifest)
