"""The record that a whole election leaves: verified anywhere, and every byte of it accounted for."""

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from hashlib import sha256
from pathlib import Path

import pytest

from tests.end_to_end.conftest import ROOT, Demonstration
from verifier.cli import run

pytestmark = pytest.mark.slow

PASS, FAIL, INCOMPLETE, UNREADABLE = range(4)

# The program, in a process that cannot open a connection.
OFFLINE = """
import socket, sys
def refuse(*args, **kwargs):
    raise AssertionError("the verifier tried to use the network")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
from verifier.cli import main
main()
"""


def verify(record: Path, *options: object) -> tuple[int, str]:
    printed = io.StringIO()
    with redirect_stdout(printed):
        code = run([str(record), "--jobs", "1", *map(str, options)])
    return code, printed.getvalue()


@pytest.fixture
def copy(demonstration: Demonstration, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "copy"
    shutil.copytree(demonstration.record, folder)
    yield folder
    shutil.rmtree(folder)


def test_the_demonstration_tells_its_story(demonstration: Demonstration) -> None:
    last = demonstration.printed[demonstration.printed.index("What happened") :]
    facts = dict(line.split(": ", 1) for line in last.splitlines() if ": " in line)
    for what in ("re-votes", "revoked (voted on paper)", "reissued (letter lost)", "checks before casting"):
        assert int(facts[what]) > 0, what
    assert int(facts["merged cells"].split()[0]) > 0
    reasons = {each.split()[0] for each in facts["refusals"].split(", ")}
    assert {"not-open", "bad-proof", "repeated-pad", "stale-previous", "not-identified", "closed"} <= reasons
    assert facts["verdict"] == "passed; the published counts are what the voters chose"


def test_verifies_as_the_readme_says(demonstration: Demonstration) -> None:
    program = Path(sys.executable).parent / "evote-verify"
    done = subprocess.run(
        [program, demonstration.record], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == PASS, done.stdout + done.stderr
    assert demonstration.digest in "".join(done.stdout.split())


@pytest.mark.parametrize("flags", [(), ("-O",)], ids=["as it is", "optimised"])
def test_verifies_elsewhere_without_network(
    demonstration: Demonstration, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    """N63: `python -O` gives the same verdict."""
    moved = tmp_path / "elsewhere"
    shutil.copytree(demonstration.record, moved)
    done = subprocess.run(
        [sys.executable, *flags, "-c", OFFLINE, moved, "--json", "--jobs", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == PASS, done.stdout + done.stderr
    assert json.loads(done.stdout)["verdict"] == "passed"


def test_verifies_as_one_archive(demonstration: Demonstration) -> None:
    code, _ = verify(demonstration.folder / "record.tar.gz", "--manifest-digest", demonstration.digest)
    assert code == PASS


def test_is_incomplete_before_the_first_decryption(demonstration: Demonstration) -> None:
    """N61: what is not there yet is neither a pass nor a fault."""
    code, printed = verify(demonstration.folder / "record-before-decryption", "--json")
    assert code == INCOMPLETE, printed
    stages = json.loads(printed)["stages"]
    assert (stages["set-up"], stages["box"]) == ("passed", "passed")


def test_every_file_is_covered_to_the_byte(demonstration: Demonstration, copy: Path) -> None:
    """N34: one flipped bit in any file is found and named."""
    files = sorted(path for path in copy.rglob("*") if path.is_file())
    assert len(files) > 5
    for path in files:
        name = path.relative_to(copy).as_posix()
        sound = path.read_bytes()
        place = int.from_bytes(sha256(name.encode()).digest()) % max(1, len(sound))
        damaged = bytearray(sound or b"\0")
        damaged[place] ^= 1
        path.write_bytes(damaged)
        code, printed = verify(copy, "--json")
        assert code in {FAIL, UNREADABLE}, f"{name}, byte {place}: {printed}"
        report = json.loads(printed)
        assert code == UNREADABLE or any(check["findings"] for check in report["checks"]), name
        path.write_bytes(sound)


def test_an_unexpected_file_is_a_finding(copy: Path) -> None:
    (copy / "tile" / "notes.txt").write_text("hello")
    code, printed = verify(copy)
    assert code == FAIL
    assert "notes.txt" in printed


def test_an_unknown_signature_line_is_a_finding(copy: Path) -> None:
    with (copy / "checkpoint").open("a", encoding="utf-8") as file:
        file.write("— somebody.example/else " + "A" * 96 + "\n")
    code, printed = verify(copy)
    assert code == FAIL
    assert "checkpoint" in printed


def test_a_missing_file_is_named_and_makes_it_incomplete(copy: Path) -> None:
    kinds = ("tile/entries", "addenda")
    files = sorted(path for kind in kinds for path in (copy / kind).rglob("*") if path.is_file())
    assert {path.relative_to(copy).parts[0] for path in files} == {"tile", "addenda"}
    for path in files:
        content = path.read_bytes()
        path.unlink()
        code, printed = verify(copy, "--json")
        assert code == INCOMPLETE, printed
        assert path.relative_to(copy).as_posix() in printed
        path.write_bytes(content)


def test_openings_and_receipts_of_voters(demonstration: Demonstration) -> None:
    verdict = json.loads((demonstration.folder / "verdict.json").read_text())
    ran = {check["number"]: check["counts"] for check in verdict["checks"]}
    assert sum(count["ran"] for count in ran[12].values()) >= 2
    assert sum(count["ran"] for count in ran[13].values()) >= 300
