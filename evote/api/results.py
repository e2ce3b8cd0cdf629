"""A result as tables for people: names for ids, shares for counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bulletin_board.records.contests import Contest
from bulletin_board.records.fields import Localized
from bulletin_board.records.tally import ContestResult
from evote.api.record_view import Overview, adds_up
from trustees.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One line of a table."""

    title: str
    votes: int
    permille: int  # of the ballots, rounded
    share: str  # the same in percent, as text


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """The counts of one cell."""

    title: str
    ballots: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ContestTable:
    """One contest of the result."""

    id: str
    title: str
    ballots: int
    withheld: int
    outcome: str
    trace: tuple[str, ...]
    options: tuple[OptionRow, ...]
    places: tuple[PlaceRow, ...]


def contest_tables(overview: Overview, texts: Catalogue, language: str) -> tuple[ContestTable, ...] | None:
    """The result in the reader's language, contest by contest.

    Returns:
        Nothing where there is no result yet; None where its numbers do not add up.
    """
    result, aggregate, manifest = overview.result, overview.aggregate, overview.manifest
    if result is None:
        return ()
    if aggregate is None or not adds_up(result, aggregate, manifest):
        return None
    return tuple(
        _table(overview, contest, found, texts, language)
        for contest, found in zip(manifest.contests, result.contests, strict=True)
    )


def _table(
    overview: Overview, contest: Contest, found: ContestResult, texts: Catalogue, language: str
) -> ContestTable:
    cells = overview.aggregate.cells if overview.aggregate else ()
    withheld = overview.aggregate.withheld if overview.aggregate else ()
    counted = overview.result.cells if overview.result else ()
    ballots = sum(cell.ballots for cell in cells if cell.contest == contest.id)
    titles = {option.id: translated(option.title, language) for option in contest.options}
    units = {unit.id: translated(unit.title, language) for unit in overview.manifest.reporting_units}
    names = ", ".join(titles[option] for option in found.outcome.options)
    return ContestTable(
        id=contest.id,
        title=translated(contest.title, language),
        ballots=ballots,
        withheld=sum(cell.ballots for cell in withheld if cell.contest == contest.id),
        outcome=texts.text(f"page-outcome-{found.outcome.kind}", names=names),
        trace=tuple(
            texts.text(f"page-trace-{line.label}", left=line.left, right=line.right)
            for line in found.outcome.trace
        ),
        options=tuple(
            _row(title, votes, ballots, texts)
            for title, votes in zip(titles.values(), found.totals, strict=True)
        ),
        places=tuple(
            PlaceRow(_joined(cell.members, units), cell.ballots, own.counts)
            for cell, own in zip(cells, counted, strict=True)
            if cell.contest == contest.id
        ),
    )


def _row(title: str, votes: int, ballots: int, texts: Catalogue) -> OptionRow:
    permille = (2000 * votes + ballots) // (2 * ballots) if ballots else 0
    whole, tenth = divmod(permille, 10)
    separator = "." if texts.language == "en" else ","
    return OptionRow(title, votes, permille, texts.text("page-percent", value=f"{whole}{separator}{tenth}"))


def _joined(members: Sequence[str], units: dict[str, str]) -> str:
    return ", ".join(units.get(unit, unit) for unit in members)


def translated(text: Localized, language: str) -> str:
    """A text of the record in this language, or in the first that it has."""
    return text[language] if language in text else next(iter(text.values()))
