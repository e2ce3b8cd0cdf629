"""Whatever happens to a file of a record, the verdict is never a pass, and the reason is told."""

from __future__ import annotations

from functools import cache

import pytest

from bulletin_board.log.addenda import decode_entry
from bulletin_board.log.note import NoteSigner, SignedNote
from tests.support.election import World, build_election
from tests.support.sample_manifest import STRANGER
from tests.support.small_board import MemoryFiles
from tests.tamper.cases.check_01_log import long_election
from verifier.election import ElectionView, verify_record
from verifier.errors import UnreadableError
from verifier.report import ExitCode, Report


@cache
def honest() -> dict[str, bytes]:
    return build_election().board.files()


@cache
def long_record() -> dict[str, bytes]:
    return long_election().board.files()


def exit_code(files: dict[str, bytes]) -> tuple[int, str]:
    """What the command would end with, and everything that it would say."""
    try:
        report, _ = verify_record(MemoryFiles(files))
    except UnreadableError as exc:
        return ExitCode.UNREADABLE, str(exc)
    return report.exit_code, "\n".join(map(str, (*report.findings, *report.gaps)))


@pytest.mark.parametrize("path", sorted(build_election().board.files()))
def test_every_flipped_bit_is_noticed(path: str) -> None:
    """N34, N39: several places of every file."""
    data = honest()[path]
    places = sorted({0, 1, len(data) // 5, len(data) // 3, len(data) // 2, len(data) - 2, len(data) - 1})
    tried = 0
    for place in places:
        if 0 <= place < len(data):
            changed = data[:place] + bytes([data[place] ^ (1 << (place % 8))]) + data[place + 1 :]
            code, said = exit_code(honest() | {path: changed})
            assert code in (ExitCode.FAIL, ExitCode.UNREADABLE), (place, said)
            assert said
            tried += 1
    assert tried > 2 or not data


@pytest.mark.parametrize("path", sorted(long_election().board.files()))
def test_every_missing_file_is_named(path: str) -> None:
    """N61: a copy that lost a file is incomplete, and says which; without a checkpoint it is no record."""
    code, said = exit_code({name: data for name, data in long_record().items() if name != path})
    if path == "checkpoint":
        assert code == ExitCode.UNREADABLE
    else:
        assert code == ExitCode.INCOMPLETE, said
    assert path.removesuffix("/000.p/20").removesuffix("/000.p/21") in said


@pytest.mark.parametrize("tile", [None, b"short"])
def test_neither_bundle_nor_tile(tile: bytes | None) -> None:
    """N61: nothing tells what the last entries are; what stands before them is judged."""
    bundle, path = "tile/entries/001.p/90", "tile/0/001.p/90"
    files = {name: data for name, data in long_record().items() if name not in (bundle, path)}
    if tile is not None:
        files[path] = tile
    report, view = verify_record(MemoryFiles(files))
    assert report.exit_code == (ExitCode.INCOMPLETE if tile is None else ExitCode.FAIL)
    assert view.log is not None
    assert len(view.log.leaf_hashes) == 256
    assert {finding.subject for finding in report.findings} == ({path} if tile else set())
    assert bundle in {gap.subject for gap in report.gaps}


def test_a_missing_addendum_of_a_ballot_is_named() -> None:
    """A roll without its rows: nobody can say who may vote."""
    files = dict(honest())
    (path,) = (name for name in files if name.startswith("addenda/"))
    del files[path]
    code, said = exit_code(files)
    assert code == ExitCode.INCOMPLETE
    assert path in said


@pytest.mark.parametrize("path", sorted(build_election().board.files()))
def test_every_emptied_file_is_noticed(path: str) -> None:
    if not honest()[path]:
        return
    code, said = exit_code(honest() | {path: b""})
    assert code in (ExitCode.FAIL, ExitCode.UNREADABLE)
    assert said


@pytest.mark.parametrize("place", range(20))
def test_an_unknown_line_in_any_kept_checkpoint_is_a_fault(place: int) -> None:
    board = build_election().board
    note = SignedNote.from_text(board.kept[place].decode())
    line = NoteSigner("stranger.example", STRANGER).sign(note.text)
    kept = list(board.kept)
    kept[place] = SignedNote(note.text, (*note.signatures, line)).to_text().encode()
    files = _with_kept(kept)
    report, _ = verify_record(MemoryFiles(files))
    assert report.exit_code == ExitCode.FAIL
    assert {finding.rule for finding in report.findings} == {"1.2"}


def _with_kept(kept: list[bytes]) -> dict[str, bytes]:
    board = build_election().board
    other = type(board)(board.signer, board.witnesses, board.now, board.entries, board.addenda, kept)
    return other.files()


def _cut(world: World, size: int) -> tuple[Report, ElectionView]:
    """The record as it stood when a checkpoint of this size was the newest."""
    board = world.board
    kept = [note for note in board.kept if int(note.split(b"\n")[1]) <= size]
    entries = board.entries[:size]
    named = {digest for entry in entries for digest in decode_entry(entry)[1]}
    addenda = {digest: data for digest, data in board.addenda.items() if digest in named}
    cut = type(board)(board.signer, board.witnesses, board.now, entries, addenda, kept)
    return verify_record(MemoryFiles(cut.files()))


SIZES = sorted({int(note.split(b"\n")[1]) for note in build_election().board.kept})


@pytest.mark.parametrize("size", SIZES)
def test_every_stage_of_an_honest_election_is_incomplete_until_the_result(size: int) -> None:
    """N61: without trustees, roll, ballots, close, decryptions or result nothing passes as a whole."""
    report, _ = _cut(build_election(), size)
    assert report.findings == () or {each.rule for each in report.findings} == {"7.4"}
    assert report.exit_code == (ExitCode.PASS if size == SIZES[-1] else ExitCode.INCOMPLETE)


def test_cut_before_the_first_decryption_is_incomplete() -> None:
    """N61: the last checkpoint before the first decryption."""
    world = build_election()
    size = max(size for size in SIZES if size <= world.index["decryption 1"])
    report, view = _cut(world, size)
    assert report.exit_code == ExitCode.INCOMPLETE
    assert {gap.check for gap in report.gaps} == {9, 10, 11}
    assert view.tally is not None
    assert view.tally.deciding is not None
    assert view.tally.deciding.right
