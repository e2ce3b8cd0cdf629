"""A sample election on paper: its manifest, everyone's keys, and one record of every type.

Nothing here is secret or random; bytes are drawn from labels. What needs mathematics (commitments that open, proofs
that hold) is not in these records: they are right in form only.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, TypeVar

from bulletin_board.records.ballot import NO_PREVIOUS, BallotBody
from bulletin_board.records.bulk import Bulk
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.ceremony import (
    Answer,
    Commit,
    Complaint,
    Confirm,
    EncodedPossessionProof,
    Pledge,
    Share,
    ShareBox,
)
from bulletin_board.records.envelope import Envelope, sign_body
from bulletin_board.records.fields import Bytes32, Bytes64, Localized, SealedShare, encode_base64url
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.roll import IssuerPledge, RollRow, encode_roll
from bulletin_board.records.tally import (
    Aggregate,
    AggregateCell,
    ContestResult,
    Decryption,
    Outcome,
    Result,
    ResultCell,
    TallyConfirm,
    TraceLine,
)
from bulletin_board.records.voting import Close, Identified, Notice, Open, Reissue, Revocation
from crypto.boxes import BoxSecretKey
from crypto.signing import SigningKey
from tests.tools.vector_files import drawn

MANIFEST_LIMIT = 65_535

AUTHORITIES = tuple(SigningKey(drawn(f"authority {place}", 32)) for place in range(3))
TRUSTEES = tuple(SigningKey(drawn(f"trustee {place}", 32)) for place in range(3))
ISSUERS = {name: SigningKey(drawn(f"issuer {name}", 32)) for name in ("registrar", "identity")}
BOARD = SigningKey(drawn("board", 32))
IDENTITY = SigningKey(drawn("identity service", 32))
WITNESSES = tuple(SigningKey(drawn(f"witness {place}", 32)) for place in range(4))
BOXES = tuple(BoxSecretKey(drawn(f"box {place}", 32)) for place in range(3))
STRANGER = SigningKey(drawn("stranger", 32))


def b32(label: str) -> Bytes32:
    return Bytes32(drawn(label, 32))


def b64(label: str) -> Bytes64:
    return Bytes64(drawn(label, 64))


def both(text: str) -> dict[str, str]:
    """A text in both languages of the sample."""
    return {"ky": f"{text} (кыргызча)", "ru": f"{text} (по-русски)"}


def _option(name: str, weight: int = 1) -> dict[str, Any]:
    return {"id": name, "title": both(name.title()), "weight": weight}


def _key(key: SigningKey | BoxSecretKey) -> str:
    return encode_base64url(key.public)


_MANIFEST: dict[str, Any] = {
    "version": "evote/v1",
    "election_id": "sample-2027",
    "training": False,
    "languages": ["ky", "ru"],
    "title": both("Шайлоо № 7"),
    "contests": [
        {
            "id": "mayor",
            "title": both("Мэр"),
            "minimum": 1,
            "maximum": 1,
            "options": [_option("aida"), _option("bakyt"), _option("none-of-them")],
            "counting": {"rule": "absolute-majority", "against_all": "none-of-them"},
        },
        {
            "id": "council",
            "title": both("Кеңеш"),
            "minimum": 0,
            "maximum": 2,
            "options": [_option("list-a"), _option("list-b"), _option("list-c"), _option("against", 2)],
            "counting": {"rule": "plurality", "against_all": "against"},
        },
        {
            "id": "bridge",
            "title": both("Көпүрө"),
            "minimum": 1,
            "maximum": 1,
            "options": [_option("yes"), _option("no")],
            "counting": {"rule": "referendum", "turnout_percent": 30, "against_all": None},
        },
    ],
    "ballot_styles": [
        {"id": "city", "contests": ["mayor", "council", "bridge"]},
        {"id": "village", "contests": ["council"]},
    ],
    "reporting_units": [
        {"id": "country", "parent": None, "title": both("Өлкө")},
        {"id": "north", "parent": "country", "title": both("Түндүк")},
        {"id": "south", "parent": "country", "title": both("Түштүк")},
        {"id": "north-1", "parent": "north", "title": both("1-участок")},
        {"id": "north-2", "parent": "north", "title": both("2-участок")},
        {"id": "south-1", "parent": "south", "title": both("3-участок")},
    ],
    "min_unit_size": 3,
    "merge_rule": "tree-v1",
    "schedule": {
        "answers_by": 1_800_000_000,
        "opens_at": 1_800_086_400,
        "closes_at": 1_800_129_600,
        "grace": 120,
    },
    "beat": 2_000,
    "authorities": [
        {"name": f"Authority {place}", "key": _key(key)} for place, key in enumerate(AUTHORITIES, start=1)
    ],
    "trustees": [
        {"name": f"Trustee {place}", "signing_key": _key(key), "box_key": _key(box)}
        for place, (key, box) in enumerate(zip(TRUSTEES, BOXES, strict=True), start=1)
    ],
    "threshold": 2,
    "issuers": [{"id": name, "name": f"Issuer {name}", "key": _key(key)} for name, key in ISSUERS.items()],
    "board": {"origin": "board.example/sample-2027", "key": _key(BOARD)},
    "witnesses": [
        {"name": f"witness.example/{place}", "key": _key(key)} for place, key in enumerate(WITNESSES, start=1)
    ],
    "witness_quorum": 3,
    "identity_key": _key(IDENTITY),
    "identity_methods": ["one-time-code", "oidc"],
    "client_release": [{"path": "assets/app.js", "sha256": encode_base64url(drawn("app.js", 32))}],
}


def manifest_json() -> dict[str, Any]:
    """The sample manifest as a plain value that a test may bend."""
    return deepcopy(_MANIFEST)


def manifest_of(plain: Mapping[str, Any]) -> Manifest:
    """The manifest of a plain value.

    Raises:
        RecordError: it is not consistent.
    """
    return decode_json(jcs(plain), Manifest, limit=MANIFEST_LIMIT)


MANIFEST = manifest_of(_MANIFEST)

ROWS = tuple(
    RollRow(parts=(b32(f"part a {place}"), b32(f"part b {place}")), style=style, unit=unit)
    for place, (style, unit) in enumerate([("city", "north-1")] * 3 + [("village", "south")] * 4)
)
ROLL, ROLL_ADDENDA = encode_roll(ROWS)

PROOF = EncodedPossessionProof(commitment=b32("commitment"), response=b32("response"))


def ballot(*, ciphertexts: int = 9 * 64, proof: int = 1_440) -> BallotBody:
    """A ballot in form, with bulk fields of these sizes, inline."""
    return BallotBody(
        version="evote/v1",
        election_id="sample-2027",
        style="city",
        credential=b32("credential"),
        previous=NO_PREVIOUS,
        ciphertexts=Bulk(drawn("ciphertexts", ciphertexts)),
        proof=Bulk(drawn("proof", proof)),
    )


def notice(kind: str, text: str, *, closes_at: int | None = None) -> Notice:
    plain = {"kind": kind, "closes_at": closes_at, "text": both(text)}
    return decode_json(jcs(plain), Notice, limit=MANIFEST_LIMIT)


def _ceremony() -> tuple[Record, ...]:
    boxes = tuple(
        ShareBox(
            trustee=trustee, ephemeral_key=b32(f"key {trustee}"), box=SealedShare(drawn(f"{trustee}", 96))
        )
        for trustee in (1, 3)
    )
    return (
        Pledge(trustee=2, digest=b64("pledge")),
        Commit(trustee=2, coefficient_commitments=(b32("C0"), b32("C1")), proof=PROOF),
        Share(trustee=2, boxes=boxes),
        Confirm(trustee=2, base=b64("base"), transcript=b64("transcript")),
        Complaint(trustee=2, dealer=3),
        Answer(trustee=3, complainant=2, ephemeral_secret=b32("ephemeral")),
    )


def _voting() -> tuple[Record, ...]:
    return (
        IssuerPledge(issuer="registrar", digest=b64("issuer pledge")),
        ROLL,
        Open(checkpoint="board.example/sample-2027\n12\nroot\n\n— board.example/sample-2027 c2lnbmF0dXJl\n"),
        ballot(),
        Revocation(credential=b32("revoked"), reason="voted-on-paper"),
        Reissue(old=b32("old"), row=ROWS[0], proofs=(PROOF, PROOF)),
        notice("extend", "Час узартылды", closes_at=1_800_133_200),
        Identified(count=12),
        Close(checkpoint="board.example/sample-2027\n40\nroot\n\n— board.example/sample-2027 c2lnbmF0dXJl\n"),
    )


def _tally() -> tuple[Record, ...]:
    outcome = Outcome(
        kind="elected", options=("aida",), trace=(TraceLine(label="majority", left=8, right=7),)
    )
    return (
        Aggregate(
            cells=(AggregateCell(ballots=7, contest="mayor", node="north", members=("north-1", "north-2")),),
            withheld=(AggregateCell(ballots=2, contest="bridge", node="country", members=("south-1",)),),
            ciphertexts=Bulk(drawn("aggregate", 3 * 64)),
        ),
        TallyConfirm(
            trustee=1, base=b64("base"), round=1, size=41, root=b32("root"), aggregate=b64("aggregate")
        ),
        Decryption(
            trustee=1,
            aggregate=b64("aggregate"),
            partials=Bulk(drawn("partials", 3 * 32)),
            commitments=Bulk(drawn("commitments", 4 * 32)),
            response=b32("decryption response"),
        ),
        Result(
            aggregate=b64("aggregate"),
            trustees=(1, 3),
            cells=(
                ResultCell(contest="mayor", node="north", members=("north-1", "north-2"), counts=(4, 2, 1)),
            ),
            contests=(ContestResult(contest="mayor", totals=(4, 2, 1), outcome=outcome),),
        ),
    )


BODIES: dict[str, Record] = {
    body.record_type: body for body in (MANIFEST, *_ceremony(), *_voting(), *_tally())
}


B = TypeVar("B", bound=Record)


def sample(kind: type[B]) -> B:
    """The sample's body of a type."""
    body = BODIES[kind.record_type]
    assert isinstance(body, kind)
    return body


def signers_of(body: Record) -> tuple[SigningKey, ...]:
    """Keys that together may sign a body of the sample."""
    if isinstance(body, Manifest):
        return AUTHORITIES[:2]
    trustee, issuer = getattr(body, "trustee", None), getattr(body, "issuer", None)
    if trustee is not None:
        return (TRUSTEES[trustee - 1],)
    if issuer is not None:
        return (ISSUERS[issuer],)
    issuers = tuple(ISSUERS.values())
    table: dict[str, tuple[SigningKey, ...]] = {
        **dict.fromkeys(("open", "close", "notice"), AUTHORITIES[:2]),
        **dict.fromkeys(("revocation", "reissue"), (*issuers, AUTHORITIES[0])),
        **dict.fromkeys(("aggregate", "result"), (BOARD,)),
        "roll": issuers,
        "identified": (IDENTITY,),
        "ballot": (),
    }
    return table[body.record_type]


def signed(body: Record) -> Envelope:
    """The record of a body, by its rightful signers."""
    return sign_body(body.record_type, body, MANIFEST.digest, signers_of(body))


def localized(text: str) -> Localized:
    return Localized(both(text))
