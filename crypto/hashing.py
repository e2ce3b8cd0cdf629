"""The one injective hash of the protocol and the table of its tags. Spec: protocol.md §1.4, §1.7"""

import hashlib
from enum import Enum


class Tag(bytes, Enum):
    """Domain separators: one per use, so that no hash can stand in for another."""

    AGGREGATE = b"evote/v1/aggregate"
    BALLOT = b"evote/v1/ballot"
    BALLOT_DIGEST = b"evote/v1/ballot-digest"
    BASE = b"evote/v1/base"
    BATCH = b"evote/v1/batch"
    CONTEXT = b"evote/v1/context"
    CREDENTIAL = b"evote/v1/credential"
    DECRYPTION = b"evote/v1/decryption"
    DECRYPTION_NONCE = b"evote/v1/decryption-nonce"
    ISSUER_PLEDGE = b"evote/v1/issuer-pledge"
    NONCE = b"evote/v1/nonce"
    PLEDGE = b"evote/v1/pledge"
    POSSESSION = b"evote/v1/possession"
    POSSESSION_NONCE = b"evote/v1/possession-nonce"
    PROOF = b"evote/v1/proof"
    REISSUE_POSSESSION = b"evote/v1/reissue-possession"
    SEED = b"evote/v1/seed"
    SIGN = b"evote/v1/sign"
    TRACKING = b"evote/v1/tracking"
    TRANSCRIPT = b"evote/v1/transcript"
    WEIGHT = b"evote/v1/weight"
    WEIGHTS = b"evote/v1/weights"


def le64(number: int) -> bytes:
    """Eight bytes, little-endian: how every length and integer enters a hash.

    Raises:
        ValueError: negative, or 2^64 and more.
    """
    if not 0 <= number < 1 << 64:
        raise ValueError(f"le64: {number} is not in 0..2^64-1")
    return number.to_bytes(8, "little")


def digest(tag: Tag, *parts: bytes) -> bytes:
    """64-byte SHA-512 over length-prefixed parts, so that no two lists of parts collide."""
    hasher = hashlib.sha512()
    for part in (tag.value, *parts):
        hasher.update(le64(len(part)))
        hasher.update(part)
    return hasher.digest()
