"""Tiles and entry bundles: the files in which the log is published.

Spec: board.md §1.2; c2sp.org/tlog-tiles. A tile holds up to 256 hashes of one row of the tree,
rows 0, 8, 16, …; a bundle holds the entries under one tile of level 0. Full ones never change. A
partial one belongs to one tree size and carries its width in its path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bulletin_board.errors import RecordError
from bulletin_board.log.addenda import MAX_ENTRY_BYTES
from bulletin_board.log.merkle import SubtreeLookup, root_hash
from bulletin_board.log.text import HASH_BYTES, MAX_NUMBER, require_number

TILE_HEIGHT = 8
TILE_WIDTH = 256
MAX_LEVEL = 63
CHECKPOINT_PATH = "checkpoint"

_LENGTH_BYTES = 2
_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?")


@dataclass(frozen=True, slots=True)
class Tile:
    """Coordinates of one tile.

    level: 0 for leaf hashes, 1 for roots of full tiles of level 0, and so on
    index: 0-based within its level
    width: hashes in it, 1..256; 256 is a full tile
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if not 0 <= self.level <= MAX_LEVEL:
            raise RecordError(f"tile: level {self.level} is outside 0..{MAX_LEVEL}")
        _require_place(self.index, self.width, subject="tile")

    @classmethod
    def at(cls, level: int, index: int, tree_size: int) -> Tile:
        """The tile at this place as the tree of this size has it.

        Raises:
            ValueError: that tree has no hash there.
        """
        width = min(TILE_WIDTH, (tree_size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH)
        if width < 1:
            raise ValueError(f"tile {level}/{index}: not in a tree of size {tree_size}")
        return cls(level, index, width)

    @classmethod
    def from_path(cls, path: str) -> Tile:
        """The one tile with this path, relative to the log's prefix."""
        level, index, width = _parse_path(path)
        if level == "entries":
            raise RecordError("tile path: names an entry bundle")
        tile = cls(int(level), index, width)
        if tile.path != path:
            raise RecordError("tile path: not canonical")
        return tile

    @property
    def path(self) -> str:
        """Relative to the log's prefix."""
        return f"tile/{self.level}/{_place(self.index, self.width)}"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Coordinates of one entry bundle, the same as those of its tile of level 0."""

    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        _require_place(self.index, self.width, subject="bundle")

    @classmethod
    def from_path(cls, path: str) -> Bundle:
        """The one bundle with this path, relative to the log's prefix."""
        level, index, width = _parse_path(path)
        if level != "entries":
            raise RecordError("bundle path: names a tile")
        bundle = cls(index, width)
        if bundle.path != path:
            raise RecordError("bundle path: not canonical")
        return bundle

    @property
    def path(self) -> str:
        """Relative to the log's prefix."""
        return f"tile/entries/{_place(self.index, self.width)}"

    @property
    def start(self) -> int:
        """Index of its first entry, 0-based."""
        return self.index * TILE_WIDTH


def tiles_for_size(tree_size: int) -> Iterator[Tile]:
    """Every tile of a tree of this size, level by level."""
    return new_tiles(0, tree_size)


def new_tiles(old_size: int, new_size: int) -> Iterator[Tile]:
    """The tiles to write when the tree grows: those that became full, then the partial one, per level."""
    if not 0 <= old_size <= new_size:
        raise ValueError(f"new tiles: sizes {old_size} and {new_size}")
    level, old, new = 0, old_size, new_size
    while old != new:
        for index in range(old // TILE_WIDTH, new // TILE_WIDTH):
            yield Tile(level, index)
        if new % TILE_WIDTH:
            yield Tile(level, new // TILE_WIDTH, new % TILE_WIDTH)
        level, old, new = level + 1, old // TILE_WIDTH, new // TILE_WIDTH


def new_bundles(old_size: int, new_size: int) -> Iterator[Bundle]:
    """The bundles to write when the tree grows; from size 0, all of them."""
    for tile in new_tiles(old_size, new_size):
        if tile.level:
            return
        yield Bundle(tile.index, tile.width)


def tile_content(tile: Tile, subtree: SubtreeLookup) -> bytes:
    """The bytes of a tile out of stored complete subtrees."""
    first = tile.index * TILE_WIDTH
    return b"".join(subtree(TILE_HEIGHT * tile.level, first + i) for i in range(tile.width))


def split_tile(tile: Tile, content: bytes) -> tuple[bytes, ...]:
    """The hashes of a tile.

    Raises:
        RecordError: the content does not have this tile's length.
    """
    if len(content) != tile.width * HASH_BYTES:
        raise RecordError(f"{tile.path}: {len(content)} bytes instead of {tile.width * HASH_BYTES}")
    return tuple(content[i : i + HASH_BYTES] for i in range(0, len(content), HASH_BYTES))


def subtrees_in_tiles(read_tile: Callable[[Tile], bytes], tree_size: int) -> SubtreeLookup:
    """Look-up of complete subtrees for a store that keeps the tiles of this tree size.

    The content is believed, so this is for one's own store: to read a stranger's tiles, check first
    that they lead to a signed root.
    """

    def subtree(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, TILE_HEIGHT)
        tile_index, place = divmod(index << height, TILE_WIDTH)
        tile = Tile.at(tile_level, tile_index, tree_size)
        if place + (1 << height) > tile.width:
            raise ValueError(f"subtree {level}/{index}: not complete in a tree of size {tree_size}")
        return root_hash(split_tile(tile, read_tile(tile))[place : place + (1 << height)])

    return subtree


def grow_tiles(
    old_size: int, leaf_hashes: Sequence[bytes], read_tile: Callable[[Tile], bytes]
) -> Iterator[tuple[Tile, bytes]]:
    """The tiles of `new_tiles` with their content, when these leaves are appended.

    Args:
        old_size: size of the tree before.
        leaf_hashes: the leaves to append, in order.
        read_tile: content of a partial tile of the old size; asked once per level at most.
    """
    level, row_size, hashes = 0, old_size, list(leaf_hashes)
    while hashes:
        index, width = divmod(row_size, TILE_WIDTH)
        if width:
            edge = Tile(level, index, width)
            hashes = [*split_tile(edge, read_tile(edge)), *hashes]
        full = []
        for start in range(0, len(hashes), TILE_WIDTH):
            row = hashes[start : start + TILE_WIDTH]
            yield Tile(level, index + start // TILE_WIDTH, len(row)), b"".join(row)
            if len(row) == TILE_WIDTH:
                full.append(root_hash(row))
        # Only full tiles are hashed into the level above.
        level, row_size, hashes = level + 1, row_size // TILE_WIDTH, full


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """The bytes of a bundle: each entry after its length in two bytes.

    Raises:
        RecordError: no entry, more than 256, or one longer than 65,535 bytes.
    """
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise RecordError(f"bundle: {len(entries)} entries is outside 1..{TILE_WIDTH}")
    for i, entry in enumerate(entries):
        if len(entry) > MAX_ENTRY_BYTES:
            raise RecordError(f"bundle: its entry {i} has {len(entry)} bytes, over {MAX_ENTRY_BYTES}")
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def decode_bundle(data: bytes, bundle: Bundle) -> tuple[bytes, ...]:
    """The entries of a bundle, as many as its width says and not a byte more.

    Raises:
        RecordError: the data ends inside an entry, which is named by its index in the log, or goes on.
    """
    entries, end = [], 0
    for i in range(bundle.width):
        start = end + _LENGTH_BYTES
        end = start + int.from_bytes(data[end:start], "big")
        if end > len(data):
            raise RecordError(f"{bundle.path}: ends inside entry {bundle.start + i}")
        entries.append(data[start:end])
    if end != len(data):
        raise RecordError(f"{bundle.path}: {len(data) - end} bytes after its {bundle.width} entries")
    return tuple(entries)


def _require_place(index: int, width: int, *, subject: str) -> None:
    require_number(index, subject=f"{subject} index")
    if not 1 <= width <= TILE_WIDTH:
        raise RecordError(f"{subject}: width {width} is outside 1..{TILE_WIDTH}")


def _place(index: int, width: int) -> str:
    """`x001/x234/067` for 1234067, and `.p/<width>` behind a partial one."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]]) + partial


def _parse_path(path: str) -> tuple[str, int, int]:
    """(level, index, width) as the path spells them; the caller checks that it is the canonical spelling."""
    match = _PATH.fullmatch(path)
    if not match:
        raise RecordError("tile path: malformed")
    level, place, width = match.groups()
    index = int(place.replace("x", "").replace("/", ""))
    if index > MAX_NUMBER:
        raise RecordError("tile path: index too large")
    return level, index, TILE_WIDTH if width is None else int(width)
