"""The one form of JSON that may be posted: RFC 8785, strictly typed.

Decoding is typed, and what was decoded is written again and compared with the bytes that came in. So white
space, another order of keys, duplicate keys, other escapes or spellings of a number and loose base64 all fail
at one place.

Spec: records.md §1.1
"""

from abc import ABC, abstractmethod
from typing import Any, Self, TypeVar

import msgspec
import rfc8785

from bulletin_board.errors import RecordError

T = TypeVar("T")

_PATH = " - at `$"  # how msgspec introduces the place of a fault


class JsonValue(ABC):
    """A type with a JSON form of its own, other than what msgspec would give it."""

    __slots__ = ()

    @classmethod
    @abstractmethod
    def from_json(cls, value: Any) -> Self:
        """Read a decoded JSON value.

        Raises:
            TypeError, ValueError: not the one form of any value; the message says what is wrong, and msgspec
                adds where.
        """

    @abstractmethod
    def to_json(self) -> Any:
        """The JSON value that `from_json` reads back."""


def jcs(value: Any) -> bytes:
    """The canonical bytes of a record, a part of one, or a plain JSON value.

    Raises:
        RecordError: the value has no such form: a float, an integer outside 0..2^53 − 1, a lone surrogate,
            raw bytes.
    """
    try:
        # Raw bytes have no JSON form here; left alone, they are what rfc8785 refuses.
        plain = msgspec.to_builtins(value, builtin_types=(bytes,), enc_hook=_to_json)
        _require_numbers(plain)
        return rfc8785.dumps(plain)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError, TypeError) as exc:
        raise RecordError(f"canonical JSON: {exc}") from exc


def decode_json(data: bytes, kind: type[T], *, limit: int, subject: str = "") -> T:
    """The value whose canonical form is exactly these bytes.

    Args:
        data: from outside.
        kind: the type of the value.
        limit: the most bytes that are looked at.
        subject: what messages call the value; the name of the type by default.

    Raises:
        RecordError: too long, not of the type, or not in canonical form. The message names the field.
    """
    subject = subject or kind.__name__.lower()
    if len(data) > limit:
        raise RecordError(f"{subject}: {len(data)} bytes, at most {limit} are allowed")
    value = decode_typed(data, kind, subject=subject)
    if encode_decoded(value) != data:
        raise RecordError(f"{subject}: not in canonical form")
    return value


def decode_typed(data: bytes | msgspec.Raw, kind: type[T], *, subject: str) -> T:
    """The typed value of these bytes. The caller MUST compare them with `encode_decoded` of what comes back.

    Raises:
        RecordError: not JSON of that type; the message names the field.
    """
    try:
        return _decoder(kind).decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        what, _, path = str(exc).partition(_PATH)
        raise RecordError(f"{subject}{path.rstrip('`')}: {what}") from exc
    except RecursionError as exc:
        raise RecordError(f"{subject}: nested too deep") from exc


def encode_decoded(value: Any) -> bytes:
    """`jcs` for values that a decoder made, three times as fast.

    Types have ruled out by then what msgspec would write otherwise than RFC 8785 does: floats, integers
    beyond 2^53 − 1, and keys outside the basic plane.
    """
    return _ENCODER.encode(value)


def _to_json(value: Any) -> Any:
    if isinstance(value, JsonValue):
        return value.to_json()
    raise TypeError(f"a {type(value).__name__}")


def _from_json(kind: type, value: Any) -> Any:
    if issubclass(kind, JsonValue):
        return kind.from_json(value)
    raise TypeError(f"no JSON form is known for {kind.__name__}")


def _require_numbers(plain: Any) -> None:
    """RFC 8785 has more numbers than records may hold."""
    if isinstance(plain, dict):
        for item in plain.values():
            _require_numbers(item)
    elif isinstance(plain, list):
        for item in plain:
            _require_numbers(item)
    elif isinstance(plain, float) or (isinstance(plain, int) and plain < 0):
        raise RecordError("canonical JSON: a number that is not 0, 1, 2, …")


def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = _DECODERS[kind] = msgspec.json.Decoder(kind, dec_hook=_from_json)
    return decoder


# One for each type of ours that was decoded yet: making a decoder costs more than using it.
_DECODERS: dict[type, msgspec.json.Decoder[Any]] = {}
_ENCODER = msgspec.json.Encoder(order="sorted", enc_hook=_to_json)
