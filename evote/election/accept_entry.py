"""Taking in what trustees, issuers, officials and the identity service post: form, signatures, content.

Spec: board.md §5.4, §5.5; records.md §1.6, §1.7
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bulletin_board.envelope_file import MAX_ADDENDUM_BYTES, decode_envelope
from bulletin_board.errors import AppendRefused, RecordError
from bulletin_board.log.merkle import leaf_hash
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.bulk import BulkRecord
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.envelope import Envelope, encode_record, verify_envelope
from bulletin_board.records.fields import Bytes32, Bytes64
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Part
from bulletin_board.records.roll import Roll
from bulletin_board.records.signers import require_signers
from bulletin_board.sequencer import Sequencer
from bulletin_board.store.port import BoardSnapshot, BoardStore
from crypto.errors import CryptoError, ProofError, SignatureError
from crypto.signing import record_message, verify_signature
from evote.db.grants import GrantStore
from evote.election.entry_content import require_content

MAX_REQUEST_BYTES = 65_535
MAX_GRANT_BYTES = 1024

GRANT = "grant"  # the type under which grants are signed


class Grant(Part):
    """The identity service's word that the holder of a credential was identified."""

    credential: Bytes32
    signature: Bytes64

    @property
    def message(self) -> bytes:
        """What is signed, in canonical form."""
        return jcs({"credential": self.credential})


@dataclass(frozen=True, slots=True)
class EntryAcceptance:
    """The board's way with entries that somebody signed."""

    store: BoardStore
    sequencer: Sequencer
    manifest: Manifest
    grants: GrantStore
    clock: Callable[[], float]

    def accept(self, request: bytes) -> bytes:
        """Check an entry and hand it to the board.

        Args:
            request: the canonical bytes of an envelope.

        Returns:
            The entry's leaf hash.

        Raises:
            AppendRefused: it is not in form, not signed by who must, or its content does not hold.
            AddendaWanted: some addenda are to be brought first.
        """
        envelope, entry = self._decode(request)
        self._require_signed(envelope)
        if self.sequencer.outcome(leaf_hash(entry)) is None:
            with self.store.snapshot() as tables:
                self._require_content(envelope, tables)
        return self.sequencer.submit(entry, now=int(self.clock()))

    def wanted_size(self, sha256: bytes) -> int:
        """How many bytes an addendum that was announced may have.

        Raises:
            AppendRefused: no entry has announced it.
        """
        with self.store.snapshot() as tables:
            found = tables.submissions.addendum(sha256)
            size = len(found[0]) if found else tables.submissions.wanted_size(sha256)
        if size is None:
            raise AppendRefused("not-found", "no entry has announced this addendum")
        return size

    def keep_addendum(self, sha256: bytes, data: bytes) -> None:
        """Take an addendum that was announced; again changes nothing.

        Raises:
            AppendRefused: nobody wants it, or its bytes are others than announced.
        """
        self.sequencer.desk.keep_addendum(sha256, data)

    def grant(self, request: bytes) -> Grant:
        """Keep the identity service's word for a credential; again changes nothing.

        Raises:
            AppendRefused: not in form, not signed by the identity service, or the credential is unknown.
        """
        try:
            grant = decode_json(request, Grant, limit=MAX_GRANT_BYTES)
            message = record_message(GRANT, self.manifest.digest, grant.message)
            verify_signature(self.manifest.identity_key, message, grant.signature)
        except RecordError as exc:
            raise AppendRefused("malformed", str(exc)) from exc
        except SignatureError as exc:
            raise AppendRefused("bad-signature", f"grant: {exc}") from exc
        with self.store.snapshot() as tables:
            if tables.electorate.credential(grant.credential) is None:
                raise AppendRefused("unknown-credential", "not on the roll")
        self.grants.keep(grant.credential, grant.signature)
        return grant

    def _decode(self, request: bytes) -> tuple[Envelope, bytes]:
        try:
            envelope = decode_envelope(request)
            if isinstance(envelope.body, BallotBody):
                raise AppendRefused("malformed", "ballots are posted elsewhere")
            return envelope, encode_record(envelope)
        except RecordError as exc:
            code = "non-canonical" if str(exc).endswith("not in canonical form") else "malformed"
            raise AppendRefused(code, str(exc)) from exc

    def _require_signed(self, envelope: Envelope) -> None:
        try:
            keys = [signature.key for signature in envelope.signatures]
            require_signers(envelope.body, self.manifest, keys)
        except RecordError as exc:
            raise AppendRefused("bad-signature", str(exc)) from exc
        try:
            verify_envelope(envelope, self.manifest)
        except SignatureError as exc:
            raise AppendRefused("bad-signature", f"{envelope.type}: {exc}") from exc
        except RecordError as exc:
            raise AppendRefused("malformed", str(exc)) from exc

    def _require_content(self, envelope: Envelope, tables: BoardSnapshot) -> None:
        body = envelope.body
        refs = body.addenda() if isinstance(body, BulkRecord | Roll) else ()
        if any(ref.size > MAX_ADDENDUM_BYTES for ref in refs):
            raise AppendRefused("too-large", f"an addendum has at most {MAX_ADDENDUM_BYTES} bytes")
        names = [bytes(ref.sha256) for ref in refs]
        if tables.submissions.missing_addenda(names):
            return  # they are asked for first; the content is looked at when the entry comes again

        def read_addendum(sha256: bytes) -> bytes:
            found = tables.submissions.addendum(sha256)
            if found is None:
                raise RecordError(f"addendum {sha256.hex()[:16]}: missing")
            return found[0]

        try:
            require_content(body, self.manifest, tables.log, read_addendum)
        except ProofError as exc:
            raise AppendRefused("bad-proof", str(exc)) from exc
        except (RecordError, CryptoError) as exc:
            raise AppendRefused("malformed", str(exc)) from exc
