"""How the command speaks: its language, its help, passphrases, and what it says of a wrong command line."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.support.ceremony_hall import Hall, run
from trustees.catalogue import LANGUAGES
from trustees.cli import app, program
from trustees.errors import UsageError
from trustees.fingerprint import fingerprint, grouped, parse_manifest_digest
from trustees.terminal import FOLDER, choose_language

WORDS = {"ky": "Ушул жардамды", "ru": "Показать эту справку", "en": "Show this help"}
COMMANDS = (
    *("init", "pledge", "commit", "share", "confirm"),
    *("complain", "answer", "tally-confirm", "decrypt", "status"),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_is_in_the_language_of_the_trustee(language: str) -> None:
    whole = run("--help", "--language", language)
    assert whole.code == 0
    assert WORDS[language] in whole.out
    for command in COMMANDS:
        assert f"evote-trustee {command}\n" in whole.out
        helped = run(command, "--help", language=language)
        assert helped.code == 0
        assert WORDS[language] in helped.out
        assert "--home" in helped.out


def test_without_a_command_the_help_is_shown() -> None:
    done = run(language="en")
    assert done.code == 64
    assert "evote-trustee pledge" in done.out


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], {}, ("ru", [])),
        ([], {"EVOTE_LANGUAGE": "ky"}, ("ky", [])),
        ([], {"EVOTE_LANGUAGE": ""}, ("ru", [])),
        (["pledge", "--language", "en", "--post"], {"EVOTE_LANGUAGE": "ky"}, ("en", ["pledge", "--post"])),
        (["--language=ky", "status"], {}, ("ky", ["status"])),
    ],
)
def test_the_language_is_read_first(
    arguments: list[str], environment: dict[str, str], expected: tuple[str, list[str]]
) -> None:
    assert choose_language(arguments, environment) == expected


@pytest.mark.parametrize(
    "arguments", [["--language"], ["--language", "de"], ["--language="], ["--language=RU"]]
)
def test_a_language_that_is_not_there_is_a_wrong_command_line(arguments: list[str]) -> None:
    with pytest.raises(UsageError, match="language"):
        choose_language(arguments, {})
    done = run(*arguments)
    assert done.code == 64
    assert "ky, ru, en" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["unknown"], "there is no such command"),
        (["pledge", "--unknown"], "--unknown cannot be used like this"),
        (["pledge", "--home", "x"], "--board is missing"),
        (["complain", "--dealer", "two"], "--dealer cannot be used like this"),
        (["complain", "--dealer"], "--dealer cannot be used like this"),
    ],
)
def test_a_wrong_command_line_is_told_in_words(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert (done.code, done.out) == (64, "")
    assert said in done.err
    assert "--help" in done.err


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"--manifest-digest": "12" * 31}, "64 hex digits"),
        ({"--manifest-digest": "xy" * 32}, "64 hex digits"),
        ({"--out": None}, "--out FILE, or --post"),
        ({"--out": None, "--post": ""}, "--out FILE, or --post"),
        ({"--passphrase-file": "no/such/file"}, "passphrase cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is(
    tmp_path: Path, changes: dict[str, str | None], said: str
) -> None:
    (tmp_path / "words").write_text("a\n")
    options: dict[str, str | None] = {
        "--home": str(tmp_path / "home"),
        "--board": str(tmp_path / "board"),
        "--manifest-digest": "ab" * 32,
        "--passphrase-file": str(tmp_path / "words"),
        "--out": str(tmp_path / "out"),
    }
    pairs = [(name, value) for name, value in (options | changes).items() if value is not None]
    done = run("pledge", *(each for pair in pairs for each in pair if each))
    assert done.code == 64, done.text
    assert said in done.err


def test_status_takes_board_and_digest_together(opened: Hall) -> None:
    home = ("--home", opened.homes[0], "--passphrase-file", opened.folder / "passphrase")
    for alone in (("--board", opened.stick()), ("--manifest-digest", opened.manifest.digest.hex())):
        done = run("status", *home, *alone)
        assert done.code == 64
        assert "together" in done.err


def test_digests_are_typed_as_they_stand_on_paper(opened: Hall) -> None:
    digest = opened.manifest.digest
    assert parse_manifest_digest(f" {grouped(digest).upper()} ") == digest
    done = opened.run("pledge", 1, "--out", opened.out("pledge", 1), digest=grouped(digest))
    assert done.code == 0
    assert f"Manifest {grouped(digest)}." in done.out
    assert fingerprint(bytes(range(64))) == "0001 0203 0405 0607 0809 0a0b 0c0d 0e0f"


@pytest.mark.parametrize("content", [b"\xff\xfe\n", b"\n", b""])
def test_a_passphrase_file_has_a_first_line(opened: Hall, content: bytes) -> None:
    bad = opened.folder / "bad"
    bad.write_bytes(content)
    done = run("status", "--home", opened.homes[0], "--passphrase-file", bad)
    assert done.code in (1, 64)
    assert "passphrase" in done.err


def test_what_hostile_boards_write_cannot_move_the_cursor(opened: Hall) -> None:
    """A file name with control characters comes back without them."""
    done = run("status", "--home", opened.homes[0], "--passphrase-file", "x\x1b[2J\n\u202e")
    assert done.code == 64
    assert "x?[2J??" in done.err


def typed(lines: str, *arguments: object) -> tuple[int, str]:
    """The program with somebody at the keyboard: exit code, and everything on the screen."""
    with CliRunner().isolation(input=lines) as (_, _, screen):
        code = program([str(each) for each in arguments], {"EVOTE_LANGUAGE": "en"})
        return code, screen.getvalue().decode()


def test_the_passphrase_is_asked_for_and_never_shown(tmp_path: Path) -> None:
    made = ("init", "--home", tmp_path / "a", "--name", "A", "--sealing", "floor")
    code, screen = typed("бир ооз сөз\nбир ооз сөз\n", *made)
    assert code == 0
    assert "Passphrase" in screen
    assert "again" in screen
    assert "бир ооз сөз" not in screen
    code, screen = typed("бир ооз сөз\n", "status", "--home", tmp_path / "a")
    assert code == 0
    assert "бир ооз сөз" not in screen


def test_a_new_passphrase_is_typed_twice_alike(tmp_path: Path) -> None:
    code, screen = typed("бир\nэки\n", "init", "--home", tmp_path / "a", "--name", "A")
    assert code == 1
    assert "not the same" in screen
    assert not (tmp_path / "a").exists()


def test_a_trustee_that_leaves_the_prompt_has_done_nothing(tmp_path: Path) -> None:
    code, screen = typed("", "init", "--home", tmp_path / "a", "--name", "A")
    assert code == 1
    assert "Stopped; nothing was put out." in screen


def test_the_program_runs_by_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from trustees.cli import main; main()", "decrypt", "--help"],
        env={
            "EVOTE_LANGUAGE": "ky",
            "PATH": "",
            "PYTHONIOENCODING": "utf-8",
            "PYTHONPATH": str(FOLDER.parents[1]),
        },
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert "Чечмелөөнүн өз бөлүгүңүздү берүү" in done.stdout.decode()


def test_progress_is_shown_to_people_only(opened: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal, on stderr; a pipe gets facts alone."""
    silent = opened.run("status", 1)
    assert silent.err == ""
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = opened.run("status", 1)
    assert "Checking the log: 5 of 5" in shown.err
    assert shown.out.count("\n") == silent.out.count("\n")


def test_progress_goes_on_while_ballots_are_verified(added_up: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "Checking the log: 8 of 8" in added_up.run("tally-confirm", 1, "--out", added_up.out("t", 1)).err


def test_commands_need_their_terminal() -> None:
    with pytest.raises(TypeError, match="without a terminal"):
        CliRunner().invoke(app, ["--help"], catch_exceptions=False)
    with pytest.raises(TypeError, match="without a terminal"):
        CliRunner().invoke(app, ["init", "--home", "x", "--name", "y"], catch_exceptions=False)
