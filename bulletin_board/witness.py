"""A witness: it cosigns a log's checkpoint only if that continues the last one it cosigned.

The pure core of `POST …/add-checkpoint`, for the witness and for the log that asks; a thin HTTP layer
carries the bytes. Spec: board.md §2.5; c2sp.org/tlog-witness.

    old <size of the last checkpoint that the witness cosigned>
    <base64 hash>                   (the consistency proof from there)
    <blank line>
    <the checkpoint's signed note>

| status | when |
|---|---|
| 200 | cosigned; the body is the signature line |
| 400 | malformed, or the old size is larger than the checkpoint |
| 403 | no trusted key of this origin signed, or one of its lines does not verify |
| 404 | unknown origin |
| 409 | the old size is not that of the last checkpoint; the body is that size |
| 422 | the proof does not hold, or two roots for one size |
| 503 | the witness's clock is behind its own last cosignature |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Protocol

from bulletin_board.errors import LogProofError, NoteError, RecordError
from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log.cosignature import Cosigner, require_key_type
from bulletin_board.log.merkle import EMPTY_ROOT
from bulletin_board.log.note import (
    KeyType,
    NoteKey,
    NoteSignature,
    SignedNote,
    cosignature_time,
    decode_signature_lines,
    encode_signature_lines,
    verify_note,
)
from bulletin_board.log.proofs import verify_consistency
from bulletin_board.log.text import (
    decode_hash_lines,
    decode_number,
    decode_utf8,
    encode_hash_lines,
    require_number,
    require_proof,
)

TEXT = "text/plain; charset=utf-8"
# Clients compare this one literally: a charset behind it makes them see a fork where there is none.
TREE_SIZE = "text/x.tlog.size"
MAX_REQUEST_BYTES = 65_536

_OLD = "old "


@dataclass(frozen=True, slots=True)
class WitnessedCheckpoint:
    """The last checkpoint of one log that the witness cosigned."""

    tree_size: int
    root_hash: bytes  # 32 bytes
    note_text: str  # with the log's signature and the witness's own


@dataclass(frozen=True, slots=True)
class ForkEvidence:
    """Two checkpoints that the log signed and that were not shown to be one history.

    At one size with two roots they prove a fork to anyone. Otherwise the proof that came with the later
    one did not hold, which is suspicious until somebody brings a better proof.
    """

    origin: str
    known_note: str  # cosigned by the witness
    offered_note: str  # signed by the log, refused

    @property
    def proves_fork(self) -> bool:
        """Whether the two alone are enough: one size, two roots."""
        known, offered = (
            Checkpoint.from_text(SignedNote.from_text(text).text)
            for text in (self.known_note, self.offered_note)
        )
        return known.tree_size == offered.tree_size and known.root_hash != offered.root_hash


class WitnessStore(Protocol):
    """What a witness must remember. Every method returns only when its effect survives a power cut."""

    def latest(self, origin: str) -> WitnessedCheckpoint | None:
        """The last checkpoint cosigned for this log, or None before the first."""
        ...

    def advance(self, origin: str, *, old_size: int, new: WitnessedCheckpoint) -> bool:
        """Replace the last checkpoint in one atomic step, if its size still is `old_size` (0: there is none).

        Returns whether it did.
        """
        ...

    def keep_evidence(self, evidence: ForkEvidence) -> None:
        """Keep both notes for good; the same evidence again changes nothing."""
        ...


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """What goes back over HTTP, the content type to be sent exactly so."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """The request: a checkpoint, and the proof that it continues the one of size `old_size`."""

    old_size: int
    proof: tuple[bytes, ...]
    note: SignedNote
    checkpoint: Checkpoint  # the one of `note`

    @classmethod
    def decode(cls, body: bytes) -> AddCheckpoint:
        """The request that is written exactly so.

        Raises:
            RecordError: too long, not UTF-8, or a line missing, malformed or out of place.
        """
        if len(body) > MAX_REQUEST_BYTES:
            raise RecordError(f"request: over {MAX_REQUEST_BYTES} bytes")
        head, _, note_text = decode_utf8(body, subject="request").partition("\n\n")
        old, *proof = head.split("\n")
        if not old.startswith(_OLD):
            raise RecordError("request: no line with the old size")
        note = SignedNote.from_text(note_text)
        return cls(
            old_size=decode_number(old.removeprefix(_OLD), subject="request old size"),
            proof=decode_hash_lines(proof, subject="request"),
            note=note,
            checkpoint=Checkpoint.from_text(note.text),
        )


@dataclass(frozen=True, slots=True)
class Accepted:
    """A decision to cosign, good only while `known` still is the last checkpoint."""

    known: WitnessedCheckpoint | None
    checkpoint: Checkpoint
    note: SignedNote  # reduced to the verified lines of the log


@dataclass(frozen=True, slots=True)
class Refused:
    """A decision not to, with what is to be kept of it."""

    answer: WitnessAnswer
    evidence: ForkEvidence | None = None


def decide(
    body: bytes,
    *,
    trusted_logs: Mapping[str, tuple[NoteKey, ...]],
    latest: Callable[[str], WitnessedCheckpoint | None],
) -> Accepted | Refused:
    """Whether the checkpoint of a request may be cosigned; nothing is changed yet.

    Args:
        body: the request.
        trusted_logs: keys of each log by its origin.
        latest: the last checkpoint cosigned for an origin.
    """
    try:
        request = AddCheckpoint.decode(body)
    except RecordError as exc:
        return Refused(_refusal(HTTPStatus.BAD_REQUEST, str(exc)))
    checkpoint = request.checkpoint
    keys = trusted_logs.get(checkpoint.origin)
    if keys is None:
        return Refused(_refusal(HTTPStatus.NOT_FOUND, "unknown log"))
    try:
        lines = tuple(line for _, line in verify_note(request.note, keys))
    except NoteError as exc:
        return Refused(_refusal(HTTPStatus.FORBIDDEN, str(exc)))
    if request.old_size > checkpoint.tree_size:
        return Refused(_refusal(HTTPStatus.BAD_REQUEST, "request: old size above the checkpoint"))
    # Without the unsigned lines, so that nobody can fill the store with variants of one note.
    return _compare(request, SignedNote(request.note.text, lines), latest(checkpoint.origin))


def _compare(
    request: AddCheckpoint, note: SignedNote, known: WitnessedCheckpoint | None
) -> Accepted | Refused:
    """The decision over a checkpoint that the log did sign."""
    offered = request.checkpoint
    known_size, known_root = (known.tree_size, known.root_hash) if known else (0, EMPTY_ROOT)
    evidence = ForkEvidence(offered.origin, known.note_text, note.to_text()) if known else None
    if request.old_size != known_size:
        two_roots = offered.tree_size == known_size and offered.root_hash != known_root
        return Refused(_stale(known_size), evidence if two_roots else None)
    try:
        verify_consistency(known_size, known_root, offered.tree_size, offered.root_hash, request.proof)
    except LogProofError as exc:
        return Refused(_refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(exc)), evidence)
    return Accepted(known, offered, note)


@dataclass(frozen=True, slots=True)
class Witness:
    """One witness with its key, the logs it trusts, and its memory."""

    cosigner: Cosigner
    trusted_logs: Mapping[str, tuple[NoteKey, ...]]
    store: WitnessStore

    def __post_init__(self) -> None:
        for keys in self.trusted_logs.values():
            for key in keys:
                require_key_type(key, KeyType.ED25519)

    def add_checkpoint(self, body: bytes, *, now: int) -> WitnessAnswer:
        """Answer one request, `now` being POSIX seconds. What it says is on disk before it returns."""
        decision = decide(body, trusted_logs=self.trusted_logs, latest=self.store.latest)
        if isinstance(decision, Refused):
            if decision.evidence:
                self.store.keep_evidence(decision.evidence)
            return decision.answer
        known, checkpoint, note = decision.known, decision.checkpoint, decision.note
        # A clock set back would date the larger tree before the smaller one, in a record that dates by it.
        if known and self._time_of(known) > now:
            return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, "witness: the clock is behind")
        line = self.cosigner.cosign(note.text, time=now)
        cosigned = SignedNote(note.text, (*note.signatures, line)).to_text()
        new = WitnessedCheckpoint(checkpoint.tree_size, checkpoint.root_hash, cosigned)
        if not self.store.advance(checkpoint.origin, old_size=known.tree_size if known else 0, new=new):
            # Another request came between. The cosignature made here is not given away.
            known = self.store.latest(checkpoint.origin)
            return _stale(known.tree_size if known else 0)
        return WitnessAnswer(HTTPStatus.OK, TEXT, encode_signature_lines((line,)).encode())

    def _time_of(self, known: WitnessedCheckpoint) -> int:
        """When this witness cosigned the checkpoint it remembers; 0 if that was under another key."""
        key = self.cosigner.key
        for line in SignedNote.from_text(known.note_text).signatures:
            if (line.name, line.key_id) == (key.name, key.key_id):
                return cosignature_time(line.signature)
        return 0

    def latest_checkpoint(self, origin_digest: str) -> WitnessAnswer:
        """Answer `GET …/<origin digest>/checkpoint`: the last cosigned checkpoint of that log."""
        for origin in self.trusted_logs:
            if origin_name(origin) == origin_digest and (known := self.store.latest(origin)):
                return WitnessAnswer(HTTPStatus.OK, TEXT, known.note_text.encode())
        return _refusal(HTTPStatus.NOT_FOUND, "unknown log")


def origin_name(origin: str) -> str:
    """The origin in the address of a log's last checkpoint: lowercase hex of its SHA-256."""
    return sha256(origin.encode()).hexdigest()


def encode_add_checkpoint(old_size: int, proof: tuple[bytes, ...], note_text: str) -> bytes:
    """The request with which a log asks for a cosignature.

    Args:
        old_size: size of the last checkpoint that this witness cosigned, 0 if unknown or none.
        proof: consistency proof from that size; empty from 0 and to the same size.
        note_text: the checkpoint with the log's own signature.
    """
    require_number(old_size, subject="request old size")
    require_proof(proof, subject="request")
    return f"{_OLD}{old_size}\n{encode_hash_lines(proof)}\n{note_text}".encode()


def decode_cosignatures(
    body: bytes, witness_key: NoteKey, *, checkpoint_text: str
) -> tuple[NoteSignature, ...]:
    """The lines of a witness's 200 answer that are its cosignature of this checkpoint, verified.

    Lines of other keys are dropped, so they never reach the published checkpoint.

    Raises:
        RecordError: not a list of signature lines.
        NoteError: none by this witness, more than one, or one that does not verify.
    """
    require_key_type(witness_key, KeyType.COSIGNATURE)
    lines = decode_signature_lines(decode_utf8(body, subject="cosignatures"))
    note = SignedNote(checkpoint_text, lines)
    return tuple(line for _, line in verify_note(note, (witness_key,)))


def decode_tree_size(body: bytes) -> int:
    """The size in a witness's 409 answer.

    Raises:
        RecordError: not one decimal number and a newline.
    """
    text = decode_utf8(body, subject="tree size")
    if not text.endswith("\n"):
        raise RecordError("tree size: no newline at the end")
    return decode_number(text[:-1], subject="tree size")


def _stale(known_size: int) -> WitnessAnswer:
    return WitnessAnswer(HTTPStatus.CONFLICT, TREE_SIZE, f"{known_size}\n".encode())


def _refusal(status: HTTPStatus, reason: str) -> WitnessAnswer:
    return WitnessAnswer(status, TEXT, f"{reason}\n".encode())
