"""The end of the demonstration: what was counted beside what was chosen, and the verdict."""

import json
from collections import Counter
from typing import Any

from rich.table import Table

from examples.demo.electorate import expected
from examples.demo.programs import ProgramError, run
from examples.demo.setting_up import digest
from examples.demo.stage import Stage
from examples.demo.voting import Story


def compare(stage: Stage, story: Story) -> list[str]:
    """Every way in which the record is not what really happened; nothing is the good answer."""
    verdict = _verdict(stage)
    wrong = [] if verdict["exit_code"] == 0 else [f"verdict: {verdict['verdict']}"]
    chosen = expected(stage.voters, list(stage.contest_ids))
    results = {result["contest"]: result for result in verdict["results"] or ()}
    for contest in stage.contest_ids:
        published = Counter(results[contest]["totals"]) if contest in results else Counter()
        wrong += [
            f"{contest}, {option}: {published[option]}, chosen {chosen[contest][option]}"
            for option in sorted(published.keys() | chosen[contest].keys())
            if published[option] != chosen[contest][option]
        ]
    ballots = sum(len(voter.ballots) for voter in stage.voters)
    if story.receipts != ballots:
        wrong.append(f"receipts: {story.receipts} for {ballots} ballots cast")
    early = stage.folder / "record-before-decryption"
    try:
        run("evote-verify", early, "--manifest-digest", digest(stage), expect=2)
    except ProgramError as exc:
        wrong.append(f"the record before the decryption is not incomplete: {exc}")
    return wrong


def show(stage: Stage, story: Story, wrong: list[str], *, seconds: float) -> None:
    """The last lines."""
    console, verdict = stage.console, _verdict(stage)
    chosen = expected(stage.voters, list(stage.contest_ids))
    for result in verdict["results"] or ():
        console.print(_table(result, chosen[result["contest"]]))
    console.rule("What happened")
    facts = {
        "ballots cast, each with a verified receipt": story.receipts,
        "re-votes": story.again,
        "revoked (voted on paper)": story.revoked,
        "reissued (letter lost)": story.reissued,
        "checks before casting": story.checks,
        "merged cells": _merged(verdict),
        "refusals": ", ".join(f"{code} {count}" for code, count in sorted(story.refusals.items())),
    }
    for what, value in facts.items():
        console.print(f"{what}: {value}", soft_wrap=True)
    for line in wrong:
        console.print(f"[bold red]not as it must be:[/] {line}", markup=True)
    counts = "the published counts are what the voters chose" if not wrong else "the counts DIFFER"
    console.print(f"record: {stage.folder / 'record'} ({seconds:.0f} s in all)", soft_wrap=True)
    console.print(f"verdict: {verdict['verdict']}; {counts}", soft_wrap=True)


def _verdict(stage: Stage) -> dict[str, Any]:
    verdict: dict[str, Any] = json.loads((stage.folder / "verdict.json").read_text())
    return verdict


def _table(result: dict[str, Any], chosen: Counter[str]) -> Table:
    outcome = f"{result['outcome']['kind']} {', '.join(result['outcome']['options'])}"
    table = Table(title=f"{result['contest']}: {outcome}", title_style="bold", min_width=60)
    for column in ("option", "published", "chosen"):
        table.add_column(column, justify="left" if column == "option" else "right")
    for option, count in result["totals"].items():
        table.add_row(option, str(count), str(chosen[option]))
    table.add_row("ballots", str(result["ballots"]), str(sum(chosen.values())), style="dim")
    return table


def _merged(verdict: dict[str, Any]) -> str:
    """How many cells hold several places, each of which would have been too small alone."""
    cells = [cell for result in verdict["results"] or () for cell in result["cells"]]
    merged = [cell for cell in cells if len(cell["members"]) > 1]
    places = sum(len(cell["members"]) for cell in merged)
    return f"{len(merged)} of {len(cells)}, which hold {places} places"
