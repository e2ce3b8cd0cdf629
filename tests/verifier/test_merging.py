"""Merging is decided twice, by programs that share nothing, and both agree with the rule read out slowly."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board.records.merging import merge_groups
from bulletin_board.records.units import UnitTree
from verifier.merging import Group, Merged, merge_units

PARENTS: dict[str, str | None] = {
    "country": None,
    "north": "country",
    "south": "country",
    "north-1": "north",
    "north-2": "north",
    "south-1": "south",
    "south-2": "south",
}


def merged(sizes: dict[str, int], minimum: int) -> Merged:
    return merge_units(sizes, PARENTS, minimum)


def test_large_units_stay_alone() -> None:
    outcome = merged({"north-1": 5, "south-1": 7}, 5)
    assert outcome == Merged((Group("north-1", ("north-1",), 5), Group("south-1", ("south-1",), 7)), ())


def test_empty_units_are_in_no_group() -> None:
    assert merged({"north-1": 5, "north-2": 0}, 5) == Merged((Group("north-1", ("north-1",), 5),), ())
    assert merged({}, 5) == Merged((), ())


def test_a_small_unit_rises_and_joins_the_smallest_below() -> None:
    outcome = merged({"north-1": 2, "north-2": 6, "south-1": 5}, 5)
    assert outcome.cells == (Group("north", ("north-1", "north-2"), 8), Group("south-1", ("south-1",), 5))


def test_a_small_unit_does_not_pass_by_its_large_neighbours() -> None:
    outcome = merged({"north-1": 1, "north-2": 1000}, 5)
    assert outcome == Merged((Group("north", ("north-1", "north-2"), 1001),), ())


def test_ties_go_to_the_lowest_id() -> None:
    outcome = merged({"north": 1, "north-1": 5, "north-2": 5}, 5)
    assert outcome.cells == (Group("north", ("north", "north-1"), 6), Group("north-2", ("north-2",), 5))


def test_what_is_too_small_at_the_root_is_withheld() -> None:
    assert merged({"north-1": 1, "south-1": 2}, 5) == Merged(
        (), (Group("country", ("north-1", "south-1"), 3),)
    )


@pytest.mark.parametrize("minimum", [1, 2, 3])
def test_every_small_case_agrees_with_the_boards_program(minimum: int) -> None:
    """All sizes 0 to 2 of five units."""
    names = ("north", "north-1", "north-2", "south-1", "south-2")
    tree = UnitTree(PARENTS.items())
    for sizes in product(range(3), repeat=len(names)):
        by_unit = dict(zip(names, sizes, strict=True))
        own, (groups, withheld) = merged(by_unit, minimum), merge_groups(by_unit, tree, minimum)
        assert _plain(own.cells) == [(each.node, each.members, each.size) for each in groups]
        assert _plain(own.withheld) == [(each.node, each.members, each.size) for each in withheld]


@st.composite
def trees(draw: st.DrawFn) -> tuple[dict[str, str | None], dict[str, int]]:
    count = draw(st.integers(1, 12))
    names = [f"u{place}" for place in draw(st.permutations(range(count)))]
    parents: dict[str, str | None] = {names[0]: None}
    for place in range(1, count):
        parents[names[place]] = names[draw(st.integers(0, place - 1))]
    return parents, {name: draw(st.integers(0, 6)) for name in names}


@given(trees(), st.integers(1, 8))
def test_random_trees(drawn: tuple[dict[str, str | None], dict[str, int]], minimum: int) -> None:
    parents, sizes = drawn
    outcome = merge_units(sizes, parents, minimum)
    groups, withheld = merge_groups(sizes, UnitTree(parents.items()), minimum)
    assert _plain(outcome.cells) == [(each.node, each.members, each.size) for each in groups]
    assert _plain(outcome.withheld) == [(each.node, each.members, each.size) for each in withheld]
    # Every ballot is in exactly one group, and no group that is opened is too small.
    members = [unit for group in (*outcome.cells, *outcome.withheld) for unit in group.members]
    assert sorted(members) == sorted(unit for unit, size in sizes.items() if size)
    assert all(group.size == sum(sizes[unit] for unit in group.members) for group in outcome.cells)
    assert all(group.size >= minimum for group in outcome.cells)
    assert all(group.size < minimum for group in outcome.withheld)
    assert not (outcome.cells and outcome.withheld)


def _plain(groups: tuple[Group, ...]) -> list[tuple[str, tuple[str, ...], int]]:
    return [(group.node, group.members, group.size) for group in groups]
