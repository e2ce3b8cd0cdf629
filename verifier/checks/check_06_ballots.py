"""Check 6: every ballot has its form, its elements are sound, its proof holds; many workers share the work.

What depends on other ballots, pads and the place in the chain, is judged afterwards in the order of the log.

Spec: verification.md §6; protocol.md §3, §6; records.md §3.1
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from bulletin_board.errors import MissingFile, RecordError
from bulletin_board.log.addenda import decode_entry
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.envelope import decode_record
from bulletin_board.records.manifest import Manifest
from crypto.ballot_batch import BallotItem, check_ballots
from crypto.ballot_equations import verify_ballot
from crypto.ballot_proof import BallotProof
from crypto.ballot_shape import BallotShape
from crypto.ballot_statement import BallotStatement
from crypto.elgamal import CIPHERTEXT_BYTES, CiphertextArray
from crypto.errors import CryptoError, EncodingError
from crypto.group import GroupElement
from crypto.tracking import tracking_code
from verifier.checks.check_03_order import OrderView
from verifier.checks.check_04_ceremony import CeremonyView
from verifier.checks.check_05_roll import RollView
from verifier.journal import Journal
from verifier.parallel import Workers
from verifier.record import Record, is_ballot

_SLICE = 128  # ballots that a worker takes at a time: one batch


@dataclass(frozen=True, slots=True)
class BallotRules:
    """What every ballot of the election is held against."""

    election_id: str
    shapes: Mapping[str, BallotShape]  # by style id
    context: bytes
    key: GroupElement
    strict: bool  # every equation of every ballot by itself


@dataclass(frozen=True, slots=True)
class RawBallot:
    """A ballot as it lies on the log."""

    index: int  # entry_index
    entry: bytes
    addenda: Mapping[bytes, bytes]  # SHA-256 → bytes


@dataclass(frozen=True, slots=True)
class BallotSlice:
    """One batch, and the randomness of its weights, drawn when the batch was complete."""

    ballots: tuple[RawBallot, ...]
    weight_seed: bytes


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a ballot is not valid whatever else is on the log."""

    part: int  # of check 6
    reason: str


@dataclass(frozen=True, slots=True)
class BallotFacts:
    """What a worker found out about one ballot."""

    index: int
    credential: bytes = b""  # empty where the ballot cannot be read
    style: str = ""
    previous: bytes = b""
    digest: bytes = b""
    pads: bytes = b""  # 32 bytes each
    tracking_code: str = ""
    flaw: Flaw | None = None


@dataclass(frozen=True, slots=True)
class SliceReport:
    """A worker's answer."""

    facts: tuple[BallotFacts, ...]
    equations: int  # that were checked


def check_ballots_alone(
    record: Record,
    order: OrderView,
    ceremony: CeremonyView,
    roll: RollView,
    manifest: Manifest,
    journal: Journal,
    *,
    workers: Workers,
    strict: bool,
    draw: Callable[[int], bytes],
) -> Iterator[BallotFacts]:
    """Run what a ballot's own bytes decide of check 6; ballots come in the order of the log."""
    journal.expect("ballots", order.ballots)
    shapes = {style.id: manifest.shape(style.id) for style in manifest.ballot_styles}
    rules = BallotRules(manifest.election_id, shapes, roll.context, ceremony.joint_key, strict)
    slices = _slices(record, order, rules, draw, journal)
    for answer in workers.map(partial(judge_slice, rules), slices):
        journal.ran("equations", answer.equations)
        for facts in answer.facts:
            journal.ran("ballots")
            if facts.flaw is None or facts.flaw.part == 3:
                journal.expect("equations", shapes[facts.style].commitment_count)
            yield facts


def _slices(
    record: Record,
    order: OrderView,
    rules: BallotRules,
    draw: Callable[[int], bytes],
    journal: Journal,
) -> Iterator[BallotSlice]:
    ballots = _raw_ballots(record, order, rules, journal)
    while batch := tuple(islice(ballots, _SLICE)):
        yield BallotSlice(batch, draw(32))


def _raw_ballots(
    record: Record, order: OrderView, rules: BallotRules, journal: Journal
) -> Iterator[RawBallot]:
    for index, entry in record.entries(order.voting.start, order.voting.stop):
        if is_ballot(entry):
            try:
                yield RawBallot(index, entry, _addenda(record, entry, rules))
            except MissingFile as exc:
                journal.miss(exc.path, f"part of ballot entry {index}")
                journal.ran("ballots")


def _addenda(record: Record, entry: bytes, rules: BallotRules) -> dict[bytes, bytes]:
    """The addenda of a ballot, read only where they can be its own: anybody may have named anything."""
    try:
        digests = decode_entry(entry)[1]
        if digests:
            body = _decode(entry)
            _require_sizes(body, _shape(rules, body))
    except (RecordError, EncodingError):
        return {}  # the worker says so
    return {digest: record.addendum(digest) for digest in digests}


def judge_slice(rules: BallotRules, batch: BallotSlice) -> SliceReport:
    """What a worker does with its ballots."""
    facts: dict[int, BallotFacts] = {}
    items: dict[int, BallotItem] = {}
    for raw in batch.ballots:
        facts[raw.index], item = _read(rules, raw)
        if item is not None:
            items[raw.index] = item
    equations = sum(len(item.proof.commitments) for item in items.values())
    if rules.strict:
        failed = _one_by_one(items)
    else:
        report = check_ballots(tuple(items.values()), batch.weight_seed)
        equations = report.equations
        places = tuple(items)
        failed = {places[ballot.index]: ballot.reason for ballot in report.invalid}
    for index, reason in failed.items():
        facts[index] = replace(facts[index], flaw=Flaw(3, reason))
    return SliceReport(tuple(facts.values()), equations)


def _read(rules: BallotRules, raw: RawBallot) -> tuple[BallotFacts, BallotItem | None]:
    """What a ballot says, and what of it is to be proved; nothing where it has a flaw already."""
    facts = BallotFacts(raw.index)
    try:
        body = _decode(raw.entry)
        facts = BallotFacts(raw.index, bytes(body.credential), body.style, bytes(body.previous), body.digest)
        shape = _shape(rules, body)
    except RecordError as exc:
        return replace(facts, flaw=Flaw(1, str(exc))), None
    try:
        _require_sizes(body, shape)
        packed = body.ciphertexts.read(raw.addenda.__getitem__)
        ciphertexts = CiphertextArray.decode(packed)
        facts = replace(facts, pads=ciphertexts.pads.encode())
        credential = GroupElement.decode(facts.credential)
        statement = BallotStatement(rules.context, shape, rules.key, credential, facts.previous, ciphertexts)
        proof = BallotProof.decode(body.proof.read(raw.addenda.__getitem__), shape)
        code = tracking_code(rules.context, body.style, credential, packed)
        return replace(facts, tracking_code=code), BallotItem(statement, proof)
    except (RecordError, CryptoError) as exc:
        return replace(facts, flaw=Flaw(2, str(exc))), None


def _decode(entry: bytes) -> BallotBody:
    envelope = decode_record(entry)
    if not isinstance(envelope.body, BallotBody):
        raise RecordError(f"not a ballot but {envelope.type}")
    if envelope.signatures:
        raise RecordError("a ballot is not signed")
    return envelope.body


def _shape(rules: BallotRules, body: BallotBody) -> BallotShape:
    if body.election_id != rules.election_id:
        raise RecordError("of another election")
    if body.style not in rules.shapes:
        raise RecordError("of a style that the manifest does not have")
    return rules.shapes[body.style]


def _require_sizes(body: BallotBody, shape: BallotShape) -> None:
    """Refuse by its size what is not worth decoding."""
    if body.ciphertexts.size != shape.ciphertext_bytes:
        count = body.ciphertexts.size // CIPHERTEXT_BYTES
        raise EncodingError(f"ballot: {count} ciphertexts for {shape.options} options")
    if body.proof.size != shape.proof_bytes:
        raise EncodingError(f"ballot proof: {body.proof.size} bytes where {shape.proof_bytes} are due")


def _one_by_one(items: Mapping[int, BallotItem]) -> dict[int, str]:
    failed = {}
    for index, item in items.items():
        try:
            verify_ballot(item.statement, item.proof)
        except CryptoError as exc:
            failed[index] = str(exc)
    return failed
