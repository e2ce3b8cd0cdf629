"""Records in archives, most of them hostile (N64)."""

import gzip
import io
import os
import shutil
import subprocess
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulletin_board import archive as module
from bulletin_board.archive import ArchiveFiles
from bulletin_board.errors import ArchiveError, MissingFile

FILES = {
    "checkpoint": b"note\n",
    "addenda.v1": b"",
    "tile/0/000": bytes(range(256)) * 32,
    "tile/1/000.p/1": b"x" * 512,
}


def member(
    name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, **fields: object
) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type = len(content), kind
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def tar(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.USTAR_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as writer:
        for info, content in members:
            writer.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def good(form: int = tarfile.USTAR_FORMAT) -> bytes:
    return tar(*((member(name, content), content) for name, content in FILES.items()), form=form)


def opened(folder: Path, data: bytes) -> ArchiveFiles:
    path = folder / "record.tar"
    path.write_bytes(data)
    return ArchiveFiles(path)


@pytest.mark.parametrize("wrap", [bytes, gzip.compress])
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT])
def test_plain_and_gzipped(tmp_path: Path, wrap: Callable[[bytes], bytes], form: int) -> None:
    with opened(tmp_path, wrap(good(form))) as files:
        assert {path: files.read(path) for path in files.paths()} == FILES
        with pytest.raises(MissingFile):
            files.read("absent")


@pytest.mark.parametrize("options", [["--format=ustar"], ["--format=gnu"], ["--format=v7"], ["-z"]])
def test_archives_of_the_tar_command(tmp_path: Path, options: list[str]) -> None:
    for name, content in FILES.items():
        (tmp_path / "r" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "r" / name).write_bytes(content)
    command = shutil.which("tar")
    assert command, "no tar command"
    made = tmp_path / "made.tar"
    subprocess.run([command, *options, "-cf", made, "-C", tmp_path / "r", "."], check=True)
    if "--format=v7" in options:
        with pytest.raises(ArchiveError, match="ustar"):
            ArchiveFiles(made)
        return
    with ArchiveFiles(made) as files:
        assert {path: files.read(path) for path in files.paths()} == FILES


def test_long_names_use_the_prefix(tmp_path: Path) -> None:
    name = "addenda/ab/cd/" + "ab" * 32
    deep = "/".join(["x" * 60, "y" * 60, "000"])
    with opened(tmp_path, tar((member(name, b"1"), b"1"), (member(deep, b"2"), b"2"))) as files:
        assert {path: files.read(path) for path in files.paths()} == {name: b"1", deep: b"2"}


HOSTILE_MEMBERS = {
    "climbing": member("../escaped"),
    "climbing inside": member("tile/../../escaped"),
    "absolute": member("/etc/passwd"),
    "backslash": member("tile\\0"),
    "not ascii": member("tile/\xe4"),
    "empty": member(""),
    "symbolic link": member("checkpoint", kind=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "hard link": member("checkpoint", kind=tarfile.LNKTYPE, linkname="/etc/passwd"),
    "device": member("null", kind=tarfile.CHRTYPE),
    "block device": member("disk", kind=tarfile.BLKTYPE),
    "pipe": member("pipe", kind=tarfile.FIFOTYPE),
    "sparse": member("holes", kind=tarfile.GNUTYPE_SPARSE),
    "contiguous": member("old", kind=tarfile.CONTTYPE),
    "folder that climbs": member("../up", kind=tarfile.DIRTYPE),
}


@pytest.mark.parametrize("name", HOSTILE_MEMBERS)
def test_hostile_members(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArchiveError):
        opened(tmp_path, tar((HOSTILE_MEMBERS[name], b"")))
    assert [path.name for path in tmp_path.iterdir()] == ["record.tar"]


def test_extended_headers(tmp_path: Path) -> None:
    info = member("checkpoint", b"note")
    info.pax_headers = {"path": "/etc/passwd"}
    for data in (
        tar((info, b"note"), form=tarfile.PAX_FORMAT),
        tar((member("x" * 200), b""), form=tarfile.GNU_FORMAT),
    ):
        with pytest.raises(ArchiveError, match="make it with"):
            opened(tmp_path, data)


def test_a_name_twice(tmp_path: Path) -> None:
    for second in ("checkpoint", "./checkpoint"):
        data = tar((member("checkpoint", b"one"), b"one"), (member(second, b"two"), b"two"))
        with pytest.raises(ArchiveError, match="comes twice"):
            opened(tmp_path, data)


def test_lies_about_sizes(tmp_path: Path) -> None:
    header = bytearray(tar((member("a", b"1234"), b"1234")))

    def with_size(field: bytes) -> bytes:
        header[124:136] = field
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header[:512])
        return bytes(header)

    opened(tmp_path, with_size(b"00000000004\0")).close()
    lies = (
        *(
            b"77777777777\0",
            b"\x80" + bytes(7) + b"\xff" * 4,
            b"-0000000004\0",
            b"0000000000x\0",
            b"00000000009\0",
        ),
        *(b" " * 12, bytes(12), b"00000100000\0", "٤".encode() * 6),
    )
    for field in lies:
        with pytest.raises(ArchiveError):
            opened(tmp_path, with_size(field))


def test_damage(tmp_path: Path) -> None:
    data = good()
    for broken in (
        b"",
        data[:100],
        data[:-10_240],
        data[:700],
        b"\0" * 511,
        b"x" * 2_048,
        data + b"more",
        data[512:],
    ):
        with pytest.raises(ArchiveError):
            opened(tmp_path, broken)
    flipped = bytearray(data)
    flipped[3] ^= 1
    with pytest.raises(ArchiveError):
        opened(tmp_path, bytes(flipped))


def test_damaged_gzip(tmp_path: Path) -> None:
    data = gzip.compress(good())
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 0xFF
    for broken in (data[:-20], data[:30], bytes(flipped), data + b"more", b"\x1f\x8b"):
        with pytest.raises(ArchiveError):
            opened(tmp_path, broken)


def test_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.tar", tmp_path):
        with pytest.raises(ArchiveError):
            ArchiveFiles(path)


def test_a_bomb_does_not_go_off(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.tar.gz"
    with gzip.open(bomb, "wb") as file:
        for _ in range(300):
            file.write(bytes(1 << 20))
    assert bomb.stat().st_size < 400_000
    start = time.monotonic()
    with pytest.raises(ArchiveError, match="unpacks to more than 100 times its size"):
        ArchiveFiles(bomb)
    assert time.monotonic() - start < 10


def test_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILES", len(FILES) - 1)
    with pytest.raises(ArchiveError, match="one file too many"):
        opened(tmp_path, good())


def test_too_large_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 8_191)
    with pytest.raises(ArchiveError, match="tile/0/000 is too large"):
        opened(tmp_path, good())


def test_reading_leaves_the_position_alone(tmp_path: Path) -> None:
    with opened(tmp_path, good()) as files:
        paths = list(files.paths())
        child = os.fork()
        if not child:
            os._exit(0 if all(files.read(path) == FILES[path] for path in paths * 50) else 1)
        ours = all(files.read(path) == FILES[path] for path in paths * 50)
        _, status = os.waitpid(child, 0)
        assert ours
        assert status == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_comes_is_a_record_or_an_archive_error(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(good())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        with opened(tmp_path, bytes(content)) as files:
            for path in files.paths():
                files.read(path)
    except ArchiveError:
        pass
