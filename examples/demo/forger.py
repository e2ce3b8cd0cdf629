"""Voters and outsiders who try what is forbidden, and show what the board told them.

    python -m examples.demo.forger before|during|after PLAN SERVER IDENTITY DIGEST OUTBOX

Prints how often the board refused for which reason, as JSON. Every refusal must bear the board's signature
and name what was sent; the program fails when one does not, or when anything is taken. The last line of the
plan is a voter who is struck from the electronic roll during voting. What the forgers learn before the
opening they keep beside the plan and use later.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import httpx

from bulletin_board.client import BoardClient
from bulletin_board.durable_file import write_durably
from bulletin_board.problem import open_problem
from bulletin_board.records.manifest import Manifest
from crypto.crockford import decode_code
from evote.voter.booth import VotingRight, join_right
from evote.voter.identity_client import IdentityClient
from evote.voter.mailbox import read_newest_code
from evote.voter.plan import PlannedVoter, read_plan
from evote.voter.polling import PollingPlace
from examples.demo.forgeries import Forgeries, Forgery, honest

TRIES = 10
"""How often something that the board has not decided yet is sent again."""


class TakenError(Exception):
    """Something forbidden was not refused as it should be."""


@dataclass(frozen=True, slots=True)
class Known:
    """A voter with both parts of her credential, which nobody can take away again."""

    planned: PlannedVoter
    bits: dict[str, bytes]
    credential: bytes


def main(when: str, plan: Path, server: str, identity: str, digest: str, outbox: Path) -> None:
    """Try what there is to try at this time."""
    planned = read_plan(plan)
    kept = plan.with_name("forgers-kept.json")
    with BoardClient(server) as board:
        place = PollingPlace.enter(board, bytes.fromhex(digest))
        if when == "before":
            _keep(kept, [_identify(voter, identity, outbox) for voter in planned])
        people = _kept(kept, planned)
        rights = [_right(person, place, board) for person in people]
        refusals: Counter[str] = Counter()
        for forgery in _forgeries(when, people, rights, place, board):
            refusals[attempt(forgery, server, place.parameters.manifest)] += 1
    print(json.dumps(refusals))


def _forgeries(
    when: str, people: list[Known], rights: list[VotingRight], place: PollingPlace, board: BoardClient
) -> Iterator[Forgery]:
    if when == "during":
        choices = people[0].planned.choices
        yield from Forgeries(place, board, rights[0], rights[-1], choices)
        return
    expected = {"before": "not-open", "after": "closed"}[when]
    for person, right in zip(people[:-1], rights[:-1], strict=True):
        body = honest(place, board, right, person.planned.choices)
        yield Forgery.of(f"a good ballot {when} voting", body, expected)


def attempt(forgery: Forgery, server: str, manifest: Manifest) -> str:
    """Send it, and give the code of the refusal."""
    headers = {"content-type": "application/json"}
    for _ in range(TRIES):
        answer = httpx.post(f"{server}/ballots", content=forgery.content, headers=headers, timeout=60)
        if answer.status_code != httpx.codes.ACCEPTED:
            break
        time.sleep(manifest.beat / 1000)
    if answer.is_success:
        raise TakenError(f"{forgery.what}: answered {answer.status_code}, and not refused")
    problem = open_problem(answer.content, manifest)
    if problem.digest != sha256(forgery.content).digest() or problem.election_id != manifest.election_id:
        raise TakenError(f"{forgery.what}: the refusal is of something else")
    if problem.code != forgery.expected:
        raise TakenError(
            f"{forgery.what}: refused as {problem.code}, not {forgery.expected}: {problem.detail}"
        )
    return problem.code


def _identify(voter: PlannedVoter, identity: str, outbox: Path) -> Known:
    with IdentityClient(identity) as desk:
        session = desk.begin(voter.personal_number, voter.reference, language=voter.language)
        code = read_newest_code(outbox, voter.reference, voter.email)
        identified = desk.finish(session, code, language=voter.language)
    bits = {"registrar": decode_code(voter.code), "identity": identified.bits}
    return Known(voter, bits, identified.credential)


def _right(person: Known, place: PollingPlace, board: BoardClient) -> VotingRight:
    row = place.row_of(board.credential(person.credential, place.parameters.manifest))
    return join_right(place.parameters, person.bits, row)


def _keep(path: Path, people: list[Known]) -> None:
    kept = [
        {
            "credential": person.credential.hex(),
            "bits": {key: bits.hex() for key, bits in person.bits.items()},
        }
        for person in people
    ]
    write_durably(path, json.dumps(kept).encode())


def _kept(path: Path, planned: tuple[PlannedVoter, ...]) -> list[Known]:
    return [
        Known(
            voter,
            {key: bytes.fromhex(bits) for key, bits in kept["bits"].items()},
            bytes.fromhex(kept["credential"]),
        )
        for voter, kept in zip(planned, json.loads(path.read_bytes()), strict=True)
    ]


if __name__ == "__main__":
    _, when_, plan_, server_, identity_, digest_, outbox_ = sys.argv
    try:
        main(when_, Path(plan_), server_, identity_, digest_, Path(outbox_))
    except TakenError as exc:
        sys.exit(f"forger: {exc}")
