"""What a follower of the log holds against a board that names a chain."""

import pytest
from msgspec.structs import replace

from bulletin_board.answers import BallotAnswer
from bulletin_board.errors import BoardError, LogProofError, MissingFile
from bulletin_board.log.addenda import encode_entry
from bulletin_board.records.canonical import jcs
from bulletin_board.records.fields import Bytes64
from evote.voter.chains import Chains
from tests.support.election import CASTS, World, build_election, decode_ballot, make_ballot
from tests.support.small_board import MemoryFiles


class Growing:
    """A board's files, counted as they are read."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.reads: list[str] = []

    def paths(self) -> None: ...

    def read(self, path: str) -> bytes:
        self.reads.append(path)
        return MemoryFiles(self.world.board.files()).read(path)


def chains(world: World) -> Chains:
    return Chains(Growing(world), world.manifest)


def credential(world: World, voter: str) -> bytes:
    return world.secret(voter).public().encoded


def named(world: World, voter: str) -> list[BallotAnswer]:
    """The chain of a voter, by reading the script."""
    return [
        answer(world, world.index[f"ballot {place}"])
        for place, cast in enumerate(CASTS)
        if cast.voter == voter
    ]


def answer(world: World, index: int) -> BallotAnswer:
    body = decode_ballot(world.board.entries[index])
    assert body is not None
    return BallotAnswer(index=index, digest=Bytes64(body.digest))


def test_true_chain_is_believed() -> None:
    world = build_election(until="voting")
    first, second = named(world, "v0")
    follower = chains(world)
    follower.require_named(credential(world, "v0"), (first, second))
    follower.require_named(credential(world, "v6"), ())
    follower.require_whole(credential(world, "v0"), (first,), second)
    follower.require_whole(credential(world, "v0"), (), first)


def test_false_chains_are_noticed() -> None:
    world = build_election(until="voting")
    own, follower = credential(world, "v0"), chains(world)
    first, second = named(world, "v0")
    (other,) = named(world, "v8")
    for false in (other, replace(first, digest=second.digest), replace(first, index=first.index - 1)):
        with pytest.raises(LogProofError, match=f"entry {false.index} is not the ballot"):
            follower.require_named(own, (false,))
    with pytest.raises(LogProofError, match=f"ballot {second.index} does not follow"):
        follower.require_named(own, (second,))
    with pytest.raises(LogProofError, match="no published checkpoint"):
        follower.require_named(own, (replace(first, index=10**6),))


def test_ballot_that_the_board_left_out_is_noticed() -> None:
    world = build_election(until="voting")
    _, second = named(world, "v0")
    with pytest.raises(LogProofError, match="other ballots"):
        chains(world).require_whole(credential(world, "v0"), (), second)


def test_log_is_read_once_and_then_what_is_new() -> None:
    world = build_election(until="voting", before={"rows": lambda _: None})
    files = Growing(world)
    follower = Chains(files, world.manifest)
    (only,) = named(world, "v8")
    follower.require_named(credential(world, "v8"), (only,))
    read = len(files.reads)
    follower.require_named(credential(world, "v0"), named(world, "v0"))
    assert len(files.reads) == read
    content = jcs({"body": {"no": "ballot"}, "signatures": [], "type": "ballot"})
    world.board.append(encode_entry(content))
    index = world.log(make_ballot(world, "again", "v8", CASTS[6].selections), ())
    world.publish()
    follower.require_whole(credential(world, "v8"), (only,), answer(world, index))
    assert len(files.reads) > read


def test_log_that_was_rewritten_is_not_followed() -> None:
    world = build_election(until="voting")
    files = Growing(world)
    follower = Chains(files, world.manifest)
    (only,) = named(world, "v8")
    follower.require_named(credential(world, "v8"), (only,))
    files.world = build_election(until="close", bend={"identified 1": None})
    with pytest.raises(LogProofError, match="not the one"):
        follower.require_named(credential(world, "v8"), (replace(only, index=len(world.board.entries)),))


def test_reading_that_broke_off_is_done_again() -> None:
    world = build_election(until="voting")

    class Failing(Growing):
        broken = True

        def read(self, path: str) -> bytes:
            if self.broken and "entries" in path:
                raise MissingFile(path)
            return super().read(path)

    files = Failing(world)
    follower = Chains(files, world.manifest)
    with pytest.raises(BoardError):
        follower.require_named(credential(world, "v0"), named(world, "v0"))
    files.broken = False
    first, second = named(world, "v0")
    follower.require_whole(credential(world, "v0"), (first,), second)
