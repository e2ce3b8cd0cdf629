"""Reading somebody else's log: true ones are read, and every lie is found."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bulletin_board.errors import (
    BoardError,
    LogProofError,
    MissingFile,
    NoteError,
    QuorumError,
    RecordError,
)
from bulletin_board.folder import FolderFiles
from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log.merkle import leaf_hash, root_hash
from bulletin_board.log.note import SignedNote
from bulletin_board.log_files import bundle_at, read_bundle, read_kept_notes, read_newest_note
from bulletin_board.log_reader import VerifiedLog, read_manifest
from bulletin_board.mirror import mirror_log
from bulletin_board.policy import BoardPolicy
from bulletin_board.publish import publish_folder
from bulletin_board.records.roll import Roll
from bulletin_board.serving import read_path
from tests.bulletin_board.live_board import LiveBoard
from tests.support import records

POLICY = BoardPolicy.of(records.MANIFEST)
SIZE = 523  # two full bundles and some more


@dataclass
class Served:
    """A board's files as a reader over a network sees them, some of them replaced."""

    board: LiveBoard
    replaced: dict[str, bytes | None] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)

    def paths(self) -> None:
        return None

    def read(self, path: str) -> bytes:
        self.reads.append(path)
        if path in self.replaced:
            content = self.replaced[path]
        else:
            file = read_path(self.board.store, path)
            content = file.content if file else None
        if content is None:
            raise MissingFile(path)
        return content


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveBoard]:
    live = LiveBoard(tmp_path_factory.mktemp("grown")).until_open()
    for _ in range(SIZE - 17):
        live.submit(records.notice("incident", f"№ {next(live.draws)}"))
    assert live.beat().published_size == SIZE
    yield live
    live.close()


@pytest.fixture
def files(grown: LiveBoard) -> Served:
    return Served(grown)


def leaves(board: LiveBoard) -> list[bytes]:
    with board.store.snapshot() as tables:
        return [entry.leaf_hash for entry in tables.log.entries(0, SIZE)]


def test_a_true_log_is_read(files: Served, grown: LiveBoard) -> None:
    manifest = read_manifest(files, records.MANIFEST.digest)
    assert manifest == records.MANIFEST
    log = VerifiedLog.open(files, BoardPolicy.of(manifest))
    assert log.tree_size == SIZE
    assert len(log.opened.cosignatures) == 4
    entries = list(log.entries())
    assert [index for index, _ in entries] == list(range(SIZE))
    assert [leaf_hash(entry) for _, entry in entries] == leaves(grown)
    assert [record.type for _, record in log.records(14, 17)] == ["issuer-pledge", "roll", "open"]


@pytest.mark.parametrize(("start", "end"), [(0, 0), (0, 1), (255, 257), (256, 512), (511, 523), (523, 523)])
def test_any_range(files: Served, start: int, end: int) -> None:
    log = VerifiedLog.open(files, POLICY)
    assert [index for index, _ in log.entries(start, end)] == list(range(start, end))


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (4, 3), (0, SIZE + 1)])
def test_no_such_range(files: Served, start: int, end: int) -> None:
    with pytest.raises(ValueError, match="no entries"):
        next(VerifiedLog.open(files, POLICY).entries(start, end))


def test_only_what_is_asked_for_is_read(files: Served) -> None:
    log = VerifiedLog.open(files, POLICY)
    files.reads.clear()
    next(log.entries(300, 301))
    assert files.reads == ["tile/0/001", "tile/entries/001"]


def test_roots_at_earlier_sizes(files: Served, grown: LiveBoard) -> None:
    log, hashes = VerifiedLog.open(files, POLICY), leaves(grown)
    for size in (0, 1, 16, 255, 256, 257, 512, 522, SIZE):
        assert log.root_at(size) == root_hash(hashes[:size])
        log.require_continues(Checkpoint("any", size, root_hash(hashes[:size])))
    for size in (-1, SIZE + 1):
        with pytest.raises(ValueError, match="no size"):
            log.root_at(size)


def test_another_history_is_found(files: Served) -> None:
    log = VerifiedLog.open(files, POLICY)
    with pytest.raises(LogProofError, match="not the one that had the checkpoint of size 16"):
        log.require_continues(Checkpoint("any", 16, bytes(32)))
    with pytest.raises(LogProofError, match="524 was published before"):
        log.require_continues(Checkpoint("any", SIZE + 1, bytes(32)))


def test_addenda(files: Served) -> None:
    log = VerifiedLog.open(files, POLICY)
    roll = next(record.body for _, record in log.records() if record.type == "roll")
    assert isinstance(roll, Roll)
    (ref,) = roll.rows
    assert ref.read(log.addendum)
    path = f"addenda/{ref.sha256.hex()[:2]}/{ref.sha256.hex()[2:4]}/{ref.sha256.hex()}"
    files.replaced[path] = b"other rows"
    with pytest.raises(LogProofError, match="not what its name says"):
        log.addendum(ref.sha256)
    files.replaced[path] = None
    with pytest.raises(MissingFile):
        log.addendum(ref.sha256)


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


TILES = ["tile/0/000", "tile/0/001", "tile/0/002.p/11", "tile/1/000.p/2", "tile/entries/001"]


@pytest.mark.parametrize("path", TILES)
def test_every_changed_file_is_found(files: Served, path: str) -> None:
    true = files.read(path)
    for lie in (flipped(true, 40), flipped(true, len(true) - 1), true[:-32], true + true[:32], b"", None):
        files.replaced[path] = lie
        with pytest.raises((LogProofError, RecordError, MissingFile)):
            list(VerifiedLog.open(files, POLICY).entries())


def test_a_tile_and_its_entries_changed_together_are_found(files: Served) -> None:
    entries = list(read_bundle(files, bundle_at(1, SIZE)))
    entries[5] = entries[5] + b"\0"
    tile = files.read("tile/0/001")
    files.replaced["tile/0/001"] = tile[: 5 * 32] + leaf_hash(entries[5]) + tile[6 * 32 :]
    with pytest.raises(LogProofError, match="tile/0/001: not the tile"):
        list(VerifiedLog.open(files, POLICY).entries(256))


def test_a_server_that_changes_its_mind_is_not_believed(files: Served) -> None:
    log = VerifiedLog.open(files, POLICY)
    for path in ("tile/0/002.p/11", "tile/1/000.p/2"):
        files.replaced[path] = bytes(len(files.read(path)))
    assert len(list(log.entries())) == SIZE, "the right edge is read once"


def test_a_record_that_does_not_decode_is_named(files: Served) -> None:
    log = VerifiedLog.open(files, POLICY)
    # Nothing but a record gets on a board; a dishonest one may still commit to anything.
    entries = list(read_bundle(files, bundle_at(2, SIZE)))
    entries[3] = b"no record\0"
    hashes = [leaf_hash(entry) for entry in entries]
    log._tiles[0, 2] = tuple(hashes)
    files.replaced["tile/entries/002.p/11"] = b"".join(len(e).to_bytes(2, "big") + e for e in entries)
    with pytest.raises(RecordError, match="entry 515: "):
        list(log.records(512))


def test_the_checkpoint_needs_its_signatures(files: Served) -> None:
    text, _ = read_newest_note(files)
    note = SignedNote.from_text(text)
    for lines, error in (
        (note.signatures[:3], QuorumError),
        (note.signatures[1:], NoteError),
        ((*note.signatures[:4], note.signatures[1]), NoteError),
    ):
        files.replaced["checkpoint"] = SignedNote(note.text, lines).to_text().encode()
        with pytest.raises(error):
            VerifiedLog.open(files, POLICY)
    for garbage in (b"", b"\xff", b"no note"):
        files.replaced["checkpoint"] = garbage
        with pytest.raises(RecordError):
            VerifiedLog.open(files, POLICY)


def test_the_manifest_is_the_pinned_one(files: Served, board: LiveBoard) -> None:
    with pytest.raises(RecordError, match="not begin with the manifest that is pinned"):
        read_manifest(files, bytes(32))
    with pytest.raises(MissingFile):
        read_manifest(Served(board), records.MANIFEST.digest)
    empty = Checkpoint("o", 0, root_hash([])).to_text()
    files.replaced["checkpoint"] = f"{empty}\n{files.read('checkpoint').decode().splitlines()[4]}\n".encode()
    with pytest.raises(MissingFile):
        read_manifest(files, records.MANIFEST.digest)


def test_a_fuller_file_stands_in_for_a_partial_one(files: Served, grown: LiveBoard) -> None:
    """A mirror may have gone on, and keep only what is newest."""
    with grown.store.snapshot() as tables:
        kept = tables.log.checkpoint_of_size(17)
    assert kept
    files.replaced |= {"checkpoint": kept.note, "tile/0/000.p/17": None, "tile/entries/000.p/17": None}
    log = VerifiedLog.open(files, POLICY)
    assert [record.type for _, record in log.records(15)] == ["roll", "open"]
    files.replaced["tile/entries/000"] = None
    with pytest.raises(MissingFile):
        list(log.entries())
    files.replaced["tile/0/000"] = None
    with pytest.raises(MissingFile):
        VerifiedLog.open(files, POLICY)


def test_folders_and_boards_read_alike(files: Served, grown: LiveBoard, tmp_path: Path) -> None:
    publish_folder(grown.store, tmp_path / "record")
    folder = FolderFiles(tmp_path / "record")
    assert read_kept_notes(files) == read_kept_notes(folder)
    assert list(VerifiedLog.open(folder, POLICY).entries()) == list(VerifiedLog.open(files, POLICY).entries())


def test_a_mirror_is_the_published_folder(files: Served, grown: LiveBoard, tmp_path: Path) -> None:
    publish_folder(grown.store, tmp_path / "record")
    (tmp_path / "mirror").mkdir()
    mirror_log(files.read, len(read_kept_notes(files)), tmp_path / "mirror")
    ours, theirs = FolderFiles(tmp_path / "record"), FolderFiles(tmp_path / "mirror")
    assert sorted(ours.paths()) == sorted(theirs.paths())
    assert all(ours.read(path) == theirs.read(path) for path in ours.paths())


def test_no_kept_notes(board: LiveBoard) -> None:
    assert read_kept_notes(Served(board)) == []


def test_a_broken_list_of_notes(files: Served) -> None:
    files.replaced["checkpoints/000"] = b"no bundle"
    with pytest.raises(BoardError):
        read_kept_notes(files)
