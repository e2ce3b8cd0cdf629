"""The roll out of the issuers' lists: coarsened, sorted, and the same for whoever makes it."""

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board.records.manifest import Manifest
from bulletin_board.records.roll import decode_roll
from crypto.credential import join_public
from crypto.group import IDENTITY as NEUTRAL
from crypto.group import GroupElement
from evote.errors import MismatchError
from evote.issuing.credential import IDENTITY, REGISTRAR, DrawnPart, RollMember, draw_part, open_part
from evote.issuing.roll import Seat, coarsen, join_lists, roll_of, too_small_styles
from tests.evote.identity.stage import counted
from tests.evote.kyrgyzstan import manifest, manifest_fields, manifest_of

SEATS = {
    f"V-{place:06d}": Seat("abroad", unit)
    for place, unit in enumerate(["ru-moscow-1"] * 7 + ["de-berlin"] * 6)
}


def drawn(issuer: str, start: int) -> dict[str, DrawnPart]:
    random_bytes = counted(start)
    return {reference: draw_part(manifest(), issuer, random_bytes) for reference in SEATS}


def public(parts: Mapping[str, DrawnPart]) -> dict[str, bytes]:
    return {reference: part.public.encoded for reference, part in parts.items()}


REGISTRARS = public(drawn(REGISTRAR, 1))
IDENTITYS = public(drawn(IDENTITY, 1000))


def joined(seats: Mapping[str, Seat] = SEATS, *lists: Mapping[str, bytes]) -> tuple[RollMember, ...]:
    return join_lists(manifest(), seats, lists or (REGISTRARS, IDENTITYS))


def test_credential_is_the_sum_of_its_parts() -> None:
    for member in joined():
        parts = [GroupElement.decode(part) for part in member.parts]
        assert member.parts == (REGISTRARS[member.reference], IDENTITYS[member.reference])
        assert member.credential == join_public(parts).encoded


def test_part_opens_to_itself_and_hides_its_secrets() -> None:
    part = draw_part(manifest(), REGISTRAR, counted())
    assert open_part(manifest(), REGISTRAR, part.bits).public == part.public
    assert open_part(manifest(), IDENTITY, part.bits).public != part.public
    assert "bits" not in repr(part)
    assert "secret" not in repr(part)


def test_rows_ascend_by_credential_and_name_nobody() -> None:
    members = joined()
    roll, addenda = roll_of(members)
    rows = tuple(decode_roll(roll, addenda.__getitem__))
    credentials = [
        join_public([GroupElement.decode(bytes(part)) for part in row.parts]).encoded for row in rows
    ]
    assert credentials == sorted(member.credential for member in members)
    assert roll.length == len(SEATS)
    assert not any(b"V-0" in addendum for addendum in addenda.values())
    assert roll_of(tuple(reversed(members))) == (roll, addenda)


@pytest.mark.parametrize("which", [0, 1])
def test_lists_of_other_voters_are_refused(which: int) -> None:
    lists = [dict(REGISTRARS), dict(IDENTITYS)]
    missing = lists[which].pop("V-000003")
    with pytest.raises(MismatchError, match="V-000003"):
        joined(SEATS, *lists)
    lists[which] |= {"V-000003": missing, "V-999999": bytes(32)}
    with pytest.raises(MismatchError, match="V-999999"):
        joined(SEATS, *lists)


def test_part_that_stands_twice_is_refused() -> None:
    twice = IDENTITYS | {"V-000003": IDENTITYS["V-000002"]}
    with pytest.raises(MismatchError, match="V-000003: shares a part or a credential with V-000002"):
        joined(SEATS, REGISTRARS, twice)
    with pytest.raises(MismatchError, match="shares a part"):
        joined(SEATS, REGISTRARS, IDENTITYS | {"V-000003": REGISTRARS["V-000000"]})


def test_credential_that_stands_twice_is_refused() -> None:
    """Two voters whose parts differ and whose sums do not. Spec: N27"""
    one = draw_part(manifest(), REGISTRAR, counted(5000))
    first = GroupElement.decode(REGISTRARS["V-000000"]) + GroupElement.decode(IDENTITYS["V-000000"])
    other = first + (-one.public)
    with pytest.raises(MismatchError, match="shares a part or a credential"):
        joined(
            SEATS,
            REGISTRARS | {"V-000001": one.public.encoded},
            IDENTITYS | {"V-000001": other.encoded},
        )


@pytest.mark.parametrize("part", [b"\xff" * 32, bytes(32), NEUTRAL.encoded])
def test_part_that_is_no_element_is_refused(part: bytes) -> None:
    with pytest.raises(MismatchError, match="V-000003"):
        joined(SEATS, REGISTRARS, IDENTITYS | {"V-000003": part})


def test_parts_that_cancel_out_are_refused() -> None:
    opposite = (-GroupElement.decode(REGISTRARS["V-000003"])).encoded
    with pytest.raises(MismatchError, match="V-000003"):
        joined(SEATS, REGISTRARS, IDENTITYS | {"V-000003": opposite})


def test_style_with_too_few_voters_is_named() -> None:
    few = dict(list(SEATS.items())[:4])
    assert too_small_styles(few, manifest()) == ("abroad",)
    assert too_small_styles(SEATS, manifest()) == ()
    with pytest.raises(MismatchError, match="fewer than 5 voters have the style abroad"):
        coarsen(few, manifest())


def two_styles() -> Manifest:
    fields = manifest_fields()
    style = fields["ballot_styles"][0]
    return manifest_of(
        fields | {"ballot_styles": [style, style | {"id": "second", "contests": ["president"]}]}
    )


TWO_STYLES = two_styles()
UNITS = [unit.id for unit in TWO_STYLES.reporting_units]


@given(
    st.lists(
        st.tuples(st.sampled_from(["abroad", "second"]), st.sampled_from(UNITS)), min_size=1, max_size=80
    )
)
def test_no_cell_of_the_roll_is_smaller_than_allowed(places: list[tuple[str, str]]) -> None:
    seats = {f"V-{place}": Seat(style, unit) for place, (style, unit) in enumerate(places)}
    small = too_small_styles(seats, TWO_STYLES)
    if small:
        with pytest.raises(MismatchError, match=small[0]):
            coarsen(seats, TWO_STYLES)
        return
    nodes = coarsen(seats, TWO_STYLES)
    cells = Counter((seats[reference].style, node) for reference, node in nodes.items())
    assert min(cells.values()) >= TWO_STYLES.min_unit_size
    # Every row stands at the voter's polling place or above it.
    assert all(TWO_STYLES.units.is_within(seats[reference].unit, node) for reference, node in nodes.items())
