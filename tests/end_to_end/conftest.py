"""One run of the demonstration for all tests of this folder: real programs, real HTTP, a whole election."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Demonstration:
    folder: Path
    printed: str

    @property
    def record(self) -> Path:
        return self.folder / "record"

    @property
    def digest(self) -> str:
        return (self.folder / "manifest-digest.txt").read_text().strip()


@pytest.fixture(scope="session")
def demonstration() -> Demonstration:
    done = subprocess.run(
        [sys.executable, "-m", "examples.demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        env={**os.environ, "COLUMNS": "160"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Demonstration(ROOT / "build" / "demo", done.stdout)
