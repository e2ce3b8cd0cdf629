"""Reading a log that somebody else serves, believing nothing that its checkpoint does not vouch for.

For trustees, officials, the identity service and voters' programs: they pin a manifest, open the newest
checkpoint under its keys, and read entries that are checked, tile by tile, up to the root of that checkpoint.
The verifier has a stricter reading of its own.

Spec: board.md §1, §2; c2sp.org/tlog-tiles
"""

from __future__ import annotations

from collections.abc import Iterator

from bulletin_board.errors import LogProofError, MissingFile, RecordError
from bulletin_board.folder import RecordFiles
from bulletin_board.log.addenda import addendum_digest, addendum_path
from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log.cosignature import CosignedCheckpoint
from bulletin_board.log.merkle import Frontier, leaf_hash, root_hash, stored_root_hash
from bulletin_board.log.tile import (
    TILE_WIDTH,
    Bundle,
    Tile,
    split_tile,
    subtrees_in_tiles,
)
from bulletin_board.log_files import bundle_at, read_bundle, read_newest_note, read_tile
from bulletin_board.policy import BoardPolicy
from bulletin_board.records.envelope import Envelope, decode_record, verify_envelope
from bulletin_board.records.manifest import Manifest


def read_manifest(files: RecordFiles, manifest_digest: bytes) -> Manifest:
    """The manifest of a log, by the digest that was published out of band.

    Args:
        files: of the record.
        manifest_digest: pinned, 32 bytes.

    Raises:
        MissingFile: there is no log yet.
        RecordError: it does not begin with that manifest.
        crypto.errors.SignatureError: a signature under the manifest does not hold.
    """
    # Nobody vouches for this size yet; it only says which file entry 0 lies in.
    _, checkpoint = read_newest_note(files)
    if not checkpoint.tree_size:
        raise MissingFile(Bundle(0, 1).path)
    envelope = decode_record(read_bundle(files, bundle_at(0, checkpoint.tree_size))[0])
    body = envelope.body
    if not isinstance(body, Manifest) or body.digest != manifest_digest:
        raise RecordError("log: it does not begin with the manifest that is pinned")
    verify_envelope(envelope, body)
    return body


class VerifiedLog:
    """A log up to one checkpoint that a quorum has cosigned; all it gives was checked against the root."""

    def __init__(self, files: RecordFiles, opened: CosignedCheckpoint) -> None:
        """
        Args:
            files: of the record.
            opened: the checkpoint to believe.

        Raises:
            MissingFile: the record lacks a tile of the right edge.
            LogProofError: its tiles do not lead to this checkpoint.
        """
        self._files = files
        self._opened = opened
        # Read once: whoever serves the files could give others the next time.
        self._tiles = {
            (tile.level, tile.index): split_tile(tile, read_tile(files, tile))
            for tile in _edge(self.tree_size)
        }
        # The right edge is exactly what the root is made of, so this vouches for all of it.
        frontier = Frontier.stored(self.tree_size, subtrees_in_tiles(self._verified_content, self.tree_size))
        if frontier.root_hash() != opened.checkpoint.root_hash:
            raise LogProofError(f"log: its tiles do not lead to the checkpoint of size {self.tree_size}")

    @classmethod
    def open(cls, files: RecordFiles, policy: BoardPolicy) -> VerifiedLog:
        """The log as its newest checkpoint has it.

        Raises:
            RecordError, NoteError, QuorumError: the checkpoint is not vouched for.
            MissingFile, LogProofError: as the class.
        """
        return cls(files, policy.open(read_newest_note(files)[0]))

    @property
    def opened(self) -> CosignedCheckpoint:
        """The checkpoint, with who cosigned it and when."""
        return self._opened

    @property
    def tree_size(self) -> int:
        """Entries of the log."""
        return self._opened.checkpoint.tree_size

    def root_at(self, tree_size: int) -> bytes:
        """Root of the log when it had this size, 32 bytes."""
        if not 0 <= tree_size <= self.tree_size:
            raise ValueError(f"log: no size {tree_size} in one of {self.tree_size}")
        return stored_root_hash(tree_size, subtrees_in_tiles(self._verified_content, self.tree_size))

    def require_continues(self, earlier: Checkpoint) -> None:
        """Check that an earlier checkpoint is of this very history.

        Raises:
            LogProofError: it is larger, or of another tree: keep both, they convict the board.
        """
        if earlier.tree_size > self.tree_size:
            raise LogProofError(f"log: size {self.tree_size}, but {earlier.tree_size} was published before")
        if self.root_at(earlier.tree_size) != earlier.root_hash:
            raise LogProofError(f"log: not the one that had the checkpoint of size {earlier.tree_size}")

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
        """(index, entry) of [start, end), `end` being the size of the log by default.

        Raises:
            MissingFile: a bundle or tile is absent.
            RecordError, LogProofError: one is there and wrong.
        """
        end = self.tree_size if end is None else end
        if not 0 <= start <= end <= self.tree_size:
            raise ValueError(f"log: no entries {start}..{end} in one of {self.tree_size}")
        for bundle_index in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
            hashes = self._verified(0, bundle_index)
            entries = read_bundle(self._files, bundle_at(bundle_index, self.tree_size))
            for place, (entry, expected) in enumerate(zip(entries, hashes, strict=True)):
                index = bundle_index * TILE_WIDTH + place
                if leaf_hash(entry) != expected:
                    raise LogProofError(f"entry {index}: not the one that the log committed to")
                if start <= index < end:
                    yield index, entry

    def records(self, start: int = 0, end: int | None = None) -> Iterator[tuple[int, Envelope]]:
        """(index, record) of [start, end); signatures and proofs are the reader's to verify.

        Raises:
            RecordError: an entry that is no record; it is named by its index.
        """
        for index, entry in self.entries(start, end):
            try:
                yield index, decode_record(entry)
            except RecordError as exc:
                raise RecordError(f"entry {index}: {exc}") from exc

    def addendum(self, sha256: bytes) -> bytes:
        """The addendum of this digest.

        Raises:
            MissingFile: the record does not have it.
            LogProofError: what lies in its place has another digest.
        """
        content = self._files.read(addendum_path(sha256))
        if addendum_digest(content) != sha256:
            raise LogProofError(f"addendum {sha256.hex()[:16]}: not what its name says")
        return content

    def _verified(self, level: int, index: int) -> tuple[bytes, ...]:
        """The hashes of a tile, vouched for by the root."""
        known = self._tiles.get((level, index))
        if known is not None:
            return known
        # What is not of the right edge is full, and has its place in a tile above.
        tile = Tile(level, index)
        hashes = split_tile(tile, read_tile(self._files, tile))
        above, place = divmod(index, TILE_WIDTH)
        if root_hash(hashes) != self._verified(level + 1, above)[place]:
            raise LogProofError(f"{tile.path}: not the tile that the log committed to")
        if level:
            # Those of level 0 are too many to keep, and each is needed once.
            self._tiles[level, index] = hashes
        return hashes

    def _verified_content(self, tile: Tile) -> bytes:
        return b"".join(self._verified(tile.level, tile.index))


def _edge(tree_size: int) -> Iterator[Tile]:
    """The partial tiles of a tree, one per level at most."""
    level, row_size = 0, tree_size
    while row_size:
        index, width = divmod(row_size, TILE_WIDTH)
        if width:
            yield Tile(level, index, width)
        level, row_size = level + 1, index
