"""`evote vote`: headless voters, one for every line of a plan, several at a time."""

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from bulletin_board.client import BoardClient
from bulletin_board.durable_file import PRIVATE, make_private_folder
from evote.terminal import REFUSED, Program, out
from evote.voter.identity_client import IdentityClient
from evote.voter.plan import PlannedVoter, Result, encode_result, read_plan
from evote.voter.polling import PollingPlace
from evote.voter.voter import HeadlessVoter, VoterTools

app = typer.Typer(cls=Program, help="Voters without a browser.", no_args_is_help=True)

_DIGEST_BYTES = 32


def _digest(text: str) -> bytes:
    digest = bytes.fromhex(text)
    if len(digest) != _DIGEST_BYTES:
        raise ValueError("64 hex digits are needed")
    return digest


@app.command()
def vote(
    server: Annotated[str, typer.Option(help="Address of the voting server.")],
    identity: Annotated[str, typer.Option(help="Address of the identity service.")],
    manifest_digest: Annotated[
        bytes, typer.Option(parser=_digest, metavar="HEX", help="As published out of band, 64 hex digits.")
    ],
    outbox: Annotated[Path, typer.Option(help="Folder in which the mails arrive.", exists=True)],
    plan: Annotated[Path, typer.Option(help="Who votes for what, JSON lines.", exists=True, dir_okay=False)],
    results: Annotated[Path, typer.Option(help="File to write, JSON lines; is replaced.", dir_okay=False)],
    files: Annotated[
        Path | None, typer.Option(help="Folder for receipts and openings; beside the results by default.")
    ] = None,
    concurrency: Annotated[int, typer.Option(help="Voters at a time.", min=1, max=256)] = 8,
    patience: Annotated[int, typer.Option(help="Seconds to wait for the board with a ballot.", min=1)] = 60,
) -> None:
    """Act for every voter of a plan. Refusals are results; only what nobody foresaw ends with 1."""
    planned = read_plan(plan)
    folder = results.with_suffix(".files") if files is None else files
    make_private_folder(folder)
    # It says who chose what.
    results.unlink(missing_ok=True)
    results.touch(mode=PRIVATE, exist_ok=False)
    outcomes: Counter[str] = Counter()
    with BoardClient(server) as board, IdentityClient(identity) as desk, results.open("wb") as written:
        place = PollingPlace.enter(board, manifest_digest)
        tools = VoterTools(place, board, desk, outbox, folder, patience=patience)
        for result in _run(planned, tools, concurrency):
            written.write(encode_result(result))
            written.flush()
            outcomes[result.outcome] += 1
    out().print(", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())))
    if outcomes["unknown"]:
        raise typer.Exit(REFUSED)


def _run(planned: tuple[PlannedVoter, ...], tools: VoterTools, concurrency: int) -> Iterator[Result]:
    """The results as they come."""

    def act(voter: PlannedVoter) -> tuple[Result, ...]:
        return tuple(HeadlessVoter(voter, tools).run())

    console = Console(stderr=True)
    with ThreadPoolExecutor(concurrency) as pool:
        running = [pool.submit(act, voter) for voter in planned]
        done = as_completed(running)
        quiet = not sys.stderr.isatty()
        for future in track(done, "voting", total=len(running), console=console, disable=quiet):
            yield from future.result()
