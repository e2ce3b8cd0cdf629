"""Paths that are served, and those that are not; folders and archives with the same bytes."""

import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board.archive import ArchiveFiles
from bulletin_board.errors import ArchiveError, StoreError
from bulletin_board.folder import FolderFiles
from bulletin_board.log.addenda import addendum_path
from bulletin_board.log.merkle import leaf_hash, root_hash
from bulletin_board.log.tile import Bundle, decode_bundle
from bulletin_board.log_files import checkpoints_path, read_kept_notes
from bulletin_board.publish import publish_archive, publish_folder, record_files
from bulletin_board.records.bulk import fold
from bulletin_board.serving import OCTETS, TEXT, LogFile, read_path
from tests.bulletin_board.live_board import LiveBoard
from tests.support import records
from tests.tools.vector_files import drawn

SIZE = 340
NOTES = 300


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveBoard]:
    """A log of 340 published entries, one of them with addenda, and one more that has no quorum yet."""
    live = LiveBoard(tmp_path_factory.mktemp("grown")).until_open()
    body, addenda = fold(live.ballot(0, ciphertexts=drawn("large", 64 * 800)))
    live.post(body, addenda=addenda.values())
    for _ in range(2):
        for _ in range((SIZE - 18) // 2):
            live.submit(records.notice("incident", f"№ {next(live.draws)}"))
        live.beat()
    with live.store.transaction() as tables:
        # As if it had been cosigned again and again within one second.
        while (count := tables.log.checkpoint_count()) < NOTES:
            newest = tables.log.newest_checkpoint()
            assert newest
            tables.log.keep_checkpoint(replace(newest, sequence=count))
    for witness in live.witnesses:
        witness.reachable = False
    body, addenda = fold(live.ballot(1, ciphertexts=drawn("unpublished", 64 * 800)))
    live.submit(body, addenda.values())
    report = live.beat()
    assert (report.tree_size, report.published_size) == (SIZE + 1, SIZE)
    yield live
    live.close()


def content(board: LiveBoard, path: str) -> bytes:
    file = read_path(board.store, path)
    assert file, path
    return file.content


def all_entries(board: LiveBoard) -> list[bytes]:
    bundles = [Bundle(0), Bundle(1, SIZE - 256)]
    return [entry for bundle in bundles for entry in decode_bundle(content(board, bundle.path), bundle)]


def test_every_width_up_to_the_newest_is_served(grown: LiveBoard) -> None:
    entries = all_entries(grown)
    hashes = [leaf_hash(entry) for entry in entries]
    for width in range(1, 256):
        assert content(grown, f"tile/0/000.p/{width}") == b"".join(hashes[:width])
        partial = Bundle(0, width)
        assert list(decode_bundle(content(grown, partial.path), partial)) == entries[:width]
    assert content(grown, "tile/0/000") == b"".join(hashes[:256])
    assert content(grown, "tile/0/001.p/84") == b"".join(hashes[256:])
    assert content(grown, "tile/1/000.p/1") == root_hash(hashes[:256])


@pytest.mark.parametrize(
    "path",
    ["tile/0/001.p/85", "tile/0/001", "tile/entries/001.p/85", "tile/1/000.p/2", "tile/0/002.p/1"],
)
def test_nothing_beyond_the_newest_is_served(grown: LiveBoard, path: str) -> None:
    assert read_path(grown.store, path) is None


def test_kept_checkpoints(grown: LiveBoard) -> None:
    first, rest = Bundle(0), Bundle(1, NOTES - 256)
    notes = [
        *decode_bundle(content(grown, "checkpoints/000"), first),
        *decode_bundle(content(grown, f"checkpoints/001.p/{NOTES - 256}"), rest),
    ]
    assert notes[-1] == content(grown, "checkpoint")
    assert decode_bundle(content(grown, "checkpoints/000.p/7"), Bundle(0, 7)) == tuple(notes[:7])
    for path in (f"checkpoints/001.p/{NOTES - 255}", "checkpoints/001", "checkpoints/002.p/1"):
        assert read_path(grown.store, path) is None


def test_headers(grown: LiveBoard) -> None:
    newest = read_path(grown.store, "checkpoint")
    assert newest
    assert (newest.immutable, newest.content_type) == (False, TEXT)
    for path in ("addenda.v1", "tile/0/000", "tile/entries/000", "checkpoints/000"):
        file = read_path(grown.store, path)
        assert file
        assert (file.immutable, file.content_type) == (True, OCTETS)


def test_addenda_are_served_once_published(grown: LiveBoard) -> None:
    published, waiting = (
        fold(grown.ballot(place, ciphertexts=drawn(label, 64 * 800)))[1]
        for place, label in ((0, "large"), (1, "unpublished"))
    )
    # The proofs are other ones here; the ciphertexts are the same.
    ((name, data), _), (unpublished, _) = list(published.items()), list(waiting)
    assert content(grown, addendum_path(name)) == data
    assert read_path(grown.store, addendum_path(unpublished)) is None
    assert read_path(grown.store, addendum_path(bytes(32))) is None
    path = addendum_path(name)
    for wrong in (
        path.upper(),
        path + "0",
        path[:-1],
        path.replace("/", "//", 1),
        f"addenda/00/00/{name.hex()}",
    ):
        assert read_path(grown.store, wrong) is None


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "checkpoint/", "/checkpoint", "Checkpoint", "checkpoints", "checkpoints/", "addenda.v1/"),
        *("tile", "tile/0", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000", "tile/0/x000/000"),
        *("tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/1/", "tile/0/000.p"),
        *("tile/64/000", "tile/-1/000", "tile/0/000/../001", "tile/entries/../0/000", "tile/entries"),
        *("checkpoints/0", "checkpoints/x000/000", "checkpoints/000.p/000", "tile/0/٠٠٠", "tile/0/000\n"),
        *("addenda/", "addenda/aa/bb", "tile/entries/tile/entries/000", "checkpoints/tile/entries/000"),
    ],
)
def test_other_spellings_are_not_found(grown: LiveBoard, path: str) -> None:
    assert read_path(grown.store, path) is None


ATOMS = [
    "tile",
    "entries",
    "checkpoints",
    "checkpoint",
    "addenda",
    "000",
    "001",
    "x000",
    "0",
    "1",
    ".p",
    "255",
    "..",
    "",
]


@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(ATOMS), max_size=6).map("/".join)))
def test_no_path_is_an_error(grown: LiveBoard, path: str) -> None:
    file = read_path(grown.store, path)
    if file is not None:
        assert path in record_paths(grown) or ".p/" in path or path.startswith("tile/")


def record_paths(board: LiveBoard) -> set[str]:
    paths, _, _ = record_files(board.store)
    return set(paths)


def test_nothing_published_yet(board: LiveBoard, tmp_path: Path) -> None:
    assert read_path(board.store, "checkpoint") is None
    assert read_path(board.store, "addenda.v1") == LogFile(b"")
    with pytest.raises(StoreError, match="no checkpoint was published"):
        publish_folder(board.store, tmp_path / "record")
    with pytest.raises(StoreError, match="no checkpoint was published"):
        publish_archive(board.store, tmp_path / "record.tar")
    assert {path.name for path in tmp_path.iterdir()} == {"board.db", "board.db-shm", "board.db-wal"}


def test_the_folder_holds_what_is_served(grown: LiveBoard, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    published = publish_folder(
        grown.store, tmp_path / "record", progress=lambda done, count: steps.append((done, count))
    )
    files = FolderFiles(tmp_path / "record")
    paths = sorted(files.paths())
    assert {path: files.read(path) for path in paths} == {path: content(grown, path) for path in paths}
    addenda = [path for path in paths if path.startswith("addenda/")]
    assert sorted(set(paths) - set(addenda)) == sorted(
        [
            *("addenda.v1", "checkpoint", "checkpoints/000", f"checkpoints/001.p/{NOTES - 256}"),
            *("tile/0/000", "tile/0/001.p/84", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/84"),
        ]
    )
    assert len(addenda) == 3, "of the roll and of one ballot"
    assert (published.tree_size, published.files) == (SIZE, len(paths))
    assert steps == [(done, len(paths)) for done in range(1, len(paths) + 1)]


@pytest.mark.parametrize("name", ["record.tar", "record.tar.gz", "record.tgz"])
def test_the_archive_holds_the_folder(grown: LiveBoard, tmp_path: Path, name: str) -> None:
    publish_folder(grown.store, tmp_path / "record")
    for copy in (name, f"again-{name}"):
        publish_archive(grown.store, tmp_path / copy)
    assert (tmp_path / name).read_bytes() == (tmp_path / f"again-{name}").read_bytes()
    assert ((tmp_path / name).read_bytes()[:2] == b"\x1f\x8b") is name.endswith("gz")
    folder = FolderFiles(tmp_path / "record")
    with ArchiveFiles(tmp_path / name) as archive:
        assert sorted(archive.paths()) == sorted(folder.paths())
        for path in folder.paths():
            assert archive.read(path) == folder.read(path)
    with tarfile.open(tmp_path / name) as others_view:
        assert sorted(others_view.getnames()) == sorted(folder.paths())


def test_the_record_at_an_earlier_size(grown: LiveBoard, tmp_path: Path) -> None:
    size = 16  # with the roll, before open
    publish_folder(grown.store, tmp_path / "record", tree_size=size)
    files = FolderFiles(tmp_path / "record")
    paths = sorted(files.paths())
    notes = read_kept_notes(files)
    assert notes[-1] == files.read("checkpoint")
    assert notes[-1].split(b"\n")[1] == b"%d" % size
    kept = checkpoints_path(Bundle(0, len(notes)))
    addenda = [path for path in paths if path.startswith("addenda/")]
    assert len(addenda) == 1
    assert paths == sorted(
        ["addenda.v1", *addenda, "checkpoint", kept, f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}"]
    )
    for path in paths:
        if path != "checkpoint":
            assert files.read(path) == content(grown, path)


def test_only_at_a_size_that_was_published(grown: LiveBoard, tmp_path: Path) -> None:
    for size in (0, 100, SIZE + 1):
        with pytest.raises(StoreError, match=f"no checkpoint of size {size} was published"):
            publish_folder(grown.store, tmp_path / "record", tree_size=size)
    assert list(tmp_path.iterdir()) == []


def test_publishing_again_replaces_the_record(grown: LiveBoard, tmp_path: Path) -> None:
    publish_folder(grown.store, tmp_path / "record", tree_size=16)
    (tmp_path / "record" / "stray").write_text("from somebody")
    publish_folder(grown.store, tmp_path / "record")
    assert set(FolderFiles(tmp_path / "record").paths()) == record_paths(grown)
    assert [path.name for path in tmp_path.iterdir()] == ["record"]


def test_no_other_folder_is_replaced(grown: LiveBoard, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "letter").write_text("dear")
    with pytest.raises(ArchiveError, match="is not a record"):
        publish_folder(grown.store, tmp_path / "precious")
    assert (tmp_path / "precious" / "letter").read_text() == "dear"


def test_a_failure_half_way_leaves_the_old_record(grown: LiveBoard, tmp_path: Path) -> None:
    def full_disk(done: int, _count: int) -> None:
        if done == 5:
            raise OSError("no space left")

    for name, publish in (("record", publish_folder), ("record.tar", publish_archive)):
        publish(grown.store, tmp_path / name, tree_size=16)
    with ArchiveFiles(tmp_path / "record.tar") as archive:
        before = list(archive.paths())
    for name, publish in (("record", publish_folder), ("record.tar", publish_archive)):
        with pytest.raises(OSError, match="no space left"):
            publish(grown.store, tmp_path / name, progress=full_disk)
    assert sorted(FolderFiles(tmp_path / "record").paths()) == sorted(before)
    with ArchiveFiles(tmp_path / "record.tar") as archive:
        assert list(archive.paths()) == before
    assert {path.name for path in tmp_path.iterdir()} == {"record", "record.tar"}
