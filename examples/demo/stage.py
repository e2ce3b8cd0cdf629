"""Where everything of one demonstration lies, and when it happens."""

import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from rich.console import Console

from examples.demo.electorate import Voter, contests, draw
from examples.demo.programs import run

TRUSTEES = ("Асанова А.", "Бейшеналиев Б.", "Волкова В.", "Эсенов Э.", "Жумабаева Ж.")
THRESHOLD = 3
AT_THE_COUNT = (1, 3, 4)
"""Two trustees stay away when the sums are opened."""
BY_FILES = (4,)
"""Trustees whose machine has no network: what they read and write is carried by hand."""
REHEARSAL = ("--sealing", "floor")
"""Key files that open fast, of keys that guard nothing."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Folders, times, people."""

    folder: Path
    example: Path
    console: Console
    voters: tuple[Voter, ...]
    contest_ids: tuple[str, ...]
    opens_at: int  # POSIX seconds
    closes_at: int
    grace: int
    beat: int  # milliseconds
    ports: tuple[int, int, int]  # of board, identity service, witness
    seconds_per_program: float  # how long this machine takes to start a program

    @classmethod
    def prepare(cls, folder: Path, example: Path, console: Console) -> Self:
        """Set the clock of the election by the speed of this machine, and draw what the voters will do."""
        for part in ("keys", "cards", "signed", "letters", "outbox", "voters", "logs", "usb"):
            (folder / part).mkdir()
        passphrase = folder / "passphrase"
        passphrase.write_text(secrets.token_hex(16) + "\n")
        passphrase.chmod(0o600)
        each = min(_trial(folder / "keys" / f"trial-{number}", passphrase) for number in range(2))
        now = int(time.time())
        opens_at = now + 5 + int(OPENING_PROGRAMS * each)
        return cls(
            folder=folder,
            example=example,
            console=console,
            voters=tuple(draw(example, seed=20210110)),
            contest_ids=tuple(contests(example)),
            opens_at=opens_at,
            closes_at=now + max(LEAST_SECONDS, int(CLOSING_PROGRAMS * each)),
            grace=3,
            beat=1000,
            ports=_free_ports(),
            seconds_per_program=each,
        )

    @property
    def passphrase(self) -> tuple[str, Path]:
        return "--passphrase-file", self.folder / "passphrase"

    @property
    def manifest(self) -> Path:
        return self.folder / "signed" / "manifest.json"

    @property
    def server(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def identity(self) -> str:
        return f"http://127.0.0.1:{self.ports[1]}"

    @property
    def witness(self) -> str:
        return f"http://127.0.0.1:{self.ports[2]}"

    def key(self, name: str) -> Path:
        return self.folder / "keys" / f"{name}.key"

    def signed(self, name: str) -> Path:
        return self.folder / "signed" / f"{name}.json"

    def trustee(self, index: int) -> Path:
        return self.folder / "trustees" / str(index)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Show that something goes on, and how long it took."""
        started = time.monotonic()
        with self.console.status(what):
            yield
        self.console.print(f"  [green]done[/] {what} [dim]({time.monotonic() - started:.1f} s)[/]")

    def wait_until(self, moment: float, what: str) -> None:
        """Sleep until a moment of the election's clock."""
        remaining = moment - time.time()
        if remaining > 0:
            with self.step(f"{what} ({remaining:.0f} s)"):
                time.sleep(remaining)


OPENING_PROGRAMS = 80
"""The work before the opening, in the time that one trustee needs to make its keys; with room to spare."""
CLOSING_PROGRAMS = 330
"""The same for everything before the close."""
LEAST_SECONDS = 185
"""Before the close, however fast programs start: much of the voting is waiting for beats."""


def _trial(home: Path, passphrase: Path) -> float:
    """How long this machine takes, in seconds, to start a program that seals a key."""
    started = time.monotonic()
    given = ("--home", home, "--passphrase-file", passphrase, "--sealing", "floor")
    run("evote-trustee", "init", "--name", "Trial", *given)
    return time.monotonic() - started


def _free_ports() -> tuple[int, int, int]:
    """Three ports that nobody listens on, all different."""
    with socket.socket() as first, socket.socket() as second, socket.socket() as third:
        for each in (first, second, third):
            each.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1], third.getsockname()[1]
