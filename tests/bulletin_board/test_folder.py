"""Records in folders: nothing leads out of them, nothing is read beyond a bound."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board import folder
from bulletin_board.errors import ArchiveError, MissingFile
from bulletin_board.folder import FolderFiles, require_path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    record = tmp_path / "record"
    for name in ("checkpoint", "tile/0/000", "tile/entries/x001/000.p/7"):
        (record / name).parent.mkdir(parents=True, exist_ok=True)
        (record / name).write_bytes(name.encode())
    (tmp_path / "secret").write_text("not part of the record")
    return record


def test_every_file_is_listed_and_read(root: Path) -> None:
    files = FolderFiles(root)
    paths = sorted(files.paths())
    assert paths == ["checkpoint", "tile/0/000", "tile/entries/x001/000.p/7"]
    assert [files.read(path) for path in paths] == [path.encode() for path in paths]


@pytest.mark.parametrize("path", ["absent", "tile", "tile/0", "tile/9/000", "checkpoint/below"])
def test_missing_files(root: Path, path: str) -> None:
    with pytest.raises(MissingFile) as caught:
        FolderFiles(root).read(path)
    assert caught.value.path == path


HOSTILE = [
    *("", "/", "/etc/passwd", "../secret", "tile/../../secret", "./checkpoint", "tile//0/000", "tile/0/"),
    *("..", ".", "a/.", "a\\b", "a\0b", "a b", "tile/\u0660", "a\n", "x" * 81, "/".join("a" * 17), "C:x"),
]


@pytest.mark.parametrize("path", HOSTILE)
def test_paths_that_no_record_has(root: Path, path: str) -> None:
    with pytest.raises(ArchiveError, match="not a path in a record"):
        FolderFiles(root).read(path)


@given(st.text(alphabet="./\\ax\0 ~", max_size=20))
def test_an_accepted_path_stays_inside(path: str) -> None:
    try:
        require_path(path)
    except ArchiveError:
        return
    assert os.path.normpath(path) == path
    assert not path.startswith(("/", ".."))


def test_no_link_is_followed(root: Path, tmp_path: Path) -> None:
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "way").symlink_to(tmp_path, target_is_directory=True)
    files = FolderFiles(root)
    for path in ("link", "way/secret"):
        with pytest.raises((ArchiveError, MissingFile)):
            files.read(path)
    with pytest.raises(ArchiveError, match="a link or special file"):
        list(files.paths())


def test_a_pipe_does_not_make_us_wait(root: Path) -> None:
    os.mkfifo(root / "pipe")
    with pytest.raises(MissingFile):
        FolderFiles(root).read("pipe")
    with pytest.raises(ArchiveError, match="special file"):
        list(FolderFiles(root).paths())


def test_strange_names_are_refused(root: Path) -> None:
    (root / "a strange name").write_text("")
    with pytest.raises(ArchiveError, match="not a path in a record"):
        list(FolderFiles(root).paths())


def test_bounds(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MAX_FILE_BYTES", 10)
    monkeypatch.setattr(folder, "MAX_FILES", 2)
    files = FolderFiles(root)
    assert files.read("checkpoint") == b"checkpoint"
    (root / "checkpoint").write_bytes(b"checkpoint!")
    with pytest.raises(ArchiveError, match="over 10 bytes"):
        files.read("checkpoint")
    with pytest.raises(ArchiveError, match="more than 2 files"):
        list(files.paths())


def test_no_folder(root: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", root / "checkpoint"):
        with pytest.raises(ArchiveError, match="not a folder"):
            FolderFiles(path)
    (tmp_path / "gone").mkdir()
    files = FolderFiles(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(ArchiveError, match="No such file"):
        list(files.paths())
