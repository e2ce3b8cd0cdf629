"""The manifest: entry 0 of every log, to which everything else refers by its digest.

Spec: records.md §2.1 to §2.3
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from typing import Annotated, Literal, TypeVar

from msgspec import Meta

from bulletin_board.errors import RecordError
from bulletin_board.log.addenda import MAX_ENTRY_BYTES
from bulletin_board.records.canonical import jcs
from bulletin_board.records.contests import BallotStyle, Contest
from bulletin_board.records.fields import (
    MAX_TRUSTEES,
    Bytes32,
    Bytes64,
    Identifier,
    Localized,
    PositiveCount,
    Seconds,
)
from bulletin_board.records.parties import Authority, Board, Issuer, ReleaseFile, Trustee, Witness
from bulletin_board.records.record import Part, Record, require_distinct
from bulletin_board.records.tally import ContestResult, Outcome, Result, ResultCell, TraceLine
from bulletin_board.records.units import ReportingUnit, UnitTree
from crypto.ballot_shape import BallotShape
from crypto.boxes import require_box_key
from crypto.errors import EncodingError
from crypto.signing import require_public_key

VERSION = "evote/v1"
MIN_WITNESSES = 4  # outside training
MOST_VOTES = 9_999_999  # of an option, as far as the size of the result goes

Version = Literal["evote/v1"]

T = TypeVar("T")


class Schedule(Part):
    """Times of the election; `grace` flushes what was sent before the close."""

    answers_by: Seconds
    opens_at: Seconds
    closes_at: Seconds
    grace: Seconds

    def __post_init__(self) -> None:
        if not self.answers_by <= self.opens_at < self.closes_at:
            raise RecordError("schedule: answers_by ≤ opens_at < closes_at does not hold")


class Manifest(Record, dict=True):
    """Everything that is fixed before the first key is made. Holding one means that it is consistent."""

    record_type = "manifest"

    version: Version
    election_id: Identifier
    training: bool
    languages: Annotated[tuple[Identifier, ...], Meta(min_length=1)]
    title: Localized
    contests: Annotated[tuple[Contest, ...], Meta(min_length=1)]
    ballot_styles: Annotated[tuple[BallotStyle, ...], Meta(min_length=1)]
    reporting_units: tuple[ReportingUnit, ...]
    min_unit_size: PositiveCount
    merge_rule: Literal["tree-v1"]
    schedule: Schedule
    beat: Annotated[int, Meta(ge=100, le=60_000)]  # milliseconds between publications
    authorities: Annotated[tuple[Authority, ...], Meta(min_length=2)]
    trustees: Annotated[tuple[Trustee, ...], Meta(min_length=1, max_length=MAX_TRUSTEES)]
    threshold: PositiveCount
    issuers: Annotated[tuple[Issuer, ...], Meta(min_length=1)]
    board: Board
    witnesses: tuple[Witness, ...]
    witness_quorum: PositiveCount
    identity_key: Bytes32
    identity_methods: tuple[Identifier, ...]
    client_release: tuple[ReleaseFile, ...]

    def __post_init__(self) -> None:
        _require_quorums(self)
        _require_unique_lists(self)
        _require_styles(self)
        _require_keys(self)
        for subject, text in _localized_texts(self):
            text.require_languages(self.languages, subject=subject)
        _ = self.units
        if not self.board.origin.endswith(self.election_id):
            raise RecordError("board: the origin does not end with the election id")
        _require_postable_result(self)

    @cached_property
    def digest(self) -> bytes:
        """32 bytes that clients, trustees and verifiers pin. Spec: records.md §2.3"""
        return sha256(jcs(self)).digest()

    @cached_property
    def units(self) -> UnitTree:
        return UnitTree((unit.id, unit.parent) for unit in self.reporting_units)

    def contest(self, contest_id: str) -> Contest:
        """One contest.

        Raises:
            RecordError: there is none of this id. So do the look-ups below.
        """
        return _look_up(self._contests, contest_id, subject="contest")

    def style(self, style_id: str) -> BallotStyle:
        """One ballot style."""
        return _look_up(self._styles, style_id, subject="ballot style")

    def unit(self, unit_id: str) -> ReportingUnit:
        """One reporting unit."""
        return _look_up(self._units, unit_id, subject="unit")

    def issuer(self, issuer_id: str) -> Issuer:
        """One issuer."""
        return _look_up(self._issuers, issuer_id, subject="issuer")

    def trustee(self, trustee_index: int) -> Trustee:
        """One trustee, by its index from 1."""
        if not 1 <= trustee_index <= len(self.trustees):
            raise RecordError(f"trustee {trustee_index}: not in the manifest")
        return self.trustees[trustee_index - 1]

    def shape(self, style_id: str) -> BallotShape:
        """A ballot style as encryption and proof see it."""
        return _look_up(self._shapes, style_id, subject="ballot style")

    @cached_property
    def _contests(self) -> dict[str, Contest]:
        return {contest.id: contest for contest in self.contests}

    @cached_property
    def _styles(self) -> dict[str, BallotStyle]:
        return {style.id: style for style in self.ballot_styles}

    @cached_property
    def _units(self) -> dict[str, ReportingUnit]:
        return {unit.id: unit for unit in self.reporting_units}

    @cached_property
    def _issuers(self) -> dict[str, Issuer]:
        return {issuer.id: issuer for issuer in self.issuers}

    @cached_property
    def _shapes(self) -> dict[str, BallotShape]:
        return {
            style.id: BallotShape(
                style.id, tuple(self.contest(contest).shape() for contest in style.contests)
            )
            for style in self.ballot_styles
        }


def _require_quorums(manifest: Manifest) -> None:
    trustees, witnesses = len(manifest.trustees), len(manifest.witnesses)
    if not trustees < 2 * manifest.threshold <= 2 * trustees:
        raise RecordError(f"threshold: {manifest.threshold} of {trustees} trustees is no majority of them")
    if not 2 * witnesses < 3 * manifest.witness_quorum <= 3 * witnesses:
        raise RecordError(
            f"witness_quorum: {manifest.witness_quorum} of {witnesses} is not more than two thirds"
        )
    if not manifest.training and witnesses < MIN_WITNESSES:
        raise RecordError(f"witnesses: {witnesses}, at least {MIN_WITNESSES} outside training")


def _require_unique_lists(manifest: Manifest) -> None:
    require_distinct(manifest.languages, subject="languages")
    require_distinct(manifest.identity_methods, subject="identity_methods")
    require_distinct((contest.id for contest in manifest.contests), subject="contests")
    require_distinct((style.id for style in manifest.ballot_styles), subject="ballot_styles")
    require_distinct((issuer.id for issuer in manifest.issuers), subject="issuers")
    require_distinct((file.path for file in manifest.client_release), subject="client_release")


def _require_styles(manifest: Manifest) -> None:
    places = {contest.id: place for place, contest in enumerate(manifest.contests)}
    for style in manifest.ballot_styles:
        unknown = [contest for contest in style.contests if contest not in places]
        if unknown:
            raise RecordError(f"ballot style {style.id}: contest {unknown[0]} is not in the manifest")
        order = [places[contest] for contest in style.contests]
        if any(left >= right for left, right in pairwise(order)):
            raise RecordError(f"ballot style {style.id}: contests are not in manifest order, each once")


def _require_keys(manifest: Manifest) -> None:
    """A key in two places would let one signature count twice; so would a name that two keys share."""
    named = list(_named_keys(manifest))
    require_distinct((name for name, _ in named), subject="names of keys")
    boxes = [(f"box key of {trustee.name}", trustee.box_key) for trustee in manifest.trustees]
    signing = [*named, ("identity_key", manifest.identity_key)]
    require_distinct((key.to_json() for _, key in (*signing, *boxes)), subject="keys")
    for require, keys in ((require_public_key, signing), (require_box_key, boxes)):
        for name, key in keys:
            try:
                require(key)
            except EncodingError as exc:
                raise RecordError(f"{name}: {exc}") from exc


def _require_postable_result(manifest: Manifest) -> None:
    """Its cells stand inline, and so do those of the aggregate, which are shorter."""
    if _largest_result(manifest) > MAX_ENTRY_BYTES:
        raise RecordError(
            f"manifest: with {len(manifest.reporting_units)} units and {len(manifest.contests)} contests"
            " a result would not fit an entry"
        )


def _largest_result(manifest: Manifest) -> int:
    """Bytes of the result entry when every unit is a cell of its own in every contest.

    A cell of several units stands at a node above each of them, so that the longest id on the way to the root
    bounds it too.
    """
    body = Result(
        aggregate=Bytes64(bytes(64)),
        trustees=tuple(range(len(manifest.trustees) - manifest.threshold + 1, len(manifest.trustees) + 1)),
        cells=(),
        contests=tuple(map(_largest_contest, manifest.contests)),
    )
    signature = {"key": Bytes32(bytes(32)), "signature": Bytes64(bytes(64))}
    size = len(jcs({"body": body, "signatures": [signature], "type": Result.record_type})) + 1
    # Ids are ASCII: a cell is as long as one of another unit, but for its ids.
    paths = [manifest.units.path(unit.id) for unit in manifest.reporting_units]
    ids = sum(len(path[0]) + max(map(len, path)) for path in paths)
    for contest in manifest.contests:
        counts = (MOST_VOTES,) * len(contest.options)
        cell = ResultCell(contest=contest.id, node="x", members=("x",), counts=counts)
        size += ids + len(paths) * (len(jcs(cell)) - 2 + len(","))
    return size


def _largest_contest(contest: Contest) -> ContestResult:
    options = tuple(option.id for option in contest.options)
    line = TraceLine(label="against-all", left=100 * MOST_VOTES, right=100 * MOST_VOTES)
    outcome = Outcome(kind="second-round", options=options, trace=(line, line))
    return ContestResult(contest=contest.id, totals=(MOST_VOTES,) * len(options), outcome=outcome)


def _named_keys(manifest: Manifest) -> Iterator[tuple[str, Bytes32]]:
    """(name, Ed25519 key) of everyone who has both."""
    for authority in manifest.authorities:
        yield authority.name, authority.key
    for trustee in manifest.trustees:
        yield trustee.name, trustee.signing_key
    for issuer in manifest.issuers:
        yield issuer.name, issuer.key
    yield manifest.board.origin, manifest.board.key
    for witness in manifest.witnesses:
        yield witness.name, witness.key


def _localized_texts(manifest: Manifest) -> Iterator[tuple[str, Localized]]:
    yield "title", manifest.title
    for contest in manifest.contests:
        yield f"contest {contest.id}: title", contest.title
        for option in contest.options:
            yield f"contest {contest.id}: option {option.id}: title", option.title
    for unit in manifest.reporting_units:
        yield f"unit {unit.id}: title", unit.title


def _look_up(table: Mapping[str, T], wanted: str, *, subject: str) -> T:
    try:
        return table[wanted]
    except KeyError:
        raise RecordError(f"{subject} {wanted}: not in the manifest") from None
