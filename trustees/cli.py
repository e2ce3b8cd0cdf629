"""`evote-trustee …`: one trustee's moves, on a machine with or without a network.

Exit codes: 0 done, 1 refused for a reason that is told, 64 the command line itself is wrong.
"""

import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from trustees import sitting
from trustees.board import CEREMONY_CHECKS, TALLY_CHECKS, Board, open_board
from trustees.catalogue import Catalogue
from trustees.command import Command, Program
from trustees.errors import TrusteeError, UsageError
from trustees.fingerprint import fingerprint, grouped, parse_manifest_digest
from trustees.keys import make_keys
from trustees.outgoing import Destination, Outgoing
from trustees.sealing import Sealing
from trustees.secret import TrusteeSecret
from trustees.store import SecretStore
from trustees.terminal import DEFAULT_LANGUAGE, FOLDER, Terminal, choose_language

DONE = 0
REFUSED = 1
USAGE = 64

Home = Annotated[Path, typer.Option(help="option-home")]
BoardAt = Annotated[str, typer.Option(help="option-board")]
Digest = Annotated[str, typer.Option(help="option-manifest-digest")]
PassphraseFile = Annotated[Path | None, typer.Option(help="option-passphrase-file")]
Out = Annotated[Path | None, typer.Option(help="option-out")]
Post = Annotated[bool, typer.Option("--post", help="option-post")]

app = typer.Typer(cls=Program, help="about", add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What every step is asked with."""

    home: Path
    board: str
    manifest_digest: str
    passphrase_file: Path | None
    out: Path | None
    post: bool


@app.command(cls=Command, help="about-init")
def init(
    ctx: typer.Context,
    home: Home,
    name: Annotated[str, typer.Option(help="option-name")],
    passphrase_file: PassphraseFile = None,
    sealing: Annotated[Sealing, typer.Option(help="option-sealing")] = Sealing.MODERATE,
) -> None:
    terminal = _terminal(ctx)
    store = SecretStore(home, terminal.passphrase(passphrase_file, new=True), sealing.parameters)
    card = make_keys(store, name, secrets.token_bytes)
    terminal.say("made", name=name, card=str(card))


def _add_step(name: str, step: sitting.Step, *, until: int) -> None:
    """A command for a step that asks for nothing of its own."""

    @app.command(name, cls=Command, help=f"about-{name}")
    def run(
        ctx: typer.Context,
        home: Home,
        board: BoardAt,
        manifest_digest: Digest,
        passphrase_file: PassphraseFile = None,
        out: Out = None,
        post: Post = False,
    ) -> None:
        asked = _Asked(home, board, manifest_digest, passphrase_file, out, post)
        _take(_terminal(ctx), asked, step, until=until)


_add_step("pledge", sitting.pledge, until=CEREMONY_CHECKS)
_add_step("commit", sitting.commit, until=CEREMONY_CHECKS)
_add_step("share", sitting.share, until=CEREMONY_CHECKS)
_add_step("confirm", sitting.confirm, until=CEREMONY_CHECKS)


@app.command(cls=Command, help="about-complain")
def complain(
    ctx: typer.Context,
    home: Home,
    board: BoardAt,
    manifest_digest: Digest,
    dealer: Annotated[int, typer.Option(help="option-dealer")],
    passphrase_file: PassphraseFile = None,
    out: Out = None,
    post: Post = False,
) -> None:
    asked = _Asked(home, board, manifest_digest, passphrase_file, out, post)
    _take(_terminal(ctx), asked, partial(sitting.complain, dealer=dealer), until=CEREMONY_CHECKS)


@app.command(cls=Command, help="about-answer")
def answer(
    ctx: typer.Context,
    home: Home,
    board: BoardAt,
    manifest_digest: Digest,
    complainant: Annotated[int, typer.Option(help="option-complainant")],
    passphrase_file: PassphraseFile = None,
    out: Out = None,
    post: Post = False,
) -> None:
    asked = _Asked(home, board, manifest_digest, passphrase_file, out, post)
    _take(_terminal(ctx), asked, partial(sitting.answer, complainant=complainant), until=CEREMONY_CHECKS)


_add_step("tally-confirm", sitting.tally_confirm, until=TALLY_CHECKS)
_add_step("decrypt", sitting.decrypt, until=TALLY_CHECKS)


@app.command(cls=Command, help="about-status")
def status(
    ctx: typer.Context,
    home: Home,
    board: Annotated[str | None, typer.Option(help="option-board")] = None,
    manifest_digest: Annotated[str | None, typer.Option(help="option-manifest-digest")] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    terminal = _terminal(ctx)
    if (board is None) != (manifest_digest is None):
        raise UsageError("board-and-digest")
    secret = SecretStore(home, terminal.passphrase(passphrase_file)).load()
    _tell_secret(terminal, secret)
    if board is not None and manifest_digest is not None:
        found = _open(terminal, board, parse_manifest_digest(manifest_digest), until=CEREMONY_CHECKS)
        found.require_sound(apart_from=sitting.COMPLAINTS | sitting.BOXES)
        _tell_board(terminal, found)
        _tell_ceremony(terminal, found)


def program(
    arguments: Sequence[str], environment: Mapping[str, str], clock: Callable[[], float] = time.time
) -> int:
    """Run one command; the exit code.

    Args:
        arguments: of the command line, without the program's name.
        environment: variables, of which one may name the language.
        clock: our own, POSIX seconds.
    """
    try:
        language, rest = choose_language(arguments, environment)
    except UsageError as exc:
        Terminal(Catalogue(FOLDER, DEFAULT_LANGUAGE), clock).refuse(exc)
        return USAGE
    terminal = Terminal(Catalogue(FOLDER, language), clock)
    command = typer.main.get_command(app)
    try:
        command.main(rest or ["--help"], prog_name="evote-trustee", standalone_mode=False, obj=terminal)
    except TrusteeError as exc:
        terminal.refuse(exc)
        return USAGE if isinstance(exc, UsageError) else REFUSED
    except TyperException as exc:
        terminal.refuse_line(exc)
        return USAGE
    except typer.Abort:
        terminal.refuse(TrusteeError("aborted"))
        return REFUSED
    return DONE if rest else USAGE


def main() -> None:
    """The program `evote-trustee`."""
    sys.exit(program(sys.argv[1:], os.environ))


def _take(terminal: Terminal, asked: _Asked, step: sitting.Step, *, until: int) -> None:
    """Take a step, and bring what it made to where it was asked for."""
    destination = Destination.of(asked.board, asked.out, post=asked.post)
    digest = parse_manifest_digest(asked.manifest_digest)
    store = SecretStore(asked.home, terminal.passphrase(asked.passphrase_file))
    with store.locked():
        secret = store.load()
        sitting.require_election(secret, digest)
        board = _open(terminal, asked.board, digest, until=until)
        now = int(terminal.clock())
        at = sitting.sit_down(store, secret, board, now=now, random_bytes=secrets.token_bytes)
        made = step(at)
    _tell_board(terminal, board)
    trustees, threshold = len(board.manifest.trustees), board.manifest.threshold
    terminal.say("you-are", index=at.index, trustees=trustees, threshold=threshold)
    outgoing = Outgoing.sign(made.body, board.manifest, secret.signing_key)
    if destination.file is not None:
        outgoing.write(destination.file)
        terminal.say("written", file=str(destination.file))
    if destination.address is not None:
        terminal.say("posted", index=outgoing.post(destination.address, board.manifest))
    terminal.say(made.line.key, **made.line.arguments)
    if made.refusal is not None:
        raise made.refusal


def _open(terminal: Terminal, board: str, manifest_digest: bytes, *, until: int) -> Board:
    with terminal.checking(until) as watch:
        return open_board(board, manifest_digest, until=until, watch=watch)


def _tell_board(terminal: Terminal, board: Board) -> None:
    title, language = board.manifest.title, terminal.texts.language
    terminal.say("election", title=title[language if language in title else board.manifest.languages[0]])
    terminal.say("checked", entries=board.log.tree_size, digest=grouped(board.manifest.digest))
    if board.exclusions:
        terminal.say("excluded", number=len(board.exclusions))
        terminal.list(board.exclusions)


def _tell_secret(terminal: Terminal, secret: TrusteeSecret) -> None:
    terminal.say("status-keys", name=secret.name)
    if secret.ceremony is None:
        terminal.say("status-none")
    else:
        terminal.say("status-election", digest=grouped(secret.ceremony.manifest_digest))
    if secret.release is not None:
        terminal.say("status-release", fingerprint=fingerprint(secret.release.aggregate_digest))


def _tell_ceremony(terminal: Terminal, board: Board) -> None:
    log = board.ceremony
    for record_type, have in log.progress().items():
        step = terminal.texts.text(f"step-{record_type}")
        terminal.say("status-ceremony", step=step, have=have, trustees=len(log.trustees))
    for complaint in log.complaints:
        terminal.say("status-complaint", trustee=complaint.trustee, dealer=complaint.dealer)


def _terminal(ctx: typer.Context) -> Terminal:
    terminal = ctx.find_root().obj
    if not isinstance(terminal, Terminal):
        raise TypeError("evote-trustee: run without a terminal")
    return terminal
