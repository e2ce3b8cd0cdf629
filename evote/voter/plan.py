"""What headless voters are to do, and what came of it: files with one JSON object on each line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from evote.errors import VoterError

MAX_PLAN_BYTES = 256 << 20

Action = Literal["cast", "check", "check-then-cast"]
Step = Literal["check", "cast"]
Outcome = Literal["receipt", "checked", "refused", "unknown"]


class PlannedVoter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One voter: what came by post, who it is, and what is to be chosen."""

    reference: Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")]
    personal_number: str
    language: str
    email: str
    code: str  # of the letter
    choices: dict[str, list[str]]  # contest id → option ids
    action: Action = "cast"
    not_before: int = 0  # POSIX seconds

    def __repr__(self) -> str:
        return f"PlannedVoter({self.reference})"


class Result(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of it; a voter who checks and then casts has two.

    outcome: `receipt`: on the log after all others of its credential, the receipt verified; `checked`;
        `refused`: by the board, by the identity service, or on the voter's own side; `unknown`: something
        unforeseen; if a digest is there, a ballot was sent and may be on the log; if an index is there too,
        it is, but may not count
    code:    of the refusal; `voter` when nothing was sent because what the voter brought does not fit
    index:   of the ballot's entry
    votes_before, votes_after: valid ballots of this credential, by the board's word
    """

    reference: str
    action: Step
    outcome: Outcome
    choices: dict[str, list[str]]
    code: str | None = None
    detail: str | None = None
    tracking_code: str | None = None
    ballot_digest: str | None = None
    index: int | None = None
    receipt_file: str | None = None
    opening_file: str | None = None
    votes_before: int | None = None
    votes_after: int | None = None


def read_plan(path: Path) -> tuple[PlannedVoter, ...]:
    """The voters of a plan, in its order.

    Raises:
        VoterError: the file cannot be read, or a line is no voter.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PLAN_BYTES)
    except OSError as exc:
        raise VoterError(f"plan {path.name}: {exc.strerror}") from exc
    return tuple(_lines(data, path.name))


def encode_result(result: Result) -> bytes:
    """The line of a result, its newline included."""
    return msgspec.json.encode(result) + b"\n"


def _lines(data: bytes, name: str) -> Iterator[PlannedVoter]:
    decoder = msgspec.json.Decoder(PlannedVoter)
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            # What is wrong would be quoted, and codes stand on the line.
            raise VoterError(f"plan {name}: line {number} is no voter") from None
