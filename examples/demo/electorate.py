"""Who votes for what, and what happens to them: drawn close to the real outcome, the same at every run."""

import csv
import random
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Choices = dict[str, list[str]]

ABSTAIN = 12
RE_VOTE = 14
VOTE_TWICE_MORE = 3
ON_PAPER = 5
REISSUED = 1
CHECK_FIRST = 2
RESERVED_FOR_FORGERS = 2
"""Voters with a letter who also try what is forbidden; they cast one honest ballot each in the end."""

TIMES = {"absent": 0, "again": 2, "again-twice": 3, "reissued": 2}
"""How often those of a role vote, if not once."""


@dataclass(frozen=True, slots=True)
class Voter:
    reference: str
    personal_number: str
    language: str
    email: str
    ballots: tuple[tuple[str, ...], ...]  # option ids, one per contest, for each time this voter votes
    role: str  # "once", "again", "again-twice", "paper", "reissued", "check", "forger", "absent"


def draw(example: Path, *, seed: int) -> list[Voter]:
    """The voters of the list with what each will do."""
    with (example / "voters.csv").open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    outcome = tomllib.loads((example / "outcome.toml").read_text(encoding="utf-8"))
    chance = random.Random(seed)  # noqa: S311 — chance for a demonstration, no secret
    roles = _roles(len(people), chance)
    return [
        Voter(
            reference=person["reference"],
            personal_number=person["personal_number"],
            language=person["language"],
            email=person["email"],
            ballots=tuple(_one_ballot(outcome, chance) for _ in range(TIMES.get(role, 1))),
            role=role,
        )
        for person, role in zip(people, roles, strict=True)
    ]


def contests(example: Path) -> list[str]:
    """Contest ids in the order of the ballot."""
    definition = tomllib.loads((example / "election.toml").read_text(encoding="utf-8"))
    return [contest["id"] for contest in definition["contests"]]


def expected(voters: Iterable[Voter], contest_ids: list[str]) -> Mapping[str, Counter[str]]:
    """What must come out: the last choice of everybody who is not struck from the electronic roll."""
    counts: dict[str, Counter[str]] = {contest: Counter() for contest in contest_ids}
    for voter in voters:
        if voter.ballots and voter.role != "paper":
            for contest, option in zip(contest_ids, voter.ballots[-1], strict=True):
                counts[contest][option] += 1
    return counts


def plan(voter: Voter, turn: int, code: str, contest_ids: list[str]) -> dict[str, Any]:
    """The line of a plan with which a headless voter acts for this one."""
    action = "check-then-cast" if voter.role == "check" else "cast"
    choices: Choices = {
        contest: [option] for contest, option in zip(contest_ids, voter.ballots[turn], strict=True)
    }
    return {
        "reference": voter.reference,
        "personal_number": voter.personal_number,
        "language": voter.language,
        "email": voter.email,
        "code": code,
        "choices": choices,
        "action": action,
    }


def _roles(number: int, chance: random.Random) -> list[str]:
    special = (
        ["absent"] * ABSTAIN
        + ["again"] * RE_VOTE
        + ["paper"] * ON_PAPER
        + ["reissued"] * REISSUED
        + ["check"] * CHECK_FIRST
        + ["forger"] * RESERVED_FOR_FORGERS
    )
    roles = special + ["once"] * (number - len(special))
    chance.shuffle(roles)
    thrice = [index for index, role in enumerate(roles) if role == "again"][:VOTE_TWICE_MORE]
    for index in thrice:
        roles[index] = "again-twice"
    return roles


def _one_ballot(outcome: Mapping[str, Any], chance: random.Random) -> tuple[str, ...]:
    return tuple(
        chance.choices(
            [option["id"] for option in contest["options"]],
            [option["votes"] for option in contest["options"]],
        )[0]
        for contest in outcome["contests"]
    )
