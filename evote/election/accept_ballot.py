"""Taking in a ballot: from the bytes of a request to a place in the queue of the board.

The checks come in one order, each with a code of its own; a ballot that is refused leaves nothing behind.
What only the log can answer (the head of the chain, the order of two ballots) is the sequencer's to say.

Spec: board.md §5.1, §3.3, §3.4; protocol.md §3.14
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from bulletin_board.errors import AppendRefused, RecordError
from bulletin_board.log.merkle import leaf_hash
from bulletin_board.outcome import Outcome, ballot_outcome
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.bulk import AddendumRef
from bulletin_board.records.canonical import decode_typed, encode_decoded
from bulletin_board.records.ceremony import Commit, Confirm
from bulletin_board.records.envelope import Envelope, decode_record, encode_record
from bulletin_board.records.fields import decode_base64url
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Part
from bulletin_board.records.roll import Roll
from bulletin_board.records.voting import Close
from bulletin_board.registration import require_effective
from bulletin_board.sequencer import Sequencer
from bulletin_board.store.port import BoardSnapshot, BoardStore
from crypto.elgamal import CIPHERTEXT_BYTES
from evote.db.grants import GrantStore
from evote.election.beat_bell import BeatBell
from evote.election.parameters import ElectionParameters, gather_parameters
from evote.election.proof_queue import ProofQueue, UnverifiedBallot

MAX_REQUEST_BYTES = 1 << 20

_PAD_BYTES = 32


class BallotRequest(Part):
    """What is posted: a ballot's body, and its addenda in field order where it has them."""

    # Text, so that a list that is too long costs no decoding. One for each bulk field at most.
    addenda: Annotated[tuple[str, ...], Meta(max_length=2)]
    body: BallotBody


@dataclass(frozen=True, slots=True)
class PostedBallot:
    """A ballot in its one form; nothing of it is verified."""

    body: BallotBody
    digest: bytes  # ballot digest, 64 bytes
    entry: bytes  # of the log
    addenda: tuple[bytes, ...]
    ciphertexts: bytes  # packed
    proof: bytes  # packed

    @classmethod
    def decode(cls, request: bytes) -> PostedBallot:
        """The ballot of a request.

        Raises:
            AppendRefused: no ballot, or not in its one form.
        """
        try:
            posted = decode_typed(request, BallotRequest, subject="ballot")
        except RecordError as exc:
            raise AppendRefused("malformed", str(exc)) from exc
        if encode_decoded(posted) != request:
            raise AppendRefused("non-canonical", "ballot: not in canonical form")
        try:
            brought = tuple(decode_base64url(text) for text in posted.addenda)
        except ValueError as exc:
            raise AppendRefused("malformed", f"ballot: an addendum is {exc}") from exc
        body, refs = posted.body, [AddendumRef.of(data) for data in brought]
        addenda = {bytes(ref.sha256): data for ref, data in zip(refs, brought, strict=True)}
        try:
            if refs != list(body.addenda()):
                raise AppendRefused("malformed", "ballot: its addenda are not those that the body names")
            entry = encode_record(Envelope(body.record_type, body, ()))
            ciphertexts, proof = (bulk.read(addenda.__getitem__) for bulk in body.bulks())
        except RecordError as exc:
            # Bulk fields in two forms, or in the one that their size does not call for.
            raise AppendRefused("non-canonical", str(exc)) from exc
        return cls(body, body.digest, entry, brought, ciphertexts, proof)

    @property
    def pads(self) -> list[bytes]:
        """The first half of every ciphertext."""
        starts = range(0, len(self.ciphertexts), CIPHERTEXT_BYTES)
        return [self.ciphertexts[start : start + _PAD_BYTES] for start in starts]


class BallotAcceptance:
    """The voting server's way with ballots."""

    def __init__(
        self,
        store: BoardStore,
        sequencer: Sequencer,
        manifest: Manifest,
        *,
        grants: GrantStore,
        proofs: ProofQueue,
        bell: BeatBell,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._sequencer = sequencer
        self._manifest = manifest
        self._grants = grants
        self._proofs = proofs
        self._bell = bell
        self._clock = clock
        self._parameters: ElectionParameters | None = None

    async def accept(self, posted: PostedBallot) -> Outcome:
        """Verify a ballot, hand it to the board and wait for what the next beats bring.

        Raises:
            AppendRefused: it does not hold, or may not come now.
            StoreError: nothing can be taken in for the moment.
        """
        if posted.body.election_id != self._manifest.election_id:
            raise AppendRefused("wrong-election", f"this is the board of {self._manifest.election_id}")
        # The same ballot again is no second one, whatever has happened since.
        known = await asyncio.to_thread(self.known, posted.digest)
        if known is None:
            await self._proofs.verify(await asyncio.to_thread(self._screen_for_proof, posted))
            await asyncio.to_thread(self._submit, posted)
        return await self._bell.settled(leaf_hash(posted.entry))

    def known(self, digest: bytes) -> Outcome | None:
        """What has become of a ballot, by its ballot digest."""
        return ballot_outcome(self._store, digest)

    def _screen_for_proof(self, posted: PostedBallot) -> UnverifiedBallot:
        """What is left to verify of a ballot that comes from the holder of its credential."""
        ballot = self._screen(posted)
        ballot.require_holder()
        return ballot

    def _screen(self, posted: PostedBallot) -> UnverifiedBallot:
        """Everything that needs no arithmetic, and what is left to verify."""
        body = posted.body
        self._require_open(body)
        with self._store.snapshot() as tables:
            row = require_effective(tables.electorate.credential(body.credential))
            if row.style != body.style:
                raise AppendRefused("wrong-style", f"the roll has this credential under {row.style}")
            if not self._grants.holds(body.credential):
                raise AppendRefused("not-identified", "nobody has been identified for this credential")
            shape = self._manifest.shape(row.style)
            if len(posted.ciphertexts) != shape.ciphertext_bytes:
                raise AppendRefused("malformed", f"ballot: not {shape.options} ciphertexts")
            pads = posted.pads
            if len(set(pads)) != len(pads) or tables.electorate.seen_pads(pads):
                raise AppendRefused("repeated-pad", "a ciphertext begins like one that was cast before")
            parameters = self._gathered(tables)
        return UnverifiedBallot(
            context=parameters.context,
            key=parameters.key.encoded,
            shape=shape,
            credential=body.credential,
            previous=body.previous,
            ciphertexts=posted.ciphertexts,
            proof=posted.proof,
        )

    def _require_open(self, body: BallotBody) -> None:
        account = self._sequencer.desk.account()
        if account.state.index_of(Close) is not None:
            raise AppendRefused("closed", "voting is closed")
        account.state.require_admissible(body, published_size=account.published_size)
        in_force = account.in_force
        if in_force is None or in_force.suspended:
            raise AppendRefused("not-open", "the authorities have suspended voting")
        if in_force.annulled or self._clock() >= in_force.closes_at:
            raise AppendRefused("closed", f"voting closed at {in_force.closes_at}")

    def _gathered(self, tables: BoardSnapshot) -> ElectionParameters:
        if self._parameters is None:
            kinds = (Commit, Confirm, Roll)
            entries = tables.log.entries_of([kind.record_type for kind in kinds])
            bodies = [decode_record(entry.data).body for entry in entries]
            self._parameters = gather_parameters(self._manifest, bodies)
        return self._parameters

    def _submit(self, posted: PostedBallot) -> None:
        self._sequencer.submit(posted.entry, posted.addenda, now=int(self._clock()))
