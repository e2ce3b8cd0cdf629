"""Results that are not what the sums hold."""

from msgspec.structs import replace

from bulletin_board.records.fields import Bytes64
from bulletin_board.records.record import Record
from bulletin_board.records.tally import Result
from tests.support.election import World, build_election
from tests.support.election_tally import make_result, result_of
from tests.support.sample_manifest import BOARD_KEY
from tests.tamper.cases.check_08_aggregates import shifted
from tests.tamper.harness import tampered


def counting(place: int, counts: tuple[int, ...]) -> World:
    """The result states other counts of one cell; totals and outcomes follow from them."""

    def bend(body: Record, world: World) -> Record:
        assert isinstance(body, Result)
        cells = list(body.cells)
        cells[place] = replace(cells[place], counts=counts)
        return result_of(world, tuple(cells), body.trustees)

    return build_election(bend={"result": bend})


def claiming(place: int, by: int) -> World:
    """One sum is shifted by so many votes, and the result claims what was true before."""
    honest = make_result(build_election(until="tally"))
    world = build_election(bend={"aggregate": lambda body, _: shifted(body, place, by)}, until="tally")
    digest = Bytes64(world.aggregates[-1].digest(world.context))
    world.log(replace(honest, aggregate=digest), [BOARD_KEY])
    world.publish()
    return world


@tampered("10.1", r"contest president, cell north: says \[0, 4, 0\], the sums hold \[1, 3, 0\]")
def off_by_one() -> World:
    """N57: one vote moves from one option to another; the sum stays."""
    return counting(0, (0, 4, 0))


@tampered("10.1", "contest council, cell south-2: says")
def more_votes_than_ballots() -> World:
    """N57: an option has more votes than the cell has ballots."""
    return counting(5, (5, 0, 0, 0))


@tampered("10.1", "its cells and options are not those of the aggregate")
def missing_cell() -> World:
    """The result leaves a cell out."""

    def bend(body: Record, _: World) -> Record:
        assert isinstance(body, Result)
        return replace(body, cells=body.cells[1:])

    return build_election(bend={"result": bend})


@tampered("10.1", "its cells and options are not those of the aggregate")
def missing_option() -> World:
    """The result leaves an option of a cell out."""

    def bend(body: Record, _: World) -> Record:
        assert isinstance(body, Result)
        first, *others = body.cells
        return replace(body, cells=(replace(first, counts=first.counts[:-1]), *others))

    return build_election(bend={"result": bend})


@tampered("10.1", "contest president, cell north: discrete logarithm", others=(8,))
def impossible_sum() -> World:
    """N57: a sum that encrypts a thousand votes; no count comes out, and any count is claimed."""
    return claiming(0, 1000)


@tampered("10.2", "contest council, cell south-1: .* votes by weight are not possible", others=(8,))
def too_many_votes() -> World:
    """N57: every option of a cell has all its ballots, more than the ballots could hold."""

    def bend(body: Record, _: World) -> Record:
        for place, by in ((13, 2), (14, 2), (15, 3)):
            body = shifted(body, place, by)
        return body

    return build_election(bend={"aggregate": bend})


@tampered("10.2", "contest president, cell south-1, option bakyt: 4 votes from 3 ballots", others=(8,))
def more_votes_in_a_small_cell() -> World:
    """A count that another cell could have, but not this one."""
    return claiming(4, 4)
