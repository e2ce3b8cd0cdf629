"""Everything `bulletin_board` raises.

BoardError
├── RecordError      outside bytes or text not in their one canonical form
│   └── VersionError a manifest of a version that this software does not cover
├── LogProofError    a Merkle proof does not lead to the root it claims
├── NoteError        the keys at hand do not vouch for a signed note
├── QuorumError      a checkpoint with too few of the witnesses that were asked for
├── StoreError       the database failed, or does not hold what it must
│   ├── HeadMovedError   another writer appended first
│   └── ReadOnlyError    the log in the store contradicts its own head; nothing may be appended
├── AppendRefused    the log as it stands does not admit an entry (.code, .detail)
├── AddendaWanted    an entry names addenda that nobody has brought yet (.sizes)
├── MissingFile      a record does not have a file (.path)
├── ArchiveError     an archive or folder that cannot be a record
└── ExchangeError    a server that cannot be reached, or answers beside the protocol
    └── RequestRefused   a server's refusal (.code, .detail, .evidence)
"""

from collections.abc import Mapping


class BoardError(Exception):
    """Root of the package; catch it at a boundary, never inside `bulletin_board`."""


class RecordError(BoardError): ...


class VersionError(RecordError): ...


class LogProofError(BoardError): ...


class NoteError(BoardError): ...


class QuorumError(BoardError): ...


class StoreError(BoardError): ...


class HeadMovedError(StoreError): ...


class ReadOnlyError(StoreError): ...


class AppendRefused(BoardError):  # noqa: N818 -- an answer, not a failure
    """`code` is one of board.md §5.7, `detail` says what it refers to."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class AddendaWanted(BoardError):  # noqa: N818 -- an answer, not a failure
    """`sizes` says by SHA-256 which addenda to bring, and how long each is."""

    def __init__(self, sizes: Mapping[bytes, int]) -> None:
        super().__init__(f"entry: {len(sizes)} of its addenda are missing")
        self.sizes = dict(sizes)


class MissingFile(BoardError):  # noqa: N818 -- an answer, not a failure
    """`path` is relative to the root of the record."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path}: not in the record")
        self.path = path


class ArchiveError(BoardError): ...


class ExchangeError(BoardError): ...


class RequestRefused(ExchangeError):  # noqa: N818 -- an answer, not a failure
    """A server's no. `code` is one of board.md §5.7, `evidence` the signed problem, byte for byte."""

    def __init__(self, code: str, detail: str, evidence: bytes) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.evidence = evidence
