"""From the opening to the last ballot: voting, voting again, paper, a lost letter, and what is refused."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from examples.demo.electorate import Voter, plan
from examples.demo.letters import read_code
from examples.demo.programs import at_once, run, run_all
from examples.demo.setting_up import digest, identity, identity_key, post, registrar, registrar_key
from examples.demo.stage import Stage

VOTER_PROGRAMS = 2
VOTERS_AT_ONCE = 24
"""How many voters one program acts for at the same time."""


@dataclass(slots=True)
class Story:
    """What happened, as the people outside the board know it."""

    receipts: int = 0
    again: int = 0
    checks: int = 0
    revoked: int = 0
    reissued: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    receipt_files: list[Path] = field(default_factory=list)
    opening_files: list[Path] = field(default_factory=list)
    unused: str | None = None  # the credential of somebody who stayed at home


def vote(stage: Stage) -> Story:
    """Open, vote, and everything that comes between."""
    story = Story()
    stage.console.rule("Voting")
    codes = _open_letters(stage, stage.voters)
    _plan_forgeries(stage, codes)
    forge(stage, story, "before")
    stage.wait_until(stage.opens_at, "waiting for the hour of opening")
    with stage.step("opening, signed by two authorities"):
        decide(stage, "open")
    everybody = [voter for voter in stage.voters if voter.ballots]
    with stage.step(f"{len(everybody)} voters identify, encrypt, cast and check their receipts"):
        _cast(stage, story, "first", _lines(stage, everybody, 0, codes))
    with stage.step("who voted on paper is struck; a lost letter is replaced"):
        codes |= _strike_and_reissue(stage, story)
    for turn, name in ((1, "second"), (2, "third")):
        again = [voter for voter in stage.voters if len(voter.ballots) > turn]
        with stage.step(f"{len(again)} voters vote again ({name} time)"):
            _cast(stage, story, name, _lines(stage, again, turn, codes))
            story.again += len(again)
    with stage.step("forgers try their luck"):
        forge(stage, story, "during")
    return story


def _plan_forgeries(stage: Stage, codes: dict[str, str]) -> None:
    """Forgers have codes like everybody; the last of them is struck later on, for voting on paper."""
    forgers = [voter for voter in stage.voters if voter.role == "forger"]
    paper = [voter for voter in stage.voters if voter.role == "paper"][:1]
    _write_lines(_forgers_plan(stage), _lines(stage, [*forgers, *paper], 0, codes))


def _forgers_plan(stage: Stage) -> Path:
    return stage.folder / "voters" / "forgers.jsonl"


def forge(stage: Stage, story: Story, when: str) -> None:
    """Let the forgers work, and note what they were told."""
    printed = run(
        *("python", "-m", "examples.demo.forger", when, _forgers_plan(stage), stage.server, stage.identity),
        *(digest(stage), stage.folder / "outbox"),
    )
    story.refusals.update(json.loads(printed))


def decide(stage: Stage, what: str) -> None:
    """A decision of the commission: drafted, signed by two, posted."""
    draft = stage.signed(what)
    run("evote", "draft", what, "--server", stage.server, "--manifest", stage.manifest, "--out", draft)
    for authority in ("authority-1", "authority-2"):
        sign(stage, draft, authority)
    post(stage, what)


def sign(stage: Stage, file: Path, authority: str) -> None:
    """Add an authority's signature to a file."""
    key = ("--key", stage.key(authority), *stage.passphrase)
    run("evote", "sign", file, *key, "--manifest", stage.manifest)


def _open_letters(stage: Stage, voters: Iterable[Voter]) -> dict[str, str]:
    with stage.step("voters open their letters"):
        return {voter.reference: read_code(letter_of(stage, voter.reference)) for voter in voters}


def letter_of(stage: Stage, reference: str) -> Path:
    return stage.folder / "letters" / f"{reference}.pdf"


def _lines(stage: Stage, voters: Iterable[Voter], turn: int, codes: dict[str, str]) -> list[dict[str, Any]]:
    return [plan(voter, turn, codes[voter.reference], list(stage.contest_ids)) for voter in voters]


def _write_lines(path: Path, lines: Sequence[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def _cast(stage: Stage, story: Story, name: str, lines: list[dict[str, Any]]) -> None:
    folder = stage.folder / "voters"
    shares = [share for number in range(VOTER_PROGRAMS) if (share := lines[number::VOTER_PROGRAMS])]
    commands = []
    for number, share in enumerate(shares):
        path = folder / f"plan-{name}-{number}.jsonl"
        _write_lines(path, share)
        commands.append(
            [
                *("evote", "vote", "--server", stage.server, "--identity", stage.identity),
                *("--manifest-digest", digest(stage), "--outbox", stage.folder / "outbox", "--plan", path),
                *("--results", path.with_suffix(".results.jsonl"), "--files", folder / "files"),
                *("--concurrency", VOTERS_AT_ONCE),
            ]
        )
    run_all(commands)
    for number in range(len(shares)):
        results = (folder / f"plan-{name}-{number}.results.jsonl").read_text().splitlines()
        for result in map(json.loads, results):
            _note(story, result)


def _note(story: Story, result: dict[str, Any]) -> None:
    if result["outcome"] == "receipt":
        story.receipts += 1
        story.receipt_files.append(Path(result["receipt_file"]))
    elif result["outcome"] == "checked":
        story.checks += 1
        story.opening_files.append(Path(result["opening_file"]))
    else:
        story.refusals[result.get("code", result["outcome"])] += 1


def _strike_and_reissue(stage: Stage, story: Story) -> dict[str, str]:
    paper = [voter.reference for voter in stage.voters if voter.role == "paper"]
    lost = [voter.reference for voter in stage.voters if voter.role == "reissued"]
    drafts = stage.folder / "signed" / "paper"
    registrar(stage, "paper", *paper, *registrar_key(stage), "--out-dir", drafts)
    files = sorted(drafts.glob("*.json"))
    for reference in lost:
        part = stage.folder / f"part-{reference}.json"
        identity(stage, "reissue", reference, *identity_key(stage), "--out", part)
        file = stage.signed(f"reissue-{reference}")
        bring = ("--their-part", part, *registrar_key(stage), "--letters", stage.folder / "letters")
        registrar(stage, "reissue", reference, *bring, "--out", file)
        files.append(file)
    at_once(lambda file: _countersign(stage, file), files)
    run("evote", "post", *files, "--server", stage.server, "--manifest", stage.manifest)
    # The identity service reads the log every few beats, and then hands out the new part.
    time.sleep(6 * stage.beat / 1000)
    story.revoked, story.reissued = len(paper), len(lost)
    return {reference: read_code(letter_of(stage, reference)) for reference in lost}


def _countersign(stage: Stage, file: Path) -> None:
    identity(stage, "sign", file, *identity_key(stage))
    sign(stage, file, "authority-1")
