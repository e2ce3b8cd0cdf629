"""What a record says, in lines for the official who is about to sign or has just written it."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from bulletin_board.records.canonical import jcs
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.parties import Authority, Issuer, Trustee
from bulletin_board.records.record import Record
from evote.election.signing import printed_digest


def describe(body: Record) -> Iterator[str]:
    """The lines: of a manifest what voters will notice, of anything else all of it."""
    if isinstance(body, Manifest):
        yield from _manifest(body)
        return
    yield f"{body.record_type}:"
    yield json.dumps(json.loads(jcs(body)), ensure_ascii=False, indent=2)


def digest_lines(manifest: Manifest) -> Iterator[str]:
    """The digest that is to be published, ready for print."""
    yield "manifest digest, to be published and compared by everybody:"
    for line in printed_digest(manifest.digest):
        yield f"    {line}"


def _manifest(manifest: Manifest) -> Iterator[str]:
    schedule = manifest.schedule
    yield f"manifest of {manifest.election_id}{' (training)' if manifest.training else ''}"
    for language, title in manifest.title.items():
        yield f"  {language}: {title}"
    yield f"  voting {_utc(schedule.opens_at)} to {_utc(schedule.closes_at)} UTC, grace {schedule.grace} s"
    for contest in manifest.contests:
        bounds = f"{contest.minimum} to {contest.maximum}"
        yield f"  contest {contest.id}: {len(contest.options)} options, {bounds} to be selected"
    yield f"  {len(manifest.ballot_styles)} ballot styles, {len(manifest.reporting_units)} units"
    yield f"  {manifest.threshold} of {len(manifest.trustees)} trustees: {_names(manifest.trustees)}"
    yield f"  authorities: {_names(manifest.authorities)}"
    yield f"  issuers: {_names(manifest.issuers)}"
    yield f"  board {manifest.board.origin}, {manifest.witness_quorum} of {len(manifest.witnesses)} witnesses"


def _names(parties: Iterable[Authority | Trustee | Issuer]) -> str:
    return ", ".join(party.name for party in parties)


def _utc(time: int) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%S}"
