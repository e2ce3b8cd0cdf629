"""The kinds of field that records are made of, each with one text per value.

Numbers and text are checked where they are decoded; bytes and localized texts hold from birth.

Spec: records.md §1.2 to §1.5
"""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Self

from msgspec import Meta

from bulletin_board.errors import RecordError
from bulletin_board.records.canonical import JsonValue

MAX_INTEGER = 2**53 - 1  # the largest that every reader of JSON holds exactly
MAX_TRUSTEES = 32
TEXT_CHARACTERS = 1_000

# Inclusive ranges of code points. None combines, none is invisible, none turns the direction of writing, and
# each is its own NFC, so that strings of them stay in NFC under every version of Unicode.
TEXT_RANGES = (
    (0x0020, 0x007E),
    (0x00A0, 0x00AC),
    (0x00AE, 0x024F),
    (0x0400, 0x0482),
    (0x048A, 0x052F),
    (0x2010, 0x2015),
    (0x2018, 0x201F),
    (0x2026, 0x2026),
    (0x2030, 0x2030),
    (0x2039, 0x203A),
    (0x20A0, 0x20C0),
    (0x2116, 0x2116),
)

_SPACES = "[\\u0020\\u00a0]"
_REPERTOIRE = "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in TEXT_RANGES)
TEXT_PATTERN = rf"\A(?!{_SPACES})[{_REPERTOIRE}]{{1,{TEXT_CHARACTERS}}}(?<!{_SPACES})\Z"
IDENTIFIER_PATTERN = r"\A[a-z0-9][a-z0-9-]{0,63}\Z"

Text = Annotated[str, Meta(pattern=TEXT_PATTERN)]
Identifier = Annotated[str, Meta(pattern=IDENTIFIER_PATTERN)]
NoteText = Annotated[str, Meta(min_length=1)]  # a signed note; `bulletin_board.log` reads it

Count = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
PositiveCount = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]
Seconds = Count  # POSIX seconds, UTC, or a span of them
TrusteeIndex = Annotated[int, Meta(ge=1, le=MAX_TRUSTEES)]  # 1-based position in the manifest

_text = re.compile(TEXT_PATTERN)
_identifier = re.compile(IDENTIFIER_PATTERN)


def encode_base64url(data: bytes) -> str:
    """URL alphabet, no padding."""
    # Two replacements take a quarter of the time of one table: this is what decoding a ballot costs.
    text = b2a_base64(data, newline=False).rstrip(b"=").replace(b"+", b"-").replace(b"/", b"_")
    return text.decode("ascii")


def decode_base64url(text: str) -> bytes:
    """The bytes that `encode_base64url` writes as exactly this text.

    Raises:
        ValueError: another alphabet, padding, or spare bits that are not zero.
    """
    try:
        standard = text.encode("ascii").replace(b"-", b"+").replace(b"_", b"/")
        data = a2b_base64(standard + b"=" * (-len(text) % 4))
    except (Base64Error, UnicodeEncodeError) as exc:
        raise ValueError("not base64url") from exc
    # The C decoder skips what it does not know; writing the bytes again finds that out.
    if encode_base64url(data) != text:
        raise ValueError("not canonical base64url")
    return data


class Base64Bytes(JsonValue, bytes):
    """Bytes of any length, base64url in JSON."""

    __slots__ = ()

    @classmethod
    def from_json(cls, value: Any) -> Self:
        if not isinstance(value, str):
            raise TypeError("not a string of base64url")
        return cls(decode_base64url(value))

    def to_json(self) -> str:
        return encode_base64url(self)


class FixedBytes(Base64Bytes):
    """Bytes of one length, which the subclass names."""

    __slots__ = ()
    size: ClassVar[int]

    def __new__(cls, data: bytes) -> Self:
        if len(data) != cls.size:
            raise RecordError(f"{cls.__name__}: {len(data)} bytes instead of {cls.size}")
        return super().__new__(cls, data)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        try:
            return super().from_json(value)
        except RecordError as exc:
            raise ValueError(str(exc)) from exc


class Bytes32(FixedBytes):
    """An element, scalar, key or SHA-256 digest, not yet checked to be one."""

    __slots__ = ()
    size = 32


class Bytes64(FixedBytes):
    """A digest of the protocol's hash, or a signature."""

    __slots__ = ()
    size = 64


class SealedShare(FixedBytes):
    """A box of the key ceremony: 80 bytes of plaintext and 16 of its tag. Spec: protocol.md §2.4"""

    __slots__ = ()
    size = 96


class Localized(JsonValue, Mapping[str, str]):
    """One text in several languages; keys are language tags. Spec: records.md §2.1"""

    __slots__ = ("_texts",)
    _texts: dict[str, str]

    def __init__(self, texts: Mapping[str, str]) -> None:
        problem = _problem_of(texts)
        if problem:
            raise RecordError(f"localized text: {problem}")
        self._texts = dict(texts)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        if not isinstance(value, dict):
            raise TypeError("not an object of texts")
        try:
            return cls(value)
        except RecordError as exc:
            raise ValueError(str(exc)) from exc

    def to_json(self) -> dict[str, str]:
        return dict(self._texts)

    def require_languages(self, languages: tuple[str, ...], *, subject: str) -> None:
        """Refuse a text that is missing in a language, or stands in one that the manifest does not have."""
        if self._texts.keys() != set(languages):
            raise RecordError(f"{subject}: languages {sorted(self._texts)} instead of {sorted(languages)}")

    def __getitem__(self, language: str) -> str:
        return self._texts[language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __hash__(self) -> int:
        return hash(frozenset(self._texts.items()))

    def __repr__(self) -> str:
        return f"Localized({self._texts!r})"


def is_text(value: str) -> bool:
    """Whether a string may stand as free text."""
    return _text.match(value) is not None


def _problem_of(texts: Mapping[Any, Any]) -> str:
    for language, text in texts.items():
        if not (isinstance(language, str) and _identifier.match(language)):
            return "a key is not a language tag"
        if not (isinstance(text, str) and is_text(text)):
            return f"{language} is not plain text of 1 to {TEXT_CHARACTERS} characters"
    return ""
