"""Hypothesis strategies for every record body: whatever is right in form."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.bulk import AddendumRef, Bulk
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
from bulletin_board.records.fields import (
    MAX_INTEGER,
    TEXT_RANGES,
    Bytes32,
    Bytes64,
    Localized,
    SealedShare,
)
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.roll import IssuerPledge, Roll, RollCount, RollRow
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
from tests.support.records import both, manifest_json, manifest_of

identifiers = st.from_regex(r"[a-z0-9][a-z0-9-]{0,9}", fullmatch=True)
counts = st.integers(0, MAX_INTEGER)
positives = st.integers(1, MAX_INTEGER)
trustees = st.integers(1, 32)
bytes32 = st.binary(min_size=32, max_size=32).map(Bytes32)
bytes64 = st.binary(min_size=64, max_size=64).map(Bytes64)
bulks = st.binary(max_size=200).map(Bulk)
refs = st.builds(AddendumRef, sha256=bytes32, size=st.integers(0, 2**20))

_characters = st.sampled_from([chr(code) for first, last in TEXT_RANGES for code in range(first, last + 1)])
texts = (
    st.text(_characters, min_size=1, max_size=40)
    .map(lambda text: text.strip(" \u00a0"))
    .filter(lambda text: text)
)
localized = st.fixed_dictionaries({"ky": texts, "ru": texts}).map(Localized)
# JSON carries any text here; the readers of notes are stricter.
notes = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)

proofs = st.builds(EncodedPossessionProof, commitment=bytes32, response=bytes32)


def ascending(items: st.SearchStrategy[Any], **sizes: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.sets(items, **sizes).map(lambda chosen: tuple(sorted(chosen)))


def several(
    items: st.SearchStrategy[Any], most: int = 4, least: int = 0
) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, min_size=least, max_size=most).map(tuple)


rows = st.builds(RollRow, parts=several(bytes32, least=1), style=identifiers, unit=identifiers)
members = ascending(identifiers, min_size=1, max_size=4)


@st.composite
def manifests(draw: st.DrawFn) -> Manifest:
    """The sample with other texts, times and numbers."""
    plain = manifest_json()
    plain["title"] = draw(st.fixed_dictionaries({"ky": texts, "ru": texts}))
    plain["training"] = draw(st.booleans())
    plain["min_unit_size"] = draw(positives)
    plain["beat"] = draw(st.integers(100, 60_000))
    answers, opens, closes = sorted(draw(st.sets(counts, min_size=3, max_size=3)))
    plain["schedule"] = {"answers_by": answers, "opens_at": opens, "closes_at": closes, "grace": draw(counts)}
    plain["identity_methods"] = draw(st.lists(identifiers, unique=True, max_size=3))
    plain["contests"][0]["options"][0]["title"] = both(draw(texts.filter(lambda text: len(text) < 30)))
    return manifest_of(plain)


@st.composite
def shares(draw: st.DrawFn) -> Share:
    dealer = draw(trustees)
    recipients = sorted(draw(st.sets(trustees, max_size=4)) - {dealer})
    keys = draw(st.lists(bytes32, unique=True, min_size=len(recipients), max_size=len(recipients)))
    boxes = st.binary(min_size=96, max_size=96).map(SealedShare)
    listed = (
        ShareBox(trustee=trustee, ephemeral_key=key, box=draw(boxes))
        for trustee, key in zip(recipients, keys, strict=True)
    )
    return Share(trustee=dealer, boxes=tuple(listed))


def two_trustees() -> st.SearchStrategy[Sequence[int]]:
    return st.lists(trustees, unique=True, min_size=2, max_size=2)


@st.composite
def rolls(draw: st.DrawFn) -> Roll:
    cells = draw(ascending(st.tuples(identifiers, identifiers), min_size=1, max_size=4))
    listed = tuple(
        RollCount(style=style, unit=unit, count=draw(st.integers(1, 20_000))) for style, unit in cells
    )
    length = sum(count.count for count in listed)
    needed = -(-length // 16_384)
    return Roll(
        root=draw(bytes32),
        length=length,
        counts=listed,
        rows=tuple(draw(refs) for _ in range(needed)),
    )


@st.composite
def reissues(draw: st.DrawFn) -> Reissue:
    row = draw(rows)
    return Reissue(old=draw(bytes32), row=row, proofs=tuple(draw(proofs) for _ in row.parts))


@st.composite
def notices(draw: st.DrawFn) -> Notice:
    kind: Any = draw(st.sampled_from(["suspend", "resume", "extend", "incident", "annul"]))
    closes_at = draw(counts) if kind == "extend" else None
    return Notice(kind=kind, closes_at=closes_at, text=draw(localized))


@st.composite
def aggregates(draw: st.DrawFn) -> Aggregate:
    places = draw(st.lists(st.tuples(identifiers, identifiers), unique=True, max_size=4))
    cells = [
        AggregateCell(contest=contest, node=unit, members=(unit,), ballots=draw(positives))
        for contest, unit in places
    ]
    split = draw(st.integers(0, len(cells)))
    return Aggregate(cells=tuple(cells[:split]), withheld=tuple(cells[split:]), ciphertexts=draw(bulks))


lines = st.builds(
    TraceLine,
    label=st.sampled_from(["leader", "majority", "against-all", "turnout"]),
    left=counts,
    right=counts,
)
outcomes = st.builds(
    Outcome,
    kind=st.sampled_from(
        ["elected", "second-round", "failed", "adopted", "not-adopted", "not-held", "undecided"]
    ),
    options=st.lists(identifiers, unique=True, max_size=3).map(tuple),
    trace=several(lines),
)
result_cells = st.builds(
    ResultCell, contest=identifiers, node=identifiers, members=members, counts=several(counts, least=1)
)
contest_results = st.builds(ContestResult, contest=identifiers, totals=several(counts), outcome=outcomes)

BODIES: dict[str, st.SearchStrategy[Record]] = {
    "manifest": manifests(),
    "pledge": st.builds(Pledge, trustee=trustees, digest=bytes64),
    "commit": st.builds(
        Commit, trustee=trustees, coefficient_commitments=several(bytes32, least=1), proof=proofs
    ),
    "share": shares(),
    "confirm": st.builds(Confirm, trustee=trustees, base=bytes64, transcript=bytes64),
    "complaint": two_trustees().map(lambda pair: Complaint(trustee=pair[0], dealer=pair[1])),
    "answer": st.builds(
        lambda pair, secret: Answer(trustee=pair[0], complainant=pair[1], ephemeral_secret=secret),
        two_trustees(),
        bytes32,
    ),
    "issuer-pledge": st.builds(IssuerPledge, issuer=identifiers, digest=bytes64),
    "roll": rolls(),
    "open": st.builds(Open, checkpoint=notes),
    "ballot": st.builds(
        BallotBody,
        version=st.just("evote/v1"),
        election_id=identifiers,
        style=identifiers,
        credential=bytes32,
        previous=bytes64,
        ciphertexts=bulks,
        proof=bulks,
    ),
    "revocation": st.builds(
        Revocation,
        credential=bytes32,
        reason=st.sampled_from(["voted-on-paper", "deceased", "lost-right", "at-own-request"]),
    ),
    "reissue": reissues(),
    "notice": notices(),
    "identified": st.builds(Identified, count=counts),
    "close": st.builds(Close, checkpoint=notes),
    "aggregate": aggregates(),
    "tally-confirm": st.builds(
        TallyConfirm,
        trustee=trustees,
        base=bytes64,
        round=st.just(1),
        size=positives,
        root=bytes32,
        aggregate=bytes64,
    ),
    "decryption": st.builds(
        Decryption, trustee=trustees, aggregate=bytes64, partials=bulks, commitments=bulks, response=bytes32
    ),
    "result": st.builds(
        Result,
        aggregate=bytes64,
        trustees=ascending(trustees, min_size=1, max_size=4),
        cells=several(result_cells),
        contests=st.lists(contest_results, unique_by=lambda each: each.contest, max_size=3).map(tuple),
    ),
}

any_body: st.SearchStrategy[Record] = st.sampled_from(sorted(BODIES)).flatmap(lambda kind: BODIES[kind])
