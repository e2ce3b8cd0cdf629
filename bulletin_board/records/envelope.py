"""The envelope: a body, its type, and who stands by it; and the bytes of the log entry that it becomes.

Decoding checks the form. It does not look at signatures: `verify_envelope` does.

Spec: records.md §1.6 to §1.9
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from msgspec import Raw, Struct

from bulletin_board.errors import RecordError, VersionError
from bulletin_board.log.addenda import decode_entry, encode_entry
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.bulk import AddendumRef, BulkRecord, require_one_form
from bulletin_board.records.canonical import decode_typed, encode_decoded, jcs
from bulletin_board.records.ceremony import Answer, Commit, Complaint, Confirm, Pledge, Share
from bulletin_board.records.fields import Bytes32, Bytes64
from bulletin_board.records.manifest import VERSION, Manifest
from bulletin_board.records.record import Part, Record, require_ascending
from bulletin_board.records.roll import IssuerPledge, Roll
from bulletin_board.records.signers import require_signers
from bulletin_board.records.tally import Aggregate, Decryption, Result, TallyConfirm
from bulletin_board.records.voting import Close, Identified, Notice, Open, Reissue, Revocation
from crypto.signing import SigningKey, record_message, verify_signature

_BODIES: tuple[type[Record], ...] = (
    *(Manifest, Pledge, Commit, Share, Confirm, Complaint, Answer, IssuerPledge, Roll),
    *(Open, BallotBody, Revocation, Reissue, Notice, Identified, Close),
    *(Aggregate, TallyConfirm, Decryption, Result),
)

TYPES: Mapping[str, type[Record]] = MappingProxyType({body.record_type: body for body in _BODIES})
"""Everything that may be posted, by the `type` of its envelope."""


class Signature(Part):
    """One signature under a record, and the key it is said to be by."""

    key: Bytes32
    signature: Bytes64


@dataclass(frozen=True, slots=True)
class Envelope:
    """A record as it is posted. Its signatures are unverified until `verify_envelope` has seen them."""

    type: str
    body: Record
    signatures: tuple[Signature, ...]  # ascending by key, bytewise

    def __post_init__(self) -> None:
        if TYPES.get(self.type) is not type(self.body):
            raise RecordError(f"envelope: a {type(self.body).__name__} as {self.type}")
        require_ascending(
            (signature.key for signature in self.signatures), subject=f"{self.type}: signatures"
        )


def sign_record(body: Record, manifest_digest: bytes, key: SigningKey) -> Signature:
    """One signer's signature; those of a record come from different machines. Spec: protocol.md §1.9

    Args:
        body: as it is posted, folded where it must be.
        manifest_digest: 32 bytes; for a manifest, its own digest.
        key: the signer's.
    """
    message = record_message(body.record_type, manifest_digest, jcs(body))
    return Signature(key=Bytes32(key.public), signature=Bytes64(key.sign(message)))


def join_signatures(body: Record, signatures: Sequence[Signature]) -> Envelope:
    """The envelope of signatures that were made apart, in whatever order they came."""
    return Envelope(body.record_type, body, tuple(sorted(signatures, key=lambda each: each.key)))


def sign_body(
    record_type: str,
    body: Record,
    manifest_digest: bytes,
    keys: Sequence[SigningKey],
) -> Envelope:
    """The envelope of a body that all its signers sign here; no keys for a ballot."""
    if record_type != body.record_type:
        raise RecordError(f"envelope: a {body.record_type} as {record_type}")
    return join_signatures(body, [sign_record(body, manifest_digest, key) for key in keys])


def verify_envelope(envelope: Envelope, manifest: Manifest) -> None:
    """Check that exactly those signed who must, and that every signature holds.

    Raises:
        RecordError: the set of signers is not the one of the table, another manifest than this one, or a text
            that is not in the manifest's languages.
        crypto.errors.SignatureError: a signature does not hold.

    Spec: records.md §1.6, §1.7
    """
    body = envelope.body
    if isinstance(body, Manifest) and body.digest != manifest.digest:
        raise RecordError("manifest: not the one that this log began with")
    require_signers(body, manifest, [signature.key for signature in envelope.signatures])
    if envelope.signatures:
        message = record_message(envelope.type, manifest.digest, jcs(body))
        for signature in envelope.signatures:
            verify_signature(signature.key, message, signature.signature)
    if isinstance(body, Notice):
        body.text.require_languages(manifest.languages, subject="notice: text")


def encode_record(envelope: Envelope) -> bytes:
    """The bytes of the log entry, addenda suffix included.

    What is written here goes through the gate that what others post goes through: nothing leaves that would
    not come in.

    Raises:
        RecordError: over 65,535 bytes, or a value that no decoder accepts.
    """
    content = jcs({"body": envelope.body, "signatures": envelope.signatures, "type": envelope.type})
    entry = encode_entry(content, tuple(bytes(ref.sha256) for ref in _addenda(envelope.body)))
    decode_record(entry)
    return entry


def decode_record(entry: bytes) -> Envelope:
    """The record of which these are the only entry bytes. Its signatures are not verified.

    Raises:
        RecordError: anything but the canonical form of a record of a known type.
        VersionError: a manifest of another version.
    """
    content, digests = decode_entry(entry)
    outer = decode_typed(content, _Outer, subject="envelope")
    kind = TYPES.get(outer.type)
    if kind is None:
        raise RecordError("envelope.type: not a type of record")
    if kind is Manifest:
        _require_version(outer.body)
    body = decode_typed(outer.body, kind, subject=outer.type)
    signatures = encode_decoded(outer.signatures)
    # The type is one of the table, so it needs no escapes.
    written = b'{"body":%b,"signatures":%b,"type":"%b"}' % (
        encode_decoded(body),
        signatures,
        outer.type.encode(),
    )
    if written != content:
        raise RecordError(f"{outer.type}: not in canonical form")
    if digests != tuple(ref.sha256 for ref in _addenda(body)):
        raise RecordError(f"{outer.type}: the entry's addenda are not those that the body names")
    if digests and isinstance(body, BulkRecord):
        require_one_form(body, signature_count=len(outer.signatures))
    return Envelope(outer.type, body, outer.signatures)


class _Outer(Part):
    body: Raw
    signatures: tuple[Signature, ...]
    type: str


class _Versioned(Struct, frozen=True):
    version: str


def _require_version(body: Raw) -> None:
    """Said first: a manifest of a later version differs in more than its version."""
    version = decode_typed(body, _Versioned, subject="manifest").version
    if version != VERSION:
        raise VersionError(f"manifest: only version {VERSION} is covered")


def _addenda(body: Record) -> tuple[AddendumRef, ...]:
    return body.addenda() if isinstance(body, BulkRecord | Roll) else ()
