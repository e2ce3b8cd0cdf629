"""What the board's core needs from a database, and the rows it passes to and fro. `sql.py` provides it.

Reads happen in a snapshot, which sees one state of the board. Changes happen in a transaction; transactions
come one after another, and what one has changed is durable when it ends without an exception, and undone
otherwise.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bulletin_board.log.tile import Tile


class Tree(StrEnum):
    """The two Merkle trees that a board keeps tiles of."""

    LOG = "log"
    ROLL = "roll"


class Standing(StrEnum):
    """Whether a credential may vote. Spec: records.md §4.6"""

    EFFECTIVE = "effective"
    REVOKED = "revoked"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class TreeHead:
    tree_size: int
    root_hash: bytes  # 32 bytes


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """A published checkpoint. Spec: board.md §2.3

    sequence:     0-based place in the list of all that were published
    quorum_by:    the earliest time by which a quorum had cosigned it, POSIX seconds
    quorum_since: the latest time at or after which a quorum cosigned it
    note:         the signed note, byte for byte
    """

    sequence: int
    tree_size: int
    quorum_by: int
    quorum_since: int
    note: bytes


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    entry_index: int
    entry_type: str
    data: bytes
    leaf_hash: bytes  # 32 bytes


@dataclass(frozen=True, slots=True)
class Submission:
    """An entry that waits for a beat."""

    leaf_hash: bytes
    data: bytes
    ballot_digest: bytes | None = None  # of a ballot


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a submission did not make it. `code` is one of board.md §5.7."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class RegisteredCredential:
    """A credential of the roll or of a reissue.

    entry_index: of the roll or the reissue that brought it
    row_index:   its leaf in the roll tree; None for a reissued one
    row_text:    its row as JSON text
    since_index: of the revocation or reissue that ended it
    """

    credential: bytes
    entry_index: int
    row_index: int | None
    style: str
    unit: str
    row_text: str
    parts: tuple[bytes, ...] = ()  # only looked at when it is registered
    standing: Standing = Standing.EFFECTIVE
    since_index: int | None = None


@dataclass(frozen=True, slots=True)
class LoggedBallot:
    entry_index: int
    credential: bytes
    digest: bytes  # 64 bytes


class LogReader(Protocol):
    """Entries, tiles, heads and kept checkpoints."""

    def head(self, tree: Tree = Tree.LOG) -> TreeHead:
        """Size and root of everything that is durable, published or not."""
        ...

    def tile(self, tile: Tile, tree: Tree = Tree.LOG) -> bytes:
        """The hashes of a tile that the tree has, cut to its width."""
        ...

    def entries(self, start: int, end: int) -> tuple[LoggedEntry, ...]:
        """Entries [start, end), exactly end − start of them."""
        ...

    def entries_of(self, entry_types: Collection[str], *, start: int = 0) -> Iterator[LoggedEntry]:
        """The entries of these types from index `start` on, oldest first."""
        ...

    def last_entry_of(self, entry_type: str) -> LoggedEntry | None:
        """The newest entry of this type."""
        ...

    def index_of(self, leaf_hash: bytes) -> int | None:
        """Where an entry stands on the log, if it does."""
        ...

    def checkpoint_count(self) -> int:
        """How many checkpoints were published."""
        ...

    def checkpoints(self, start: int, end: int) -> tuple[KeptCheckpoint, ...]:
        """Kept checkpoints [start, end) by sequence, exactly end − start of them."""
        ...

    def newest_checkpoint(self) -> KeptCheckpoint | None:
        """The last one that was published."""
        ...

    def checkpoint_of_size(self, tree_size: int) -> KeptCheckpoint | None:
        """The last kept checkpoint of exactly this size."""
        ...

    def find_checkpoint(self, tree_size: int, note: bytes) -> KeptCheckpoint | None:
        """The kept checkpoint of this size that is exactly this note."""
        ...

    def checkpoint_covering(self, entry_index: int) -> KeptCheckpoint | None:
        """The first kept checkpoint whose tree holds this entry."""
        ...

    def witnessed_by(self, entry_index: int) -> int | None:
        """The earliest time by which a quorum had cosigned some tree with this entry, POSIX seconds."""
        ...

    def largest_witnessed_by(self, time: int) -> KeptCheckpoint | None:
        """The last of the largest kept checkpoints that a quorum had cosigned by this time."""
        ...


class LogWriter(LogReader, Protocol):
    """Growing the log."""

    def add_entries(self, entries: Sequence[LoggedEntry]) -> None:
        """Write entries down; the head moves apart, in the same transaction."""
        ...

    def move_head(self, old: TreeHead, new: TreeHead) -> None:
        """Put the new head in place of the old one, in one step.

        Raises:
            HeadMovedError: the head is another one; the transaction must end.
        """
        ...

    def keep_tiles(self, tiles: Iterable[tuple[Tile, bytes]], tree: Tree = Tree.LOG) -> None:
        """Write tiles in place of narrower ones."""
        ...

    def keep_roll_head(self, head: TreeHead) -> None:
        """Write down the roll's tree, once."""
        ...

    def keep_checkpoint(self, checkpoint: KeptCheckpoint) -> None:
        """Publish a checkpoint: the next in sequence, never of a smaller size."""
        ...


class SubmissionReader(Protocol):
    """What waits, what was refused, and the addenda."""

    def pending(self, limit: int) -> tuple[Submission, ...]:
        """The first waiting submissions in order of arrival."""
        ...

    def pending_count(self) -> int: ...

    def is_pending(self, leaf_hash: bytes) -> bool: ...

    def is_ballot_pending(self, digest: bytes) -> bool: ...

    def refusal(self, leaf_hash: bytes) -> Refusal | None: ...

    def addendum(self, sha256: bytes) -> tuple[bytes, int | None] | None:
        """The addendum, and the first entry that names it (None: none on the log)."""
        ...

    def addenda_below(self, entry_index: int) -> tuple[bytes, ...]:
        """Names of the addenda whose first entry lies below this index, ascending."""
        ...

    def missing_addenda(self, names: Sequence[bytes]) -> tuple[bytes, ...]:
        """Those of the named addenda that nobody has brought, in the order given."""
        ...

    def wanted_size(self, sha256: bytes) -> int | None:
        """How long a wanted addendum is to be; None where it is not wanted."""
        ...


class SubmissionWriter(SubmissionReader, Protocol):
    def add_pending(self, submission: Submission) -> None:
        """Let a new submission wait; what was said against it before is forgotten."""
        ...

    def remove_pending(self, leaf_hashes: Sequence[bytes]) -> None: ...

    def refuse(self, refusals: Mapping[bytes, Refusal]) -> None:
        """Write down refusals by leaf hash."""
        ...

    def want_addenda(self, sizes: Mapping[bytes, int]) -> None:
        """Accept these addenda from now on, by SHA-256, with these sizes."""
        ...

    def keep_addendum(self, sha256: bytes, data: bytes) -> None:
        """Keep an addendum, which is wanted no longer."""
        ...

    def name_addenda(self, names: Sequence[bytes], *, entry_index: int) -> None:
        """Note that an entry of the log names these."""
        ...


class ElectorateReader(Protocol):
    """Credentials and their ballots."""

    def credential(self, credential: bytes) -> RegisteredCredential | None: ...

    def credentials(self, credentials: Collection[bytes]) -> Mapping[bytes, RegisteredCredential]:
        """Those of the credentials that are known."""
        ...

    def ballots_of(self, credential: bytes) -> tuple[LoggedBallot, ...]:
        """Oldest first; the last one is the chain head."""
        ...

    def chain_heads(self, credentials: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Digest of the last ballot of each credential that has one."""
        ...

    def ballot(self, digest: bytes) -> LoggedBallot | None: ...

    def ballot_count(self, below: int) -> int:
        """Ballots whose index lies below this one."""
        ...

    def seen_pads(self, pads: Collection[bytes]) -> frozenset[bytes]:
        """Those of the pads that stand in a ballot on the log."""
        ...

    def used_parts(self, parts: Collection[bytes]) -> frozenset[bytes]:
        """Those of the credential parts that some row of this log has used."""
        ...


class ElectorateWriter(ElectorateReader, Protocol):
    def register(self, credentials: Iterable[RegisteredCredential]) -> None: ...

    def end_credential(self, credential: bytes, standing: Standing, *, since_index: int) -> None: ...

    def add_ballots(self, ballots: Sequence[LoggedBallot], pads: Collection[bytes]) -> None: ...


class BoardSnapshot(Protocol):
    @property
    def log(self) -> LogReader: ...

    @property
    def submissions(self) -> SubmissionReader: ...

    @property
    def electorate(self) -> ElectorateReader: ...


class BoardTransaction(Protocol):
    @property
    def log(self) -> LogWriter: ...

    @property
    def submissions(self) -> SubmissionWriter: ...

    @property
    def electorate(self) -> ElectorateWriter: ...

    def attempt(self) -> AbstractContextManager[None]:
        """A part of the transaction that, if it raises, is undone alone."""
        ...


class BoardStore(Protocol):
    """The database of one board."""

    def snapshot(self) -> AbstractContextManager[BoardSnapshot]: ...

    def transaction(self) -> AbstractContextManager[BoardTransaction]: ...
