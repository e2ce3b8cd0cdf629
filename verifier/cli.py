"""`evote-verify RECORD`: verify a published record offline.

Exit codes: 0 pass, 1 fail, 2 incomplete, 3 not a record, 64 wrong usage. Spec: verification.md §0.2
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from typer.exceptions import TyperException

from bulletin_board.archive import ArchiveFiles
from bulletin_board.errors import BoardError
from bulletin_board.folder import FolderFiles, RecordFiles
from verifier.election import Options, Pins, verify_record
from verifier.errors import VerifierError
from verifier.json_report import report_json, unreadable_json
from verifier.parallel import InProcess, Processes, Workers
from verifier.progress import ShownProgress
from verifier.rendering import print_report, print_unreadable
from verifier.report import ExitCode
from verifier.voter_files import VoterFile, VoterFiles

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def main() -> None:
    """Run the command line."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """What `main` exits with; a mistake in the arguments must not look like a verdict."""
    command = typer.main.get_command(app)
    try:
        code = command.main(list(arguments), prog_name="evote-verify", standalone_mode=False)
    except TyperException as exc:
        sys.stderr.write(f"evote-verify: {exc.format_message()}\nTry 'evote-verify --help'.\n")
        return ExitCode.USAGE
    return int(code)


def _print_version(value: bool) -> None:
    if value:
        sys.stdout.write(f"evote-verify {version('evote')}, records of evote/v1\n")
        raise typer.Exit


def _parse_digest(text: str) -> bytes:
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise typer.BadParameter("not 64 hexadecimal digits")
    return digest


@app.command()
def verify(
    record: Annotated[Path, typer.Argument(help="Folder or tar archive of a published record.")],
    manifest_digest: Annotated[
        bytes | None,
        typer.Option(
            parser=_parse_digest, metavar="HEX", help="As it was published; else compare it yourself."
        ),
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="A signed checkpoint that somebody kept elsewhere."),
    ] = None,
    opening: Annotated[
        list[Path] | None, typer.Option(exists=True, dir_okay=False, help="File of a checked ballot.")
    ] = None,
    receipt: Annotated[
        list[Path] | None, typer.Option(exists=True, dir_okay=False, help="Receipt of a cast ballot.")
    ] = None,
    unused: Annotated[
        list[str] | None, typer.Option(metavar="CREDENTIAL", help="A credential that was never used.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Processes; all processors by default.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Each equation of each ballot by itself.")] = False,
    language: Annotated[str | None, typer.Option(help="In which titles are shown.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A report for programs.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> int:
    """Recompute everything that a published record claims, offline, and name what is wrong."""
    pins = Pins(manifest_digest, tuple(_text(path) for path in checkpoint or ()))
    brought = VoterFiles(_voter_files(opening), _voter_files(receipt), tuple(unused or ()))
    # Into a file or a pipe, tables have room and no colours.
    out = Console(markup=False, highlight=False, emoji=False, width=None if sys.stdout.isatty() else 110)
    try:
        with _open(record) as files, ShownProgress(Console(stderr=True)) as progress:
            options = Options(
                strict=strict,
                language=language,
                workers=_workers(jobs),
                begin=progress.begin,
                advance=progress.advance,
            )
            report, view = verify_record(files, pins=pins, options=options, brought=brought)
    except (VerifierError, BoardError) as exc:
        if as_json:
            sys.stdout.write(unreadable_json(str(exc)) + "\n")
        else:
            print_unreadable(str(exc), out)
        return ExitCode.UNREADABLE
    if as_json:
        sys.stdout.write(report_json(report, view, pins) + "\n")
    else:
        print_report(report, view, pins, out, language)
    return report.exit_code


@contextmanager
def _open(record: Path) -> Iterator[RecordFiles]:
    if record.is_dir():
        yield FolderFiles(record)
    else:
        with ArchiveFiles(record) as files:
            yield files


def _workers(jobs: int | None) -> Workers:
    jobs = jobs or os.cpu_count() or 1
    return InProcess() if jobs == 1 else Processes(jobs)


def _voter_files(paths: Sequence[Path] | None) -> tuple[VoterFile, ...]:
    return tuple(VoterFile(path.name, path.read_bytes()) for path in paths or ())


def _text(path: Path) -> str:
    # What is not UTF-8 is no checkpoint, which check 1 says.
    return path.read_bytes().decode("utf-8", "replace")
