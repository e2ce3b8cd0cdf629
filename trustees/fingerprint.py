"""Digests as people read them, aloud or from paper."""

from trustees.errors import UsageError

_GROUP = 4
_FINGERPRINT_BYTES = 16  # nobody finds a second election with the same 128 bits


def grouped(data: bytes) -> str:
    """All of it in hex, in groups of four digits."""
    digits = data.hex()
    return " ".join(digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP))


def fingerprint(digest: bytes) -> str:
    """The beginning of a digest, for comparing what the log compares in full anyway."""
    return grouped(digest[:_FINGERPRINT_BYTES])


def parse_manifest_digest(text: str) -> bytes:
    """The 32 bytes of a digest as it stands on paper; case and spaces between digits do not matter.

    Raises:
        UsageError: not 64 hex digits.
    """
    digits = "".join(text.split())
    try:
        data = bytes.fromhex(digits)
    except ValueError as exc:
        raise UsageError("bad-digest") from exc
    if len(data) != 32:
        raise UsageError("bad-digest")
    return data
