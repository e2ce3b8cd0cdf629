"""`evote-verify` as people and programs run it."""

from __future__ import annotations

import gzip
import io
import json
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bulletin_board.log.checkpoint import Checkpoint, sign_checkpoint
from bulletin_board.log.merkle import EMPTY_ROOT
from bulletin_board.records.canonical import jcs
from bulletin_board.records.fields import encode_base64url
from bulletin_board.records.openings import encode_opening
from tests.support.ballots import bytes_for
from tests.support.election import MANIFEST, World, build_election, opening_of
from tests.support.sample_manifest import BOARD, ORIGIN
from tests.support.small_board import write_archive, write_folder
from tests.tamper.cases.check_03_order import garbage
from tests.tamper.cases.check_10_counts import off_by_one
from tests.tamper.cases.check_13_receipts import receipt_of
from verifier.cli import main, run
from verifier.progress import ShownProgress
from verifier.report import ExitCode

DIGEST = MANIFEST.digest.hex()


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(build_election().board.files(), tmp_path_factory.mktemp("record"))


def verify(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = run([str(each) for each in (*arguments, "--jobs", 1)])
    said = capsys.readouterr()
    return code, said.out, said.err


def in_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    code, out, err = verify(capsys, *arguments, "--json")
    assert err == ""
    report: dict[str, Any] = json.loads(out)
    assert report["exit_code"] == code
    assert report["format"] == 1
    return code, report


def test_a_good_record(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = verify(capsys, record, "--language", "en")
    assert code == ExitCode.PASS
    assert err == ""
    assert "Sample election in English (sample-2031)" in out
    assert DIGEST in out
    assert "Not pinned" in out
    assert re.search(r"Aida in English\s+│\s+5", out)
    assert "second-round: Aida in English, Bakyt in English" in out
    assert "PASS" in out
    assert "\x1b" not in out


def test_the_first_language_of_the_manifest_is_the_default(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for extra in ((), ("--language", "fr")):
        _, out, _ = verify(capsys, record, *extra)
        assert "Aida кыргызча" in out


def test_a_pinned_digest(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = verify(capsys, record, "--manifest-digest", DIGEST)
    assert code == ExitCode.PASS
    assert "Not pinned" not in out
    assert verify(capsys, record, "--manifest-digest", bytes_for("x").hex())[0] == ExitCode.FAIL


def test_json(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = in_json(capsys, record, "--manifest-digest", DIGEST)
    assert code == ExitCode.PASS
    assert report["verdict"] == "passed"
    assert report["pinned"] is True
    assert report["manifest_digest"] == DIGEST
    assert report["log"] == {"size": 46, "known": 46}
    assert set(report["stages"].values()) == {"passed"}
    assert [check["number"] for check in report["checks"]] == list(range(1, 12))
    assert report["checks"][5]["counts"]["ballots"] == {"ran": 16, "expected": 16}
    assert report["results"][0]["totals"] == {"aida": 5, "bakyt": 4, "against-all": 2}
    assert report["results"][0]["outcome"]["kind"] == "second-round"
    assert report["results"][2]["outcome"]["trace"][0] == {"label": "turnout", "left": 400, "right": 180}


@pytest.mark.parametrize("name", ["record.tar", "record.tar.gz"])
def test_an_archive(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = write_archive(build_election().board.files(), tmp_path / name)
    assert verify(capsys, archive)[0] == ExitCode.PASS


def test_a_bad_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_folder(off_by_one().board.files(), tmp_path / "record")
    code, out, _ = verify(capsys, folder)
    assert code == ExitCode.FAIL
    assert "fault 10.1: entry 45, result, contest president, cell north: says [0, 4, 0]" in out
    assert "FAIL" in out
    code, report = in_json(capsys, folder)
    assert code == ExitCode.FAIL
    assert report["verdict"] == "failed"
    (finding,) = report["checks"][9]["findings"]
    assert (finding["rule"], finding["severity"]) == ("10.1", "fault")


def test_an_unfinished_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_folder(build_election(until="roll").board.files(), tmp_path / "record")
    code, out, _ = verify(capsys, folder)
    assert code == ExitCode.INCOMPLETE
    assert "INCOMPLETE" in out
    assert "missing 8: this check: needs the close" in out
    code, report = in_json(capsys, folder)
    assert code == ExitCode.INCOMPLETE
    assert report["results"] is None
    assert report["checks"][7]["missing"] == [{"subject": "this check", "reason": "needs the close"}]


def test_a_record_without_its_manifest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {path: data for path, data in build_election().board.files().items() if "entries" not in path}
    folder = write_folder(files, tmp_path / "record")
    code, out, _ = verify(capsys, folder)
    assert code == ExitCode.INCOMPLETE
    assert "tile/entries/000.p/46 is not in the record" in out
    code, report = in_json(capsys, folder)
    assert code == ExitCode.INCOMPLETE
    assert report["manifest_digest"] is None
    assert report["log"] is None


def test_what_voters_bring(record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = build_election()
    receipt, opening = tmp_path / "mine.tlog-proof", tmp_path / "mine.json"
    receipt.write_text(receipt_of(world, "ballot 0").to_text(), encoding="utf-8")
    opening.write_bytes(encode_opening(opening_of(world, "ballot 2")))
    unused = encode_base64url(world.secret("v6").public().encoded)
    code, out, _ = verify(capsys, record, "--receipt", receipt, "--unused", unused)
    assert code == ExitCode.PASS
    assert "note 13: mine.tlog-proof: ballot entry 17 was replaced by ballot entry 25" in out
    assert f"note 13: credential {unused}: no valid ballot" in out
    code, out, _ = verify(capsys, record, "--opening", opening, "--language", "en")
    assert code == ExitCode.FAIL
    assert "President in English: Aida in English" in out
    assert "Council in English: List-A in English" in out
    assert "was cast: it is entry" in out


def test_a_checkpoint_from_outside(record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "kept"
    kept.write_text(build_election().board.note(30).to_text(), encoding="utf-8")
    assert verify(capsys, record, "--checkpoint", kept)[0] == ExitCode.PASS
    kept.write_text(sign_checkpoint(Checkpoint(ORIGIN, 30, bytes(32)), BOARD).to_text(), encoding="utf-8")
    assert verify(capsys, record, "--checkpoint", kept)[0] == ExitCode.FAIL
    kept.write_bytes(b"\xff\xfe")
    assert verify(capsys, record, "--checkpoint", kept)[0] == ExitCode.FAIL


def test_many_findings_are_cut_short_for_people_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = build_election().board.files() | {f"stray-{place}": b"" for place in range(50)}
    folder = write_folder(files, tmp_path / "record")
    _, out, _ = verify(capsys, folder)
    assert "check 1: 30 lines more, all of them with --json" in out
    _, report = in_json(capsys, folder)
    assert len(report["checks"][0]["findings"]) == 50


def test_a_hostile_record_cannot_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """N75: what a record says is shown, never obeyed."""

    def post(world: World) -> None:
        world.board.append(b'{"body":{"\x1b[2J\x9b31m [red]":1},"signatures":[],"type":"notice"}\0')
        world.board.append(b'{"body":{},"signatures":[],"type":"' + b"x" * 2_000 + b'"}\0')
        world.board.append(jcs({"body": {"[red]": "\u009b31m"}, "signatures": [], "type": "notice"}) + b"\0")

    folder = write_folder(build_election(before={"open": post}).board.files(), tmp_path / "record")
    code, out, _ = verify(capsys, folder)
    assert code == ExitCode.FAIL
    assert not [character for character in out if not character.isprintable() and character != "\n"]
    assert max(map(len, out.splitlines())) < 600


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["{record}", "--manifest-digest", "1234"],
        ["{record}", "--manifest-digest", "zz" * 32],
        ["{record}", "--jobs", "0"],
        ["{record}", "--receipt", "/does/not/exist"],
        ["{record}", "--no-such-option"],
        ["{record}", "{record}"],
    ],
)
def test_wrong_usage_is_not_a_verdict(
    arguments: list[str], record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run([each.format(record=record) for each in arguments])
    said = capsys.readouterr()
    assert code == ExitCode.USAGE
    assert said.out == ""
    assert "evote-verify: " in said.err


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    assert "--manifest-digest" in capsys.readouterr().out
    assert run(["--version"]) == 0
    assert "evote/v1" in capsys.readouterr().out


# What is no record.


def unreadable(capsys: pytest.CaptureFixture[str], path: Path) -> str:
    code, out, err = verify(capsys, path)
    assert code == ExitCode.UNREADABLE
    assert "UNREADABLE" in out
    assert "Traceback" not in out + err
    code, report = in_json(capsys, path)
    assert code == ExitCode.UNREADABLE
    assert report["verdict"] == "unreadable"
    assert isinstance(report["reason"], str)
    return report["reason"]


def changed(tmp_path: Path, **files: bytes) -> Path:
    return write_folder(build_election().board.files() | files, tmp_path / "record")


def test_nothing_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "nowhere" in unreadable(capsys, tmp_path / "nowhere")


def test_an_empty_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no file named checkpoint" in unreadable(capsys, tmp_path)


def test_a_file_that_is_no_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").write_bytes(b"hello" * 1000)
    unreadable(capsys, tmp_path / "x")


@pytest.mark.parametrize(
    "note", [b"", b"hello", b"\xff", b"x" * 1_000_000, b"a\n" + b"9" * 1_000_000 + b"\n\n\n"]
)
def test_a_checkpoint_that_is_none(note: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """N64: also a number of a million digits."""
    assert "checkpoint: cannot be read" in unreadable(capsys, changed(tmp_path, checkpoint=note))


def test_an_empty_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT), BOARD).to_text().encode()
    assert "of an empty log" in unreadable(capsys, changed(tmp_path, checkpoint=empty))


def _with_first_entry(tmp_path: Path, entry: bytes) -> Path:
    world = build_election(until="ceremony", wrap={"manifest": lambda _entry, _world: entry})
    return write_folder(world.board.files(), tmp_path / "record")


@pytest.mark.parametrize(
    "entry",
    [
        b"\0",
        b"[" * 60_000 + b"\0",
        b'{"body":{"a":' * 4_000 + b"\0",
        b'{"body":{"version":' + b"1" * 60_000 + b'},"signatures":[],"type":"manifest"}\0',
        b'{"body":{"version":NaN},"signatures":[],"type":"manifest"}\0',
    ],
)
def test_an_entry_0_that_is_no_manifest(
    entry: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """N64: deep and endless JSON."""
    assert "entry 0: no manifest" in unreadable(capsys, _with_first_entry(tmp_path, entry))


def test_an_entry_0_of_another_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = build_election(bend={"manifest": None}, until="ceremony")
    folder = write_folder(world.board.files(), tmp_path / "record")
    assert "no manifest but pledge" in unreadable(capsys, folder)


def test_an_inconsistent_manifest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A threshold that is no majority, signed by the authorities."""

    def bend(entry: bytes, _: World) -> bytes:
        return entry.replace(b'"threshold":2', b'"threshold":1')

    world = build_election(wrap={"manifest": bend}, until="ceremony")
    folder = write_folder(world.board.files(), tmp_path / "record")
    assert "no majority" in unreadable(capsys, folder)


def test_another_version_is_not_covered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """N66: a later version is never a silent pass."""

    def bend(entry: bytes, _: World) -> bytes:
        return entry.replace(b'"version":"evote/v1"', b'"version":"evote/v2"')

    world = build_election(wrap={"manifest": bend}, until="ceremony")
    folder = write_folder(world.board.files(), tmp_path / "record")
    assert "only version evote/v1 is covered" in unreadable(capsys, folder)


# Hostile archives and folders, N64.


def _tar(path: Path, members: list[tarfile.TarInfo], content: bytes = b"") -> Path:
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for member in members:
            member.size = len(content) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize("name", ["../checkpoint", "/etc/checkpoint", "tile/../../x", "a\\b"])
def test_paths_that_lead_out(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unreadable(capsys, _tar(tmp_path / "x.tar", [tarfile.TarInfo(name)]))


def test_links_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    link = tarfile.TarInfo("checkpoint")
    link.type = tarfile.SYMTYPE
    link.linkname = "/etc/passwd"
    unreadable(capsys, _tar(tmp_path / "x.tar", [link]))
    folder = write_folder(build_election().board.files(), tmp_path / "record")
    (folder / "stray").symlink_to("/etc/passwd")
    unreadable(capsys, folder)


def test_a_bomb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """N64: a gzipped archive that unpacks to a hundred times its size and more."""
    bomb = tmp_path / "x.tar.gz"
    bomb.write_bytes(gzip.compress(bytes(200 << 20)))
    assert "more than 100 times its size" in unreadable(capsys, bomb)


def test_an_absurd_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """N64: a checkpoint of 2^62 entries takes no time."""
    huge = sign_checkpoint(Checkpoint(ORIGIN, 2**62, bytes(32)), BOARD).to_text().encode()
    code, _, _ = verify(capsys, changed(tmp_path, checkpoint=huge))
    assert code in (ExitCode.FAIL, ExitCode.INCOMPLETE)


def test_huge_and_negative_numbers_in_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """N64: numbers that no record may hold are a finding, not a crash."""

    def post(world: World) -> None:
        for number in (b"1" + b"0" * 50_000, b"-1", b"1e400", b"1.5"):
            body = b'{"body":{"count":' + number + b'},"signatures":[],"type":"identified"}\0'
            world.board.append(body)

    folder = write_folder(build_election(before={"notice extend": post}).board.files(), tmp_path / "record")
    code, report = in_json(capsys, folder)
    assert code == ExitCode.FAIL
    assert len(report["checks"][2]["findings"]) == 4


# The installed command.


def test_the_program(record: Path) -> None:
    program = Path(sys.executable).parent / "evote-verify"
    done = subprocess.run(
        [program, record, "--jobs", "2"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == ExitCode.PASS
    assert "PASS" in done.stdout
    assert done.stderr == ""
    bad = subprocess.run([program], capture_output=True, text=True, timeout=120, check=False)
    assert bad.returncode == ExitCode.USAGE


def test_main_exits_with_the_verdict(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["evote-verify", str(record), "--jobs", "1"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == ExitCode.PASS


def test_progress_is_shown_on_terminals_only() -> None:
    for terminal in (True, False):
        screen = io.StringIO()
        console = Console(file=screen, force_terminal=terminal, width=120)
        with ShownProgress(console) as progress:
            progress.begin(6)
            progress.advance(3, 9)
        assert ("Check 6" in screen.getvalue()) == terminal


def test_garbage_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_folder(garbage().board.files(), tmp_path / "record")
    assert "fault 3.1: entry 16" in verify(capsys, folder)[1]
