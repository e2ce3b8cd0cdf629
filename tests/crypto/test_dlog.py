"""From v·B back to v: every value in its bound, and nothing beyond. N57."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.dlog import DiscreteLogTable, recover_counts
from crypto.errors import DecryptionError
from crypto.group import GENERATOR, IDENTITY, ORDER, ElementArray, vartime_multiscalar

GENERATORS = ElementArray.of([GENERATOR])


def multiples(*values: int) -> ElementArray:
    return ElementArray.of(vartime_multiscalar([value], GENERATORS) for value in values)


@pytest.mark.parametrize("bound", range(12))
@pytest.mark.parametrize("lookups", [1, 3, 100])
def test_every_value_up_to_the_bound_is_found(bound: int, lookups: int) -> None:
    table = DiscreteLogTable.build(bound, lookups=lookups)
    values = tuple(range(bound + 1))
    assert table.vartime_logarithms(multiples(*values)) == values
    with pytest.raises(DecryptionError, match=rf"element 0: none in 0\.\.{bound}"):
        table.vartime_logarithms(multiples(bound + 1))


@given(st.integers(0, 5000), st.data())
def test_one_table_serves_many_lookups(bound: int, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.integers(0, bound), max_size=5))
    lookups = data.draw(st.integers(1, 50))
    table = DiscreteLogTable.build(bound, lookups=lookups)
    assert table.vartime_logarithms(multiples(*values)) == tuple(values)
    assert table.vartime_logarithms(multiples(*values[::-1])) == tuple(values[::-1])


def test_table_is_small_for_one_lookup_and_whole_for_many() -> None:
    assert len(DiscreteLogTable.build(9999).baby_steps) == 101
    assert len(DiscreteLogTable.build(9999, lookups=1_000_000).baby_steps) == 10_000
    assert repr(DiscreteLogTable.build(3)) == "DiscreteLogTable(bound=3)"


def test_electorate_of_a_country_is_in_reach() -> None:
    assert DiscreteLogTable.build(5_000_000).vartime_logarithms(multiples(4_999_999)) == (4_999_999,)


@pytest.mark.parametrize("value", [-1, -7, 101, 1000, ORDER // 2, 2**64])
def test_first_element_without_a_count_is_named(value: int) -> None:
    """A negative count, one beyond the bound and one that no count explains end alike."""
    elements = multiples(100, 0, value, -5)
    with pytest.raises(DecryptionError, match=r"element 2: none in 0\.\.100"):
        DiscreteLogTable.build(100).vartime_logarithms(elements)


def test_each_count_is_held_to_its_own_bound() -> None:
    assert recover_counts(multiples(3, 7, 0), [3, 9, 0]) == (3, 7, 0)
    with pytest.raises(DecryptionError, match="count 0: 3 is more than the 2 ballots"):
        recover_counts(multiples(3, 7, 0), [2, 9, 0])
    with pytest.raises(DecryptionError, match="element 1"):
        recover_counts(multiples(3, 10, 0), [3, 9, 0])


def test_counts_and_bounds_belong_together() -> None:
    assert recover_counts(ElementArray.of([]), []) == ()
    with pytest.raises(ValueError, match="1 elements but 2 bounds"):
        recover_counts(ElementArray.of([IDENTITY]), [1, 2])
    for bound, lookups in [(-1, 1), (5, 0)]:
        with pytest.raises(ValueError, match="bound"):
            DiscreteLogTable.build(bound, lookups=lookups)
