"""The merging rule: examples, properties, and a second reading of the text."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bulletin_board.errors import RecordError
from bulletin_board.records.merging import UnitGroup, merge_groups
from bulletin_board.records.units import UnitTree
from tests.reference import merging as reference
from tests.support.vectors import vectors

Parents = dict[str, str | None]


def tree_of(parents: Parents) -> UnitTree:
    return UnitTree(parents.items())


@st.composite
def elections(draw: st.DrawFn) -> tuple[Parents, dict[str, int], int]:
    """(parents, sizes, floor) of trees up to twelve units, whose ids do not follow the tree."""
    names = draw(
        st.lists(
            st.from_regex(r"[a-z0-9][a-z0-9-]{0,2}", fullmatch=True), unique=True, min_size=1, max_size=12
        )
    )
    parents: Parents = {names[0]: None}
    for place, name in enumerate(names[1:], start=1):
        parents[name] = names[draw(st.integers(0, place - 1))]
    sizes = {name: draw(st.integers(0, 8)) for name in names if draw(st.booleans())}
    return parents, sizes, draw(st.integers(1, 12))


def as_reference(groups: tuple[UnitGroup, ...]) -> set[reference.Group]:
    return {(frozenset(group.members), group.size, group.node) for group in groups}


@given(elections())
def test_the_reference_agrees(election: tuple[Parents, dict[str, int], int]) -> None:
    parents, sizes, floor = election
    groups, withheld = merge_groups(sizes, tree_of(parents), floor)
    assert (as_reference(groups), as_reference(withheld)) == reference.merge(sizes, parents, floor)


@given(elections())
@example(({"a": None}, {}, 3))
def test_groups_cover_what_is_not_empty_and_nothing_twice(
    election: tuple[Parents, dict[str, int], int],
) -> None:
    parents, sizes, floor = election
    groups, withheld = merge_groups(sizes, tree_of(parents), floor)
    members = [unit for group in (*groups, *withheld) for unit in group.members]
    assert sorted(members) == sorted(unit for unit, size in sizes.items() if size)
    for group in (*groups, *withheld):
        assert group.size == sum(sizes[unit] for unit in group.members)
        assert list(group.members) == sorted(group.members)
        assert group.id == min(group.members)


@given(elections())
def test_no_group_is_too_small_and_withheld_is_all_or_nothing(
    election: tuple[Parents, dict[str, int], int],
) -> None:
    parents, sizes, floor = election
    groups, withheld = merge_groups(sizes, tree_of(parents), floor)
    assert all(group.size >= floor for group in groups)
    if sum(sizes.values()) >= floor or not any(sizes.values()):
        assert withheld == ()
    else:
        assert groups == ()
        assert [group.size for group in withheld] == [sum(sizes.values())]


@given(elections())
def test_every_member_lies_below_the_node(election: tuple[Parents, dict[str, int], int]) -> None:
    parents, sizes, floor = election
    tree = tree_of(parents)
    groups, withheld = merge_groups(sizes, tree, floor)
    for group in (*groups, *withheld):
        assert all(tree.is_within(unit, group.node) for unit in group.members)


@given(elections(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(
    election: tuple[Parents, dict[str, int], int], random: Any
) -> None:
    parents, sizes, floor = election
    shuffled = list(sizes.items())
    random.shuffle(shuffled)
    tree = tree_of(parents)
    groups, withheld = merge_groups(sizes, tree, floor)
    assert merge_groups(dict(shuffled), tree, floor) == (groups, withheld)
    assert [group.id for group in groups] == sorted(group.id for group in groups)


@given(elections())
def test_large_groups_are_left_alone(election: tuple[Parents, dict[str, int], int]) -> None:
    parents, sizes, _ = election
    groups, withheld = merge_groups(sizes, tree_of(parents), 1)
    assert withheld == ()
    assert {group.members: group.size for group in groups} == {
        (unit,): size for unit, size in sizes.items() if size
    }
    assert all(group.node == group.id for group in groups)


@pytest.mark.parametrize("case", vectors("records-merging"), ids=lambda case: case["id"])
def test_merging_vector(case: dict[str, Any]) -> None:
    given_ = case["input"]
    tree = UnitTree((unit, parent) for unit, parent in given_["units"])
    groups, withheld = merge_groups(given_["sizes"], tree, given_["min_unit_size"])
    assert [plain(group) for group in groups] == case["groups"]
    assert [plain(group) for group in withheld] == case["withheld"]


def plain(group: UnitGroup) -> dict[str, Any]:
    return {"node": group.node, "members": list(group.members), "size": group.size}


def test_the_examples_show_what_they_say() -> None:
    """Written out by hand, so that the vectors cannot drift with the code."""
    cases = {case["id"]: case for case in vectors("records-merging")}
    assert cases["node-of-the-taken"]["groups"] == [
        {"node": "south", "members": ["south", "south-1-a"], "size": 51}
    ]
    assert cases["siblings"]["groups"] == [{"node": "north", "members": ["north-1", "north-2"], "size": 6}]
    assert cases["tie-by-id"]["groups"] == [
        {"node": "north", "members": ["north", "north-2"], "size": 9},
        {"node": "north-3", "members": ["north-3"], "size": 7},
    ]
    assert cases["deepest-first"]["groups"] == [
        {"node": "country", "members": ["north-1", "south", "south-1-a"], "size": 14}
    ]
    assert cases["alone-and-small"]["withheld"] == [{"node": "country", "members": ["south-1-a"], "size": 4}]


TREE = tree_of({"a": None, "b": "a"})


@pytest.mark.parametrize(
    ("sizes", "floor", "wrong"),
    [
        ({"b": 1}, 0, "smallest size of 0"),
        ({"b": 1}, -5, "smallest size of -5"),
        ({"b": -1}, 1, "-1 ballots of unit b"),
        ({"c": 1}, 1, "1 ballots of unit c"),
        ({"c": 0}, 1, "0 ballots of unit c"),
    ],
)
def test_what_is_no_election_is_refused(sizes: dict[str, int], floor: int, wrong: str) -> None:
    with pytest.raises(RecordError, match=wrong):
        merge_groups(sizes, TREE, floor)


def test_a_country_of_units_takes_no_time() -> None:
    """2,500 precincts of 3 ballots each: every one is taken, lifted and joined."""
    parents: Parents = {"country": None}
    parents |= {f"district-{place}": "country" for place in range(50)}
    precincts = {f"precinct-{place}": f"district-{place % 50}" for place in range(2_500)}
    parents |= precincts
    groups, withheld = merge_groups(dict.fromkeys(precincts, 3), tree_of(parents), 20)
    assert withheld == ()
    assert sum(group.size for group in groups) == 7_500
    assert all(group.node.startswith("district") for group in groups)
