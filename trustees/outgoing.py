"""From a record to the board: signed here, then sent, or put into a file that somebody carries."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bulletin_board.client import BoardClient
from bulletin_board.envelope_file import write_envelope
from bulletin_board.errors import BoardError
from bulletin_board.records.bulk import BulkRecord, fold
from bulletin_board.records.envelope import Envelope, sign_body
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from crypto.signing import SigningKey
from trustees.board import is_address
from trustees.errors import BoardFaultError, UsageError


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a record is to go: a file, a board, or both."""

    file: Path | None
    address: str | None

    @classmethod
    def of(cls, board: str, file: Path | None, *, post: bool) -> "Destination":
        """
        Raises:
            UsageError: nowhere, or to a board that has no address.
        """
        if (post and not is_address(board)) or not (post or file):
            raise UsageError("where")
        return cls(file, board if post else None)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A signed record, and the addenda that it names: SHA-256 → bytes."""

    envelope: Envelope
    addenda: Mapping[bytes, bytes]

    @classmethod
    def sign(cls, body: Record, manifest: Manifest, key: SigningKey) -> "Outgoing":
        """The record as it will stand on the log; signing it again gives the same bytes."""
        addenda: Mapping[bytes, bytes] = {}
        if isinstance(body, BulkRecord):
            body, addenda = fold(body)
        return cls(sign_body(body.record_type, body, manifest.digest, [key]), addenda)

    def write(self, file: Path) -> None:
        """Put it into a file, with its addenda beside it.

        Raises:
            UsageError: the file cannot be written there.
        """
        try:
            write_envelope(file, self.envelope, self.addenda)
        except OSError as exc:
            raise UsageError("file-unwritable", file=str(file), reason=str(exc.strerror)) from exc

    def post(self, address: str, manifest: Manifest) -> int:
        """Send it; the index at which it now stands, under a witnessed checkpoint.

        Raises:
            BoardFaultError: the board refused, or did not answer as it should.
        """
        try:
            with BoardClient(address) as client:
                return client.post_entry(self.envelope, self.addenda, manifest).index
        except BoardError as exc:
            raise BoardFaultError("board-refused", reason=str(exc)) from exc
