"""Repeated pads are found among many, and only those."""

from hypothesis import given
from hypothesis import strategies as st

from verifier.pads import PadCollector


def pad(number: int) -> bytes:
    return number.to_bytes(32, "little")


def collected(ballots: list[tuple[int, list[int]]]) -> dict[int, set[bytes]]:
    collector = PadCollector()
    for index, pads in ballots:
        collector.add(index, b"".join(map(pad, pads)))
    return collector.repeated()


def test_nothing_is_repeated() -> None:
    assert collected([(1, [10, 20]), (2, [30])]) == {}


def test_one_pad_of_three_ballots() -> None:
    assert collected([(7, [10, 20]), (8, [30]), (9, [20]), (2**40, [20, 5])]) == {
        7: {pad(20)},
        9: {pad(20)},
        2**40: {pad(20)},
    }


@given(st.lists(st.lists(st.integers(0, 600), max_size=4, unique=True), max_size=30))
def test_the_same_as_counting_all(ballots: list[list[int]]) -> None:
    everything = [number for pads in ballots for number in pads]
    expected = {
        index: repeated
        for index, pads in enumerate(ballots)
        if (repeated := {pad(number) for number in pads if everything.count(number) > 1})
    }
    assert collected(list(enumerate(ballots))) == expected
