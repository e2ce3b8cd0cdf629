"""What a record says, in lines for the official who is about to sign or has just written it."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo

from bulletin_board.records.canonical import jcs
from bulletin_board.records.contests import Contest, Referendum
from bulletin_board.records.fields import Localized
from bulletin_board.records.manifest import Manifest, Schedule
from bulletin_board.records.parties import Authority, Issuer, Trustee, Witness
from bulletin_board.records.record import Record
from evote.election.signing import printed_digest
from evote.texts import BISHKEK


def describe(body: Record) -> Iterator[str]:
    """The lines: of a manifest what two people must compare, of anything else all of it."""
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
    yield f"manifest of {manifest.election_id}{' (training)' if manifest.training else ''}"
    yield from _titles(manifest.title, indent=2)
    yield from _schedule(manifest.schedule)
    for contest in manifest.contests:
        yield from _contest(contest)
    for style in manifest.ballot_styles:
        yield f"  ballot style {style.id}: {', '.join(style.contests)}"
    root = manifest.unit(manifest.units.root)
    yield f"  {len(manifest.reporting_units)} units below and with {root.id}"
    yield from _titles(root.title, indent=4)
    yield f"  no count of fewer than {manifest.min_unit_size} voters"
    yield f"  {manifest.threshold} of {len(manifest.trustees)} trustees: {_names(manifest.trustees)}"
    yield f"  authorities: {_names(manifest.authorities)}"
    yield f"  issuers: {_names(manifest.issuers)}"
    yield f"  {manifest.witness_quorum} of {len(manifest.witnesses)} witnesses: {_names(manifest.witnesses)}"
    yield f"  board {manifest.board.origin}, a publication every {manifest.beat} ms"


def _schedule(schedule: Schedule) -> Iterator[str]:
    for what, time in (
        ("answers by", schedule.answers_by),
        ("voting opens", schedule.opens_at),
        ("voting closes", schedule.closes_at),
    ):
        yield f"  {what} {_clock(time, UTC)} UTC, {_clock(time, BISHKEK)} in Bishkek"
    yield f"  grace {schedule.grace} s"


def _contest(contest: Contest) -> Iterator[str]:
    rule = contest.counting
    turnout = f" with a turnout of {rule.turnout_percent} %" if isinstance(rule, Referendum) else ""
    yield f"  contest {contest.id}: {len(contest.options)} options, {contest.minimum} to {contest.maximum}"
    yield from _titles(contest.title, indent=4)
    yield f"    counted by {rule.__struct_config__.tag}{turnout}, against all: {rule.against_all or 'none'}"
    for place, option in enumerate(contest.options, start=1):
        yield f"    option {place}: {option.id}, weight {option.weight}"
        yield from _titles(option.title, indent=6)


def _titles(title: Localized, *, indent: int) -> Iterator[str]:
    return (f"{' ' * indent}{language}: {text}" for language, text in title.items())


def _names(parties: Iterable[Authority | Trustee | Issuer | Witness]) -> str:
    return ", ".join(party.name for party in parties)


def _clock(time: int, zone: tzinfo) -> str:
    return f"{datetime.fromtimestamp(time, zone):%Y-%m-%d %H:%M:%S}"
