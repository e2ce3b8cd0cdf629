"""What people read, type and dictate: Crockford's base32, in groups of four symbols.

Letters that look like digits are read as those digits, so no symbol can be mistaken for another.
Spec: protocol.md §2.9, §3.12
"""

from crypto.errors import EncodingError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Spelled out in ASCII: Unicode folds other letters, such as the dotless i, into these.
_VALUES = (
    {symbol: value for value, symbol in enumerate(ALPHABET)}
    | {symbol.lower(): value for value, symbol in enumerate(ALPHABET)}
    | dict.fromkeys("IiLl", 1)
    | dict.fromkeys("Oo", 0)
)
_DROPPED = " -"

CODE_BYTES = 16
_CODE_SYMBOLS = 26  # two zero bits and 128 bits
_CHECK_SYMBOLS = 2
_CHECK_MODULUS = 1021  # the largest prime that two symbols hold


def encode_symbols(number: int, length: int) -> str:
    """`length` symbols of five bits, most significant first.

    Raises:
        ValueError: the number needs more symbols.
    """
    if not 0 <= number < 1 << 5 * length:
        raise ValueError(f"crockford: the number does not fit {length} symbols")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))


def decode_symbols(text: str, length: int, *, subject: str) -> int:
    """The number that `length` symbols stand for; spaces, hyphens and case do not matter.

    Raises:
        EncodingError: a character is no symbol, or there are too few or too many.
    """
    number = count = 0
    for place, character in enumerate(text, start=1):
        if character in _DROPPED:
            continue
        value = _VALUES.get(character)
        if value is None:
            raise EncodingError(f"{subject}: the character at place {place} is none of its symbols")
        number = number << 5 | value
        count += 1
        if count > length:
            break
    if count != length:
        wrong = "more" if count > length else "fewer"
        raise EncodingError(f"{subject}: {wrong} than {length} symbols")
    return number


def grouped(symbols: str) -> str:
    """In groups of four with hyphens between, as people are shown them."""
    return "-".join(symbols[start : start + 4] for start in range(0, len(symbols), 4))


def encode_code(bits: bytes) -> str:
    """A credential part as it is printed: 26 symbols and two that check them, in seven groups.

    Args:
        bits: 16 bytes.

    Spec: protocol.md §2.9
    """
    if len(bits) != CODE_BYTES:
        raise ValueError(f"credential code: {len(bits)} bytes, not {CODE_BYTES}")
    number = int.from_bytes(bits, "big")
    return grouped(
        encode_symbols(number, _CODE_SYMBOLS) + encode_symbols(number % _CHECK_MODULUS, _CHECK_SYMBOLS)
    )


def decode_code(text: str) -> bytes:
    """The 16 bytes of a typed credential part.

    Raises:
        EncodingError: a character that is no symbol, a wrong number of them, or a slip of the pen: the
            check symbols do not match. The message tells which and repeats nothing of the code.

    Spec: protocol.md §2.9
    """
    both = decode_symbols(text, _CODE_SYMBOLS + _CHECK_SYMBOLS, subject="credential code")
    number, check = divmod(both, 1 << 5 * _CHECK_SYMBOLS)
    # Two zero bits stand in front: 26 symbols could hold four times as many numbers.
    if number >= 1 << 8 * CODE_BYTES or number % _CHECK_MODULUS != check:
        raise EncodingError("credential code: the check symbols do not match, so some symbol is wrong")
    return number.to_bytes(CODE_BYTES, "big")
