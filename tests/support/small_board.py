"""A board in memory that logs whatever it is given: the honest one's files, and any attacker's."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bulletin_board.errors import MissingFile
from bulletin_board.log.addenda import MARKER_PATH, addendum_path
from bulletin_board.log.checkpoint import Checkpoint, sign_checkpoint
from bulletin_board.log.cosignature import Cosigner
from bulletin_board.log.merkle import inclusion_proof, leaf_hash, root_hash
from bulletin_board.log.note import NoteSigner, SignedNote
from bulletin_board.log.receipt import Receipt
from bulletin_board.log.tile import CHECKPOINT_PATH, TILE_WIDTH, Bundle, Tile, encode_bundle, grow_tiles
from bulletin_board.log_files import checkpoints_path


@dataclass(frozen=True)
class MemoryFiles:
    """A record's files without a disk."""

    files: Mapping[str, bytes]

    def paths(self) -> Iterator[str]:
        return iter(self.files)

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise MissingFile(path)
        return self.files[path]


@dataclass
class SmallBoard:
    """Entries, addenda and kept checkpoints; `now` is the time at which witnesses cosign."""

    signer: NoteSigner
    witnesses: tuple[Cosigner, ...]
    now: int
    entries: list[bytes] = field(default_factory=list)
    addenda: dict[bytes, bytes] = field(default_factory=dict)
    kept: list[bytes] = field(default_factory=list)

    @property
    def leaves(self) -> list[bytes]:
        return [leaf_hash(entry) for entry in self.entries]

    def append(self, entry: bytes, addenda: Mapping[bytes, bytes] | None = None) -> int:
        self.entries.append(entry)
        self.addenda |= addenda or {}
        return len(self.entries) - 1

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        size = len(self.entries) if size is None else size
        return Checkpoint(self.signer.name, size, root_hash(self.leaves[:size]))

    def note(
        self,
        size: int | None = None,
        *,
        now: int | None = None,
        witnesses: tuple[int, ...] = (0, 1, 2, 3),
    ) -> SignedNote:
        """A checkpoint that the board signs and these witnesses cosign."""
        signed = sign_checkpoint(self.checkpoint(size), self.signer)
        time = self.now if now is None else now
        lines = [self.witnesses[place].cosign(signed.text, time=time) for place in witnesses]
        return SignedNote(signed.text, (*signed.signatures, *lines))

    def publish(self, *, now: int | None = None, witnesses: tuple[int, ...] = (0, 1, 2, 3)) -> str:
        """Keep the newest checkpoint; its text."""
        self.now = self.now if now is None else now
        text = self.note(witnesses=witnesses).to_text()
        self.kept.append(text.encode())
        return text

    def receipt(self, index: int, extra: bytes | None, note: SignedNote | None = None) -> Receipt:
        """A proof that an entry is on the log, under the newest kept checkpoint by default."""
        text = self.kept[-1].decode() if note is None else note.to_text()
        size = int(text.split("\n")[1])
        return Receipt(index, inclusion_proof(index, self.leaves[:size]), text, extra)

    def files(self) -> dict[str, bytes]:
        """The published record."""

        def nothing(_: Tile) -> bytes:
            raise AssertionError

        files = {CHECKPOINT_PATH: self.kept[-1], MARKER_PATH: b""}
        files |= {tile.path: content for tile, content in grow_tiles(0, self.leaves, nothing)}
        files |= {bundle.path: content for bundle, content in _bundles(self.entries)}
        files |= {checkpoints_path(bundle): content for bundle, content in _bundles(self.kept)}
        return files | {addendum_path(digest): data for digest, data in self.addenda.items()}


def write_folder(files: Mapping[str, bytes], folder: Path) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def write_archive(files: Mapping[str, bytes], archive: Path) -> Path:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    zipped = archive.name.endswith("gz")
    archive.write_bytes(gzip.compress(packed.getvalue()) if zipped else packed.getvalue())
    return archive


def _bundles(items: list[bytes]) -> Iterator[tuple[Bundle, bytes]]:
    for start in range(0, len(items), TILE_WIDTH):
        own = items[start : start + TILE_WIDTH]
        yield Bundle(start // TILE_WIDTH, len(own)), encode_bundle(own)
