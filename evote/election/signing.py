"""Adding a signature to a record in a file: authorities sign one after the other, each on its own machine.

Spec: records.md §1.6, §1.7
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bulletin_board.envelope_file import read_addenda, write_envelope
from bulletin_board.records.canonical import jcs
from bulletin_board.records.envelope import Envelope, join_signatures, sign_record
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.signers import SignerGroup, signer_groups
from crypto.signing import record_message, verify_signature
from evote.errors import SignedFileError
from evote.keys import RoleKey

DIGEST_GROUP = 8  # hex digits
DIGEST_GROUPS_PER_LINE = 4


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A record after one more has signed it."""

    envelope: Envelope
    manifest: Manifest

    @property
    def missing(self) -> tuple[SignerGroup, ...]:
        """Of whom how many signatures are still to come."""
        keys = [bytes(signature.key) for signature in self.envelope.signatures]
        return tuple(
            SignerGroup(group.role, group.keys, group.count - present)
            for group in signer_groups(self.envelope.body, self.manifest)
            if (present := sum(key in group.keys for key in keys)) < group.count
        )


def sign_file(path: Path, envelope: Envelope, key: RoleKey, manifest: Manifest | None) -> SignedFile:
    """Sign a record of a file, beside those who signed before.

    Args:
        path: of the file, which is written anew.
        envelope: what was read from it and looked at. The file is not read again: whatever has come in its
            place since is not what is signed.
        key: whose holder has read the record.
        manifest: of the election; None if the file holds it.

    Raises:
        SignedFileError: this key has no say in the record, has signed it, or is not needed any more.
        RecordError: an addendum cannot be read.
        crypto.errors.SignatureError: an earlier signature does not hold.
    """
    body = envelope.body
    if isinstance(body, Manifest):
        manifest = body
    elif manifest is None:
        raise SignedFileError(f"{path.name}: to sign a {envelope.type} the manifest is needed")
    # What is signed is there in full: nobody signs for addenda that were not brought along.
    read_addenda(path, body)
    _require_due(envelope, manifest, key)
    for signature in envelope.signatures:
        message = record_message(envelope.type, manifest.digest, jcs(body))
        verify_signature(signature.key, message, signature.signature)
    added = sign_record(body, manifest.digest, key.signing_key)
    signed = join_signatures(body, (*envelope.signatures, added))
    write_envelope(path, signed)
    return SignedFile(signed, manifest)


def _require_due(envelope: Envelope, manifest: Manifest, key: RoleKey) -> None:
    present = [bytes(signature.key) for signature in envelope.signatures]
    public = key.signing_key.public
    group = _group_of(public, signer_groups(envelope.body, manifest))
    if group is None:
        raise SignedFileError(f"{envelope.type}: {key.name} has no say in it")
    if public in present:
        raise SignedFileError(f"{envelope.type}: {key.name} has signed it already")
    if sum(signer in group.keys for signer in present) >= group.count:
        raise SignedFileError(f"{envelope.type}: {group.count} of {group.role} have signed it already")


def _group_of(public: bytes, groups: Sequence[SignerGroup]) -> SignerGroup | None:
    return next((group for group in groups if public in group.keys), None)


def printed_digest(digest: bytes) -> tuple[str, ...]:
    """A digest as it is printed in a newspaper: lines of groups that an eye can hold."""
    text = digest.hex()
    groups = [text[start : start + DIGEST_GROUP] for start in range(0, len(text), DIGEST_GROUP)]
    return tuple(
        " ".join(groups[start : start + DIGEST_GROUPS_PER_LINE])
        for start in range(0, len(groups), DIGEST_GROUPS_PER_LINE)
    )
