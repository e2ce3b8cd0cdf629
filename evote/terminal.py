"""How the commands talk with people: typed refusals become one friendly line and an exit code.

0 done, 1 refused for a reason that is told, 64 the command line itself is wrong.
"""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from bulletin_board.envelope_file import load_manifest
from bulletin_board.errors import BoardError
from bulletin_board.records.manifest import Manifest
from crypto.errors import CryptoError
from evote.errors import EvoteError, KeyFileError

REFUSED = 1
USAGE = 64

_CLICK_USAGE = 2
_MOST_BYTES = 1024

ManifestFile = Annotated[
    Path, typer.Option("--manifest", help="Signed manifest of the election.", exists=True, dir_okay=False)
]
ManifestDigest = Annotated[
    str | None, typer.Option("--manifest-digest", help="Digest of the manifest as published, in hex.")
]
KeyFile = Annotated[Path, typer.Option("--key", help="Sealed key file.", exists=True, dir_okay=False)]
ServerUrl = Annotated[str, typer.Option("--server", help="Address of the board, with its path.")]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        help="File whose first line is the passphrase; asked for when left out.",
        exists=True,
        dir_okay=False,
    ),
]


class Program(TyperGroup):
    """A group of commands whose refusals are told on stderr, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (EvoteError, BoardError, CryptoError) as exc:
            Console(stderr=True, highlight=False, markup=False).print(f"refused: {exc}", soft_wrap=True)
            raise typer.Exit(REFUSED) from exc

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except SystemExit as exc:
            if exc.code == _CLICK_USAGE:
                raise SystemExit(USAGE) from exc
            raise


def out() -> Console:
    """What people read on stdout; made afresh, since tests and pipes replace the stream."""
    return Console(highlight=False, markup=False, soft_wrap=True)


def open_manifest(file: Path, digest_hex: str | None) -> Manifest:
    """The manifest of a file, its signatures verified; tells its digest, compared where a pin is given.

    Raises:
        RecordError: not a manifest, not signed by two of its authorities, or another than pinned.
        crypto.errors.SignatureError: a signature does not hold.
    """
    manifest = load_manifest(file, _digest_of(digest_hex))
    state = "as pinned" if digest_hex else "not pinned, compare it with the published one"
    out().print(f"{manifest.election_id}: manifest {manifest.digest.hex()} ({state})")
    return manifest


def _digest_of(digest_hex: str | None) -> bytes | None:
    if digest_hex is None:
        return None
    try:
        digest = bytes.fromhex(digest_hex)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise typer.BadParameter("a manifest digest is 64 hex digits")
    return digest


def read_passphrase(file: Path | None, *, what: str = "Passphrase", confirm: bool = False) -> str:
    """The passphrase of a key: never an argument, never echoed.

    Raises:
        KeyFileError: the file has no usable first line.
    """
    if file is None:
        entered: str = typer.prompt(what, hide_input=True, confirmation_prompt=confirm)
        return entered
    try:
        with file.open("rb") as opened:
            first_line = opened.read(_MOST_BYTES).decode("utf-8").split("\n", 1)[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as exc:
        raise KeyFileError(f"passphrase file {file}: cannot be read as text") from exc
    if not first_line:
        raise KeyFileError(f"passphrase file {file}: its first line is empty")
    return first_line
