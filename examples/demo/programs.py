"""Running the election's programs: each a process of its own, spoken to by arguments, files and HTTP."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self, TypeVar

import httpx

BIN = Path(sys.executable).parent
AT_ONCE = 3

Item = TypeVar("Item")
Done = TypeVar("Done")


class ProgramError(Exception):
    """A program ended as it should not; the message carries its own words."""


def run(*arguments: object, expect: int | None = 0, timeout: float = 200) -> str:
    """Run one program to its end and give what it printed.

    Raises:
        ProgramError: it ended with another status than `expect` (None: any will do).
    """
    command = [str(BIN / str(arguments[0])), *map(str, arguments[1:])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    if expect is not None and done.returncode != expect:
        shown = " ".join([str(arguments[0]), *command[1:]])
        said = f"{done.stdout}{done.stderr}"
        raise ProgramError(f"{shown}\nended with {done.returncode}, not {expect}:\n{said}")
    return done.stdout


def run_all(commands: Sequence[Sequence[object]]) -> list[str]:
    """Run several programs, as many at a time as fit; the results stand in the order of the commands."""
    return at_once(lambda command: run(*command), commands)


def at_once(work: Callable[[Item], Done], items: Iterable[Item]) -> list[Done]:
    """Do the same to several things, as many at a time as there are processors to fill."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, items))


@dataclass
class Services:
    """The programs that keep running; they end with the block."""

    logs: Path
    running: list[tuple[str, subprocess.Popen[bytes], IO[bytes]]] = field(default_factory=list)

    def start(self, name: str, *arguments: object, ready: str, timeout: float = 60) -> None:
        """Start a program and wait until `ready`, an address, answers at all.

        Raises:
            ProgramError: it ended, or did not answer in time.
        """
        log = (self.logs / f"{name}.log").open("wb")
        command = [str(BIN / str(arguments[0])), *map(str, arguments[1:])]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        self.running.append((name, process, log))
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline and process.poll() is None:
            try:
                httpx.get(ready, timeout=5)
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        raise ProgramError(f"{name} did not come up:\n{(self.logs / f'{name}.log').read_text()}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _, process, log in reversed(self.running):
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            log.close()
