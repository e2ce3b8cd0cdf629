"""Hold every package to its share of lines and branches covered, read from the data of the last run."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

FLOORS = {"crypto": 100.0, "verifier": 100.0, "bulletin_board": 90.0, "trustees": 90.0, "evote": 90.0}


def share(files: dict[str, dict[str, dict[str, int]]], package: str) -> float:
    """Covered lines and branches of a package, in per cent."""
    covered = total = 0
    for path, entry in files.items():
        if path.startswith(f"{package}/"):
            summary = entry["summary"]
            covered += summary["covered_lines"] + summary["covered_branches"]
            total += summary["num_statements"] + summary["num_branches"]
    if not total:
        sys.exit(f"coverage: nothing measured in {package}")
    return 100 * covered / total


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        command = [sys.executable, "-m", "coverage", "json", "--quiet", "-o", str(report)]
        subprocess.run(command, check=True)
        files = json.loads(report.read_text())["files"]
    low = False
    for package, floor in FLOORS.items():
        measured = share(files, package)
        low |= round(measured, 2) < floor
        print(f"coverage of {package}: {measured:.2f} % (floor {floor:g} %)")
    sys.exit(low)


if __name__ == "__main__":
    main()
