"""A whole small election in memory, made by the real functions from fixed randomness, for tests to use and to bend.

Three trustees, two needed; three languages; a contest with several branches; units too small to stand alone;
ballots that replace others, a revoked voter, a reissued credential, an extended close, a ballot that came too late.

    build_election()                                  the honest one, made once per session
    build_election(bend={"ballot 3": change_body})    one record is changed before it is signed; all that follows
                                                      is made by the honest steps from what then stands on the log
    build_election(bend={"share 2": None})            one is left out
    build_election(before={"open": do})               something else happens first
    build_election(sign={"open": keys})               others sign
    build_election(wrap={"open": change_bytes})       the entry's bytes are changed

Names of steps: "manifest", "pledge 1", "commit 1", "share 1", "confirm 1", "issuer-pledge registrar", "roll", "open",
"identified 1", "ballot 0" …, "revocation", "reissue", "notice extend", "close", "aggregate", "tally-confirm 1",
"decryption 1", "result"; and, for `before` only, "rows", when the rows of the roll are made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from bulletin_board.log.merkle import leaf_hash
from bulletin_board.records.ballot import NO_PREVIOUS, BallotBody
from bulletin_board.records.bulk import Bulk, fold
from bulletin_board.records.canonical import jcs
from bulletin_board.records.ceremony import Commit, Confirm, EncodedPossessionProof, Pledge, Share, ShareBox
from bulletin_board.records.envelope import encode_record, sign_body
from bulletin_board.records.fields import Base64Bytes, Bytes32, Bytes64, SealedShare
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.openings import CheckedBallotOpening
from bulletin_board.records.roll import IssuerPledge, Roll, RollRow, encode_roll
from bulletin_board.records.voting import Close, Identified, Notice, Open, Reissue, Revocation
from crypto.ballot_encryption import EncryptedBallot, PlaintextBallot, encrypt_ballot, new_seed
from crypto.ballot_prover import prove_ballot
from crypto.ballot_statement import BallotStatement
from crypto.boxes import BoxSecretKey, seal_share
from crypto.ceremony import (
    election_base,
    election_context,
    issuer_pledge_digest,
    pledge_digest,
    transcript_digest,
)
from crypto.credential import CredentialSecret, credential_part, part_public
from crypto.group import GroupElement
from crypto.possession import PossessionProof, prove_dealer_possession, prove_reissue_possession
from crypto.sharing import (
    Polynomial,
    coefficient_commitments,
    deal,
    share_plaintext,
)
from crypto.signing import SigningKey
from tests.support.ballots import bytes_for
from tests.support.election_tally import decode_ballot, make_aggregate, make_result, run_result, run_tally
from tests.support.election_world import Bend, World
from tests.support.sample_manifest import (
    ANSWERS_BY,
    AUTHORITIES,
    BOARD,
    BOXES,
    CLOSES_AT,
    GRACE,
    IDENTITY,
    ISSUERS,
    OPENS_AT,
    TRUSTEES,
    WITNESSES,
    localized,
    manifest_json,
    manifest_of,
)
from tests.support.small_board import SmallBoard

__all__ = [
    "CASTS",
    "EXTENDED",
    "MANIFEST",
    "VOTERS",
    "Cast",
    "World",
    "build_election",
    "cast_beat",
    "commit_of",
    "credential_of",
    "decode_ballot",
    "encoded_proof",
    "make_aggregate",
    "make_ballot",
    "make_result",
    "opening_of",
    "run_ceremony",
    "run_close",
    "run_result",
    "run_roll",
    "run_tally",
    "run_voting",
]

MANIFEST = manifest_of(manifest_json())
EXTENDED = CLOSES_AT + 3_600
VOTERS: dict[str, tuple[str, str]] = {  # name → style, unit
    **dict.fromkeys(("v0", "v1", "v2", "v3"), ("city", "north-1")),
    **dict.fromkeys(("v4", "v5", "v6"), ("city", "north-2")),
    **dict.fromkeys(("v7", "v8", "v9"), ("village", "south-1")),
    **dict.fromkeys(("v10", "v11", "v12", "v13"), ("village", "south-2")),
}


@dataclass(frozen=True)
class Cast:
    """One ballot of a voter; `beat` says which are sequenced together."""

    voter: str
    beat: int
    selections: tuple[int, ...]


CASTS = (
    Cast("v0", 0, (1, 0, 0, 0, 0, 0, 1, 1, 0)),
    Cast("v1", 0, (0, 1, 0, 1, 1, 0, 0, 0, 1)),  # revoked afterwards
    Cast("v4", 0, (1, 0, 0, 1, 0, 0, 0, 1, 0)),
    Cast("v7", 0, (0, 0, 1, 0, 0, 0, 1)),
    Cast("v0", 1, (0, 1, 0, 0, 1, 1, 0, 0, 1)),  # in place of the first
    Cast("v2", 1, (1, 0, 0, 0, 0, 0, 0, 1, 0)),
    Cast("v8", 1, (1, 0, 0, 1, 1, 0, 0)),
    Cast("v10", 1, (0, 1, 0, 0, 0, 1, 0)),
    Cast("v13", 1, (0, 1, 0, 0, 0, 0, 1)),  # whose credential is then replaced
    Cast("v5", 2, (0, 1, 0, 0, 1, 0, 0, 1, 0)),
    Cast("v9", 2, (1, 0, 0, 0, 0, 0, 0)),
    Cast("v11", 2, (1, 0, 0, 1, 0, 1, 0)),
    Cast("v12", 2, (0, 0, 1, 0, 0, 0, 1)),
    Cast("v13", 2, (1, 0, 0, 1, 0, 0, 0)),
    Cast("v2", 3, (0, 1, 0, 1, 0, 0, 0, 1, 0)),
    Cast("v3", 4, (1, 0, 0, 1, 0, 0, 0, 1, 0)),  # on the log too late
)
LAST_IN_TIME = 3  # the last beat whose ballots count


def build_election(
    *,
    bend: Mapping[str, Bend | None] | None = None,
    before: Mapping[str, Callable[[World], object]] | None = None,
    wrap: Mapping[str, Callable[[bytes, World], bytes]] | None = None,
    sign: Mapping[str, Sequence[SigningKey]] | None = None,
    manifest: Manifest = MANIFEST,
    until: str = "result",
) -> World:
    """Run the election to the end of a phase: "ceremony", "roll", "voting", "close", "tally" or "result".

    Args:
        bend: by step, what to post instead of the honest body; None to leave it out.
        before: by step, what happens just before.
        wrap: by step, what to log instead of the entry's bytes.
        sign: by step, whose signatures to make instead of the rightful ones.
        manifest: of the election.
        until: the last phase to run.
    """
    if not (bend or before or wrap or sign) and manifest is MANIFEST:
        return _honest(until)
    return _run(World(manifest, _board(), bend or {}, before or {}, wrap or {}, sign or {}), until)


@cache
def _honest(until: str) -> World:
    """Made once; nobody may change it."""
    return _run(World(MANIFEST, _board(), {}, {}, {}, {}), until)


def _board() -> SmallBoard:
    return SmallBoard(BOARD, WITNESSES, ANSWERS_BY - 10_000)


def _run(world: World, until: str) -> World:
    phases = {
        "ceremony": run_ceremony,
        "roll": run_roll,
        "voting": run_voting,
        "close": run_close,
        "tally": run_tally,
        "result": run_result,
    }
    for name, phase in phases.items():
        phase(world)
        if name == until:
            return world
    raise ValueError(until)


def run_ceremony(world: World) -> None:
    manifest = world.manifest
    world.post("manifest", manifest, AUTHORITIES[:2])
    world.publish()
    n, t = len(manifest.trustees), manifest.threshold
    everyone = range(1, n + 1)
    world.polynomials = [
        Polynomial.from_random_bytes(i, bytes_for(f"polynomial {i}", 64 * t)) for i in everyone
    ]
    world.commitments = [coefficient_commitments(polynomial) for polynomial in world.polynomials]
    commits = [commit_of(world, i) for i in everyone]
    for i, commit in zip(everyone, commits, strict=True):
        digest = pledge_digest(manifest.digest, i, jcs(commit))
        world.post(f"pledge {i}", Pledge(trustee=i, digest=Bytes64(digest)), [TRUSTEES[i - 1]])
    world.publish()
    for i, commit in zip(everyone, commits, strict=True):
        world.post(f"commit {i}", commit, [TRUSTEES[i - 1]])
    world.publish()
    for i in everyone:
        world.post(f"share {i}", _share(world, i), [TRUSTEES[i - 1]])
    world.publish()
    world.base = election_base(manifest.digest, world.key, world.commitments)
    for i in everyone:
        body = Confirm(trustee=i, base=Bytes64(world.base), transcript=Bytes64(_transcript(world)))
        world.post(f"confirm {i}", body, [TRUSTEES[i - 1]])
    world.publish()


def commit_of(world: World, i: int) -> Commit:
    commitments = world.commitments[i - 1]
    proof = prove_dealer_possession(
        world.polynomials[i - 1].coefficients[0],
        bytes_for(f"possession {i}"),
        manifest_digest=world.manifest.digest,
        trustees=len(world.manifest.trustees),
        threshold=world.manifest.threshold,
        trustee_index=i,
        coefficient_commitments=tuple(commitments),
    )
    return Commit(
        trustee=i,
        coefficient_commitments=tuple(Bytes32(each.encoded) for each in commitments),
        proof=encoded_proof(proof),
    )


def encoded_proof(proof: PossessionProof) -> EncodedPossessionProof:
    commitment, response = proof.commitment.encoded, proof.response.encoded
    return EncodedPossessionProof(commitment=Bytes32(commitment), response=Bytes32(response))


def _share(world: World, i: int) -> Share:
    boxes = []
    for recipient in range(1, len(world.manifest.trustees) + 1):
        if recipient != i:
            ephemeral = BoxSecretKey(bytes_for(f"ephemeral {i} {recipient}"))
            world.boxes[i, recipient] = ephemeral
            plaintext = share_plaintext(deal(world.polynomials[i - 1], recipient), world.manifest.digest)
            sealed = seal_share(plaintext, BOXES[recipient - 1].public, ephemeral)
            key = Bytes32(ephemeral.public)
            boxes.append(ShareBox(trustee=recipient, ephemeral_key=key, box=SealedShare(sealed)))
    return Share(trustee=i, boxes=tuple(boxes))


def _transcript(world: World) -> bytes:
    steps = ("pledge", "commit", "share")
    indexes = [world.index.get(f"{step} {i}") for step, i in product(steps, (1, 2, 3))]
    entries = [world.board.entries[index] for index in [0, *indexes] if index is not None]
    return transcript_digest([leaf_hash(entry) for entry in entries])


def run_roll(world: World) -> None:
    election_id = world.manifest.election_id
    for voter in VOTERS:
        world.parts[voter] = tuple(
            credential_part(election_id, issuer, bytes_for(f"{issuer} {voter}", 16)) for issuer in ISSUERS
        )
    world.rows = sorted((_row(world, voter) for voter in VOTERS), key=lambda row: credential_of(row).encoded)
    if "rows" in world.before:
        world.before["rows"](world)
    for place, (issuer, key) in enumerate(ISSUERS.items()):
        digest = issuer_pledge_digest(
            world.manifest.digest, issuer, [bytes(row.parts[place]) for row in world.rows]
        )
        world.post(f"issuer-pledge {issuer}", IssuerPledge(issuer=issuer, digest=Bytes64(digest)), [key])
    world.publish()
    roll, addenda = encode_roll(world.rows)
    world.board.addenda |= addenda
    posted = world.post("roll", roll, tuple(ISSUERS.values()))
    if isinstance(posted, Roll):
        world.context = election_context(world.base, posted.root)
    world.places = {credential_of(row).encoded: (row.style, row.unit) for row in world.rows}
    world.publish()


def _row(world: World, voter: str) -> RollRow:
    style, unit = VOTERS[voter]
    parts = tuple(Bytes32(part_public(part).encoded) for part in world.parts[voter])
    return RollRow(parts=parts, style=style, unit=unit)


def credential_of(row: RollRow) -> GroupElement:
    first, *others = (GroupElement.decode(bytes(part)) for part in row.parts)
    return sum(others, first)


def run_voting(world: World) -> None:
    note = world.publish(OPENS_AT + 1)
    world.post("open", Open(checkpoint=note), AUTHORITIES[:2])
    world.publish()
    cast_beat(world, 0)
    world.post("identified 1", Identified(count=7), [IDENTITY])
    cast_beat(world, 1)
    revoked = Bytes32(world.secret("v1").public().encoded)
    body = Revocation(credential=revoked, reason="voted-on-paper")
    if world.post("revocation", body, _issuers_and_authority()) is not None:
        world.ended.add(bytes(revoked))
    _reissue(world, "v13")
    notice = Notice(kind="extend", closes_at=EXTENDED, text=localized("One hour more"))
    world.post("notice extend", notice, AUTHORITIES[1:])
    cast_beat(world, 2)
    world.post("identified 2", Identified(count=14), [IDENTITY])
    cast_beat(world, 3)


def _issuers_and_authority() -> tuple[SigningKey, ...]:
    return (*ISSUERS.values(), AUTHORITIES[0])


def _reissue(world: World, voter: str) -> None:
    old = world.secret(voter).public()
    parts = tuple(
        credential_part(world.manifest.election_id, issuer, bytes_for(f"{issuer} {voter} again", 16))
        for issuer in ISSUERS
    )
    world.parts[voter] = parts
    proofs = tuple(
        prove_reissue_possession(
            part,
            bytes_for(f"reissue {issuer}"),
            manifest_digest=world.manifest.digest,
            issuer_id=issuer,
            old_credential=old,
            part=part_public(part),
        )
        for issuer, part in zip(ISSUERS, parts, strict=True)
    )
    body = Reissue(old=Bytes32(old.encoded), row=_row(world, voter), proofs=tuple(map(encoded_proof, proofs)))
    if world.post("reissue", body, _issuers_and_authority()) is not None:
        world.ended.add(old.encoded)
        world.places[world.secret(voter).public().encoded] = VOTERS[voter]


def cast_beat(world: World, beat: int) -> None:
    """Make the ballots of a beat, and sequence them by leaf hash under one checkpoint."""
    pending: list[tuple[bytes, str, BallotBody]] = []
    for place, each in enumerate(CASTS):
        if each.beat == beat:
            body = make_ballot(world, f"ballot {place}", each.voter, each.selections)
            entry = encode_record(sign_body("ballot", fold(body)[0], world.manifest.digest, ()))
            pending.append((leaf_hash(entry), f"ballot {place}", body))
    for _, step, body in sorted(pending, key=lambda each: each[0]):
        posted = world.post(step, body)
        if isinstance(posted, BallotBody):
            world.heads[bytes(posted.credential)] = posted.digest
    world.publish()


def make_ballot(world: World, step: str, voter: str, selections: tuple[int, ...]) -> BallotBody:
    """Encrypt and prove as the voter's device does."""
    secret = world.secret(voter)
    previous = world.heads.get(secret.public().encoded, NO_PREVIOUS)
    shape = world.manifest.shape(VOTERS[voter][0])
    encrypted, proof = _encrypt_and_prove(
        step, PlaintextBallot(shape, selections), secret, world.key, world.context, previous
    )
    world.encrypted[step] = encrypted
    return BallotBody(
        version="evote/v1",
        election_id=world.manifest.election_id,
        style=shape.style_id,
        credential=Bytes32(encrypted.credential.encoded),
        previous=Bytes64(previous),
        ciphertexts=Bulk(encrypted.ciphertexts.encode()),
        proof=Bulk(proof),
    )


@cache
def _encrypt_and_prove(
    step: str,
    plaintext: PlaintextBallot,
    secret: CredentialSecret,
    key: GroupElement,
    context: bytes,
    previous: bytes,
) -> tuple[EncryptedBallot, bytes]:
    """Most elections of the tests differ in other things than their ballots, which take the longest to make."""
    credential = secret.public()
    seed = new_seed(secret, bytes_for(f"{step} seed"))
    encrypted = encrypt_ballot(plaintext, key=key, context=context, credential=credential, seed=seed)
    statement = BallotStatement(context, plaintext.shape, key, credential, previous, encrypted.ciphertexts)
    return encrypted, prove_ballot(
        statement, plaintext, encrypted.nonces, secret, bytes_for(f"{step} proof")
    ).encode()


def opening_of(world: World, step: str) -> CheckedBallotOpening:
    """The opening of a ballot, as if its voter had checked it."""
    encrypted = world.encrypted[step]
    return CheckedBallotOpening(
        version="evote/v1",
        election_id=world.manifest.election_id,
        style=encrypted.shape.style_id,
        credential=Bytes32(encrypted.credential.encoded),
        seed=Bytes32(encrypted.seed),
        tracking_code=encrypted.tracking_code(),
        ciphertexts=Base64Bytes(encrypted.ciphertexts.encode()),
    )


def run_close(world: World) -> None:
    deadline = EXTENDED + GRACE
    note = world.publish(deadline - 10)
    world.size_in_time = len(world.board.entries)
    world.board.now = deadline + 40
    cast_beat(world, LAST_IN_TIME + 1)
    world.post("close", Close(checkpoint=note), AUTHORITIES[:2])
    world.publish()
