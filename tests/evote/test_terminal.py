"""What people at a terminal see: one line for a refusal, and exit codes that scripts can rely on."""

from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from bulletin_board.envelope_file import write_envelope
from bulletin_board.errors import BoardError
from bulletin_board.records.envelope import sign_body
from crypto.errors import CryptoError
from evote.errors import EvoteError, KeyFileError
from evote.terminal import Program, open_manifest, out, read_passphrase
from tests.evote.kyrgyzstan import AUTHORITIES, manifest

app = typer.Typer(cls=Program, pretty_exceptions_enable=False)

ERRORS = {"evote": EvoteError, "board": BoardError, "crypto": CryptoError, "bug": ZeroDivisionError}


@app.command()
def fail(kind: Annotated[str, typer.Argument()]) -> None:
    raise ERRORS[kind](f"[bold]{kind}[/bold]: will not do")


@app.command()
def count(number: Annotated[int, typer.Option("--number")] = 1) -> None:
    out().print(f"[{number}] {'long ' * 40}")


@app.command()
def ask(file: Annotated[Path | None, typer.Option("--passphrase-file")] = None) -> None:
    out().print(f"length {len(read_passphrase(file))}")


@pytest.mark.parametrize("kind", ["evote", "board", "crypto"])
def test_refusal_is_one_line_on_stderr(kind: str) -> None:
    result = CliRunner().invoke(app, ["fail", kind])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"refused: [bold]{kind}[/bold]: will not do\n"


def test_mistake_of_ours_is_not_dressed_up() -> None:
    result = CliRunner().invoke(app, ["fail", "bug"])
    assert isinstance(result.exception, ZeroDivisionError)


@pytest.mark.parametrize("arguments", [["nonsense"], ["count", "--number", "x"], ["count", "--nonsense"]])
def test_wrong_usage_ends_with_64(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 64


def test_output_is_neither_wrapped_nor_taken_as_markup() -> None:
    result = CliRunner().invoke(app, ["count", "--number", "7"])
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    assert result.stdout.startswith("[7] long")


@pytest.mark.parametrize("content", ["төрт ат\n", "төрт ат\r\nmore\n", "төрт ат"])
def test_passphrase_is_the_first_line_of_a_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "p").write_bytes(content.encode())
    assert read_passphrase(tmp_path / "p") == "төрт ат"


@pytest.mark.parametrize("content", [b"", b"\nsecond\n", b"\xff\n"])
def test_file_without_a_passphrase_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p").write_bytes(content)
    with pytest.raises(KeyFileError):
        read_passphrase(tmp_path / "p")


def test_passphrase_is_asked_for_and_not_echoed() -> None:
    result = CliRunner().invoke(app, ["ask"], input="secret words\n")
    assert result.exit_code == 0
    assert "length 12" in result.stdout
    assert "secret words" not in result.output


def test_manifest_is_pinned_or_said_not_to_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "manifest.json"
    write_envelope(path, sign_body("manifest", manifest(), manifest().digest, AUTHORITIES))
    assert open_manifest(path, None) == manifest()
    assert "not pinned" in capsys.readouterr().out
    assert open_manifest(path, manifest().digest.hex()) == manifest()
    assert "as pinned" in capsys.readouterr().out
    with pytest.raises(BoardError, match="another one was given"):
        open_manifest(path, "00" * 32)
    for text in ("00", "x" * 64):
        with pytest.raises(typer.BadParameter, match="64 hex digits"):
            open_manifest(path, text)
