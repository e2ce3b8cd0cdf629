"""Wrong sums. All trustees open them, and the result follows from them."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.bulk import Bulk
from bulletin_board.records.record import Record
from bulletin_board.records.tally import Aggregate
from crypto.elgamal import CiphertextArray, encrypt
from crypto.group import Scalar
from tests.support.ballots import scalar_for
from tests.support.election import MANIFEST, World, build_election
from tests.support.election_tally import aggregate_of, counted_ballots, decode_ballot, make_aggregate
from tests.support.sample_manifest import BOARD_KEY, manifest_json, manifest_of
from tests.tamper.harness import tampered
from verifier.report import Severity


def summing(change: Callable[[list[BallotBody], World], Sequence[BallotBody]]) -> World:
    """The sums of other ballots than those that count."""

    def bend(_: Record, world: World) -> Record:
        return aggregate_of(world, tuple(change(list(counted_ballots(world)), world)))

    return build_election(bend={"aggregate": bend})


def shifted(body: Record, place: int, by: int) -> Aggregate:
    """The same aggregate with one sum that encrypts more or less."""
    assert isinstance(body, Aggregate)
    assert isinstance(body.ciphertexts.form, bytes)
    rows = list(CiphertextArray.decode(body.ciphertexts.form))
    world = build_election()
    extra = encrypt(world.key, [Scalar.from_int(by)], [scalar_for(f"shift {place}")])
    rows[place] = rows[place] + extra[0]
    return replace(body, ciphertexts=Bulk(CiphertextArray.of(rows).encode()))


@tampered("8.1", "its cells are not those that the ballots and the merging rule give")
def dropped_ballot() -> World:
    """N51: one ballot is left out."""
    return summing(lambda ballots, _: ballots[1:])


@tampered("8.1", "its cells are not those")
def doubled_ballot() -> World:
    """N51: one ballot counts twice."""
    return summing(lambda ballots, _: [*ballots, ballots[0]])


@tampered("8.1", "its cells are not those")
def extra_ballot() -> World:
    """N51, N31: the ballot that came too late counts."""
    return summing(
        lambda ballots, world: [*ballots, decode_ballot(world.board.entries[world.index["ballot 15"]])]
    )


@tampered("8.1", "its cells are not those")
def revoked_ballot_counts() -> World:
    """The ballot of a voter who voted on paper counts as well."""
    return summing(
        lambda ballots, world: [*ballots, decode_ballot(world.board.entries[world.index["ballot 1"]])]
    )


@tampered("8.2", "contest president, cell north, option aida: not the sum")
def first_instead_of_last() -> World:
    """N30: a voter's first ballot counts instead of the last."""

    def change(ballots: list[BallotBody], world: World) -> Sequence[BallotBody]:
        first = decode_ballot(world.board.entries[world.index["ballot 0"]])
        return [first if each.credential == first.credential else each for each in ballots]

    return summing(change)


@tampered("8.2", "contest president, cell north, option aida: not the sum")
def dropped_and_doubled() -> World:
    """N51: one ballot stands in for another of its unit, so that all sizes are right."""

    def change(ballots: list[BallotBody], world: World) -> Sequence[BallotBody]:
        own = [each for each in ballots if world.places[bytes(each.credential)][1] == "north-1"]
        return [own[0] if each is own[1] else each for each in ballots]

    return summing(change)


@tampered("8.2", "contest council, cell south-1, option list-a: not the sum")
def moved_votes() -> World:
    """A vote is taken from one option and given to another."""

    def bend(body: Record, _: World) -> Record:
        # president has three cells of three options; council's second cell begins at 9 + 4.
        return shifted(shifted(body, 13, -1), 15, 1)

    return build_election(bend={"aggregate": bend})


@tampered("8.1", "its cells are not those")
def unmerged_cells() -> World:
    """N52: a cell too small is opened by itself."""

    def bend(body: Record, world: World) -> Record:
        assert isinstance(body, Aggregate)
        world.manifest = manifest_of(manifest_json() | {"min_unit_size": 1})
        made = make_aggregate(world)
        world.manifest = MANIFEST
        assert len(made.cells) > len(body.cells)
        return made

    return build_election(bend={"aggregate": bend})


@tampered("8.1", "what it withholds is not what the merging rule withholds")
def hidden_group() -> World:
    """A group that must be withheld is not mentioned."""
    return withholding(lambda body: replace(body, withheld=()))


@tampered("8.2", "23 ciphertexts for 21 options|ciphertexts for")
def one_sum_more() -> World:
    """N52: a single ballot's ciphertexts stand behind the sums."""

    def bend(body: Record, world: World) -> Record:
        assert isinstance(body, Aggregate)
        assert isinstance(body.ciphertexts.form, bytes)
        single = decode_ballot(world.board.entries[world.index["ballot 2"]]).ciphertexts.form
        assert isinstance(single, bytes)
        return replace(body, ciphertexts=Bulk(body.ciphertexts.form + single))

    return _only_posted(bend)


@tampered("8.2", "ciphertexts: no canonical ristretto255 encoding")
def sum_outside_the_group() -> World:
    """N4: a sum that is no element."""

    def bend(body: Record, _: World) -> Record:
        assert isinstance(body, Aggregate)
        assert isinstance(body.ciphertexts.form, bytes)
        return replace(body, ciphertexts=Bulk(b"\xff" * 32 + body.ciphertexts.form[32:]))

    return _only_posted(bend)


@tampered("8.2", "contest president, cell north, option aida: not the sum", severity=Severity.WARNING)
def corrected_aggregate() -> World:
    """A wrong aggregate that the board puts right before anybody confirms it."""

    def post_wrong(world: World) -> None:
        world.log(shifted(make_aggregate(world), 0, 1), [BOARD_KEY])

    return build_election(before={"aggregate": post_wrong})


def _only_posted(bend: Callable[[Record, World], Record]) -> World:
    """A record that ends with a wrong aggregate."""
    world = build_election(before={"aggregate": lambda _: None}, until="close")
    world.log(bend(make_aggregate(world), world), [BOARD_KEY])
    world.publish()
    return world


def withholding(change: Callable[[Aggregate], Aggregate]) -> World:
    """An election in which so few city voters take part that the bridge must be withheld."""

    def bend(body: Record, _: World) -> Record:
        assert isinstance(body, Aggregate)
        assert body.withheld
        return change(body)

    without = {f"ballot {place}": None for place in (4, 5, 9, 14)}
    return build_election(bend=without | {"ballot 0": None, "aggregate": bend})
