"""The report for people: what was checked, what was found, what the election came to.

Everything that a record says is untrusted text here: it is shown, never interpreted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bulletin_board.records.manifest import Manifest
from crypto.backend import ACTIVE
from verifier.checks.check_11_result import ContestOutcome
from verifier.election import ElectionView, Pins
from verifier.report import STAGE_OF, TITLE_OF, CheckReport, Grade, Report

_SHOWN = 20  # findings of one check; the JSON form has them all
_LONGEST = 400  # characters of one line from the record

_STYLE = {Grade.PASSED: "green", Grade.FAILED: "bold red", Grade.INCOMPLETE: "yellow"}
_VERDICT = {
    Grade.PASSED: "PASS: everything that this record claims was recomputed and is true.",
    Grade.FAILED: "FAIL: something in this record is wrong; see above.",
    Grade.INCOMPLETE: "INCOMPLETE: what is there is right, but this record does not hold everything yet.",
}


def print_report(
    report: Report, view: ElectionView, pins: Pins, console: Console, language: str | None = None
) -> None:
    """Print the whole report; titles are in `language`, or the first of the manifest."""
    manifest = view.manifest
    if manifest is not None:
        shown = language if language in manifest.languages else manifest.languages[0]
        console.print(_plain(f"{manifest.title[shown]} ({manifest.election_id})"), style="bold")
        _print_digest(manifest, pins, console)
    if view.log is not None:
        console.print(f"Entries of the log: {view.log.tree_size}. Arithmetic: {ACTIVE.name}.")
    console.print(_checks_table(report.checks))
    for check in report.checks:
        _print_details(check, console)
    if manifest is not None:
        for outcome in view.outcome or ():
            console.print(_result_table(outcome, manifest, shown))
            console.print(_outcome_line(outcome, manifest, shown))
    for stage, grade in report.stages.items():
        console.print(Text.assemble(f"Stage {stage}: ", (grade, _STYLE[grade])))
    console.print(Text(_VERDICT[report.verdict], style=_STYLE[report.verdict]))


def print_unreadable(reason: str, console: Console) -> None:
    """Say that what was given is no record that this verifier can read."""
    console.print(_plain(reason), soft_wrap=True)
    console.print(Text("UNREADABLE: nothing was verified.", style=_STYLE[Grade.FAILED]))


def _print_digest(manifest: Manifest, pins: Pins, console: Console) -> None:
    console.print(f"Manifest digest: {manifest.digest.hex()}")
    if pins.manifest_digest is None:
        console.print(
            "Not pinned: compare this digest with the published one, or give it with --manifest-digest.",
            style="yellow",
        )


def _checks_table(checks: Sequence[CheckReport]) -> Table:
    table = Table("Check", "", "Stage", "Ran on", "Verdict")
    for check in checks:
        counts = ", ".join(
            f"{count.ran} {count.noun}"
            if count.ran == count.expected
            else f"{count.ran} of {count.expected} {count.noun}"
            for count in check.counts
        )
        table.add_row(
            str(check.number),
            TITLE_OF[check.number],
            STAGE_OF[check.number],
            counts or "nothing",
            Text(check.grade, style=_STYLE[check.grade]),
        )
    return table


def _print_details(check: CheckReport, console: Console) -> None:
    lines = (
        *(f"{each.severity} {each.rule}: {each.subject}: {each.reason}" for each in check.findings),
        *(f"missing {each.check}: {each.subject}: {each.reason}" for each in check.gaps),
        *(f"note {check.number}: {each}" for each in check.notes),
    )
    for line in lines[:_SHOWN]:
        console.print(_plain(line), soft_wrap=True)
    if len(lines) > _SHOWN:
        console.print(f"check {check.number}: {len(lines) - _SHOWN} lines more, all of them with --json")


def _result_table(outcome: ContestOutcome, manifest: Manifest, language: str) -> Table:
    contest = manifest.contest(outcome.contest)
    table = Table("", "Votes", title=_plain(contest.title[language]), title_justify="left")
    for option, total in zip(contest.options, outcome.totals, strict=True):
        table.add_row(_plain(option.title[language]), str(total))
    table.add_row("Ballots", str(outcome.ballots), style="dim")
    return table


def _outcome_line(outcome: ContestOutcome, manifest: Manifest, language: str) -> Text:
    options = {option.id: option.title[language] for option in manifest.contest(outcome.contest).options}
    names = _names(options[option] for option in outcome.outcome.options)
    compared = "; ".join(f"{line.label}: {line.left} and {line.right}" for line in outcome.outcome.trace)
    return _plain(f"{outcome.outcome.kind}{names} ({compared})")


def _names(titles: Iterable[str]) -> str:
    listed = ", ".join(titles)
    return f": {listed}" if listed else ""


def _plain(text: str) -> Text:
    """Text that can do nothing to a terminal, in bounded length."""
    printable = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    return Text(printable if len(printable) <= _LONGEST else printable[:_LONGEST] + "…")
