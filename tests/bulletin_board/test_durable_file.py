"""Files are there in full or not at all."""

import os
import stat
from pathlib import Path

import pytest

from bulletin_board.durable_file import PUBLIC, make_private_folder, write_durably


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_file_is_written_replaced_and_private(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_durably(path, b"one")
    write_durably(path, b"two")
    assert path.read_bytes() == b"two"
    assert mode(path) == 0o600
    write_durably(path, b"three", mode=PUBLIC)
    assert mode(path) == 0o644
    assert names(tmp_path) == ["f"]


def test_file_that_is_there_may_be_protected(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_durably(path, b"one", replace=False)
    with pytest.raises(FileExistsError):
        write_durably(path, b"two", replace=False)
    assert path.read_bytes() == b"one"
    assert names(tmp_path) == ["f"]


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_failure_leaves_the_old_file_and_no_rest(
    tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    write_durably(path, b"old")

    def fail(*_args: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OSError, match="no space"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["f"]


def test_private_folder_is_closed_to_others(tmp_path: Path) -> None:
    make_private_folder(tmp_path / "a" / "b")
    assert mode(tmp_path / "a" / "b") == 0o700
    make_private_folder(tmp_path / "a" / "b")
