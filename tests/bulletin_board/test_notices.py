"""Which notices are in force: only those that a quorum saw in time."""

import pytest

from bulletin_board.notices import InForce, decisions_in_force
from bulletin_board.phases import IndexedNotice
from tests.support import records

CLOSES = records.MANIFEST.schedule.closes_at
LATER = CLOSES + 3_600


def in_force(*notices: tuple[str, int | None, int | None]) -> InForce:
    """Notices as (kind, time by which a quorum saw it, new close)."""
    items = [
        IndexedNotice(index, records.notice(kind, "Кабар", closes_at=closes_at))
        for index, (kind, _, closes_at) in enumerate(notices)
    ]
    return decisions_in_force(items, records.MANIFEST.schedule, lambda index: notices[index][1])


def test_nothing_decided() -> None:
    assert in_force() == InForce(CLOSES)
    assert in_force(("incident", 5, None)) == InForce(CLOSES)


def test_suspend_and_resume() -> None:
    assert in_force(("suspend", 5, None)).suspended
    assert not in_force(("suspend", 5, None), ("resume", 6, None)).suspended
    assert in_force(("suspend", 5, None), ("resume", None, None)).suspended


def test_annul_stays() -> None:
    assert in_force(("annul", 5, None), ("resume", 6, None)).annulled


@pytest.mark.parametrize("kind", ["suspend", "annul"])
@pytest.mark.parametrize(("time", "valid"), [(CLOSES, True), (CLOSES + 1, False), (None, False)])
def test_in_time(kind: str, time: int | None, *, valid: bool) -> None:
    state = in_force((kind, time, None))
    assert (state.suspended or state.annulled) is valid


def test_an_extension_makes_room_for_more() -> None:
    assert in_force(("extend", CLOSES, LATER)).closes_at == LATER
    assert in_force(("extend", CLOSES, LATER), ("suspend", LATER, None)).suspended
    assert in_force(("extend", CLOSES + 1, LATER), ("suspend", LATER, None)) == InForce(CLOSES)
    assert in_force(("extend", 5, LATER), ("extend", 6, CLOSES)).closes_at == LATER


@pytest.mark.parametrize(("grace", "last"), [(0, 0), (1, 0), (2, 0), (120, 118)])
def test_the_last_flush_leaves_a_beat_for_cosigning(grace: int, last: int) -> None:
    plain = records.manifest_json()
    plain["schedule"]["grace"] = grace
    assert InForce(CLOSES).last_flush(records.manifest_of(plain)) == CLOSES + last
