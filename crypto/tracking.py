"""The tracking code: a short digest of an encrypted ballot that a voter can write down and look up.

Spec: protocol.md §3.12
"""

from crypto.crockford import decode_symbols, encode_symbols, grouped
from crypto.group import GroupElement
from crypto.hashing import Tag, digest

_SYMBOLS = 24  # 120 bits


def tracking_code(context: bytes, style_id: str, credential: GroupElement, ciphertexts: bytes) -> str:
    """Six groups of four symbols for one encrypted ballot.

    Args:
        context: ctx, 64 bytes.
        style_id: the ballot style.
        credential: S.
        ciphertexts: every ciphertext, packed.
    """
    full = digest(Tag.TRACKING, context, style_id.encode(), credential.encoded, ciphertexts)
    return grouped(encode_symbols(int.from_bytes(full[:15], "big"), _SYMBOLS))


def parse_tracking_code(text: str) -> str:
    """What a person typed, in the one form of `tracking_code`.

    Raises:
        EncodingError: a character that is no symbol, or a wrong number of them.
    """
    return grouped(encode_symbols(decode_symbols(text, _SYMBOLS, subject="tracking code"), _SYMBOLS))
