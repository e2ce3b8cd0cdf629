"""Results that do not follow from their own counts."""

from collections.abc import Callable

from msgspec.structs import replace

from bulletin_board.records.fields import Bytes64
from bulletin_board.records.record import Record
from bulletin_board.records.tally import ContestResult, Result, TraceLine
from tests.support.ballots import bytes_for
from tests.support.election import World, build_election
from tests.tamper.harness import tampered


def resulting(change: Callable[[Result], Result]) -> World:
    def bend(body: Record, _: World) -> Record:
        assert isinstance(body, Result)
        return change(body)

    return build_election(bend={"result": bend})


def with_contest(place: int, change: Callable[[ContestResult], ContestResult]) -> World:
    def of(body: Result) -> Result:
        contests = list(body.contests)
        contests[place] = change(contests[place])
        return replace(body, contests=tuple(contests))

    return resulting(of)


@tampered("11.1", r"contest president: totals \[6, 3, 2\], its cells make \[5, 4, 2\]")
def other_totals() -> World:
    """N57: totals that are not the sums of their cells."""
    return with_contest(0, lambda contest: replace(contest, totals=(6, 3, 2)))


@tampered("11.1", "contest council: the counting rule gives elected")
def other_winner() -> World:
    """The second is declared the winner."""
    return with_contest(1, lambda each: replace(each, outcome=replace(each.outcome, options=("list-b",))))


@tampered("11.1", "contest president: the counting rule gives second-round")
def no_second_round() -> World:
    """The leader is declared elected without a majority."""
    return with_contest(
        0, lambda each: replace(each, outcome=replace(each.outcome, kind="elected", options=("aida",)))
    )


@tampered("11.1", "contest bridge: the counting rule gives adopted .* or another trace")
def other_trace() -> World:
    """The trace claims a higher turnout."""

    def change(each: ContestResult) -> ContestResult:
        first, *others = each.outcome.trace
        line = TraceLine(label="turnout", left=first.left + 100, right=first.right)
        return replace(each, outcome=replace(each.outcome, trace=(line, *others)))

    return with_contest(2, change)


@tampered("11.1", "its contests are not those of the manifest")
def missing_contest() -> World:
    """A contest has no result."""
    return resulting(lambda body: replace(body, contests=body.contests[:-1]))


@tampered("11.1", r"lists trustees \[1, 2\], the lowest with valid decryptions are \[1, 3\]")
def other_trustees() -> World:
    """N56: a trustee that released nothing is listed."""
    return resulting(lambda body: replace(body, trustees=(1, 2)))


@tampered("11.1", "of another aggregate than the one that counts")
def other_aggregate() -> World:
    """N58: the result names sums that nobody posted."""
    return resulting(lambda body: replace(body, aggregate=Bytes64(bytes_for("aggregate", 64))))
