"""Where each type of entry may stand, place by place; the whole order is covered by whole elections."""

from __future__ import annotations

import pytest

from bulletin_board.records.ceremony import Answer, Complaint
from bulletin_board.records.envelope import decode_record
from bulletin_board.records.fields import Bytes32
from bulletin_board.records.record import Record
from tests.support.election import MANIFEST, build_election
from verifier.checks.check_03_order import check_order
from verifier.journal import Journal
from verifier.phases import OutOfPlaceError, Phases
from verifier.record import Record as Files
from verifier.record import is_ballot

SECRET = Bytes32(bytes(32))


def bodies() -> list[Record | None]:
    """Every entry of an honest election after the manifest; None for a ballot."""
    entries = build_election().board.entries[1:]
    return [None if is_ballot(entry) else decode_record(entry).body for entry in entries]


def phases_before(kind: str, number: int = 0) -> tuple[Phases, Record]:
    """The phases just before the n-th entry of a type, and that entry."""
    phases = Phases(MANIFEST)
    for body in bodies():
        if body is not None and body.record_type == kind:
            if not number:
                return phases, body
            number -= 1
        accept(phases, body)
    raise AssertionError(kind)


def accept(phases: Phases, body: Record | None) -> None:
    if body is None:
        phases.accept_ballot()
    else:
        phases.accept(body)


@pytest.mark.parametrize(
    ("wanted", "at", "says"),
    [
        ("commit", "pledge", "before the pledge of every trustee"),
        ("share", "commit", "before the commit of every trustee"),
        ("confirm", "share", "before the share of every trustee"),
        ("roll", "confirm", "before the confirm of every trustee"),
        ("roll", "issuer-pledge", "before the pledges of all issuers"),
        ("issuer-pledge", "open", "after roll"),
        ("roll", "open", "after roll"),
        ("open", "issuer-pledge", "before roll"),
        ("revocation", "issuer-pledge", "before roll"),
        ("reissue", "aggregate", "after close"),
        ("identified", "open", "before open"),
        ("close", "open", "before open"),
        ("aggregate", "close", "before close"),
        ("tally-confirm", "aggregate", "before aggregate"),
        ("decryption", "tally-confirm", "before the tally-confirm of enough trustees"),
        ("result", "decryption", "before the decryption of enough trustees"),
    ],
)
def test_too_early_or_too_late(wanted: str, at: str, says: str) -> None:
    _, body = phases_before(wanted)
    phases, _ = phases_before(at)
    with pytest.raises(OutOfPlaceError, match=says):
        phases.accept(body)


def test_a_ballot_needs_an_open_box() -> None:
    early, _ = phases_before("open")
    late, _ = phases_before("aggregate")
    with pytest.raises(OutOfPlaceError, match="before open"):
        early.accept_ballot()
    with pytest.raises(OutOfPlaceError, match="after close"):
        late.accept_ballot()


@pytest.mark.parametrize("kind", ["pledge", "commit", "share", "confirm", "issuer-pledge"])
def test_once_each(kind: str) -> None:
    phases, body = phases_before(kind)
    phases.accept(body)
    with pytest.raises(OutOfPlaceError, match="for the second time"):
        phases.accept(body)


def test_a_refused_entry_changes_nothing() -> None:
    phases, body = phases_before("pledge")
    _, early = phases_before("commit")
    with pytest.raises(OutOfPlaceError):
        phases.accept(early)
    phases.accept(body)


def test_a_complaint_ends_the_ceremony() -> None:
    phases, first = phases_before("confirm")
    complaint, answer = (
        Complaint(trustee=2, dealer=1),
        Answer(trustee=1, complainant=2, ephemeral_secret=SECRET),
    )
    with pytest.raises(OutOfPlaceError, match="to no complaint"):
        phases.accept(answer)
    phases.accept(first)
    phases.accept(complaint)
    with pytest.raises(OutOfPlaceError, match="for the second time"):
        phases.accept(complaint)
    phases.accept(answer)
    with pytest.raises(OutOfPlaceError, match="for the second time"):
        phases.accept(answer)
    _, second = phases_before("confirm", 1)
    with pytest.raises(OutOfPlaceError, match="by a trustee that has complained"):
        phases.accept(second)
    _, third = phases_before("confirm", 2)
    phases.accept(third)
    with pytest.raises(OutOfPlaceError, match="about no trustee"):
        phases.accept(Complaint(trustee=2, dealer=9))
    with pytest.raises(OutOfPlaceError, match="by a trustee that has confirmed"):
        phases.accept(Complaint(trustee=1, dealer=3))


def test_a_roll_after_a_complaint() -> None:
    """Everybody has confirmed or complained, all issuers have pledged, and yet no roll may follow."""
    phases, roll = phases_before("roll")
    phases._complaints.add((2, 1))
    with pytest.raises(OutOfPlaceError, match="after a complaint"):
        phases.accept(roll)


def test_a_complaint_before_all_shares() -> None:
    phases, _ = phases_before("share")
    with pytest.raises(OutOfPlaceError, match="before the share of every trustee"):
        phases.accept(Complaint(trustee=2, dealer=1))


def test_nothing_but_notices_after_the_result() -> None:
    phases, result = phases_before("result")
    _, notice = phases_before("notice")
    _, confirm = phases_before("tally-confirm")
    phases.accept(result)
    phases.accept(notice)
    for body in (confirm, result):
        with pytest.raises(OutOfPlaceError, match="after the result"):
            phases.accept(body)


def test_a_second_manifest() -> None:
    with pytest.raises(OutOfPlaceError, match="a second manifest"):
        Phases(MANIFEST).accept(MANIFEST)


def test_the_order_of_an_honest_election() -> None:
    journal = Journal(3)
    order = check_order(Files.load(build_election().files), MANIFEST, journal)
    assert journal.report().findings == ()
    assert order.read == 46
    assert order.ballots == 16
    assert len(order.voting) == 21
