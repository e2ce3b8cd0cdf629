"""Signed notes: a text and the lines of those who signed it; the keys that sign, and their names.

Spec: c2sp.org/signed-note; for keys of type 0x04 c2sp.org/tlog-cosignature.

    <text, one or more lines>
    <blank line>
    — <key name> <base64(key id ‖ signature)>

Where C2SP leaves a choice, this reader is strict: base64 is canonical, one bad line of a known key
refuses the note, and so does a second line of the same known key.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from bulletin_board.errors import NoteError, RecordError
from bulletin_board.log.text import MAX_NUMBER, decode_base64, encode_base64
from crypto.errors import SignatureError
from crypto.signing import SIGNATURE_SIZE, SigningKey, verify_signature

MAX_SIGNATURES = 100
KEY_ID_BYTES = 4
PUBLIC_KEY_BYTES = 32
TIME_BYTES = 8

_PREFIX = "— "
# Control characters other than newline, and what UTF-8 cannot carry.
_FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")


class KeyType(IntEnum):
    """The first byte of an encoded key: what is signed, and how."""

    ED25519 = 0x01  # Ed25519 over the text
    COSIGNATURE = 0x04  # Ed25519 over a time and the text, `cosignature/v1`


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key under the name it signs notes with."""

    name: str
    key_type: KeyType
    public_key: bytes  # 32 bytes, Ed25519

    def __post_init__(self) -> None:
        require_key_name(self.name)
        if len(self.public_key) != PUBLIC_KEY_BYTES:
            raise RecordError(f"note key: {len(self.public_key)} bytes instead of {PUBLIC_KEY_BYTES}")

    @classmethod
    def from_vkey(cls, text: str) -> NoteKey:
        """A key from its text `name+id+base64`.

        Raises:
            RecordError: malformed, of an unknown type, or the id is not this key's.
        """
        match = _VKEY.fullmatch(text)
        if not match:
            raise RecordError("note key: malformed")
        data = decode_base64(match[3], subject="note key")
        if not data or data[0] not in tuple(KeyType):
            raise RecordError("note key: unknown type")
        key = cls(match[1], KeyType(data[0]), data[1:])
        if key.to_vkey() != text:
            raise RecordError("note key: its id belongs to another key")
        return key

    def to_vkey(self) -> str:
        """The text by which keys are configured."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(bytes([self.key_type]) + self.public_key)}"

    @property
    def key_id(self) -> bytes:
        """4 bytes that, with the name, tell which key a line claims; not a strong hash."""
        material = self.name.encode() + b"\n" + bytes([self.key_type]) + self.public_key
        return sha256(material).digest()[:KEY_ID_BYTES]

    def verify_signature(self, text: str, signature: bytes) -> None:
        """Check the signature part of this key's line under the note text.

        Raises:
            NoteError: the signature is not by this key over this text.
        """
        message, raw = text.encode(), signature
        if self.key_type is KeyType.COSIGNATURE:
            time, raw = cosignature_time(signature), signature[TIME_BYTES:]
            message = cosignature_message(text, time)
        try:
            verify_signature(self.public_key, message, raw)
        except SignatureError as exc:
            raise NoteError(f"note: the signature by {self.name} does not verify") from exc


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line, unverified."""

    name: str
    key_id: bytes  # 4 bytes
    signature: bytes  # what follows the key id, at least 1 byte

    def __post_init__(self) -> None:
        require_key_name(self.name)
        if len(self.key_id) != KEY_ID_BYTES or not self.signature:
            raise RecordError("note signature: too short")

    @classmethod
    def from_line(cls, line: str) -> NoteSignature:
        """The signature that a line spells, its newline left out."""
        name, space, payload = line.removeprefix(_PREFIX).partition(" ")
        if not line.startswith(_PREFIX) or not space:
            raise RecordError("note signature: malformed line")
        data = decode_base64(payload, subject="note signature")
        return cls(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])

    def to_line(self) -> str:
        """The line without its newline."""
        return f"{_PREFIX}{self.name} {encode_base64(self.key_id + self.signature)}"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text and its signature lines, unverified."""

    text: str  # ends in a newline, which is signed too
    signatures: tuple[NoteSignature, ...]  # 1..100

    def __post_init__(self) -> None:
        require_text(self.text, subject="note text")
        if not self.text.endswith("\n"):
            raise RecordError("note text: does not end in a newline")
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            raise RecordError(f"note: {len(self.signatures)} signatures is outside 1..{MAX_SIGNATURES}")

    @classmethod
    def from_text(cls, note_text: str) -> SignedNote:
        """The note that is written exactly so.

        Raises:
            RecordError: no blank line, no signature or more than 100, or a malformed line.
        """
        # The text may hold blank lines itself; the last one ends it.
        end = note_text.rfind("\n\n") + 1
        if not end or not note_text.endswith("\n"):
            raise RecordError("note: no blank line, or no newline at the end")
        return cls(note_text[:end], decode_signature_lines(note_text[end + 1 :]))

    def to_text(self) -> str:
        """The note as it is kept and sent."""
        return f"{self.text}\n{encode_signature_lines(self.signatures)}"


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A secret Ed25519 key that signs notes under a name."""

    name: str
    signing_key: SigningKey

    def __post_init__(self) -> None:
        require_key_name(self.name)

    @property
    def key(self) -> NoteKey:
        """The public half."""
        return NoteKey(self.name, KeyType.ED25519, self.signing_key.public)

    def sign(self, text: str) -> NoteSignature:
        """The line of this key under a note text; the same text always gives the same line."""
        return NoteSignature(self.name, self.key.key_id, self.signing_key.sign(text.encode()))


def verify_note(note: SignedNote, keys: Sequence[NoteKey]) -> tuple[tuple[NoteKey, NoteSignature], ...]:
    """The lines that are by the given keys, all of them verified, in the note's order.

    Lines of other keys are passed over: (name, key id) tells them apart.

    Raises:
        NoteError: a line of a given key does not verify or comes twice, there is none at all,
            or two given keys cannot be told apart.
    """
    known = {(key.name, key.key_id): key for key in keys}
    if len(known) != len(keys):
        raise NoteError("note: two of the expected keys have the same name and id")
    verified: dict[NoteKey, NoteSignature] = {}
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if key in verified:
            raise NoteError(f"note: two signatures by {key.name}")
        key.verify_signature(note.text, line.signature)
        verified[key] = line
    if not verified:
        raise NoteError("note: not signed by any expected key")
    return tuple(verified.items())


def cosignature_message(text: str, time: int) -> bytes:
    """What a key of type 0x04 signs: that at this time (POSIX seconds) it knew nothing larger."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosignature_time(signature: bytes) -> int:
    """The time, POSIX seconds, that stands before an Ed25519 signature of type 0x04.

    Raises:
        NoteError: the length is not that of a cosignature, or the time is not below 2^63.
    """
    time = int.from_bytes(signature[:TIME_BYTES], "big")
    if len(signature) != TIME_BYTES + SIGNATURE_SIZE or time > MAX_NUMBER:
        raise NoteError("cosignature: malformed")
    return time


def encode_signature_lines(signatures: Sequence[NoteSignature]) -> str:
    """The lines as they end a note, each with its newline."""
    return "".join(f"{signature.to_line()}\n" for signature in signatures)


def decode_signature_lines(text: str) -> tuple[NoteSignature, ...]:
    """The signatures of lines that stand without their note, such as a witness's answer.

    Raises:
        RecordError: over 100 lines, a malformed one, or no newline at the end.
    """
    if text and not text.endswith("\n"):
        raise RecordError("note signatures: no newline at the end")
    if text.count("\n") > MAX_SIGNATURES:
        raise RecordError(f"note signatures: over {MAX_SIGNATURES} lines")
    return tuple(NoteSignature.from_line(line) for line in text.split("\n")[:-1])


def require_text(text: str, *, subject: str) -> None:
    """Refuse control characters other than newline, and what UTF-8 cannot carry."""
    if _FORBIDDEN.search(text):
        raise RecordError(f"{subject}: a character that notes may not hold")


def require_key_name(name: str) -> None:
    """Refuse a name that a signature line cannot carry."""
    require_text(name, subject="key name")
    if not name or "+" in name or any(character.isspace() for character in name):
        raise RecordError("key name: empty, or with a space or plus sign")
