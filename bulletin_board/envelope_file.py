"""Records on their way to the board: a file that several people sign, one after the other.

`X.json` holds the canonical bytes of the envelope with the signatures so far; the addenda that its body names
lie in `X.json.addenda/<hex sha256>`. Every program reads manifests, revocations and the like through here.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from msgspec import Raw

from bulletin_board.durable_file import PUBLIC, write_durably
from bulletin_board.errors import RecordError
from bulletin_board.records.bulk import BulkRecord
from bulletin_board.records.canonical import decode_typed, encode_decoded, jcs
from bulletin_board.records.envelope import TYPES, Envelope, Signature, verify_envelope
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Part, Record
from bulletin_board.records.roll import Roll

MAX_FILE_BYTES = 16 << 20
MAX_ADDENDUM_BYTES = 64 << 20


class _Outer(Part):
    body: Raw
    signatures: tuple[Signature, ...]
    type: str


def encode_envelope(envelope: Envelope) -> bytes:
    """The bytes of the file: the entry of the record without its addenda suffix."""
    return jcs({"body": envelope.body, "signatures": envelope.signatures, "type": envelope.type})


def decode_envelope(content: bytes) -> Envelope:
    """The record of which these are the bytes, with whatever signatures it has yet; they are not verified.

    Raises:
        RecordError: anything but the canonical form of a record of a known type.
    """
    if len(content) > MAX_FILE_BYTES:
        raise RecordError(f"envelope: {len(content)} bytes, at most {MAX_FILE_BYTES} are allowed")
    outer = decode_typed(content, _Outer, subject="envelope")
    kind = TYPES.get(outer.type)
    if kind is None:
        raise RecordError("envelope.type: not a type of record")
    body = decode_typed(outer.body, kind, subject=outer.type)
    written = encode_decoded({"body": body, "signatures": outer.signatures, "type": outer.type})
    if written != content:
        raise RecordError(f"{outer.type}: not in canonical form")
    return Envelope(outer.type, body, outer.signatures)


def read_envelope(path: Path) -> Envelope:
    """The record in a file.

    Raises:
        RecordError: the file cannot be read, or is not in the one form.
    """
    return decode_envelope(_read(path, MAX_FILE_BYTES))


def read_addenda(path: Path, body: Record) -> dict[bytes, bytes]:
    """What the body names and the folder beside its file holds: SHA-256 → bytes.

    Raises:
        RecordError: one is missing, or not what its name says.
    """
    addenda: dict[bytes, bytes] = {}
    for ref in body.addenda() if isinstance(body, BulkRecord | Roll) else ():
        name = bytes(ref.sha256)
        data = _read(addenda_folder(path) / name.hex(), MAX_ADDENDUM_BYTES)
        if sha256(data).digest() != name or len(data) != ref.size:
            raise RecordError(f"addendum {name.hex()}: its content is another")
        addenda[name] = data
    return addenda


def write_envelope(path: Path, envelope: Envelope, addenda: Mapping[bytes, bytes] | None = None) -> None:
    """Put a record into a file, over the one with fewer signatures.

    Args:
        path: of the file.
        envelope: with the signatures so far.
        addenda: what its body names, SHA-256 → bytes.
    """
    if addenda:
        folder = addenda_folder(path)
        folder.mkdir(exist_ok=True)
        for name, data in addenda.items():
            write_durably(folder / name.hex(), data, mode=PUBLIC)
    write_durably(path, encode_envelope(envelope), mode=PUBLIC)


def addenda_folder(path: Path) -> Path:
    return path.with_name(f"{path.name}.addenda")


def load_manifest(path: Path, pinned_digest: bytes | None = None) -> Manifest:
    """The manifest of an election, signed by two of its authorities.

    Args:
        path: of the file.
        pinned_digest: what was published out of band, 32 bytes, where the reader has it.

    Raises:
        RecordError: not a manifest, not signed by exactly two of its authorities, or another than pinned.
        crypto.errors.SignatureError: a signature does not hold.
    """
    envelope = read_envelope(path)
    manifest = envelope.body
    if not isinstance(manifest, Manifest):
        raise RecordError(f"{path.name}: a {envelope.type} instead of a manifest")
    verify_envelope(envelope, manifest)
    if pinned_digest is not None and manifest.digest != pinned_digest:
        raise RecordError(f"{path.name}: its digest is {manifest.digest.hex()}, another one was given")
    return manifest


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as exc:
        raise RecordError(f"{path}: {exc.strerror}") from exc
    if len(data) > limit:
        raise RecordError(f"{path}: over {limit} bytes")
    return data
