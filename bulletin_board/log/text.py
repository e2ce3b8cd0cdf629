"""The lexical forms that every log text shares: decimal numbers, base64, and lines of hashes.

Each value has one text, so whatever is parsed here can be written again byte for byte.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable

from bulletin_board.errors import RecordError

HASH_BYTES = 32
MAX_NUMBER = 2**63 - 1  # sizes, indexes and POSIX seconds of the log formats all stay below 2^63
MAX_PROOF_HASHES = 63  # no tree of at most 2^63 − 1 entries needs more

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def encode_base64(data: bytes) -> str:
    """Standard alphabet, padded."""
    return b64encode(data).decode("ascii")


def decode_base64(text: str, *, subject: str) -> bytes:
    """The bytes that `encode_base64` writes as exactly this text.

    Raises:
        RecordError: another alphabet, missing padding, or spare bits that are not zero.
    """
    try:
        data = b64decode(text, validate=True)
    except (Base64Error, ValueError) as exc:  # ValueError: a character outside ASCII
        raise RecordError(f"{subject}: not base64") from exc
    if encode_base64(data) != text:
        raise RecordError(f"{subject}: base64 is not canonical")
    return data


def decode_hash(text: str, *, subject: str) -> bytes:
    """One SHA-256 hash in base64."""
    data = decode_base64(text, subject=subject)
    if len(data) != HASH_BYTES:
        raise RecordError(f"{subject}: {len(data)} bytes instead of {HASH_BYTES}")
    return data


def decode_number(text: str, *, subject: str) -> int:
    """A number below 2^63 in decimal digits, without sign or leading zero."""
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_NUMBER:
        raise RecordError(f"{subject}: not a plain decimal number below 2^63")
    return int(text)


def encode_hash_lines(hashes: Iterable[bytes]) -> str:
    """One line of base64 for each hash."""
    return "".join(f"{encode_base64(item)}\n" for item in hashes)


def decode_hash_lines(lines: list[str], *, subject: str) -> tuple[bytes, ...]:
    """The hashes of a Merkle proof, one per line.

    Raises:
        RecordError: more lines than a proof can have, or a line that is not one hash.
    """
    if len(lines) > MAX_PROOF_HASHES:
        raise RecordError(f"{subject}: {len(lines)} hashes, at most {MAX_PROOF_HASHES} are allowed")
    return tuple(decode_hash(line, subject=f"{subject} hash {i}") for i, line in enumerate(lines))


def require_number(value: int, *, subject: str) -> None:
    """Refuse a number that the log formats cannot carry."""
    if not 0 <= value <= MAX_NUMBER:
        raise RecordError(f"{subject}: {value} is outside 0..2^63-1")


def require_hash(value: bytes, *, subject: str) -> None:
    """Refuse anything but the 32 bytes of a SHA-256 hash."""
    if len(value) != HASH_BYTES:
        raise RecordError(f"{subject}: {len(value)} bytes instead of {HASH_BYTES}")


def require_proof(hashes: tuple[bytes, ...], *, subject: str) -> None:
    """Refuse a proof that is too long for any tree, or has an item that is not a hash."""
    if len(hashes) > MAX_PROOF_HASHES:
        raise RecordError(f"{subject}: {len(hashes)} hashes, at most {MAX_PROOF_HASHES} are allowed")
    for i, item in enumerate(hashes):
        require_hash(item, subject=f"{subject} hash {i}")


def decode_utf8(data: bytes, *, subject: str) -> str:
    """Bytes from a file or a request as text."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise RecordError(f"{subject}: not UTF-8") from exc
