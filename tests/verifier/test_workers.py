"""What a worker does with its slice of ballots, alone. Spec: verification.md §6"""

from __future__ import annotations

import pytest

from bulletin_board.errors import RecordError
from tests.support.election import CASTS, MANIFEST, World, build_election
from verifier.checks.check_06_ballots import BallotRules, BallotSlice, Flaw, RawBallot, judge_slice
from verifier.sums import Addend, sum_slice


def rules(world: World, *, strict: bool = False) -> BallotRules:
    shapes = {style.id: MANIFEST.shape(style.id) for style in MANIFEST.ballot_styles}
    return BallotRules(MANIFEST.election_id, shapes, world.context, world.key, strict)


def batch_of(world: World, *indexes: int) -> BallotSlice:
    ballots = tuple(RawBallot(index, world.board.entries[index], {}) for index in indexes)
    return BallotSlice(ballots, bytes(32))


@pytest.mark.parametrize("strict", [False, True])
def test_good_ballots(strict: bool) -> None:
    world = build_election()
    indexes = [world.index[f"ballot {place}"] for place in range(len(CASTS))]
    report = judge_slice(rules(world, strict=strict), batch_of(world, *indexes))
    assert [facts.index for facts in report.facts] == indexes
    assert not any(facts.flaw for facts in report.facts)
    assert report.equations == sum(MANIFEST.shape(facts.style).commitment_count for facts in report.facts)
    codes = {facts.tracking_code for facts in report.facts}
    assert codes == {world.encrypted[f"ballot {place}"].tracking_code() for place in range(len(CASTS))}


@pytest.mark.parametrize("strict", [False, True])
def test_every_bad_ballot_of_a_batch_is_named(strict: bool) -> None:
    """Three of sixteen, in different places."""
    world = build_election()
    ballots = []
    bad = {"ballot 0", "ballot 7", "ballot 15"}
    for place in range(len(CASTS)):
        step = f"ballot {place}"
        entry = world.board.entries[world.index[step]]
        if step in bad:
            # The last symbol of the proof before its closing quote: another, smaller scalar.
            at = entry.index(b'","style"') - 6
            entry = entry[:at] + (b"A" if entry[at : at + 1] != b"A" else b"B") + entry[at + 1 :]
        ballots.append(RawBallot(world.index[step], entry, {}))
    report = judge_slice(rules(world, strict=strict), BallotSlice(tuple(ballots), bytes(32)))
    flawed = {facts.index for facts in report.facts if facts.flaw}
    assert flawed == {world.index[step] for step in bad}


def test_an_empty_slice() -> None:
    assert judge_slice(rules(build_election()), BallotSlice((), bytes(32))).facts == ()


def test_an_entry_of_another_type_is_no_ballot() -> None:
    world = build_election()
    report = judge_slice(rules(world), batch_of(world, world.index["open"]))
    assert report.facts[0].flaw == Flaw(1, "not a ballot but open")


def test_only_ballots_are_added_up() -> None:
    world = build_election()
    with pytest.raises(RecordError, match="a ballot that counts is not one"):
        sum_slice({0: 9}, [Addend(0, world.board.entries[world.index["open"]], {})])
