"""Entries with addenda: what is too large for an entry stands beside the log under its SHA-256.

Spec: records.md §1.9, board.md §1.3; the layout of c2sp.org/tlog-addenda, of which one form is
accepted here: the digests stand together, right after the content, and their offsets ascend.

    content ‖ N digests of 32 bytes ‖ N offsets of 4 bytes, big-endian ‖ N in one byte
"""

from hashlib import sha256

from bulletin_board.errors import RecordError
from bulletin_board.log.text import HASH_BYTES, require_hash

MAX_ENTRY_BYTES = 65_535
MAX_ADDENDA = 255
MARKER_PATH = "addenda.v1"  # an empty file there says that every entry has the suffix

_OFFSET_BYTES = 4


def encode_entry(content: bytes, digests: tuple[bytes, ...] = ()) -> bytes:
    """The bytes of a log entry.

    Args:
        content: the record itself.
        digests: SHA-256 of each addendum, in the order in which the content names them.

    Raises:
        RecordError: more than 255 digests, one that is not 32 bytes, or over 65,535 bytes in all.
    """
    if len(digests) > MAX_ADDENDA:
        raise RecordError(f"entry: {len(digests)} addenda, at most {MAX_ADDENDA} are allowed")
    for i, digest in enumerate(digests):
        require_hash(digest, subject=f"entry digest {i}")
    offsets = _offsets(len(content), len(digests))
    entry = content + b"".join(digests) + offsets + len(digests).to_bytes(1, "big")
    if len(entry) > MAX_ENTRY_BYTES:
        raise RecordError(f"entry: {len(entry)} bytes, at most {MAX_ENTRY_BYTES} are allowed")
    return entry


def decode_entry(entry: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """(content, digests) of an entry that `encode_entry` makes, and of no other.

    Raises:
        RecordError: too long, too short for its count, or offsets other than the one layout.
    """
    if not 1 <= len(entry) <= MAX_ENTRY_BYTES:
        raise RecordError(f"entry: {len(entry)} bytes is outside 1..{MAX_ENTRY_BYTES}")
    count = entry[-1]
    content_size = len(entry) - 1 - count * (HASH_BYTES + _OFFSET_BYTES)
    if content_size < 0:
        raise RecordError(f"entry: {len(entry)} bytes cannot hold {count} addenda")
    offsets_start = content_size + count * HASH_BYTES
    if entry[offsets_start:-1] != _offsets(content_size, count):
        raise RecordError("entry: addenda offsets are not in the one layout")
    starts = range(content_size, offsets_start, HASH_BYTES)
    return entry[:content_size], tuple(entry[start : start + HASH_BYTES] for start in starts)


def addendum_digest(addendum: bytes) -> bytes:
    """The name of an addendum: its SHA-256."""
    return sha256(addendum).digest()


def addendum_path(digest: bytes) -> str:
    """Where an addendum stands below the log's prefix."""
    require_hash(digest, subject="addendum digest")
    name = digest.hex()
    return f"addenda/{name[:2]}/{name[2:4]}/{name}"


def _offsets(content_size: int, count: int) -> bytes:
    return b"".join((content_size + i * HASH_BYTES).to_bytes(_OFFSET_BYTES, "big") for i in range(count))
