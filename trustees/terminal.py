"""How the command speaks with a trustee: in one language, one fact to a line, large and plain.

Facts go to stdout, progress and refusals to stderr.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from typer.exceptions import TyperException

from trustees.catalogue import LANGUAGES, Catalogue
from trustees.errors import BoardFaultError, SecretFileError, TrusteeError, UsageError

FOLDER = Path(__file__).parent / "messages"
DEFAULT_LANGUAGE = "ru"
LANGUAGE_OPTION = "--language"
LANGUAGE_VARIABLE = "EVOTE_LANGUAGE"

_MOST_BYTES = 1024  # of a passphrase file


@dataclass(frozen=True, slots=True)
class Terminal:
    """A trustee's screen, keyboard and clock."""

    texts: Catalogue
    clock: Callable[[], float]  # POSIX seconds

    def say(self, key: str, **arguments: str | int) -> None:
        """One fact."""
        _console().print(_printable(self.texts.text(key, **arguments)))

    def list(self, lines: Iterable[str]) -> None:
        """What belongs to the fact before, in the verifier's words."""
        for line in lines:
            _console().print(_printable(f"  {line}"))

    def refuse(self, error: TrusteeError) -> None:
        """Why something was not done, and what the verifier found."""
        details = dict(error.details)
        if "step" in details:
            details["step"] = self.texts.text(f"step-{details['step']}")
        console = _console(stderr=True)
        console.print(
            _printable(self.texts.text("refused", reason=self.texts.text(f"error-{error.key}", **details)))
        )
        for finding in error.findings if isinstance(error, BoardFaultError) else ():
            console.print(_printable(f"  {finding}"))

    def refuse_line(self, error: TyperException) -> None:
        """What is wrong with the command line."""
        options = getattr(getattr(error, "param", None), "opts", ()) or (getattr(error, "option_name", ""),)
        if type(error).__name__ == "MissingParameter":
            text = self.texts.text("usage-missing", option=options[0])
        elif options[0]:
            text = self.texts.text("usage-wrong", option=options[0])
        else:
            text = self.texts.text("usage-unknown")
        _console(stderr=True).print(_printable(text), self.texts.text("usage-help"), sep="\n")

    def checking(self, last: int) -> "CheckingProgress":
        """What shows how far a verification is.

        Args:
            last: the number of the last check.
        """
        return CheckingProgress(self.texts, last)

    def passphrase(self, file: Path | None, *, new: bool = False) -> str:
        """The passphrase: from the first line of a file, or typed without being shown.

        Args:
            file: None to ask.
            new: asked for twice.

        Raises:
            UsageError: the file cannot be read.
            SecretFileError: it was typed in two ways.
        """
        if file is not None:
            return _first_line(file)
        typed: str = typer.prompt(self.texts.text("passphrase"), hide_input=True)
        if new and typer.prompt(self.texts.text("passphrase-again"), hide_input=True) != typed:
            raise SecretFileError("passphrase-differs")
        return typed


class CheckingProgress:
    """One line on stderr that changes while the log is checked; nothing where that is not a terminal."""

    def __init__(self, texts: Catalogue, last: int) -> None:
        console = _console(stderr=True)
        columns = TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn()
        self._texts, self._last = texts, last
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("", total=None)

    def begin(self, check: int) -> None:
        """A check begins."""
        text = self._texts.text("checking", number=check, last=self._last)
        self._progress.update(self._task, description=text, completed=0, total=None)

    def advance(self, done: int, expected: int) -> None:
        """So many ballots of so many are checked."""
        self._progress.update(self._task, completed=done, total=expected)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def choose_language(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[str, list[str]]:
    """The language that is asked for, and the arguments without it.

    It is read before anything else, wherever it stands, so that help and complaints are in it too.

    Raises:
        UsageError: not a language of the catalogue.
    """
    language = environment.get(LANGUAGE_VARIABLE) or DEFAULT_LANGUAGE
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == LANGUAGE_OPTION:
            language = next(waiting, "")
        elif argument.startswith(f"{LANGUAGE_OPTION}="):
            language = argument.partition("=")[2]
        else:
            rest.append(argument)
    if language not in LANGUAGES:
        raise UsageError("language", languages=", ".join(LANGUAGES))
    return language, rest


def _first_line(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST_BYTES).decode("utf-8").split("\n", 1)[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError("passphrase-file", file=str(file)) from exc


def _console(*, stderr: bool = False) -> Console:
    # Made afresh, since tests and pipes replace the stream.
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def _printable(text: str) -> str:
    """Without control characters: part of it may have been written by whoever runs a hostile board."""
    return "".join(character if character.isprintable() else "?" for character in text)
