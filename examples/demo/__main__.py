"""A whole election as separate programs over HTTP and files, from the keys to the verdict.

Run it with `make demo`. It ends non-zero unless the published counts are what the voters chose.
"""

import shutil
import sys
import time
from pathlib import Path

from rich.console import Console

from examples.demo.closing import close_and_count
from examples.demo.programs import ProgramError, Services
from examples.demo.report import compare, show
from examples.demo.setting_up import set_up
from examples.demo.stage import Stage
from examples.demo.voting import vote

ROOT = Path(__file__).parent.parent.parent


def main() -> int:
    """Run the election; 0 when counts and verdict are as they must be."""
    console = Console(highlight=False)
    started = time.monotonic()
    folder = ROOT / "build" / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    stage = Stage.prepare(folder, ROOT / "examples" / "kyrgyzstan-2021-01-10", console)
    try:
        with Services(folder / "logs") as services:
            set_up(stage, services)
            story = vote(stage)
            close_and_count(stage, story)
    except ProgramError as exc:
        console.print(f"[bold red]The demonstration stopped.[/]\n{exc}", markup=True)
        return 1
    difference = compare(stage, story)
    show(stage, story, difference, seconds=time.monotonic() - started)
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
